"""What was expected on an evening, from sums that are kept: the same as from every lot as it was known then, whatever was asked."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import Any

import psycopg
import pytest

from setoff.books.audit import Actor
from setoff.books.scope import Scope
from setoff.core.moment import end_of
from setoff.reports.calendar import expected_then
from setoff.settlements import services
from setoff.settlements.known import shadow
from setoff.settlements.known_documents import is_changed_since
from setoff.settlements.open_sums import sum_up_open_lots
from setoff.settlements.orders.calendar import Asked, Flow, cash_rows, flows
from setoff.settlements.orders.money import Moved, money_moved
from setoff.trade.documents import Line, Purchase, Sale
from tests import cast
from tests.settlements.test_calendar import planned as planned
from tests.settlements.test_calendar_page import SECOND, of_account
from tests.settlements.test_calendar_page import busy as busy

Db = psycopg.Connection[Any]
EVE = date(2025, 5, 14)
FIRST, LAST = date(2025, 5, 15), date(2025, 6, 13)


def now(conn: Db) -> datetime:
    (found,) = conn.execute("select clock_timestamp()").fetchone() or (None,)
    assert isinstance(found, datetime)
    return found


def questions(conn: Db) -> list[Asked]:
    ids = dict(conn.execute("select code, id from unit").fetchall())
    everything = Asked(Scope(tuple(ids.values())), FIRST, LAST, end_of(EVE), is_known_then=True)
    return [
        everything,
        everything._replace(scope=Scope((ids["SPB"],))),
        everything._replace(scope=everything.scope._replace(currencies=("EUR",))),
        everything._replace(bank_accounts=(SECOND,)),
        everything._replace(bank_accounts=("",)),
        everything._replace(until=date(2025, 5, 20)),
    ]


def from_lots(conn: Db, asked: Asked) -> list[Flow]:
    """Every row, added up; within known.shadow."""
    sums: dict[tuple[date, str], list[int]] = defaultdict(lambda: [0] * 4)
    for row in cash_rows(conn, asked):
        late = (row.in_minor, row.out_minor) if row.due < asked.today else (0, 0)
        held = sums[row.day, row.currency]
        for place, amount in enumerate((row.in_minor, row.out_minor, *late)):
            held[place] += amount
    return [Flow(day, currency, *amounts) for (day, currency), amounts in sorted(sums.items()) if any(amounts)]


def is_as_from_lots(conn: Db, known_at: datetime) -> list[Flow]:
    """Of every question; returns what the first of them found."""
    found = []
    for asked in questions(conn):
        with shadow(conn, known_at, contours=("mgmt",), until=asked.before):
            expected = from_lots(conn, asked)
            assert flows(conn, asked)[0] == expected
        assert expected_then(conn, asked, known_at) == expected
        found.append(expected)
    return found[0]


def amount_on(found: list[Flow], day: str, currency: str = "RUB") -> tuple[int, int]:
    return next(((flow.in_minor, flow.out_minor) for flow in found if (flow.day.isoformat(), flow.currency) == (day, currency)), (0, 0))


@pytest.fixture
def changed(busy: Db, actor: Actor) -> tuple[Db, datetime]:
    """After the instant: a debt of ours of 70.00 goes away and one of 40.00 comes, a sale of 10.00 due on 19 May is said to be one of
    11.00, a bill goes away. What arose on 16 May was recorded before, but after the eve."""
    of_account(busy, actor, cast.BUYER, SECOND)
    later = {"unit": "MSK", "date": "2025-05-16", "counterparty": "VEGA", "contract": "BUYER"}
    services.post_document(busy, Sale(key="L", lines=[Line(amount="900")], due="2025-05-21", **later), actor)
    assert sum_up_open_lots(busy)
    known_at = now(busy)
    services.unpost_document(busy, "G1", actor)
    bought = {"unit": "MSK", "date": "2025-05-13", "counterparty": "METALL", "contract": "SUPPLIER", "due": "2025-05-29"}
    services.post_document(busy, Purchase(key="N", lines=[Line(amount="40")], **bought), actor)
    sold = {"unit": "SPB", "counterparty": "VEGA", "contract": "BUYER", "date": "2025-05-05", "due": "2025-05-19"}
    services.post_document(busy, Sale(key="S9x", lines=[Line(amount="11")], **sold), actor)
    services.unpost_document(busy, "B1", actor)
    return busy, known_at


def test_nothing_is_recorded_since(busy: Db, actor: Actor) -> None:
    """What arose after the eve was no debt on it, though it was recorded already."""
    later = {"unit": "MSK", "date": "2025-05-16", "counterparty": "VEGA", "contract": "BUYER"}
    services.post_document(busy, Sale(key="L", lines=[Line(amount="900")], due="2025-05-21", **later), actor)
    known_at = now(busy)
    assert not is_changed_since(busy, known_at)
    found = is_as_from_lots(busy, known_at)
    assert amount_on(found, "2025-05-21") == (1200, 0)  # the sale of 12.00 alone: that of 900.00 arose later
    assert sum_up_open_lots(busy)
    assert is_as_from_lots(busy, known_at) == found


def test_what_was_recorded_since_is_left_out(changed: tuple[Db, datetime]) -> None:
    conn, known_at = changed
    assert is_changed_since(conn, known_at)
    then, today = is_as_from_lots(conn, known_at), is_as_from_lots(conn, now(conn))
    assert (amount_on(then, "2025-05-29"), amount_on(today, "2025-05-29")) == ((0, 0), (0, 4000))
    assert (amount_on(then, "2025-05-19"), amount_on(today, "2025-05-19")) == ((2700, 0), (2800, 0))  # 8, 9 of the weekend, and 10 or 11
    assert (amount_on(then, "2025-05-15")[1], amount_on(today, "2025-05-15")[1]) == (7000, 0)


def test_money_of_days_is_that_of_its_payments(busy: Db, actor: Actor) -> None:
    """Of everybody from sums by day, of a bank account or a party from the payments."""
    units = tuple(row[0] for row in busy.execute("select id from unit"))
    scope, first, last = Scope(units), date(2025, 5, 6), date(2025, 5, 7)
    (vega,) = busy.execute("select id from counterparty where code = 'VEGA'").fetchone() or (0,)
    for _summed in range(2):
        whole = [Moved(first, "RUB", 200, 0), Moved(last, "RUB", 30_000, 0)]
        assert money_moved(busy, scope, first, last) == whole
        assert money_moved(busy, scope, first, last, ("", SECOND)) == whole
        assert money_moved(busy, scope._replace(counterparties=(vega,)), first, last) == whole[:1]
        assert money_moved(busy, scope, first, last, (SECOND,)) == [Moved(first, "RUB", 150, 0)]
        assert money_moved(busy, scope._replace(currencies=("EUR",)), first, last) == []
        services.unpost_document(busy, "P1", actor) if _summed else busy.execute("select sum_up_document_counts()")
    assert money_moved(busy, scope, first, last) == [Moved(first, "RUB", 200, 0)]
