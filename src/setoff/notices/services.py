"""The verbs on notices. One transaction each, with a record in the trail of the units concerned.

    draft -> sent -> confirmed (-> undone) | rejected (-> draft ...)

    save_notice      the sender's people write it, and mend one that was rejected
    send_notice      who posts for the sender sends it: so the sender agrees that it is booked
    recall_notice    the sender takes a sent one back; who asked to undo one no longer asks
    confirm_notice   another person, who posts for the receiver: a document in the books of each unit, of one date, or nothing
    reject_notice    the same person says why not
    undo_notice      asked by one side, agreed to by another person of the other: both documents leave the books
    drop_notice      a draft, or a rejected one, is thrown away

Whoever confirms need not have a right in the sender's unit: sending gave it (access/entry.py: also_in).
Errors: those of `judge.py`, not_permitted, number_taken, notice_state, notice_own, notice_reversed, field_missing, period_closed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
import psycopg
from psycopg import Connection
from psycopg.types.json import Jsonb

from setoff.access.entry import also_in
from setoff.access.rights import Rights
from setoff.books.audit import Actor, record_audit
from setoff.core.errors import DomainError, ErrorCode
from setoff.notices.judge import Judged, judge
from setoff.notices.queries import find_notice, find_reversal, known_notice
from setoff.notices.records import Kept
from setoff.settlements.notices_whole import act_on_notice
from setoff.settlements.services import post_document, unpost_document
from setoff.trade.notice_paper import Notice

NUMBER_SQL: Final = "select next_numbers(%s, 'branch_notice', %s, 1)"
REVERSED_TWICE: Final = ("branch_notice_reversal", "branch_notice_code_key")
"""What stops a second reversal of a notice: it names the same notice, or has the key that follows from it."""
TAKEN_SQL: Final = "select 1 from branch_notice where sender_unit_id = %s and year = %s and number = %s"
INSERT_SQL: Final = """
  insert into branch_notice (code, sender_unit_id, receiver_unit_id, number, year, date, operation, nature, amount, currency, claims,
                             obligations, content, author)
  values (%(code)s, %(sender)s, %(receiver)s, %(number)s, %(year)s, %(date)s, %(operation)s, %(nature)s, %(amount)s, %(currency)s,
          %(claims)s, %(obligations)s, %(content)s, %(author)s)"""
UPDATE_SQL: Final = """
  update branch_notice
  set sender_unit_id = %(sender)s, receiver_unit_id = %(receiver)s, number = %(number)s, year = %(year)s, date = %(date)s,
      operation = %(operation)s, nature = %(nature)s, amount = %(amount)s, currency = %(currency)s, claims = %(claims)s,
      obligations = %(obligations)s, content = %(content)s, author = %(author)s, status = 'draft', sent_by = '', sent_at = null,
      decided_by = '', decided_at = null, reason = '', changed_at = clock_timestamp()
  where code = %(code)s"""
SEND_SQL: Final = """
  update branch_notice set status = 'sent', sent_by = %s, sent_at = clock_timestamp(), decided_by = '', decided_at = null, reason = '',
         changed_at = clock_timestamp() where id = %s"""
RECALL_SQL: Final = "update branch_notice set status = 'draft', sent_by = '', sent_at = null, changed_at = clock_timestamp() where id = %s"
DECIDE_SQL: Final = """
  update branch_notice set status = %s, decided_by = %s, decided_at = clock_timestamp(), reason = %s, sender_document_id = %s,
         receiver_document_id = %s, changed_at = clock_timestamp() where id = %s"""
ASK_SQL: Final = """
  update branch_notice set undo_unit_id = %s, undo_by = %s, undo_reason = %s, changed_at = clock_timestamp() where id = %s"""
UNDONE_SQL: Final = """
  update branch_notice set status = 'undone', undone_by = %s, undone_at = clock_timestamp(), changed_at = clock_timestamp() where id = %s"""
LOCK_SQL: Final = "select pg_advisory_xact_lock(hashtextextended('notices/' || least(%(a)s, %(b)s) || '/' || greatest(%(a)s, %(b)s), 0))"


def save_notice(conn: Connection[Any], notice: Notice, actor: Actor, rights: Rights) -> Kept:
    """The draft says this. One that was rejected is a draft again. Errors: notice_state for any other."""
    sender_id = rights.require("draft", notice.sender)
    with conn.transaction():
        before = find_notice(conn, notice.key, lock=True) if notice.key else None
        if before is not None:
            rights.require("draft", before.sender_id)
            _require(before, "draft", "rejected")
            notice = msgspec.structs.replace(notice, number=notice.number or before.number)
        judged = judge(conn, notice, with_open=False)
        number = notice.number or _next_number(conn, judged)
        key = notice.key or f"notice/{notice.sender}/{judged.day.year}/{number}"
        notice = msgspec.structs.replace(notice, key=key, number=number)
        values = {
            "code": key, "sender": sender_id, "receiver": judged.receiver.id, "number": number, "year": judged.day.year,
            "date": judged.day, "operation": notice.operation, "nature": notice.nature, "amount": judged.amount,
            "currency": judged.sender.currency, "claims": judged.change.claims, "obligations": judged.change.obligations,
            "content": Jsonb(msgspec.to_builtins(notice)), "author": actor.author,
        }  # fmt: skip
        try:
            with conn.transaction():
                conn.execute(UPDATE_SQL if before else INSERT_SQL, values)
        except psycopg.errors.UniqueViolation as problem:
            if notice.reverses and problem.diag.constraint_name in REVERSED_TWICE:
                raise _reversed(conn, known_notice(conn, notice.reverses)) from None
            raise DomainError(ErrorCode.NUMBER_TAKEN, number=number, kind="branch_notice", year=judged.day.year) from None
        record_audit(conn, actor, "save_notice", unit_id=sender_id, notice=key)
        return known_notice(conn, key)


def send_notice(conn: Connection[Any], code: str, actor: Actor, rights: Rights) -> Kept:
    """The receiver's people see it and may confirm it. What could not be booked today is not sent."""
    with conn.transaction():
        found = _locked(conn, code, lambda seen: rights.require("post", seen.sender_id))
        _require(found, "draft", "rejected")
        judge(conn, found.notice)
        conn.execute(SEND_SQL, [actor.author, found.id])
        return _tell(conn, found, actor, "send_notice")


def recall_notice(conn: Connection[Any], code: str, actor: Actor, rights: Rights) -> Kept:
    """A sent notice is a draft again; of a confirmed one, whose undoing was asked for, it is no longer asked for."""
    with conn.transaction():
        found = _locked(conn, code, lambda seen: rights.require("post", seen.undo_unit_id or seen.sender_id))
        if found.status == "confirmed" and found.undo_unit_id is not None:
            conn.execute(ASK_SQL, [None, "", "", found.id])
        else:
            _require(found, "sent")
            conn.execute(RECALL_SQL, [found.id])
        return _tell(conn, found, actor, "recall_notice")


def confirm_notice(conn: Connection[Any], code: str, actor: Actor, rights: Rights) -> Kept:
    """A document in the books of both units, of the notice's date. Errors: notice_own, those of judging and posting: nothing is booked."""
    with conn.transaction():
        found = _locked(conn, code, lambda seen: rights.require("post", seen.receiver_id))
        _require(found, "sent")
        _require_other(found, actor, (found.sent_by, found.author))
        with also_in(conn, (found.sender_id, found.receiver_id)):
            conn.execute(LOCK_SQL, {"a": found.sender_id, "b": found.receiver_id})
            judge(conn, found.notice)
            act_on_notice(conn, code)
            documents = [post_document(conn, found.notice.document(side), actor).document_id for side in ("sender", "receiver")]
            act_on_notice(conn, "")
            conn.execute(DECIDE_SQL, ["confirmed", actor.author, "", *documents, found.id])
            return _tell(conn, found, actor, "confirm_notice")


def reject_notice(conn: Connection[Any], code: str, actor: Actor, rights: Rights, *, because: str) -> Kept:
    """It goes back to the sender with the reason. Errors: field_missing."""
    _require_reason(because)
    with conn.transaction():
        found = _locked(conn, code, lambda seen: rights.require("post", seen.receiver_id))
        _require(found, "sent")
        _require_other(found, actor, (found.sent_by, found.author))
        conn.execute(DECIDE_SQL, ["rejected", actor.author, because.strip(), None, None, found.id])
        return _tell(conn, found, actor, "reject_notice", because=because.strip())


def undo_notice(conn: Connection[Any], code: str, actor: Actor, rights: Rights, *, because: str = "") -> Kept:
    """Asked for by one side (`because`), done when another person of the other side says the same. Errors: notice_own, period_closed."""
    with conn.transaction():
        found = _locked(conn, code, lambda seen: _answering(seen, rights))
        _require(found, "confirmed")
        reversal = find_reversal(conn, code)
        if reversal is not None and reversal.status in ("sent", "confirmed"):
            raise _reversed(conn, found)
        if found.undo_unit_id is None:
            _require_reason(because)
            asking = _answering(found, rights)
            conn.execute(ASK_SQL, [asking, actor.author, because.strip(), found.id])
            return _tell(conn, found, actor, "ask_undo_notice", because=because.strip())
        _require_other(found, actor, (found.undo_by,))
        with also_in(conn, (found.sender_id, found.receiver_id)):
            act_on_notice(conn, code)
            for side in ("receiver", "sender"):
                unpost_document(conn, f"{code}/{side}", actor)
            act_on_notice(conn, "")
            conn.execute(UNDONE_SQL, [actor.author, found.id])
            return _tell(conn, found, actor, "undo_notice")


def drop_notice(conn: Connection[Any], code: str, actor: Actor, rights: Rights) -> Kept:
    """The draft, or the rejected notice, is no more; the trail keeps that it was. Returns it as it was."""
    with conn.transaction():
        found = _locked(conn, code, lambda seen: rights.require("draft", seen.sender_id))
        _require(found, "draft", "rejected")
        conn.execute("delete from branch_notice where id = %s", [found.id])
        record_audit(conn, actor, "drop_notice", unit_id=found.sender_id, notice=code)
        return found


def _locked(conn: Connection[Any], code: str, allowed: Callable[[Kept], object]) -> Kept:
    """The notice, locked, after the right to act on it was looked at."""
    allowed(known_notice(conn, code))
    return known_notice(conn, code, lock=True)


def _answering(seen: Kept, rights: Rights) -> int:
    """The unit for which one asks to undo a notice, or answers who asked. Errors: not_permitted."""
    if seen.undo_unit_id is not None:
        return rights.require("post", seen.receiver_id if seen.undo_unit_id == seen.sender_id else seen.sender_id)
    return seen.sender_id if rights.may("post", seen.sender_id) else rights.require("post", seen.receiver_id)


def _reversed(conn: Connection[Any], found: Kept) -> DomainError:
    """What takes it back may be a draft of the other unit, which is that unit's business."""
    reversal = find_reversal(conn, found.code)
    number, state = (reversal.number, reversal.status) if reversal else ("?", "draft")
    return DomainError(ErrorCode.NOTICE_REVERSED, notice=found.number, reversal=number, state=state)


def _next_number(conn: Connection[Any], judged: Judged) -> str:
    """The next that no notice has: those that came in from a file have their own."""
    while True:
        row = conn.execute(NUMBER_SQL, [judged.sender.id, judged.day.year]).fetchone()
        assert row is not None
        if conn.execute(TAKEN_SQL, [judged.sender.id, judged.day.year, row[0]]).fetchone() is None:
            return str(row[0])


def _require(found: Kept, *allowed: str) -> None:
    if found.status not in allowed:
        raise DomainError(ErrorCode.NOTICE_STATE, notice=found.number, state=found.status, expected=", ".join(allowed))


def _require_other(found: Kept, actor: Actor, before: tuple[str, ...]) -> None:
    """Nobody decides his own."""
    if actor.author.lower() in {name.lower() for name in before}:
        raise DomainError(ErrorCode.NOTICE_OWN, notice=found.number, person=actor.author)


def _require_reason(because: str) -> None:
    if not because.strip():
        raise DomainError(ErrorCode.FIELD_MISSING, field="because")


def _tell(conn: Connection[Any], found: Kept, actor: Actor, verb: str, **details: Any) -> Kept:
    """The trail of both units says so. Returns the notice as it is now."""
    with also_in(conn, (found.sender_id, found.receiver_id)):
        for unit_id in (found.sender_id, found.receiver_id):
            record_audit(conn, actor, verb, unit_id=unit_id, notice=found.code, **details)
    return known_notice(conn, found.code)
