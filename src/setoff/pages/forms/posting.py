"""Saving and posting what a form says: once, seen before, and never over somebody else's edit.

Within one transaction: the verb, then the guards, in this order.
1. edited_meanwhile     somebody else changed the document since the form was opened
2. Unseen               other documents change, and not as the person last saw it: he is shown it and asked again
A form that was sent twice is answered as the first time: its id is remembered with the document that came of it.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection

from setoff.access import approvals
from setoff.access.rights import Rights
from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.pages.forms.preview import others_changed, seen_mark
from setoff.settlements.services import Outcome, save_document
from setoff.trade.documents import AnyDocument


class Sent(NamedTuple):
    """A form as it was sent. `version`: the version it was opened on, 0 = a new document. `seen`: the changes of other documents that
    were shown (`preview.seen_mark`)."""

    document: AnyDocument
    form: UUID
    version: int
    consent: bool
    seen: str


class Unseen(Exception):
    """Other documents would change in a way that was not shown."""


class Kept(NamedTuple):
    """What came of a form. `waits`: a second person is asked before it is posted."""

    document_id: int
    waits: bool = False


def post(conn: Connection[Any], sent: Sent, actor: Actor, rights: Rights) -> Kept:
    """The document stands in the books as the form says, or a second person was asked, where a policy wants one. Errors: those of posting,
    edited_meanwhile; Unseen."""
    with conn.transaction():
        known = claim(conn, sent.form, rights.user_id)
        if known:
            return Kept(known)
        done = approvals.post(conn, sent.document, actor, rights, consent=sent.consent)
        check_version(conn, done, sent.version)
        others = others_changed(done)
        if others and seen_mark(others) != sent.seen:
            raise Unseen
        remember(conn, sent.form, rights.user_id, done.document_id)
    return Kept(done.document_id, isinstance(done, approvals.Pending))


def save(conn: Connection[Any], sent: Sent, actor: Actor, rights: Rights) -> Kept:
    """The document is kept as a draft (one that was posted before stays unposted). Errors: those of saving, edited_meanwhile."""
    with conn.transaction():
        known = claim(conn, sent.form, rights.user_id)
        if known:
            return Kept(known)
        outcome = save_document(conn, sent.document, actor)
        check_version(conn, outcome, sent.version)
        remember(conn, sent.form, rights.user_id, outcome.document_id)
    return Kept(outcome.document_id)


def claim(conn: Connection[Any], form: UUID, user_id: int) -> int:
    """The document that came of this form before; 0 when nothing did. A form that is being posted is waited for."""
    conn.execute(
        "insert into sent_form (user_id, form) values (%s, %s) on conflict (user_id, form) do nothing", [user_id, form]
    )
    row = conn.execute("select document_id from sent_form where user_id = %s and form = %s", [user_id, form]).fetchone()
    return int(row[0]) if row and row[0] else 0


def remember(conn: Connection[Any], form: UUID, user_id: int, document_id: int) -> None:
    conn.execute("update sent_form set document_id = %s where user_id = %s and form = %s", [document_id, user_id, form])


def check_version(conn: Connection[Any], outcome: Outcome | approvals.Pending, opened: int) -> None:
    """The newest version is the one after that which the form was opened on (or that one, where nothing changed). Errors:
    edited_meanwhile, with who and when."""
    rows = conn.execute(
        """select v.version_no, v.author, v.recorded_at from version v join document d on d.unit_id = v.unit_id and d.id = v.document_id
           where d.id = %s order by v.version_no desc limit 2""",
        [outcome.document_id],
    ).fetchall()
    if rows[0][0] == opened + (1 if outcome.changed else 0):
        return
    _, author, instant = rows[-1] if outcome.changed else rows[0]
    raise DomainError(ErrorCode.EDITED_MEANWHILE, document=outcome.number, author=author, instant=instant)
