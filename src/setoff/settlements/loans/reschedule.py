"""A new schedule of a loan: what is left of it on a day is due as its terms say from then on (spec 2.10).

The days of money that came are those of the terms when it was posted. Where the parties agree on others, or after an early repayment,
the terms are changed and the loan is scheduled anew: a transfer of what is left onto itself, by its instalments. So closed months
stay as they are, and what was overdue until then still was. It moves nothing between accounts.

A day has one such document, known by its key. Errors: unknown_reference, invalid_value (nothing is left), period_closed, those of
transfers.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import psycopg

from setoff.books.audit import Actor
from setoff.books.services import lock_unit
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.moment import end_of
from setoff.core.money import format_amount
from setoff.settlements.loans.queries import LoanBook, loan_books
from setoff.settlements.month_ends import StateIt, state_document
from setoff.settlements.services import Outcome, find_document
from setoff.trade.documents import AdjustmentReceiver, AdjustmentRow, DebtAdjustment, DueStage
from setoff.trade.loan_schedule import laid
from setoff.trade.queries import decode_document


def reschedule_loan(
    conn: psycopg.Connection[Any], unit: str, contract: str, day: date, actor: Actor, *, state_it: StateIt = state_document
) -> Outcome | None:
    """From a day on what is left of the loan is due by its terms; None where it is already, or waits for a second person."""
    with conn.transaction():
        unit_id = lock_unit(conn, unit)
        books = loan_books(conn, [unit_id], [contract])
        if not books:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="loan", value=contract, field="contract")
        stored = find_document(conn, key_of(books[0], day))
        is_posted = stored is not None and stored.row.status == "posted"
        document = rescheduled(books[0], day)
        parts = [(date.fromisoformat(stage.due), stage.amount) for stage in document.stages]
        if [(due, format_amount(left, books[0].currency)) for due, left in books[0].due(end_of(day))] == parts:
            return None
        if stored is not None and is_posted and state_it(conn, stored.row.key, None, actor) is None:
            return None
        if stored is not None:
            before = decode_document(stored.content)
            document = msgspec.structs.replace(document, number=before.number, comment=before.comment)
        return state_it(conn, document.key, document, actor)


def key_of(book: LoanBook, day: date) -> str:
    return f"loan_schedule/{book.unit}/{book.contract}/{day.isoformat()}"


def rescheduled(book: LoanBook, day: date) -> DebtAdjustment:
    """The document of a day. Errors: invalid_value."""
    moves = [move for move in book.moves() if move.day <= day]
    left = sum(move.change for move in moves)
    if left <= 0:
        raise DomainError(ErrorCode.INVALID_VALUE, field="day", value=day, expected=f"principal of {book.contract}")
    parts = laid(book.terms, min(move.day for move in moves), 0, day, left)
    stages = [DueStage(due=due.isoformat(), amount=format_amount(part, book.currency)) for due, part in parts]
    row = AdjustmentRow(
        side="they_owe_us" if book.is_granted else "we_owe_them", counterparty=book.counterparty, contract=book.contract,
        amount=format_amount(left, book.currency),
    )  # fmt: skip
    receiver = AdjustmentReceiver(counterparty=book.counterparty, contract=book.contract)
    return DebtAdjustment(
        unit=book.unit, date=day.isoformat(), key=key_of(book, day), kind="transfer", rows=[row], receiver=receiver, stages=stages
    )
