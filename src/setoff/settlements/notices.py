"""Receipt of a notice of set-off: under Chinese law the debts are discharged from that day, elsewhere it proves that the notice arrived.

It is no part of what the document says, so it may be noted when the set-off is posted and its period closed; noted again, the later note
counts. Errors: unknown_reference, invalid_value (no posted notice), invalid_date (before the notice).
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import psycopg

from setoff.books.audit import Actor, record_audit
from setoff.core.errors import DomainError, ErrorCode
from setoff.settlements.services import known_document
from setoff.trade.documents import DebtAdjustment
from setoff.trade.queries import decode_document

RECEIVED_SQL: Final = "select received from notice_receipt where unit_id = %s and document_id = %s"
NOTE_SQL: Final = """
  insert into notice_receipt (unit_id, document_id, received, author) values (%s, %s, %s, %s)
  on conflict (unit_id, document_id) do update set received = excluded.received, author = excluded.author, recorded_at = clock_timestamp()
  where notice_receipt.received <> excluded.received returning received"""


def note_receipt(conn: psycopg.Connection[Any], key: str, received: date, actor: Actor) -> bool:
    """The day on which the other side received the notice; False where that was noted already."""
    with conn.transaction():
        row = (stored := known_document(conn, key)).row
        said = decode_document(stored.content)
        is_notice = isinstance(said, DebtAdjustment) and said.kind == "set_off" and said.one_sided and not said.reverses
        if not is_notice or row.status != "posted":
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
