"""Rows of tables: CSV, TSV, PSV and spreadsheets, streaming, every cell as text, row numbers as the file has them.

A spreadsheet's dates become ISO texts and its numbers plain decimals of at most 15 digits, which is all that a spreadsheet
keeps. Text files tell their delimiter by their header when the ending leaves it open.

Errors: file_unreadable, encoding_unknown, column_missing (an empty header). Faults: row_unreadable (broken
text, more cells than columns).
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from python_calamine import CalamineError, CalamineWorkbook

from setoff.core.errors import DomainError, ErrorCode
from setoff.intake.packed import check_packed
from setoff.intake.rows import RowFault, fault
from setoff.intake.source import READ_ERRORS, Source, unreadable

_DELIMITERS: Final = {"tsv": "\t", "psv": "|"}
_GUESSED: Final = ",;\t|"

csv.field_size_limit(min(sys.maxsize, 1 << 24))


class TableRow(NamedTuple):
    """One row: its number in the file and its cells by column."""

    row: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class TableShape:
    """How a table lies in its file. `header_row` counts from 1; `columns` names them when there is no header (header_row 0);
    cells equal to one of `nulls` are empty; `sheet` "" = the first; `overflow` is the column whose text has delimiters without
    quotes, so that surplus cells belong to it."""

    delimiter: str = ""
    header_row: int = 1
    columns: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ()
    sheet: str = ""
    overflow: str = ""


def table_rows(source: Source, shape: TableShape, report: Callable[[RowFault], None]) -> Iterator[TableRow]:
    """The rows under the header; empty ones are no rows, broken ones go to `report`."""
    numbered = _sheet_rows(source, shape) if source.format == "xlsx" else _text_rows(source, shape, report)
    columns = list(shape.columns)
    nulls = frozenset(shape.nulls)
    for row, cells in numbered:
        if row == shape.header_row:
            columns = columns or [cell.strip() for cell in cells]
            if not any(columns):
                break
            continue
        if row < shape.header_row or not any(cells):
            continue
        if len(cells) > len(columns):
            if shape.overflow in columns:
                cells = _merged(cells, columns.index(shape.overflow), len(cells) - len(columns))
            elif any(cells[len(columns):]):
                reason = f"{len(cells)} > {len(columns)}"
                report(fault(source.name, row, "", cells[len(columns)], ErrorCode.ROW_UNREADABLE, reason=reason))
                continue
            del cells[len(columns):]
        elif len(cells) < len(columns):
            cells += [""] * (len(columns) - len(cells))
        if nulls:
            cells = ["" if cell in nulls else cell for cell in cells]
        yield TableRow(row, dict(zip(columns, cells, strict=True)))
    if not any(columns):
        raise DomainError(ErrorCode.COLUMN_MISSING, file=source.name, column="", columns="")


def _merged(cells: list[str], index: int, surplus: int) -> list[str]:
    return [*cells[:index], ",".join(cells[index:index + surplus + 1]), *cells[index + surplus + 1:]]


def table_columns(source: Source, shape: TableShape) -> list[str]:
    """The column names of a table, duplicates and empty names as they stand."""
    if shape.columns:
        return list(shape.columns)
    numbered = _sheet_rows(source, shape) if source.format == "xlsx" else _text_rows(source, shape, lambda _: None)
    for row, cells in numbered:
        if row >= shape.header_row:
            return [cell.strip() for cell in cells]
    return []


def _text_rows(source: Source, shape: TableShape, report: Callable[[RowFault], None]) -> Iterator[tuple[int, list[str]]]:
    """(number of the line a row begins on, cells). A quoted cell may hold line ends."""
    broken: set[int] = set()
    lines = _decoded(source.lines(), broken)
    delimiter = shape.delimiter or _DELIMITERS.get(source.format, "")
    if not delimiter:
        lines, delimiter = _told_by_header(lines, shape.header_row or 1)
    reader = csv.reader(lines, delimiter=delimiter)
    last = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            report(fault(source.name, last + 1, "", "", ErrorCode.ROW_UNREADABLE, reason=str(error)))
            last = reader.line_num
            continue
        row, last = last + 1, reader.line_num
        if broken and not broken.isdisjoint(range(row, last + 1)):
            report(fault(source.name, row, "", delimiter.join(cells)[:60], ErrorCode.ROW_UNREADABLE, reason=source.codec()))
            continue
        yield row, cells


def _decoded(lines: Iterable[bytes], broken: set[int]) -> Iterator[str]:
    """Lines as text; numbers of those that are not clean text (or hold a NUL) go to `broken`."""
    for number, line in enumerate(lines, 1):
        try:
            text = line.decode()
        except UnicodeDecodeError:
            text = line.decode("utf-8", "replace")
            broken.add(number)
        if "\0" in text:
            text = text.replace("\0", "\ufffd")
            broken.add(number)
        yield text


def _told_by_header(lines: Iterator[str], header_row: int) -> tuple[Iterator[str], str]:
    """The delimiter that the header has most of outside quotes; a comma when there is none."""
    head = [line for _, line in zip(range(header_row), lines, strict=False)]
    bare = "".join(head[-1].split('"')[::2]) if head else ""

    def all_lines() -> Iterator[str]:
        yield from head
        yield from lines

    return all_lines(), max(_GUESSED, key=bare.count)


def _sheet_rows(source: Source, shape: TableShape) -> Iterator[tuple[int, list[str]]]:
    try:
        with source.open() as stream:
            check_packed(stream, source.name)
            book = CalamineWorkbook.from_filelike(stream)
            sheet = book.get_sheet_by_name(shape.sheet) if shape.sheet else book.get_sheet_by_index(0)
        for number, cells in enumerate(sheet.iter_rows(), 1):
            yield number, [_cell_text(cell) for cell in cells]
    except (CalamineError, *READ_ERRORS) as error:
        raise unreadable(source.name, error) from None


def _cell_text(cell: int | float | str | bool | time | date | datetime | timedelta) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return format(Decimal(f"{cell:.15g}"), "f")
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time.min else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date) else str(cell)
