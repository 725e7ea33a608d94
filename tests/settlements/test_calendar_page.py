"""The payment calendar a page at a time: the same rows, totals and pictures as in one piece, whatever bank account contracts name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import msgspec
import psycopg
import pytest

from setoff.books.audit import Actor
from setoff.parties.services import save_masters
from setoff.reports.ask import ask
from setoff.reports.report import Portion, Report, Section
from setoff.settlements import services
from setoff.settlements.checks import run_checks
from setoff.settlements.open_sums import rebuild_open_sums, sum_up_open_lots
from setoff.settlements.orders.money import money_by_account
from setoff.trade.documents import Line, Payment, Purchase, Sale
from tests import cast
from tests.settlements.test_calendar import planned as planned
from tests.settlements.test_loans import TERMS, money

Db = psycopg.Connection[Any]
FIRST, SECOND = "40702 / main", "40702-2"
AS_OF = "2025-05-15"


def wrong(conn: Db) -> list[Any]:
    (result,) = run_checks(conn, ["C-OPEN"])
    return list(result.rows)


@pytest.fixture
def busy(planned: Db, actor: Actor) -> Db:
    """Debts of several days, weekends too, of two bank accounts and two currencies, overdue and not; money; a loan with a schedule."""
    save_masters(planned, [TERMS], actor)
    services.post_document(planned, money("loan_received", "2025-04-30", "3000", key="lent"), actor)
    for number in range(14):
        day = f"2025-05-{10 + number:02d}"
        common: dict[str, Any] = {"unit": "SPB" if number % 3 == 0 else "MSK", "date": "2025-05-05", "due": day}
        sold = Sale(key=f"S{number}x", counterparty="VEGA", contract="BUYER", lines=[Line(amount=f"{number + 1}")], **common)
        services.post_document(planned, sold, actor)
    euros = {"counterparty": "BERLIN", "contract": "BUYER-EUR", "unit": "MSK", "date": "2025-05-05", "due": "2025-05-24"}
    services.post_document(planned, Sale(key="E", lines=[Line(amount="5")], **euros), actor)
    bought = {"counterparty": "METALL", "contract": "SUPPLIER", "unit": "MSK", "date": "2025-05-05"}
    services.post_document(planned, Purchase(key="M", lines=[Line(amount="40")], due="2025-05-25", **bought), actor)
    paid = {"unit": "MSK", "date": "2025-05-06", "kind": "payment_from_customer", "counterparty": "VEGA", "contract": "BUYER"}
    services.post_document(planned, Payment(key="PA", amount="1.50", bank_account="40702-2", **paid), actor)
    services.post_document(planned, Payment(key="PB", amount="0.50", **paid), actor)
    return planned


def of_account(conn: Db, actor: Actor, contract: Any, bank_account: str) -> None:
    save_masters(conn, [msgspec.structs.replace(contract, bank_account=bank_account)], actor)


def pages(conn: Db, rows_max: int, options: dict[str, list[str]]) -> list[Report]:
    found: list[Report] = []
    while not found or found[-1].following:
        portion = Portion(rows_max, found[-1].following if found else None)
        found.append(ask(conn, "payment-calendar", as_of=AS_OF, options=options, portion=portion))
    return found


def joined(found: list[Report]) -> list[Section]:
    """Sections of all pages, those that go on over pages as one."""
    sections: list[Section] = []
    for section in (section for page in found for section in page.sections):
        if sections and sections[-1].heading == section.heading and sections[-1].totals == section.totals:
            assert sections[-1].opening == section.opening
            sections[-1] = replace(sections[-1], rows=[*sections[-1].rows, *section.rows])
        else:
            sections.append(section)
    return sections


def is_paged_as_whole(conn: Db) -> int:
    """Returns how many rows there are without a question."""
    counts = []
    for options in ({}, {"currency": ["RUB"]}, {"bank-account": [SECOND]}, {"within": ["9"]}, {"unit": ["SPB"]}):
        given: dict[str, list[str]] = {name: list(values) for name, values in options.items()}
        whole = ask(conn, "payment-calendar", as_of=AS_OF, options=given)
        for rows_max in (1, 3, 7, 100):
            found = pages(conn, rows_max, given)
            assert joined(found) == [replace(section, rows=list(section.rows)) for section in whole.sections]
            assert all(page.cash == whole.cash for page in found)
        counts.append(sum(len(section.rows) for section in whole.sections))
    return counts[0]


def test_pages_are_the_whole_calendar_and_debts_follow_the_account_of_their_contract(busy: Db, actor: Actor) -> None:
    """14 sales, 2 of other parties, the debts and plans of the order, a debt of ours, instalments within the 30 days."""
    count = is_paged_as_whole(busy)
    assert count == len([row for section in ask(busy, "payment-calendar", as_of=AS_OF, options={}).sections for row in section.rows])
    assert wrong(busy) == []
    of_account(busy, actor, cast.BUYER, SECOND)
    assert is_paged_as_whole(busy) == count
    assert wrong(busy) == []
    assert sum_up_open_lots(busy)
    of_account(busy, actor, cast.BUYER_EUR, FIRST)
    of_account(busy, actor, cast.BUYER, FIRST)
    assert is_paged_as_whole(busy) == count
    assert wrong(busy) == []
    kept = "select bank_account, sum(items)::int from open_day where contour = 'mgmt' and what = 'debt' group by 1 having sum(items) <> 0"
    assert dict(busy.execute(kept).fetchall())[FIRST] == 14  # 2.00 of the first sales is paid: one of 15 is gone
    services.unpost_document(busy, "PA", actor)
    of_account(busy, actor, cast.BUYER, "")
    assert is_paged_as_whole(busy) == count + 1
    assert wrong(busy) == []
    rebuild_open_sums(busy)
    assert wrong(busy) == []


def test_money_by_bank_account_is_kept(busy: Db, actor: Actor) -> None:
    """As of the payments: 300 and 0.50 without an account, the loan too; 1.50 of the second one."""
    (unit_id,) = busy.execute("select id from unit where code = 'MSK'").fetchone() or (0,)
    for _summed in range(2):
        assert money_by_account(busy, (unit_id,), date(2025, 5, 15)) == {"": 330_050, SECOND: 150}
        assert sum_up_open_lots(busy)
    assert money_by_account(busy, (unit_id,), date(2025, 5, 6)) == {"": 300_050, SECOND: 150}
    assert busy.execute("select count(*) from money_day where is_change").fetchone() == (0,)
    moved = {"unit": "MSK", "date": "2025-05-20", "kind": "payment_from_customer", "counterparty": "VEGA", "contract": "BUYER"}
    services.post_document(busy, Payment(key="PA", amount="2.50", bank_account="40702-2", **moved), actor)  # later, and more
    assert money_by_account(busy, (unit_id,), date(2025, 5, 15)) == {"": 330_050}
    assert money_by_account(busy, (unit_id,), date(2025, 5, 20)) == {"": 330_050, SECOND: 250}
    assert wrong(busy) == []
