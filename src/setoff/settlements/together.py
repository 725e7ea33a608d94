"""Posted payments edited together: read in a few queries, folded once, written in bulk, as the allocation desk edits a thousand of them.

It leaves in the books what posting one after another would. Whatever is more than a refold of their keys is left to that, so that it is
refused or asked for in its usual words: a payment that is not posted, moved to another day or number; another unit; foreign
currency, VAT on advances; a target that finds too little; a closed period; a document that somebody else changed meanwhile.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec
import psycopg

from setoff.books.audit import Actor, record_audit
from setoff.core.fact import Node, Statement
from setoff.core.moment import Moment
from setoff.settlements.diff import changes_of
from setoff.settlements.edits import Effect, NewFacts, Old, StaleDocument, lay_facts, lock_and_load, moments_by_key, repost, write_effect
from setoff.settlements.keys import KeyTerms
from setoff.settlements.open_sums import sum_up_now_and_then
from setoff.settlements.orders.gate import Written, keep_terms
from setoff.settlements.records import DocumentRow, VersionRow, insert_rows
from setoff.settlements.refold import refold
from setoff.settlements.rows import Place, StatementRows, node_rows, statement_rows
from setoff.settlements.services import (
    GUARD_PERIOD_CLOSED,
    Outcome,
    closed_year_of,
    encode_document,
    post_document,
    restate_followers,
)
from setoff.settlements.stored import Stored, check_edit, find_documents, is_said_again
from setoff.settlements.tails import Tail
from setoff.settlements.writer import moments_changed
from setoff.trade.directory import Directory, UnitTerms
from setoff.trade.documents import Payment
from setoff.trade.header import header
from setoff.trade.queries import load_directory
from setoff.trade.references import References, references
from setoff.trade.registry import facts

UPDATE_SQL: Final = """
  update document set counterparty_id = now.counterparty_id, contract_id = now.contract_id, currency = now.currency, total = now.total,
         version_id = now.version_id, posted_version_id = now.version_id
  from unnest(%s::int8[], %s::int8[], %s::int8[], %s::int8[], %s::text[], %s::int8[], %s::int8[])
       now(id, was, counterparty_id, contract_id, currency, total, version_id)
  where document.unit_id = %s and document.id = now.id and document.version_id = now.was and document.status = 'posted'
  returning document.id"""
IDS_SQL: Final = "select array(select nextval('version_id_seq') from generate_series(1, %s)), closed_until(%s)"


class _OneByOne(Exception):
    """There is more to decide than a fold."""


class Edited(NamedTuple):
    """A payment as it is to be, and as it stands."""

    document: Payment
    statement: Statement
    place: Place
    rows: StatementRows
    row: DocumentRow
    stored: Stored

    @property
    def old(self) -> Old:
        return Old(True, self.stored.row.moment, self.stored.keys)

    @property
    def new(self) -> NewFacts:
        place, rows = self.place, self.rows
        return NewFacts(place.unit, place.document_id, place.moment, rows.facts, rows.targets, rows.entries)


def post_payments(conn: psycopg.Connection[Any], payments: Sequence[Payment], actor: Actor, *, consent: bool = False) -> list[Outcome]:
    """Each is posted as `post_document` posts it. The first outcome has the changes of all."""
    if len(payments) > 1:
        try:
            with conn.pipeline(), conn.transaction():
                outcomes = _together(conn, payments, actor, consent=consent)
        except (_OneByOne, StaleDocument, psycopg.errors.DeadlockDetected, psycopg.errors.NumericValueOutOfRange):
            pass
        except psycopg.DatabaseError as error:
            if error.sqlstate != GUARD_PERIOD_CLOSED:
                raise
        else:
            sum_up_now_and_then(conn, [outcome.document_id for outcome in outcomes])
            return outcomes
    return [post_document(conn, payment, actor, consent=consent) for payment in payments]


def _together(conn: psycopg.Connection[Any], payments: Sequence[Payment], actor: Actor, *, consent: bool) -> list[Outcome]:
    directory = load_directory(conn, _merged(map(references, payments)))
    stored = find_documents(conn, [payment.key for payment in payments])
    if len(stored) < len(payments) or len({payment.unit for payment in payments}) > 1:
        raise _OneByOne
    unit = directory.units[payments[0].unit]
    version_ids, closed = conn.execute(IDS_SQL, [len(payments), unit.id]).fetchone() or ([], None)
    keys_of: dict[Node, tuple[int, int, int]] = {}
    edited, unchanged = [], []
    for payment, version_id in zip(payments, version_ids, strict=True):
        found = _edited(payment, stored[payment.key], (unit, version_id, closed), directory, keys_of)
        if found is None:
            unchanged.append(stored[payment.key].row)
        else:
            edited.append(found)
    outcomes = [Outcome(row.id, row.key, row.number, [], changed=False) for row in unchanged]
    if not edited:
        return outcomes
    nodes = {node_id: node for item in edited for node_id, node in item.rows.nodes.items()}
    node_list, key_list, terms = node_rows(nodes, {unit.id: unit}, {item.id: item for item in directory.contracts.values()})
    effect = _effect(conn, unit, edited, terms, closed)
    columns = zip(*(_changed(item) for item in edited), strict=True)
    if len(conn.execute(UPDATE_SQL, [*map(list, columns), unit.id]).fetchall()) != len(edited):
        raise StaleDocument
    versions = [_version(item, actor) for item in edited]
    stated: list[Sequence[Any]] = [versions, key_list, node_list, *(_all(edited, name) for name in ("entries", "facts", "targets"))]
    for rows in stated:
        insert_rows(conn, rows)
    write_effect(conn, effect)
    for item, version in zip(edited, versions, strict=True):
        written = Written(item.document, item.statement, item.place)
        keep_terms(conn, written, item.row, ("post", item.stored), directory, actor, consent=consent)
        record_audit(conn, actor, "post", unit_id=unit.id, document_id=item.row.id, version=version.version_no)
    followed = restate_followers(conn, edited[0].document, None, effect, actor, consent=consent)
    done = [Outcome(item.row.id, item.row.key, item.row.number, []) for item in edited]
    changes = [change for step in (effect.changes, *followed) for change in step]
    return [done[0]._replace(changes=changes), *done[1:], *outcomes]


def _edited(
    payment: Payment, stored: Stored, at: tuple[UnitTerms, int, int | None], directory: Directory, keys_of: dict[Node, tuple[int, int, int]]
) -> Edited | None:
    """None where it says what it says already."""
    unit, version_id, closed = at
    head = header(payment, directory)
    row = stored.row
    moment = Moment(head.date, head.day_order, row.id).pack()
    if row.status != "posted" or payment.number not in ("", row.number) or moment != row.moment or unit.owes_advance_vat:
        raise _OneByOne
    check_edit(stored, head, "post", None)
    document = msgspec.structs.replace(payment, number=row.number)
    if is_said_again(stored, encode_document(document), "post", posted=True):
        return None
    place = Place(unit, row.id, version_id, moment)
    statement = facts(document, row.id, directory, closed_year=closed_year_of(closed))
    rows = statement_rows(statement, place, keys_of)
    now = row._replace(
        counterparty_id=head.counterparty_id, contract_id=head.contract_id, currency=head.currency, total=head.total_minor,
        version_id=version_id, posted_version_id=version_id,
    )  # fmt: skip
    return Edited(document, statement, place, rows, now, stored)


def _effect(
    conn: psycopg.Connection[Any], unit: UnitTerms, edited: Sequence[Edited], fresh: Mapping[int, KeyTerms], closed: int | None
) -> Effect:
    """The keys are locked and folded with the new facts of all. Writes nothing."""
    pairs = [(item.old, item.new) for item in edited]
    since: dict[int, int] = {}
    for old, new in pairs:
        for key_id, moment in moments_by_key(old, new).items():
            since[key_id] = min(moment, since.get(key_id, moment))
    stored_terms, tails, targets = lock_and_load(conn, unit.id, since)
    terms = {**fresh, **stored_terms}
    if any(terms[key_id].key.currency != unit.book_currency for key_id in since):
        raise _OneByOne
    for key_id, moment in since.items():
        tails.setdefault(key_id, Tail(terms[key_id], moment))
    lay_facts(tails, targets, [new for _old, new in pairs])
    refolded = refold(tails, targets)
    if refolded.refusals:
        raise _OneByOne
    out, come = repost(conn, pairs, refolded, terms)
    if closed is not None:
        moments = {moment for _unit, moment, _document in moments_changed(refolded, [*out, *come])}
        if min(moments | {new.moment for _old, new in pairs}) < closed:
            raise _OneByOne
    return Effect(refolded, out, come, [], changes_of(refolded, out, come, terms))


def _version(item: Edited, actor: Actor) -> VersionRow:
    content = encode_document(item.document)
    return VersionRow(
        item.row.unit_id, item.place.version_id, item.row.id, item.stored.version_no + 1, datetime.now(UTC), actor.author, "post", True,
        item.place.moment, content, hashlib.sha256(content.encode()).digest(), item.rows.hash,
    )  # fmt: skip


def _changed(item: Edited) -> tuple[Any, ...]:
    """The columns of UPDATE_SQL."""
    row = item.row
    return row.id, item.stored.row.version_id, row.counterparty_id, row.contract_id, row.currency, row.total, row.version_id


def _all(edited: Iterable[Edited], name: str) -> list[Any]:
    return [row for item in edited for row in getattr(item.rows, name)]


def _merged(named: Iterable[References]) -> References:
    return References(*(frozenset().union(*column) for column in zip(*named, strict=True)))
