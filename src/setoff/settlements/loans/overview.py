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
from setoff.core.money import format_amount
from setoff.settlements.loans.interest import accruals
from setoff.settlements.loans.queries import Change, LoanBook, loan_books
from setoff.settlements.loans.standing import Standing, standing_of
from setoff.settlements.loans.term import Misplaced, misplaced
from setoff.trade.loan_schedule import Instalment, last_day


class MissingMonth(NamedTuple):
    """A month, by its last day, whose interest is not accrued (add), or not as it should be; a closed one stays so."""

    day: date
    does: Literal["add", "change", "remove"]
    is_closed: bool


class LoanRow(NamedTuple):
    """A loan at the end of a day. `principal`, `interest` and `costs`: what documents leave owed, below zero where more was paid;
    `standing` has the interest to the day, accrued or not. `overdue`: since when some principal should have been repaid.
    `misplaced`: what stands on the account of another term."""

    book: LoanBook
    principal: int
    interest: int
    costs: int
    standing: Standing
    day: date
    missing: list[MissingMonth]
    misplaced: Misplaced | None

    @property
    def maturity(self) -> date:
        return last_day(self.book.terms)

    @property
    def next(self) -> Instalment | None:
        """What is due first from the day on."""
        return next((due for due in self.standing.due if due.day >= self.day), None)

    @property
    def next_amount(self) -> int:
        return self.next.principal + self.next.interest if self.next else 0

    @property
    def overdue(self) -> date | None:
        return next((due.day for due in self.standing.due if due.day < self.day), None)

    @property
    def overdue_amount(self) -> int:
        return sum(due.principal for due in self.standing.due if due.day < self.day)

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


def stated(row: LoanRow) -> dict[str, Any]:
    """The row in texts, as programs read it: days are ISO, amounts in the currency of the loan, what there is not is empty."""
    book, terms = row.book, row.book.terms
    amounts = {
        "principal": row.principal, "interest": row.interest, "costs": row.costs, "interest_to_day": row.standing.owed.interest,
    }  # fmt: skip
    return {
        "contract": book.contract, "number": book.contract_number, "relation": book.relation, "counterparty": book.counterparty,
        "counterparty_name": book.counterparty_name, "currency": book.currency,
        "rates": [
            {"since": "" if rate.since == date.min else rate.since.isoformat(), "percent": format(rate.percent, "f")}
            for rate in terms.rates
        ],
        "day_count": terms.day_count, "maturity": row.maturity.isoformat(), "repayment": terms.repayment,
        **{name: format_amount(amount, book.currency) for name, amount in amounts.items()},
        "next_day": row.next.day.isoformat() if row.next else "",
        "next_amount": format_amount(row.next_amount, book.currency) if row.next else "",
        "overdue_since": row.overdue.isoformat() if row.overdue else "", "overdue": format_amount(row.overdue_amount, book.currency),
        "misplaced": {
            "account": row.misplaced.account, "belongs": row.misplaced.belongs,
            "amount": format_amount(row.misplaced.amount, book.currency),
        } if row.misplaced else None,
        "missing": [
            {"last_day": month.day.isoformat(), "does": month.does, "is_closed": month.is_closed} for month in row.missing
        ],
    }  # fmt: skip


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
    before = end_of(day)
    principal, interest, costs = (book.owed(part, before) for part in ("principal", "interest", "costs"))
    return LoanRow(book, principal, interest, costs, standing_of(book, day), day, missing, misplaced(book, day))


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
