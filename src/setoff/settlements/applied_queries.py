"""Reads of what closed which debt: payments, set-offs, returns and advances applied to invoices (spec 7.7).

A debt is closed by what came later, or, when it arose, by an advance that was there: either way the row says what closed, what was
closed, and the day on which both had met. Amounts are positive minor units of the settlement currency.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row

from setoff.books.scope import Scope
from setoff.core.fact import Nature
from setoff.settlements.queries import NEVER_BEFORE, moments
from setoff.trade.terms import WE_OWE_BY_NATURE


class Applied(NamedTuple):
    """A part of a debt and what closed it. `difference`: exchange difference in book currency, + is a gain."""

    date: datetime.date
    key: str
    kind: str
    number: str
    document_date: datetime.date
    debt_key: str
    debt_kind: str
    debt_number: str
    debt_date: datetime.date
    debt_label: str
    due: datetime.date | None
    unit: str
    counterparty: str
    contract: str
    relation: str
    amount: int
    currency: str
    rule: int
    difference: int
    book_currency: str
    moment: int
    document_id: int


_OF_DEBT: Final = "(l.amount < 0) = (k.relation = any(%(we_owe)s))"
_MET: Final = f"({_OF_DEBT} or f.nature in ({int(Nature.OPENING)}, {int(Nature.SUPPLY)}))"
"""A lot that is a debt was closed; or it is an advance that closed a supply which came later. The rest is a refund."""
_USED: Final = f"""
  select a.unit_id, a.moment, a.document_id, a.line, a.lot_document_id, a.lot_line, a.amount, a.rule,
         -sign(f.change)::bigint * (a.own_book - a.lot_book) as difference,
         {_OF_DEBT} as of_debt, l.due as lot_due, l.rank as lot_rank,
         f.due as fact_due, f.rank as fact_rank"""
_LOT: Final = """
  cross join lateral (
    select l.* from lot l
    where l.unit_id = a.unit_id and l.key_id = a.key_id and l.document_id = a.lot_document_id and l.line = a.lot_line offset 0) l"""
_OF_KEYS: Final = f"""{_USED}
  from fold_key k
  join allocation a on a.unit_id = k.unit_id and a.key_id = k.id and a.moment >= %(first)s and a.moment < %(before)s {_LOT}
  cross join lateral (select d.posted_version_id from document d where d.unit_id = a.unit_id and d.id = a.document_id offset 0) d
  cross join lateral (
    select f.* from fact f where f.unit_id = a.unit_id and f.version_id = d.posted_version_id and f.line = a.line offset 0) f
  where k.unit_id = any(%(scope_units)s) and k.contour = '{{contour}}' and {_MET} {{chosen}}"""
"""By key: for a report over a party. Each row is looked up by its own key (`offset 0`): without statistics the planner would compare
every document with every other."""
_OF_DOCUMENTS: Final = f"""
  select page.* from unnest(%(scope_units)s::bigint[]) as scope(unit_id) cross join lateral ({_USED}
    from document d
    cross join lateral (select f.* from fact f where f.unit_id = d.unit_id and f.version_id = d.posted_version_id offset 0) f
    cross join lateral (
      select a.* from allocation a
      where a.unit_id = f.unit_id and a.key_id = f.{{contour}}_key_id and a.moment = d.moment and a.document_id = d.id and a.line = f.line
      offset 0) a
    join fold_key k on k.unit_id = a.unit_id and k.id = a.key_id
    {_LOT}
    where d.unit_id = scope.unit_id and d.status = 'posted' and d.moment >= %(first)s and d.moment < %(before)s
      and (d.moment, d.id) > (%(after_moment)s, %(after_id)s) and {_MET} {{chosen}}
    order by d.moment, d.id fetch first %(limit)s rows with ties) page
  order by page.moment, page.document_id fetch first %(limit)s rows with ties"""
"""Document by document: a page of them reads the index of each unit no further than it needs. A document's rows are never parted."""


class Wanted(NamedTuple):
    """Which parts: those that documents of these `kinds` closed; or a page: `limit` of documents after a (moment, id), and the rest of
    the last one's document."""

    kinds: Sequence[str] = ()
    after: tuple[int, int] = (NEVER_BEFORE, 0)
    limit: int | None = None


def applied(conn: Connection[Any], scope: Scope, contour: str, since: date | None, as_of: date, wanted: Wanted) -> list[Applied]:
    """Parts of debts closed in the period, in the order in which it happened."""
    assert contour in ("reg", "mgmt") and not (wanted.kinds and wanted.limit)
    used = (_OF_KEYS if wanted.limit is None else _OF_DOCUMENTS).format(contour=contour, chosen=scope.clause(alias="k"))
    cursor = conn.cursor(row_factory=args_row(Applied))
    cursor.execute(
        f"""with used as ({used}),
            met as (
              select *, case when of_debt then document_id else lot_document_id end as closing_id,
                     case when of_debt then lot_document_id else document_id end as debt_id,
                     case when of_debt then lot_line else line end as debt_line,
                     case when of_debt then lot_due else fact_due end as debt_due,
                     case when of_debt then lot_rank else fact_rank end as debt_rank
              from used)
            select moment_date(met.moment), c.key, c.kind, c.number, c.date, d.key, d.kind, d.number, moment_date(met.debt_rank),
                   coalesce(f.label, ''), met.debt_due, u.code, p.name, coalesce(ct.number, ''), n.relation, met.amount, n.currency,
                   met.rule, met.difference, o.book_currency, met.moment, met.document_id
            from met
            cross join lateral (select c.* from document c where c.unit_id = met.unit_id and c.id = met.closing_id offset 0) c
            cross join lateral (select d.* from document d where d.unit_id = met.unit_id and d.id = met.debt_id offset 0) d
            cross join lateral (
              select f.* from fact f
              where f.unit_id = met.unit_id and f.version_id = d.posted_version_id and f.line = met.debt_line offset 0) f
            cross join lateral (select n.* from node n where n.unit_id = met.unit_id and n.id = f.node_id offset 0) n
            join unit u on u.id = met.unit_id join organization o on o.id = u.organization_id
            join counterparty p on p.id = n.counterparty_id left join contract ct on ct.id = n.contract_id
            where cardinality(%(kinds)s::text[]) = 0 or c.kind = any(%(kinds)s)
            order by met.moment, met.document_id, met.line, met.rule, met.lot_rank, met.lot_document_id, met.lot_line""",
        {
            **scope.parameters(), **moments(since, as_of), "we_owe": list(WE_OWE_BY_NATURE), "kinds": list(wanted.kinds),
            "after_moment": wanted.after[0], "after_id": wanted.after[1], "limit": wanted.limit,
        },
    )  # fmt: skip
    return cursor.fetchall()
