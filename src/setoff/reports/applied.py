"""Payments, set-offs and advances applied to invoices: what closed which debt, when, how much and by which rule (spec 7.7)."""

from __future__ import annotations

import datetime
from collections import defaultdict
from typing import Any, NamedTuple

from psycopg import Connection

from setoff.core.fact import Rule
from setoff.reports.report import NO_DOCUMENT, Column, DocumentName, Question, Report, Section, Total
from setoff.settlements.applied_queries import Applied, applied


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


def applied_payments(conn: Connection[Any], question: Question) -> Report:
    """A row for every part of a debt that was closed in the period, and the sum of each currency."""
    found = applied(conn, question.scope, question.contour, question.since, question.as_of, kinds=question.kinds)
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for part in found:
        sums[part.currency, part.book_currency] += part.amount
    totals = [Total("total-in", _total(amount, *currencies), {"currency": currencies[0]}) for currencies, amount in sorted(sums.items())]
    return Report("applied-payments", question, APPLIED_COLUMNS, [Section([_row(part) for part in found], totals)] if found else [])


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
