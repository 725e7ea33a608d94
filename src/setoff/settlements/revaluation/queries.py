"""Exchange differences read from lots and allocations: by lot and month."""

from __future__ import annotations

import datetime
from datetime import date
from typing import Any, NamedTuple

from psycopg import Connection

from setoff.books.scope import Scope
from setoff.core.fact import Rule
from setoff.settlements.queries import moments


class Difference(NamedTuple):
    """What became of a lot in a month. `left`, `before` and `after` are signed (+ they owe us); differences are gains."""

    unit: str
    counterparty: str
    contract: str
    currency: str
    book_currency: str
    key: str
    kind: str
    number: str
    date: datetime.date
    label: str
    month: datetime.date
    left: int
    before: int
    after: int
    unrealised: int
    realised: int


class DifferenceTotal(NamedTuple):
    book_currency: str
    unrealised: int
    realised: int


def differences(
    conn: Connection[Any], scope: Scope, contour: str, since: date | None, as_of: date, *, skipped: int = 0, limit: int | None = None
) -> tuple[list[Difference], list[DifferenceTotal]]:
    """Every lot and month of the period in which it had a difference, lots in the order of their documents, or so many of them; and the
    sums of all by book currency."""
    assert contour in ("reg", "mgmt")
    cursor = conn.execute(
        f"""with used as materialized (
              select unit_id, key_id, lot_document_id, lot_line, date_trunc('month', moment_date(moment))::date as month,
                     coalesce(sum(own_book - lot_book) filter (where rule = {Rule.REVALUED:d}), 0) as unrealised,
                     coalesce(sum(own_book - lot_book) filter (where rule <> {Rule.REVALUED:d}), 0) as realised
              from allocation
              where unit_id = any(%(scope_units)s) and moment >= %(first)s and moment < %(before)s and own_book <> lot_book
              group by 1, 2, 3, 4, 5),
            keys as (
              select k.* from (select distinct unit_id, key_id from used) of_used
              cross join lateral (select * from fold_key where unit_id = of_used.unit_id and id = of_used.key_id offset 0) k
              where k.contour = '{contour}' {scope.clause(alias="k")}),
            keyed as materialized (
              select used.*, k.currency, k.counterparty_id, k.contract_id
              from used join keys k on k.unit_id = used.unit_id and k.id = used.key_id),
            moved as materialized (
              select keyed.unit_id, keyed.key_id, keyed.lot_document_id, keyed.lot_line, keyed.month, l.moment, l.amount, l.book,
                     o.book_currency, u.code as unit, keyed.currency, keyed.counterparty_id, keyed.contract_id,
                     sign(l.amount)::int8 * keyed.unrealised as unrealised, sign(l.amount)::int8 * keyed.realised as realised
              from keyed
              cross join lateral (
                select moment, amount, book from lot where unit_id = keyed.unit_id and key_id = keyed.key_id
                  and document_id = keyed.lot_document_id and line = keyed.lot_line offset 0) l
              join unit u on u.id = keyed.unit_id join organization o on o.id = u.organization_id),
            page as (
              select * from moved order by book_currency, unit, moment, lot_line, key_id, month offset %(skipped)s limit %(limit)s)
            select m.unit, cp.name, coalesce(ct.number, ''), m.currency, m.book_currency, d.key, d.kind, d.number, d.date,
                   coalesce(f.label, ''), m.month, m.amount - sign(m.amount)::int8 * used.amount_by_end,
                   case when m.moment < start_of(m.month) then m.book - sign(m.amount)::int8 * used.book_before else m.book end,
                   m.book - sign(m.amount)::int8 * used.book_by_end, m.unrealised::int8, m.realised::int8,
                   (select json_agg(sums) from (
                      select book_currency, sum(moved.unrealised)::int8 as unrealised, sum(moved.realised)::int8 as realised
                      from moved group by 1 order by 1) sums)
            from page m
            join counterparty cp on cp.id = m.counterparty_id left join contract ct on ct.id = m.contract_id
            join document d on d.unit_id = m.unit_id and d.id = m.lot_document_id
            left join fact f on f.unit_id = d.unit_id and f.version_id = d.posted_version_id and f.line = m.lot_line
            cross join lateral (
              select coalesce(sum(a.amount), 0)::int8 as amount_by_end, coalesce(sum(a.lot_book), 0)::int8 as book_by_end,
                     coalesce(sum(a.lot_book) filter (where a.moment < start_of(m.month)), 0)::int8 as book_before
              from allocation a
              where a.key_id = m.key_id and a.lot_document_id = m.lot_document_id and a.lot_line = m.lot_line
                and a.moment < least(%(before)s, start_of((m.month + interval '1 month')::date))) used
            order by m.book_currency, m.unit, m.moment, m.lot_line, m.key_id, m.month""",
        {**scope.parameters(), **moments(since, as_of), "skipped": skipped, "limit": limit},
    )
    rows = cursor.fetchall()
    return [Difference(*row[:-1]) for row in rows], [DifferenceTotal(**sums) for sums in rows[0][-1]] if rows else []
