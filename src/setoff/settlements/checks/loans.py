"""C-4.5.4b.list: months of loans whose interest is missing, or is another than principal and rates give (spec 3, C-4.5.4; 2.10).
C-4.5.4c.list: loans on the account of another term than is left of them, at the last day with anything posted of the unit (loans/term.py).

Looked at are closed months, and those before an interest document of the loan. What somebody typed by hand is not judged.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import psycopg

from setoff.books.queries import closed_until
from setoff.core.moment import day_of, end_of
from setoff.core.money import parse_amount
from setoff.settlements.checks import Check, Row
from setoff.settlements.loans.interest import Accrual, accruals
from setoff.settlements.loans.queries import loan_books
from setoff.settlements.loans.term import misplaced


def interest_rows(conn: psycopg.Connection[Any], unit_id: int | None) -> list[Row]:
    """By unit, contract and day."""
    found: list[Row] = []
    books = loan_books(conn, None if unit_id is None else [unit_id])
    closed = closed_until(conn, {book.unit_id for book in books})
    for book in books:
        ends = [paper.last for paper in book.papers]
        if book.unit_id in closed:
            ends.append(day_of(closed[book.unit_id]) - timedelta(days=1))
        if ends:
            found += [_row(accrual) for accrual in accruals(book, max(ends))]
    return found


def _row(accrual: Accrual) -> Row:
    book = accrual.book
    stands = next((paper for paper in book.papers if paper.key == accrual.key), None)
    expected = parse_amount(accrual.document.amount, book.currency) if accrual.document else 0
    actual = parse_amount(stands.document.amount, book.currency) if stands else 0
    return Row(
        book.unit, f"{book.contract} {accrual.day}", str(expected), str(actual), actual - expected, book.currency,
        stands.key if stands else None, "loan_interest" if stands else None, stands.number if stands else None, accrual.day,
        stands.moment if stands else end_of(accrual.day),
    )  # fmt: skip


def term_rows(conn: psycopg.Connection[Any], unit_id: int | None) -> list[Row]:
    """By unit and contract. Expected is what may stand on the account."""
    found: list[Row] = []
    days = dict(conn.execute(LAST_DAYS_SQL).fetchall())
    for book in loan_books(conn, None if unit_id is None else [unit_id]):
        day = days.get(book.unit_id)
        wrong = misplaced(book, day) if day else None
        if day and wrong:
            stands = sum(amount for _, amount in book.due(end_of(day)))
            found.append(
                Row(
                    book.unit, f"{book.contract} {wrong.account} -> {wrong.belongs}", str(stands - wrong.amount), str(stands), wrong.amount,
                    book.currency, None, None, None, day, end_of(day),
                )
            )  # fmt: skip
    return found


LAST_DAYS_SQL: Final = "select unit_id, max(date) from document where status = 'posted' group by unit_id"
LOAN_CHECKS: Final = (
    Check(
        "C-4.5.4b.list", "list", "3, C-4.5.4; 2.10", "row",
        "Months of loans whose interest is missing, or is another than principal and rates give.", "", interest_rows,
    ),
    Check(
        "C-4.5.4c.list", "list", "3, C-4.5.4; 1.6; 2.10", "row",
        "Loans with more than a year to run on a short-term account, and the reverse.", "", term_rows,
    ),
)  # fmt: skip
