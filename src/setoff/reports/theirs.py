"""The other side's lines for an act of reconciliation: a table with date, document, debit and credit, as they write them.

CSV, TSV or a spreadsheet, in any encoding and with any delimiter (intake/table.py). The header names the columns in English, Russian or
Chinese, in any order, within the first `HEADER_ROWS_MAX` rows; more columns may stand beside, of two with one name the first counts.
Dates are 2026-03-31, 2026/03/31, 31.03.2026 or 2026年3月31日, with or without a time; amounts have a point or a comma, thousands may be
apart. Rows without a date that are called a balance or a total are no lines; that of the opening balance is their opening.
Errors, with file and row: file_unreadable, encoding_unknown, column_missing, row_unreadable, invalid_date, invalid_amount,
amount_too_large, field_missing (neither debit nor credit).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import parse_amount
from setoff.intake.rows import RowFault
from setoff.intake.source import Source, source_of
from setoff.intake.table import TableRow, TableShape, table_columns, table_rows
from setoff.settlements.reconciliation import SideLine

HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "date": ("date", "дата", "日期"),
    "document": ("number", "номер", "单号", "document", "документ", "单据", "наименование операции, документы", "摘要"),
    "debit": ("debit", "дебет", "借方"),
    "credit": ("credit", "кредит", "贷方"),
}
"""Names of each column; of two that a file has, the first counts."""
HEADER_ROWS_MAX: Final = 20
DATE_FORMATS: Final = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d.%m.%y", "%Y年%m月%d日")
_BALANCE: Final = re.compile(r"сальдо|оборот|итого|остаток|balance|opening|closing|turnover|total|余额|期初|期末|合计|本期", re.IGNORECASE)
_OPENING: Final = re.compile(r"нач|opening|brought forward|期初|上期", re.IGNORECASE)
_THOUSANDS: Final = re.compile(r"(-?\d{1,3}(?:[ \u00a0\u202f'’]\d{3})+)([.,]\d*)?|(-?\d{1,3}(?:,\d{3})+)(\.\d*)?")


class Theirs(NamedTuple):
    """Their lines in the order of the file; `opening` is what they say they were owed before the first, when they say so."""

    lines: list[SideLine]
    opening: int | None


def read_theirs(path: Path, currency: str) -> Theirs:
    """Every line of the file, minor units of `currency`."""
    source = source_of(path)
    header_row, places = _header(source)
    names = tuple(map(str, range(len(table_columns(source, TableShape(header_row=header_row))))))
    lines: list[SideLine] = []
    opening: int | None = None
    for row in table_rows(source, TableShape(header_row=header_row, columns=names), _refuse):
        cells = {name: " ".join(row.cells[place].split()) for name, place in places.items()}
        said = " ".join(row.cells.values())
        if not _has_day(cells["date"]) and _BALANCE.search(said):
            if _OPENING.search(said) and not lines:
                opening = _amount(source.name, row, "debit", cells, currency) - _amount(source.name, row, "credit", cells, currency)
            continue
        if any(cells.values()):
            lines.append(_line(source.name, row, cells, currency))
    return Theirs(lines, opening)


def _header(source: Source) -> tuple[int, dict[str, str]]:
    """The row of the header and where each column stands: the first row that names all four."""
    first: list[str] = []
    nearest: dict[str, str] = {}
    for header_row in range(1, HEADER_ROWS_MAX + 1):
        columns = table_columns(source, TableShape(header_row=header_row))
        places = _places(columns)
        if len(places) == len(HEADERS):
            return header_row, places
        if len(places) > len(nearest) or not first:
            first, nearest = columns, places
    missing = next(column for column in HEADERS if column not in nearest)
    raise DomainError(ErrorCode.COLUMN_MISSING, file=source.name, column=missing, columns=", ".join(filter(None, first)))


def _places(columns: Sequence[str]) -> dict[str, str]:
    names = [" ".join(name.casefold().split()) for name in columns]
    found = {}
    for column, known in HEADERS.items():
        place = next((names.index(name) for name in known if name in names), None)
        if place is not None:
            found[column] = str(place)
    return found


def _line(file: str, row: TableRow, cells: Mapping[str, str], currency: str) -> SideLine:
    day = _day(cells["date"])
    if day is None:
        raise _refused(ErrorCode.INVALID_DATE, file, row.row, "date", cells["date"])
    if not cells["debit"] and not cells["credit"]:
        raise _refused(ErrorCode.FIELD_MISSING, file, row.row, "debit", "")
    debit, credit = (_amount(file, row, field, cells, currency) for field in ("debit", "credit"))
    return SideLine(day, cells["document"], debit, credit)


def _amount(file: str, row: TableRow, field: str, cells: Mapping[str, str], currency: str) -> int:
    try:
        return parse_amount(_plain(cells[field]) or "0", currency)
    except DomainError as problem:
        facts = {name: value for name, value in problem.facts.items() if name != "value"}
        raise _refused(problem.code, file, row.row, field, cells[field], **facts) from None


def _plain(amount: str) -> str:
    """Without marks between thousands, with a point."""
    grouped = _THOUSANDS.fullmatch(amount)
    if grouped and (grouped[1] or grouped[4] or amount.count(",") > 1):
        whole, fraction = (grouped[1], grouped[2]) if grouped[1] else (grouped[3], grouped[4])
        amount = re.sub(r"[^-\d]", "", whole) + (fraction or "")
    return amount.replace(",", ".")


def _has_day(value: str) -> bool:
    return _day(value) is not None


def _day(value: str) -> date | None:
    for form in DATE_FORMATS:
        try:
            return datetime.strptime(value.partition(" ")[0].partition("T")[0], form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return None


def _refuse(found: RowFault) -> None:
    facts = {name: value for name, value in found.facts.items() if name not in ("field", "value")}
    raise _refused(found.code, found.file, found.row, found.field, found.value, **facts)


def _refused(code: ErrorCode, file: str, row: int, field: str, value: str, **facts: Any) -> DomainError:
    """A refusal that says where: `rows` is what a screen shows of it."""
    return DomainError(code, file=file, row=row, field=field, value=value, rows=[{"file": file, "row": row}], **facts)
