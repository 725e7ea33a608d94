"""Open lots of both sides, and everything that can be set off at a day, from the books."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
import pytest

from setoff.books.audit import Actor
from setoff.core.errors import DomainError
from setoff.setoffs.queries import counterparties_of, open_lots, what_can_be_set_off
from tests.setoffs.debts import tell
from tests.told import BooksOf

Books = psycopg.Connection[Any]


@pytest.fixture
def books(books_of: BooksOf, actor: Actor) -> Books:
    return books_of(tell, actor)


def lots(books: Books, day: str, **wanted: str) -> list[tuple[str, str, int, bool]]:
    found = open_lots(books, unit_id(books), ["METALL"], date.fromisoformat(day), **wanted)
    return [(lot.side, lot.document, lot.amount, lot.is_advance) for lot in found]


def unit_id(books: Books) -> int:
    row = books.execute("select id from unit where code = 'MSK'").fetchone()
    assert row is not None
    return int(row[0])


def test_both_sides_in_order_debts_and_advances(books: Books) -> None:
    everything = [("we_owe_them", "steel", 9000, False), ("they_owe_us", "scrap", 7500, False), ("they_owe_us", "ahead", 3000, True)]
    assert lots(books, "2026-03-31") == everything
    assert lots(books, "2026-03-05") == everything[:2]
    assert lots(books, "2026-03-31", currency="EUR") == []
    assert lots(books, "2026-02-28") == []


def test_a_lot_says_its_terms(books: Books) -> None:
    steel, scrap, _ = open_lots(books, unit_id(books), ["METALL"], date(2026, 3, 31))
    assert (steel.relation, steel.contract, steel.agreement, steel.due, steel.line) == ("supplier", "SUPPLIER", "", date(2026, 3, 20), 0)
    assert (scrap.relation, scrap.contract, scrap.agreement, scrap.due, scrap.due_day) == ("buyer", "", "RETAIL", None, date(2026, 3, 5))


def test_what_can_be_set_off_at_a_day(books: Books) -> None:
    """On the 1st only we owed. What was paid ahead is no debt."""
    today = date(2026, 3, 31)
    at = {day: [(row.counterparty, row.they_owe, row.we_owe, row.amount) for row in what_can_be_set_off(books, day, today=today)]
          for day in (date(2026, 3, 1), date(2026, 3, 5), today)}  # fmt: skip
    assert list(at.values()) == [[], [("METALL", 7500, 9000, 7500)], [("METALL", 7500, 9000, 7500)]]


def test_counterparties_of_a_partner(books: Books) -> None:
    assert counterparties_of(books, "VEGA-GROUP") == ["SIRIUS", "VEGA"]
    assert counterparties_of(books, "METALL") == ["METALL"]
    with pytest.raises(DomainError, match="unknown_reference"):
        counterparties_of(books, "NOBODY")
    with pytest.raises(DomainError, match="unknown_reference"):
        open_lots(books, unit_id(books), ["NOBODY"], date(2026, 3, 31))
