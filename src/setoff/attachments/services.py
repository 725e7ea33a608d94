"""Verbs on attachments: attach a file to a document, remove it. One transaction each, with its audit record.

Errors: those of contents.py; unknown_reference; attachment_exists when the same file stands there under that name; too_many_attachments.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import psycopg

from setoff.attachments.contents import inspect
from setoff.attachments.queries import Attachment, attachment
from setoff.books.audit import Actor, record_audit
from setoff.core.errors import DomainError, ErrorCode

COUNT_MAX: Final = 100
"""Of one document."""
INSERT_SQL: Final = """
  insert into attachment (unit_id, document_id, name, media_type, size, sha256, content, author)
  select unit_id, id, %(name)s, %(media_type)s, %(size)s, %(sha256)s, %(content)s, %(author)s from document where id = %(document)s
  returning unit_id, id"""


def attach_file(conn: psycopg.Connection[Any], document_id: int, name: str, content: bytes, actor: Actor) -> int:
    """Keep a file with a document; returns its id."""
    found = inspect(name, content)
    sha256 = hashlib.sha256(content).digest()
    values = {
        "document": document_id, "name": found.name, "media_type": found.media_type, "size": len(content), "sha256": sha256,
        "content": content, "author": actor.author,
    }  # fmt: skip
    with conn.transaction():
        row = conn.execute("select count(*) from attachment where document_id = %s and removed_at is null", [document_id]).fetchone()
        if row is not None and row[0] >= COUNT_MAX:
            raise DomainError(ErrorCode.TOO_MANY_ATTACHMENTS, limit=COUNT_MAX)
        try:
            with conn.transaction():
                inserted = conn.execute(INSERT_SQL, values).fetchone()
        except psycopg.errors.UniqueViolation:
            raise DomainError(ErrorCode.ATTACHMENT_EXISTS, name=found.name) from None
        if inserted is None:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="document", value=str(document_id))
        unit_id, attachment_id = inserted
        record_audit(
            conn, actor, "attach", unit_id=unit_id, document_id=document_id, attachment=attachment_id, name=found.name,
            size=len(content), sha256=sha256.hex(),
        )  # fmt: skip
    return int(attachment_id)


def remove_attachment(conn: psycopg.Connection[Any], document_id: int, attachment_id: int, actor: Actor) -> Attachment:
    """Mark an attachment as removed; it is kept. Errors: unknown_reference, also for one that is removed."""
    with conn.transaction():
        found = attachment(conn, document_id, attachment_id)
        marked = conn.execute(
            "update attachment set removed_at = clock_timestamp(), removed_by = %s"
            " where unit_id = %s and id = %s and removed_at is null returning id",
            [actor.author, found.unit_id, attachment_id],
        ).fetchone()
        if marked is None:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="attachment", value=str(attachment_id))
        record_audit(
            conn, actor, "remove_attachment", unit_id=found.unit_id, document_id=document_id, attachment=attachment_id, name=found.name
        )
    return found
