"""Documents as they stood at an earlier time: those that were stated anew since then, from the version known at that time.

A version holds what was said; the header (date, party, currency, total) follows from it by the same rules as when it was written, so a
report as known then shows the amounts known then. Documents that did not exist are not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from psycopg import Connection, sql
from psycopg.rows import args_row

from setoff.core.moment import day_of
from setoff.settlements.records import DocumentRow
from setoff.trade.header import header
from setoff.trade.queries import decode_document, load_directory
from setoff.trade.registry import References, references

PORTION: Final = 2000
LATER_SQL: Final = """
  create temporary table later on commit drop as
  select distinct unit_id, document_id from version where recorded_at > {known_at}"""
CHANGED_SQL: Final = """
  select exists (
    select from unit cross join lateral (select from version where unit_id = unit.id and recorded_at > %(known_at)s limit 1) later)
  or exists (select from plan_status where recorded_at > %(known_at)s)"""
KNOWN_SQL: Final = """
  select later.unit_id, later.document_id, document.kind, document.number, document.key, version.id, version.version_no,
         version.moment, version.posted, version.content
  from later join public.document on document.unit_id = later.unit_id and document.id = later.document_id
  join lateral (
    select * from version where version.unit_id = later.unit_id and version.document_id = later.document_id
      and version.recorded_at <= %(known_at)s order by version_no desc limit 1) version on true
  where later.document_id > %(after)s order by later.document_id limit %(portion)s"""
VIEW_SQL: Final = """
  create temporary view document as
  select * from public.document where id not in (select document_id from later) union all select * from known_document"""
STATUSES_SQL: Final = """
  create temporary view plan_status as select * from public.plan_status where recorded_at <= {known_at}"""


class KnownVersion(NamedTuple):
    """The newest version of a document at that time."""

    unit_id: int
    document_id: int
    kind: str
    number: str
    key: str
    id: int
    version_no: int
    moment: int
    posted: bool
    content: str


def is_changed_since(conn: Connection[Any], known_at: datetime) -> bool:
    """Whether anything was recorded since; what is not is known now as it was then."""
    return conn.execute(CHANGED_SQL, {"known_at": known_at}).fetchone() != (False,)


def lay_documents(conn: Connection[Any], known_at: datetime) -> None:
    """`later` has the documents with a version since then; the temporary views `document` and `plan_status` are as known then. Within a
    transaction."""
    conn.execute(sql.SQL(LATER_SQL).format(known_at=sql.Literal(known_at)))
    conn.execute("create temporary table known_document (like public.document) on commit drop")
    columns = ", ".join(DocumentRow._fields)
    for portion in known_versions(conn, known_at):
        rows = document_rows(conn, portion)
        with conn.cursor() as cursor, cursor.copy(f"copy pg_temp.known_document ({columns}) from stdin") as copy:
            for row in rows:
                copy.write_row(row)
    conn.execute(VIEW_SQL)
    conn.execute(sql.SQL(STATUSES_SQL).format(known_at=sql.Literal(known_at)))


def known_versions(conn: Connection[Any], known_at: datetime) -> Iterator[list[KnownVersion]]:
    """What stood in the documents stated anew since, a portion at a time."""
    cursor, after = conn.cursor(row_factory=args_row(KnownVersion)), 0
    parameters = {"known_at": known_at, "portion": PORTION}
    while portion := cursor.execute(KNOWN_SQL, {**parameters, "after": after}).fetchall():
        yield portion
        after = portion[-1].document_id


def document_rows(conn: Connection[Any], versions: Sequence[KnownVersion]) -> list[DocumentRow]:
    documents = [decode_document(version.content) for version in versions]
    named = [references(document) for document in documents]
    directory = load_directory(conn, References(*(frozenset().union(*codes) for codes in zip(*named, strict=True))))
    rows = []
    for version, document in zip(versions, documents, strict=True):
        head, day = header(document, directory), day_of(version.moment)
        rows.append(
            DocumentRow(
                version.unit_id, version.document_id, version.kind, document.number or version.number, day.year, version.key, day,
                version.moment, "posted" if version.posted else "draft" if version.version_no == 1 else "unposted", False,
                head.counterparty_id, head.contract_id, head.currency, head.total_minor, version.id,
                version.id if version.posted else None,
            )
        )  # fmt: skip
    return rows
