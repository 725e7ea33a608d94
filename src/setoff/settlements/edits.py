"""One edit of the books: a document's facts replaced by others (or by none), with everything that follows (spec 1.10).

Order, and why nothing here can dead-lock: the unit (shared), then all keys in ascending order in one step, then writes. Rows of
documents are only written under the locks of their keys; who finds the document changed meanwhile starts again. Documents
between two keys (a set-off) need the other key to stand still too: found out under the locks, and if it was not
locked, all locks are given back and taken again together.

Errors: allocation_exceeds_balance, target_in_future, refund_exceeds_advance, conflict_with_later_target, period_closed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import psycopg

from setoff.core.errors import DomainError, ErrorCode, InvariantViolation
from setoff.settlements.advance_vat.books import Overlay
from setoff.settlements.advance_vat.rows import NO_CHANGE, VatChange, delete_waits, vat_effect
from setoff.settlements.diff import Change, changes_of
from setoff.settlements.journal import Stated, compare_postings, derive_postings, load_folds, load_postings, load_stated
from setoff.settlements.keys import KeyTerms, difference_accounts
from setoff.settlements.records import AllocationRow, DocumentRow, EntryRow, FactRow, LotRow, PostingRow, TargetRow, insert_rows
from setoff.settlements.refold import Refolded, Refusal, refold
from setoff.settlements.refusals import EditedDocument, refuse_closed_period, refuse_targets
from setoff.settlements.revaluation.chains import joined, revalued_chains
from setoff.settlements.revaluation.points import lay_points, points_after
from setoff.settlements.revaluation.rows import revaluation_effect
from setoff.settlements.tails import Tail, Targets, ask_tails, load_terms, read_tails
from setoff.settlements.writer import moments_changed, write_refolded
from setoff.trade.directory import UnitTerms
from setoff.trade.documents import AnyDocument

LINKED_SQL = """
  select distinct other.reg_key_id
  from unnest(%s::int8[], %s::int8[]) touched(key_id, since)
  join fact on fact.reg_key_id = touched.key_id and fact.moment >= touched.since
  join document on document.id = fact.document_id and document.posted_version_id = fact.version_id
  join fact other on other.unit_id = fact.unit_id and other.version_id = fact.version_id and other.reg_key_id <> fact.reg_key_id"""


class StaleDocument(Exception):
    """The document changed between reading and locking: the caller starts again."""


def refuse_key_elsewhere(conn: psycopg.Connection[Any], met: Exception) -> None:
    """A key that a document of a unit has which one may not read is no edit to meet again. Errors: reference_exists."""
    if isinstance(met, StaleDocument) and met.args and conn.execute("select keys_elsewhere(%s)", [list(met.args)]).fetchone():
        raise DomainError(ErrorCode.REFERENCE_EXISTS, kind="document", value=met.args[0], field="key") from None


def not_updated(conn: psycopg.Connection[Any], row: DocumentRow) -> Exception:
    """Why a row that was read could not be updated: it changed meanwhile, or the database does not let one change it."""
    same = "select true from document where unit_id = %s and id = %s and version_id = %s and status = %s"
    if conn.execute(same, [row.unit_id, row.id, row.version_id, row.status]).fetchone() is None:
        return StaleDocument()
    code = conn.execute("select code from unit where id = %s", [row.unit_id]).fetchone()
    return DomainError(ErrorCode.NOT_PERMITTED, right="post" if row.status == "posted" else "draft", unit=code[0] if code else "")


class Old(NamedTuple):
    """Where the document's facts stand in the books: (regulated, management) keys of each, and their moment."""

    was_posted: bool
    moment: int
    keys: list[tuple[int | None, int | None]]


class NewFacts(NamedTuple):
    """A document's facts as they are to be; no facts when it is unposted."""

    unit: UnitTerms
    document_id: int
    moment: int
    facts: list[FactRow]
    targets: list[TargetRow]
    entries: list[EntryRow]


class Said(NamedTuple):
    """The words of the document as it is to be (None: unposted), and what it decides of, now or before: documents by id, on these keys."""

    key: str
    document: AnyDocument | None
    named: tuple[int, ...] = ()
    keys: tuple[int, ...] = ()


class Border(NamedTuple):
    """The first open moment of the unit (None: nothing is closed), the first moment the edit itself touches, and what the edited
    document, which may be new, is called."""

    closed: int | None
    earliest: int
    kind: str
    number: str


class Effect(NamedTuple):
    """What an edit does to the derived rows, before anything is written."""

    refolded: Refolded
    postings_out: list[PostingRow]
    postings_in: list[PostingRow]
    later_refusals: list[Refusal]
    changes: list[Change]
    vat: VatChange = NO_CHANGE


def lock_and_load(
    conn: psycopg.Connection[Any], unit_id: int, since: Mapping[int, int]
) -> tuple[dict[int, KeyTerms], dict[int, Tail], Targets]:
    """Take the locks of an edit, the unit shared, the keys exclusive and ascending, and read the tails under them, in one go. Keys linked
    by a document that stands on two keys are locked with them. Locks end with the transaction."""
    conn.execute("select pg_advisory_xact_lock_shared(%s)", [unit_id])
    wanted = set(since)
    while True:
        conn.execute("savepoint before_locks")
        conn.execute("select pg_advisory_xact_lock(key_id) from unnest(%s::int8[]) key_id", [sorted(wanted)])
        linked = conn.execute(LINKED_SQL, [list(since), list(since.values())])
        asked = ask_tails(conn, since)
        further = {row[0] for row in linked} - wanted
        if not further:
            return read_tails(asked, since)
        wanted |= further
        conn.execute("rollback to savepoint before_locks")


def effect_of(
    conn: psycopg.Connection[Any], old: Old, new: NewFacts, said: Said, fresh_terms: Mapping[int, KeyTerms], border: Border
) -> Effect:
    """Lock the touched keys and refold them with the new facts in place of the document's old ones. Writes nothing."""
    revalues = border.kind == "revaluation"
    terms, refolded, has_points = (_revalued(conn, old, new, said) if revalues else _refolded(conn, old, new, said, fresh_terms))
    refuse_targets(conn, new.document_id, refolded.refusals)
    postings_out, postings_in = repost(conn, [(old, new)], refolded, terms)
    if has_points:
        fx_out, fx_in = revaluation_effect(conn, refolded, terms, new.facts, difference_accounts(new.unit))
        postings_out, postings_in = postings_out + fx_out, postings_in + fx_in
    vat = NO_CHANGE
    if new.unit.owes_advance_vat and not revalues:
        overlay = Overlay(new.document_id, new.unit.id, new.moment, said.key, border.kind, said.document, new.facts, refolded, terms)
        vat = vat_effect(conn, overlay, said.named)
        postings_out, postings_in = postings_out + vat.postings_out, postings_in + vat.postings_in
    changes = changes_of(refolded, postings_out, postings_in, terms)
    if border.closed is not None:
        moved = {moment for _unit, moment, _document in moments_changed(refolded, [*postings_out, *postings_in])}
        if border.earliest < border.closed or any(moment < border.closed for moment in moved):
            edited = EditedDocument(new.document_id, border.kind, border.number, new.unit.book_currency)
            refuse_closed_period(conn, border.closed, changes, edited)
    later = [refusal for refusal in refolded.refusals if refusal.fact.document_id != new.document_id]
    return Effect(refolded, postings_out, postings_in, later, changes, vat)


class Anew(NamedTuple):
    """The rows of the touched keys, folded; whether any of them is revalued."""

    terms: dict[int, KeyTerms]
    refolded: Refolded
    has_points: bool


def _refolded(
    conn: psycopg.Connection[Any], old: Old, new: NewFacts, said: Said, fresh_terms: Mapping[int, KeyTerms]
) -> Anew:
    since = dict.fromkeys(said.keys, min(old.moment, new.moment)) | moments_by_key(old, new)
    terms, tails, targets = lock_and_load(conn, new.unit.id, since) if since else ({}, {}, {})
    terms = {**fresh_terms, **terms}
    for key_id, moment in since.items():
        tails.setdefault(key_id, Tail(terms[key_id], moment))
    lay_points(conn, new.unit, tails.values(), (new.document_id, new.moment, said.document))
    lay_facts(tails, targets, [new])
    return Anew(terms, refold(tails, targets), any(tail.points for tail in tails.values()))


def _revalued(conn: psycopg.Connection[Any], old: Old, new: NewFacts, said: Said) -> Anew:
    """The debts that a revaluation meets. The unit is locked against all others from then on: nobody opens another meanwhile."""
    conn.execute("select pg_advisory_xact_lock(%s)", [new.unit.id])
    moments, edited = (old.moment, new.moment), (new.document_id, new.moment, said.document)
    chains = revalued_chains(conn, new.unit.id, points_after(conn, new.unit, min(moments), edited), moments)
    since = dict.fromkeys(sorted(chains.left_out), min(moments))
    if not since:
        return Anew(chains.terms, chains.refolded, has_points=True)
    terms, tails, targets = read_tails(ask_tails(conn, since), since)
    lay_points(conn, new.unit, tails.values(), edited)
    return Anew(chains.terms | terms, joined(chains.refolded, refold(tails, targets)), has_points=True)


def lay_facts(tails: Mapping[int, Tail], targets: Targets, edited: Sequence[NewFacts]) -> None:
    """Put the new facts of documents in the place of those that their keys have now."""
    own: dict[int, list[FactRow]] = defaultdict(list)
    for new in edited:
        for target in new.targets:
            targets.setdefault((target.version_id, target.line), []).append(target)
        for fact in new.facts:
            for key_id in {fact.reg_key_id, fact.mgmt_key_id}:
                if key_id is not None:
                    own[key_id].append(fact)
    gone = {new.document_id for new in edited}
    for key_id, tail in tails.items():
        others = [fact for fact in tail.facts if fact.document_id not in gone]
        tail.facts = sorted([*others, *own[key_id]], key=lambda fact: (fact.moment, fact.line))


def repost(
    conn: psycopg.Connection[Any], edited: Sequence[tuple[Old, NewFacts]], refolded: Refolded, terms: dict[int, KeyTerms]
) -> tuple[list[PostingRow], list[PostingRow]]:
    """Postings that go and come: of the edited documents, of one unit, and of every document whose lots or allocations changed in the
    books."""
    rows: list[LotRow | AllocationRow] = [
        *refolded.lots_out, *refolded.lots_in, *refolded.allocations_out, *refolded.allocations_in
    ]
    changed = {row.document_id for row in rows if terms[row.key_id].key.contour == "reg"}
    changed -= {new.document_id for _old, new in edited}
    stated = load_stated(conn, sorted(changed))
    for _old, new in edited:
        if new.facts or new.entries:
            regulated = [fact for fact in new.facts if fact.reg_key_id is not None]
            stated[new.document_id] = Stated(new.unit.id, new.document_id, new.moment, regulated, new.entries)
    folds = dict(refolded.folds)
    missing = {
        (fact.reg_key_id, fact.document_id)
        for document in stated.values()
        for fact in document.facts
        if fact.reg_key_id is not None and (fact.reg_key_id, fact.document_id, fact.line) not in folds
    }
    if missing:
        folds.update(load_folds(conn, missing))
        terms.update(load_terms(conn, [key_id for key_id, _document in missing if key_id not in terms]))
    accounts = {new.unit.id: difference_accounts(new.unit) for _old, new in edited[:1]}
    derived = derive_postings(list(stated.values()), folds, terms, accounts)
    stored = sorted(changed | {new.document_id for old, new in edited if old.was_posted})
    return compare_postings(load_postings(conn, stored) if stored else [], derived)


def write_effect(conn: psycopg.Connection[Any], effect: Effect) -> None:
    if effect.later_refusals:
        raise InvariantViolation("an edit with refused later targets may not be written")
    write_refolded(conn, effect.refolded, effect.postings_out, effect.postings_in)
    delete_waits(conn, effect.vat.waits_out)
    insert_rows(conn, effect.vat.waits_in)


def moments_by_key(old: Old, new: NewFacts) -> dict[int, int]:
    """From which moment each touched key is refolded: the earlier of where the facts stood and where they will stand."""
    since: dict[int, int] = {}
    stands = [(key_id, old.moment) for keys in old.keys for key_id in keys]
    stands += [(key_id, fact.moment) for fact in new.facts for key_id in (fact.reg_key_id, fact.mgmt_key_id)]
    for key_id, moment in stands:
        if key_id is not None:
            since[key_id] = min(moment, since.get(key_id, moment))
    return since
