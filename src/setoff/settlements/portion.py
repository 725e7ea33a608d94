"""A portion of a bulk import: documents with the ids they will have, and the rows they become."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from setoff.core.errors import DomainError
from setoff.core.fact import Node
from setoff.settlements.records import DocumentRow, EntryRow, FactRow, TargetRow, VersionRow
from setoff.trade.documents import AnyDocument
from setoff.trade.registry import kind_of


class Numbered(NamedTuple):
    """A document of the source with the ids it gets when it is new; `error` is why it waits."""

    ref: Any
    document: AnyDocument
    document_id: int
    version_id: int
    error: DomainError | None = None


class Portion(NamedTuple):
    """Rows of some documents."""

    documents: list[DocumentRow]
    versions: list[VersionRow]
    facts: list[FactRow]
    targets: list[TargetRow]
    entries: list[EntryRow]
    nodes: dict[int, Node]

    def without(self, document_ids: set[int]) -> Portion:
        """The rows of the other documents."""
        versions = {row.version_id for row in self.documents if row.id in document_ids}
        return Portion(
            [row for row in self.documents if row.id not in document_ids],
            [row for row in self.versions if row.id not in versions],
            [row for row in self.facts if row.version_id not in versions],
            [row for row in self.targets if row.version_id not in versions],
            [row for row in self.entries if row.version_id not in versions],
            self.nodes,
        )


def numbering_of(document: AnyDocument) -> tuple[str, str, str]:
    return document.unit, kind_of(document), document.date[:4]


def default_key(document: AnyDocument) -> str:
    """The key of a document that has a number and no key of its own."""
    unit, kind, year = numbering_of(document)
    return f"{kind}/{unit}/{year}/{document.number}" if document.number else ""


@contextmanager
def cycles_uncollected() -> Iterator[None]:
    """Rows hold no reference cycles, and looking for some takes a fifth of the time of making them."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
