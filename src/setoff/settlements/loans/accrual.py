"""The verb on interest of loans: every loan of a unit has the interest of every open month up to one (spec 2.10), and what came in open
months is due as its terms say now.

Who accrues a month again adds what is missing and puts right what differs; the same again changes nothing. Why documents and not part of
the fold: docs/decisions/0034-loans.md. Errors: unknown_reference, invalid_value, rate_missing, period_closed and those of documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

import psycopg

from setoff.books.audit import Actor
from setoff.books.queries import closed_until
from setoff.books.services import lock_unit
from setoff.core.moment import BEGINNING, day_of, end_of, start_of
from setoff.settlements.diff import Change, joined_changes
from setoff.settlements.loans.interest import Accrual, accruals
from setoff.settlements.loans.queries import LoanBook, loan_books
from setoff.settlements.loans.split import computed_again
from setoff.settlements.month_ends import StateIt, check_month_end, state_document
from setoff.trade.payment_fields import LOANS_MADE


class Accrued(NamedTuple):
    """What was done, and what that changed of every document; what waits for a second person is not in it."""

    made: list[Accrual]
    changes: list[Change]


def accrue(
    conn: psycopg.Connection[Any], unit: str, until: date, actor: Actor, *, contracts: Iterable[str] = (),
    state_it: StateIt = state_document,
) -> Accrued:  # fmt: skip
    """Every open month up to the one that ends with `until` has the interest of every loan of the unit (of `contracts` alone, where some
    are said); all or nothing."""
    check_month_end(until)
    with conn.transaction():
        unit_id = lock_unit(conn, unit)
        wanted = missing(conn, [unit_id], until, contracts=contracts)
        stated = [(accrual, state_it(conn, accrual.key, accrual.document, actor)) for accrual in wanted]
    done = [(accrual, outcome) for accrual, outcome in stated if outcome is not None]
    return Accrued([accrual for accrual, _ in done], joined_changes([outcome.changes for _, outcome in done]))


def missing(
    conn: psycopg.Connection[Any], units: Sequence[int], until: date, *, contracts: Iterable[str] = ()
) -> list[Accrual]:
    """What is not accrued, or not as it should be, in the open months up to one, by loan and month. Nothing is written."""
    closed = closed_until(conn, units)
    return [
        accrual
        for book in loan_books(conn, units, tuple(contracts) or None)
        for accrual in [*restaged(book, until), *accruals(book, until)]
        if start_of(accrual.day) >= closed.get(book.unit_id, BEGINNING)
    ]


def restaged(book: LoanBook, until: date) -> list[Accrual]:
    """The money of a loan whose instalments are others by its terms now, by day."""
    found = []
    for money in book.splits:
        if money.document.kind in LOANS_MADE and money.moment < end_of(until):
            again = computed_again(money.document, book, money.moment, money.document_id)
            if again != money.document:
                found.append(Accrual(book, money.key, day_of(money.moment), again, "change"))
    return found
