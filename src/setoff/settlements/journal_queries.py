"""Reads across documents: the journal of settlements."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row

from setoff.books.scope import Scope
from setoff.settlements.queries import moments


class JournalLine(NamedTuple):
    """A document that touches settlements. `difference`: what its settlement sides leave, debit less credit, in book currency;
    null when it has one side only. `base` is the key of the document it corrects."""

    key: str
    kind: str
    number: str
    date: datetime.date
    unit: str
    counterparties: str
    total: int
    currency: str
    difference: int | None
    book_currency: str
    status: str
    author: str
    base: str
    comment: str
    moment: int
    document_id: int


def journal(
    conn: Connection[Any], scope: Scope, since: date | None, as_of: date, *, kinds: Sequence[str] = (),
    statuses: Sequence[str] = (), after: tuple[int, int, int] | None = None, limit: int | None = None,
) -> list[JournalLine]:
    """Documents of the period in the total order, of any state; those marked for deletion are left out. Of kinds other_in and
    other_out and of manual entries only those that touch settlements. A page of them (`limit` after a place) reads the index of each
    unit no further than it needs."""
    where = ""
    for name in ("counterparties", "contracts"):
        if getattr(scope, name):
            column = {"counterparties": "counterparty_id", "contracts": "contract_id"}[name]
            where += f""" and (d.{column} = any(%(scope_{name})s) or exists (
              select from fact f join node n on n.unit_id = f.unit_id and n.id = f.node_id
              where f.unit_id = d.unit_id and f.version_id = d.posted_version_id and n.{column} = any(%(scope_{name})s)))"""
    if scope.currencies:
        where += " and d.currency = any(%(scope_currencies)s)"
    if kinds:
        where += " and d.kind = any(%(kinds)s)"
    if statuses:
        where += " and d.status = any(%(statuses)s)"
    if after:
        where += " and (d.moment, d.id) > (%(after_moment)s, %(after_id)s)"
    cursor = conn.cursor(row_factory=args_row(JournalLine))
    cursor.execute(
        f"""select d.key, d.kind, d.number, d.date, u.code, coalesce(sides.names, cp.name, ''), d.total, d.currency,
                   sides.difference, o.book_currency, d.status, v.author, coalesce(v.content::jsonb->>'base', ''),
                   coalesce(v.content::jsonb->>'comment', ''), d.moment, d.id
            from (
              select d.* from unnest(%(scope_units)s::bigint[]) as scope(unit_id) cross join lateral (
                select * from document d
                where d.unit_id = scope.unit_id and d.moment >= %(first)s and d.moment < %(before)s and not d.deletion_mark
                  and (d.kind not in ('other_in', 'other_out', 'manual_entry') or d.status <> 'posted' or exists (
                    select from fact f where f.unit_id = d.unit_id and f.version_id = d.posted_version_id)) {where}
                order by d.moment, d.id limit %(limit)s) d
              order by d.moment, d.id limit %(limit)s) d
            join version v on v.unit_id = d.unit_id and v.id = d.version_id
            join unit u on u.id = d.unit_id join organization o on o.id = u.organization_id
            left join counterparty cp on cp.id = d.counterparty_id
            left join lateral (
              select string_agg(distinct p.name, ', ' order by p.name) as names,
                     case when min(sign(f.change)) < max(sign(f.change)) then sum(f.book)::bigint end as difference
              from fact f join node n on n.unit_id = f.unit_id and n.id = f.node_id
              join counterparty p on p.id = n.counterparty_id
              where f.unit_id = d.unit_id and f.version_id = d.posted_version_id) sides on true
            order by d.moment, d.id""",
        {
            **scope.parameters(), **moments(since, as_of), "kinds": list(kinds), "statuses": list(statuses), "limit": limit,
            "after_moment": after and after[0], "after_id": after and after[1],
        },
    )
    return cursor.fetchall()
