"""Rows of tables become records, as a mapping says.

Two passes over the files, because masters must exist before documents and because a document of several rows is complete
only when its last row was read: the first pass gives the masters and counts the rows of every group, the second gives each
document as soon as its last row has come. So memory holds only documents that are still open, not the file.

Every row ends as part of a record, as a fault, or as a skipped row. A document with one faulty row is refused as a whole.

Errors: column_missing, file_unreadable, encoding_unknown, mapping_invalid. Faults: those of table.py and decode.py, and
unknown_reference (no row in a joined file), rows_differ (rows of one document disagree on its header).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from operator import itemgetter
from typing import Any, Final

from setoff.core.errors import DomainError, ErrorCode
from setoff.intake.amounts import Tally, round_amounts, totals_of
from setoff.intake.decode import AnyRecord, record_of
from setoff.intake.mapping import Field, ItemList, Join, Mapping, RecordRule
from setoff.intake.rows import Report, RowFault, SkippedRow, fault, row_reference
from setoff.intake.source import Source, source_of
from setoff.intake.table import TableRow, table_columns, table_rows
from setoff.intake.template import CellError

NO_RECORD: Final = "skipped-no-record"
ROUNDS_TO_ZERO: Final = "skipped-rounds-to-zero"
JOIN_UNUSED: Final = "skipped-join-unused"


@dataclass(frozen=True, slots=True)
class _LocatedRow:
    file: str
    reference: int
    row: int
    cells: dict[str, str]


@dataclass(slots=True)
class Conversion:
    """The tables of one run and their mapping. Call `masters`, then `documents`; `tallies` is filled by the latter. `watch` is
    told which table is being read for documents. Row references count files from `first_file_no`."""

    mapping: Mapping
    sources: Sequence[Source]
    report: Report
    first_file_no: int = 0
    watch: Callable[[Source], None] = lambda _source: None
    tallies: dict[str, Tally] = field(default_factory=dict)
    _sizes: Counter[tuple[int, str]] = field(default_factory=Counter)
    _seen: set[tuple[str, str]] = field(default_factory=set)
    _told_rows: set[tuple[str, int]] = field(default_factory=set)
    _doubtful: set[int] = field(default_factory=set)  # rows with a condition that cannot be told

    def masters(self) -> Iterator[tuple[int, AnyRecord]]:
        """Every master once, constant ones first. The first row that names a code describes it."""
        for rule in self.mapping.records:
            if rule.is_master and rule.is_constant:
                yield from self._master(rule, _LocatedRow(self.mapping.name, 0, 0, {}))
        masters = [rule for rule in self.mapping.records if rule.is_master and not rule.is_constant]
        grouped = [(number, rule) for number, rule in enumerate(self.mapping.records) if rule.group_by]
        for rule in masters:
            if rule.rows_of:
                yield from self._joined_masters(rule)
        masters = [rule for rule in masters if not rule.rows_of]
        if not masters and not grouped:
            return
        for row in self._rows(lambda _: None, lambda _: None):
            if self._skip_reason(row) is not None:
                continue
            for rule in masters:
                if self._applies(rule, row):
                    yield from self._master(rule, row)
            for number, rule in grouped:
                if self._applies(rule, row) is not False:
                    self._sizes[number, self._group(rule, row)] += 1

    def documents(self) -> Iterator[tuple[int, AnyRecord]]:
        """Every document, when its last row has come."""
        rules = [(number, rule) for number, rule in enumerate(self.mapping.records) if not rule.is_master]
        waiting: dict[tuple[int, str], list[_LocatedRow]] = {}
        self.tallies.clear()
        for row in self._rows(self.report, self.watch):
            reason = self._skip_reason(row)
            if reason is not None:
                self.report(SkippedRow(row.file, row.row, reason))
                continue
            used = False
            for number, rule in rules:
                applies = self._applies(rule, row)
                if applies is False:
                    continue
                used = True
                if rule.group_by is None:
                    yield from self._document(rule, [row])
                    continue
                group = number, self._group(rule, row)
                rows = waiting.setdefault(group, [])
                rows.append(row)
                if len(rows) == self._sizes[group]:
                    yield from self._document(rule, waiting.pop(group))
            if not used:
                self.report(SkippedRow(row.file, row.row, NO_RECORD))

    def _rows(self, report: Report, watch: Callable[[Source], None]) -> Iterator[_LocatedRow]:
        for file_no, source in enumerate(self.sources, self.first_file_no):
            watch(source)
            joined = [_JoinedFile(join, source, report) for join in self.mapping.joins]
            self._check_columns(source, joined)
            for row in table_rows(source, self.mapping.shape, report):
                located = _LocatedRow(source.name, row_reference(file_no, row.row), row.row, row.cells)
                problem = next((found for file in joined if (found := file.lend(located)) is not None), None)
                if problem is not None:
                    report(problem)
                    continue
                yield located
            for file in joined:
                if not any(rule.rows_of == file.join.name for rule in self.mapping.records):
                    file.report_unused()

    def _check_columns(self, source: Source, joined: Sequence[_JoinedFile]) -> None:
        columns = table_columns(source, self.mapping.shape)
        there = set(columns) | {name for file in joined for name in file.columns}
        for column in sorted(self.mapping.columns() - there):
            raise DomainError(ErrorCode.COLUMN_MISSING, file=source.name, column=column, columns=", ".join(columns))

    def _joined_masters(self, rule: RecordRule) -> Iterator[tuple[int, AnyRecord]]:
        join = next(join for join in self.mapping.joins if join.name == rule.rows_of)
        for source in self.sources:
            file = _beside(source, join)
            columns = table_columns(file, join.shape)
            for column in sorted(set(rule.columns()) - set(columns)):
                raise DomainError(ErrorCode.COLUMN_MISSING, file=file.name, column=column, columns=", ".join(columns))
            for row in table_rows(file, join.shape, self.report):
                located = _LocatedRow(file.name, 0, row.row, row.cells)
                if self._applies(rule, located):
                    yield from self._master(rule, located)

    def _skip_reason(self, row: _LocatedRow) -> str | None:
        for skip in self.mapping.skips:
            try:
                if skip.when.render([row.cells]):
                    return skip.reason
            except CellError:
                continue
        return None

    def _applies(self, rule: RecordRule, row: _LocatedRow) -> bool | None:
        """Whether a rule takes a row; None = its condition cannot be told, which makes the record faulty."""
        if rule.when is None:
            return True
        try:
            return bool(rule.when.render([row.cells]))
        except CellError:
            self._doubtful.add(row.reference)
            return None

    def _group(self, rule: RecordRule, row: _LocatedRow) -> str:
        assert rule.group_by is not None
        try:
            return str(rule.group_by.render([row.cells]))
        except CellError:
            return f"\0{row.reference}"

    def _master(self, rule: RecordRule, row: _LocatedRow) -> Iterator[tuple[int, AnyRecord]]:
        try:
            code = _render_cell(rule.code.value, [row], "code") if rule.code else None
            if (rule.type, code) in self._seen or code == "":
                return
            content = _rendered(rule.fields, [row])
        except _RowError as error:
            self._tell(error.fault)
            return
        identity = rule.type, str(sorted(content.items())) if code is None else code
        if identity not in self._seen:
            self._seen.add(identity)
            yield from self._record(rule, row, content)

    def _document(self, rule: RecordRule, rows: Sequence[_LocatedRow]) -> Iterator[tuple[int, AnyRecord]]:
        try:
            for row in rows:
                if row.reference in self._doubtful and rule.when is not None:
                    _render_cell(rule.when.render, [row], "when")
            _check_header(rule, rows)
            content = _rendered(rule.fields, rows)
        except _RowError as error:
            self._tell(error.fault)
            return
        exact = totals_of(content)
        round_amounts(content, self.mapping.digits)
        imported = totals_of(content)
        self._drop_empty_lines(content, rows)
        found = list(self._record(rule, rows[0], content))
        if found:
            self.tallies.setdefault(rule.type, Tally()).add(exact, imported)
        yield from found

    def _drop_empty_lines(self, content: dict[str, Any], rows: Sequence[_LocatedRow]) -> None:
        """A line whose amount rounds to nothing states no debt. A document of nothing but such lines is left to the rules."""
        lines = content.get("lines", [])
        if len(lines) != len(rows) or not any(line.get("amount") for line in lines):
            return
        for line, row in zip(lines, rows, strict=True):
            if line.get("amount") == 0 and "amount" in line:
                self.report(SkippedRow(row.file, row.row, ROUNDS_TO_ZERO))
        content["lines"] = [line for line in lines if "amount" not in line or line["amount"] != 0]

    def _record(self, rule: RecordRule, row: _LocatedRow, content: dict[str, Any]) -> Iterator[tuple[int, AnyRecord]]:
        record = record_of({"type": rule.type, **_told(content)}, row.file, row.row)
        if isinstance(record, RowFault):
            self._tell(record)
        else:
            yield row.reference, record


    def _tell(self, found: RowFault) -> None:
        """A row is told once, though several records may stumble over the same cell."""
        if (found.file, found.row) not in self._told_rows:
            self._told_rows.add((found.file, found.row))
            self.report(found)


class _RowError(Exception):
    def __init__(self, found: RowFault) -> None:
        super().__init__(found)
        self.fault = found


class _JoinedFile:
    """The rows of a second file by their key, and which of them were used."""

    def __init__(self, join: Join, main: Source, report: Report) -> None:
        self.join, self.report = join, report
        self.source = _beside(main, join)
        names = table_columns(self.source, join.shape)
        if join.key not in names:
            raise DomainError(ErrorCode.COLUMN_MISSING, file=self.source.name, column=join.key, columns=", ".join(names))
        self.columns = [f"{join.name}.{name}" for name in names]
        self._rows: dict[str, TableRow] = {}
        for row in table_rows(self.source, join.shape, report):
            lent = {f"{join.name}.{name}": cell for name, cell in row.cells.items()}
            self._rows.setdefault(row.cells[join.key].strip(), TableRow(row.row, lent))
        self._unused = set(self._rows)

    def lend(self, row: _LocatedRow) -> RowFault | None:
        """The columns of the joined row are added to the row's cells. Fault: unknown_reference."""
        try:
            key = str(self.join.on.render([row.cells]))
        except CellError as error:
            return fault(row.file, row.row, error.column, error.value, error.code, **error.facts)
        found = self._rows.get(key)
        if found is None:
            if not self.join.optional:
                column = self.join.on.columns[0]
                return fault(row.file, row.row, column, key, ErrorCode.UNKNOWN_REFERENCE, kind=self.source.name)
            row.cells.update(dict.fromkeys(self.columns, ""))
            return None
        self._unused.discard(key)
        row.cells.update(found.cells)
        return None

    def report_unused(self) -> None:
        for number in sorted(self._rows[key].row for key in self._unused):
            self.report(SkippedRow(self.source.name, number, JOIN_UNUSED))


def _beside(main: Source, join: Join) -> Source:
    return source_of(main.path.parent / join.file, main.encoding if main.encoding else "")


def _render_cell(value: Any, rows: Sequence[_LocatedRow], name: str) -> Any:
    try:
        return value([row.cells for row in rows])
    except CellError as error:
        raise _row_error(error, rows[0], name) from None


def _row_error(error: CellError, row: _LocatedRow, name: str) -> _RowError:
    return _RowError(fault(row.file, row.row, error.column or name, error.value, error.code, **error.facts))


def _rendered(fields: Sequence[Field | ItemList], rows: Sequence[_LocatedRow]) -> dict[str, Any]:
    """The content of a record: header fields from the first row, list items from every row. Absent values are left out."""
    content: dict[str, Any] = {}
    first = rows[0]
    one = (first.cells,)
    for item in fields:
        if isinstance(item, Field):
            try:
                value = item.value([row.cells for row in rows] if item.over_all_rows else one)
            except CellError as error:
                raise _row_error(error, first, item.name) from None
            if value != "":
                content[item.name] = value
        elif item.many:
            content[item.name] = [_rendered(part, (row,)) for row in rows for part in item.items]
        else:
            content[item.name] = _rendered(item.items[0], (first,))
    return content


def _check_header(rule: RecordRule, rows: Sequence[_LocatedRow]) -> None:
    """Rows of one document agree on every header field. Fault: rows_differ."""
    header = [item for item in rule.fields if isinstance(item, Field) and item.columns and not item.over_all_rows]
    columns = sorted({name for item in header for name in item.columns})
    if len(rows) == 1 or not columns:
        return
    cells_of = itemgetter(*columns)
    first = rows[0]
    said = cells_of(first.cells)
    for row in rows[1:]:
        if cells_of(row.cells) == said:
            continue
        for item in header:
            value, expected = (_render_cell(item.value, [one], item.name) for one in (row, first))
            if value != expected:
                raise _RowError(fault(row.file, row.row, item.name, str(value), ErrorCode.ROWS_DIFFER, expected=str(expected),
                                      first_row=first.row))


def _told(content: Any) -> Any:
    """Decimals as plain texts, the way records carry them."""
    if isinstance(content, dict):
        return {name: _told(value) for name, value in content.items()}
    if isinstance(content, list):
        return [_told(item) for item in content]
    return format(content, "f") if isinstance(content, Decimal) else content
