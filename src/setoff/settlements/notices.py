"""Receipt of a notice of set-off: under Chinese law the debts are discharged from that day, elsewhere it proves that the notice arrived.

It is no part of what the document says, so it may be noted when the set-off is posted and its period closed; noted again, the later note
counts. In files it is a record of its own, after its document. Errors: unknown_reference, invalid_value (no posted notice), invalid_date
(before the notice).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import msgspec
import psycopg

from setoff.books.audit import Actor, record_audit
from setoff.core.errors import DomainError, ErrorCode
from setoff.settlements.services import known_document
from setoff.trade.documents import DebtAdjustment
from setoff.trade.fields import day_of
from setoff.trade.queries import decode_document

RECEIVED_SQL: Final = "select received from notice_receipt where unit_id = %s and document_id = %s"
RECEIPTS_SQL: Final = """
  select d.key, receipt.received from notice_receipt receipt
  join document d on d.unit_id = receipt.unit_id and d.id = receipt.document_id order by d.id"""
NOTE_SQL: Final = """
  insert into notice_receipt (unit_id, document_id, received, author) values (%s, %s, %s, %s)
  on conflict (unit_id, document_id) do update set received = excluded.received, author = excluded.author, recorded_at = clock_timestamp()
  where notice_receipt.received <> excluded.received returning received"""


class NoticeReceipt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="notice_receipt"):
    """When the notice of a one-sided set-off was received: no document, but what came of one. `document`: its key."""

    document: str
    received: str


def note_receipt(conn: psycopg.Connection[Any], key: str, received: date, actor: Actor) -> bool:
    """The day on which the other side received the notice; False where that was noted already."""
    return _noted(conn, key, received, actor, ("posted",))


def restore_receipt(conn: psycopg.Connection[Any], receipt: NoticeReceipt, actor: Actor) -> bool:
    """The same as a file says it, where the notice may be unposted by now, or wait for a second person."""
    return _noted(conn, receipt.document, day_of(receipt.received, "received"), actor, ("posted", "unposted", "draft"))


def receipts(conn: psycopg.Connection[Any]) -> Iterator[NoticeReceipt]:
    """All that are noted, in the order of their documents."""
    for key, received in conn.execute(RECEIPTS_SQL):
        yield NoticeReceipt(document=key, received=received.isoformat())


def _noted(conn: psycopg.Connection[Any], key: str, received: date, actor: Actor, statuses: tuple[str, ...]) -> bool:
    with conn.transaction():
        row = (stored := known_document(conn, key)).row
        said = decode_document(stored.content)
        is_notice = isinstance(said, DebtAdjustment) and said.kind == "set_off" and said.one_sided and not said.reverses
        if not is_notice or row.status not in statuses:
            raise DomainError(ErrorCode.INVALID_VALUE, field="key", value=row.number)
        if received < row.date:
            raise DomainError(ErrorCode.INVALID_DATE, value=received.isoformat(), field="received")
        changed = conn.execute(NOTE_SQL, [row.unit_id, row.id, received, actor.author]).fetchone() is not None
        if changed:
            record_audit(conn, actor, "note_receipt", unit_id=row.unit_id, document_id=row.id, received=received.isoformat())
        return changed


def receipt_of(conn: psycopg.Connection[Any], unit_id: int, document_id: int) -> date | None:
    """When the notice was received, as far as it was noted."""
    row = conn.execute(RECEIVED_SQL, [unit_id, document_id]).fetchone()
    return row[0] if row else None
