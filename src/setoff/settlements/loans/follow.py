"""What follows from an edit of a loan, in the same transaction: interest of later days, parts of later payments (spec 1.10, 2.10).

Documents later than the edit are gone through in the order of the books; what says something else than the loan gives now is stated anew,
and what that changes belongs to the changes of the edit. What is typed by hand stays. A closed period refuses with the list: period_closed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import psycopg

from setoff.core.moment import NEVER
from setoff.settlements.diff import Change
from setoff.settlements.loans.interest import differing
from setoff.settlements.loans.queries import LoanBook, loan_books
from setoff.settlements.loans.split import computed_again
from setoff.settlements.stored import Stored, known_document
from setoff.trade.directory import Directory
from setoff.trade.documents import AnyDocument
from setoff.trade.queries import decode_document
from setoff.trade.registry import references
from setoff.trade.terms import LOAN_PARTS

TOUCHED_SQL: Final = """
  select distinct fold_key.unit_id, loan.code from touched join fold_key on fold_key.id = touched.key_id
  join loan on loan.contract_id = fold_key.contract_id order by 1, 2"""
Write = Callable[[Stored, AnyDocument, bool], list[Change]]
"""States a document as it is to be, or takes it out of the books (False)."""


def loans_named(directory: Directory, before: str | None) -> set[str]:
    """Codes of contracts that an edit may concern as loans. `before`: what the document said."""
    named = {code for code, contract in directory.contracts.items() if contract.relation in LOAN_PARTS}
    if before is not None:
        named |= references(decode_document(before)).contracts - directory.contracts.keys()
    return named


def restate_loan(
    conn: psycopg.Connection[Any], unit_id: int, codes: Iterable[str], since: int, write: Write
) -> list[list[Change]]:
    """After a moment every document of these loans says what the loan gives."""
    steps: list[list[Change]] = []
    while (found := _first(conn, unit_id, codes, since)) is not None:
        since, stored, document = found
        steps.append(write(stored, document or decode_document(stored.content), document is not None))
    return steps


def _first(
    conn: psycopg.Connection[Any], unit_id: int, codes: Iterable[str], since: int
) -> tuple[int, Stored, AnyDocument | None] | None:
    """The first document after a moment that is to be otherwise: its moment, how it stands, what it is to say."""
    found: list[tuple[int, str, AnyDocument | None]] = []
    for book in loan_books(conn, [unit_id], codes):
        moments = {paper.key: paper.moment for paper in book.papers}
        found += [(moments[accrual.key], accrual.key, accrual.document) for accrual in differing(book, NEVER, since)]
        found += differently_split(book, since)
    if not found:
        return None
    moment, key, document = min(found, key=lambda row: row[0])
    return moment, known_document(conn, key), document


def differently_split(book: LoanBook, since: int) -> list[tuple[int, str, AnyDocument | None]]:
    """Payments and money of the loan after a moment whose parts or instalments are others now: moment, key, what they are to say."""
    found: list[tuple[int, str, AnyDocument | None]] = []
    for payment in book.splits:
        if payment.moment > since:
            again = computed_again(payment.document, book, payment.moment, payment.document_id)
            if again != payment.document:
                found.append((payment.moment, payment.key, again))
    return found


def restate_touched_loans(conn: psycopg.Connection[Any], since: int, write: Write) -> list[list[Change]]:
    """The same for the keys of the table `touched` that were folded from a moment on."""
    rows = conn.execute(TOUCHED_SQL).fetchall()
    return [step for unit_id, code in rows for step in restate_loan(conn, unit_id, [code], since - 1, write)]
