"""The files of one run as two streams of records: masters, then documents, each with the reference of its row. Receipts and notices between
units are put aside while the documents are read.

JSON Lines need no mapping; tables need one. Documents may be read again (a bulk import that leaves rows out reads twice);
faults and skipped rows are reported the first time only.

Errors: mapping_required (a table without a mapping), and those of source.py and convert.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field

from setoff.core.errors import DomainError, ErrorCode
from setoff.intake.amounts import Tally
from setoff.intake.convert import Conversion
from setoff.intake.decode import AnyRecord, decode_lines
from setoff.intake.identity import Identity, identity_of
from setoff.intake.mapping import Mapping, kept_mappings
from setoff.intake.rows import Report, RowFault, SkippedRow, file_and_row
from setoff.intake.source import Source
from setoff.settlements.notices import NoticeReceipt
from setoff.trade.notice_paper import KeptNotice


@dataclass(slots=True)
class Files:
    """`report` hears every bad or skipped row once. After `documents`: `tallies`, what a mapping made, by record type; `receipts` and
    `notices` by the reference of their rows. `wanted`: records to look out for; `met`: those of them that came, with their rows."""

    sources: Sequence[Source]
    mapping: Mapping | None
    report: Report
    tallies: dict[str, Tally] = field(default_factory=dict)
    receipts: dict[int, NoticeReceipt] = field(default_factory=dict)
    notices: dict[int, KeptNotice] = field(default_factory=dict)
    wanted: Set[Identity] = frozenset()
    met: dict[Identity, int] = field(default_factory=dict)
    _read_bytes: int = 0
    _current: Source | None = None
    _conversion: Conversion | None = None
    _is_first_reading: bool = True

    def __post_init__(self) -> None:
        tables = [source for source in self.sources if source.format != "jsonl"]
        if tables and self.mapping is None:
            raise DomainError(ErrorCode.MAPPING_REQUIRED, file=tables[0].name, mappings=", ".join(kept_mappings()))
        self.sources = [*(source for source in self.sources if source.format == "jsonl"), *tables]
        if self.mapping is not None and tables:
            first = len(self.sources) - len(tables)
            self._conversion = Conversion(self.mapping, tables, self._told, first_file_no=first, watch=self._watch)

    def masters(self) -> Iterator[tuple[int, AnyRecord]]:
        return self._watched(self._earlier_records()) if self.wanted else self._earlier_records()

    def documents(self) -> Iterator[tuple[int, AnyRecord]]:
        return self._documents(self._watched(self._later_records()) if self.wanted else self._later_records())

    def documents_of_tables(self) -> Iterator[tuple[int, AnyRecord]]:
        """What a mapping makes of the rows, once more after all was read; nothing is told again."""
        assert not self._is_first_reading
        return self._conversion.documents() if self._conversion else iter(())

    def _watched(self, rows: Iterator[tuple[int, AnyRecord]]) -> Iterator[tuple[int, AnyRecord]]:
        for reference, record in rows:
            identity = identity_of(record)
            if identity in self.wanted:
                self.met[identity] = reference
            yield reference, record

    def _earlier_records(self) -> Iterator[tuple[int, AnyRecord]]:
        for file_no, source in enumerate(self._lines_sources()):
            yield from decode_lines(source.records(), source.name, self._told, file_no=file_no, only_masters=True)
        if self._conversion:
            yield from self._conversion.masters()

    def _documents(self, rows: Iterator[tuple[int, AnyRecord]]) -> Iterator[tuple[int, AnyRecord]]:
        for reference, record in rows:
            if isinstance(record, NoticeReceipt):
                self.receipts[reference] = record
            elif isinstance(record, KeptNotice):
                self.notices[reference] = record
            else:
                yield reference, record

    def require_receipt(self, unit_id: int) -> None:
        """Whoever reads the files may note receipts in that unit. Errors: not_permitted (in files of somebody)."""

    def require_notice(self, notice: KeptNotice) -> None:
        """Whoever reads the files may bring that notice. Errors: not_permitted, unknown_reference (in files of somebody)."""

    def _later_records(self) -> Iterator[tuple[int, AnyRecord]]:
        self._read_bytes = 0
        for file_no, source in enumerate(self._lines_sources()):
            self._watch(source)
            yield from decode_lines(source.records(), source.name, self._told, file_no=file_no, only_masters=False)
        if self._conversion:
            yield from self._conversion.documents()
            self.tallies = self._conversion.tallies
        self._is_first_reading = False

    def place(self, reference: int) -> tuple[str, int]:
        """File and row of a reference. Constant masters come from the mapping itself, row 0."""
        file_no, row = file_and_row(reference)
        if row == 0 and self.mapping is not None:
            return self.mapping.name, 0
        return self.sources[file_no].name, row

    def size_bytes(self) -> int:
        return sum(source.size_bytes() for source in self.sources)

    def read_bytes(self) -> int:
        """How much of the files the reading of documents has passed."""
        return self._read_bytes + (self._current.read_bytes() if self._current else 0)

    def _lines_sources(self) -> list[Source]:
        return [source for source in self.sources if source.format == "jsonl"]

    def _watch(self, source: Source) -> None:
        if self._current is not None:
            self._read_bytes += self._current.size_bytes()
        self._current = source

    def _told(self, found: RowFault | SkippedRow) -> None:
        if self._is_first_reading:
            self.report(found)
