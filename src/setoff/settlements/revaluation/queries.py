"""Exchange differences read from lots and allocations: by lot and month."""

from __future__ import annotations

import datetime
from datetime import date
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row

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


def differences(conn: Connection[Any], scope: Scope, contour: str, since: date | None, as_of: date) -> list[Difference]:
    """Every lot and month of the period in which it had a difference; lots in the order of their documents."""
    assert contour in ("reg", "mgmt")
    cursor = conn.cursor(row_factory=args_row(Difference))
    cursor.execute(
        f"""with moved as (
              select a.unit_id, a.key_id, a.lot_document_id, a.lot_line, date_trunc('month', moment_date(a.moment))::date as month,
                     coalesce(sum(sign(l.amount) * (a.own_book - a.lot_book)) filter (where a.rule = {Rule.REVALUED:d}), 0) as unrealised,
                     coalesce(sum(sign(l.amount) * (a.own_book - a.lot_book)) filter (where a.rule <> {Rule.REVALUED:d}), 0) as realised
              from fold_key k
              join allocation a on a.unit_id = k.unit_id and a.key_id = k.id and a.moment >= %(first)s and a.moment < %(before)s
               and a.own_book <> a.lot_book
              join lot l on l.unit_id = a.unit_id and l.key_id = a.key_id and l.document_id = a.lot_document_id and l.line = a.lot_line
              where k.unit_id = any(%(scope_units)s) and k.contour = '{contour}' {scope.clause(alias="k")}
              group by 1, 2, 3, 4, 5)
            select u.code, cp.name, coalesce(ct.number, ''), k.currency, o.book_currency, d.key, d.kind, d.number, d.date,
                   coalesce(f.label, ''), m.month, l.amount - sign(l.amount)::int8 * used.amount_by_end,
                   case when l.moment < start_of(m.month) then l.book - sign(l.amount)::int8 * used.book_before else l.book end,
                   l.book - sign(l.amount)::int8 * used.book_by_end, m.unrealised::int8, m.realised::int8
            from moved m
            join lot l on l.unit_id = m.unit_id and l.key_id = m.key_id and l.document_id = m.lot_document_id and l.line = m.lot_line
            join fold_key k on k.unit_id = m.unit_id and k.id = m.key_id
            join unit u on u.id = m.unit_id join organization o on o.id = u.organization_id
            join counterparty cp on cp.id = k.counterparty_id left join contract ct on ct.id = k.contract_id
            join document d on d.unit_id = m.unit_id and d.id = m.lot_document_id
            left join fact f on f.unit_id = d.unit_id and f.version_id = d.posted_version_id and f.line = m.lot_line
            cross join lateral (
              select coalesce(sum(a.amount), 0)::int8 as amount_by_end, coalesce(sum(a.lot_book), 0)::int8 as book_by_end,
                     coalesce(sum(a.lot_book) filter (where a.moment < start_of(m.month)), 0)::int8 as book_before
              from allocation a
              where a.key_id = l.key_id and a.lot_document_id = l.document_id and a.lot_line = l.line
                and a.moment < least(%(before)s, start_of((m.month + interval '1 month')::date))) used
            order by o.book_currency, u.code, l.moment, l.line, l.key_id, m.month""",
        {**scope.parameters(), **moments(since, as_of)},
    )
    return cursor.fetchall()
