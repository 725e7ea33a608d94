"""A report as a file: JSON and JSON Lines for machines, CSV and XLSX for spreadsheets.

JSON is the same in every language but for its titles: amounts and rates are decimal texts, dates ISO, terms codes; JSON Lines have its rows
and totals, one to a line. CSV and XLSX hold exactly what the table shows, with headings in the language; amounts are plain numbers. A
text that a spreadsheet would take for a formula is written so that it stays a text.

What may be long is written from the parts of a report (reports/portions.py), so that a file of any length needs the memory of one part.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO, StringIO
from itertools import chain
from typing import IO, Any, Final

from setoff.core.cells import safe_cell
from setoff.core.money import format_amount
from setoff.language import Language, text
from setoff.reports.cells import cell_text, heading_text, plain_cell
from setoff.reports.heading import note_text, question_lines, title_text, total_text
from setoff.reports.report import Column, Report, Section, Total

EXACT_DIGITS: Final = 15
"""A spreadsheet's number is exact to so many digits; a longer amount is written as text rather than changed."""
SHEET_ROWS: Final = 1 << 20
"""A spreadsheet has no more rows; what follows stands on the next sheet."""
NO_SHEET_NAME: Final = re.compile(r"[\[\]:*?/\\]")
"""What the name of a sheet may not hold."""
PIECE: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a spreadsheet: label "title", "heading", "row", "total" or "note", and its cells."""

    label: str
    cells: list[Any]


def render_json(report: Report, language: Language) -> str:
    question = report.question
    content = {
        "report": report.name,
        "title": title_text(report, language),
        "as_of": question.as_of.isoformat(),
        "from": question.since.isoformat() if question.since else None,
        "known_at": question.known_at.isoformat() if question.known_at else None,
        "contour": question.contour,
        "group_by": list(question.group_by),
        "filters": {name: list(values) for name, values in question.names if name != "group-by"},
        "columns": [
            {"key": column.key, "kind": column.kind, "title": heading_text(column, language)} for column in report.columns
        ],
        "sections": [_section_object(section, report, language) for section in report.sections],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _section_object(section: Section, report: Report, language: Language) -> dict[str, Any]:
    return {
        "heading": note_text(section.heading, language) if section.heading else None,
        "opening": [_total_object(total, report) for total in section.opening],
        "rows": [_row_object(row, report) for row in section.rows],
        "totals": [_total_object(total, report) for total in section.totals],
        "notes": [note_text(note, language) for note in section.notes],
    }


def _row_object(row: Any, report: Report) -> dict[str, Any]:
    return {**({"level": row.level} if hasattr(row, "level") else {}), **{c.key: plain_cell(c, row) for c in report.columns}}


def _total_object(total: Total, report: Report) -> dict[str, Any]:
    amounts = {column.key: plain_cell(column, total.row) for column in report.columns if column.kind == "money"}
    return {"label": total.label, **total.facts, **amounts}


def jsonl_pieces(parts: Iterable[Report], _language: Language) -> Generator[bytes]:
    """A line for every row, and for every total ("totals"); keys and values as in JSON."""
    for report, section, is_first, is_last in _sections(parts):
        for total in section.opening if is_first else ():
            yield _json_line({"totals": _total_object(total, report)})
        for row in section.rows:
            yield _json_line(_row_object(row, report))
        for total in section.totals if is_last else ():
            yield _json_line({"totals": _total_object(total, report)})


def _json_line(content: dict[str, Any]) -> bytes:
    return f"{json.dumps(content, ensure_ascii=False)}\n".encode()


def _sections(parts: Iterable[Report]) -> Iterator[tuple[Report, Section, bool, bool]]:
    """The sections of a report that comes in parts, in turn: whether it begins with this one (else it goes on), and whether it ends."""
    is_first = True
    for report in parts:
        for place, section in enumerate(report.sections):
            is_last = report.following is None or place < len(report.sections) - 1
            yield report, section, is_first, is_last
            is_first = is_last


def lines(parts: Iterable[Report], language: Language) -> Iterator[Line]:
    """The report as a spreadsheet, top to bottom. Amounts are Decimal, dates are dates, everything else is text."""
    coming = iter(parts)
    begun = next(coming)
    yield Line("title", [title_text(begun, language)])
    for line in question_lines(begun, language):
        yield Line("note", [line])
    is_empty = True
    for report, section, is_first, is_last in _sections(chain([begun], coming)):
        is_empty, columns = False, report.columns
        if is_first and section.heading:
            yield Line("note", [note_text(section.heading, language)])
        if is_first:
            yield Line("heading", [heading_text(column, language) for column in columns])
            yield from (_total_line(total, columns, language) for total in section.opening)
        for row in section.rows:
            yield Line("row", [_sheet_cell(column, row, language) for column in columns])
        if is_last:
            yield from (_total_line(total, columns, language) for total in section.totals)
            yield from (Line("note", [note_text(note, language)]) for note in section.notes)
    if is_empty:
        yield Line("note", [text(language, "report-empty")])


def _total_line(total: Total, columns: Any, language: Language) -> Line:
    cells = [_sheet_cell(column, total.row, language) if column.kind == "money" else "" for column in columns]
    return Line("total", [total_text(total, language), *cells[1:]])


def _sheet_cell(column: Column, row: Any, language: Language) -> Any:
    value = column.value(row)
    if value is None:
        return ""
    if column.kind == "money":
        return Decimal(format_amount(value, getattr(row, column.currency)))
    return value if column.kind in ("date", "decimal", "count") else cell_text(column, row, language)


def render_csv(report: Report, language: Language) -> str:
    """Comma separated, RFC 4180; dates ISO, amounts with a decimal point."""
    return b"".join(csv_pieces([report], language)).decode()


def csv_pieces(parts: Iterable[Report], language: Language) -> Iterator[bytes]:
    """The same in pieces, as UTF-8."""
    output = StringIO()
    writer = csv.writer(output, lineterminator="\r\n")
    for line in lines(parts, language):
        writer.writerow([safe_cell(cell) if isinstance(cell, str) else f"{cell:f}" if isinstance(cell, Decimal) else str(cell)
                         for cell in line.cells])  # fmt: skip
        if output.tell() > PIECE:
            yield output.getvalue().encode()
            output.seek(0)
            output.truncate()
    yield output.getvalue().encode()


def render_xlsx(report: Report, language: Language) -> bytes:
    """Amounts are numbers with the decimals of their currency, dates are dates, nothing is a formula or a link."""
    output = BytesIO()
    write_xlsx([report], language, output)
    return output.getvalue()


def write_xlsx(parts: Iterable[Report], language: Language, file: IO[bytes]) -> None:
    """The same into a file; rows go to the disk as they come."""
    from xlsxwriter import Workbook

    coming = iter(parts)
    begun = next(coming)
    as_typed = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(file, {"constant_memory": True, **as_typed}) as book:
        sheets = _Sheets(book, begun, language)
        for line in lines(chain([begun], coming), language):
            sheets.write(line)


class _Sheets:
    """The sheets of a workbook, the next when one is full."""

    def __init__(self, book: Any, report: Report, language: Language) -> None:
        self.book, self.columns, self.title = book, report.columns, NO_SHEET_NAME.sub(" ", title_text(report, language))[:27]
        self.styles: dict[tuple[str, str], Any] = {}
        self.count = self.row = 0
        self._begin()

    def write(self, line: Line) -> None:
        if self.row == SHEET_ROWS:
            self._begin()
        for place, cell in enumerate(line.cells):
            _write_cell(self.sheet, (self.row, place), cell, lambda number_format: self._style(line.label, number_format))
        self.row += 1

    def _begin(self) -> None:
        self.count, self.row = self.count + 1, 0
        self.sheet = self.book.add_worksheet(self.title if self.count == 1 else f"{self.title} {self.count}")
        for place, column in enumerate(self.columns):
            self.sheet.set_column(place, place, {"text": 24, "document": 36, "money": 18}.get(column.kind, 14))

    def _style(self, label: str, number: str) -> Any:
        if (label, number) not in self.styles:
            line = {"bold": label in ("title", "heading", "total"), "bottom": int(label == "heading")}
            self.styles[label, number] = self.book.add_format({**line, "num_format": number})
        return self.styles[label, number]


def _write_cell(sheet: Any, place: tuple[int, int], cell: Any, style: Any) -> None:
    if isinstance(cell, Decimal):
        exponent = cell.as_tuple().exponent
        digits = -exponent if isinstance(exponent, int) and exponent < 0 else 0
        number_format = f"#,##0.{'0' * digits}" if digits else "#,##0"
        if len(cell.as_tuple().digits) > EXACT_DIGITS:
            sheet.write_string(*place, f"{cell:f}", style("General"))
        else:
            sheet.write_number(*place, cell, style(number_format))
    elif isinstance(cell, int):
        sheet.write_number(*place, cell, style("0"))
    elif isinstance(cell, str):
        sheet.write_string(*place, cell, style("General"))
    else:
        sheet.write_datetime(*place, cell, style("yyyy-mm-dd"))
