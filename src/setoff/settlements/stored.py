"""A document as it stands, and whether it may be edited so.

Errors: unknown_reference, wrong_state, document_closed, reference_exists, period_closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import psycopg

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.moment import day_of
from setoff.settlements.records import DocumentRow
from setoff.trade.header import Header
from setoff.trade.kinds import REVERSIBLE


class Stored(NamedTuple):
    """A document as it stands, read before the locks and checked again under them."""

    row: DocumentRow
    version_no: int
    content: str
    facts_hash: bytes
    keys: list[tuple[int | None, int | None]]  # of its facts in the books


STORED_SQL = f"""
  select {", ".join("document." + name for name in DocumentRow._fields)}, version.version_no, version.content, version.facts_hash,
         (select array_agg(array[fact.reg_key_id, fact.mgmt_key_id]) from fact
          where fact.unit_id = document.unit_id and fact.version_id = document.posted_version_id)
  from document join version on version.unit_id = document.unit_id and version.id = document.version_id"""


def ask_document(conn: psycopg.Connection[Any], key: str) -> psycopg.Cursor[Any]:
    """The question for the document of a key; `read_document` looks at the answer."""
    return conn.execute(STORED_SQL + " where document.key = %s", [key])


def find_documents(conn: psycopg.Connection[Any], keys: Sequence[str]) -> dict[str, Stored]:
    """Those of these keys that are there."""
    found = (_stored(row) for row in conn.execute(STORED_SQL + " where document.key = any(%s)", [list(keys)]))
    return {stored.row.key: stored for stored in found}


def find_document(conn: psycopg.Connection[Any], key: str) -> Stored | None:
    return read_document(ask_document(conn, key))


def read_document(asked: psycopg.Cursor[Any]) -> Stored | None:
    row = asked.fetchone()
    return None if row is None else _stored(row)


def _stored(row: Sequence[Any]) -> Stored:
    width = len(DocumentRow._fields)
    version_no, content, hashed, keys = row[width:]
    return Stored(DocumentRow._make(row[:width]), version_no, content, hashed, [tuple(pair) for pair in keys or ()])


def known_document(conn: psycopg.Connection[Any], key: str) -> Stored:
    stored = find_document(conn, key)
    if stored is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="document", value=key, field="key")
    return stored


def require_state(stored: Stored, *allowed: str) -> None:
    if stored.row.status not in allowed:
        raise DomainError(
            ErrorCode.WRONG_STATE, document=stored.row.number, state=stored.row.status, allowed=", ".join(allowed)
        )


def check_edit(stored: Stored, head: Header, action: str, closed: int | None) -> None:
    """A document keeps its unit and kind; one marked for deletion is not edited; a posted one is not saved as a draft; one that was
    ever posted is not dated before `closed` any more (drafts may be)."""
    row = stored.row
    if (row.unit_id, row.kind) != (head.unit.id, head.kind):
        raise DomainError(ErrorCode.REFERENCE_EXISTS, kind=row.kind, value=row.key)
    if row.deletion_mark:
        raise DomainError(ErrorCode.WRONG_STATE, document=row.number, state="deletion_mark", allowed="draft, posted, unposted")
    if action == "save":
        check_not_closed(stored, action)
        require_state(stored, "draft", "unposted")
    if closed is not None and row.status == "unposted" and head.date < day_of(closed):
        raise DomainError(ErrorCode.PERIOD_CLOSED, documents=row.number, open_from=day_of(closed), rows=[])


def check_not_closed(stored: Stored, action: str) -> None:
    """A posted adjustment is closed: nothing of it changes until it is reopened (spec 7.6). Errors: document_closed."""
    row = stored.row
    if row.kind in REVERSIBLE and row.status == "posted" and action in ("post", "save", "reorder"):
        raise DomainError(ErrorCode.DOCUMENT_CLOSED, document=row.number)


def is_said_again(stored: Stored, content: str, action: str, *, posted: bool) -> bool:
    """Whether a version says and stands as the one before, so that nothing is to be done. Errors: document_closed where another content
    is said of a document that is closed."""
    was_posted = stored.row.status == "posted"
    if stored.content == content and was_posted == posted and action != "follow":
        return True
    check_not_closed(stored, action)
    return False
