"""Reads of what is open now: debts and advances with what the books know today, whatever day they fall due.

For lists to act on: overdue, due soon, advances without a supply, what can be set off. What was open on a past day is
`queries.py`. Amounts are positive minor units of the settlement currency; a debt is due on its due date, or on the date of its
original document when it has none. Figures come from sums that triggers keep (open_sums.sql); a page of items reads only the lots of the
days it shows (open_days.sql).
"""

from __future__ import annotations

import datetime
from datetime import date, timedelta
from typing import Any, Final, Literal, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row

from setoff.core.moment import end_of, start_of
from setoff.trade.terms import WE_OWE_BY_NATURE

Side = Literal["receivable", "payable"]
What = Literal["debt", "advance"]
AHEAD_DAYS: Final = 30
OPEN_SQL: Final = """
  select l.unit_id, l.document_id, l.line, l.node_id, coalesce(l.due, moment_date(l.rank)) as day, abs(l.residual) as residual,
         k.relation, k.counterparty_id, k.contract_id, k.currency,
         case when l.residual > 0 then 'receivable' else 'payable' end as side,
         case when (l.residual < 0) = (k.relation = any(%(we_owe)s)) then 'debt' else 'advance' end as what
  from lot l join fold_key k on k.unit_id = l.unit_id and k.id = l.key_id
  where l.residual <> 0 and k.contour = %(contour)s"""
SUMS_SQL: Final = """
  select side, what, currency, greatest(least(day - %(today)s::date, %(ahead)s + 1), -1) as days, sum(items)::bigint, sum(amount)::bigint
  from open_day where contour = %(contour)s group by 1, 2, 3, 4 having sum(items) <> 0 order by 1, 2, 3, 4"""
BOTH_WAYS_SQL: Final = """
  with changed as (
    select distinct unit_id, counterparty_id, currency from open_party where is_change and contour = %(contour)s),
  both_ways as (
    select unit_id, counterparty_id, currency, they_owe, we_owe, since from open_party p
    where not is_change and they_owe > 0 and we_owe > 0 and contour = %(contour)s
      and not exists (select from changed c where (c.unit_id, c.counterparty_id, c.currency) = (p.unit_id, p.counterparty_id, p.currency))
    union all
    select unit_id, counterparty_id, currency, sum(p.they_owe), sum(p.we_owe), null::date
    from changed join open_party p using (unit_id, counterparty_id, currency) where p.contour = %(contour)s
    group by 1, 2, 3 having sum(p.they_owe) > 0 and sum(p.we_owe) > 0)"""
"""Sums without changes since are as they are; of the few others their changes are added, and `since` when their oldest debt is due is not
known."""
SET_OFF_SQL: Final = f"""{BOTH_WAYS_SQL},
  shown as (
    select *, least(they_owe, we_owe) as amount from both_ways
    order by currency, amount desc, counterparty_id, unit_id limit %(limit)s offset %(skipped)s)
  select unit.code, counterparty.code, counterparty.name, shown.currency, they_owe::bigint, we_owe::bigint, amount::bigint,
         coalesce(shown.since, (
           select min(coalesce(l.due, moment_date(l.rank))) from fold_key k join lot l on l.unit_id = k.unit_id and l.key_id = k.id
           where k.unit_id = shown.unit_id and k.counterparty_id = shown.counterparty_id and k.currency = shown.currency
             and k.contour = %(contour)s and l.residual <> 0 and (l.residual < 0) = is_owed_by_us(k.relation))) as since
  from shown join unit on unit.id = shown.unit_id join counterparty on counterparty.id = shown.counterparty_id
  order by shown.currency, amount desc, shown.counterparty_id, shown.unit_id"""
SET_OFF_TOTAL_SQL: Final = f"""{BOTH_WAYS_SQL}
  select currency, count(*), sum(least(they_owe, we_owe))::bigint from both_ways group by 1 order by 3 desc, 1"""
DAYS_SQL: Final = """
  select min(day), max(day) from (
    select day, coalesce(sum(items) filter (where day > %(after_day)s) over earlier, 0) as before
    from (select day, sum(items) as items from open_day
          where contour = %(contour)s and side = %(side)s and what = %(what)s and currency = %(currency)s
            and day >= greatest(%(first)s, %(after_day)s::date) and day <= %(last)s
          group by day having sum(items) <> 0) days
    window earlier as (order by day rows between unbounded preceding and 1 preceding)) reached
  where before < %(limit)s"""
"""The first and last day of a page of items: no other day needs a look."""
FREE_SQL: Final = """
  with changed as (select distinct unit_id, counterparty_id, currency, relation from open_money where is_change),
  sides as (
    select unit_id, counterparty_id, currency, relation, debts, money from open_money m
    where not is_change and debts > 0 and money > 0
      and not exists (
        select from changed c
        where (c.unit_id, c.counterparty_id, c.currency, c.relation) = (m.unit_id, m.counterparty_id, m.currency, m.relation))
    union all
    select unit_id, counterparty_id, currency, relation, sum(debts), sum(money)
    from changed join open_money using (unit_id, counterparty_id, currency, relation)
    group by 1, 2, 3, 4 having sum(debts) > 0 and sum(money) > 0)
  select unit.code, counterparty.code, counterparty.name, sides.relation, sides.currency, debts::bigint, money::bigint
  from sides join unit on unit.id = sides.unit_id join counterparty on counterparty.id = sides.counterparty_id
  order by sides.currency, least(debts, money) desc, counterparty.code limit %(limit)s"""
OF_PARTY_SQL: Final = """
  select l.unit_id, l.key_id, l.document_id, l.line, l.residual, coalesce(l.due, moment_date(l.rank)) as day
  from counterparty c join fold_key on fold_key.counterparty_id = c.id join lot l on l.unit_id = fold_key.unit_id and l.key_id = fold_key.id
  where c.code = %(counterparty)s and l.residual <> 0"""
OF_DAYS_SQL: Final = """
  select l.unit_id, l.key_id, l.document_id, l.line, l.residual, l.due as day
  from lot l where l.residual <> 0 and l.due is not null and l.due >= %(first)s and l.due <= %(last)s
  union all
  select l.unit_id, l.key_id, l.document_id, l.line, l.residual, moment_date(l.rank)
  from lot l where l.residual <> 0 and l.due is null and l.rank >= %(first_rank)s and l.rank < %(end_rank)s"""
"""Lots by their day, as two indexes have it: due, or the date of the original document. Of relations (`of_ours`: those in which we owe by
nature) and signs only comparisons that row-level security lets come first."""
ITEMS_SQL: Final = """
  select unit.code, counterparty.code, counterparty.name, contract.number, d.id, d.kind, d.number, d.date, coalesce(f.label, ''), o.day,
         %(today)s::date - o.day as days_late, o.currency, o.residual, o.line, d.key
  from (select l.unit_id, l.document_id, l.line, l.day, abs(l.residual) as residual, k.counterparty_id, k.contract_id, k.currency
        from ({lots}) l join fold_key k on k.unit_id = l.unit_id and k.id = l.key_id
        where l.residual > %(above)s and l.residual < %(below)s and (k.relation = any(%(we_owe)s)) = %(of_ours)s and k.contour = %(contour)s
          and k.currency = %(currency)s and l.day >= %(first)s and l.day <= %(last)s
          and (l.day, l.document_id, l.line) > (%(after_day)s::date, %(after_document)s::bigint, %(after_line)s::int)
        order by l.day, l.document_id, l.line limit %(limit)s) o
  join unit on unit.id = o.unit_id join counterparty on counterparty.id = o.counterparty_id
  left join contract on contract.id = o.contract_id
  join document d on d.unit_id = o.unit_id and d.id = o.document_id
  left join fact f on f.unit_id = o.unit_id and f.version_id = d.posted_version_id and f.line = o.line
  order by o.day, o.document_id, o.line"""
TOTAL_SQL: Final = """
  select coalesce(sum(items), 0)::bigint, coalesce(sum(amount), 0)::bigint from open_day
  where contour = %(contour)s and side = %(side)s and what = %(what)s and currency = %(currency)s
    and day >= %(first)s and day <= %(last)s"""
TOTAL_OF_PARTY_SQL: Final = f"""
  select count(*), coalesce(sum(residual), 0)::bigint from ({OPEN_SQL}) open_lot
  where side = %(side)s and what = %(what)s and currency = %(currency)s and day >= %(first)s and day <= %(last)s
    and counterparty_id = (select id from counterparty where code = %(counterparty)s)"""


class OpenSum(NamedTuple):
    """Open amounts of one side due in `days` days: -1 is overdue, 0 today, AHEAD_DAYS + 1 anything later."""

    side: Side
    what: What
    currency: str
    days: int
    items: int
    amount: int


class BothWays(NamedTuple):
    """A counterparty that owes a unit and is owed by it in one currency; `amount` is the smaller of both."""

    unit: str
    counterparty: str
    name: str
    currency: str
    they_owe: int
    we_owe: int
    amount: int
    since: date


class BothWaysTotal(NamedTuple):
    currency: str
    parties: int
    amount: int


class FreeMoney(NamedTuple):
    """A counterparty with debts and with money that settles none of them, in one relation and currency."""

    unit: str
    counterparty: str
    name: str
    relation: str
    currency: str
    debts: int
    money: int


class OpenItem(NamedTuple):
    """A debt or advance that is open, oldest due day first. `days_late` is negative while it is not due."""

    unit: str
    counterparty: str
    name: str
    contract: str | None
    document_id: int
    kind: str
    number: str
    date: datetime.date
    label: str
    day: datetime.date
    days_late: int
    currency: str
    residual: int
    line: int
    key: str


class Wanted(NamedTuple):
    """Which open items: due from `first` to `last`, of one side and currency."""

    side: Side
    what: What
    currency: str
    first: date
    last: date
    counterparty: str | None = None


class Place(NamedTuple):
    """Where a page of a list ended."""

    day: date
    document_id: int
    line: int


LARGEST: Final = (1 << 63) - 1
START: Final = Place(date.min, 0, 0)


def open_sums(conn: Connection[Any], today: date, *, contour: str = "reg") -> list[OpenSum]:
    """Everything open, by side, kind, currency and the day it falls due."""
    cursor = conn.cursor(row_factory=args_row(OpenSum))
    return cursor.execute(SUMS_SQL, {**_common(contour), "today": today, "ahead": AHEAD_DAYS}).fetchall()


def owed_both_ways(conn: Connection[Any], *, limit: int, skipped: int = 0, contour: str = "reg") -> list[BothWays]:
    """Who owes us while we owe him: largest first in each currency."""
    names = {"contour": contour, "limit": limit, "skipped": skipped}
    return conn.cursor(row_factory=args_row(BothWays)).execute(SET_OFF_SQL, names).fetchall()


def owed_both_ways_totals(conn: Connection[Any], *, contour: str = "reg") -> list[BothWaysTotal]:
    """How many there are and how much can be set off, by currency, largest first."""
    return conn.cursor(row_factory=args_row(BothWaysTotal)).execute(SET_OFF_TOTAL_SQL, {"contour": contour}).fetchall()


def free_money(conn: Connection[Any], *, limit: int) -> list[FreeMoney]:
    """Where money waits beside debts, in management accounting: what could be allocated most comes first in each currency."""
    return conn.cursor(row_factory=args_row(FreeMoney)).execute(FREE_SQL, {"limit": limit}).fetchall()


def open_items(
    conn: Connection[Any], wanted: Wanted, today: date, *, after: Place = START, limit: int, contour: str = "reg"
) -> list[OpenItem]:
    """A page of the list, after a place in it."""
    names = {**_common(contour), **wanted._asdict(), "today": today, "limit": limit}
    names |= {"after_day": after.day, "after_document": after.document_id, "after_line": after.line}
    is_ours = wanted.side == "payable"
    names |= {"of_ours": is_ours == (wanted.what == "debt"), "above": -LARGEST if is_ours else 0, "below": 0 if is_ours else LARGEST}
    if wanted.counterparty is None:
        reached = conn.execute(DAYS_SQL, names).fetchone()
        if reached is None or reached[0] is None:
            return []
        first, last = reached
        names |= {"first": first, "last": last, "first_rank": start_of(first), "end_rank": end_of(last)}
    lots = OF_DAYS_SQL if wanted.counterparty is None else OF_PARTY_SQL
    return conn.cursor(row_factory=args_row(OpenItem)).execute(ITEMS_SQL.format(lots=lots), names, prepare=False).fetchall()


def open_total(conn: Connection[Any], wanted: Wanted, *, contour: str = "reg") -> tuple[int, int]:
    """How many items the whole list has, and their sum."""
    row = conn.execute(TOTAL_OF_PARTY_SQL if wanted.counterparty else TOTAL_SQL, {**_common(contour), **wanted._asdict()}).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


def span(days: str, today: date) -> tuple[date, date]:
    """The due days that a word names: overdue, week (the next seven days, today too), later, all, or one ISO day."""
    week = today + timedelta(days=6)
    named = {
        "overdue": (date.min, today - timedelta(days=1)),
        "week": (today, week),
        "later": (week + timedelta(days=1), date.max),
        "all": (date.min, date.max),
    }
    if days in named:
        return named[days]
    day = date.fromisoformat(days)
    return day, day


def _common(contour: str) -> dict[str, Any]:
    return {"contour": contour, "we_owe": list(WE_OWE_BY_NATURE)}
