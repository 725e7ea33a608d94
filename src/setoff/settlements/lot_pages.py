"""Open lots of everybody at the end of a day, a page at a time: sums by day (open_sums.sql) say which days a page shows, and two indexes
have their lots.

What was open on a day is what is open now and arose by then, and what was closed later. Pages come in the order of
`party_queries.open_lots`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import args_row

from setoff.books.scope import Scope
from setoff.core.moment import NEVER, end_of, start_of
from setoff.settlements.party_queries import LotFilter, LotPlace, OpenLot
from setoff.settlements.queries import OBJECT_NAME
from setoff.settlements.settled_queries import turnover_totals
from setoff.trade.terms import WE_OWE_BY_NATURE

DAYS_SQL: Final = """
  select max(day) filter (where before < %(days_for)s), coalesce(bool_or(before >= %(days_for)s), false)
  from (select day, coalesce(sum(items) filter (where day > %(after_day)s) over earlier, 0) as before
        from (select day, sum(items) as items from open_day o
              where unit_id = any(%(scope_units)s) and contour = %(contour)s and day >= %(first)s and day <= %(last)s {wanted}
              group by day having sum(items) <> 0) days
        window earlier as (order by day rows between unbounded preceding and 1 preceding)) reached"""
"""The last day of a page, and whether more days have anything."""
OF_DAYS_SQL: Final = """
  select l.*, l.due as day from lot l
  where l.unit_id = any(%(scope_units)s) and l.residual <> 0 and l.due is not null and l.due >= %(first)s and l.due <= %(reached)s
  union all
  select l.*, moment_date(l.rank) from lot l
  where l.unit_id = any(%(scope_units)s) and l.residual <> 0 and l.due is null and l.rank >= %(first_rank)s and l.rank < %(end_rank)s
  union all
  select l.*, coalesce(l.due, moment_date(l.rank)) from lot l
  where l.unit_id = any(%(scope_units)s) and l.closed_moment >= %(before)s and l.closed_moment < %(never)s
    and coalesce(l.due, moment_date(l.rank)) >= %(first)s and coalesce(l.due, moment_date(l.rank)) <= %(reached)s"""
"""Open now, by two indexes; and closed after the day, by a third."""
PAGE_SQL: Final = f"""
  with page as materialized (
    select l.*, k.relation, k.counterparty_id, k.contract_id, k.object, k.currency
    from ({OF_DAYS_SQL}) l
    cross join lateral (select * from fold_key where unit_id = l.unit_id and id = l.key_id offset 0) k
    where l.moment < %(before)s and k.contour = %(contour)s {{wanted}}
      and (l.day, l.document_id, l.line) > (%(after_day)s::date, %(after_document)s, %(after_line)s)
    order by l.day, l.document_id, l.line limit %(limit)s),
  k as (
    select page.*, amount - sign(amount)::bigint * coalesce(used.part, 0) as residual_then
    from page left join lateral (
      select sum(a.amount)::bigint as part from allocation a
      where a.unit_id = page.unit_id and a.key_id = page.key_id and a.lot_document_id = page.document_id and a.lot_line = page.line
        and a.moment < %(before)s) used on true)
  select u.code, cp.name, coalesce(ct.number, ''), {OBJECT_NAME}, k.relation, k.document_id, k.line, d.key, d.kind, d.number,
         moment_date(k.rank), coalesce(f.label, ''), k.due, %(as_of)s::date - k.day, (k.amount > 0) = (k.relation = any(%(we_owe)s)),
         coalesce(abs(f.change), abs(k.residual_then)), k.residual_then, k.currency, k.day
  from k join unit u on u.id = k.unit_id join counterparty cp on cp.id = k.counterparty_id
  join document d on d.unit_id = k.unit_id and d.id = k.document_id
  left join contract ct on ct.id = k.contract_id
  left join fact f on f.unit_id = k.unit_id and f.version_id = d.posted_version_id and f.line = k.line
  order by k.day, k.document_id, k.line"""


def can_be_paged(scope: Scope) -> bool:
    """Whether sums by day tell the days of a page: they are of everybody."""
    return not scope.counterparties and not scope.contracts


def open_lots_page(
    conn: Connection[Any], scope: Scope, contour: str, as_of: date, *, wanted: LotFilter, after: LotPlace | None, limit: int
) -> list[OpenLot]:
    """So many open lots after a place. Of an earlier day some lots of the days found have arisen later; then more days are read, twice as
    many each time."""
    place = after or LotPlace(date.min, 0, 0)
    names: dict[str, Any] = {**scope.parameters(), **wanted.parameters(as_of), "contour": contour}
    first, last = max(names["earliest"], place.day), names["latest"]
    names |= {"as_of": as_of, "before": end_of(as_of), "never": NEVER, "last": last}
    names |= {"after_day": place.day, "after_document": place.document_id, "after_line": place.line}
    days_sql = DAYS_SQL.format(wanted=_wanted_sums(scope, wanted))
    page_sql = PAGE_SQL.format(wanted=scope.clause(alias="k", names=("currencies",)) + _wanted_lots(wanted))
    cursor = conn.cursor(row_factory=args_row(OpenLot))
    found: list[OpenLot] = []
    days_for = limit
    while first <= last:
        row = conn.execute(days_sql, {**names, "first": first, "days_for": days_for}).fetchone()
        is_more = row is not None and row[1]
        reached = row[0] if row and is_more else last
        names |= {"first": first, "reached": reached, "limit": limit - len(found)}
        names |= {"first_rank": start_of(first), "end_rank": end_of(reached)}
        found += cursor.execute(page_sql, names, prepare=False).fetchall()
        if len(found) >= limit or not is_more:
            break
        first, days_for = reached + timedelta(days=1), 2 * days_for
    return found


def side_totals(conn: Connection[Any], scope: Scope, contour: str, as_of: date, side: str) -> Sequence[tuple[str, int]]:
    """What is left of all lots of a side ("" of both) at any day, by currency: how many they are is not kept by day."""
    left: dict[str, int] = {}
    for kept in turnover_totals(conn, scope, contour, None, as_of):
        of_side = "payable" if kept.relation in WE_OWE_BY_NATURE else "receivable"
        if side in ("", of_side) and (kept.debt or kept.advance):
            left[kept.currency] = left.get(kept.currency, 0) + kept.debt + kept.advance
    return sorted(left.items())


def _wanted_sums(scope: Scope, wanted: LotFilter) -> str:
    """SQL on the columns of open_day."""
    found = scope.clause(alias="o", names=("currencies",)) + _of_relations(wanted, "o")
    return found + (" and o.what = %(what)s" if wanted.what else "")


def _wanted_lots(wanted: LotFilter) -> str:
    """SQL on the columns of a lot and of its key."""
    return _of_relations(wanted, "k") + wanted.of_kind()


def _of_relations(wanted: LotFilter, alias: str) -> str:
    ours = f"{alias}.relation = any(%(we_owe)s)"
    found = {"receivable": f" and not {ours}", "payable": f" and {ours}"}.get(wanted.side, "")
    return found + (f" and {alias}.relation = %(relation)s" if wanted.relation else "")
