"""Loading files into the books: masters first, then documents, in one transaction.

Every bad row is found and reported, also when nothing is to be kept: "all or nothing" rolls back at the end, a dry run does
so always. Where a row says the same as before nothing changes: masters are known by code, documents by key, and equal
content is left alone. Rates state documents of their days again. At the end the ledger is compared with the settlements in the contracts
that the run touched (settlements/checks/after_import.py).

Refusals of rules become faults of their rows, and wait in the queue of refused rows (rejected.py). Errors: those of files.py, and
database_unreachable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple, cast

import msgspec
import psycopg

from setoff.access.approvals import Pending, leaves_by_approval, posting_needs_approval, restate_or_request
from setoff.access.policies import active_policies
from setoff.books.audit import Actor
from setoff.core.errors import DomainError
from setoff.intake.files import Files
from setoff.intake.rejected import REJECTED_MAX, Rejected, keep_rejected, waiting_records
from setoff.intake.rows import RowFault, SkippedRow, fault
from setoff.intake.said import SaidDocument, said_documents
from setoff.parties.records import Contract, Master
from setoff.settlements.branch_notices import restore_notice
from setoff.settlements.bulk import import_documents
from setoff.settlements.checks.after_import import NOT_COMPARED, Reconciled, begin_reconciling, reconcile
from setoff.settlements.choosing import Chooser
from setoff.settlements.diff import Change
from setoff.settlements.notices import restore_receipt
from setoff.settlements.revaluation.rates import keep_records
from setoff.settlements.services import known_document
from setoff.settlements.standing import NEW, standings
from setoff.trade.documents import AnyDocument

TICK_ROWS: Final = 500
Located = tuple[int, Master]


class Counts(NamedTuple):
    created: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a run did, or would do. `kept`: whether it is in the books now. `said`: the first of the documents that it wrote, where asked
    for."""

    masters: Counts
    documents: Counts
    refused: int
    kept: bool
    held: int = 0  # of the documents: saved, and waiting for the approval of a second person
    waiting: int = 0  # refused rows of this run and earlier ones that nobody dealt with yet
    restated: int = 0  # documents that stood in the books and were stated again by rates of the files
    changes: Sequence[Change] = ()  # what that changed
    reconciled: Reconciled = NOT_COMPARED
    said: Sequence[SaidDocument] = ()


class How(NamedTuple):
    """How a run takes records in. `keep_good_rows`: refused rows are left out, otherwise one of them is enough and nothing is kept.
    `consent` closes contracts that are not settled, and takes in shipments that the limits of contracts forbid. `fill_contracts`: a
    document that leaves its contract out gets the only one that fits (settlements/choosing.py). `tell_max`: so many documents are told."""

    keep_good_rows: bool = False
    dry_run: bool = False
    consent: bool = False
    fill_contracts: bool = False
    tell_max: int = 0


PLAIN: Final = How()


@dataclass(slots=True)
class Reports:
    """Hears of bad and skipped rows, counts the bad ones and passes all on. `faults`: the first of the bad ones; `masters`: master
    records that rules refused, by file and row."""

    tell: Callable[[RowFault | SkippedRow], None]
    refused: int = 0
    faults: list[RowFault] = field(default_factory=list)
    masters: dict[tuple[str, int], Master] = field(default_factory=dict)

    def __call__(self, found: RowFault | SkippedRow) -> None:
        if isinstance(found, RowFault):
            self.refused += 1
            if len(self.faults) < REJECTED_MAX:
                self.faults.append(found)
        self.tell(found)


class _NothingKept(Exception):
    """No error: the way out of a transaction that is not to be kept."""


def load_files(
    conn: psycopg.Connection[Any], files: Files, reports: Reports, actor: Actor, how: How = PLAIN, *,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Loaded:  # fmt: skip
    """The records of the files stand in the books, except refused ones (`keep_good_rows`), or nothing is changed. `reports` is the one that
    `files` tells. `progress` is told how many documents were read. But for a dry run, refused rows wait in the queue, and those of earlier
    imports whose record came now leave it."""
    if how.dry_run:
        return take_in(conn, files, reports, actor, how, progress=progress)
    files.wanted = waiting_records(conn)
    loaded = take_in(conn, files, reports, actor, how, progress=progress)
    rejected = Rejected(reports.faults, reports.masters, is_all=reports.refused == len(reports.faults))
    return replace(loaded, waiting=keep_rejected(conn, files, rejected, actor, kept=loaded.kept))


def take_in(
    conn: psycopg.Connection[Any], files: Files, reports: Reports, actor: Actor, how: How = PLAIN, *,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Loaded:  # fmt: skip
    """The same without the queue of refused rows."""
    try:
        with conn.transaction():
            mark = begin_reconciling(conn)
            masters, closings, rated = _load_masters(conn, files, reports, actor)
            held = _Held(conn)
            reading = _Reading(files, progress, Chooser(conn) if how.fill_contracts else None)
            documents = _load_documents(conn, reading, reports, actor, held, consent=how.consent)
            _note_receipts(conn, files, reports, actor)
            _restore_notices(conn, files, reports, actor)
            _save(conn, files, reports, actor, closings, consent=how.consent)
            kept = not how.dry_run and (how.keep_good_rows or not reports.refused)
            loaded = Loaded(
                masters, documents, reports.refused, kept, held.count, restated=rated.restated, changes=rated.changes,
                reconciled=reconcile(conn, mark) if kept or how.dry_run else NOT_COMPARED, said=said_documents(conn, mark, how.tell_max),
            )  # fmt: skip
            if not loaded.kept:
                raise _NothingKept
    except _NothingKept:
        pass
    return loaded


class _Saved(NamedTuple):
    """Master records that were saved, and what rates among them stated again."""

    counts: Counts
    restated: int = 0
    changes: Sequence[Change] = ()


def _load_masters(conn: psycopg.Connection[Any], files: Files, reports: Reports, actor: Actor) -> tuple[Counts, list[Located], _Saved]:
    """Everything but the closing of contracts, which is returned: the documents of a contract come before its end."""
    given = [(reference, cast(Master, record)) for reference, record in files.masters()]
    closed = {record.code for _, record in given if isinstance(record, Contract) and record.status == "closed"}
    query = "select code from contract where code = any(%s) and status = 'closed'"
    closing = closed - {code for (code,) in conn.execute(query, [sorted(closed)])} if closed else set()
    later: list[Located] = [(reference, record) for reference, record in given if isinstance(record, Contract) and record.code in closing]
    opened = [(reference, msgspec.structs.replace(record, status="active")) for reference, record in later]
    now = [row for row in given if not (isinstance(row[1], Contract) and row[1].code in closing)]
    saved = _save(conn, files, reports, actor, now)
    new = _save(conn, files, reports, actor, opened).counts
    ended = new.changed + new.unchanged
    counts = Counts(saved.counts.created + new.created, saved.counts.changed + ended, saved.counts.unchanged)
    return counts, later, saved


def _save(
    conn: psycopg.Connection[Any], files: Files, reports: Reports, actor: Actor, rows: Sequence[Located], *, consent: bool = False
) -> _Saved:
    if not rows:
        return _Saved(Counts(0, 0, 0))
    done = keep_records(conn, [record for _, record in rows], actor, on_error="collect", consent=consent)
    for refused in done.saved.refused:
        found = _refused(files, rows[refused.position][0], refused.error)
        reports.masters[found.file, found.row] = refused.record
        reports(found)
    return _Saved(Counts(done.saved.created, done.saved.changed, done.saved.unchanged), done.restated, done.changes)


class _Held:
    """What policies hold back from a file for a second person: those documents come in last, one by one, as drafts that wait."""

    def __init__(self, conn: psycopg.Connection[Any]) -> None:
        self.conn, self.policies, self.count = conn, active_policies(conn), 0

    def holds(self, document: AnyDocument) -> bool:
        if document.state == "posted":
            return posting_needs_approval(self.conn, document, self.policies)
        standing = standings(self.conn, [document.key]).get(document.key) if document.state == "unposted" and document.key else None
        return standing is not None and leaves_by_approval(self.conn, document, standing, self.policies)

    def take_in(self, given: Iterable[tuple[int, AnyDocument]], actor: Actor, refuse: Callable[[int, DomainError], None]) -> Counts:
        """Asked for, or left alone where the same is posted already."""
        created = changed = unchanged = 0
        for reference, document in given:
            standing = standings(self.conn, [document.key]).get(document.key) if document.key else None
            is_new = standing is None
            try:
                with self.conn.transaction():
                    done = restate_or_request(self.conn, document, standing or NEW, actor, self.policies)
            except DomainError as error:
                refuse(reference, error)
                continue
            self.count += isinstance(done, Pending)
            created += is_new
            changed += done.changed and not is_new
            unchanged += not done.changed and not is_new
        return Counts(created, changed, unchanged)


class _Reading(NamedTuple):
    """How the documents of the files are read, as often as it takes."""

    files: Files
    progress: Callable[[int], None]
    chooser: Chooser | None

    def documents(self) -> Iterator[tuple[int, AnyDocument]]:
        given = ((reference, cast(AnyDocument, record)) for reference, record in self.files.documents())
        return self.chooser.each(given) if self.chooser else given


def _load_documents(
    conn: psycopg.Connection[Any], reading: _Reading, reports: Reports, actor: Actor, held: _Held, *, consent: bool
) -> Counts:
    def refuse(reference: int, error: DomainError) -> None:
        reports(_refused(reading.files, reference, error))

    def source() -> Iterator[tuple[int, AnyDocument]]:
        given = _counted(reading.documents(), reading.progress)
        return (row for row in given if not held.holds(row[1])) if held.policies.limits else given

    outcome = import_documents(conn, source, actor, on_error="collect", consent=consent)
    for reference, error in outcome.refused:
        refuse(reference, error)
    if not held.policies.limits:
        return Counts(outcome.created, outcome.changed, outcome.unchanged)
    late = held.take_in((row for row in reading.documents() if held.holds(row[1])), actor, refuse)
    return Counts(outcome.created + late.created, outcome.changed + late.changed, outcome.unchanged + late.unchanged)


def _note_receipts(conn: psycopg.Connection[Any], files: Files, reports: Reports, actor: Actor) -> None:
    """Of documents that stand in the books by now."""
    for reference, receipt in files.receipts.items():
        try:
            files.require_receipt(known_document(conn, receipt.document).row.unit_id)
            restore_receipt(conn, receipt, actor)
        except DomainError as error:
            reports(_refused(files, reference, error))


def _restore_notices(conn: psycopg.Connection[Any], files: Files, reports: Reports, actor: Actor) -> None:
    """As they stand in the files, after their documents."""
    for reference, notice in files.notices.items():
        try:
            files.require_notice(notice)
            restore_notice(conn, notice, actor)
        except DomainError as error:
            reports(_refused(files, reference, error))


def _counted(documents: Iterator[tuple[int, AnyDocument]], progress: Callable[[int], None]) -> Iterator[tuple[int, AnyDocument]]:
    rows = 0
    for row in documents:
        rows += 1
        if rows % TICK_ROWS == 0:
            progress(rows)
        yield row
    progress(rows)


def _refused(files: Files, reference: int, error: DomainError) -> RowFault:
    file, row = files.place(reference)
    facts = dict(error.facts)
    field = str(facts.pop("field", ""))
    value = facts.pop("value", "")
    return fault(file, row, field, value, error.code, **facts)
