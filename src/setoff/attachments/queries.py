"""Reads of attachments: files of a document or of a contract. Those that were removed are not there."""

from __future__ import annotations

import datetime
from typing import Any, Final, NamedTuple

import psycopg
from psycopg.rows import args_row

from setoff.core.errors import DomainError, ErrorCode


class Attachment(NamedTuple):
    """A file without its content. `sha256` in hexadecimal digits."""

    id: int
    name: str
    media_type: str
    size: int
    sha256: str
    author: str
    recorded_at: datetime.datetime


class Shelf(NamedTuple):
    """Where files of one kind of owner are kept: `table`, in which `holder` and `owner` point to the row of `owners` that people name by
    its column `named_by`."""

    table: str
    holder: str
    owner: str
    owners: str
    named_by: str

    @property
    def files(self) -> str:
        """The files of the owner `%(owner)s`, each beside it. What follows is a part of the condition."""
        return (
            f"{self.owners} owner where owner.{self.holder} = file.{self.holder} and owner.id = file.{self.owner}"
            f" and owner.{self.named_by} = %(owner)s and file.removed_at is null"
        )


SHELVES: Final = {
    "document": Shelf("attachment", "unit_id", "document_id", "document", "id"),
    "contract": Shelf("contract_file", "organization_id", "contract_id", "contract", "code"),
}


class Owner(NamedTuple):
    """Whose the files are: `kind` is a key of SHELVES, `name` what the owner is named by there."""

    kind: str
    name: int | str

    @property
    def shelf(self) -> Shelf:
        return SHELVES[self.kind]


def of_document(document_id: int) -> Owner:
    return Owner("document", document_id)


def of_contract(code: str) -> Owner:
    return Owner("contract", code)


def attachments_of(conn: psycopg.Connection[Any], owner: Owner) -> list[Attachment]:
    """In the order in which they came."""
    cursor = conn.cursor(row_factory=args_row(Attachment))
    shelf = owner.shelf
    columns = "file.id, file.name, file.media_type, file.size, encode(file.sha256, 'hex'), file.author, file.recorded_at"
    cursor.execute(f"select {columns} from {shelf.table} file, {shelf.files} order by file.id", {"owner": owner.name})
    return cursor.fetchall()


def attachment(conn: psycopg.Connection[Any], owner: Owner, attachment_id: int) -> Attachment:
    """Errors: unknown_reference."""
    for found in attachments_of(conn, owner):
        if found.id == attachment_id:
            return found
    raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="attachment", value=str(attachment_id))


def content_of(conn: psycopg.Connection[Any], owner: Owner, attachment_id: int) -> bytes:
    """The file as it was attached. Errors: unknown_reference."""
    shelf = owner.shelf
    query = f"select file.content from {shelf.table} file, {shelf.files} and file.id = %(id)s"
    row = conn.execute(query, {"owner": owner.name, "id": attachment_id}).fetchone()
    if row is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="attachment", value=str(attachment_id))
    return bytes(row[0])
