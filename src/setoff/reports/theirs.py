"""The other side's lines for an act of reconciliation: a CSV file with date, document, debit and credit, as they write them.

The header names the columns in English, Russian or Chinese, in any order; more columns may stand beside. UTF-8 with or without a
byte order mark. Dates are 2026-03-31, 2026/03/31 or 31.03.2026; amounts are plain, with a point or a comma.
Errors, with file and row: file_unreadable, encoding_unknown, column_missing, row_unreadable, invalid_date, invalid_amount,
amount_too_large, field_missing (neither debit nor credit).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any, Final

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import parse_amount
from setoff.settlements.reconciliation import SideLine

HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "date": ("date", "дата", "日期"),
    "document": ("number", "номер", "单号", "document", "документ", "单据"),
    "debit": ("debit", "дебет", "借方"),
    "credit": ("credit", "кредит", "贷方"),
}
"""Names of each column; of two that a file has, the first counts."""
DATE_FORMATS: Final = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y")
DELIMITERS: Final = ",;\t|"


def read_theirs(path: Path, currency: str) -> list[SideLine]:
    """Every line of the file in its order, minor units of `currency`."""
    rows = _rows(path)
    header = next(rows, (1, []))[1]
    columns = _columns(path, header)
    lines = []
    for row, cells in rows:
        if len(cells) > len(header):
            reason = f"{len(cells)} > {len(header)}"
            raise _refused(ErrorCode.ROW_UNREADABLE, path.name, row, "", cells[len(header)], reason=reason)
        padded = cells + [""] * (len(header) - len(cells))
        lines.append(_line(path.name, row, {name: padded[place] for name, place in columns.items()}, currency))
    return lines


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, each with the number of its first line."""
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DomainError(ErrorCode.FILE_UNREADABLE, file=path.name, reason=error.strerror or str(error)) from None
    except UnicodeDecodeError:
        raise DomainError(ErrorCode.ENCODING_UNKNOWN, file=path.name, encodings="utf-8") from None
    reader = csv.reader(StringIO(content, newline=""), delimiter=_delimiter(content), strict=True)
    last = 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield last + 1, [" ".join(cell.split()) for cell in cells]
            last = reader.line_num
    except csv.Error as error:
        raise _refused(ErrorCode.ROW_UNREADABLE, path.name, last + 1, "", "", reason=str(error)) from None


def _delimiter(content: str) -> str:
    """That of the header: it has no amounts with a comma to mislead."""
    header = next((line for line in content.splitlines() if line.strip()), "")
    try:
        return csv.Sniffer().sniff(header, DELIMITERS).delimiter
    except csv.Error:
        return DELIMITERS[0]


def _columns(path: Path, header: list[str]) -> dict[str, int]:
    """Where each column stands."""
    names = [name.casefold() for name in header]
    found = {}
    for column, known in HEADERS.items():
        place = next((names.index(name) for name in known if name in names), None)
        if place is None:
            raise DomainError(ErrorCode.COLUMN_MISSING, file=path.name, column=column, columns=", ".join(header))
        found[column] = place
    return found


def _line(file: str, row: int, cells: Mapping[str, str], currency: str) -> SideLine:
    day = _day(cells["date"])
    if day is None:
        raise _refused(ErrorCode.INVALID_DATE, file, row, "date", cells["date"])
    if not cells["debit"] and not cells["credit"]:
        raise _refused(ErrorCode.FIELD_MISSING, file, row, "debit", "")
    amounts = {}
    for field in ("debit", "credit"):
        try:
            amounts[field] = parse_amount(cells[field].replace(",", ".") or "0", currency)
        except DomainError as problem:
            facts = {name: value for name, value in problem.facts.items() if name != "value"}
            raise _refused(problem.code, file, row, field, cells[field], **facts) from None
    return SideLine(day, cells["document"], amounts["debit"], amounts["credit"])


def _day(value: str) -> date | None:
    for form in DATE_FORMATS:
        try:
            return datetime.strptime(value, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return None


def _refused(code: ErrorCode, file: str, row: int, field: str, value: str, **facts: Any) -> DomainError:
    """A refusal that says where: `rows` is what a screen shows of it."""
    return DomainError(code, file=file, row=row, field=field, value=value, rows=[{"file": file, "row": row}], **facts)
