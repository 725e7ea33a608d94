"""Reads of what parties owe: balances of both sides by party or contract, open lots, steps of a balance, what was paid and when.

All at the end of a day, from the same lots as every report. Receivable and payable follow the relation; an advance is a lot of the
other sign. Amounts are positive minor units of the settlement currency. Age counts from the due date; without one, from the date
of the original document.
"""

from __future__ import annotations

import datetime
from datetime import date
from typing import Any, Final, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row

from setoff.books.scope import Scope
from setoff.core.fact import Nature
from setoff.core.moment import NEVER, end_of, start_of
from setoff.settlements.queries import OBJECT_NAME, lots_at, moments
from setoff.trade.terms import WE_OWE_BY_NATURE

BOUNDS: Final = (30, 60, 90)
"""Last days of the ageing buckets but the last."""


class SideBalance(NamedTuple):
    """One side of a party in a currency. `debts`: not due, then one for every bucket; `oldest`: from when the oldest overdue debt
    counts. `contract_id` is 0 where not asked for or where there is none, `organization` empty likewise."""

    counterparty_id: int
    organization: str
    contract_id: int
    contract: str
    contract_code: str
    currency: str
    is_payable: bool
    debts: tuple[int, ...]
    advance: int
    oldest: datetime.date | None


class OpenLot(NamedTuple):
    """`residual` is signed (+ they owe us). `days` past due, negative before it."""

    unit: str
    counterparty: str
    contract: str
    object: str
    relation: str
    document_id: int
    line: int
    key: str
    kind: str
    number: str
    date: datetime.date
    label: str
    due: datetime.date | None
    days: int
    is_advance: bool
    amount: int
    residual: int
    currency: str
    day: datetime.date

    @property
    def place(self) -> LotPlace:
        return LotPlace(self.day, self.document_id, self.line)


class LotFilter(NamedTuple):
    """Which open lots: of a side ("receivable", "payable") or one relation, debts or advances, overdue by so many days: `first` and
    `last` inclusive, 0 and less is not due. Empty and None: any."""

    side: str = ""
    relation: str = ""
    what: str = ""
    first: int | None = None
    last: int | None = None

    @property
    def has_days(self) -> bool:
        return self.first is not None or self.last is not None

    def of_days(self) -> str:
        """SQL on the columns of lots; needs `parameters`."""
        return " and coalesce(l.due, moment_date(l.rank)) between %(earliest)s and %(latest)s" if self.has_days else ""

    def of_kind(self) -> str:
        """SQL on a lot and its key. What is left of a lot has the sign of what it opened."""
        advance = "(l.amount > 0) = (k.relation = any(%(we_owe)s))"
        return {"advance": f" and {advance}", "debt": f" and not {advance}"}.get(self.what, "")

    def of_relation(self) -> str:
        found = {"receivable": " and not relation = any(%(we_owe)s)", "payable": " and relation = any(%(we_owe)s)"}.get(self.side, "")
        return found + (" and relation = %(relation)s" if self.relation else "")

    def parameters(self, as_of: date) -> dict[str, object]:
        earliest, latest = _days_before(as_of, self.last, date.min), _days_before(as_of, self.first, date.max)
        return {
            "relation": self.relation, "what": self.what, "we_owe": list(WE_OWE_BY_NATURE), "earliest": earliest, "latest": latest,
            "earliest_rank": start_of(earliest), "latest_rank": end_of(latest), "never": NEVER,
        }  # fmt: skip


def _days_before(day: date, days: int | None, otherwise: date) -> date:
    """So many days before; the first or last there is when it lies beyond, or none are said."""
    if days is None:
        return otherwise
    return date.fromordinal(min(max(day.toordinal() - days, date.min.toordinal()), date.max.toordinal()))


ANY_LOT: Final = LotFilter()


class LotPlace(NamedTuple):
    """Where a page of open lots ended. `day`: when the last one is due, or the date of its original document."""

    day: datetime.date
    document_id: int
    line: int

    @classmethod
    def at(cls, day: int, document_id: int, line: int) -> LotPlace:
        """From numbers, as addresses have them; `day` counts from the first of all."""
        return cls(date.fromordinal(min(max(day, 1), date.max.toordinal())), document_id, line)

    @property
    def numbers(self) -> tuple[int, int, int]:
        return self.day.toordinal(), self.document_id, self.line


class LotTotal(NamedTuple):
    currency: str
    items: int
    residual: int


class BalanceStep(NamedTuple):
    """The net balance (+ they owe us) at the end of a month, or of the last day."""

    currency: str
    day: datetime.date
    balance: int


class Discharge(NamedTuple):
    """A part of a debt settled by money, or by an advance paid before. `due` counts from the date of the document without one."""

    is_payable: bool
    currency: str
    document_id: int
    kind: str
    number: str
    due: datetime.date
    paid_on: datetime.date
    amount: int


def side_balances(conn: Connection[Any], scope: Scope, contour: str, as_of: date, *, by_contract: bool = False) -> list[SideBalance]:
    """Every party of the scope that has open lots, a row for each side and currency (and contract)."""
    organization, contract = ("o.name", "coalesce(l.contract_id, 0)") if by_contract else ("''", "0::bigint")
    cursor = conn.cursor(row_factory=args_row(SideBalance))
    cursor.execute(
        f"""with aged as (
          select *, relation = any(%(we_owe)s) as is_payable,
                 (residual_then > 0) = (relation = any(%(we_owe)s)) as is_advance,
                 width_bucket(%(as_of)s::date - coalesce(due, moment_date(rank)), %(starts)s::int[]) as bucket,
                 coalesce(due, moment_date(rank)) as counted_from
          from ({lots_at(scope, contour)}) open_lot),
        summed as (
          select l.counterparty_id, {organization} as organization, {contract} as contract_id, l.currency, l.is_payable,
                 array[{", ".join(f"coalesce(sum(abs(residual_then)) filter (where not is_advance and bucket = {place}), 0)::bigint"
                                  for place in range(len(BOUNDS) + 2))}] as debts,
                 coalesce(sum(abs(residual_then)) filter (where is_advance), 0)::bigint as advance,
                 min(counted_from) filter (where not is_advance and bucket > 0) as oldest
          from aged l {"join unit u on u.id = l.unit_id join organization o on o.id = u.organization_id" if by_contract else ""}
          group by 1, 2, 3, 4, 5)
        select s.counterparty_id, s.organization, s.contract_id, coalesce(ct.number, ''), coalesce(ct.code, ''), s.currency,
               s.is_payable, s.debts, s.advance, s.oldest
        from summed s left join contract ct on ct.id = s.contract_id
        order by s.currency, s.counterparty_id, s.organization, s.is_payable, ct.number, s.contract_id""",
        {
            **scope.parameters(),
            **moments(None, as_of),
            "as_of": as_of,
            "we_owe": list(WE_OWE_BY_NATURE),
            "starts": [1, *(bound + 1 for bound in BOUNDS)],
        },
    )
    return cursor.fetchall()


OF_DAYS_SQL: Final = """(
        select * from lot where residual <> 0 and due is not null and due between %(earliest)s and %(latest)s
        union all
        select * from lot where residual <> 0 and due is null and rank >= %(earliest_rank)s and rank < %(latest_rank)s
        union all
        select * from lot where closed_moment >= %(before)s and closed_moment < %(never)s)"""
"""Lots of some due days: those still open by the indexes of their day, and those used up since. Each lot once."""
LEFT_SQL: Final = """
  select l.*, l.amount - sign(l.amount)::bigint * coalesce(used.amount, 0) as residual_then
  from found l left join lateral (
    select sum(a.amount)::bigint as amount from allocation a
    where a.unit_id = l.unit_id and a.key_id = l.key_id and a.lot_document_id = l.document_id and a.lot_line = l.line
      and a.moment < %(before)s and l.used_moment < %(before)s) used on true"""
DAY: Final = "coalesce(l.due, moment_date(l.rank))"
BY_AGE: Final = f"order by {DAY}, l.document_id, l.line"
KEPT_TOTALS_SQL: Final = """
  select currency, sum(items)::bigint, sum(amount)::bigint from open_day
  where unit_id = any(%(scope_units)s) and contour = %(contour)s and (%(what)s = '' or what = %(what)s)
    and day between %(earliest)s and %(latest)s {where}
  group by 1 having sum(items) <> 0 order by 1"""


def _lots_open_at(scope: Scope, contour: str, wanted: LotFilter, *, further: str = "", order: str = "") -> str:
    """SQL of the lots that the filter wants, open just before the moment `before`, with the columns of their key; what is left of them is
    added by LEFT_SQL, once it is known which are shown. In an order, keys of everybody are looked up lot by lot (`offset 0`), so that a
    page looks up few; lots of a party are found by its keys."""
    assert contour in ("reg", "mgmt")
    is_of_party = bool(scope.counterparties or scope.contracts)
    source = OF_DAYS_SQL if wanted.has_days and not is_of_party else "lot"
    keys = f"""
      select k.id, k.unit_id, k.relation, k.counterparty_id, k.contract_id, k.object, k.currency from fold_key k
      where k.contour = '{contour}' {scope.clause(alias="k")} {wanted.of_relation()}"""
    lots = f"""
      select l.unit_id, l.key_id, l.document_id, l.line, l.rank, l.due, l.amount, l.used_moment from {source} l
      where l.unit_id = any(%(scope_units)s) and l.moment < %(before)s and l.closed_moment >= %(before)s {wanted.of_days()} {further}"""
    joined = f"({lots}) l join ({keys}) k on k.unit_id = l.unit_id and k.id = l.key_id"
    if order and not is_of_party:
        joined = f"""({lots} {order} offset 0) l
          cross join lateral ({keys} and k.unit_id = l.unit_id and k.id = l.key_id offset 0) k"""
    return f"""
      select l.*, k.relation, k.counterparty_id, k.contract_id, k.object, k.currency from {joined}
      where true {wanted.of_kind()} {order}"""


def open_lots(
    conn: Connection[Any], scope: Scope, contour: str, as_of: date, *, wanted: LotFilter = ANY_LOT, after: LotPlace | None = None,
    limit: int,
) -> list[OpenLot]:  # fmt: skip
    """The open lots by age: earliest due first, those without a due day by the date of their original document."""
    further = f"and ({DAY}, l.document_id, l.line) > (%(after_day)s::date, %(after_document)s, %(after_line)s)" if after else ""
    cursor = conn.cursor(row_factory=args_row(OpenLot))
    cursor.execute(
        f"""with found as materialized ({_lots_open_at(scope, contour, wanted, further=further, order=BY_AGE)} limit %(limit)s),
        open_lot as materialized ({LEFT_SQL})
        select u.code, cp.name, coalesce(ct.number, ''), {OBJECT_NAME}, k.relation, k.document_id, k.line, d.key, d.kind, d.number,
               moment_date(k.rank), coalesce(f.label, ''), k.due, %(as_of)s::date - coalesce(k.due, moment_date(k.rank)),
               (k.residual_then > 0) = (k.relation = any(%(we_owe)s)), coalesce(abs(f.change), abs(k.residual_then)), k.residual_then,
               k.currency, coalesce(k.due, moment_date(k.rank))
        from open_lot k join unit u on u.id = k.unit_id join counterparty cp on cp.id = k.counterparty_id
        join document d on d.unit_id = k.unit_id and d.id = k.document_id
        left join contract ct on ct.id = k.contract_id
        left join fact f on f.unit_id = k.unit_id and f.version_id = d.posted_version_id and f.line = k.line
        order by coalesce(k.due, moment_date(k.rank)), k.document_id, k.line""",
        {
            **scope.parameters(),
            **moments(None, as_of),
            **dict(zip(("after_day", "after_document", "after_line"), after or (None, None, None), strict=True)),
            **wanted.parameters(as_of),
            "as_of": as_of,
            "limit": limit,
        },
    )
    return cursor.fetchall()


def lot_totals(conn: Connection[Any], scope: Scope, contour: str, as_of: date, wanted: LotFilter, *, kept: bool = False) -> list[LotTotal]:
    """What is left of all of them, by currency. `kept`: from the sums of what is open now (open_sums.sql), for the stored rows, over all
    parties, and only when nothing was settled after the day."""
    names = {**scope.parameters(), **moments(None, as_of), **wanted.parameters(as_of), "contour": contour}
    query = f"""with found as ({_lots_open_at(scope, contour, wanted)})
                select currency, count(*), sum(abs(residual_then))::bigint from ({LEFT_SQL}) open_lot group by 1 order by 1"""
    if kept and not scope.counterparties and not scope.contracts:
        query = KEPT_TOTALS_SQL.format(where=wanted.of_relation() + scope.clause(alias="open_day", names=("currencies",)))
    return conn.cursor(row_factory=args_row(LotTotal)).execute(query, names).fetchall()


def balance_steps(conn: Connection[Any], scope: Scope, contour: str, as_of: date) -> list[BalanceStep]:
    """Net balances of every currency at the ends of the months in which it changed, the last at the day itself."""
    assert contour in ("reg", "mgmt")
    cursor = conn.cursor(row_factory=args_row(BalanceStep))
    cursor.execute(
        f"""with changed as (
          select k.currency, date_trunc('month', moment_date(f.moment)) as month, sum(f.change) as change
          from fold_key k join fact f on f.{contour}_key_id = k.id and f.unit_id = k.unit_id and f.moment < %(before)s
          join document d on d.unit_id = f.unit_id and d.id = f.document_id and d.posted_version_id = f.version_id
          where k.unit_id = any(%(scope_units)s) and k.contour = '{contour}' {scope.clause(alias="k")}
          group by 1, 2)
        select currency, least((month + interval '1 month - 1 day')::date, %(as_of)s::date),
               sum(change) over (partition by currency order by month)::bigint
        from changed order by 1, month""",
        {**scope.parameters(), **moments(None, as_of), "as_of": as_of},
    )
    return cursor.fetchall()


def discharges(conn: Connection[Any], scope: Scope, contour: str, since: date, as_of: date) -> list[Discharge]:
    """Debts settled in the period by money, newest first. A debt that an advance met when it arose was paid on the day of the advance:
    such a part is listed too, with that day. Where a payment says when the payer was debited, he paid on that day (spec 5, D9)."""
    assert contour in ("reg", "mgmt")
    cursor = conn.cursor(row_factory=args_row(Discharge))
    cursor.execute(
        f"""select k.relation = any(%(we_owe)s), k.currency, paid.document_id, d.kind, d.number,
                   coalesce(paid.due, moment_date(paid.owed_rank)), coalesce(debited.day, moment_date(paid.paid_moment)), paid.amount
            from fold_key k
            join lateral (
              select a.moment, a.amount, a.document_id, l.amount > 0 as lot_is_positive, f.nature,
                     case when f.nature = {int(Nature.SUPPLY)} then f.due else l.due end as due,
                     case when f.nature = {int(Nature.SUPPLY)} then f.rank else l.rank end as owed_rank,
                     case when f.nature = {int(Nature.SUPPLY)} then l.moment else a.moment end as paid_moment,
                     case when f.nature = {int(Nature.SUPPLY)} then l.document_id else a.document_id end as paid_by
              from allocation a
              join lot l on l.unit_id = a.unit_id and l.key_id = a.key_id and l.document_id = a.lot_document_id and l.line = a.lot_line
              join document of_use on of_use.unit_id = a.unit_id and of_use.id = a.document_id
              join fact f on f.unit_id = a.unit_id and f.version_id = of_use.posted_version_id and f.line = a.line
              where a.unit_id = k.unit_id and a.key_id = k.id and a.moment >= %(first)s and a.moment < %(before)s) paid
              on paid.nature = {int(Nature.MONEY)} and paid.lot_is_positive <> (k.relation = any(%(we_owe)s))
              or paid.nature = {int(Nature.SUPPLY)} and paid.lot_is_positive = (k.relation = any(%(we_owe)s))
            join document d on d.unit_id = k.unit_id and d.id = paid.document_id
            left join (
              select of_money.unit_id, of_money.id, (v.content::jsonb ->> 'debited')::date as day
              from version v join document of_money on of_money.unit_id = v.unit_id and of_money.posted_version_id = v.id
              where v.content like '%%"debited":%%') debited on debited.unit_id = k.unit_id and debited.id = paid.paid_by
            where k.unit_id = any(%(scope_units)s) and k.contour = '{contour}' {scope.clause(alias="k")}
            order by paid.moment desc, paid.document_id""",
        {**scope.parameters(), **moments(since, as_of), "we_owe": list(WE_OWE_BY_NATURE)},
    )
    return cursor.fetchall()
