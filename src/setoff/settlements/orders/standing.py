"""How orders and bills stand: what was shipped by them, what is owed for that, what was paid and waits, and so what is still planned.

All of it is of the management contour and of now (or, under `known.shadow`, of then), in settlement currency.

    shipped    supplies that name it, with their corrections and returns
    debt       what they left open                          advance    money for it that settles nothing yet
    paid       shipped - debt + advance: money and offsets (of a bill: the payments based on it, less what was paid back)
    planned    total - shipped - advance, not below zero: what will be owed beside the debt there is

Where a contract settles as a whole its money is of no order: an open advance counts against the oldest orders first. A bill takes over
what its order plans, up to that; so no amount is planned twice, and the debt of a shipment takes over from both.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row

from setoff.trade.payment import MONEY_IN

SHIPPING: Final = (
    "sale", "purchase", "sale_correction", "purchase_correction", "sale_return", "purchase_return", "opening_customer_debts",
    "opening_supplier_debts", "opening_other_debts",
)  # fmt: skip
ORDERS: Final = ("customer_order", "supplier_order")
PAYING: Final = (
    "payment_from_customer", "refund_to_customer", "payment_to_supplier", "refund_from_supplier", "other_party_in", "other_party_out",
)  # fmt: skip
NEWEST: Final = "plan p where p.is_newest"
POSTED: Final = """plan p join document said on said.unit_id = p.unit_id and said.id = p.document_id
  and p.version_id = coalesce(
    (select kept.version_id from plan_status kept where kept.unit_id = said.unit_id and kept.document_id = said.id
       and kept.of_version = said.posted_version_id order by kept.version_id desc limit 1), said.posted_version_id) where true"""
"""As `document` and `plan_status` have them: the same, also within `known.shadow`."""
STANDING_SQL: Final = """
  with asked as materialized (select p.* from {asked}),
  used as materialized (
    select asked.version_id as plan, asked.sign, asked.key_id = f.mgmt_key_id and asked.detail <> 'contract' as on_key, u.amount as said,
           u.document_id, d.kind, f.unit_id, f.mgmt_key_id, f.line, f.change
    from asked
    cross join lateral (
      select * from plan_use where unit_id = asked.unit_id and name = asked.key offset 0) u
    cross join lateral (
      select kind from document where unit_id = u.unit_id and id = u.document_id and posted_version_id = u.version_id offset 0) d
    cross join lateral (
      select * from fact where unit_id = u.unit_id and version_id = u.version_id and mgmt_key_id is not null offset 0) f
    cross join lateral (select object from fold_key where unit_id = f.unit_id and id = f.mgmt_key_id offset 0) k
    where k.object not like 'order:%%' or k.object = 'order:' || asked.order_key),
  open_lot as (
    select asked.version_id as plan, l.document_id, asked.sign * l.residual as open, l.day, null::bigint as said
    from asked
    cross join lateral (
      select document_id, residual, coalesce(due, moment_date(rank)) as day from lot
      where unit_id = asked.unit_id and key_id = asked.key_id and residual <> 0 offset 0) l
    where asked.detail <> 'contract' and asked.kind = any(%(orders)s)
    union all
    select used.plan, used.document_id, used.sign * l.residual, l.day, used.said
    from used
    cross join lateral (
      select residual, coalesce(due, moment_date(rank)) as day from lot
      where unit_id = used.unit_id and key_id = used.mgmt_key_id and document_id = used.document_id and line = used.line and residual <> 0
      offset 0) l
    where not used.on_key),
  opened as (
    select plan, sum(debt)::bigint as debt, sum(advance)::bigint as advance, sum(overdue)::bigint as overdue
    from (select plan, sum(greatest(open, 0)) as debt, least(sum(greatest(-open, 0)), min(said)) as advance,
                 sum(case when day < %(today)s::date then greatest(open, 0) else 0 end) as overdue
          from open_lot group by plan, document_id) of_document
    group by plan),
  shipped as (
    select plan, sum(sign * change)::bigint as amount from used where kind = any(%(shipping)s) group by plan),
  paid as (
    select plan, sum(case when (kind = any(%(money_in)s)) = (sign > 0) then said else -said end)::bigint as amount
    from (select distinct plan, sign, document_id, kind, said from used where kind = any(%(paying)s)) payments group by plan)
  select asked.version_id, asked.unit_id, asked.document_id, asked.key, asked.kind, asked.sign, asked.counterparty_id, asked.contract_id,
         asked.currency, asked.detail, asked.total, asked.status, asked.is_gated, asked.order_key, asked.key_id, asked.probability,
         asked.moment, coalesce(shipped.amount, 0), coalesce(opened.debt, 0), coalesce(opened.advance, 0), coalesce(paid.amount, 0),
         coalesce(opened.overdue, 0)
  from asked
  left join shipped on shipped.plan = asked.version_id
  left join opened on opened.plan = asked.version_id
  left join paid on paid.plan = asked.version_id
  order by asked.moment, asked.document_id"""
STAGES_SQL: Final = """
  select s.version_id, s.stage_no, s.variant, s.day, s.amount, s.form
  from unnest(%(units)s::bigint[], %(versions)s::bigint[]) asked (unit_id, version_id)
  cross join lateral (
    select * from plan_stage where unit_id = asked.unit_id and version_id = asked.version_id offset 0) s
  order by s.version_id, s.stage_no"""
POOLS_SQL: Final = """
  select k.id, (-asked.sign * sum(l.residual))::bigint
  from unnest(%(units)s::bigint[], %(keys)s::bigint[], %(signs)s::int[]) asked (unit_id, key_id, sign)
  join fold_key k on k.unit_id = asked.unit_id and k.id = asked.key_id
  cross join lateral (select residual from lot where unit_id = k.unit_id and key_id = k.id and residual <> 0 offset 0) l
  where sign(l.residual) = -asked.sign group by k.id, asked.sign"""


class Standing(NamedTuple):
    """One order or bill. `paid_by_name`: payments that name it; of a bill all that it was paid. `overdue`: of the debt, what was due before
    the day asked about."""

    version_id: int
    unit_id: int
    document_id: int
    key: str
    kind: str
    sign: int
    counterparty_id: int
    contract_id: int | None
    currency: str
    detail: str
    total: int
    status: str
    is_gated: bool
    order_key: str
    key_id: int
    probability: int
    moment: int
    shipped: int
    debt: int
    advance: int
    paid_by_name: int
    overdue: int

    @property
    def is_order(self) -> bool:
        return self.kind in ORDERS

    @property
    def paid(self) -> int:
        """Money and offsets that the gate counts; of an order that settles with its contract only what waits for it by name."""
        return self.shipped - self.debt + self.advance if self.is_order else self.paid_by_name

    @property
    def state(self) -> str:
        """Status for people: of a bill that is not annulled it follows from its payments."""
        if self.is_order or self.status == "annulled":
            return self.status
        return "paid" if self.paid_by_name >= self.total else "partly_paid" if self.paid_by_name > 0 else "issued"

    @property
    def rest(self) -> int:
        """What it plans by itself, before bills and the contract's advances are counted."""
        if self.status in ("closed", "annulled"):
            return 0
        taken = self.shipped + (self.advance if self.detail != "contract" else 0) if self.is_order else max(self.shipped, self.paid_by_name)
        return max(self.total - taken, 0)


class Stage(NamedTuple):
    version_id: int
    stage_no: int
    variant: str
    day: datetime.date
    amount: int
    form: str


class PlannedPart(NamedTuple):
    """What is left of a stage, above zero, and the day of its rule."""

    standing: Standing
    stage: Stage
    amount: int

    @property
    def day(self) -> date:
        return self.stage.day


def standings(conn: Connection[Any], condition: str = "", source: str = NEWEST, **parameters: Any) -> list[Standing]:
    """Orders and bills in the total order. `condition` begins with "and" and is about `p`, a row of plan. `today`: what was due before
    it is overdue."""
    cursor = conn.cursor(row_factory=args_row(Standing))
    said = {"orders": list(ORDERS), "shipping": list(SHIPPING), "paying": list(PAYING), "money_in": sorted(MONEY_IN), "today": None}
    return cursor.execute(STANDING_SQL.format(asked=f"{source} {condition}"), said | parameters).fetchall()


def related_standings(conn: Connection[Any], key: str, today: date | None = None) -> list[Standing]:
    """An order or bill with all that shares its plan: an order and its bills, and where the contract settles as a whole its open orders."""
    condition = """and (p.key = %(key)s
      or (p.unit_id, p.order_key) in (select unit_id, order_key from plan where key = %(key)s and is_newest and order_key <> '')
      or exists (select from plan own where own.key = %(key)s and own.is_newest and own.detail = 'contract' and own.unit_id = p.unit_id
                 and own.counterparty_id = p.counterparty_id and own.key_id = p.key_id and p.status not in ('closed', 'annulled')))"""
    return standings(conn, condition, key=key, today=today)


def stages_of(conn: Connection[Any], found: Sequence[Standing]) -> dict[int, list[Stage]]:
    """The stages of orders and bills by version."""
    cursor = conn.cursor(row_factory=args_row(Stage))
    asked = {"units": [item.unit_id for item in found], "versions": [item.version_id for item in found]}
    stages: dict[int, list[Stage]] = defaultdict(list)
    for stage in cursor.execute(STAGES_SQL, asked):
        stages[stage.version_id].append(stage)
    return stages


def rests(conn: Connection[Any], found: Sequence[Standing]) -> dict[int, int]:
    """What each plans, by version: no amount twice. `found` has all open ones of what it shares: of an order its bills, of a contract that
    settles as a whole its orders."""
    left = {item.version_id: item.rest for item in found}
    pools = _pools(conn, [item for item in found if item.is_order and item.detail == "contract"])
    for item in found:
        if item.is_order and item.detail == "contract":
            taken = min(left[item.version_id], pools.get(item.key_id, 0))
            left[item.version_id] -= taken
            pools[item.key_id] = pools.get(item.key_id, 0) - taken
    orders = {(item.unit_id, item.key): item for item in found if item.is_order}
    for item in found:
        if item.is_order or not item.order_key:
            continue
        order = orders.get((item.unit_id, item.order_key))
        if order is not None:
            of_bill = min(left[item.version_id], left[order.version_id])
            left[item.version_id] = of_bill
            left[order.version_id] -= of_bill
    return left


def _pools(conn: Connection[Any], orders: Iterable[Standing]) -> dict[int, int]:
    """Open advances of contracts that settle as a whole, by key."""
    keys = {(item.unit_id, item.key_id): item.sign for item in orders}
    if not keys:
        return {}
    asked = {"units": [unit for unit, _ in keys], "keys": [key for _, key in keys], "signs": list(keys.values())}
    return dict(conn.execute(POOLS_SQL, asked).fetchall())


def planned_parts(conn: Connection[Any], found: Sequence[Standing]) -> list[PlannedPart]:
    """What is left of every stage: what was shipped or paid covers the first ones first."""
    left = rests(conn, found)
    open_ones = [item for item in found if left[item.version_id]]
    stages = stages_of(conn, open_ones)
    parts = []
    for item in open_ones:
        covered = item.total - left[item.version_id]
        for stage in stages[item.version_id]:
            amount = max(stage.amount - covered, 0)
            covered = max(covered - stage.amount, 0)
            if amount:
                parts.append(PlannedPart(item, stage, amount))
    return parts
