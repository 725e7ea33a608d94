"""From a line of JSON, or a dictionary made from a table row, to a record: master or document.

One msgspec decoder over the tagged union does all checking of shape; what it refuses becomes a `RowFault` with the path
and value of the field (trade/shape.py). A row with several faults tells the first.

Faults: row_unreadable (not JSON, broken text), field_missing, unknown_field, invalid_value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, get_args

import msgspec

from setoff.core.errors import ErrorCode
from setoff.intake.rows import RowFault, fault, row_reference
from setoff.parties.records import Master
from setoff.settlements.notices import NoticeReceipt
from setoff.trade.documents import AnyDocument
from setoff.trade.notice_paper import KeptNotice
from setoff.trade.shape import shape_refusal

AnyRecord = Master | AnyDocument | NoticeReceipt | KeptNotice
"""Receipts and notices between units stand after their documents: they are read with them, and come in when those stand."""

_decoder: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(AnyRecord)
_UNSTORABLE: Final = b"\\u0000"
"""A NUL is legal in JSON and refused by PostgreSQL."""


class _Tag(msgspec.Struct):
    type: str = ""


_tag_decoder: Final = msgspec.json.Decoder(_Tag)
_MASTERS: Final = frozenset(get_args(Master))
MASTER_TAGS: Final = frozenset(str(record.__struct_config__.tag) for record in _MASTERS)


def is_master_line(line: bytes) -> bool:
    """Whether a line holds a master record; False for what cannot be read (the full decoding will say so)."""
    try:
        return _tag_decoder.decode(line).type in MASTER_TAGS
    except (msgspec.DecodeError, RecursionError):
        return False


def decode_lines(
    lines: Iterable[bytes], file: str, report: Callable[[RowFault], None], *, file_no: int = 0, only_masters: bool | None = None
) -> Iterator[tuple[int, AnyRecord]]:
    """(row reference, record) of every good line; bad ones go to `report`. Blank lines are no rows. `only_masters` True
    decodes master lines alone, False passes over them and their faults, None takes all."""
    decode = _decoder.decode
    base = row_reference(file_no, 0)
    for row, line in enumerate(lines, 1):
        if only_masters and not is_master_line(line):
            continue
        try:
            record = decode(line)
        except (msgspec.DecodeError, RecursionError) as error:
            if line.strip() and not (only_masters is False and is_master_line(line)):
                report(_line_fault(file, row, line, error))
            continue
        if only_masters is False and type(record) in _MASTERS:
            continue
        if _UNSTORABLE in line:
            report(fault(file, row, "", "\\u0000", ErrorCode.ROW_UNREADABLE, reason="\\u0000"))
            continue
        yield base + row, record


def record_in(line: bytes) -> AnyRecord:
    """The record of a line of JSON. Errors: those of msgspec."""
    record: AnyRecord = _decoder.decode(line)
    return record


def record_of(content: dict[str, Any], file: str, row: int) -> AnyRecord | RowFault:
    """The record that a dictionary (built by a mapping) describes, or its fault."""
    try:
        record: AnyRecord = msgspec.convert(content, AnyRecord)
    except msgspec.ValidationError as error:
        return _shape_fault(file, row, content, str(error))
    return record


def _line_fault(file: str, row: int, line: bytes, error: Exception) -> RowFault:
    if isinstance(error, msgspec.ValidationError):
        try:
            return _shape_fault(file, row, msgspec.json.decode(line), str(error))
        except (msgspec.DecodeError, RecursionError) as broken:
            error = broken
    shown = line[:60].decode("utf-8", "replace").strip()
    return fault(file, row, "", shown, ErrorCode.ROW_UNREADABLE, reason=str(error))


def _shape_fault(file: str, row: int, content: Any, message: str) -> RowFault:
    refusal = shape_refusal(content, message)
    facts = dict(refusal.facts)
    return fault(file, row, facts.pop("field"), facts.pop("value"), refusal.code, **facts)
