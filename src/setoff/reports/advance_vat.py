"""VAT on advances: of every advance what was accrued, deducted and is left; and what waits for a decision (spec 2.8, 7.8)."""

from __future__ import annotations

import datetime
from collections import defaultdict
from typing import Any, NamedTuple

from psycopg import Connection

from setoff.books.scope import Scope
from setoff.core.moment import BEGINNING
from setoff.reports.report import NO_DOCUMENT, Column, DocumentName, Note, Question, Report, Section, Total
from setoff.settlements.advance_vat.by_advance import Position, Sums, advance_page, advance_sums, told_of_parties
from setoff.settlements.advance_vat.queries import About, AdvanceVatRow, Owner, Told, pending_vat, told_until, vat_by_advance
from setoff.settlements.advance_vat.waiting import pending_page, pending_sums


class AdvanceRow(NamedTuple):
    """Minor units of book currency; `balance`: on the account of VAT on advances, + debit."""

    date: datetime.date | None
    document: DocumentName
    unit: str
    counterparty: str
    contract: str
    side: str
    advance: int | None
    accrued: int | None
    deducted: int | None
    expensed: int | None
    pending: int | None
    balance: int
    currency: str


ADVANCE_COLUMNS = (
    Column("date", "date"),
    Column("document", "document", heading="advance-paid-by", undated=True),
    Column("unit", named_by="unit"),
    Column("counterparty", named_by="counterparty"),
    Column("contract", named_by="contract", optional=True),
    Column("side", "term", vocabulary="advance-side"),
    Column("advance", "money"),
    Column("accrued", "money", heading="vat-accrued"),
    Column("deducted", "money", heading="vat-deducted"),
    Column("expensed", "money", heading="vat-expensed", optional=True),
    Column("pending", "money", heading="vat-pending", optional=True),
    Column("balance", "money", heading="vat-balance", shows_zero=True),
    Column("currency"),
)


class PendingRow(NamedTuple):
    """`base`: the part of the advance that has this VAT; `until`: the last day on which it can be deducted."""

    date: datetime.date | None
    document: DocumentName
    settlement_document: DocumentName
    unit: str
    counterparty: str
    contract: str
    base: int | None
    amount: int
    currency: str
    until: datetime.date | None


PENDING_COLUMNS = (
    Column("date", "date"),
    Column("document", "document", heading="vat-case", undated=True),
    Column("settlement_document", "document", heading="advance-paid-by"),
    Column("unit", named_by="unit"),
    Column("counterparty", named_by="counterparty"),
    Column("contract", named_by="contract", optional=True),
    Column("base", "money", heading="vat-base"),
    Column("amount", "money", heading="vat-pending"),
    Column("currency"),
    Column("until", "date", heading="vat-until"),
)


def advance_vat(conn: Connection[Any], question: Question) -> Report:
    """A row for every advance that has or had VAT up to the day, in the order in which it arose, and the sums of each currency and side."""
    units, portion = list(question.scope.units), question.portion
    following: Position | None = None
    if portion and is_paged(question):
        found, following = advance_page(conn, units, question.as_of, after=portion.after, limit=portion.rows_max)
        rows = [_advance_row(row) for row in found]
        totals = [
            Total("total-in", _total_row(currency, side, sums), {"currency": currency})
            for (currency, side), sums in sorted(advance_sums(conn, units, question.as_of).items())
        ]
    else:
        rows = [_advance_row(row) for row in vat_by_advance(_told(conn, question)) if is_asked(row.owner, question.scope)]
        by_side: dict[tuple[str, str], list[AdvanceRow]] = defaultdict(list)
        for row in rows:
            by_side[row.currency, row.side].append(row)
        totals = [Total("total-in", _sum(found, *said), {"currency": said[0]}) for said, found in sorted(by_side.items())]
    sections = [Section(rows, totals)] if rows or totals else []
    return Report("advance-vat", question, ADVANCE_COLUMNS, sections, of_contour=False, following=following)


def pending(conn: Connection[Any], question: Question) -> Report:
    """VAT that waits for a decision on the day, the oldest first, with the two ways out."""
    units, portion = list(question.scope.units), question.portion
    following: Position | None = None
    if portion and is_paged(question):
        after = portion.after[0] if portion.after else BEGINNING
        cases, moment = pending_page(conn, units, question.as_of, after=after, limit=portion.rows_max)
        following = (moment, 0, 0) if moment is not None else None
        sums = pending_sums(conn, units, question.as_of)
    else:
        cases = [case for case in pending_vat(_told(conn, question)) if is_asked(case.owner, question.scope)]
        sums = defaultdict(int)
        for case in cases:
            sums[case.document.book_currency] += case.amount
    rows = [
        PendingRow(
            case.day, named(case.document), named(case.advance), case.document.unit, case.owner.name, case.owner.contract, case.base,
            case.amount, case.document.book_currency, case.until,
        )
        for case in cases
    ]  # fmt: skip
    totals = [
        Total("total-in", PendingRow(None, NO_DOCUMENT, NO_DOCUMENT, "", "", "", None, amount, currency, None), {"currency": currency})
        for currency, amount in sorted(sums.items())
    ]
    sections = [Section(rows, totals, notes=[Note("pending-vat")])] if rows or totals else []
    return Report("pending-vat", question, PENDING_COLUMNS, sections, of_contour=False, following=following)


def is_paged(question: Question) -> bool:
    """Whether it is about everybody, as the books are known now: what is kept tells where a page begins."""
    return not (question.scope.counterparties or question.scope.contracts or question.known_at)


def _told(conn: Connection[Any], question: Question) -> Told:
    scope = question.scope
    if scope.counterparties or scope.contracts:
        return told_of_parties(conn, list(scope.units), question.as_of, scope.counterparties, scope.contracts)
    return told_until(conn, list(scope.units), question.as_of)


def named(about: About) -> DocumentName:
    return DocumentName(about.key, about.kind, about.number, about.date)


def is_asked(owner: Owner, scope: Scope) -> bool:
    fits_party = not scope.counterparties or owner.counterparty_id in scope.counterparties
    return fits_party and (not scope.contracts or owner.contract_id in scope.contracts)


def _advance_row(row: AdvanceVatRow) -> AdvanceRow:
    return AdvanceRow(
        row.document.date, named(row.document), row.document.unit, row.owner.name, row.owner.contract,
        "received" if row.is_received else "paid", row.advance, row.accrued, row.deducted, row.expensed or None, row.pending or None,
        row.balance, row.document.book_currency,
    )  # fmt: skip


def _sum(rows: list[AdvanceRow], currency: str, side: str) -> AdvanceRow:
    return _total_row(currency, side, Sums(*(sum(getattr(row, name) or 0 for row in rows) for name in Sums._fields)))


def _total_row(currency: str, side: str, sums: Sums) -> AdvanceRow:
    return AdvanceRow(
        None, NO_DOCUMENT, "", "", "", side, None, sums.accrued, sums.deducted, sums.expensed or None, sums.pending or None, sums.balance,
        currency,
    )  # fmt: skip
