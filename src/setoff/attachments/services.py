"""Verbs on attachments: keep a file with a document or a contract, remove it. One transaction each, with its audit record.

Errors: those of contents.py; unknown_reference; attachment_exists when the same file stands there under that name; too_many_attachments.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import psycopg

from setoff.attachments.contents import inspect
from setoff.attachments.queries import Owner, attachments_of
from setoff.books.audit import Actor, record_audit
from setoff.core.errors import DomainError, ErrorCode

COUNT_MAX: Final = 100
"""Of one document or contract."""


def attach_file(conn: psycopg.Connection[Any], owner: Owner, name: str, content: bytes, actor: Actor) -> int:
    """Keep a file with its owner; returns its id."""
    found, shelf = inspect(name, content), owner.shelf
    sha256 = hashlib.sha256(content).digest()
    values = {
        "owner": owner.name, "name": found.name, "media_type": found.media_type, "size": len(content), "sha256": sha256,
        "content": content, "author": actor.author,
    }  # fmt: skip
    insert = f"""
      insert into {shelf.table} ({shelf.holder}, {shelf.owner}, name, media_type, size, sha256, content, author)
      select {shelf.holder}, id, %(name)s, %(media_type)s, %(size)s, %(sha256)s, %(content)s, %(author)s
      from {shelf.owners} where {shelf.named_by} = %(owner)s
      returning {shelf.holder}, id"""
    with conn.transaction():
        if len(attachments_of(conn, owner)) >= COUNT_MAX:
            raise DomainError(ErrorCode.TOO_MANY_ATTACHMENTS, limit=COUNT_MAX)
        try:
            with conn.transaction():
                inserted = conn.execute(insert, values).fetchone()
        except psycopg.errors.UniqueViolation:
            raise DomainError(ErrorCode.ATTACHMENT_EXISTS, name=found.name) from None
        if inserted is None:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind=owner.kind, value=str(owner.name), field=owner.kind)
        holder_id, attachment_id = inserted
        told = {"attachment": attachment_id, "name": found.name, "size": len(content), "sha256": sha256.hex()}
        record_audit(conn, actor, "attach", **_whose(owner, holder_id), **told)
    return int(attachment_id)


def remove_attachment(conn: psycopg.Connection[Any], owner: Owner, attachment_id: int, actor: Actor) -> str:
    """Mark an attachment as removed; it is kept. Returns its name. Errors: unknown_reference, also for one that is removed."""
    shelf = owner.shelf
    mark = f"""
      update {shelf.table} file set removed_at = clock_timestamp(), removed_by = %(author)s
      from {shelf.files} and file.id = %(id)s returning file.{shelf.holder}, file.name"""
    with conn.transaction():
        marked = conn.execute(mark, {"owner": owner.name, "id": attachment_id, "author": actor.author}).fetchone()
        if marked is None:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="attachment", value=str(attachment_id))
        holder_id, name = marked
        record_audit(conn, actor, "remove_attachment", **_whose(owner, holder_id), attachment=attachment_id, name=name)
    return str(name)


def _whose(owner: Owner, holder_id: int) -> dict[str, Any]:
    """How the audit trail names the owner. What concerns a contract is of no unit."""
    return {"unit_id": holder_id, "document_id": owner.name} if owner.kind == "document" else {owner.kind: owner.name}
