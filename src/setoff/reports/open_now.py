"""What is open now, and what can be set off, as lists for files: the rows of the pages that Today's figures open.

    open_items_in_parts(conn, Wanted(...), ...)     debts or advances, earliest due first, a part at a time
    set_offs_in_parts(conn, BothWaysWanted(...), ...)

Columns are those of the pages. Totals are those of the whole list and stand in every part.
"""

from __future__ import annotations

import datetime
from collections.abc import Generator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.intake.export import snapshot
from setoff.reports.portions import MORE, ROWS
from setoff.reports.report import Column, DocumentName, Question, Report, Section, Total
from setoff.settlements.both_ways import BothWaysWanted, both_ways_totals, every_both_ways
from setoff.settlements.open_queries import START, BothWays, OpenItem, Place, Wanted, open_items, open_total

OPEN_COLUMNS: Final = (
    Column("document", "document"),
    Column("counterparty"),
    Column("contract", optional=True),
    Column("unit"),
    Column("due", "date"),
    Column("days", "count", heading="overdue-days"),
    Column("amount", "money"),
    Column("currency"),
)
SET_OFF_COLUMNS: Final = (
    Column("counterparty"),
    Column("code"),
    Column("amount", "money", heading="can-be-set-off"),
    Column("currency"),
    Column("they_owe", "money"),
    Column("we_owe", "money"),
    Column("since", "date", heading="oldest"),
    Column("days", "count", heading="days-old"),
    Column("unit"),
)


class OpenRow(NamedTuple):
    """`days` late; below zero while it is not due."""

    document: DocumentName
    counterparty: str
    contract: str
    unit: str
    due: datetime.date
    days: int
    amount: int
    currency: str


class SetOffRow(NamedTuple):
    counterparty: str
    code: str
    amount: int
    currency: str
    they_owe: int
    we_owe: int
    since: datetime.date
    days: int
    unit: str


class Sum(NamedTuple):
    amount: int
    currency: str


def open_items_in_parts(conn: Connection[Any], question: Question, wanted: Wanted) -> Generator[Report]:
    """Open at this moment; days late are counted at the question's day."""
    with snapshot(conn):
        _count, amount = open_total(conn, wanted)
        totals = [Total("total-in", Sum(amount, wanted.currency), {"currency": wanted.currency})]
        after = START
        while True:
            found = open_items(conn, wanted, question.as_of, after=after, limit=ROWS + 1)
            rows = [_open_row(item) for item in found[:ROWS]]
            report = Report("open-items", question, OPEN_COLUMNS, [Section(rows, totals)] if rows else [], of_contour=False)
            yield replace(report, following=MORE if len(found) > ROWS else None)
            if len(found) <= ROWS:
                return
            last = found[ROWS - 1]
            after = Place(last.day, last.document_id, last.line)


def set_offs_in_parts(conn: Connection[Any], question: Question, wanted: BothWaysWanted) -> Generator[Report]:
    """Errors: invalid_amount."""
    with snapshot(conn):
        sums = both_ways_totals(conn, wanted)
        totals = [Total("total-in", Sum(total.amount, total.currency), {"currency": total.currency}) for total in sums]
        rows = every_both_ways(conn, wanted)
        part = list(islice(rows, ROWS))
        while True:
            coming = list(islice(rows, ROWS))
            yield replace(_set_offs(part, totals, question), following=MORE if coming else None)
            if not coming:
                return
            part = coming


def _set_offs(rows: Sequence[BothWays], totals: Sequence[Total], question: Question) -> Report:
    shown = [
        SetOffRow(
            row.name, row.counterparty, row.amount, row.currency, row.they_owe, row.we_owe, row.since, (question.as_of - row.since).days,
            row.unit,
        )
        for row in rows
    ]  # fmt: skip
    return Report("set-offs", question, SET_OFF_COLUMNS, [Section(shown, totals)] if shown else [], of_contour=False)


def _open_row(item: OpenItem) -> OpenRow:
    document = DocumentName(item.key, item.kind, item.label or item.number, item.date)
    return OpenRow(document, item.name, item.contract or "", item.unit, item.day, item.days_late, item.residual, item.currency)
