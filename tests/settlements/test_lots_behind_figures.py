"""Open lots behind a figure, found by their day: the same as all of them, looked at one by one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import product
from typing import Any

import psycopg
import pytest

from setoff.books.audit import Actor
from setoff.books.scope import Scope
from setoff.reports.open_lots import open_lots_report
from setoff.reports.report import Question
from setoff.settlements.party_queries import LotFilter, LotPlace, OpenLot, lot_totals, open_lots
from setoff.settlements.services import post_document
from tests.reports.story import payment, sale, tell
from tests.told import BooksOf

Connection = psycopg.Connection[Any]
ACTOR = Actor("tester", "test")
LAST, BETWEEN = date(2025, 3, 31), date(2025, 2, 10)
DAYS = ((None, None), (1, None), (None, 0), (1, 30), (10, 10), (31, 60), (-40, -1), (61, None))
FILTERS = [
    LotFilter(side, relation, what, first, last)
    for (side, relation), what, (first, last) in product(
        [("", ""), ("receivable", ""), ("payable", ""), ("receivable", "buyer"), ("payable", "supplier")], ("", "debt", "advance"), DAYS
    )
]


def busy(db: Connection) -> None:
    """The story; a debt of VEGA of February without a due day of its own, and another that is due in April."""
    tell(db)
    post_document(db, sale("2025-02-03", "S-OLD", "70.00", contract="BUYER-EUR", party="BERLIN", vat="", rate="90"), ACTOR)
    post_document(db, sale("2025-03-20", "S-NEW", "50.00", "2025-04-20"), ACTOR)
    post_document(db, payment("2025-03-21", "R-NEW", "10.00", "payment_to_supplier", counterparty="METALL", contract="SUPPLIER"), ACTOR)


@pytest.fixture
def books(books_of: BooksOf) -> Connection:
    return books_of(busy)


@pytest.fixture
def scope(books: Connection) -> Scope:
    return Scope(tuple(unit_id for (unit_id,) in books.execute("select id from unit order by id")))


def wanted_of(lot: OpenLot, wanted: LotFilter) -> bool:
    """What the filter says, of one lot."""
    is_payable = lot.relation == "supplier"
    return (
        (not wanted.side or (wanted.side == "payable") == is_payable)
        and (not wanted.relation or wanted.relation == lot.relation)
        and (not wanted.what or (wanted.what == "advance") == ((lot.residual > 0) == is_payable))
        and (wanted.first is None or lot.days >= wanted.first)
        and (wanted.last is None or lot.days <= wanted.last)
    )


def sums_of(lots: list[OpenLot]) -> list[tuple[str, int, int]]:
    currencies = sorted({lot.currency for lot in lots})
    return [
        (currency, sum(lot.currency == currency for lot in lots), sum(abs(lot.residual) for lot in lots if lot.currency == currency))
        for currency in currencies
    ]


@pytest.mark.parametrize("contour", ["reg", "mgmt"])
@pytest.mark.parametrize("day", [LAST, BETWEEN])
def test_every_filter_finds_what_looking_at_each_lot_finds(books: Connection, scope: Scope, contour: str, day: date) -> None:
    """Sums that are kept are those of what is open now: of the last day alone."""
    everything = open_lots(books, scope, contour, day, limit=1000)
    assert len(everything) >= 2
    found_in_days = 0
    for wanted in FILTERS:
        expected = [lot for lot in everything if wanted_of(lot, wanted)]
        assert open_lots(books, scope, contour, day, wanted=wanted, limit=1000) == expected
        assert lot_totals(books, scope, contour, day, wanted) == sums_of(expected)
        if day == LAST:
            assert lot_totals(books, scope, contour, day, wanted, kept=True) == sums_of(expected)
        found_in_days += bool(expected) and wanted.has_days
    assert found_in_days > 10


def test_of_an_earlier_day_by_hand(books: Connection, scope: Scope) -> None:
    """10 February: S-1, due 31 January, has 700.00 of 1 200.00 left and is ten days late; S-2 is due in 25 days."""
    late = open_lots(books, scope, "reg", BETWEEN, wanted=LotFilter("receivable", "buyer", "debt", 10, 10), limit=10)
    assert [(lot.number, lot.residual, lot.days) for lot in late] == [("S-1", 700_00, 10)]
    assert lot_totals(books, scope, "reg", BETWEEN, LotFilter("receivable", "buyer", "debt", -25, -25)) == [("RUB", 1, 600_00)]


def page_by_page(read: Callable[[LotPlace | None], Any]) -> tuple[list[Any], list[Any]]:
    rows, totals, after = [], [], None
    while True:
        portion = read(after)
        rows += [row for section in portion.report.sections for row in section.rows]
        totals.append([total.row for section in portion.report.sections for total in section.totals])
        if portion.following is None:
            return rows, totals
        after = portion.following


@pytest.mark.parametrize("day", [LAST, BETWEEN])
def test_pages_one_after_another_are_the_whole(books: Connection, scope: Scope, day: date) -> None:
    """Each with the totals of the whole."""
    question, wanted = Question(day, scope, contour="mgmt"), LotFilter(first=-100)
    whole = open_lots_report(books, question, wanted, None, rows_max=1000)
    rows, totals = page_by_page(lambda after: open_lots_report(books, question, wanted, after, rows_max=1))
    assert len(rows) == whole.items >= 2 and rows == list(whole.report.sections[0].rows)
    assert all(found == [total.row for total in whole.report.sections[0].totals] for found in totals)
