"""The verb on interest of loans: every loan of a unit has the interest of every open month up to one (spec 2.10).

Who accrues a month again adds what is missing and puts right what differs; the same again changes nothing. Why documents and not part of
the fold: docs/decisions/0034-loans.md. Errors: unknown_reference, invalid_value, rate_missing, period_closed and those of documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

import psycopg

from setoff.books.audit import Actor
from setoff.books.months import month_after
from setoff.books.queries import closed_until
from setoff.books.services import lock_unit
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.moment import BEGINNING, start_of
from setoff.settlements.diff import Change, joined_changes
from setoff.settlements.loans.interest import Accrual, accruals
from setoff.settlements.loans.queries import loan_books
from setoff.settlements.services import Outcome, post_document, unpost_document


class Accrued(NamedTuple):
    """What was done, and what that changed of every document."""

    made: list[Accrual]
    changes: list[Change]


def accrue(
    conn: psycopg.Connection[Any], unit: str, until: date, actor: Actor, *, contracts: Iterable[str] = ()
) -> Accrued:
    """Every open month up to the one that ends with `until` has the interest of every loan of the unit (of `contracts` alone, where some
    are said); all or nothing."""
    check_month_end(until)
    with conn.transaction():
        unit_id = lock_unit(conn, unit)
        wanted = missing(conn, [unit_id], until, contracts=contracts)
        outcomes = [apply(conn, accrual, actor) for accrual in wanted]
    return Accrued(wanted, joined_changes([outcome.changes for outcome in outcomes]))


def check_month_end(until: date) -> None:
    """Errors: invalid_value."""
    last = month_after(until) - timedelta(days=1)
    if last != until:
        raise DomainError(ErrorCode.INVALID_VALUE, field="until", value=until, expected=last)


def apply(conn: psycopg.Connection[Any], accrual: Accrual, actor: Actor) -> Outcome:
    if accrual.document is None:
        return unpost_document(conn, accrual.key, actor)
    return post_document(conn, accrual.document, actor)


def missing(
    conn: psycopg.Connection[Any], units: Sequence[int], until: date, *, contracts: Iterable[str] = ()
) -> list[Accrual]:
    """What is not accrued, or not as it should be, in the open months up to one, by loan and month. Nothing is written."""
    closed = closed_until(conn, units)
    return [
        accrual
        for book in loan_books(conn, units, tuple(contracts) or None)
        for accrual in accruals(book, until)
        if start_of(accrual.day) >= closed.get(book.unit_id, BEGINNING)
    ]
