"""The verb on invoices: issue all that are missing in a period, in the order of what they are for (spec 2.1).

Each is dated like its document, or all on one day; numbers follow one another without gaps. One that is refused is told and the others are
issued. Errors: unknown_reference (unit), invalid_value (the period).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import msgspec
import psycopg

from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import format_amount
from setoff.settlements.invoices.missing import ADVANCES, Wanting, accrued, issue_by, kept_since, not_issued
from setoff.settlements.services import post_document
from setoff.trade.documents import AnyDocument, Correction, Purchase, Return
from setoff.trade.invoice import ISSUED, RECEIVED
from setoff.trade.invoice_documents import InvoiceBase, InvoiceSum, IssuedInvoice, ReceivedInvoice
from setoff.trade.kinds import kind_of
from setoff.trade.queries import decode_document

BASE_SQL: Final = """
  select version.content, organization.book_currency
  from document join version on version.unit_id = document.unit_id and version.id = document.version_id
  join unit on unit.id = document.unit_id join organization on organization.id = unit.organization_id where document.id = %s"""
ORIGINAL_SQL: Final = """
  select invoice.key from document base join invoice_base named on named.base_id = base.id and named.is_valid
  join document invoice on invoice.unit_id = named.unit_id and invoice.id = named.document_id where base.key = %s"""
TOLD_SQL: Final = "select gross, vat, code from invoice where unit_id = %s and document_id = %s"


class Period(NamedTuple):
    """What is to be issued: for documents of a unit from one day to another; all dated `day`, or each like its document; so many
    `at_most`."""

    unit: str
    first: date
    last: date
    day: date | None = None
    at_most: int = 10_000


class Issued(NamedTuple):
    """An invoice that was issued, or why not. `is_late`: later than five days after what it is for."""

    wanting: Wanting
    date: date
    number: str
    key: str
    gross: int
    vat: int
    code: str
    currency: str
    is_late: bool
    refusal: DomainError | None = None


def issue_invoices(conn: psycopg.Connection[Any], wanted: Period, actor: Actor, *, every: bool = False) -> Iterator[Issued]:
    """Issue what is missing, one after another. `every`: also for documents from before the first invoice of the unit."""
    row = conn.execute("select id from unit where code = %s", [wanted.unit]).fetchone()
    if row is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="unit", value=wanted.unit, field="unit")
    if wanted.last < wanted.first or (wanted.day is not None and wanted.day < wanted.first):
        raise DomainError(ErrorCode.INVALID_VALUE, field="last", value=wanted.last.isoformat(), expected=f">= {wanted.first.isoformat()}")
    last = wanted.last if wanted.day is None else min(wanted.last, wanted.day)
    since = {row[0]: wanted.first} if every else kept_since(conn, [row[0]], "issued", wanted.first)
    found = not_issued(conn, since, last, wanted.day or last, limit=wanted.at_most)
    sums = accrued(conn, [item.document_id for item in found if item.document.kind in ADVANCES])
    for item in found:
        yield _issue(conn, item, wanted, [InvoiceSum(**said) for said in _said(sums.get(item.document_id, ()), item.currency)], actor)


def _said(sums: Sequence[tuple[str, int, int]], currency: str) -> list[dict[str, str]]:
    return [
        {"vat_rate": rate, "amount": format_amount(gross, currency), "vat": format_amount(vat, currency)} for rate, gross, vat in sums
    ]


def _issue(conn: psycopg.Connection[Any], item: Wanting, wanted: Period, sums: list[InvoiceSum], actor: Actor) -> Issued:
    content, currency = conn.execute(BASE_SQL, [item.document_id]).fetchone() or ("", "")
    day = wanted.day or item.document.date
    is_late = day > issue_by(item.document.date)
    said = msgspec.structs.replace(_invoice(conn, decode_document(content), "issued_invoice", day), sums=sums)
    try:
        with conn.transaction():
            outcome = post_document(conn, said, actor)
    except DomainError as refusal:
        return Issued(item, day, "", "", 0, 0, "", currency, is_late, refusal)
    gross, vat, code = conn.execute(TOLD_SQL, [item.unit_id, outcome.document_id]).fetchone() or (0, 0, "")
    return Issued(item, day, outcome.number, outcome.key, gross, vat, code, currency, is_late)


def invoice_on(conn: psycopg.Connection[Any], document: AnyDocument, kind: str, day: date) -> IssuedInvoice | ReceivedInvoice:
    """The invoice for a document, not saved yet: of a correction with the invoice of what it corrects, of an advance received with what was
    accrued on it."""
    made = _invoice(conn, document, kind, day)
    if made.invoice_kind != "advance":
        return made
    row = conn.execute("select id, currency from document where key = %s", [document.key]).fetchone()
    sums = accrued(conn, [row[0]]).get(row[0], []) if row else []
    return msgspec.structs.replace(made, sums=[InvoiceSum(**said) for said in _said(sums, row[1] if row else "")])


def _invoice(conn: psycopg.Connection[Any], document: AnyDocument, kind: str, day: date) -> IssuedInvoice | ReceivedInvoice:
    families = ISSUED if kind == "issued_invoice" else RECEIVED
    family: Any = families.get(kind_of(document), "shipment")
    base = document.base if isinstance(document, Correction | Return) else ""
    row = conn.execute(ORIGINAL_SQL, [base]).fetchone() if base else None
    said: dict[str, Any] = {
        "unit": document.unit, "date": day.isoformat(), "invoice_kind": family, "bases": [InvoiceBase(document=document.key)],
        "original": row[0] if row else "",
    }  # fmt: skip
    if kind == "issued_invoice":
        return IssuedInvoice(**said)
    paper = (document.incoming_number, document.incoming_date) if isinstance(document, Purchase) else ("", "")
    return ReceivedInvoice(**said, incoming_number=paper[0], incoming_date=paper[1])
