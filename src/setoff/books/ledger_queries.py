"""Reads of the ledger: balances and turnovers of accounts, correspondence of accounts, the journal of postings.

Balances by account come from the table `turnover` (whole months) and the postings of the days at the edges, so their cost does
not grow with the history. With analytics (counterparty, contract, object) the postings themselves are read; of a party or a contract
only those of its nodes, by their index. SQL names tables without a schema, so that the tables of "as known at" shadow them. Amounts are
minor units of the book currency.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row, scalar_row

from setoff.books.months import stretches
from setoff.books.scope import Scope
from setoff.core.moment import start_of

ANALYTICS = ("unit", "counterparty", "contract", "object")
_NEVER_BEFORE = -(1 << 63)


class AccountTurnover(NamedTuple):
    """An account, or one group of its analytics. `opening` is signed (+ debit); analytics not asked for are ""."""

    currency: str
    unit: str
    account: str
    account_name: str
    nature: str
    counterparty: str
    contract: str
    object: str
    opening: int
    debit: int
    credit: int


class Correspondence(NamedTuple):
    """Turnover in the period of the analysed accounts with one corresponding account, per group of analytics."""

    currency: str
    account: str
    account_name: str
    counterparty: str
    contract: str
    debit: int
    credit: int


class PostingLine(NamedTuple):
    key: str
    kind: str
    number: str
    date: datetime.date
    line: int
    posting_kind: str
    debit_account: str
    debit_party: str
    debit_contract: str
    credit_account: str
    credit_party: str
    credit_contract: str
    amount: int
    book_currency: str
    settlement_amount: int | None
    settlement_currency: str | None
    vat_rate: str
    item: str
    moment: int
    document_id: int


def account_ids(conn: Connection[Any], units: Sequence[int], code: str) -> tuple[int, ...]:
    """The account with this code and its sub-accounts, in the charts that these units use; empty when there is none."""
    cursor = conn.cursor(row_factory=scalar_row)
    cursor.execute(
        """select a.id from account a
           where a.chart in (select o.chart from unit u join organization o on o.id = u.organization_id
                             where u.id = any(%(units)s))
             and (a.code = %(code)s or starts_with(a.code, %(code)s || '.'))
           order by a.code, a.id""",
        {"units": list(units), "code": code},
    )
    return tuple(cursor)


def _sides(
    scope: Scope, since: date | None, as_of: date, parameters: dict[str, object], *, by_node: bool, opening: bool = True
) -> str:  # fmt: skip
    """SQL of two tables, `debited` and `credited`, of all amounts up to `as_of` as rows (unit_id, debit_account_id, debit_node_id,
    credit_account_id, credit_node_id, amount, inside): `inside` tells whether they lie in the period; without `opening` only those that
    do. Of parties or contracts, `debited` has what debits their nodes and `credited` what credits them; else both have everything. Adds
    the parameters it names."""
    if not scope.counterparties and not scope.contracts:
        pieces = _pieces(since, as_of, parameters, by_node=by_node, opening=opening)
        return f"piece as ({pieces}), debited as (select * from piece), credited as (select * from piece)"
    parameters["inside_from"] = start_of(since) if since else _NEVER_BEFORE
    parameters["first"] = _NEVER_BEFORE if opening else parameters["inside_from"]
    parameters["before"] = start_of(as_of + timedelta(days=1))
    of_party = scope.clause(alias="n", names=("counterparties", "contracts"))
    if not scope.counterparties:
        of_party += " and n.counterparty_id = any(array(select counterparty_id from contract where id = any(%(scope_contracts)s)))"
    told = ", ".join(f"{side}ed as ({_OF_NODES.format(side=side)})" for side in ("debit", "credit"))
    return f"of_scope as materialized (select n.unit_id, n.id from node n where n.unit_id = any(%(scope_units)s) {of_party}), {told}"


_OF_NODES = """
  select p.* from of_scope n cross join lateral (
    select unit_id, debit_account_id, debit_node_id, credit_account_id, credit_node_id, amount, moment >= %(inside_from)s as inside
    from posting
    where {side}_node_id = n.id and unit_id = n.unit_id and moment >= %(first)s and moment < %(before)s offset 0) p"""
"""Each node by its own index (`offset 0`): otherwise every posting of the unit may be read and compared with the nodes."""


def _pieces(since: date | None, as_of: date, parameters: dict[str, object], *, by_node: bool, opening: bool) -> str:
    """SQL of the amounts of whole units, as `_sides` has them: from the turnovers of whole months where no node is asked for."""
    after = as_of + timedelta(days=1)
    parts = [(False, stretch) for stretch in stretches(None, since)] if since and opening else []
    parts += [(True, stretch) for stretch in stretches(since, after)]
    arms = []
    for number, (inside, stretch) in enumerate(parts):
        first, before = f"first_{number}", f"before_{number}"
        if stretch.whole_months and not by_node:
            parameters[first] = stretch.first or date.min
            parameters[before] = stretch.before
            arms.append(
                f"""select unit_id, debit_account_id, null::bigint as debit_node_id, credit_account_id,
                           null::bigint as credit_node_id, amount, {inside} as inside
                    from turnover where unit_id = any(%(scope_units)s) and month >= %({first})s and month < %({before})s"""
            )
        else:
            parameters[first] = start_of(stretch.first) if stretch.first else _NEVER_BEFORE
            parameters[before] = start_of(stretch.before)
            arms.append(
                f"""select unit_id, debit_account_id, debit_node_id, credit_account_id, credit_node_id, amount,
                           {inside} as inside
                    from posting where unit_id = any(%(scope_units)s) and moment >= %({first})s and moment < %({before})s"""
            )
    return "\nunion all\n".join(arms)


_COLUMNS = {
    "unit": "u.code",
    "counterparty": "coalesce(cp.name, '')",
    "contract": "coalesce(ct.number, '')",
    "object": "coalesce(n.reg_object, '')",
}
_UNITS = "join unit u on u.id = s.unit_id join organization o on o.id = u.organization_id"
_NODES = """left join node n on n.unit_id = s.unit_id and n.id = s.node_id
            left join counterparty cp on cp.id = n.counterparty_id left join contract ct on ct.id = n.contract_id"""


def _analytics(names: Sequence[str], group_by: Sequence[str]) -> str:
    """Select list of these analytics of a table `s` joined with _UNITS and _NODES; "" for those not asked for."""
    return ", ".join(f"{_COLUMNS[name] if name in group_by else repr('')} as {name}" for name in names)


def _needs_nodes(scope: Scope, group_by: Sequence[str]) -> bool:
    return bool(set(group_by) - {"unit"} or scope.counterparties or scope.contracts)


def account_turnovers(
    conn: Connection[Any], scope: Scope, since: date | None, as_of: date, *, group_by: Sequence[str] = (), language: str = "en"
) -> list[AccountTurnover]:
    """Every account that has an opening balance or a turnover, by currency and code; one row per group of `group_by`
    (of unit, counterparty, contract, object)."""
    parameters: dict[str, object] = {**scope.parameters(), "language": language}
    by_node = _needs_nodes(scope, group_by)
    sides = _sides(scope, since, as_of, parameters, by_node=by_node)
    where = scope.clause(alias="n", names=("counterparties", "contracts"))
    if scope.accounts:
        where += " and s.account_id = any(%(scope_accounts)s)"
    cursor = conn.cursor(row_factory=args_row(AccountTurnover))
    cursor.execute(
        f"""with {sides},
        side as (
          select unit_id, debit_account_id as account_id, debit_node_id as node_id,
                 sum(amount) filter (where not inside) as opening, sum(amount) filter (where inside) as debit,
                 0::numeric as credit
          from debited group by 1, 2, 3
          union all
          select unit_id, credit_account_id, credit_node_id,
                 -sum(amount) filter (where not inside), 0, sum(amount) filter (where inside)
          from credited group by 1, 2, 3),
        summed as (
          select o.book_currency as currency, s.account_id, {_analytics(ANALYTICS, group_by)},
                 coalesce(sum(s.opening), 0)::bigint as opening, coalesce(sum(s.debit), 0)::bigint as debit,
                 coalesce(sum(s.credit), 0)::bigint as credit
          from side s {_UNITS} {_NODES if by_node else ""} where true {where} group by 1, 2, 3, 4, 5, 6)
        select s.currency, s.unit, a.code, coalesce(a.names->>%(language)s, a.code), a.nature, s.counterparty, s.contract,
               s.object, s.opening, s.debit, s.credit
        from summed s join account a on a.id = s.account_id
        where s.opening <> 0 or s.debit <> 0 or s.credit <> 0
        order by s.currency, a.chart, a.code, s.unit, s.counterparty, s.contract, s.object""",
        parameters,
    )
    return cursor.fetchall()


def correspondences(
    conn: Connection[Any], scope: Scope, since: date | None, as_of: date, *, group_by: Sequence[str] = (), language: str = "en"
) -> list[Correspondence]:
    """Turnovers in the period of `scope.accounts` by corresponding account; `group_by` of counterparty, contract."""
    parameters: dict[str, object] = {**scope.parameters(), "language": language}
    by_node = _needs_nodes(scope, group_by)
    sides = _sides(scope, since, as_of, parameters, by_node=by_node, opening=False)
    cursor = conn.cursor(row_factory=args_row(Correspondence))
    cursor.execute(
        f"""with {sides},
        side as (
          select unit_id, debit_node_id as node_id, credit_account_id as other_id, sum(amount) as debit, 0::numeric as credit
          from debited where debit_account_id = any(%(scope_accounts)s) group by 1, 2, 3
          union all
          select unit_id, credit_node_id, debit_account_id, 0, sum(amount)
          from credited where credit_account_id = any(%(scope_accounts)s) group by 1, 2, 3),
        summed as (
          select o.book_currency as currency, s.other_id, {_analytics(ANALYTICS[1:3], group_by)},
                 sum(s.debit)::bigint as debit, sum(s.credit)::bigint as credit
          from side s {_UNITS} {_NODES if by_node else ""}
          where true {scope.clause(alias="n", names=("counterparties", "contracts"))}
          group by 1, 2, 3, 4)
        select s.currency, a.code, coalesce(a.names->>%(language)s, a.code), s.counterparty, s.contract, s.debit, s.credit
        from summed s join account a on a.id = s.other_id
        where s.debit <> 0 or s.credit <> 0
        order by s.currency, s.counterparty, s.contract, a.chart, a.code""",
        parameters,
    )
    return cursor.fetchall()


def postings(
    conn: Connection[Any], scope: Scope, since: date | None, as_of: date, *, after: tuple[int, int, int] | None = None,
    limit: int | None = None,
) -> list[PostingLine]:  # fmt: skip
    """The postings of the period in the total order, with the document, accounts and parties of both sides. A page of them (`limit` after
    a place) reads the index of each unit no further than it needs."""
    parameters: dict[str, object] = {
        **scope.parameters(),
        "first": start_of(since) if since else _NEVER_BEFORE,
        "before": start_of(as_of + timedelta(days=1)),
        "limit": limit,
        **dict(zip(("after_moment", "after_document", "after_line"), after or (None, None, None), strict=True)),
    }
    where = " and (p.moment, p.document_id, p.line) > (%(after_moment)s, %(after_document)s, %(after_line)s)" if after else ""
    if scope.accounts:
        where += " and (p.debit_account_id = any(%(scope_accounts)s) or p.credit_account_id = any(%(scope_accounts)s))"
    if scope.corresponding:
        where += """ and (p.debit_account_id = any(%(scope_corresponding)s) or p.credit_account_id = any(%(scope_corresponding)s))
          and (p.debit_account_id = any(%(scope_accounts)s) and p.credit_account_id = any(%(scope_corresponding)s)
            or p.credit_account_id = any(%(scope_accounts)s) and p.debit_account_id = any(%(scope_corresponding)s)
            or cardinality(%(scope_accounts)s::int[]) = 0)"""
    for name, column in (("counterparties", "counterparty_id"), ("contracts", "contract_id")):
        if getattr(scope, name):
            where += f" and (dn.{column} = any(%(scope_{name})s) or cn.{column} = any(%(scope_{name})s))"
    if scope.currencies:
        where += " and coalesce(dn.currency, cn.currency, scope.book_currency) = any(%(scope_currencies)s)"
    cursor = conn.cursor(row_factory=args_row(PostingLine))
    cursor.execute(
        f"""select d.key, d.kind, d.number, d.date, p.line, p.kind, da.code, coalesce(dp.name, ''), coalesce(dt.number, ''),
                   ca.code, coalesce(cp.name, ''), coalesce(ct.number, ''), p.amount, p.book_currency, p.settlement_amount,
                   coalesce(p.debit_currency, p.credit_currency), p.vat_rate, p.item, p.moment, p.document_id
        from (
          select p.*, dn.currency as debit_currency, dn.counterparty_id as debit_party_id, dn.contract_id as debit_contract_id,
                 cn.currency as credit_currency, cn.counterparty_id as credit_party_id, cn.contract_id as credit_contract_id,
                 scope.book_currency
          from (select u.id as unit_id, o.book_currency from unit u join organization o on o.id = u.organization_id
                where u.id = any(%(scope_units)s)) scope
          cross join lateral (
            select p.* from posting p
            left join node dn on dn.unit_id = p.unit_id and dn.id = p.debit_node_id
            left join node cn on cn.unit_id = p.unit_id and cn.id = p.credit_node_id
            where p.unit_id = scope.unit_id and p.moment >= %(first)s and p.moment < %(before)s {where}
            order by p.moment, p.document_id, p.line limit %(limit)s) p
          left join node dn on dn.unit_id = p.unit_id and dn.id = p.debit_node_id
          left join node cn on cn.unit_id = p.unit_id and cn.id = p.credit_node_id
          order by p.moment, p.document_id, p.line limit %(limit)s) p
        join document d on d.unit_id = p.unit_id and d.id = p.document_id
        join account da on da.id = p.debit_account_id join account ca on ca.id = p.credit_account_id
        left join counterparty dp on dp.id = p.debit_party_id left join contract dt on dt.id = p.debit_contract_id
        left join counterparty cp on cp.id = p.credit_party_id left join contract ct on ct.id = p.credit_contract_id
        order by p.moment, p.document_id, p.line""",
        parameters,
    )
    return cursor.fetchall()
