"""A report as a table of a page: cells as people read them, with the class that aligns them and the page they lead to."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, NamedTuple

from setoff.language import Language, text
from setoff.pages.drill import expand_link_of, link_of, total_link_of
from setoff.reports.cells import cell_text, heading_text
from setoff.reports.heading import note_text, total_text
from setoff.reports.report import Column, Report, Section, Total
from setoff.reports.table import NUMERIC, is_shown

MINUS = "\N{MINUS SIGN}"
TEXT_MAX = 240
"""Longer texts (a document of hundreds of parties) are cut on a page; files have them whole."""


class Cell(NamedTuple):
    """`kind` is the class of the cell: text, figure, negative, date. `link` is empty or an address."""

    text: str
    kind: str = "text"
    link: str = ""


class Row(NamedTuple):
    """`expand`: where the rows that this one sums up are found; empty when it is not a sum of groups. `is_wrong`: what it says must not
    be so."""

    cells: list[Cell]
    level: int = 0
    expand: str = ""
    is_wrong: bool = False


class PageTable(NamedTuple):
    """A section of a report."""

    heading: str
    columns: list[Cell]
    opening: list[Row]
    rows: list[Row]
    totals: list[Row]
    notes: list[str]


def table_of(report: Report, language: Language) -> list[PageTable]:
    named = {name for name, values in report.question.names if len(values) == 1}
    return [_section(section, report, language, named) for section in report.sections]


def cells_of(row: Row, language: Language) -> str:
    """The cells as HTML, written here and not by a template: pages have thousands of them."""
    parts = []
    for place, cell in enumerate(row.cells):
        shown = escape(cell.text)
        if cell.link:
            shown = f'<a href="{escape(cell.link)}">{shown}</a>'
        if row.expand and place == 0:
            named = escape(text(language, "report-expand", name=cell.text))
            opened = f'<a class="expand" href="{escape(row.expand)}" aria-expanded="false" aria-label="{named}">+</a>'
            shown = f"<row-parts>{opened}</row-parts> {shown}"
        parts.append(f'<td class="{escape(cell.kind)}">{shown}</td>')
    return "".join(parts)


def _section(section: Section, report: Report, language: Language, named: set[str]) -> PageTable:
    columns = [column for column in report.columns if column.named_by not in named and is_shown(column, section)]
    return PageTable(
        heading=note_text(section.heading, language) if section.heading else "",
        columns=[Cell(heading_text(column, language), _kind(column, "")) for column in columns],
        opening=[_total(report, total, columns, language) for total in section.opening],
        rows=[_row(report, row, columns, language) for row in section.rows],
        totals=[_total(report, total, columns, language) for total in section.totals],
        notes=[note_text(note, language) for note in section.notes],
    )


def _row(report: Report, row: Any, columns: Sequence[Column], language: Language) -> Row:
    cells = [_cell(report, column, row, language) for column in columns]
    return Row(cells, getattr(row, "level", 0), expand_link_of(report, row), getattr(row, "is_wrong", False))


def _cell(report: Report, column: Column, row: Any, language: Language) -> Cell:
    shown = cell_text(column, row, language)
    if len(shown) > TEXT_MAX:
        shown = shown[: TEXT_MAX - 1] + "\N{HORIZONTAL ELLIPSIS}"
    return Cell(shown.replace("-", MINUS) if column.kind == "money" else shown, _kind(column, shown), link_of(report, column, row))


def _total(report: Report, total: Total, columns: Sequence[Column], language: Language) -> Row:
    """The label stands in the first column, as in a terminal; only amounts are shown beside it, zeros too."""
    cells = [Cell(total_text(total, language))]
    for column in columns[1:]:
        shown = cell_text(column, total.row, language, zeros=True) if column.kind in NUMERIC else ""
        cells.append(Cell(shown.replace("-", MINUS), _kind(column, shown), total_link_of(report, column, total.row)))
    return Row(cells)


def _kind(column: Column, shown: str) -> str:
    if column.kind not in NUMERIC:
        return "date" if column.kind in ("date", "instant") else "text"
    return "figure negative" if shown.startswith("-") else "figure"
