"""Bulk import: many documents in one transaction, by COPY, folded once at the end.

The same rules make the same rows as posting one by one in file order; what is saved is the round trips and the refolds between.
1. Portions of documents become rows (`facts`, as for one document) and are copied in.
2. The keys they touch are folded from the earliest moment on (rebuild.py); the postings follow.
3. Documents that were there already are compared by content: the same is left alone, others are edited one by one afterwards.
   When something is refused so, because a new document wants an edited one, all is done again with the edits first.
4. A reversal is posted after what it undoes was folded: at the end, with the number of its place in the file. When something is refused
   so, because another document wants what a reversal gives back, all is done again and folded at each reversal of the file.

The units are locked against posting until the end. A refused document is reported with its place in the source (`ref`, any
value of the caller's). With on_error "stop" the first refusal ends the import and nothing is kept; with "collect" the refused
ones are left out, all are listed, and the others are kept. A target that only the fold finds too small refuses the document that
names it; if that document was in the books before, the newest imported document before it in the same key is refused.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice, takewhile
from typing import Any, Final, Literal

import msgspec
import psycopg

from setoff.books.audit import Actor, record_audit
from setoff.books.queries import closed_until
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Node
from setoff.core.moment import Moment, day_of
from setoff.settlements.advance_vat.rows import restate_vat
from setoff.settlements.blame import blame
from setoff.settlements.cleared import clear_tails
from setoff.settlements.columns import copy_rows
from setoff.settlements.known import all_differences, all_terms
from setoff.settlements.orders.gate import met_by_new
from setoff.settlements.orders.rows import plan_rows
from setoff.settlements.portion import (
    ImportOutcome,
    ImportRefused,
    Numbered,
    Portion,
    comes_last,
    cycles_uncollected,
    default_key,
    is_new_reversal,
    new_portion,
    numbering_of,
    take_numbers,
    until_reversals,
)
from setoff.settlements.rebuild import BulkRefusal, Ledger, fold_touched, ledger_piece, write_allocations, write_lots, write_postings
from setoff.settlements.records import DocumentRow, VersionRow, insert_rows, renew_statistics
from setoff.settlements.revaluation.many import RateMissing
from setoff.settlements.revaluation.rows import restate_revaluations
from setoff.settlements.rows import Place, StatementRows, node_rows, statement_rows
from setoff.settlements.services import closed_year_of, encode_document
from setoff.settlements.standing import NEW, Edit, Standing, restate_all, restate_touched, standings, stands_so, taken_rows
from setoff.settlements.touched import begin_touching, loan_contracts, touch_linked, touch_revalued
from setoff.trade.correction import correct
from setoff.trade.directory import Age, ContractTerms, DocumentRef, Stated, UnitTerms
from setoff.trade.documents import AnyDocument
from setoff.trade.header import header
from setoff.trade.queries import add_documents, load_whole_directory
from setoff.trade.references import named_documents
from setoff.trade.registry import facts, further_documents

__all__ = ["ImportOutcome", "ImportRefused", "Source", "import_documents"]

PORTION: Final = 5_000
EMPTY: Final = StatementRows([], [], [], {}, hashlib.sha256(b"").digest())
Source = Callable[[], Iterable[tuple[Any, AnyDocument]]]


class _Undo(Exception):
    """Everything is rolled back: a dry run, or refused documents to leave out in another pass."""


def import_documents(
    conn: psycopg.Connection[Any],
    source: Source,
    actor: Actor,
    *,
    on_error: Literal["stop", "collect"] = "stop",
    dry_run: bool = False,
    consent: bool = False,
    progress: Callable[[int], None] = lambda _count: None,
) -> ImportOutcome:
    """Import the documents of a source, which can be read again. `consent`: also beyond limits. Errors: ImportRefused (on_error "stop")."""
    left_out: dict[Any, DomainError] = {}
    edits_first: list[Edit] = []
    in_file_order = False
    while True:
        try:
            with conn.transaction():
                load = Load(conn, actor, left_out, progress, in_file_order=in_file_order)
                load.edit_first(edits_first)
                load.take_in(source())
                load.fold()
                load.keep_limits(consent=consent)
                stopped = load.refused and on_error == "stop"
                if not load.found_by_fold and not stopped:
                    load.edit()
                    renew_statistics(conn, load.created)
                    stopped = load.refused and on_error == "stop"
                by_reversals = load.has_reversals and not in_file_order and load.refused
                other_order = load.refused and load.edits and not edits_first
                if by_reversals or dry_run or stopped or other_order or load.found_by_fold:
                    raise _Undo
        except _Undo:
            pass
        if by_reversals:
            left_out, in_file_order = {}, True
            continue
        if other_order:
            left_out, edits_first = {}, load.edits
            continue
        if stopped:
            raise ImportRefused(*load.refused[0])
        if not load.found_by_fold:
            return ImportOutcome(load.created, load.changed, load.unchanged, load.refused)
        left_out.update(load.found_by_fold)


class Load:
    """One pass over the source in one transaction."""

    def __init__(
        self, conn: psycopg.Connection[Any], actor: Actor, left_out: dict[Any, DomainError], progress: Callable[[int], None], *,
        in_file_order: bool,
    ) -> None:  # fmt: skip
        self.conn, self.actor, self.left_out, self.progress = conn, actor, left_out, progress
        self.in_file_order, self.has_reversals = in_file_order, False
        self.created = self.changed = self.unchanged = 0
        self.refused: list[tuple[Any, DomainError]] = []
        self.found_by_fold: dict[Any, DomainError] = {}
        self.edits: list[Edit] = []
        self.postponed: list[Numbered] = []
        self.revalued_units: set[int] = set()
        conn.execute("select pg_advisory_xact_lock(id) from (select id from unit order by id) units")
        self.recorded_at = datetime.now(UTC)  # not before the lock: what is recorded at an instant is in the books of that instant
        self.directory = load_whole_directory(conn)
        self.units: dict[int, UnitTerms] = {unit.id: unit for unit in self.directory.units.values()}
        self.contracts: dict[int, ContractTerms] = {contract.id: contract for contract in self.directory.contracts.values()}
        self.closed = closed_until(conn, list(self.units))
        self.keys_of: dict[Node, tuple[int, int, int]] = {}
        self.known_nodes: set[int] = set()
        self.since: int | None = None
        self.taken: tuple[array[int], list[Any]] = array("q"), []  # ids of new documents, and where they came from
        self.first_id, self.last_id = 0, -1
        self.loans = loan_contracts(conn)
        begin_touching(conn)

    def edit_first(self, edits: list[Edit]) -> None:
        """Those of documents that stood in the books before the file. What is refused now has its turn again at the end."""
        known = standings(self.conn, [edit.document.key or default_key(edit.document) for edit in edits])
        own = [edit for edit in edits if (edit.document.key or default_key(edit.document)) in known]
        self.changed, self.unchanged, refused = restate_all(self.conn, own, self.actor)
        self.done = {edit.ref for edit in own} - {ref for ref, _error in refused}

    def take_in(self, documents: Iterable[tuple[Any, AnyDocument]]) -> None:
        """Copy in everything that is new."""
        iterator: Iterator[tuple[Any, AnyDocument]] = iter(documents)
        with cycles_uncollected():
            while portion := list(islice(iterator, PORTION)):
                ids = self.conn.execute(
                    "select nextval('document_id_seq'), nextval('version_id_seq') from generate_series(1, %s)", [len(portion)]
                ).fetchall()
                rows = [Numbered(*row, *pair) for row, pair in zip(portion, ids, strict=True)]
                for part in until_reversals(rows) if self.in_file_order else (rows,):
                    self.take_portion(part)
                    if self.in_file_order and is_new_reversal(part[-1].document) and not self.found_by_fold:
                        self.post_reversals()
                self.progress(len(portion))
            self.take_postponed()

    def post_reversals(self) -> None:
        """What stands in the file before a reversal is folded, and then it is posted; one that cannot be yet waits for the end."""
        self.fold()
        if self.found_by_fold:
            return
        if self.since is not None:
            restate_touched(self.conn, self.since, self.actor)
        new = [edit for edit in self.edits if edit.standing == NEW]
        made, _unchanged, refused = restate_all(self.conn, new, self.actor)
        left = {ref for ref, _error in refused}
        self.created += made
        self.edits = [edit for edit in self.edits if edit.standing != NEW or edit.ref in left]
        self.since, self.first_id, self.last_id = None, 0, -1
        self.known_nodes.clear()  # keys of later documents are touched again
        self.conn.execute("delete from touched")
        self.conn.execute("delete from own_document")

    def take_postponed(self) -> None:
        """Documents that named one which came later in the file; those that name one which never came are refused."""
        while self.postponed:
            again, self.postponed = self.postponed, []
            self.take_portion(again)
            if len(self.postponed) == len(again):
                self.refused += [(row.ref, row.error) for row in self.postponed if row.error]
                return

    def take_portion(self, portion: list[Numbered]) -> None:
        """Documents in file order. One that names a document which comes later waits for it and keeps its place."""
        wanted = {key for row in portion for key in named_documents(row.document)}
        add_documents(self.conn, self.directory, wanted)
        add_documents(self.conn, self.directory, further_documents(self.directory.documents.values()) - self.directory.documents.keys())
        stored = standings(self.conn, [row.document.key or default_key(row.document) for row in portion])
        new = [row.document for row in portion if row.document.key not in stored and not row.document.number]
        numberless = [document for document in new if not comes_last(document, self.loans)]  # what comes last is numbered when it is posted
        numbers = take_numbers(self.conn, self.directory.units, numberless)
        rows = new_portion()
        for row in portion:
            if row.ref in self.done:
                continue
            try:
                if row.ref in self.left_out:
                    raise self.left_out[row.ref]
                self.take(row, stored, numbers, rows)
            except DomainError as error:
                if error.code is ErrorCode.UNKNOWN_REFERENCE and error.facts.get("kind") == "document":
                    self.postponed.append(row._replace(error=error))
                else:
                    self.refused.append((row.ref, error))
                continue
            if rows.documents and rows.documents[-1].id == row.document_id:
                self.taken[0].append(row.document_id)
                self.taken[1].append(row.ref)
                if rows.documents[-1].key in wanted:
                    self.remember(rows)
        self.write(rows)
        self.directory.documents.clear()

    def take(
        self, row: Numbered, stored: dict[str, Standing], numbers: dict[tuple[str, str, str], Iterator[str]], rows: Portion
    ) -> None:
        """One document: an edit for later, nothing new, or rows."""
        ref, document, document_id, version_id, _error = row
        if document.key and document.key in stored:
            self.compare(ref, document, stored[document.key])
            return
        if comes_last(document, self.loans):
            self.has_reversals |= is_new_reversal(document)
            self.edits.append(Edit(ref, document, NEW, document_id))  # what it undoes, or decides, is known when the rest is folded
            return
        head = header(document, self.directory)
        number = document.number or next(numbers[numbering_of(document)])
        key = document.key or f"{head.kind}/{head.unit.code}/{head.date.year}/{number}"
        document = msgspec.structs.replace(document, key=key, number=number)
        if key in stored:
            self.compare(ref, document, stored[key])
            return
        posted = document.state == "posted"
        if posted and document.deletion_mark:
            raise DomainError(ErrorCode.WRONG_STATE, document=number, state="posted", field="deletion_mark")
        place = Place(head.unit, document_id, version_id, Moment(head.date, head.day_order, document_id).pack())
        made = EMPTY
        if posted:
            closed = self.closed.get(head.unit.id)
            if closed is not None and place.moment < closed:
                raise DomainError(ErrorCode.PERIOD_CLOSED, documents=number, open_from=day_of(closed), rows=[])
            statement = facts(document, document_id, self.directory, closed_year=closed_year_of(closed))
            made = statement_rows(statement, place, self.keys_of)
            rows.plan(plan_rows(document, statement, place, self.directory))
            self.since = place.moment if self.since is None else min(self.since, place.moment)
            if head.kind == "revaluation":
                self.revalued_units.add(head.unit.id)
        content = encode_document(document)
        stored[key] = Standing(content, document.state, document.deletion_mark)
        rows.documents.append(
            DocumentRow(
                head.unit.id, document_id, head.kind, number, head.date.year, key, head.date, place.moment,
                document.state, document.deletion_mark, head.counterparty_id, head.contract_id, head.currency, head.total_minor,
                version_id, version_id if posted else None,
            )
        )
        rows.versions.append(
            VersionRow(
                head.unit.id, version_id, document_id, 1, self.recorded_at, self.actor.author, "post" if posted else "save", posted,
                place.moment, content, hashlib.sha256(content.encode()).digest(), made.hash,
            )
        )
        rows.facts.extend(made.facts)
        rows.targets.extend(made.targets)
        rows.entries.extend(made.entries)
        rows.nodes.update(made.nodes)
        if posted:
            correct(self.directory, document, document_id, head.total_minor)
        self.created += 1

    def compare(self, ref: Any, document: AnyDocument, standing: Standing) -> None:
        """A document that is there already: the same again, or an edit for the end of the import."""
        if stands_so(document, standing):
            self.unchanged += 1
        else:
            self.edits.append(Edit(ref, document, standing))

    def remember(self, rows: Portion) -> None:
        """The newest document of the portion is named by another one of it."""
        row, version = rows.documents[-1], rows.versions[-1]
        own = list(takewhile(lambda fact: fact.version_id == version.id, reversed(rows.facts)))[::-1]
        lines, ages = tuple((fact.line, fact.label) for fact in own), tuple(Age(fact.line, fact.due or day_of(fact.rank)) for fact in own)
        found = row.id, row.key, row.kind, row.number, row.date, row.moment, row.status, row.unit_id, version.content.encode(), lines
        stated = tuple(Stated(fact.line, fact.reg_key_id, fact.mgmt_key_id, fact.change, fact.book) for fact in own)
        self.directory.documents[row.key] = DocumentRef(*found, ages=ages, stated=stated)

    def write(self, rows: Portion) -> None:
        try:
            with self.conn.transaction():
                copy_rows(self.conn, rows.documents)
        except psycopg.errors.UniqueViolation:
            rows = self.without_taken(rows)
            copy_rows(self.conn, rows.documents)
        copy_rows(self.conn, rows.versions)
        unknown = {node_id: node for node_id, node in rows.nodes.items() if node_id not in self.known_nodes}
        self.known_nodes.update(unknown)
        nodes, keys, _terms = node_rows(unknown, self.units, self.contracts)
        insert_rows(self.conn, keys)
        insert_rows(self.conn, nodes)
        for written in (rows.entries, rows.facts, rows.targets, rows.plans, rows.stages, rows.uses):
            copy_rows(self.conn, written)
        self.conn.execute("insert into touched select unnest(%s::int8[]) on conflict do nothing", [sorted({row.id for row in keys})])
        if rows.documents:
            ids = [row.id for row in rows.documents]
            self.first_id = min(self.first_id or ids[0], *ids)
            self.last_id = max(self.last_id, *ids)
            if self.in_file_order:
                self.conn.execute("insert into own_document select unnest(%s::int8[])", [ids])

    def without_taken(self, rows: Portion) -> Portion:
        """The rows of the documents whose number and key were free; the others are refused."""
        taken = taken_rows(self.conn, rows.documents)
        refs = dict(zip(*self.taken, strict=True))
        self.refused += [(refs[row_id], error) for row_id, error in taken.items()]
        self.created -= len(taken)
        return rows.without(set(taken))

    def fold(self) -> None:
        """Derived rows of the touched keys from the earliest imported moment on."""
        if self.since is None or self.found_by_fold:
            return
        touch_revalued(self.conn, self.revalued_units)
        touch_linked(self.conn, self.since)
        own = "in (select id from own_document)" if self.in_file_order else f"between {self.first_id} and {self.last_id}"
        replaced = clear_tails(self.conn, self.since, own)
        terms = all_terms(self.conn, " where id in (select key_id from touched)")
        refusals: list[BulkRefusal] = []
        pieces = []
        refs = dict(zip(*self.taken, strict=True))
        try:
            for contour in ("mgmt", "reg"):
                for keys in fold_touched(self.conn, contour, terms, since=self.since):
                    refusals += keys.refusals
                    if not refusals:
                        write_lots(self.conn, keys)
                        write_allocations(self.conn, keys)
                        if contour == "reg":
                            pieces.append(ledger_piece(keys, terms, all_differences(self.conn)))
                    del keys  # large: one portion at a time
        except RateMissing as error:
            ref = next((refs[place] for place in (error.revaluation, error.owner) if place in refs), self.taken[1][-1])
            self.found_by_fold = {ref: error}
            self.refused.append((ref, error))
            return
        if refusals:
            self.found_by_fold = blame(self.conn, refusals, refs, terms)
            self.refused += list(self.found_by_fold.items())
            return
        first = min(replaced, self.first_id) if replaced else self.first_id
        wanted = f"and (document.id {own} or document.id in (select document_id from reposted))" if replaced else f"and document.id {own}"
        write_postings(self.conn, Ledger(pieces), documents=(first, self.last_id), wanted=wanted)
        restate_revaluations(self.conn, all_differences(self.conn), touched=True)
        restate_vat(self.conn, since=self.since, touched=True)

    def keep_limits(self, *, consent: bool) -> None:
        """What was shipped beyond the limits of its contract, or past the gate of its order, is refused, as by the fold."""
        if self.found_by_fold:
            return
        met = met_by_new(self.conn, (self.first_id, self.last_id), self.contracts.values(), consent=consent)
        self.found_by_fold = {ref: met[document_id] for document_id, ref in zip(*self.taken, strict=True) if document_id in met}
        self.refused += list(self.found_by_fold.items())

    def edit(self) -> None:
        """Documents whose content changed, and reversals, one by one. Errors: base_in_use."""
        if self.since is not None:
            restate_touched(self.conn, self.since, self.actor)
        changed, unchanged, refused = restate_all(self.conn, self.edits, self.actor)
        left_out = {ref for ref, _error in refused}
        made = sum(edit.standing == NEW and edit.ref not in left_out for edit in self.edits)
        self.created += made
        self.changed += changed - made
        self.unchanged += unchanged
        self.refused += refused
        record_audit(
            self.conn, self.actor, "import", created=self.created, changed=self.changed, unchanged=self.unchanged, refused=len(self.refused)
        )
