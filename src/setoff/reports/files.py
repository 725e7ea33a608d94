"""A report as a file: JSON for machines, CSV and XLSX for spreadsheets.

JSON is the same in every language but for its titles: amounts and rates are decimal texts, dates ISO, terms codes. CSV and XLSX
hold exactly what the table shows, with headings in the language; amounts are plain numbers. A text that a spreadsheet would
take for a formula is written so that it stays a text.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

from setoff.core.cells import safe_cell
from setoff.core.money import format_amount
from setoff.language import Language, text
from setoff.reports.cells import cell_text, heading_text, plain_cell
from setoff.reports.heading import note_text, question_lines, title_text, total_text
from setoff.reports.report import Column, Report, Section, Total

EXACT_DIGITS = 15
"""A spreadsheet's number is exact to so many digits; a longer amount is written as text rather than changed."""


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
    rows = [
        {**({"level": row.level} if hasattr(row, "level") else {}), **{c.key: plain_cell(c, row) for c in report.columns}}
        for row in section.rows
    ]
    return {
        "heading": note_text(section.heading, language) if section.heading else None,
        "opening": [_total_object(total, report) for total in section.opening],
        "rows": rows,
        "totals": [_total_object(total, report) for total in section.totals],
        "notes": [note_text(note, language) for note in section.notes],
    }


def _total_object(total: Total, report: Report) -> dict[str, Any]:
    amounts = {column.key: plain_cell(column, total.row) for column in report.columns if column.kind == "money"}
    return {"label": total.label, **total.facts, **amounts}


def lines(report: Report, language: Language) -> Iterator[Line]:
    """The report as a spreadsheet, top to bottom. Amounts are Decimal, dates are dates, everything else is text."""
    columns = report.columns
    yield Line("title", [title_text(report, language)])
    for line in question_lines(report, language):
        yield Line("note", [line])
    for section in report.sections:
        if section.heading:
            yield Line("note", [note_text(section.heading, language)])
        yield Line("heading", [heading_text(column, language) for column in columns])
        for total in section.opening:
            yield _total_line(total, columns, language)
        for row in section.rows:
            yield Line("row", [_sheet_cell(column, row, language) for column in columns])
        for total in section.totals:
            yield _total_line(total, columns, language)
        for note in section.notes:
            yield Line("note", [note_text(note, language)])
    if not report.sections:
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
    output = StringIO()
    writer = csv.writer(output, lineterminator="\r\n")
    for line in lines(report, language):
        writer.writerow([safe_cell(cell) if isinstance(cell, str) else f"{cell:f}" if isinstance(cell, Decimal) else str(cell)
                         for cell in line.cells])  # fmt: skip
    return output.getvalue()


def render_xlsx(report: Report, language: Language) -> bytes:
    """One sheet; amounts are numbers with the decimals of their currency, dates are dates, nothing is a formula or a link."""
    from xlsxwriter import Workbook

    output = BytesIO()
    as_typed = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = Workbook(output, {"in_memory": True, **as_typed})
    styles: dict[tuple[str, str], Any] = {}

    def style(label: str, number: str = "General") -> Any:
        if (label, number) not in styles:
            line = {"bold": label in ("title", "heading", "total"), "bottom": int(label == "heading")}
            styles[label, number] = book.add_format({**line, "num_format": number})
        return styles[label, number]

    sheet = book.add_worksheet(title_text(report, language)[:31])
    for place, column in enumerate(report.columns):
        sheet.set_column(place, place, {"text": 24, "document": 36, "money": 18}.get(column.kind, 14))
    for number, line in enumerate(lines(report, language)):
        for place, cell in enumerate(line.cells):
            _write_cell(sheet, (number, place), cell, lambda number_format, label=line.label: style(label, number_format))
    book.close()
    return output.getvalue()


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
