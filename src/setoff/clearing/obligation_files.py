"""Files of obligations as columns of texts: CSV (comma, semicolon, tab) with a header, or JSON Lines, in any encoding that is recognised.

Two ways, the same rows: a file that polars reads is read so, block by block; any other (another encoding, a row with more cells than the
header, an open quotation mark, a line that is no JSON, a fraction as amount) is read line by line, so that each row that cannot be read is
a fault with its row, and all others are there. Rows without any content are passed over. Every portion is handed over as soon as it is
read, so that a large file never stands in memory as texts.

Rows are counted as a spreadsheet shows them (of JSON Lines: lines; of a list in JSON: its items). Faults, of which the first FAULTS_KEPT
are kept: row_too_long, quote_open, text_unreadable, row_unreadable, invalid_amount, invalid_value.
Errors: file_unreadable, file_not_text, file_empty, column_missing, column_twice, encoding_unknown.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO, Final, Generic, NamedTuple, TypeVar, cast

import msgspec
import polars as pl

from setoff.core.errors import DomainError, ErrorCode
from setoff.intake.encoding import recognise_encoding
from setoff.intake.rows import RowFault, fault

NEEDED: Final = ("id", "debtor", "creditor", "amount", "currency")
OPTIONAL: Final = ("due", "number", "priority")
COLUMNS: Final = (*NEEDED, *OPTIONAL)
JSON_ENDINGS: Final = frozenset((".jsonl", ".ndjson", ".json"))
FAULTS_KEPT: Final = 1000
HEAD_BYTES: Final = 1 << 16
CHUNK_ROWS: Final = 50_000
BLOCK_BYTES: Final = 1 << 22
CELL_LINES_MAX: Final = 50
"""Lines that one cell in quotation marks may have."""
NOT_TEXT: Final = (b"PK\x03\x04", b"%PDF", b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"\x89PNG")
Cells = tuple[str | None, ...]
T = TypeVar("T")


@dataclass(slots=True)
class Faults:
    """The first of them, and how many rows have any."""

    kept: list[RowFault] = field(default_factory=list)
    count: int = 0

    def add(self, found: list[RowFault]) -> None:
        """All of one row."""
        self.count += 1
        if len(self.kept) < FAULTS_KEPT:
            self.kept += found


class Taken(NamedTuple, Generic[T]):
    """What was made of every portion; what could not be read is in `faults`."""

    portions: list[T]
    faults: Faults


def take_texts(path: Path, name: str, take: Callable[[pl.DataFrame], T]) -> Taken[T]:
    """Portions with COLUMNS and `row`: every cell as text, absent columns empty. Errors: see above."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        if not head.strip(b"\xef\xbb\xbf \t\r\n"):
            raise DomainError(ErrorCode.FILE_EMPTY, file=name)
        if head.startswith(NOT_TEXT):
            raise DomainError(ErrorCode.FILE_NOT_TEXT, file=name)
        if path.suffix.lower() in JSON_ENDINGS or head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
            portions = _quick(_json_blocks(path, head), take)
            return Taken(portions, Faults()) if portions is not None else _careful(_json_rows(path, name), take)
        portions = _quick(_table_blocks(path, name, head), take)
        return Taken(portions, Faults()) if portions is not None else _careful(_table_rows(path, name), take)
    except OSError as problem:
        raise DomainError(ErrorCode.FILE_UNREADABLE, file=name, reason=problem.strerror or str(problem)) from problem


def header_of(line: str, name: str) -> tuple[list[str], str]:
    """The columns, in small letters, and what separates them. Errors: column_missing, column_twice."""
    separator = max(",;\t", key=line.count)
    columns = [cell.strip().lower() for cell in next(csv.reader([line.strip("\r\n")], delimiter=separator), [])]
    for column in COLUMNS:
        if column in NEEDED and column not in columns:
            raise DomainError(ErrorCode.COLUMN_MISSING, file=name, column=column, columns=", ".join(columns)[:200])
        if columns.count(column) > 1:
            raise DomainError(ErrorCode.COLUMN_TWICE, file=name, column=column)
    return columns, separator


def _quick(blocks: Iterable[pl.DataFrame | None], take: Callable[[pl.DataFrame], T]) -> list[T] | None:
    """None when a block cannot be read so."""
    portions = []
    for block in blocks:
        if block is None:
            return None
        portions.append(take(block))
    return portions


def _table_blocks(path: Path, name: str, head: bytes) -> Iterator[pl.DataFrame | None]:
    """By polars; None when it is not plain UTF-8 with rows as the header."""
    first = head.split(b"\n", 1)[0]
    if b"\0" in head or b"\n" not in head or not first.strip(b"\xef\xbb\xbf\r"):
        yield None
        return
    try:
        columns, separator = header_of(first.decode("utf-8-sig"), name)
    except (UnicodeDecodeError, csv.Error):
        yield None
        return
    schema = {f"c{place}": pl.String for place in range(len(columns))}
    places = {column: f"c{columns.index(column)}" for column in COLUMNS if column in columns}
    absent = [pl.lit("").alias(column) for column in COLUMNS if column not in places]
    chosen = [*(pl.col(place).alias(column) for column, place in places.items()), *absent, pl.col("row").cast(pl.UInt32)]
    row = 2
    with path.open("rb") as file:
        file.readline()
        for block in _blocks(file, quotes=True):
            try:
                frame = None if block is None else pl.read_csv(
                    block, separator=separator, has_header=False, schema=schema, row_index_name="row", row_index_offset=row,
                    raise_if_empty=False,
                )  # fmt: skip
            except pl.exceptions.PolarsError:
                frame = None
            yield None if frame is None else _with_content(frame.select(chosen))
            row += 0 if frame is None else len(frame)


def _blocks(file: BinaryIO, *, quotes: bool) -> Iterator[bytes | None]:
    """The rest of the file, cut at ends of lines; with `quotes`, of lines that end within none. None when there is no such place."""
    rest = b""
    first = True
    while more := file.read(BLOCK_BYTES):
        rest += more
        end = _end(rest, quotes=quotes)
        if end < 0:
            yield None
            return
        if end:
            yield rest[:end]
            rest = rest[end:]
            first = False
    if rest or first:
        yield rest


def _end(block: bytes, *, quotes: bool) -> int:
    """What the last whole row ends at; 0 when more is needed to tell, -1 when quotation marks are not closed for too many lines."""
    at = block.rfind(b"\n")
    odd = quotes and block.count(b'"', 0, max(at, 0)) % 2
    lines = 0
    while at >= 0 and odd:
        before = block.rfind(b"\n", 0, at)
        odd = (odd + block.count(b'"', before + 1, at)) % 2
        at = before
        lines += 1
        if lines > CELL_LINES_MAX:
            return -1
    return at + 1


def _with_content(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.any_horizontal((pl.col(name).fill_null("") != "") for name in COLUMNS)).select(*COLUMNS, "row")


def _json_blocks(path: Path, head: bytes) -> Iterator[pl.DataFrame | None]:
    """By polars; None unless every record is a line and has its amount as text: polars would make a fraction a number first."""
    row = 1
    with path.open("rb") as file:
        for block in _blocks(file, quotes=False) if b'"amount":"' in head else (None,):
            lines = 0 if block is None else block.count(b"\n") + (not block.endswith(b"\n"))
            frame = None
            if block is not None and block.count(b'"amount":"') == lines:
                with suppress(pl.exceptions.PolarsError):
                    frame = pl.read_ndjson(block, schema=dict.fromkeys(COLUMNS, pl.String)).with_row_index("row", row)
            yield frame.select(*COLUMNS, "row") if frame is not None and len(frame) == lines else None
            row += lines


def _careful(rows: Iterable[tuple[int, Cells] | list[RowFault]], take: Callable[[pl.DataFrame], T]) -> Taken[T]:
    """Line by line, in portions of columns."""
    faults, portions = Faults(), []
    portion: list[tuple[Any, ...]] = []
    schema: dict[str, Any] = {**dict.fromkeys(COLUMNS, pl.String), "row": pl.UInt32}
    for found in rows:
        if isinstance(found, list):
            faults.add(found)
            continue
        portion.append((*found[1], found[0]))
        if len(portion) == CHUNK_ROWS:
            portions.append(take(_with_content(pl.DataFrame(portion, schema=schema, orient="row"))))
            portion = []
    portions.append(take(_with_content(pl.DataFrame(portion, schema=schema, orient="row"))))
    return Taken(portions, faults)


def lines_of(path: Path, name: str) -> Iterator[str]:
    """The lines in the encoding of the file; what is not of it is U+FFFD. A file with some lines in UTF-8 beyond ASCII is UTF-8."""
    with path.open("rb") as file:
        codec = "utf-8-sig" if _has_utf8(file) else ""
        file.seek(0)
        if b"\0" not in file.readline():
            codec = codec or "utf-8-sig" * (b"\0" in file.read(HEAD_BYTES))  # no UTF-16: a zero byte is a mistake of its row
        file.seek(0)
        codec = codec or recognise_encoding(iter(lambda: file.read(HEAD_BYTES), b""), name)
        file.seek(0)
        with TextIOWrapper(cast(Any, file), codec, "replace", newline=None) as lines:
            yield from lines


def _has_utf8(lines: Iterable[bytes]) -> bool:
    for line in lines:
        if not line.isascii():
            if b"\0" in line:
                return False
            try:
                line.decode()
            except UnicodeDecodeError:
                continue
            return True
    return False


def _table_rows(path: Path, name: str) -> Iterator[tuple[int, Cells] | list[RowFault]]:
    lines = lines_of(path, name)
    header = next((line for line in lines if line.strip()), "")
    columns, separator = header_of(header, name)
    places = [columns.index(column) if column in columns else len(columns) for column in COLUMNS]
    waiting: list[str] = []
    row = 1
    while True:
        line = waiting.pop() if waiting else next(lines, None)
        if line is None:
            return
        row += 1
        cells, more = _cells(line, lines, waiting, separator)
        if cells is None:
            yield [fault(name, row, "", line.strip()[:100], ErrorCode.QUOTE_OPEN)]
        elif "\ufffd" in more:
            yield [fault(name, row, "", more.strip()[:100], ErrorCode.TEXT_UNREADABLE)]
        elif len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
            yield [fault(name, row, "", "", ErrorCode.ROW_TOO_LONG, cells=len(cells), columns=len(columns))]
        else:
            full = [*cells[: len(columns)], *[""] * (len(columns) + 1 - len(cells))]
            full[len(columns) :] = [""]
            yield row, tuple(full[place] for place in places)


def _cells(line: str, lines: Iterator[str], waiting: list[str], separator: str) -> tuple[list[str] | None, str]:
    """The cells of a row that begins with this line, and its text; None when a quotation mark in it is not closed: the lines that were
    tried are put back."""
    whole, tried = line, [line]
    while True:
        try:
            return next(csv.reader([whole], delimiter=separator, strict=True), []), whole
        except csv.Error as problem:
            following = (waiting.pop() if waiting else next(lines, None)) if "unexpected end" in str(problem) else None
            if following is None or len(tried) == CELL_LINES_MAX:
                if following is not None:
                    tried.append(following)
                waiting.extend(reversed(tried[1:]))
                return None, line
            tried.append(following)
            whole += following


def _json_rows(path: Path, name: str) -> Iterator[tuple[int, Cells] | list[RowFault]]:
    for row, content in enumerate(_records(path, name), 1):
        if not content.strip():
            continue
        try:
            record = msgspec.json.decode(content, type=dict[str, Any])
        except (msgspec.DecodeError, RecursionError) as problem:
            yield [fault(name, row, "", content.strip()[:100], ErrorCode.ROW_UNREADABLE, reason=str(problem))]
            continue
        if "\ufffd" in content:
            yield [fault(name, row, "", content.strip()[:100], ErrorCode.TEXT_UNREADABLE)]
            continue
        wrong = [column for column in COLUMNS if not _is_text(record.get(column))]
        if wrong:
            yield [_no_text(name, row, column, record) for column in wrong]
        else:
            yield row, tuple(None if record.get(column) is None else str(record[column]) for column in COLUMNS)


def _no_text(name: str, row: int, column: str, record: dict[str, Any]) -> RowFault:
    if column == "amount":
        currency = str(record.get("currency", ""))
        return fault(name, row, column, record[column], ErrorCode.INVALID_AMOUNT, currency=currency, digits=2)
    return fault(name, row, column, record[column], ErrorCode.INVALID_VALUE, record="obligation", expected='"..."')


def _records(path: Path, name: str) -> Iterator[str]:
    """Lines; of a file that is one list, its items. Errors: row_unreadable for a list that is not closed."""
    lines = lines_of(path, name)
    first = next((line for line in lines if line.strip()), "")
    if first.lstrip()[:1] != "[" or path.suffix.lower() != ".json":
        yield first
        yield from lines
        return
    content = first + "".join(lines)
    try:
        items = msgspec.json.decode(content, type=list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError) as problem:
        raise DomainError(ErrorCode.ROW_UNREADABLE, file=name, row=1, reason=str(problem)) from None
    for item in items:
        yield bytes(item).decode()


def _is_text(value: Any) -> bool:
    return value is None or isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))
