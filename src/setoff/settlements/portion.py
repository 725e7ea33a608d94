"""A portion of a bulk import: documents with the ids they will have, and the rows they become."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import psycopg

from setoff.core.errors import DomainError
from setoff.core.fact import Node
from setoff.settlements.orders.rows import PlanRows
from setoff.settlements.records import DocumentRow, EntryRow, FactRow, PlanRow, PlanStageRow, PlanUseRow, TargetRow, VersionRow
from setoff.trade.directory import UnitTerms
from setoff.trade.documents import AdvanceOffset, AdvanceVat, AnyDocument, DebtAdjustment, DoubtfulReserve, Payment
from setoff.trade.invoice_documents import Invoice
from setoff.trade.payment_fields import SPLIT_OF
from setoff.trade.registry import kind_of
from setoff.trade.write_off import is_receivable_written_off


class ImportOutcome(NamedTuple):
    """Counts, and the refused: (ref, error) in the order of the source."""

    created: int
    changed: int
    unchanged: int
    refused: list[tuple[Any, DomainError]]


class ImportRefused(Exception):
    """on_error "stop": the first refusal; nothing was kept."""

    def __init__(self, ref: Any, error: DomainError) -> None:
        super().__init__(ref, error)
        self.ref, self.error = ref, error


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
    plans: list[PlanRow]
    stages: list[PlanStageRow]
    uses: list[PlanUseRow]

    def plan(self, rows: PlanRows) -> None:
        """What a document plans, or which plans it is about."""
        self.plans.extend(rows.plans)
        self.stages.extend(rows.stages)
        self.uses.extend(rows.uses)

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
            [row for row in self.plans if row.version_id not in versions],
            [row for row in self.stages if row.version_id not in versions],
            [row for row in self.uses if row.version_id not in versions],
        )


def new_portion() -> Portion:
    return Portion([], [], [], [], [], {}, [], [], [])


def is_new_reversal(document: AnyDocument) -> bool:
    """Whether it takes back another document, so that it is posted after that one was folded."""
    return isinstance(document, DebtAdjustment | AdvanceOffset) and bool(document.reverses) and document.state == "posted"


def comes_last(document: AnyDocument, loans: frozenset[str]) -> bool:
    """Whether it is posted after the rest of its file was folded: a reversal, a decision on the VAT of an advance, an invoice; what moves
    the reserve for doubtful debts, which has to be known; a payment, or the money, of one of the `loans` (contracts with terms of loan)
    whose parts or instalments are to be computed."""
    if document.state != "posted":
        return False
    if isinstance(document, Payment) and document.kind in SPLIT_OF:
        return not document.rows and not document.targets and not document.stages and document.contract in loans
    return is_new_reversal(document) or isinstance(document, AdvanceVat | Invoice | DoubtfulReserve) or is_receivable_written_off(document)


def until_reversals(rows: list[Numbered]) -> Iterator[list[Numbered]]:
    """The rows in their order, cut after every run of reversals."""
    first = 0
    for place, row in enumerate(rows):
        is_last = place + 1 == len(rows)
        if is_last or (is_new_reversal(row.document) and not is_new_reversal(rows[place + 1].document)):
            yield rows[first : place + 1]
            first = place + 1


def numbering_of(document: AnyDocument) -> tuple[str, str, str]:
    return document.unit, kind_of(document), document.date[:4]


def default_key(document: AnyDocument) -> str:
    """The key of a document that has a number and no key of its own."""
    unit, kind, year = numbering_of(document)
    return f"{kind}/{unit}/{year}/{document.number}" if document.number else ""


def take_numbers(
    conn: psycopg.Connection[Any], units: Mapping[str, UnitTerms], documents: Iterable[AnyDocument]
) -> dict[tuple[str, str, str], Iterator[str]]:
    """Numbers for documents that come without one."""
    found: dict[tuple[str, str, str], Iterator[str]] = {}
    for (unit, kind, year), count in Counter(map(numbering_of, documents)).items():
        if unit in units and year.isdecimal():
            rows = conn.execute("select next_numbers(%s, %s, %s, %s)", [units[unit].id, kind, int(year), count])
            found[unit, kind, year] = iter([row[0] for row in rows])
    return found


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
