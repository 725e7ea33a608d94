"""What becomes of the rows of a file: a record, a fault, or a row left out on purpose. None is lost silently.

A row is known by its `Position` (file, row), and for bulk services by one int, its reference (`row_reference`).
Row numbers count from 1: lines of a JSON Lines file; of a table, the lines of the file, headers included, as a
spreadsheet shows them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from setoff.core.errors import ErrorCode

_ROW_BITS: Final = 40


class RowFault(NamedTuple):
    """A bad row. `field` is the path of the field ("lines[0].amount") or the name of the column; "" = the row as a whole."""

    file: str
    row: int
    field: str
    value: str
    code: ErrorCode
    facts: dict[str, Any]


class SkippedRow(NamedTuple):
    """A row that a mapping leaves out, with the mapping's own words for why."""

    file: str
    row: int
    reason: str


Report = Callable[[RowFault | SkippedRow], None]


def fault(file: str, row: int, field: str, value: object, code: ErrorCode, /, **facts: Any) -> RowFault:
    """A fault whose facts always name `field` and `value`, so that every text can."""
    shown = "" if value is None else value if isinstance(value, str) else repr(value)
    return RowFault(file, row, field, shown, code, {"field": field, "value": shown, **facts})


def row_reference(file_no: int, row: int) -> int:
    """One int for a row of the file_no-th file of a run (from 0)."""
    return file_no << _ROW_BITS | row


def file_and_row(reference: int) -> tuple[int, int]:
    return reference >> _ROW_BITS, reference & (1 << _ROW_BITS) - 1
