"""The journal of settlements without money (spec 6.10): set-offs and other adjustments of any state, and payments allocated by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from psycopg import Connection

from setoff.core.errors import DomainError
from setoff.core.money import parse_amount
from setoff.reports.card import JOURNAL_COLUMNS, JournalRow
from setoff.reports.report import NO_DOCUMENT, Column, DocumentName, Question, Report, Section, Total
from setoff.settlements.adjustment_queries import AdjustmentLine, Page, adjustment_lines, contract_currencies
from setoff.trade.documents import AnyDocument, DebtAdjustment
from setoff.trade.queries import decode_document

_OF_JOURNAL = {column.key: column for column in JOURNAL_COLUMNS}
ADJUSTMENT_COLUMNS = (
    *(_OF_JOURNAL[key] for key in ("date", "document")),
    Column("organization", named_by="organization", heading="organization"),
    *(_OF_JOURNAL[key] for key in ("unit", "counterparties", "amount", "currency")),
    Column("difference", "money", heading="sides_difference", optional=True),
    _OF_JOURNAL["status"],
    Column("notice", "term", vocabulary="notice", optional=True),
    Column("received", "date", optional=True),
    *(_OF_JOURNAL[key] for key in ("author", "base", "comment")),
)
"""What the journal of documents tells, and what only adjustments have."""


def adjustments(conn: Connection[Any], question: Question) -> Report:
    """In the total order, with the sum of what is posted by currency. A page of them has no totals: those of a page would mislead."""
    portion = question.portion
    page = Page(portion.rows_max + 1, portion.after[:2] if portion.after else None) if portion else None
    found = adjustment_lines(
        conn, question.scope, question.since, question.as_of, kinds=question.kinds, statuses=question.statuses, page=page
    )
    lines = found[: portion.rows_max] if portion else found
    following = (lines[-1].moment, lines[-1].document_id, 0) if len(found) > len(lines) else None
    said = [decode_document(line.content) for line in lines]
    codes = [row.contract for document in said if isinstance(document, DebtAdjustment) for row in document.rows]
    currencies = contract_currencies(conn, codes)
    rows = [_row(line, document, currencies) for line, document in zip(lines, said, strict=True)]
    sums: dict[str, int] = defaultdict(int)
    for row in rows:
        if row.status == "posted":
            sums[row.currency] += row.amount
    is_whole = following is None and (portion is None or portion.after is None)
    totals = [Total("posted-in", _total(amount, currency), {"currency": currency}) for currency, amount in sorted(sums.items())]
    sections = [Section(rows, totals if is_whole else [])] if rows else []
    return Report("adjustments", question, ADJUSTMENT_COLUMNS, sections, of_contour=False, following=following)


def _row(line: AdjustmentLine, document: AnyDocument, currencies: Mapping[str, str]) -> JournalRow:
    base = ""
    if isinstance(document, DebtAdjustment):
        base = document.reason_document or document.reverses
    notice = ""
    if isinstance(document, DebtAdjustment) and document.kind == "set_off" and document.one_sided:
        notice = "received" if line.received else "sent" if line.status == "posted" else "prepared"
    return JournalRow(
        line.date, DocumentName(line.key, line.kind, line.number, line.date), line.unit, line.counterparties, line.amount, line.currency,
        _difference(line, document, currencies), line.status, line.author, base, document.comment, organization=line.organization,
        notice=notice, received=line.received,
    )  # fmt: skip


def _difference(line: AdjustmentLine, document: AnyDocument, currencies: Mapping[str, str]) -> int | None:
    """Of a set-off in one currency: by its facts, of one that is not posted by its rows."""
    if line.kind != "set_off" or not isinstance(document, DebtAdjustment):
        return None
    if line.status == "posted":
        return None if line.they_owe is None or line.we_owe is None else line.they_owe - line.we_owe
    if any((row.currency or currencies.get(row.contract, line.currency)) != line.currency for row in document.rows):
        return None
    try:
        return sum(
            parse_amount(row.amount, line.currency) * (1 if row.side == "they_owe_us" else -1) for row in document.rows
        )
    except DomainError:  # a draft may be unfinished
        return None


def _total(amount: int, currency: str) -> JournalRow:
    return JournalRow(None, NO_DOCUMENT, "", "", amount, currency, None, "", "", "", "")
