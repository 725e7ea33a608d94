"""Reads of open lots: statement of settlements, ageing, balances of contours at any past date.

A lot is open at the end of day D when it was opened by then and not used up by then: `moment < end_of(D) <= closed_moment`. Its
residual at D is what it opened less what was allocated by then; a lot first used later (`used_moment`) is still whole. A past
date costs as much as the lots open on it, and nothing is kept per date. Amounts are minor units of the settlement currency, signed
(+ they owe us), beside the carrying value in book currency. SQL names tables without a schema, so that the tables of "as known
at" shadow them.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row

from setoff.books.scope import Scope
from setoff.core.moment import end_of, start_of
from setoff.settlements.settled_queries import Party
from setoff.trade.terms import WE_OWE_BY_NATURE

NEVER_BEFORE: Final = -(1 << 63)

OBJECT_NAME: Final = """case when k.object like 'document:%%' then coalesce(
  (select 'document:' || x.number || ' ' || x.date from document x
   where x.unit_id = k.unit_id and x.id = split_part(substr(k.object, 10), '/', 1)::bigint), k.object) else k.object end"""
"""SQL of a key's object for people: the number and date of a document in place of its id."""

_GROUPS: Final = {
    "unit": "u.code",
    "partner": "coalesce(pn.name, cp.name)",
    "counterparty": "coalesce(cp.name, '')",
    "contract": "coalesce(ct.number, '')",
    "object": OBJECT_NAME,
}
_NAMES: Final = """
  join unit u on u.id = k.unit_id join organization o on o.id = u.organization_id
  left join counterparty cp on cp.id = k.counterparty_id left join partner pn on pn.id = cp.partner_id
  left join contract ct on ct.id = k.contract_id"""

_KEY: Final = "k.relation, k.counterparty_id, k.contract_id, k.object, k.currency"


class SettlementTurnover(NamedTuple):
    """Settlements of a group in a period: opening + increase - decrease = closing, all of them signed but the two turnovers.
    `debt` and `advance` are what `closing` is made of, positive. Groups not asked for are ""; the document fields are set
    when grouped by settlement document."""

    unit: str
    partner: str
    counterparty: str
    contract: str
    object: str
    relation: str
    key: str
    kind: str
    number: str
    date: datetime.date | None
    currency: str
    book_currency: str
    opening: int
    increase: int
    decrease: int
    closing: int
    debt: int
    advance: int
    opening_book: int
    closing_book: int
    partner_code: str
    counterparty_code: str
    contract_code: str


class AgedSum(NamedTuple):
    """Lots of a group open at the end of a day. `debts`: not due, then one for every bucket; `advance` beside them, of any age.
    All are positive."""

    unit: str
    partner: str
    counterparty: str
    contract: str
    object: str
    relation: str
    key: str
    kind: str
    number: str
    date: datetime.date | None
    label: str
    due: datetime.date | None
    overdue_days: int | None
    currency: str
    book_currency: str
    debts: tuple[int, ...]
    advance: int
    partner_code: str
    counterparty_code: str
    contract_code: str


def moments(since: date | None, as_of: date) -> dict[str, int]:
    """SQL parameters `first` and `before`: the moments of the period, half-open."""
    return {"first": start_of(since) if since else NEVER_BEFORE, "before": end_of(as_of)}


def of_parties(among: Sequence[Party] | None) -> str:
    """SQL that narrows keys to these parties; needs `party_parameters`."""
    if among is None:
        return ""
    return """ and (k.unit_id, k.currency, k.relation, k.counterparty_id) in (
          select * from unnest(
            %(party_units)s::int8[], %(party_currencies)s::text[], %(party_relations)s::text[], %(party_ids)s::int8[]))"""


def party_parameters(among: Sequence[Party] | None) -> dict[str, object]:
    names = ("party_units", "party_currencies", "party_relations", "party_ids")
    return {name: [party[place] for party in among or ()] for place, name in enumerate(names)}


def lots_at(scope: Scope, contour: str, *, name: str = "before") -> str:
    """SQL of the lots open just before the moment in parameter `name`, with `residual_then`, `book_then` and the columns of their
    key. Needs the parameters of the scope."""
    assert contour in ("reg", "mgmt")
    return f"""
      select l.unit_id, l.key_id, l.document_id, l.line, l.rank, l.due, {_KEY},
             l.amount - sign(l.amount)::bigint * coalesce(used.amount, 0) as residual_then,
             l.book - sign(l.amount)::bigint * coalesce(used.book, 0) as book_then
      from lot l join fold_key k on k.unit_id = l.unit_id and k.id = l.key_id
      left join lateral (
        select sum(a.amount)::bigint as amount, sum(a.lot_book)::bigint as book from allocation a
        where a.unit_id = l.unit_id and a.key_id = l.key_id and a.lot_document_id = l.document_id and a.lot_line = l.line
          and a.moment < %({name})s and l.used_moment < %({name})s) used on true
      where l.unit_id = any(%(scope_units)s) and l.moment < %({name})s and l.closed_moment >= %({name})s
        and k.contour = '{contour}' {scope.clause(alias="k")}"""


def _lives(scope: Scope, contour: str, among: Sequence[Party] | None) -> str:
    """SQL of the lots open at any moment of the period: amounts at its start (`opening`) and its end (`closing`), in both
    currencies, and what was `opened` in it. What was used in the period is opening + opened - closing."""
    assert contour in ("reg", "mgmt")
    return f"""
      select l.unit_id, l.document_id, {_KEY},
             case when l.moment < %(first)s then l.amount - lot_sign * coalesce(used.before_amount, 0) else 0 end as opening,
             case when l.moment < %(first)s then l.book - lot_sign * coalesce(used.before_book, 0) else 0 end as opening_book,
             case when l.closed_moment >= %(before)s then l.amount - lot_sign * coalesce(used.amount, 0) else 0 end as closing,
             case when l.closed_moment >= %(before)s then l.book - lot_sign * coalesce(used.book, 0) else 0 end as closing_book,
             case when l.moment >= %(first)s then l.amount else 0 end as opened
      from lot l join fold_key k on k.unit_id = l.unit_id and k.id = l.key_id
      cross join lateral (select sign(l.amount)::bigint as lot_sign) signed
      left join lateral (
        select sum(a.amount)::bigint as amount, sum(a.lot_book)::bigint as book,
               sum(a.amount) filter (where a.moment < %(first)s)::bigint as before_amount,
               sum(a.lot_book) filter (where a.moment < %(first)s)::bigint as before_book
        from allocation a
        where a.unit_id = l.unit_id and a.key_id = l.key_id and a.lot_document_id = l.document_id and a.lot_line = l.line
          and a.moment < %(before)s and (l.moment < %(first)s or l.closed_moment >= %(before)s)) used on true
      where l.unit_id = any(%(scope_units)s) and l.moment < %(before)s and l.closed_moment >= %(first)s
        and k.contour = '{contour}' {scope.clause(alias="k")}{of_parties(among)}"""


def _kept(group_by: Sequence[str]) -> str:
    """Select list of what a first, nameless grouping keeps of a key: the unit, relation and currency always."""
    party = "counterparty_id" if {"partner", "counterparty"} & set(group_by) else "null::bigint as counterparty_id"
    contract = "contract_id" if "contract" in group_by else "null::bigint as contract_id"
    return f"unit_id, relation, currency, {party}, {contract}, {'object' if 'object' in group_by else repr('')} as object"


def _group_columns(group_by: Sequence[str]) -> str:
    return ", ".join(f"{_GROUPS[name] if name in group_by else repr('')} as {name}" for name in _GROUPS)


def _codes(group_by: Sequence[str]) -> list[str]:
    """Select list of the codes behind the names of a group. A party without a partner is its own."""
    alone = "case when pn.id is null then cp.code else '' end"
    return [
        "coalesce(pn.code, '')" if "partner" in group_by else "''",
        "cp.code" if "counterparty" in group_by else alone if "partner" in group_by else "''",
        "coalesce(ct.code, '')" if "contract" in group_by else "''",
    ]


def _document_columns(group_by: Sequence[str], day: str = "d.date") -> str:
    if "document" not in group_by:
        return "'' as key, '' as kind, '' as number, null::date as date"
    return f"d.key, d.kind, d.number, {day} as date"


def settlement_turnovers(
    conn: Connection[Any], scope: Scope, contour: str, since: date | None, as_of: date, *, group_by: Sequence[str],
    among: Sequence[Party] | None = None,
) -> list[SettlementTurnover]:  # fmt: skip
    """One row per group (of unit, partner, counterparty, contract, object, document), relation and currency that had a balance
    or a turnover in the period; of these parties alone, when they are given."""
    by_document, codes = "document" in group_by, _codes(group_by)
    cursor = conn.cursor(row_factory=args_row(SettlementTurnover))
    cursor.execute(
        f"""with life as materialized ({_lives(scope, contour, among)}),
        keyed as (
          select {_kept(group_by)}, {"document_id" if by_document else "null::bigint as document_id"},
                 sum(opening) as opening, sum(closing) as closing,
                 sum(greatest(opened, 0) + greatest(-(opening + opened - closing), 0)) as increase,
                 sum(greatest(-opened, 0) + greatest(opening + opened - closing, 0)) as decrease,
                 sum(greatest(closing, 0)) as positive, sum(greatest(-closing, 0)) as negative,
                 sum(opening_book) as opening_book, sum(closing_book) as closing_book
          from life group by 1, 2, 3, 4, 5, 6, 7)
        select {_group_columns(group_by)}, k.relation, {_document_columns(group_by)}, k.currency, o.book_currency,
               sum(k.opening)::bigint, sum(k.increase)::bigint, sum(k.decrease)::bigint, sum(k.closing)::bigint,
               sum(case when k.relation = any(%(we_owe)s) then k.negative else k.positive end)::bigint,
               sum(case when k.relation = any(%(we_owe)s) then k.positive else k.negative end)::bigint,
               sum(k.opening_book)::bigint, sum(k.closing_book)::bigint, {", ".join(codes)}
        from keyed k {_NAMES} {"join document d on d.unit_id = k.unit_id and d.id = k.document_id" if by_document else ""}
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 21, 22, 23 {", k.document_id, d.moment" if by_document else ""}
        order by o.book_currency, k.currency, k.relation, 1, 2, 3, 4, 5 {", d.moment" if by_document else ""}, 21, 22, 23""",
        {**scope.parameters(), **moments(since, as_of), **party_parameters(among), "we_owe": list(WE_OWE_BY_NATURE)},
    )
    return cursor.fetchall()


def aged_sums(
    conn: Connection[Any], scope: Scope, contour: str, as_of: date, *, bounds: Sequence[int], debt_sign: int,
    group_by: Sequence[str], among: Sequence[Party] | None = None,
) -> list[AgedSum]:  # fmt: skip
    """Open lots by group and age, of the relations whose debts have this sign. `bounds` are the last days of the buckets but the
    last: (30, 60, 90) gives 1-30, 31-60, 61-90 and 91+. Age counts from the due date; without one, from the date of the original
    document. Of these parties alone, when they are given."""
    by_document = "document" in group_by
    lot = "document_id, line, rank, counted_from, due"
    lot_order = ", k.rank, k.document_id, k.line" if by_document else ""
    if not by_document:
        lot = "null::bigint as document_id, null::int as line, 0::bigint as rank, null::date as counted_from, null::date as due"
    places = range(len(bounds) + 2)
    sums = ", ".join(f"sum(abs(residual_then)) filter (where not advance and bucket = {place}) as debt_{place}" for place in places)
    totals = ", ".join(f"coalesce(sum(k.debt_{place}), 0)::bigint" for place in places)
    cursor = conn.cursor(row_factory=args_row(AgedSum))
    cursor.execute(
        f"""with open_lot as materialized (
          {lots_at(scope, contour)} and (k.relation = any(%(we_owe)s)) = %(payable)s{of_parties(among)}),
        aged as materialized (
          select *, (residual_then > 0) = %(payable)s as advance, coalesce(due, moment_date(rank)) as counted_from,
                 width_bucket(%(as_of)s::date - coalesce(due, moment_date(rank)), %(starts)s::int[]) as bucket from open_lot),
        keyed as (
          select {_kept(group_by)}, {lot}, {sums}, sum(abs(residual_then)) filter (where advance) as advance
          from aged group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
        select {_group_columns(group_by)}, k.relation, {_document_columns(group_by, "moment_date(k.rank)")},
               {"coalesce(f.label, '')" if by_document else "''"} as label, k.due,
               case when k.counted_from is not null and k.advance is null then greatest(%(as_of)s::date - k.counted_from, 0) end
                 as overdue_days,
               k.currency, o.book_currency, array[{totals}], coalesce(sum(k.advance), 0)::bigint,
               {", ".join(_codes(group_by))}
        from keyed k {_NAMES} {_OF_DOCUMENT if by_document else ""}
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 18, 19, 20 {lot_order}
        order by o.book_currency, k.currency, k.relation, 1, 2, 3, 4, 5 {lot_order}, 18, 19, 20""",
        {
            **scope.parameters(),
            **moments(None, as_of),
            **party_parameters(among),
            "as_of": as_of,
            "we_owe": list(WE_OWE_BY_NATURE),
            "payable": debt_sign < 0,
            "starts": [1, *(bound + 1 for bound in bounds)],
        },
    )
    return cursor.fetchall()


_OF_DOCUMENT: Final = """join document d on d.unit_id = k.unit_id and d.id = k.document_id
        left join fact f on f.unit_id = k.unit_id and f.version_id = d.posted_version_id and f.line = k.line"""
