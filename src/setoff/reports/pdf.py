"""A report as PDF for reading on paper: A4, turned when it is wide, smaller letters when it is wider still, at last A3.

It shows what the table on the screen shows. Heads repeat on every page; the foot has the day it was printed and "page x of y".
Errors: report_too_long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final, NamedTuple

from setoff.core.errors import DomainError, ErrorCode
from setoff.language import Language, text
from setoff.reports.cells import cell_text, heading_text
from setoff.reports.heading import note_text, question_lines, title_text, total_text
from setoff.reports.report import Column, Report, Section, Total
from setoff.reports.table import NUMERIC, shown_columns
from setoff.reports.typesetting import typeset

ROWS_MAX: Final = 20_000
"""More are no reading: some five hundred pages."""
TAGGED_MAX: Final = 500
"""Rows up to which a file has tags for screen readers: they take two kilobytes a row."""
PADDING: Final = 5
"""Points left and right of a cell, together."""
WORD_MAX: Final = 14
TEXT_MAX: Final = 26
"""Letters of a text that are kept on one line when there is room, and of a word that is never broken."""
_NARROW: Final = frozenset(" \N{NO-BREAK SPACE}.,:;'|!()[]-/ijlIft")
_BROAD: Final = frozenset("mwMWЖМФШЩЪЫЮжмфшщыю%№@—")
BOLD: Final = 106
"""Bold letters are so many hundredths of the others' width."""


class Sheet(NamedTuple):
    """A size of paper and of letters (tenths of a point); `width` is the room between the margins, in points."""

    format: str
    landscape: bool
    size_tenths: int
    width: int


SHEETS: Final = (
    Sheet("a4", False, 90, 515), Sheet("a4", False, 80, 515), Sheet("a4", True, 90, 762), Sheet("a4", True, 80, 762),
    Sheet("a4", True, 70, 762), Sheet("a3", True, 75, 1111), Sheet("a3", True, 60, 1111),
)  # fmt: skip
NARROW_TENTHS: Final = 70
"""From letters so small on, texts have what they need and not what they wish."""


class Sheaf(NamedTuple):
    """What a paper of tables holds: a title, whose it is, lines below the title, sections, and what to say when there are none."""

    title: str
    organization: str
    lines: Sequence[str]
    sections: Sequence[Mapping[str, Any]]
    empty: str = ""


def render_pdf(report: Report, language: Language, *, printed: date) -> bytes:
    """The pages. The same report, language and day give the same bytes."""
    rows = sum(len(section.rows) for section in report.sections)
    if rows > ROWS_MAX:
        raise DomainError(ErrorCode.REPORT_TOO_LONG, report=report.name, size=rows, most=ROWS_MAX)
    is_empty = not any(section.rows or section.totals for section in report.sections)
    sheaf = Sheaf(
        title_text(report, language),
        ", ".join(report.question.organizations),
        question_lines(report, language),
        [section_of(section, report, language) for section in report.sections],
        text(language, "report-empty") if is_empty else "",
    )
    return render_sheaf(sheaf, language, printed=printed)


def render_sheaf(sheaf: Sheaf, language: Language, *, printed: date) -> bytes:
    """Tables with what stands around them, on the sheet that fits the widest."""
    sheet = _sheet([section["grid"] for section in sheaf.sections])
    rows = sum(len(section["rows"]) for section in sheaf.sections)
    data = {
        "title": sheaf.title,
        "organization": sheaf.organization,
        "asked": sheaf.lines,
        "empty": sheaf.empty,
        "sections": [
            {**{name: part for name, part in section.items() if name != "grid"}, "widths": _widths(section["grid"], sheet)}
            for section in sheaf.sections
        ],
        **foot(language, printed, running=sheaf.organization),
        "format": sheet.format,
        "landscape": sheet.landscape,
        "size_tenths": sheet.size_tenths,
    }
    return typeset("report", data, language, printed=printed, tagged=rows <= TAGGED_MAX)


def plain_section(heading: str, columns: Sequence[Column], rows: Sequence[Sequence[str]], notes: Sequence[str] = ()) -> dict[str, Any]:
    """A section of texts; of a column its `heading`, as it is to stand, and its kind count."""
    return {
        "heading": heading,
        "columns": [{"title": column.heading, "numeric": column.kind in NUMERIC} for column in columns],
        "opening": [],
        "rows": [{"kind": "row", "level": 0, "span": 1, "cells": list(cells)} for cells in rows],
        "totals": [],
        "notes": list(notes),
        "grid": [_measured(column, column.heading, [cells[place] for cells in rows], ()) for place, column in enumerate(columns)],
    }


def foot(language: Language, printed: date, *, running: str) -> dict[str, str]:
    """What stands on every page: the running head, the day printed, the pattern of page numbers."""
    return {
        "running": running,
        "made": text(language, "print-made", day=printed),
        "page": text(language, "print-page", page="{page}", pages="{pages}"),
    }


def section_of(section: Section, report: Report, language: Language) -> dict[str, Any]:
    """A section for the template; `grid` is every text of each column, for measuring."""
    has_table = section.rows or section.opening or section.totals
    columns = shown_columns(report, section) if has_table else []
    opening = [_total(total, columns, language) for total in section.opening]
    rows: list[dict[str, Any]] = [
        {"kind": "row", "level": getattr(row, "level", 0), "span": 1, "cells": [cell_text(column, row, language) for column in columns]}
        for row in section.rows
    ]
    totals = [_total(total, columns, language) for total in section.totals]
    titles = [heading_text(column, language) for column in columns]
    lines = [row["cells"] for row in rows]
    sums = [["", *row["cells"][1:]] for row in (*opening, *totals)]
    return {
        "heading": note_text(section.heading, language) if section.heading else "",
        "columns": [{"title": title, "numeric": column.kind in NUMERIC} for title, column in zip(titles, columns, strict=True)],
        "opening": opening,
        "rows": rows,
        "totals": totals,
        "notes": [note_text(note, language) for note in section.notes],
        "grid": [
            _measured(column, title, [cells[place] for cells in lines], [cells[place] for cells in sums])
            for place, (column, title) in enumerate(zip(columns, titles, strict=True))
        ],
    }


def _total(total: Total, columns: Sequence[Column], language: Language) -> dict[str, Any]:
    cells = [cell_text(column, total.row, language, zeros=True) if column.kind in NUMERIC else "" for column in columns]
    cells[0] = total_text(total, language)
    span = next((place for place, column in enumerate(columns) if column.kind in NUMERIC), len(columns))
    return {"kind": "total", "level": 0, "span": max(span, 1), "cells": cells}


class Measure(NamedTuple):
    """Widths of a column in hundredths of a letter's size: what it needs at least, and what it would like."""

    least: int
    wish: int
    is_rigid: bool


def _measured(column: Column, title: str, cells: Sequence[str], sums: Sequence[str]) -> Measure:
    """Numbers and dates are never broken; texts between words only."""
    head = max((letters(word) for word in title.split()), default=0)
    if column.kind in NUMERIC or column.kind == "date":
        widest = max(head, max(map(letters, cells), default=0), max(map(letters, sums), default=0) * BOLD // 100)
        return Measure(widest, widest, True)
    words = max((min(letters(word), WORD_MAX * 60) for cell in cells for word in cell.split()), default=0)
    wish = max((min(letters(cell), TEXT_MAX * 60) for cell in cells), default=0)
    return Measure(max(head, words), max(head, words, wish), False)


def letters(said: str) -> int:
    """The width of a text in hundredths of the size of its letters, a little generous."""
    return sum(map(_letter, said))


@lru_cache(maxsize=8192)
def _letter(mark: str) -> int:
    if mark >= "\u2e80":
        return 100
    if mark in _NARROW:
        return 31
    if mark in _BROAD:
        return 88
    return 68 if mark.isupper() else 60 if mark >= "\u0400" else 57


def _sheet(grids: Sequence[Sequence[Measure]]) -> Sheet:
    """The first sheet on which every column has what it wishes, or the last that gives all what they need."""
    for sheet in SHEETS:
        if all(_points(grid, sheet) <= sheet.width for grid in grids):
            return sheet
    return SHEETS[-1]


def _points(grid: Sequence[Measure], sheet: Sheet) -> int:
    hundredths = sum(measure.least if sheet.size_tenths <= NARROW_TENTHS else measure.wish for measure in grid)
    return hundredths * sheet.size_tenths // 1000 + PADDING * len(grid)


def _widths(grid: Sequence[Measure], sheet: Sheet) -> list[int]:
    """Points of each column: what it needs, and what is left on the sheet to texts by what they wish beyond. A table of numbers
    alone is as wide as they are."""
    points = [measure.least * sheet.size_tenths // 1000 + PADDING + 1 for measure in grid]
    wishes = [0 if measure.is_rigid else max(measure.wish - measure.least, 1) for measure in grid]
    rest = max(sheet.width - sum(points), 0)
    return [width + (rest * wish // sum(wishes) if wish else 0) for width, wish in zip(points, wishes, strict=True)]
