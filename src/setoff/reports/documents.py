"""The list of documents as a report: a table with totals, for a page, a terminal or a file."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from setoff.books.scope import Scope
from setoff.language import Language
from setoff.reports.report import Column, DocumentName, Question, Report, Section, Total
from setoff.settlements.document_list import CurrencyTotal, DocumentFilter, Listed

COLUMNS: Final = (
    Column("date", "date"),
    Column("document", "document", undated=True),
    Column("counterparty"),
    Column("total", "money", heading="amount", shows_zero=True),
    Column("currency"),
    Column("contract", optional=True),
    Column("state", "term", vocabulary="state", heading="status"),
    Column("unit", named_by="unit"),
    Column("author"),
    Column("comment", optional=True),
)


Names = Sequence[tuple[str, tuple[str, ...]]]


class Row(NamedTuple):
    id: int
    date: datetime.date
    document: DocumentName
    counterparty: str
    contract: str
    unit: str
    total: int
    currency: str
    state: str
    author: str
    comment: str


class Sum(NamedTuple):
    total: int
    currency: str


def documents_report(
    rows: Sequence[Listed], totals: Sequence[CurrencyTotal], wanted: DocumentFilter, as_of: datetime.date,
    names: Names, language: Language,
) -> Report:  # fmt: skip
    """`names`: the filters as typed; `as_of`: the last day asked for, or the working day."""
    question = Question(
        as_of=wanted.until or as_of, since=wanted.since, scope=Scope(wanted.units), language=language, names=tuple(names)
    )
    shown = [_row(row) for row in rows]
    said = [
        Total("documents-in", Sum(total.total, total.currency), {"currency": total.currency, "count": total.documents})
        for total in totals
    ]
    sections: list[Any] = [Section(shown, totals=said)] if shown or said else []
    return Report("documents", question, COLUMNS, sections, of_contour=False)


def _row(row: Listed) -> Row:
    return Row(
        row.id, row.date, DocumentName(row.key, row.kind, row.number, row.date), row.counterparty, row.contract, row.unit, row.total,
        row.currency, row.state, row.author, row.comment,
    )  # fmt: skip
