"""Reads across documents: the journal of settlements and the difference of contours."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row

from setoff.books.scope import Scope
from setoff.core.moment import end_of
from setoff.settlements.queries import lots_at, moments
from setoff.trade.terms import WE_OWE_BY_NATURE


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


class ContourBalance(NamedTuple):
    """One counterparty and contract in both contours. `planned`: facts of mgmt only less facts of reg only; `unplanned` =
    mgmt - reg - planned, which must be 0 (I7). Debts and advances are positive. `documents`: numbers of the documents of one
    contour."""

    unit: str
    counterparty: str
    contract: str
    relation: str
    currency: str
    mgmt: int
    mgmt_debt: int
    mgmt_advance: int
    reg: int
    reg_debt: int
    reg_advance: int
    difference: int
    planned: int
    unplanned: int
    documents: str


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


def contour_balances(conn: Connection[Any], scope: Scope, as_of: date, *, only_differing: bool) -> list[ContourBalance]:
    """Both contours side by side at the end of a day, per unit, counterparty, contract, relation and currency (spec 1.9).
    `only_differing`: rows where the net, the debt or the advance differ, or one-contour facts exist."""
    differing = "where mgmt_debt <> reg_debt or mgmt_advance <> reg_advance or planned <> 0 or documents <> ''"
    cursor = conn.cursor(row_factory=args_row(ContourBalance))
    cursor.execute(
        f"""with net as (
          select k.unit_id, k.counterparty_id, k.contract_id, k.relation, k.currency, k.contour, l.residual_then as amount,
                 (l.residual_then < 0) = (k.relation = any(%(we_owe)s)) as debt
          from (select * from ({lots_at(scope, "mgmt")}) in_mgmt union all select * from ({lots_at(scope, "reg")}) in_reg) l
          join fold_key k on k.unit_id = l.unit_id and k.id = l.key_id),
        lone as (
          select n.unit_id, n.counterparty_id, n.contract_id, n.relation, n.currency,
                 case when f.mgmt_key_id is null then -f.change else f.change end as planned, d.number
          from fact f
          join document d on d.unit_id = f.unit_id and d.id = f.document_id and d.posted_version_id = f.version_id
          join node n on n.unit_id = f.unit_id and n.id = f.node_id
          where f.unit_id = any(%(scope_units)s) and f.moment < %(before)s and (f.reg_key_id is null or f.mgmt_key_id is null)
            {scope.clause(alias="n")}),
        summed as (
          select unit_id, counterparty_id, contract_id, relation, currency,
                 coalesce(sum(amount) filter (where contour = 'mgmt'), 0) as mgmt,
                 coalesce(sum(abs(amount)) filter (where contour = 'mgmt' and debt), 0) as mgmt_debt,
                 coalesce(sum(abs(amount)) filter (where contour = 'mgmt' and not debt), 0) as mgmt_advance,
                 coalesce(sum(amount) filter (where contour = 'reg'), 0) as reg,
                 coalesce(sum(abs(amount)) filter (where contour = 'reg' and debt), 0) as reg_debt,
                 coalesce(sum(abs(amount)) filter (where contour = 'reg' and not debt), 0) as reg_advance,
                 coalesce(sum(planned), 0) as planned,
                 coalesce(string_agg(distinct number, ', ' order by number), '') as documents
          from (select unit_id, counterparty_id, contract_id, relation, currency, contour, amount, debt, 0 as planned,
                       null as number from net
                union all
                select unit_id, counterparty_id, contract_id, relation, currency, null, 0, null, planned, number from lone) rows
          group by 1, 2, 3, 4, 5)
        select u.code, cp.name, coalesce(ct.number, ''), s.relation, s.currency, s.mgmt::bigint, s.mgmt_debt::bigint,
               s.mgmt_advance::bigint, s.reg::bigint, s.reg_debt::bigint, s.reg_advance::bigint, (s.mgmt - s.reg)::bigint,
               s.planned::bigint, (s.mgmt - s.reg - s.planned)::bigint, s.documents
        from summed s
        join unit u on u.id = s.unit_id join counterparty cp on cp.id = s.counterparty_id
        left join contract ct on ct.id = s.contract_id
        {differing if only_differing else ""}
        order by cp.name, ct.number, s.relation, s.currency, u.code""",
        {**scope.parameters(), "before": end_of(as_of), "we_owe": list(WE_OWE_BY_NATURE)},
    )
    return cursor.fetchall()
