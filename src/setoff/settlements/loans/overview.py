"""Loans as people look at them: how each stands on a day, which months have no interest, what every document did (spec 2.10).

Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Literal, NamedTuple

import psycopg

from setoff.books.months import month_after
from setoff.books.queries import closed_until
from setoff.core.interest import DAY
from setoff.core.moment import BEGINNING, end_of, start_of
from setoff.settlements.loans.interest import accruals
from setoff.settlements.loans.queries import Change, LoanBook, loan_books
from setoff.settlements.loans.standing import Standing, standing_of
from setoff.trade.loan_schedule import Instalment, last_day


class MissingMonth(NamedTuple):
    """A month, by its last day, whose interest is not accrued (add), or not as it should be; a closed one stays so."""

    day: date
    does: Literal["add", "change", "remove"]
    is_closed: bool


class LoanRow(NamedTuple):
    """A loan at the end of a day. `principal`, `interest` and `costs`: what documents leave owed, below zero where more was paid;
    `standing` has the interest to the day, accrued or not. `overdue`: the maturity, where it is past and principal is left."""

    book: LoanBook
    principal: int
    interest: int
    costs: int
    standing: Standing
    overdue: date | None
    missing: list[MissingMonth]

    @property
    def next(self) -> Instalment | None:
        return self.standing.due[0] if self.standing.due else None

    @property
    def next_amount(self) -> int:
        return sum(self.standing.due[0][1:3]) if self.standing.due else 0

    @property
    def due_principal(self) -> int:
        return sum(due.principal for due in self.standing.due)

    @property
    def due_interest(self) -> int:
        return sum(due.interest for due in self.standing.due)

    @property
    def is_missing_open(self) -> bool:
        """Whether some month that lacks its interest can still get it."""
        return any(not month.is_closed for month in self.missing)


class LoanEvent(NamedTuple):
    """What a document changed of a loan: minor units by part, above zero where the debt grows."""

    id: int
    kind: str
    key: str
    number: str
    date: date
    costs: int
    interest: int
    principal: int


def full_month_end(day: date) -> date:
    """The last month end that is not after a day."""
    return day if month_after(day) - DAY == day else day.replace(day=1) - DAY


def loan_rows(conn: psycopg.Connection[Any], units: Sequence[int], day: date, *, contracts: Iterable[str] = ()) -> list[LoanRow]:
    """The loans of units (of `contracts` alone, where some are said), by unit and contract."""
    closed = closed_until(conn, units)
    return [_row(book, day, closed.get(book.unit_id, BEGINNING)) for book in loan_books(conn, units, tuple(contracts) or None)]


def _row(book: LoanBook, day: date, closed: int) -> LoanRow:
    missing = [MissingMonth(accrual.day, accrual.does, start_of(accrual.day) < closed) for accrual in accruals(book, full_month_end(day))]
    before, end = end_of(day), last_day(book.terms)
    principal = book.owed("principal", before)
    return LoanRow(
        book, principal, book.owed("interest", before), book.owed("costs", before), standing_of(book, day),
        end if principal > 0 and end <= day else None, missing,
    )  # fmt: skip


def loan_events(book: LoanBook, day: date) -> list[LoanEvent]:
    """What happened to the end of a day, in the order of the books: a row for each document."""
    heads: dict[int, Change] = {}
    sums: dict[int, dict[str, int]] = {}
    for change in book.changes:
        if change.moment < end_of(day):
            heads.setdefault(change.document_id, change)
            held = sums.setdefault(change.document_id, {"costs": 0, "interest": 0, "principal": 0})
            held[change.part] += change.amount
    return [LoanEvent(document_id, head.kind, head.key, head.number, head.day, **sums[document_id]) for document_id, head in heads.items()]
