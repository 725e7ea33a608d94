"""Files of somebody: what he may not write is refused row by row, as rows with mistakes are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from setoff.access.rights import Right, Rights
from setoff.core.errors import DomainError
from setoff.intake.decode import AnyRecord
from setoff.intake.files import Files
from setoff.intake.mapping import Mapping
from setoff.intake.rows import Report, fault
from setoff.intake.source import Source
from setoff.parties.records import Organization, Rate, Unit
from setoff.trade.documents import Document
from setoff.trade.notice_paper import KeptNotice


class PermittedFiles(Files):
    """Rows of units where the person may not write are refused. Organizations and units are an administrator's, and rates are: one states
    documents of every unit again."""

    def __init__(self, sources: Sequence[Source], mapping: Mapping | None, report: Report, *, rights: Rights) -> None:
        self.rights = rights
        super().__init__(sources, mapping, report)

    def masters(self) -> Iterator[tuple[int, AnyRecord]]:
        return self._permitted(super().masters())

    def documents(self) -> Iterator[tuple[int, AnyRecord]]:
        return self._permitted(super().documents())

    def require_receipt(self, unit_id: int) -> None:
        self.rights.require("post", unit_id)

    def require_notice(self, notice: KeptNotice) -> None:
        """A draft is written by who may; what others did with a notice is an administrator's word, who posts in both units."""
        if notice.status == "draft":
            self.rights.require("draft", notice.sender)
            return
        self.rights.require_administrator()
        for unit in (notice.sender, notice.receiver):
            self.rights.require("post", unit)

    def _permitted(self, rows: Iterator[tuple[int, AnyRecord]]) -> Iterator[tuple[int, AnyRecord]]:
        for reference, record in rows:
            try:
                self._require(record)
            except DomainError as refusal:
                file, row = self.place(reference)
                facts = {name: value for name, value in refusal.facts.items() if name not in ("field", "value")}
                self._told(fault(file, row, "unit", refusal.facts.get("unit", ""), refusal.code, **facts))
            else:
                yield reference, record

    def _require(self, record: AnyRecord) -> None:
        if isinstance(record, Document):
            right: Right = "post" if record.state == "posted" else "draft"
            if record.unit in self.rights.unit_codes:
                self.rights.require(right, record.unit)
        elif isinstance(record, Organization | Unit | Rate):
            self.rights.require_administrator()
