"""Payments, set-offs and advances applied to invoices: what closed which debt, when, how much and by which rule (spec 7.7)."""

from __future__ import annotations

import datetime
from collections import defaultdict
from typing import Any, NamedTuple

from psycopg import Connection

from setoff.core.fact import Rule
from setoff.reports.report import NO_DOCUMENT, Column, DocumentName, Question, Report, Section, Total
from setoff.settlements.applied_queries import Applied, Wanted, applied


class AppliedRow(NamedTuple):
    """`date`: when both had met; `overdue_days`: after the due date, empty when in time."""

    date: datetime.date | None
    document: DocumentName
    settlement_document: DocumentName
    due: datetime.date | None
    overdue_days: int | None
    unit: str
    counterparty: str
    contract: str
    amount: int
    currency: str
    rule: str
    fx_difference: int | None
    book_currency: str


APPLIED_COLUMNS = (
    Column("date", "date"),
    Column("document", "document", heading="applied"),
    Column("settlement_document", "document", heading="closed-debt"),
    Column("due", "date", optional=True),
    Column("overdue_days", "count", optional=True),
    Column("unit", named_by="unit"),
    Column("counterparty", named_by="counterparty"),
    Column("contract", named_by="contract", optional=True),
    Column("amount", "money"),
    Column("currency"),
    Column("rule", "term", vocabulary="rule"),
    Column("fx_difference", "money", currency="book_currency", optional=True),
)


def is_read_by_page(question: Question) -> bool:
    """Parts of one party are few, and those closed by documents of some kinds may lie far apart: they are read at once."""
    return not (question.kinds or question.scope.counterparties or question.scope.contracts)


def applied_payments(conn: Connection[Any], question: Question) -> Report:
    """A row for every part of a debt that was closed in the period, and the sum of each currency. A page of them has no totals."""
    portion = question.portion if is_read_by_page(question) else None
    wanted = Wanted(question.kinds)
    if portion:
        wanted = Wanted(after=portion.after[:2] if portion.after else wanted.after, limit=portion.rows_max + 1)
    found = applied(conn, question.scope, question.contour, question.since, question.as_of, wanted)
    shown = _whole_documents(found, portion.rows_max) if portion else found
    is_cut = portion is not None and len(found) > portion.rows_max
    following = (shown[-1].moment, shown[-1].document_id, 0) if is_cut else None
    is_whole = following is None and (portion is None or portion.after is None)
    sections = [Section([_row(part) for part in shown], _totals(shown) if is_whole else [])] if shown else []
    return Report("applied-payments", question, APPLIED_COLUMNS, sections, following=following)


def _whole_documents(found: list[Applied], rows_max: int) -> list[Applied]:
    """Of a page and what comes next the documents that fit; a document with more rows is a page of its own."""
    if len(found) <= rows_max:
        return found
    first, over = ((part.moment, part.document_id) for part in (found[0], found[rows_max]))
    return [part for part in found if (part.moment, part.document_id) < over or over == first]


def _totals(found: list[Applied]) -> list[Total]:
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for part in found:
        sums[part.currency, part.book_currency] += part.amount
    return [Total("total-in", _total(amount, *currencies), {"currency": currencies[0]}) for currencies, amount in sorted(sums.items())]


def _row(part: Applied) -> AppliedRow:
    late = (part.date - part.due).days if part.due else 0
    return AppliedRow(
        part.date, DocumentName(part.key, part.kind, part.number, part.document_date),
        DocumentName(part.debt_key, part.debt_kind, part.debt_label or part.debt_number, part.debt_date), part.due,
        late if late > 0 else None, part.unit, part.counterparty, part.contract, part.amount, part.currency,
        Rule(part.rule).name.lower(), part.difference or None, part.book_currency,
    )  # fmt: skip


def _total(amount: int, currency: str, book_currency: str) -> AppliedRow:
    return AppliedRow(None, NO_DOCUMENT, NO_DOCUMENT, None, None, "", "", "", amount, currency, "", None, book_currency)
