"""The books of sales and of purchases (decree 1137 of 26 December 2011, annexes 4 and 5), as far as our data has their columns.

A book is of a quarter: the one of the day asked for, unless a first day is given. What was entered when the quarter was over stands on
additional sheets, below the book. Where several currencies meet, each has its own totals. Lines of an advance have no amount without VAT.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from psycopg import Connection

from setoff.reports.invoices import amounts_of, first_of_quarter, named, rate_columns, rates_of, tax_number
from setoff.reports.report import NO_DOCUMENT, Column, DocumentName, Note, Question, Report, Section, Total
from setoff.settlements.invoices.queries import Asked, Book, BookLine, Place, book_lines, book_sums


class BookRow(NamedTuple):
    """A line. `place`: its number in the book; `invoice`: number and day of the invoice, `correction` of the invoice that corrects it,
    `replaced` of a corrected one. `paid`: of an advance, the payment; `registered`: of a purchase, the day the goods were taken in."""

    place: int | None
    code: str
    invoice: str
    invoice_date: datetime.date | None
    replacement: str
    correction: str
    counterparty: str
    tax_number: str
    paid: DocumentName
    registered: datetime.date | None
    currency: str
    gross: int | None
    amounts: tuple[int | None, ...]
    vat: int
    document: DocumentName
    unit: str


def sales_book(conn: Connection[Any], question: Question) -> Report:
    return _book(conn, question, "sales", "sales-book")


def purchase_book(conn: Connection[Any], question: Question) -> Report:
    return _book(conn, question, "purchases", "purchase-book")


def _book(conn: Connection[Any], question: Question, book: Book, name: str) -> Report:
    asked = Asked(book, question.scope.units, question.since or first_of_quarter(question.as_of), question.as_of)
    portion = question.portion
    place = None
    if portion is not None:
        after = (date.fromordinal(portion.after[0]), portion.after[1], portion.after[2]) if portion.after else None
        place = Place(portion.rows_max + 1, after)
    found = book_lines(conn, asked, place)
    shown = found[: portion.rows_max] if portion else found
    rates = rates_of(line.sums for line in shown)
    main = [line for line in shown if line.sheet is None]
    rows = [_row(line, rates, number, book) for number, line in enumerate(main, 1)]
    if portion is not None and portion.after is not None:
        rows = [row._replace(place=None) for row in rows]  # what stands before this page was not counted
    gross, vat, count = book_sums(conn, asked, sheets=False)
    is_whole = portion is None or (portion.after is None and len(found) == len(shown))
    totals = _totals(main, rates) if is_whole else _sums(gross, vat, main, rates)
    sections = [Section(rows, totals if count else [])] if rows else []
    sheets: dict[date, list[BookLine]] = defaultdict(list)
    for line in shown:
        if line.sheet is not None:
            sheets[line.sheet].append(line)
    for day, lines in sorted(sheets.items()):
        own = [_row(line, rates, number, book) for number, line in enumerate(lines, 1)]
        sections.append(Section(own, _totals(lines, rates), heading=Note("additional-sheet", {"day": day})))
    following = (shown[-1].day.toordinal(), shown[-1].document_id, shown[-1].line) if len(found) > len(shown) else None
    return Report(name, replace(question, since=asked.first), _columns(book, rates), sections, of_contour=False, following=following)


def _columns(book: Book, rates: Sequence[str]) -> tuple[Column, ...]:
    """Columns of the form by number: 1 to 8 and 11 to 19 of the book of sales, 1 to 10 and 14 to 16 of the book of purchases."""
    return (
        Column("place", "count", heading="place-in-book", optional=True),
        Column("code", heading="operation-code"),
        Column("invoice", heading="seller-invoice"),
        Column("invoice_date", "date"),
        Column("replacement", heading="corrected-invoice", optional=True),
        Column("correction", heading="correction-invoice", optional=True),
        Column("paid", "document", heading="paid-by", optional=True),
        *([Column("registered", "date", heading="taken-in")] if book == "purchases" else []),
        Column("counterparty", heading="seller" if book == "purchases" else "buyer"),
        Column("tax_number", optional=True),
        Column("currency"),
        Column("gross", "money", heading="gross-in-book"),
        *(rate_columns(rates, single=True) if book == "sales" else ()),
        Column("vat", "money", heading="vat-deducted-in-book" if book == "purchases" else "vat-in-book", shows_zero=True),
        Column("document", "document", heading="entered-by"),
        Column("unit", named_by="unit"),
    )


def _row(line: BookLine, rates: Sequence[str], place: int, book: Book) -> BookRow:
    is_event = line.code in ("21", "22")
    of = f"{line.of_number} · {line.of_date.isoformat()}" if line.of_date else ""
    own = f"{line.number} · {line.date.isoformat()}" if line.date else line.number
    number, day, replacement, correction = line.number, line.date, "", ""
    if line.kind == "corrected":
        number, day, replacement = line.of_number, line.of_date, own
    elif line.kind == "correction" and of:
        number, day, correction = line.of_number, line.of_date, own
    paid = named(line.base) if line.base and line.family == "advance" else NO_DOCUMENT
    registered = line.base.date if book == "purchases" and line.base and line.family != "advance" else None
    gross = line.gross or None if is_event else line.gross
    return BookRow(
        place, line.code, number, day, replacement, correction, line.counterparty, tax_number(line.tax_id, line.kpp), paid, registered,
        line.currency, gross, amounts_of(line.sums, rates, nets=line.family != "advance"), line.vat, named(line.document), line.unit,
    )  # fmt: skip


def _totals(lines: Sequence[BookLine], rates: Sequence[str]) -> list[Total]:
    """By currency, with the columns of the rates."""
    by_currency: dict[str, list[BookLine]] = defaultdict(list)
    for line in lines:
        by_currency[line.currency].append(line)
    totals = []
    for currency, found in sorted(by_currency.items()):
        columns = [amounts_of(line.sums, rates, nets=line.family != "advance") for line in found]
        sums = tuple(sum(amounts[place] or 0 for amounts in columns) for place in range(2 * len(rates)))
        gross = sum(line.gross for line in found if line.code not in ("21", "22"))
        totals.append(Total("total-in", _total(currency, gross, sums, sum(line.vat for line in found)), {"currency": currency}))
    return totals


def _sums(gross: int, vat: int, lines: Sequence[BookLine], rates: Sequence[str]) -> list[Total]:
    """Of the whole book beside a page of it; of several currencies none."""
    currencies = {line.currency for line in lines}
    if len(currencies) != 1:
        return []
    currency = currencies.pop()
    return [Total("total-in", _total(currency, gross, (None,) * (2 * len(rates)), vat), {"currency": currency})]


def _total(currency: str, gross: int, amounts: tuple[int | None, ...], vat: int) -> BookRow:
    return BookRow(None, "", "", None, "", "", "", "", NO_DOCUMENT, None, currency, gross, amounts, vat, NO_DOCUMENT, "")
