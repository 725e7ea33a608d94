"""How documents stand in the books when a file names them again: what they say, their state, their deletion mark, their number.

A file may say a document as it stands (nothing changes), with other words (an edit), or in another state (posted, unposted,
marked for deletion). Errors: number_taken, and those of the verbs.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, Final, NamedTuple

import msgspec
import psycopg

from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.settlements.bases import refused_follower
from setoff.settlements.loans.follow import restate_touched_loans
from setoff.settlements.records import DocumentRow
from setoff.settlements.services import (
    Outcome,
    clear_deletion_mark,
    encode_document,
    known_document,
    mark_for_deletion,
    post_document,
    save_document,
    unpost_document,
    write_following,
    write_version,
)
from setoff.trade.documents import AnyDocument
from setoff.trade.queries import decode_document

STANDING_SQL = """
  select document.key, version.content, document.status, document.deletion_mark
  from document join version on version.unit_id = document.unit_id and version.id = document.version_id
  where document.key in (select jsonb_array_elements_text(%s::jsonb))"""
NUMBERS_SQL = """
  select document.unit_id, document.kind, document.year::int, document.number
  from unnest(%s::int8[], %s::text[], %s::int2[], %s::text[]) given (unit_id, kind, year, number)
  join document using (unit_id, kind, year, number)"""

TOUCHED_REVERSALS_SQL = """
  select reversal.key, reversal.number, adjusted.number
  from version said
  join document reversal on reversal.unit_id = said.unit_id and reversal.posted_version_id = said.id
  join document adjusted on adjusted.key = reverses_of(said.content)
  where reverses_of(said.content) is not null and exists (
    select from fact join touched on touched.key_id in (fact.reg_key_id, fact.mgmt_key_id)
    where fact.unit_id = adjusted.unit_id and fact.version_id = adjusted.posted_version_id and fact.moment >= %s)
  order by reversal.moment"""


class Standing(NamedTuple):
    """`content` is what the newest version says; `status` draft, posted or unposted."""

    content: str
    status: str
    deletion_mark: bool


NEW: Final = Standing("", "", deletion_mark=False)
"""How a document stands that is not there yet, but has to wait until the others of its file are folded: a reversal."""


class Edit(NamedTuple):
    """A document that a file says otherwise than it stands; `ref` is its place in the file, `entry_no` what a new one is numbered with."""

    ref: Any
    document: AnyDocument
    standing: Standing
    entry_no: int = 0


def standings(conn: psycopg.Connection[Any], keys: Iterable[str]) -> dict[str, Standing]:
    """How the documents of those keys stand; keys that do not exist are left out."""
    wanted = msgspec.json.encode([key for key in keys if key]).decode()  # psycopg's text arrays cost five times as much
    return {key: Standing(*row) for key, *row in conn.execute(STANDING_SQL, [wanted])}


def stands_so(document: AnyDocument, standing: Standing) -> bool:
    """Whether a file says nothing new. A document that names no number has the one it was given; a draft that was posted and
    taken back is as good as a draft."""
    if not document.number or not document.key:
        known = decode_document(standing.content)
        document = msgspec.structs.replace(document, number=document.number or known.number, key=document.key or known.key)
    same_state = (document.state == "posted") == (standing.status == "posted") and document.deletion_mark == standing.deletion_mark
    return same_state and encode_document(document) == standing.content


def restate(conn: psycopg.Connection[Any], edit: Edit, actor: Actor) -> Outcome:
    """The document says and stands as the file has it: edited, posted, taken out of the books, marked or unmarked."""
    document, standing = edit.document, edit.standing
    if standing == NEW:
        return post_document(conn, document, actor, entry_no=edit.entry_no)
    key = document.key or decode_document(standing.content).key
    if standing.deletion_mark and not document.deletion_mark:
        clear_deletion_mark(conn, key, actor)
    if document.state == "posted":
        return post_document(conn, document, actor)
    before = unpost_document(conn, key, actor) if standing.status == "posted" and document.state == "unposted" else None
    outcome = save_document(conn, document, actor)
    marked = mark_for_deletion(conn, key, actor) if document.deletion_mark and not standing.deletion_mark else None
    steps = [step for step in (before, outcome, marked) if step is not None]
    return outcome._replace(changes=[change for step in steps for change in step.changes], changed=any(step.changed for step in steps))


def restate_all(
    conn: psycopg.Connection[Any], edits: list[Edit], actor: Actor
) -> tuple[int, int, list[tuple[Any, DomainError]]]:
    """(changed, unchanged, refused). What was refused is tried again while others of the file change: a base may have to wait for
    its corrections, a payment for its invoice."""
    changed = unchanged = 0
    refused: list[tuple[Edit, DomainError]] = []
    while edits:
        refused = []
        for edit in edits:
            try:
                with conn.transaction():
                    outcome = restate(conn, edit, actor)
            except DomainError as error:
                refused.append((edit, error))
            else:
                changed += outcome.changed
                unchanged += not outcome.changed
        if len(refused) == len(edits):
            break
        edits = [edit for edit, _error in refused]
    return changed, unchanged, [(edit.ref, error) for edit, error in refused]


def restate_touched(conn: psycopg.Connection[Any], since: int, actor: Actor) -> None:
    """After keys of the table `touched` were folded from a moment on: what follows from them is stated again, reversals and the interest of
    loans. Errors: base_in_use, period_closed."""
    restate_reversals(conn, since, actor)
    restate_touched_loans(conn, since, partial(write_following, conn, actor))


def restate_reversals(conn: psycopg.Connection[Any], since: int, actor: Actor) -> None:
    """After keys of the table `touched` were folded from a moment on: state the reversals again of what was adjusted on them. Errors:
    base_in_use when one is not possible any more."""
    for key, number, adjusted in conn.execute(TOUCHED_REVERSALS_SQL, [since]).fetchall():
        stored = known_document(conn, key)
        try:
            write_version(conn, decode_document(stored.content), actor, "follow", posted=True, consent=False, stored=stored)
        except DomainError as refusal:
            raise refused_follower(adjusted, number, refusal) from None


def taken_rows(conn: psycopg.Connection[Any], rows: list[DocumentRow]) -> dict[int, DomainError]:
    """Ids of the new rows, in their order, whose number an earlier document of the books, or of these rows, has, or whose key one of a
    unit that may not be read."""
    numbered = [(row.unit_id, row.kind, row.year, row.number) for row in rows]
    columns = [list(column) for column in zip(*numbered, strict=True)]
    seen: set[tuple[Any, ...]] = set(conn.execute(NUMBERS_SQL, columns).fetchall())
    elsewhere = {key for (key,) in conn.execute("select keys_elsewhere(%s)", [[row.key for row in rows]])}
    taken = {}
    for row, number in zip(rows, numbered, strict=True):
        if number in seen:
            taken[row.id] = DomainError(ErrorCode.NUMBER_TAKEN, number=row.number, kind=row.kind, year=row.year, field="number")
        elif row.key in elsewhere:
            taken[row.id] = DomainError(ErrorCode.REFERENCE_EXISTS, kind="document", value=row.key, field="key")
        seen.add(number)
    return taken
