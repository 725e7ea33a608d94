"""Inter-branch notices in files: out as they stand, and in again (spec 2.13; decision 0032).

Their documents are records of their own and stand in the file before them. A notice comes in with everything that was done with it: whoever
may write drafts of its sender brings a draft, but what two people agreed to comes in by an administrator alone, who also posts in
both units, and it names who they were. One that stands as the file says it is left alone; a draft or a rejected one is replaced.

Guards, in this order: units (unknown_reference, notice_units); date; what its state wants (field_missing, invalid_value, notice_own); rows
(those of accounts and amounts, and of `trade/notice_mirror.py`); its documents (notice_documents_differ); the notice that it reverses
(unknown_reference); notice_state (another one stands there under its key); number_taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec
import psycopg
from psycopg.types.json import Jsonb

from setoff.books.audit import Actor, record_audit
from setoff.books.charts import load_chart
from setoff.core.errors import DomainError, ErrorCode
from setoff.trade.account_codes import code_of
from setoff.trade.documents import BranchNotice
from setoff.trade.fields import day_of, positive_amount
from setoff.trade.notice import Sides
from setoff.trade.notice_mirror import Open, Side, change_of, check_mirror
from setoff.trade.notice_paper import KeptNotice, Notice, SideName
from setoff.trade.queries import decode_document

SETTING: Final = "setoff.restored_notice"
KEPT_SQL: Final = """
  select n.content, n.status, n.author, n.sent_by, n.sent_at, n.decided_by, n.decided_at, n.reason, coalesce(undo.code, ''), n.undo_by,
         n.undo_reason, n.undone_by, n.undone_at
  from branch_notice n left join sibling_units() undo on undo.id = n.undo_unit_id"""
UNITS_SQL: Final = "select code, id, organization_id, chart, currency from sibling_units() where code = any(%s)"
DOCUMENT_SQL: Final = """
  select document.id, document.status, version.content
  from document join version on version.unit_id = document.unit_id and version.id = document.version_id
  where document.unit_id = %s and document.key = %s"""
INSERT_SQL: Final = """
  insert into branch_notice (code, sender_unit_id, receiver_unit_id, number, year, date, operation, nature, amount, currency, claims,
                             obligations, content, author)
  values (%(code)s, %(sender)s, %(receiver)s, %(number)s, %(year)s, %(date)s, %(operation)s, %(nature)s, %(amount)s, %(currency)s,
          %(claims)s, %(obligations)s, %(content)s, %(author)s)"""
SENT_SQL: Final = "update branch_notice set status = 'sent', sent_by = %(sent_by)s, sent_at = %(sent_at)s where code = %(code)s"
DECIDED_SQL: Final = """
  update branch_notice
  set status = %(decided)s, decided_by = %(decided_by)s, decided_at = %(decided_at)s, reason = %(reason)s, undo_unit_id = %(undo_unit)s,
      undo_by = %(undo_by)s, undo_reason = %(undo_reason)s, sender_document_id = %(sender_document)s,
      receiver_document_id = %(receiver_document)s
  where code = %(code)s"""
UNDONE_SQL: Final = "update branch_notice set status = 'undone', undone_by = %(undone_by)s, undone_at = %(undone_at)s where code = %(code)s"
SENT: Final = ("sent", "confirmed", "rejected", "undone")
DECIDED: Final = ("confirmed", "rejected", "undone")
BOOKED: Final = ("confirmed", "undone")


class _Unit(NamedTuple):
    id: int
    organization_id: int
    chart: str
    currency: str


def kept_notices(conn: psycopg.Connection[Any]) -> Iterator[KeptNotice]:
    """All that may be seen, in the order in which they were written first."""
    for row in conn.execute(KEPT_SQL + " order by n.id"):
        yield _kept(row)


def restore_notice(conn: psycopg.Connection[Any], notice: KeptNotice, actor: Actor) -> bool:
    """It stands as the file says; False where it stood so already. Errors: see above."""
    with conn.transaction():
        sender, receiver = _units(conn, notice)
        day = day_of(notice.date, "date")
        _require_state(notice)
        amount, change = _moved(notice, sender, receiver)
        documents = [_document(conn, notice, "sender", sender), _document(conn, notice, "receiver", receiver)]
        if notice.reverses and _found(conn, notice.reverses) is None:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="notice", value=notice.reverses, field="reverses")
        standing = _found(conn, notice.key)
        if standing == notice:
            return False
        if standing is not None:
            if standing.status not in ("draft", "rejected"):
                raise DomainError(ErrorCode.NOTICE_STATE, notice=notice.number, state=standing.status, expected="draft, rejected")
            conn.execute("delete from branch_notice where code = %s", [notice.key])
        values = {
            "code": notice.key, "sender": sender.id, "receiver": receiver.id, "number": notice.number, "year": day.year, "date": day,
            "operation": notice.operation, "nature": notice.nature, "amount": amount, "currency": sender.currency, "claims": change.claims,
            "obligations": change.obligations, "content": Jsonb(msgspec.to_builtins(notice.plain())), "author": notice.author,
            **_deeds(notice, {notice.sender: sender, notice.receiver: receiver}, documents),
        }  # fmt: skip
        _write(conn, notice, values)
        record_audit(conn, actor, "restore_notice", unit_id=sender.id, notice=notice.key, status=notice.status)
    return True


def _units(conn: psycopg.Connection[Any], notice: Notice) -> tuple[_Unit, _Unit]:
    """Sender and receiver, as far as one works in their organization."""
    found = {code: _Unit(*rest) for code, *rest in conn.execute(UNITS_SQL, [[notice.sender, notice.receiver]])}
    for field, code in (("sender", notice.sender), ("receiver", notice.receiver)):
        if code not in found:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="unit", value=code, field=field)
    sender, receiver = found[notice.sender], found[notice.receiver]
    if sender.id == receiver.id or sender.organization_id != receiver.organization_id:
        raise DomainError(ErrorCode.NOTICE_UNITS, sender=notice.sender, receiver=notice.receiver, field="receiver")
    return sender, receiver


def _require_state(notice: KeptNotice) -> None:
    """What is told of its course fits its state. Errors: field_missing, invalid_value, notice_own."""
    wanted = ["key", "number", "author"]
    wanted += ["sent_by", "sent_at"] if notice.status in SENT else []
    wanted += ["decided_by", "decided_at"] if notice.status in DECIDED else []
    wanted += ["reason"] if notice.status == "rejected" else []
    wanted += ["undone_by", "undone_at", "undo_unit"] if notice.status == "undone" else []
    wanted += ["undo_unit", "undo_by", "undo_reason"] if notice.undo_unit else []
    for name in wanted:
        if not getattr(notice, name).strip():
            raise DomainError(ErrorCode.FIELD_MISSING, field=name)
    idle = [name for name in ("undo_unit", "undo_by", "undo_reason") if notice.status not in BOOKED]
    idle += [] if notice.status == "undone" else ["undone_by", "undone_at"]
    idle += [] if notice.status in DECIDED else ["decided_by", "decided_at", "reason"]
    idle += [] if notice.status in SENT else ["sent_by", "sent_at"]
    for name in idle:
        if getattr(notice, name):
            raise DomainError(ErrorCode.INVALID_VALUE, value=getattr(notice, name), field=name, expected="")
    if notice.undo_unit not in ("", notice.sender, notice.receiver):
        expected = f"{notice.sender}, {notice.receiver}"
        raise DomainError(ErrorCode.INVALID_VALUE, value=notice.undo_unit, field="undo_unit", expected=expected)
    for first, second in ((notice.sent_by, notice.decided_by), (notice.undo_by, notice.undone_by)):
        if first and first.lower() == second.lower():
            raise DomainError(ErrorCode.NOTICE_OWN, notice=notice.number, person=second)


def _moved(notice: Notice, sender: _Unit, receiver: _Unit) -> tuple[int, Open]:
    """What it moves between the units, and what that does to the sender's claims and obligations."""
    first, second = _side(notice, "sender", sender), _side(notice, "receiver", receiver)
    check_mirror(first, second)
    return sum(row.amount for row in first.between), change_of(first, notice.nature)


def _side(notice: Notice, name: SideName, unit: _Unit) -> Side:
    chart, rows = load_chart(unit.chart), []
    document = notice.document(name)
    for number, row in enumerate(document.rows, 1):
        place = f"{name}_rows[{number - 1}]."
        debit, credit = code_of(chart, row.debit, place + "debit"), code_of(chart, row.credit, place + "credit")
        rows.append(Sides(row, number, debit, credit, positive_amount(row.amount, unit.currency, place + "amount")))
    return Side(document.unit, rows, unit.currency)


def _document(conn: psycopg.Connection[Any], notice: KeptNotice, side: SideName, unit: _Unit) -> int | None:
    """The id of its document in the books of that unit, None before it is confirmed. Errors: notice_documents_differ."""
    if notice.status not in BOOKED:
        return None
    said = notice.document(side)
    row = conn.execute(DOCUMENT_SQL, [unit.id, said.key]).fetchone()
    stored = decode_document(row[2]) if row else None
    fits = isinstance(stored, BranchNotice) and (stored.notice, stored.date, stored.rows) == (notice.key, notice.date, said.rows)
    if row is None or not fits or row[1] != ("posted" if notice.status == "confirmed" else "unposted"):
        raise DomainError(ErrorCode.NOTICE_DOCUMENTS_DIFFER, notice=notice.number, unit=said.unit, document=said.key)
    return int(row[0])


def _found(conn: psycopg.Connection[Any], code: str) -> KeptNotice | None:
    row = conn.execute(KEPT_SQL + " where n.code = %s", [code]).fetchone()
    return _kept(row) if row else None


def _deeds(notice: KeptNotice, units: dict[str, _Unit], documents: Sequence[int | None]) -> dict[str, Any]:
    """Who did what with it, and when."""
    names = ("sent_by", "decided_by", "reason", "undo_by", "undo_reason", "undone_by")
    return {
        **{name: getattr(notice, name) for name in names},
        **{name: _instant(getattr(notice, name), name) for name in ("sent_at", "decided_at", "undone_at")},
        "decided": "confirmed" if notice.status == "undone" else notice.status,
        "undo_unit": units[notice.undo_unit].id if notice.undo_unit else None,
        "sender_document": documents[0], "receiver_document": documents[1],
    }  # fmt: skip


def _write(conn: psycopg.Connection[Any], notice: KeptNotice, values: dict[str, Any]) -> None:
    """It goes the way that it went: draft, sent, answered, undone. Errors: number_taken."""
    conn.execute("select set_config(%s, %s, true)", [SETTING, notice.key])
    try:
        with conn.transaction():
            conn.execute(INSERT_SQL, values)
    except psycopg.errors.UniqueViolation:
        raise DomainError(ErrorCode.NUMBER_TAKEN, number=notice.number, kind="branch_notice", year=values["year"]) from None
    for statuses, statement in ((SENT, SENT_SQL), (DECIDED, DECIDED_SQL), (("undone",), UNDONE_SQL)):
        if notice.status in statuses:
            conn.execute(statement, values)
    conn.execute("select set_config(%s, '', true)", [SETTING])


def _instant(said: str, field: str) -> datetime | None:
    """Errors: invalid_date."""
    try:
        return datetime.fromisoformat(said) if said else None
    except ValueError:
        raise DomainError(ErrorCode.INVALID_DATE, value=said, field=field) from None


def _kept(row: Sequence[Any]) -> KeptNotice:
    content, status, author, sent_by, sent_at, decided_by, decided_at, reason, undo_unit, undo_by, undo_reason, undone_by, undone_at = row
    notice = msgspec.convert(content, Notice)
    return KeptNotice(
        **{name: getattr(notice, name) for name in Notice.__struct_fields__}, status=status, author=author, sent_by=sent_by,
        sent_at=_told(sent_at), decided_by=decided_by, decided_at=_told(decided_at), reason=reason, undo_unit=undo_unit, undo_by=undo_by,
        undo_reason=undo_reason, undone_by=undone_by, undone_at=_told(undone_at),
    )  # fmt: skip


def _told(instant: datetime | None) -> str:
    return instant.astimezone(UTC).isoformat() if instant else ""
