"""Everything back out as the JSON Lines that `import` reads: masters first, then documents in the order of their entry numbers.

Masters go by code, so that equal books give equal files. The order of documents matters: entry numbers decide between
documents of one day and day order, so an import into an empty database gives the same reports. A document goes out as it was last
said (an order or bill with the status that is kept beside it), with its key, number and place in the day; drafts, unposted documents and
deletion marks stay what they are. When notices of set-off were received comes after them, and notices between units come last, as they
stand. One snapshot of the database, read in portions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import msgspec
import psycopg

from setoff.parties.queries import MASTERS_SQL, PORTION_ROWS, every_master
from setoff.settlements.branch_notices import kept_notices
from setoff.settlements.notices import receipts
from setoff.settlements.orders.kept import OF_DOCUMENT, in_status
from setoff.trade.queries import decode_document

DOCUMENTS_SQL: Final = f"""
  select document.status, document.deletion_mark, version.content, kept.status, kept.approved
  from document join version on version.unit_id = document.unit_id and version.id = document.version_id
  left join lateral (
    select * from ({OF_DOCUMENT}) newest
    where document.kind in ('customer_order', 'supplier_order', 'customer_bill', 'supplier_bill')) kept (status, approved) on true
  order by document.id"""


class Exported(NamedTuple):
    masters: int
    documents: int


def export_records(conn: psycopg.Connection[Any], write: Callable[[bytes], object]) -> Exported:
    """Every record is written, one line each."""
    counts = [0, 0, 0, 0]
    with snapshot(conn):
        for place, lines in enumerate(_parts(conn)):
            for line in lines:
                write(line + b"\n")
                counts[place] += 1
    return Exported(*counts[:2])


def exported_lines(conn: psycopg.Connection[Any]) -> Iterator[bytes]:
    """The same lines, read while they are consumed."""
    with snapshot(conn):
        for lines in _parts(conn):
            for line in lines:
                yield line + b"\n"


@contextmanager
def snapshot(conn: psycopg.Connection[Any]) -> Iterator[None]:
    """Within the block everything is read as of one moment."""
    with conn.transaction():
        conn.execute("set transaction isolation level repeatable read, read only")
        yield


def _parts(conn: psycopg.Connection[Any]) -> tuple[Iterator[bytes], ...]:
    notices = (msgspec.json.encode(notice) for notice in kept_notices(conn))
    return _master_lines(conn), _document_lines(conn), _receipt_lines(conn), notices


def _master_lines(conn: psycopg.Connection[Any]) -> Iterator[bytes]:
    for kind in MASTERS_SQL:
        for record in every_master(conn, kind):
            yield msgspec.json.encode(record)


def _document_lines(conn: psycopg.Connection[Any]) -> Iterator[bytes]:
    with conn.cursor("export_documents") as cursor:
        cursor.itersize = PORTION_ROWS
        cursor.execute(DOCUMENTS_SQL)
        for status, deletion_mark, content, kept_status, approved in cursor:
            if status == "posted" and kept_status is None:
                yield content.encode()
            elif status == "posted":
                yield msgspec.json.encode(in_status(decode_document(content), kept_status, approved))
            else:
                document = msgspec.structs.replace(decode_document(content), state=status, deletion_mark=deletion_mark)
                yield msgspec.json.encode(document)


def _receipt_lines(conn: psycopg.Connection[Any]) -> Iterator[bytes]:
    for receipt in receipts(conn):
        yield msgspec.json.encode(receipt)
