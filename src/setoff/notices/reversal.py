"""Taking a confirmed notice back on a later day, when its own period is closed: a notice the other way round (trade/notice_reversal.py).

It is drafted from the notice for both units, by people of either; it is sent, confirmed and printed like every notice, and names the one it
takes back. A notice has one reversal that is not undone. Drafted again, a draft says what is open now.
Errors: unknown_reference, not_permitted, field_missing (a reason), notice_state (only confirmed notices), invalid_date (before the notice),
notice_reversed, those of save_notice.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.access.entry import also_in
from setoff.access.rights import Rights
from setoff.books.audit import Actor, record_audit
from setoff.core.errors import DomainError, ErrorCode
from setoff.notices.judge import side_of
from setoff.notices.queries import find_reversal, known_notice, open_between, units_of
from setoff.notices.records import Kept
from setoff.notices.services import save_notice
from setoff.trade.notice_paper import SIDES, Notice
from setoff.trade.notice_reversal import nature_of_reversal, reversed_rows

COUNT_SQL: Final = "select count(*) from branch_notice where content ->> 'reverses' = %s"


class Reversal(NamedTuple):
    """How a notice is taken back: on which day and why, by which of its units ("" = the first of them where one may draft)."""

    day: date
    because: str
    unit: str = ""
    number: str = ""


def reverse_notice(conn: Connection[Any], code: str, said: Reversal, actor: Actor, rights: Rights) -> Kept:
    """A draft takes the notice back. Errors: see above."""
    if not said.because.strip():
        raise DomainError(ErrorCode.FIELD_MISSING, field="because")
    with conn.transaction():
        found = known_notice(conn, code, lock=True)
        sender = _sender(found, said.unit, rights)
        if found.status != "confirmed":
            raise DomainError(ErrorCode.NOTICE_STATE, notice=found.number, state=found.status, expected="confirmed")
        if said.day < found.date:
            raise DomainError(ErrorCode.INVALID_DATE, value=said.day.isoformat(), field="date")
        before = find_reversal(conn, code)
        if before is not None and (before.status not in ("draft", "rejected") or before.sender != sender):
            raise DomainError(ErrorCode.NOTICE_REVERSED, notice=found.number, reversal=before.number, state=before.status)
        notice = counter_notice(conn, found, said, sender, before)
        kept = save_notice(conn, notice, actor, rights)
        record_audit(conn, actor, "reverse_notice", unit_id=kept.sender_id, notice=kept.code, reverses=code, because=said.because.strip())
        return kept


def counter_notice(conn: Connection[Any], found: Kept, said: Reversal, sender: str, before: Kept | None) -> Notice:
    """The notice the other way round, from `sender` to the other unit; `before`: the draft that it stands in place of."""
    units = units_of(conn)
    receiver = found.receiver if sender == found.sender else found.sender
    named = {found.sender: SIDES[0], found.receiver: SIDES[1]}
    key = before.code if before else _key(conn, found.code)
    with also_in(conn, (found.sender_id, found.receiver_id)):
        mine, theirs = (side_of(conn, found.notice, named[unit], units[unit]) for unit in (sender, receiver))
        opened = (
            open_between(conn, units[sender], units[receiver], said.day, without=key),
            open_between(conn, units[receiver], units[sender], said.day, without=key),
        )
    own, other = reversed_rows(mine, theirs, found.nature, opened)
    return Notice(
        sender=sender, receiver=receiver, date=said.day.isoformat(), nature=nature_of_reversal(mine.between, found.nature), key=key,
        number=said.number or (before.number if before else ""), operation=found.operation, sender_rows=own, receiver_rows=other,
        comment=said.because.strip(), reverses=found.code,
    )  # fmt: skip


def _sender(found: Kept, unit: str, rights: Rights) -> str:
    """The unit whose people draft it. Errors: unknown_reference, not_permitted, notice_units."""
    if unit:
        rights.require("draft", unit)
        if unit not in (found.sender, found.receiver):
            raise DomainError(ErrorCode.NOTICE_UNITS, sender=found.sender, receiver=found.receiver, field="unit")
        return unit
    return found.sender if rights.may("draft", found.sender_id) or not rights.may("draft", found.receiver_id) else found.receiver


def _key(conn: Connection[Any], code: str) -> str:
    """The first reversal of a notice is named after it, one after an undone reversal has a number."""
    row = conn.execute(COUNT_SQL, [code]).fetchone()
    assert row is not None
    return f"{code}/reversal/{row[0] + 1}" if row[0] else f"{code}/reversal"
