"""Settlement accounts by settlement document: the ledger's balances and turnovers, told lot by lot (spec 6.1, analytics "document").

A posting does not say which lot it moved; the allocations do. So the movements are laid out from lots and allocations by the
rules of postings.py, and their sums per account are the ledger's own:

- what a fact opened stands on the account of its sign, under its own document;
- a part that money or an adjustment used stands under the lot's document at its own value, and the exchange difference
  beside it;
- a part that a supply used went through the debt account under the supply's own document and was offset against the advance
  under the lot's; where debts and advances share account and node, it stands under the lot's document at once.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row

from setoff.books.scope import Scope
from setoff.core.fact import Nature, Rule
from setoff.settlements.queries import OBJECT_NAME, lots_at, moments
from setoff.trade.terms import WE_OWE_BY_NATURE


class DocumentTurnover(NamedTuple):
    """An account under one settlement document; analytics not asked for are "". `opening` is signed (+ debit)."""

    currency: str
    unit: str
    account: str
    account_name: str
    nature: str
    counterparty: str
    contract: str
    object: str
    key: str
    kind: str
    number: str
    date: datetime.date
    opening: int
    debit: int
    credit: int


_ANALYTICS: Final = {
    "unit": "u.code", "counterparty": "cp.name", "contract": "coalesce(ct.number, '')", "object": OBJECT_NAME,
}  # fmt: skip
_MOVEMENTS: Final = """
  keyed as (
    select k.*, case when k.relation = any(%(we_owe)s) then k.advance_account_id else k.debt_account_id end as positive,
           case when k.relation = any(%(we_owe)s) then k.debt_account_id else k.advance_account_id end as negative
    from fold_key k where k.contour = 'reg' and k.unit_id = any(%(scope_units)s) {where}),
  used as (
    select k.unit_id, k.id as key_id, a.document_id, a.lot_document_id, a.own_book, a.lot_book, -sign(l.amount)::int as side,
           case when l.amount > 0 then k.positive else k.negative end as lot_account, k.debt_account_id as debt_account,
           f.nature = {supply} as is_supply, k.debt_account_id = k.advance_account_id and f.node_id = l.node_id as is_shared
    from keyed k
    join allocation a on a.unit_id = k.unit_id and a.key_id = k.id and a.moment >= %(first)s and a.moment < %(before)s
    join lot l on l.unit_id = a.unit_id and l.key_id = a.key_id and l.document_id = a.lot_document_id and l.line = a.lot_line
    join document d on d.unit_id = a.unit_id and d.id = a.document_id
    join fact f on f.unit_id = a.unit_id and f.version_id = d.posted_version_id and f.line = a.line),
  movement as (
    select o.unit_id, o.key_id, o.document_id, case when o.residual_then > 0 then k.positive else k.negative end as account_id,
           o.book_then as opening, 0::bigint as turnover
    from ({opening}) o join keyed k on k.unit_id = o.unit_id and k.id = o.key_id
    union all
    select l.unit_id, l.key_id, l.document_id, case when l.amount > 0 then k.positive else k.negative end, 0, l.book
    from keyed k join lot l on l.unit_id = k.unit_id and l.key_id = k.id and l.moment >= %(first)s and l.moment < %(before)s
    union all
    select unit_id, key_id, lot_document_id, lot_account, 0, side * own_book from used
    union all  -- the difference comes to the carrying value from the other side than the payment
    select unit_id, key_id, lot_document_id, lot_account, 0, side * (lot_book - own_book) from used where lot_book <> own_book
    union all
    select unit_id, key_id, document_id, debt_account, 0, side * own_book from used where is_supply and not is_shared
    union all  -- a revaluation uses nothing and gives the lot another value
    select k.unit_id, k.id, a.lot_document_id, k.debt_account_id, 0, -sign(l.amount)::int * a.lot_book
    from keyed k
    join allocation a on a.unit_id = k.unit_id and a.key_id = k.id and a.moment >= %(first)s and a.moment < %(before)s
     and a.rule = {revalued}
    join lot l on l.unit_id = a.unit_id and l.key_id = a.key_id and l.document_id = a.lot_document_id and l.line = a.lot_line
    union all
    select unit_id, key_id, document_id, debt_account, 0, -side * own_book from used where is_supply and not is_shared)"""


def document_turnovers(
    conn: Connection[Any], scope: Scope, since: date | None, as_of: date, *, group_by: Sequence[str], language: str = "en"
) -> list[DocumentTurnover]:
    """Settlement accounts by settlement document and the other analytics of `group_by`."""
    movements = _MOVEMENTS.format(
        where=scope.clause(alias="k"), supply=int(Nature.SUPPLY), revalued=int(Rule.REVALUED), opening=lots_at(scope, "reg", name="first")
    )
    unit, *analytics = (f"{sql if name in group_by else repr('')} as {name}" for name, sql in _ANALYTICS.items())
    cursor = conn.cursor(row_factory=args_row(DocumentTurnover))
    cursor.execute(
        f"""with {movements}
        select o.book_currency, {unit}, a.code, coalesce(a.names->>%(language)s, a.code), a.nature,
               {", ".join(analytics)}, d.key, d.kind, d.number, d.date, sum(m.opening)::bigint,
               coalesce(sum(m.turnover) filter (where m.turnover > 0), 0)::bigint,
               coalesce(-sum(m.turnover) filter (where m.turnover < 0), 0)::bigint
        from movement m join keyed k on k.unit_id = m.unit_id and k.id = m.key_id
        join document d on d.unit_id = m.unit_id and d.id = m.document_id
        join account a on a.id = m.account_id
        join unit u on u.id = m.unit_id join organization o on o.id = u.organization_id
        join counterparty cp on cp.id = k.counterparty_id left join contract ct on ct.id = k.contract_id
        {"where m.account_id = any(%(scope_accounts)s)" if scope.accounts else ""}
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, a.chart, d.moment
        order by 1, a.chart, 3, 2, 6, 7, 8, d.moment""",
        {**scope.parameters(), **moments(since, as_of), "we_owe": list(WE_OWE_BY_NATURE), "language": language},
    )
    return cursor.fetchall()
