"""Reads of the lists: documents by filters, in the total order, a page at a time or all as a stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

import psycopg

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.moment import end_of, start_of
from setoff.settlements.document_list import DocumentFilter, conditions_of, parameters_of, resolved

FIRST: Final = -(1 << 63)
LAST: Final = (1 << 63) - 1
PORTION_ROWS: Final = 2_000
LISTED_SQL: Final = """
  select listed.key, listed.kind, listed.number, listed.date, unit.code, coalesce(counterparty.code, ''), coalesce(contract.code, ''),
         listed.currency, listed.total, listed.status, listed.deletion_mark, version.version_no, listed.moment
  from unnest(%(units)s::int8[]) wanted (unit_id)
  cross join lateral (
    select * from document d
    where d.unit_id = wanted.unit_id and d.moment {after} and d.moment between %(since)s and %(until)s {conditions}
    order by d.moment {direction} limit %(limit)s) listed
  join unit on unit.id = listed.unit_id
  join version on version.unit_id = listed.unit_id and version.id = listed.version_id
  left join counterparty on counterparty.id = listed.counterparty_id
  left join contract on contract.id = listed.contract_id
  order by listed.moment {direction} limit %(limit)s"""
CONDITIONS: Final[Mapping[str, str]] = {
    "kind": "d.kind = any(%(kind)s)",
    "status": "d.status = any(%(status)s)",
    "number": "d.number = %(number)s",
    "currency": "d.currency = any(%(currency)s)",
    "counterparty": "d.counterparty_id in (select id from counterparty where code = any(%(counterparty)s))",
    "contract": "d.contract_id in (select id from contract where code = any(%(contract)s))",
    "deletion_mark": "d.deletion_mark = %(deletion_mark)s",
}
STANDS_SQL: Final = """
  select document.unit_id, document.id, document.number, document.status, document.deletion_mark, version.version_no, version.recorded_at,
         version.author, version.content
  from document join version on version.unit_id = document.unit_id and version.id = document.version_id
  where document.key = %(key)s and document.unit_id = any(%(units)s)"""
VERSIONS_SQL: Final = """
  select version_no, recorded_at, author, action, posted, content from version
  where unit_id = %(unit)s and document_id = %(document)s order by version_no"""


class ListedDocument(NamedTuple):
    key: str
    kind: str
    number: str
    date: date
    unit: str
    counterparty: str
    contract: str
    currency: str
    total: int
    status: str
    deletion_mark: bool
    version: int
    moment: int


class Filter(NamedTuple):
    """Which documents. `chosen`: values by the names of CONDITIONS; what is not restricted is absent. `further`: what the list of
    documents knows beside that: words, authors, amounts."""

    units: Sequence[int]
    chosen: Mapping[str, Any]
    since: date | None
    until: date | None
    newest_first: bool
    further: DocumentFilter


class Stands(NamedTuple):
    """A document and its newest version."""

    unit_id: int
    id: int
    number: str
    status: str
    deletion_mark: bool
    version: int
    recorded_at: datetime
    author: str
    content: str


class VersionRow(NamedTuple):
    version: int
    recorded_at: datetime
    author: str
    action: str
    posted: bool
    content: str


def listed_documents(conn: psycopg.Connection[Any], asked: Filter, after: int | None, limit: int) -> list[ListedDocument]:
    """A page of documents after a moment."""
    query, names = _question(conn, asked, after, limit)
    return [ListedDocument._make(row) for row in conn.execute(query, names)]


def all_documents(conn: psycopg.Connection[Any], asked: Filter) -> Iterator[ListedDocument]:
    """Every document of the filter, read in portions while it is consumed."""
    query, names = _question(conn, asked, None, LAST)
    with conn.transaction(), conn.cursor("listed_documents") as cursor:
        cursor.itersize = PORTION_ROWS
        cursor.execute(query, names)
        for row in cursor:
            yield ListedDocument._make(row)


def _question(conn: psycopg.Connection[Any], asked: Filter, after: int | None, limit: int) -> tuple[str, dict[str, Any]]:
    further = resolved(conn, asked.further)
    conditions = "".join(f" and {condition}" for condition in (*(CONDITIONS[name] for name in asked.chosen), *conditions_of(further)))
    direction, comparison = ("desc", "<") if asked.newest_first else ("asc", ">")
    edge = after if after is not None else LAST if asked.newest_first else FIRST
    names = {
        **parameters_of(further), **asked.chosen, "units": list(asked.units), "after": edge, "limit": limit,
        "since": start_of(asked.since) if asked.since else FIRST, "until": end_of(asked.until) - 1 if asked.until else LAST,
    }  # fmt: skip
    return LISTED_SQL.format(conditions=conditions, direction=direction, after=f"{comparison} %(after)s"), names


def stands(conn: psycopg.Connection[Any], key: str, units: Sequence[int]) -> Stands | None:
    """How the document of a key stands, when it is of one of the units."""
    row = conn.execute(STANDS_SQL, {"key": key, "units": list(units)}).fetchone()
    return Stands._make(row) if row else None


def known(conn: psycopg.Connection[Any], key: str, units: Sequence[int]) -> Stands:
    """Errors: unknown_reference."""
    found = stands(conn, key, units)
    if found is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="document", value=key, field="key")
    return found


def versions_of(conn: psycopg.Connection[Any], document: Stands) -> list[VersionRow]:
    """Every version of a document, the first one first."""
    found = conn.execute(VERSIONS_SQL, {"unit": document.unit_id, "document": document.id})
    return [VersionRow._make(row) for row in found]
