"""Reads of attachments. Those that were removed are not there."""

from __future__ import annotations

import datetime
from typing import Any, Final, NamedTuple

import psycopg
from psycopg.rows import args_row

from setoff.core.errors import DomainError, ErrorCode


class Attachment(NamedTuple):
    """A file of a document, without its content. `sha256` in hexadecimal digits."""

    unit_id: int
    id: int
    document_id: int
    name: str
    media_type: str
    size: int
    sha256: str
    author: str
    recorded_at: datetime.datetime


COLUMNS: Final = "unit_id, id, document_id, name, media_type, size, encode(sha256, 'hex'), author, recorded_at"


def attachments_of(conn: psycopg.Connection[Any], document_id: int) -> list[Attachment]:
    """In the order in which they came."""
    cursor = conn.cursor(row_factory=args_row(Attachment))
    cursor.execute(
        f"""select {COLUMNS} from attachment
            where unit_id = (select unit_id from document where id = %(document)s) and document_id = %(document)s and removed_at is null
            order by id""",
        {"document": document_id},
    )
    return cursor.fetchall()


def attachment(conn: psycopg.Connection[Any], document_id: int, attachment_id: int) -> Attachment:
    """Errors: unknown_reference."""
    for found in attachments_of(conn, document_id):
        if found.id == attachment_id:
            return found
    raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="attachment", value=str(attachment_id))


def content_of(conn: psycopg.Connection[Any], found: Attachment) -> bytes:
    """The file as it was attached."""
    row = conn.execute("select content from attachment where unit_id = %s and id = %s", [found.unit_id, found.id]).fetchone()
    assert row is not None
    return bytes(row[0])
