"""Reads of both contours beside each other."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row

from setoff.books.scope import Scope
from setoff.core.moment import end_of
from setoff.settlements.queries import lots_at
from setoff.trade.terms import WE_OWE_BY_NATURE

PARTIES_SQL: Final = """
  select id from counterparty
  where %(after)s::bigint is null or (name, code) > (select name, code from counterparty where id = %(after)s::bigint)
  order by name, code limit %(limit)s"""


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
        order by cp.name, cp.code, ct.number, s.contract_id, s.relation, s.currency, u.code""",
        {**scope.parameters(), "before": end_of(as_of), "we_owe": list(WE_OWE_BY_NATURE)},
    )
    return cursor.fetchall()


def parties_after(conn: Connection[Any], after: int | None, *, limit: int) -> list[int]:
    """So many counterparties after one, in the order of `contour_balances`; who has no settlements gives no rows there."""
    return [row[0] for row in conn.execute(PARTIES_SQL, {"after": after, "limit": limit})]
