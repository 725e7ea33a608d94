"""A report as a table for people, in a terminal or a text file: aligned, localized, with opening, totals and notes."""

from __future__ import annotations

from io import StringIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from setoff.language import Language, text
from setoff.language.screen import UNBOUNDED, print_whole
from setoff.reports.cells import cell_text, heading_text
from setoff.reports.heading import note_text, question_lines, title_text, total_text
from setoff.reports.report import Column, Report, Section, Total

NUMERIC = ("money", "decimal", "count")


def render_table(report: Report, language: Language, *, width: int | None = None) -> str:
    """Plain text. Without `width` as wide as the widest row, so that nothing is cut."""
    output = StringIO()
    console = Console(file=output, width=width or UNBOUNDED, color_system=None, emoji=False, highlight=False)
    print_table(report, language, console)
    return "\n".join(line.rstrip() for line in output.getvalue().splitlines()) + "\n"


def print_table(report: Report, language: Language, console: Console) -> None:
    console.print(Text(title_text(report, language), style="bold"))
    for line in question_lines(report, language):
        console.print(Text(line, style="dim"))
    for section in report.sections:
        console.print()
        if section.heading:
            console.print(Text(note_text(section.heading, language), style="bold"))
        if section.rows or section.opening or section.totals:
            print_whole(_table(section, shown_columns(report, section), language), console)
        for note in section.notes:
            console.print(Text(note_text(note, language)))
    if not any(section.rows or section.totals for section in report.sections):
        console.print(Text(text(language, "report-empty")))


def shown_columns(report: Report, section: Section) -> list[Column]:
    """The columns that people are shown."""
    named = {name for name, values in report.question.names if len(values) == 1}
    return [column for column in report.columns if column.named_by not in named and is_shown(column, section)]


def is_shown(column: Column, section: Section) -> bool:
    """Whether the column tells what stands nowhere else in the section."""
    rows = [*section.rows, *(total.row for total in (*section.opening, *section.totals))]
    if column.optional and not any(cell_text(column, row, "en") for row in rows):
        return False
    if column.repeats and all(getattr(row, column.repeats, None) == column.value(row) for row in rows):
        return False
    currencies = {(getattr(row, column.currency, None), getattr(row, column.beside, None)) for row in rows} if column.beside else set()
    return not column.beside or any(own not in (None, "", other) for own, other in currencies)


def _table(section: Section, columns: list[Column], language: Language) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        numeric = column.kind in NUMERIC
        heading = heading_text(column, language)
        table.add_column(heading, justify="right" if numeric else "left", no_wrap=numeric or column.kind == "date", overflow="fold")
    for total in section.opening:
        table.add_row(*_total_cells(total, columns, language), style="bold")
    for row in section.rows:
        cells = [cell_text(column, row, language) for column in columns]
        if getattr(row, "level", 0):
            cells[0] = "  " + cells[0]
        table.add_row(*map(Text, cells))
    if section.totals:
        table.add_section()
    for total in section.totals:
        table.add_row(*_total_cells(total, columns, language), style="bold")
    return table


def _total_cells(total: Total, columns: list[Column], language: Language) -> list[Text]:
    """The label stands in the first column; only numbers are shown beside it, zeros too."""
    cells = [cell_text(column, total.row, language, zeros=True) if column.kind in NUMERIC else "" for column in columns]
    cells[0] = total_text(total, language)
    return [Text(cell) for cell in cells]
