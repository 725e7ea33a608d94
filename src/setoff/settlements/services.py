"""The verbs on documents: save, post, unpost, reorder, mark for deletion. One transaction each, all or nothing, with its audit record.

A document is found by its key: posting a document whose key exists is an edit. Every verb returns what it changed; to see
that and keep nothing, call it inside `conn.transaction(force_rollback=True)`. `consent` allows what the rules otherwise refuse for
caution: cutting down targets of later documents when an earlier one takes their lots; shipping beyond the limits of a contract.

Locks: see edits.py. A verb that met another edit of the same document starts again by itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Concatenate, NamedTuple, ParamSpec

import msgspec
import psycopg

from setoff.books.audit import Actor, record_audit
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.moment import Moment, day_of
from setoff.settlements.bases import check_base_stands, followers, leads, refused_follower, reversals_touched
from setoff.settlements.demotion import cut_target
from setoff.settlements.diff import Change, joined_changes
from setoff.settlements.edits import (
    Border,
    Effect,
    NewFacts,
    Old,
    StaleDocument,
    effect_of,
    not_updated,
    refuse_key_elsewhere,
    write_effect,
)
from setoff.settlements.invoices.register import keep_invoice
from setoff.settlements.loans.follow import loans_named, restate_loan
from setoff.settlements.loans.split import by_loan
from setoff.settlements.notices_whole import keep_notices_whole
from setoff.settlements.open_sums import sum_up_now_and_then
from setoff.settlements.orders.gate import Written, keep_terms
from setoff.settlements.records import DocumentRow, VersionRow, insert_rows
from setoff.settlements.refold import Refusal
from setoff.settlements.refusals import refuse_later_targets
from setoff.settlements.reserves import keep_reserves, take_from_reserve
from setoff.settlements.rounds_whole import keep_rounds_whole
from setoff.settlements.rows import Place, StatementRows, node_rows, statement_rows
from setoff.settlements.said import said_of
from setoff.settlements.stored import (
    Stored,
    ask_document,
    check_edit,
    check_not_closed,
    find_document,
    is_said_again,
    known_document,
    read_document,
    require_state,
)
from setoff.trade.documents import AnyDocument, Payment
from setoff.trade.header import Header, header
from setoff.trade.queries import decode_document, load_directory
from setoff.trade.registry import facts, references

__all__ = [
    "Outcome", "Stored", "ask_document", "clear_deletion_mark", "encode_document", "find_document", "known_document", "mark_for_deletion",
    "post_document", "post_saved", "read_document", "reorder_document", "require_state", "save_document", "unpost_document",
]  # fmt: skip

P = ParamSpec("P")
GUARD_PERIOD_CLOSED = "SE005"  # settlements/guards.sql


class Outcome(NamedTuple):
    """What a verb did. `changes` lists derived rows of every document it touched, its own included."""

    document_id: int
    key: str
    number: str
    changes: list[Change]
    changed: bool = True


UPDATE_SQL = """
  update document set number = %s, year = %s, date = %s, moment = %s, status = %s, deletion_mark = %s, counterparty_id = %s,
         contract_id = %s, currency = %s, total = %s, version_id = %s, posted_version_id = %s
  where unit_id = %s and id = %s and version_id = %s returning id"""
INSERT_SQL = f"insert into document values ({', '.join(['%s'] * len(DocumentRow._fields))}) returning id"
NOTHING = StatementRows([], [], [], {}, hashlib.sha256(b"").digest())


def closed_year_of(closed: int | None) -> int:
    """The last year closed to its end, given the first open moment; 0 = none."""
    return day_of(closed).year - 1 if closed is not None else 0


def encode_document(document: AnyDocument) -> str:
    """Canonical JSON: fields in the order of the structure, defaults left out. How a document stands (state, deletion mark) is
    no part of what it says."""
    if document.state != "posted" or document.deletion_mark:
        document = msgspec.structs.replace(document, state="posted", deletion_mark=False)
    return msgspec.json.encode(document).decode()


def in_transaction(
    verb: Callable[Concatenate[psycopg.Connection[Any], P], Outcome],
) -> Callable[Concatenate[psycopg.Connection[Any], P], Outcome]:
    """One transaction for a verb; started again when another edit of the same document came first, and once when a period was
    closed while the verb waited for its unit (the database refused; the second time we know what it would change). It runs in a
    pipeline: the server is waited for only where an answer is looked at, four times for a new document."""

    def run(conn: psycopg.Connection[Any], /, *args: P.args, **options: P.kwargs) -> Outcome:
        was_closed_meanwhile = False
        while True:
            try:
                with conn.pipeline(), conn.transaction():
                    conn.execute("set local plan_cache_mode = force_generic_plan")  # planning costs more than the plans differ
                    outcome = verb(conn, *args, **options)
            except (StaleDocument, psycopg.errors.DeadlockDetected) as met:  # a demotion may lock keys out of order
                refuse_key_elsewhere(conn, met)
                continue
            except psycopg.DatabaseError as error:
                if isinstance(error, psycopg.errors.NumericValueOutOfRange):
                    raise DomainError(ErrorCode.AMOUNT_TOO_LARGE, value=error.diag.message_primary or "") from error
                if error.sqlstate != GUARD_PERIOD_CLOSED or was_closed_meanwhile:
                    raise
                was_closed_meanwhile = True
                continue
            sum_up_now_and_then(conn, [outcome.document_id])
            return outcome

    run.__doc__, run.__name__ = verb.__doc__, verb.__name__
    return run


@in_transaction
def post_document(
    conn: psycopg.Connection[Any], document: AnyDocument, actor: Actor, *, consent: bool = False, entry_no: int = 0
) -> Outcome:
    """Insert and post a document, or replace the facts of the one with its key. Saying the same again changes nothing. `entry_no`: the
    number that a new one was given before (0: the next)."""
    return write_version(conn, document, actor, "post", posted=True, consent=consent, entry_no=entry_no)


@in_transaction
def save_document(conn: psycopg.Connection[Any], document: AnyDocument, actor: Actor) -> Outcome:
    """Save a draft, or a new version of a document that is not posted. A posted document is refused: wrong_state."""
    return write_version(conn, document, actor, "save", posted=False, consent=False)


@in_transaction
def post_saved(conn: psycopg.Connection[Any], key: str, actor: Actor, *, consent: bool = False) -> Outcome:
    """Post a draft or an unposted document as it was saved."""
    document = decode_document(known_document(conn, key).content)
    return write_version(conn, msgspec.structs.replace(document, state="posted"), actor, "post", posted=True, consent=consent)


@in_transaction
def unpost_document(conn: psycopg.Connection[Any], key: str, actor: Actor, *, consent: bool = False) -> Outcome:
    """Take a posted document's facts out of the books; its content stays."""
    stored = known_document(conn, key)
    require_state(stored, "posted")
    document = decode_document(stored.content)
    return write_version(conn, document, actor, "unpost", posted=False, consent=consent, stored=stored)


def check_day_order(day_order: int) -> None:
    """Errors: invalid_value."""
    if not 0 <= day_order <= 511:
        raise DomainError(ErrorCode.INVALID_VALUE, field="day_order", value=str(day_order), expected="0..511")


@in_transaction
def reorder_document(
    conn: psycopg.Connection[Any], key: str, day_order: int, actor: Actor, *, consent: bool = False
) -> Outcome:
    """Move a document within its day: 0 comes first, 511 last; kinds start at the orders of spec 1.8."""
    check_day_order(day_order)
    stored = known_document(conn, key)
    document = msgspec.structs.replace(decode_document(stored.content), day_order=day_order)
    posted = stored.row.status == "posted"
    return write_version(conn, document, actor, "reorder", posted=posted, consent=consent, stored=stored)


@in_transaction
def mark_for_deletion(conn: psycopg.Connection[Any], key: str, actor: Actor) -> Outcome:
    """Mark a document that is not posted; a posted one is refused: wrong_state."""
    return set_deletion_mark(conn, key, actor, mark=True)


@in_transaction
def clear_deletion_mark(conn: psycopg.Connection[Any], key: str, actor: Actor) -> Outcome:
    """Take the deletion mark off."""
    return set_deletion_mark(conn, key, actor, mark=False)


def set_deletion_mark(conn: psycopg.Connection[Any], key: str, actor: Actor, *, mark: bool) -> Outcome:
    stored = known_document(conn, key)
    check_not_closed(stored, "save")
    require_state(stored, "draft", "unposted")
    row = stored.row
    if row.deletion_mark != mark:
        updated = conn.execute(
            "update document set deletion_mark = %s where unit_id = %s and id = %s and version_id = %s and status <> 'posted' returning id",
            [mark, row.unit_id, row.id, row.version_id],
        )
        if updated.fetchone() is None:
            raise not_updated(conn, row)
        verb = "mark_for_deletion" if mark else "clear_deletion_mark"
        record_audit(conn, actor, verb, unit_id=row.unit_id, document_id=row.id)
    return Outcome(row.id, row.key, row.number, [], row.deletion_mark != mark)


def write_version(
    conn: psycopg.Connection[Any], document: AnyDocument, actor: Actor, action: str, *, posted: bool, consent: bool,
    stored: Stored | None = None, entry_no: int = 0,
) -> Outcome:  # fmt: skip
    """A new version of a document (a new document when its key is new), and all that follows from it."""
    asked = ask_document(conn, document.key) if stored is None and document.key else None
    directory = load_directory(conn, references(document))
    head = header(document, directory)
    stored = read_document(asked) if asked is not None else stored
    taken = take_identity(conn, head, stored, document.number, entry_no)
    key = document.key or f"{head.kind}/{head.unit.code}/{head.date.year}/{taken.number}"
    if stored is None and not document.key and document.number:
        stored = find_document(conn, key)
        if stored is not None:
            return write_version(conn, msgspec.structs.replace(document, key=key), actor, action, posted=posted, consent=consent)
    document = msgspec.structs.replace(document, key=key, number=taken.number)
    place = Place(head.unit, taken.document_id, taken.version_id, Moment(head.date, head.day_order, taken.document_id).pack())
    if posted and action != "follow":
        document = by_loan(conn, document, head.unit.id, place.moment, place.document_id)
    keep_rounds_whole(conn, document, posted=posted)
    keep_notices_whole(conn, document, action)
    document = take_from_reserve(conn, document, head, taken.document_id, directory) if posted else document
    content = encode_document(document)
    was_posted = stored is not None and stored.row.status == "posted"
    if stored is not None:
        check_edit(stored, head, action, None if posted else taken.closed)
        if is_said_again(stored, content, action, posted=posted):
            return Outcome(stored.row.id, key, taken.number, [], changed=False)
    statement = facts(document, taken.document_id, directory, closed_year=closed_year_of(taken.closed)) if posted else None
    rows = statement_rows(statement, place, {}) if statement else NOTHING
    moved = stored is not None and was_posted and (rows.hash, place.moment) != (stored.facts_hash, stored.row.moment)
    if action == "follow" and stored and not moved and stored.content == content:
        return Outcome(stored.row.id, key, taken.number, [], changed=False)
    new = NewFacts(head.unit, place.document_id, place.moment, rows.facts, rows.targets, rows.entries)
    nodes, keys, terms = node_rows(rows.nodes, {head.unit.id: head.unit}, {item.id: item for item in directory.contracts.values()})
    effect = None
    if posted or was_posted:
        old = Old(True, stored.row.moment, stored.keys) if stored and was_posted else Old(False, place.moment, [])
        border = Border(taken.closed, min(old.moment, place.moment), head.kind, taken.number)
        effect = effect_of(conn, old, new, said_of(conn, document, stored, posted=posted), terms, border)
        check_base_stands(conn, document, directory)
        if effect.later_refusals:
            demote_targets(conn, effect.later_refusals, actor, consent=consent)
            return write_version(conn, document, actor, action, posted=posted, consent=consent, stored=stored)
    row = document_row(head, place, key, taken.number, status_after(stored, posted=posted))
    version = VersionRow(
        head.unit.id, place.version_id, place.document_id, stored.version_no + 1 if stored else 1, datetime.now(UTC), actor.author, action,
        posted, place.moment, content, hashlib.sha256(content.encode()).digest(), rows.hash,
    )
    write_document(conn, row, stored, ([version], keys, nodes, rows.entries, rows.facts, rows.targets))
    if effect:
        write_effect(conn, effect)
        keep_reserves(conn, head.unit, document)
        keep_terms(conn, Written(document, statement, place), row, (action, stored), directory, actor, consent=consent)
        keep_invoice(conn, document, row, directory)
    record_audit(conn, actor, action, unit_id=head.unit.id, document_id=place.document_id, version=version.version_no)
    before = stored if moved and leads(document, action) else None
    followed = restate_followers(conn, document, before, effect, actor, consent=consent)
    if effect and action != "follow" and (loans := loans_named(directory, stored.content if stored and was_posted else None)):
        write = partial(write_following, conn, actor, consent=consent)
        followed += restate_loan(conn, head.unit.id, loans, min(old.moment, place.moment), write)
    return Outcome(place.document_id, key, taken.number, joined_changes([effect.changes if effect else [], *followed]))


def document_row(head: Header, place: Place, key: str, number: str, status: str) -> DocumentRow:
    posted_version_id = place.version_id if status == "posted" else None
    return DocumentRow(
        head.unit.id, place.document_id, head.kind, number, head.date.year, key, head.date, place.moment, status, False,
        head.counterparty_id, head.contract_id, head.currency, head.total_minor, place.version_id, posted_version_id,
    )  # fmt: skip


def write_following(
    conn: psycopg.Connection[Any], actor: Actor, stored: Stored, document: AnyDocument, posted: bool, *, consent: bool = False
) -> list[Change]:
    """State a document of a loan again as it follows from another one, or take it out of the books."""
    return write_version(conn, document, actor, "follow", posted=posted, consent=consent, stored=stored).changes


def restate_followers(
    conn: psycopg.Connection[Any], document: AnyDocument, before: Stored | None, effect: Effect | None, actor: Actor, *, consent: bool
) -> list[list[Change]]:
    """State the documents again that follow this one, when its facts changed (`before`), and the reversals of adjustments that settle other
    documents now. Errors: base_in_use when one of them is not possible any more."""
    keys = followers(conn, document, before) if before else []
    if effect is not None:
        rows = [*effect.refolded.allocations_in, *effect.refolded.allocations_out]
        keys += [key for key in reversals_touched(conn, {row.document_id for row in rows}, document.key) if key not in keys]
    steps = []
    for key in keys:
        stored = known_document(conn, key)
        again = decode_document(stored.content)
        try:
            steps.append(write_version(conn, again, actor, "follow", posted=True, consent=consent, stored=stored).changes)
        except DomainError as refusal:
            raise refused_follower(document.number, stored.row.number, refusal) from None
    return steps


def status_after(stored: Stored | None, *, posted: bool) -> str:
    """A document that was posted once is never a draft again."""
    return "posted" if posted else "unposted" if stored and stored.row.status != "draft" else "draft"


class Identity(NamedTuple):
    """Ids (the document's is its entry number, kept for ever), the number, and the unit's first open moment."""

    document_id: int
    version_id: int
    number: str
    closed: int | None


IDENTITY_SQL = """
  select coalesce(%(document)s::int8, nextval('document_id_seq')), nextval('version_id_seq'),
         coalesce(nullif(%(number)s, ''), (select next_numbers(%(unit)s, %(kind)s, %(year)s, 1))), closed_until(%(unit)s)"""


def take_identity(conn: psycopg.Connection[Any], head: Header, stored: Stored | None, number: str, entry_no: int) -> Identity:
    """What the new version is called. A document keeps its number unless another is typed."""
    found = {
        "document": stored.row.id if stored else entry_no or None, "number": number or (stored.row.number if stored else ""),
        "unit": head.unit.id, "kind": head.kind, "year": head.date.year,
    }
    row = conn.execute(IDENTITY_SQL, found).fetchone()
    assert row is not None
    return Identity._make(row)


def write_document(conn: psycopg.Connection[Any], row: DocumentRow, stored: Stored | None, stated: Iterable[Sequence[Any]]) -> None:
    """The row, and what its version states."""
    write_row(conn, row, stored)
    for rows in stated:
        insert_rows(conn, rows)


def write_row(conn: psycopg.Connection[Any], row: DocumentRow, stored: Stored | None) -> None:
    """Insert, or update the version we read; another one in its place means that somebody was faster."""
    try:
        if stored is None:
            conn.execute(INSERT_SQL, row).fetchone()  # look at the answer: the number or the key may be taken
            return
        values = [
            row.number, row.year, row.date, row.moment, row.status, row.deletion_mark, row.counterparty_id, row.contract_id,
            row.currency, row.total, row.version_id, row.posted_version_id, row.unit_id, row.id, stored.row.version_id,
        ]  # fmt: skip
        if conn.execute(UPDATE_SQL, values).fetchone() is None:
            raise not_updated(conn, stored.row)
    except psycopg.errors.UniqueViolation as error:
        if error.diag.constraint_name == "document_key":
            raise StaleDocument(row.key) from None  # the same key came in at the same time: now it is an edit
        raise DomainError(ErrorCode.NUMBER_TAKEN, number=row.number, kind=row.kind, year=row.year) from None


def demote_targets(conn: psycopg.Connection[Any], refusals: list[Refusal], actor: Actor, *, consent: bool) -> None:
    """With consent: cut the targets of later documents down to what they still find; the excess becomes an advance or goes where the
    automatic order sends it. The cut stays visible in the document (check C-3). Errors: conflict_with_later_target without consent."""
    if not consent:
        refuse_later_targets(conn, refusals)
    keys = dict(
        conn.execute(
            "select id, key from document where id = any(%s)",
            [[number for item in refusals for number in (item.fact.document_id, item.target.document_id if item.target else 0)]],
        ).fetchall()
    )
    short: dict[tuple[int, int, int], tuple[int, str]] = {}  # (document, target document and line) -> most that is missing, currency
    for refusal in refusals:
        if refusal.target is None or refusal.fact.document_id not in keys:
            refuse_later_targets(conn, refusals)  # a refund without an advance cannot be cut down
        name = (refusal.fact.document_id, refusal.target.document_id, refusal.target.document_line)
        missing = max(refusal.target.amount - refusal.found, short.get(name, (0, ""))[0])  # both contours may miss it
        short[name] = (missing, refusal.key.currency)
    for document_id in sorted({name[0] for name in short}):
        stored = known_document(conn, keys[document_id])
        document = decode_document(stored.content)
        if not isinstance(document, Payment):
            refuse_later_targets(conn, refusals)
        for (owner, target_id, line), (missing, currency) in short.items():
            if owner == document_id:
                document = cut_target(document, keys[target_id], line, missing, currency)
        write_version(conn, document, actor, "demote", posted=True, consent=True, stored=stored)
