"""The register of invoices (spec 6.9), and what has no invoice. Amounts by VAT rate have columns of their own, the highest rate first."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from psycopg import Connection

from setoff.reports.report import NO_DOCUMENT, Column, DocumentName, Note, Question, Report, Section, Total
from setoff.settlements.invoices.missing import Wanting, kept_since, not_issued, not_received
from setoff.settlements.invoices.queries import About, Place, Registered, Stated, registered, registered_sums
from setoff.trade.invoice import quarter_of

FIRST = date.min


class InvoiceRow(NamedTuple):
    """`amounts`: net and VAT of every rate of the columns, minor units of book currency. `remark`: differs, late, or named."""

    date: datetime.date | None
    document: DocumentName
    number: str
    invoice_date: datetime.date | None
    received: datetime.date | None
    kind: str
    code: str
    counterparty: str
    tax_number: str
    base: DocumentName
    gross: int
    net: int
    vat: int
    amounts: tuple[int | None, ...]
    period: str
    status: str
    remark: str
    unit: str
    currency: str


def issued_invoices(conn: Connection[Any], question: Question) -> Report:
    return _register(conn, question, "issued")


def received_invoices(conn: Connection[Any], question: Question) -> Report:
    return _register(conn, question, "received")


def _register(conn: Connection[Any], question: Question, direction: str) -> Report:
    """In the order of their days; the totals are those of the whole filter, also beside a page of it."""
    portion, period = question.portion, (question.since or first_of_quarter(question.as_of), question.as_of)
    place = None
    if portion is not None:
        after = (date.fromordinal(portion.after[0]), *portion.after[1:]) if portion.after else None
        place = Place(portion.rows_max + 1, after)
    found = registered(conn, question.scope, direction, period, kinds=question.kinds, statuses=question.statuses, place=place)
    shown = found[: portion.rows_max] if portion else found
    rates = rates_of(item.sums for item in shown)
    following = None
    if len(found) > len(shown):
        following = (shown[-1].entered.toordinal(), shown[-1].document_id, 0)
    totals = [
        Total("valid-invoices-in", _total(gross, vat, currency, len(rates)), {"currency": currency, "count": count})
        for currency, count, gross, vat in registered_sums(
            conn, question.scope, direction, period, kinds=question.kinds, statuses=question.statuses
        )
    ]
    rows = [_row(item, rates) for item in shown]
    sections = [Section(rows, totals)] if rows or totals else []
    asked = replace(question, since=period[0])
    return Report(f"{direction}-invoices", asked, _columns(direction, rates), sections, of_contour=False, following=following)


def _columns(direction: str, rates: Sequence[str]) -> tuple[Column, ...]:
    return (
        Column("date", "date"),
        Column("document", "document", undated=True),
        *([Column("number", heading="invoice-number")] if direction == "received" else []),
        Column("invoice_date", "date", optional=True),
        Column("received", "date", optional=True),
        Column("kind", "term", vocabulary="invoice-kind", heading="invoice-kind"),
        Column("code", heading="operation-code"),
        Column("counterparty", named_by="counterparty"),
        Column("tax_number", optional=True),
        Column("base", "document", heading="invoice-base"),
        Column("gross", "money", heading="invoice-gross", shows_zero=True),
        Column("net", "money", heading="invoice-net", shows_zero=True),
        Column("vat", "money", heading="invoice-vat", shows_zero=True),
        *rate_columns(rates, single=False),
        Column("period", heading="book-period", optional=True),
        Column("status", "term", vocabulary="state"),
        Column("remark", "term", vocabulary="invoice-remark", optional=True),
        Column("unit", named_by="unit"),
        Column("currency"),
    )


def rate_columns(rates: Sequence[str], *, single: bool) -> list[Column]:
    """Net and VAT of every rate; of one rate alone they are those of the invoice, unless `single`. Without VAT there is no VAT."""
    if len(rates) < 2 and not single:
        return []
    columns = []
    for place, rate in enumerate(rates):
        heading, facts = ("net-at", (("rate", rate),)) if rate else ("net-without-vat", ())
        columns.append(Column(f"net_{rate or 'none'}", "money", heading=heading, facts=facts, place=2 * place))
        if rate and Decimal(rate):
            columns.append(Column(f"vat_{rate}", "money", heading="vat-at", facts=facts, place=2 * place + 1))
    return columns


def rates_of(stated: Iterable[Stated]) -> list[str]:
    """The rates that occur, the highest first, without VAT last."""
    rates = {rate for sums in stated for rate, _gross, _vat in sums}
    return sorted(rates, key=lambda rate: (rate == "", -Decimal(rate or 0)))


def amounts_of(sums: Stated, rates: Sequence[str], *, nets: bool = True) -> tuple[int | None, ...]:
    """Net and VAT of each rate, None where there is none of it."""
    by_rate = {rate: (gross - vat, vat) for rate, gross, vat in sums}
    found: list[int | None] = []
    for rate in rates:
        net, vat = by_rate.get(rate, (None, None))
        found += [net if nets else None, vat]
    return tuple(found)


def first_of_quarter(day: date) -> date:
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def period_text(day: date | None) -> str:
    """A quarter, "2026-Q1"; empty for what is in no book."""
    return "{}-Q{}".format(*quarter_of(day)) if day else ""


def named(about: About) -> DocumentName:
    return DocumentName(about.key, about.kind, about.number, about.date)


def tax_number(tax_id: str, kpp: str) -> str:
    return f"{tax_id}/{kpp}" if kpp else tax_id


def _row(item: Registered, rates: Sequence[str]) -> InvoiceRow:
    sign = -1 if item.is_down else 1
    sums = [(rate, sign * gross, sign * vat) for rate, gross, vat in item.sums]
    remark = "differs" if item.differs else "late" if item.is_late and item.status == "posted" else "named" if item.difference else ""
    return InvoiceRow(
        item.entered, named(item.document), item.number, item.date if item.date != item.entered else None,
        item.received if item.received != item.entered else None, item.kind, item.code, item.counterparty,
        tax_number(item.tax_id, item.kpp), named(item.base), sign * item.gross, sign * (item.gross - item.vat), sign * item.vat,
        amounts_of(sums, rates), period_text(item.book_day), item.status, remark, item.unit, item.currency,
    )  # fmt: skip


def _total(gross: int, vat: int, currency: str, rates: int) -> InvoiceRow:
    return InvoiceRow(
        None, NO_DOCUMENT, "", None, None, "", "", "", "", NO_DOCUMENT, gross, gross - vat, vat, (None,) * (2 * rates), "", "", "", "",
        currency,
    )  # fmt: skip


class WantingRow(NamedTuple):
    """`days`: how many days the invoice is late on the day of the report."""

    date: datetime.date
    document: DocumentName
    unit: str
    counterparty: str
    amount: int
    currency: str
    days: int | None


WANTING_COLUMNS = (
    Column("date", "date"),
    Column("document", "document", undated=True),
    Column("unit", named_by="unit"),
    Column("counterparty"),
    Column("amount", "money"),
    Column("currency"),
    Column("days", "count", heading="invoice-days-late", optional=True),
)
WANTED_MAX = 10_000


def missing_invoices(conn: Connection[Any], question: Question) -> Report:
    """Two lists: what we have not issued, and what suppliers have not sent. Since the first invoice of each unit, or a later day."""
    first, units = question.since or FIRST, question.scope.units
    ours = not_issued(conn, kept_since(conn, units, "issued", first), question.as_of, question.as_of, limit=WANTED_MAX)
    theirs = not_received(conn, kept_since(conn, units, "received", first), question.as_of, question.as_of, limit=WANTED_MAX)
    sections = [
        Section([_wanting(item, is_ours=is_ours) for item in items], heading=Note(label, {"count": len(items)}))
        for label, items, is_ours in (("not-issued", ours, True), ("not-received", theirs, False))
        if items
    ]
    return Report("missing-invoices", question, WANTING_COLUMNS, sections, of_contour=False)


def _wanting(item: Wanting, *, is_ours: bool) -> WantingRow:
    late = item.late_by if is_ours else 0
    return WantingRow(item.document.date, named(item.document), item.unit, item.counterparty, item.total, item.currency, late or None)
