"""The audit trail of what leaves by the API: reports as files, records in bulk, files of documents."""

from __future__ import annotations

from typing import Any

from setoff.api.call import Call
from setoff.books.audit import record_audit


def tell_export(call: Call, verb: str, *, unit_id: int | None = None, document_id: int | None = None, **details: Any) -> None:
    """Who took what out. Written before it is sent: what was begun counts."""
    record_audit(call.conn, call.actor, verb, unit_id=unit_id, document_id=document_id, **details)
