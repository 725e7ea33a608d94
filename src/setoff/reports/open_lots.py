"""Open debts and advances at the end of a day, item by item: where a figure of the statement, of ageing and of a partner's page leads.

    question_of(conn, definition_of("ageing"), ...)   the scope, contour and day are those of the ageing report
    LotFilter(relation="buyer", what="debt", first=31, last=60)

Earliest due first (those without a due day by the date of their original document), a page at a time.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.reports.report import NO_DOCUMENT, Column, DocumentName, Question, Report, Section, Total
from setoff.settlements.lot_pages import can_be_paged, open_lots_page, side_totals
from setoff.settlements.party_queries import LotFilter, LotPlace, OpenLot, lot_totals, open_lots
from setoff.settlements.settled_queries import is_latest

PAGE: Final = 200
EVERYTHING: Final = 1 << 40
COLUMNS: Final = (
    Column("document", "document"),
    Column("due", "date"),
    Column("overdue_days", "count"),
    Column("unit", named_by="unit"),
    Column("counterparty", named_by="counterparty"),
    Column("contract", named_by="contract", optional=True),
    Column("object", "object", optional=True),
    Column("relation", "term", vocabulary="relation"),
    Column("lot_kind", "term", vocabulary="lot"),
    Column("amount", "money", heading="lot-amount"),
    Column("residual", "money", heading="lot-left"),
    Column("currency"),
)


class LotRow(NamedTuple):
    """`residual`: what is left, positive for debts and advances alike; `lot_kind` and the relation say which it is."""

    document: DocumentName
    due: datetime.date | None
    overdue_days: int | None
    unit: str
    counterparty: str
    contract: str
    object: str
    relation: str
    lot_kind: str
    amount: int | None
    residual: int
    currency: str


class Portion(NamedTuple):
    """`following`: the place after the last row, None when there are no more."""

    report: Report
    items: int
    following: LotPlace | None


def open_lots_report(
    conn: Connection[Any], question: Question, wanted: LotFilter, after: LotPlace | None, *, rows_max: int = PAGE
) -> Portion:
    """The next page, with totals over the whole filter."""
    scope, contour, as_of = question.scope, question.contour, question.as_of
    kept = question.known_at is None and is_latest(conn, scope, contour, as_of)
    totals = lot_totals(conn, scope, contour, as_of, wanted, kept=kept)
    shown, following = _page(conn, question, wanted, after, rows_max)
    report = _report(question, shown, [(total.currency, total.residual) for total in totals])
    return Portion(report, sum(total.items for total in totals), following)


def open_items(conn: Connection[Any], question: Question) -> Report:
    """The same as a report: of one side where that is said."""
    side = next((values[0] for name, values in question.names if name == "side"), "")
    scope, contour, as_of, portion, wanted = question.scope, question.contour, question.as_of, question.portion, LotFilter(side)
    if _is_kept(question):
        totals = side_totals(conn, scope, contour, as_of, side)
    else:
        totals = [(total.currency, total.residual) for total in lot_totals(conn, scope, contour, as_of, wanted)]
    after = LotPlace.at(*portion.after) if portion and portion.after else None
    shown, following = _page(conn, question, wanted, after, portion.rows_max if portion else EVERYTHING)
    return replace(_report(question, shown, totals), following=following and following.numbers)


def _page(
    conn: Connection[Any], question: Question, wanted: LotFilter, after: LotPlace | None, rows_max: int
) -> tuple[list[OpenLot], LotPlace | None]:  # fmt: skip
    """The rows after a place, and the next place."""
    read = open_lots_page if _is_kept(question) and rows_max < EVERYTHING else open_lots
    lots = read(conn, question.scope, question.contour, question.as_of, wanted=wanted, after=after, limit=rows_max + 1)
    shown = lots[:rows_max]
    return shown, shown[-1].place if len(lots) > rows_max else None


def _is_kept(question: Question) -> bool:
    """Whether sums by day are of these lots: everybody's, as the books know them now."""
    return question.known_at is None and can_be_paged(question.scope)


def _report(question: Question, lots: Iterable[OpenLot], totals: Iterable[tuple[str, int]]) -> Report:
    """`totals`: what is left, by currency."""
    rows = [_row(lot) for lot in lots]
    sums = [Total("total-in", _total(currency, left), {"currency": currency}) for currency, left in totals]
    return Report("open-lots", question, COLUMNS, [Section(rows, sums)] if rows else [])


def _row(lot: OpenLot) -> LotRow:
    document = DocumentName(lot.key, lot.kind, lot.label or lot.number, lot.date)
    late = lot.days if lot.days > 0 and not lot.is_advance else None
    return LotRow(
        document, lot.due, late, lot.unit, lot.counterparty, lot.contract, lot.object, lot.relation,
        "advance" if lot.is_advance else "debt", lot.amount, abs(lot.residual), lot.currency,
    )  # fmt: skip


def _total(currency: str, left: int) -> LotRow:
    return LotRow(NO_DOCUMENT, None, None, "", "", "", "", "", "", None, left, currency)
