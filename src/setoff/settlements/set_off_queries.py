"""Reads for an act of set-off: whose books, which lots an adjustment settles, what was open before it, what the documents supplied.

A posted adjustment is told by its allocations. Amounts are positive minor units of the settlement currency. Of the regulated contour; of
the management contour where the document is not in the regulated one.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row


class ActHead(NamedTuple):
    """The organization of a unit, as a party."""

    name: str
    tax_id: str
    kpp: str
    chart: str


class ActCounterparty(NamedTuple):
    id: int
    code: str
    name: str
    tax_id: str
    kpp: str
    language: str


class Place(NamedTuple):
    """Where a row of the adjustment is owed; `is_theirs`: they owe us."""

    line: int
    counterparty_id: int
    contract: str
    contract_date: datetime.date | None
    relation: str
    currency: str
    is_theirs: bool


class Part(NamedTuple):
    """What a row settles of a lot, and what that is worth in book currency at the row's own value."""

    line: int
    key_id: int
    lot_document_id: int
    lot_line: int
    amount: int
    book: int


class OpenThen(NamedTuple):
    """A lot of a key at a moment. `before`: what was open, signed; `day`: of its original document; `content`: what the document says."""

    key_id: int
    document_id: int
    line: int
    before: int
    order: str
    rank: int
    key: str
    kind: str
    number: str
    day: datetime.date
    label: str
    due: datetime.date | None
    currency: str
    content: str


def act_head(conn: Connection[Any], unit_id: int) -> ActHead:
    cursor = conn.cursor(row_factory=args_row(ActHead))
    (found,) = cursor.execute(
        "select o.name, o.tax_id, o.kpp, o.chart from unit u join organization o on o.id = u.organization_id where u.id = %s", [unit_id]
    )
    return found


def act_counterparties(conn: Connection[Any], ids: Sequence[int]) -> dict[int, ActCounterparty]:
    cursor = conn.cursor(row_factory=args_row(ActCounterparty))
    cursor.execute("select id, code, name, tax_id, kpp, language from counterparty where id = any(%s)", [list(ids)])
    return {party.id: party for party in cursor}


def posted_places(conn: Connection[Any], unit_id: int, document_id: int) -> list[Place]:
    """The rows of a posted adjustment, in their order."""
    cursor = conn.cursor(row_factory=args_row(Place))
    cursor.execute(
        """select f.line, n.counterparty_id, coalesce(ct.number, ''), ct.date, n.relation, n.currency, f.change < 0
           from document d join fact f on f.unit_id = d.unit_id and f.version_id = d.posted_version_id
           join node n on n.unit_id = f.unit_id and n.id = f.node_id left join contract ct on ct.id = n.contract_id
           where d.unit_id = %s and d.id = %s order by f.line""",
        [unit_id, document_id],
    )
    return cursor.fetchall()


def posted_parts(conn: Connection[Any], unit_id: int, document_id: int) -> list[Part]:
    """What a posted adjustment used, in the order of its rows and of the lots."""
    cursor = conn.cursor(row_factory=args_row(Part))
    cursor.execute(
        """select a.line, a.key_id, a.lot_document_id, a.lot_line, sum(a.amount)::bigint, sum(a.own_book)::bigint
           from document d join fact f on f.unit_id = d.unit_id and f.version_id = d.posted_version_id
           join allocation a on a.unit_id = f.unit_id and a.key_id = coalesce(f.reg_key_id, f.mgmt_key_id)
                            and a.document_id = d.id and a.line = f.line
           join lot l on l.unit_id = a.unit_id and l.key_id = a.key_id and l.document_id = a.lot_document_id and l.line = a.lot_line
           where d.unit_id = %s and d.id = %s group by 1, 2, 3, 4, l.rank order by a.line, l.rank, 3, 4""",
        [unit_id, document_id],
    )
    return cursor.fetchall()


def contract_names(conn: Connection[Any], ids: Iterable[int]) -> dict[int, tuple[str, datetime.date | None]]:
    """Number and date by id."""
    cursor = conn.execute("select id, number, date from contract where id = any(%s)", [list(ids)])
    return {contract_id: (number, day) for contract_id, number, day in cursor}


def open_then(conn: Connection[Any], unit_id: int, keys: Iterable[int], at: int) -> list[OpenThen]:
    """The lots of the keys that were open just before the moment, in their total order; each looked up by its own key (`offset 0`)."""
    cursor = conn.cursor(row_factory=args_row(OpenThen))
    cursor.execute(
        """select l.key_id, l.document_id, l.line, l.amount - sign(l.amount)::bigint * coalesce(used.amount, 0), k.allocation_order, l.rank,
                  d.key, d.kind, d.number, moment_date(l.rank), coalesce(f.label, ''), l.due, k.currency, v.content
           from lot l join fold_key k on k.unit_id = l.unit_id and k.id = l.key_id
           cross join lateral (select d.* from document d where d.unit_id = l.unit_id and d.id = l.document_id offset 0) d
           cross join lateral (select v.content from version v where v.unit_id = d.unit_id and v.id = d.posted_version_id offset 0) v
           left join fact f on f.unit_id = l.unit_id and f.version_id = d.posted_version_id and f.line = l.line
           left join lateral (
             select sum(a.amount)::bigint as amount from allocation a
             where a.unit_id = l.unit_id and a.key_id = l.key_id and a.lot_document_id = l.document_id and a.lot_line = l.line
               and a.moment < %(at)s) used on true
           where l.unit_id = %(unit)s and l.key_id = any(%(keys)s) and l.moment < %(at)s and l.closed_moment >= %(at)s
           order by l.rank, l.document_id, l.line""",
        {"unit": unit_id, "keys": list(keys), "at": at},
    )
    return cursor.fetchall()
