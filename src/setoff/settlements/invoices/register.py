"""The register of invoices and the lines of the books: written with the version that posts an invoice, kept as annulled when it is taken
out of the books.

| invoice                  | book      | in the quarter of                                                      |
| ---                      | ---       | ---                                                                    |
| issued, but a decrease   | sales     | its supply or advance                                                  |
| issued, a decrease       | purchases | the invoice; where the chart keeps no VAT of decreases aside, sales, - |
| received, but a decrease | purchases | the invoice; where the supply deducts its VAT, that of the supply      |
| received, a decrease     | sales     | the invoice; where the supply deducts its VAT, purchases, -            |

What is entered when its quarter is over (a corrected invoice) or its return is due (the 25th of the next month) is on an additional sheet.
A corrected invoice takes its original out of the book where that is. Rules of the books: decree 1137 of 26 December 2011.

Errors: base_invoiced (somebody was faster).
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final, NamedTuple

import psycopg

from setoff.core.chart import Role
from setoff.core.errors import DomainError, ErrorCode
from setoff.settlements.records import DocumentRow
from setoff.trade.directory import Directory
from setoff.trade.documents import AnyDocument
from setoff.trade.fields import day_of, day_or_none
from setoff.trade.invoice import Read, code_of, quarter_of, read_invoice
from setoff.trade.invoice_documents import IssuedInvoice, ReceivedInvoice

FILING_DAYS: Final = 25
"""Of the month after a quarter: so long an invoice of that quarter goes into its book."""
RELEASE_SQL: Final = """
  with freed as (
    update invoice set status = 'posted' where unit_id = %(unit)s and status = 'replaced'
     and document_id = (select original_id from invoice where unit_id = %(unit)s and document_id = %(id)s and kind = 'corrected')
    returning document_id)
  update invoice_base set is_valid = true where unit_id = %(unit)s and document_id in (select document_id from freed)"""
INVALID_SQL: Final = "update invoice_base set is_valid = false where unit_id = %s and document_id = %s"
ANNUL_SQL: Final = "update invoice set status = 'annulled', version_id = %s where unit_id = %s and document_id = %s"
REPLACE_SQL: Final = "update invoice set status = 'replaced' where unit_id = %s and document_id = %s"
ORIGINAL_SQL: Final = """
  select book, day, gross, vat, sign from invoice_line where unit_id = %s and document_id = %s and line = 1"""


class Line(NamedTuple):
    """A line of a book: whose sums (`source_id`) with which sign, in whose quarter, on which sheet, booked when."""

    book: str
    day: date
    sheet: date | None
    booked: date
    source_id: int
    sign: int
    gross: int
    vat: int


def keep_invoice(conn: psycopg.Connection[Any], document: AnyDocument, row: DocumentRow, directory: Directory) -> None:
    """The register has an invoice as its newest version says; any other document leaves it alone. Errors: base_invoiced."""
    if not isinstance(document, IssuedInvoice | ReceivedInvoice):
        return
    conn.execute(INVALID_SQL, [row.unit_id, row.id])
    conn.execute(RELEASE_SQL, {"unit": row.unit_id, "id": row.id})
    if row.status != "posted":
        conn.execute(ANNUL_SQL, [row.version_id, row.unit_id, row.id])
        conn.execute("delete from invoice_line where unit_id = %s and document_id = %s", [row.unit_id, row.id])
        return
    read = read_invoice(document, row.id, directory)
    lines = lines_of(read, row.id)
    if read.original is not None and document.invoice_kind == "corrected":
        original = conn.execute(ORIGINAL_SQL, [row.unit_id, read.original.id]).fetchone()
        if original is not None and lines:
            lines = [*_corrected(lines[0], read), _taken_out(read, *original)]
        conn.execute(REPLACE_SQL, [row.unit_id, read.original.id])
        conn.execute(INVALID_SQL, [row.unit_id, read.original.id])
    conn.execute("delete from invoice where unit_id = %s and document_id = %s", [row.unit_id, row.id])
    _write(conn, read, row, lines)


def lines_of(read: Read, document_id: int) -> list[Line]:
    """The table above: one line, or none for what is in no book."""
    chart, document = read.setting.unit.chart, read.document
    gross, vat = sum(item.gross for item in read.stated), sum(item.vat for item in read.stated)
    entered, supplied_on = read.setting.day, read.base_day
    if not read.setting.in_reg or any(base.kind.startswith("opening_") for base in read.bases):
        return []
    sign = 1
    if isinstance(document, ReceivedInvoice):
        book, day = "purchases", entered
        if read.family != "advance" and chart.input_vat == "deducted":
            sign, day = -1 if read.is_down else 1, supplied_on
        elif not document.deduct:
            return []
        elif read.is_down:
            book = "sales"
    elif read.is_down and chart.role(Role.VAT_ON_DECREASE) != chart.role(Role.VAT_OUTPUT):
        book, day = "purchases", entered
    else:
        book, day, sign = "sales", supplied_on, -1 if read.is_down else 1
    sheet = entered if entered > filing_day(day) else None
    return [Line(book, day, sheet, day, document_id, sign, sign * gross, sign * vat)]


def _corrected(line: Line, read: Read) -> list[Line]:
    """A corrected invoice is on an additional sheet as soon as the quarter of its book is over."""
    entered = read.setting.day
    return [line._replace(sheet=entered if quarter_of(line.day) != quarter_of(entered) else None)]


def _taken_out(read: Read, book: str, day: date, gross: int, vat: int, sign: int) -> Line:
    """The original with the opposite sign, in its own quarter. What a received one deducted is given back when it is corrected."""
    assert read.original is not None
    entered = read.setting.day
    sheet = entered if quarter_of(day) != quarter_of(entered) else None
    booked = entered if isinstance(read.document, ReceivedInvoice) or read.is_down else day
    return Line(book, day, sheet, booked, read.original.id, -sign, -gross, -vat)


def filing_day(day: date) -> date:
    """The last day on which an invoice of a day's quarter goes into its book: the 25th after the quarter."""
    year, quarter = quarter_of(day)
    month = quarter * 3
    return date(year + month // 12, month % 12 + 1, FILING_DAYS)


def _write(conn: psycopg.Connection[Any], read: Read, row: DocumentRow, lines: list[Line]) -> None:
    document = read.document
    number, day, received = row.number, row.date, None
    is_received = isinstance(document, ReceivedInvoice)
    if isinstance(document, ReceivedInvoice):
        number, day = document.incoming_number.strip(), day_of(document.incoming_date, "incoming_date")
        received = day_or_none(document.received, "received") or row.date
    values = [
        row.unit_id, row.id, row.version_id, "received" if is_received else "issued", document.invoice_kind, read.family, "posted", number,
        day, row.date, received, read.party.id, code_of(read), read.is_down, isinstance(document, ReceivedInvoice) and document.deduct,
        sum(item.gross for item in read.stated), sum(item.vat for item in read.stated), read.base_day,
        read.original.id if read.original else None, document.difference,
    ]  # fmt: skip
    conn.execute(f"insert into invoice values ({', '.join(['%s'] * len(values))})", values)
    for place, item in enumerate(read.stated, 1):
        conn.execute("insert into invoice_sum values (%s, %s, %s, %s, %s, %s)", [row.unit_id, row.id, place, *item])
    for place, line in enumerate(lines, 1):
        conn.execute(
            f"insert into invoice_line values (%s, %s, %s{', %s' * len(Line._fields)})", [row.unit_id, row.id, place, *line]
        )
    for place, base in enumerate(read.bases, 1):
        try:
            said = conn.execute(
                "insert into invoice_base select %s, %s, id, %s, posted_version_id, true from document where unit_id = %s and id = %s"
                " returning base_id",
                [row.unit_id, row.id, place, row.unit_id, base.id],
            )
            said.fetchone()
        except psycopg.errors.UniqueViolation:
            raise DomainError(
                ErrorCode.BASE_INVOICED, base=base.number, kind=base.kind, invoice="", field=f"bases[{place - 1}].document"
            ) from None
