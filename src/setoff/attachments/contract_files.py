"""Files of contracts: attached, read, removed; what was attached is kept. One transaction for each verb, with its audit record.

Errors: those of contents.py; unknown_reference (the contract, the file); attachment_exists; too_many_attachments.
"""

from __future__ import annotations

import datetime
import hashlib
from typing import Any, Final, NamedTuple

import psycopg
from psycopg.rows import args_row

from setoff.attachments.contents import inspect
from setoff.attachments.services import COUNT_MAX
from setoff.books.audit import Actor, record_audit
from setoff.core.errors import DomainError, ErrorCode

FILES_SQL: Final = """
  select file.id, file.name, file.media_type, file.size, encode(file.sha256, 'hex'), file.author, file.recorded_at
  from contract_file file join contract on contract.id = file.contract_id
  where contract.code = %s and file.removed_at is null order by file.id"""
INSERT_SQL: Final = """
  insert into contract_file (organization_id, contract_id, name, media_type, size, sha256, content, author)
  select organization_id, id, %(name)s, %(media_type)s, %(size)s, %(sha256)s, %(content)s, %(author)s from contract where code = %(code)s
  returning id"""


class ContractFile(NamedTuple):
    """A file of a contract, without its content. `sha256` in hexadecimal digits."""

    id: int
    name: str
    media_type: str
    size: int
    sha256: str
    author: str
    recorded_at: datetime.datetime


def contract_files(conn: psycopg.Connection[Any], code: str) -> list[ContractFile]:
    """In the order in which they came, without those that were removed."""
    return conn.cursor(row_factory=args_row(ContractFile)).execute(FILES_SQL, [code]).fetchall()


def contract_file(conn: psycopg.Connection[Any], code: str, file_id: int) -> tuple[ContractFile, bytes]:
    """A file with its content. Errors: unknown_reference."""
    found = next((file for file in contract_files(conn, code) if file.id == file_id), None)
    if found is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="attachment", value=str(file_id))
    row = conn.execute("select content from contract_file where id = %s", [file_id]).fetchone()
    assert row is not None
    return found, bytes(row[0])


def attach_to_contract(conn: psycopg.Connection[Any], code: str, name: str, content: bytes, actor: Actor) -> int:
    """Keep a file with a contract; returns its id."""
    found = inspect(name, content)
    sha256 = hashlib.sha256(content).digest()
    values = {
        "code": code, "name": found.name, "media_type": found.media_type, "size": len(content), "sha256": sha256, "content": content,
        "author": actor.author,
    }  # fmt: skip
    with conn.transaction():
        if len(contract_files(conn, code)) >= COUNT_MAX:
            raise DomainError(ErrorCode.TOO_MANY_ATTACHMENTS, limit=COUNT_MAX)
        try:
            with conn.transaction():
                inserted = conn.execute(INSERT_SQL, values).fetchone()
        except psycopg.errors.UniqueViolation:
            raise DomainError(ErrorCode.ATTACHMENT_EXISTS, name=found.name) from None
        if inserted is None:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="contract", value=code, field="contract")
        record_audit(conn, actor, "attach", contract=code, attachment=inserted[0], name=found.name, size=len(content), sha256=sha256.hex())
    return int(inserted[0])


def remove_contract_file(conn: psycopg.Connection[Any], code: str, file_id: int, actor: Actor) -> str:
    """Mark a file as removed; it is kept. Returns its name."""
    with conn.transaction():
        row = conn.execute(
            "update contract_file file set removed_at = clock_timestamp(), removed_by = %s from contract"
            " where contract.id = file.contract_id and contract.code = %s and file.id = %s and removed_at is null returning file.name",
            [actor.author, code, file_id],
        ).fetchone()
        if row is None:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="attachment", value=str(file_id))
        record_audit(conn, actor, "remove_attachment", contract=code, attachment=file_id, name=row[0])
    return str(row[0])
