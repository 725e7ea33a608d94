"""Who owes us while we owe him, of a whole book: narrowed, sorted and paged by the database, with totals over all of it.

What both sides owe now are the sums that triggers keep (open_sums.sql); what they owed of what stood on an earlier day and is open still is
that, less what arose after it. Since when the oldest debt is due is kept beside the sums (open_parties.sql); lots are asked for the few
with changes since, and for an earlier day: for the rows of a page, or for all of a list that is sorted or narrowed by age. Amounts are
positive minor units; advances are left out. Errors: invalid_amount.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final, Literal, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row

from setoff.core.money import parse_amount
from setoff.settlements.open_queries import BOTH_WAYS_SQL, BothWays, BothWaysTotal

Sort = Literal["amount", "age", "party"]
OPEN_STILL: Final = 2**63 - 1
"""`closed_moment` of a lot that is open."""
PORTION: Final = 2_000
THEN_SQL: Final = f"""
  with later as (
    select k.unit_id, k.counterparty_id, k.currency, -coalesce(sum(l.residual) filter (where l.residual > 0), 0) as they_owe,
           coalesce(sum(l.residual) filter (where l.residual < 0), 0) as we_owe
    from lot l join fold_key k on k.unit_id = l.unit_id and k.id = l.key_id
    where l.closed_moment = {OPEN_STILL} and l.moment >= %(before)s and k.contour = 'reg' and (l.residual < 0) = is_owed_by_us(k.relation)
    group by 1, 2, 3),
  both_ways as (
    select unit_id, counterparty_id, currency, sum(they_owe) as they_owe, sum(we_owe) as we_owe, null::date as since
    from (select unit_id, counterparty_id, currency, they_owe, we_owe from open_party where contour = 'reg'
          union all select * from later) sums
    group by 1, 2, 3 having sum(they_owe) > 0 and sum(we_owe) > 0)"""
SINCE_SQL: Final = """
  select min(coalesce(l.due, moment_date(l.rank))) as since
  from fold_key k
  cross join lateral (
    select l.due, l.rank, l.residual from lot l
    where l.unit_id = k.unit_id and l.key_id = k.id and l.residual <> 0 and l.moment < %(before)s offset 0) l
  where k.unit_id = w.unit_id and k.counterparty_id = w.counterparty_id and k.currency = w.currency and k.contour = %(contour)s
    and (l.residual < 0) = is_owed_by_us(k.relation)"""
"""Where the day is not kept. Each key is looked up by itself (`offset 0`): without statistics the planner would read every open lot."""
ORDERS: Final[dict[Sort, str]] = {
    "amount": "w.currency, w.amount desc, w.counterparty_id, w.unit_id",
    "age": "w.since, w.currency, w.amount desc, w.counterparty_id, w.unit_id",
    "party": "c.name, w.unit_id, w.currency",
}
CURRENCIES_SQL: Final = "select distinct currency from open_party where contour = 'reg'"


class BothWaysWanted(NamedTuple):
    """What the list is narrowed to. `parties`: ids, None = everybody; `least`: an amount as it was typed, in each row's own currency;
    `days`: the oldest debt is due for so many days at `today`. `before`: what stood before this moment, None = what is open now."""

    today: date
    unit: str = ""
    currency: str = ""
    parties: Sequence[int] | None = None
    least: str = ""
    days: int = 0
    sort: Sort = "amount"
    before: int | None = None


def both_ways(conn: Connection[Any], wanted: BothWaysWanted, *, limit: int, skipped: int = 0) -> list[BothWays]:
    """A page of the list."""
    names = {**_names(conn, wanted), "limit": limit, "skipped": skipped}
    return conn.cursor(row_factory=args_row(BothWays)).execute(_rows_sql(wanted), names).fetchall()


def every_both_ways(conn: Connection[Any], wanted: BothWaysWanted) -> Iterator[BothWays]:
    """All of the list, read in portions while it is consumed; the connection is in a transaction."""
    names = {**_names(conn, wanted), "limit": None, "skipped": 0}
    with conn.cursor("every_both_ways", row_factory=args_row(BothWays)) as cursor:
        cursor.itersize = PORTION
        cursor.execute(_rows_sql(wanted), names)
        yield from cursor


def _rows_sql(wanted: BothWaysWanted) -> str:
    with_since, listed = _listed(wanted)
    since = "w.since" if with_since else f"coalesce(w.since, ({SINCE_SQL}))"
    return f"""{listed}
      select u.code, c.code, c.name, w.currency, w.they_owe::bigint, w.we_owe::bigint, w.amount::bigint, {since}
      from (select w.* from wanted w join counterparty c on c.id = w.counterparty_id
            order by {ORDERS[wanted.sort]} limit %(limit)s offset %(skipped)s) w
      join unit u on u.id = w.unit_id join counterparty c on c.id = w.counterparty_id order by {ORDERS[wanted.sort]}"""


def both_ways_totals(conn: Connection[Any], wanted: BothWaysWanted) -> list[BothWaysTotal]:
    """How many there are and how much can be set off, by currency."""
    _with_since, listed = _listed(wanted._replace(sort="amount"))
    query = f"{listed} select w.currency, count(*), sum(w.amount)::bigint from wanted w group by 1 order by 1"
    return conn.cursor(row_factory=args_row(BothWaysTotal)).execute(query, _names(conn, wanted)).fetchall()


def _listed(wanted: BothWaysWanted) -> tuple[bool, str]:
    """Whether the rows of `wanted` tell since when, and the SQL that gives them."""
    where = []
    if wanted.unit:
        where.append("b.unit_id = (select id from unit where code = %(unit)s)")
    if wanted.currency:
        where.append("b.currency = %(currency)s")
    if wanted.parties is not None:
        where.append("b.counterparty_id = any(%(parties)s)")
    least = "join unnest(%(currencies)s::text[], %(leasts)s::int8[]) l(currency, amount) on l.currency = b.currency" if wanted.least else ""
    if wanted.least:
        where.append("least(b.they_owe, b.we_owe) >= l.amount")
    narrowed = f"""wanted as (
      select b.*, least(b.they_owe, b.we_owe) as amount from both_ways b {least} {"where " + " and ".join(where) if where else ""})"""
    sums = BOTH_WAYS_SQL if wanted.before is None else THEN_SQL
    if not wanted.days and wanted.sort != "age":
        return False, f"{sums}, {narrowed}"
    aged = narrowed.replace("wanted as (", "narrowed as (", 1)
    return True, f"""{sums}, {aged}, wanted as (
      select * from (
        select w.unit_id, w.counterparty_id, w.currency, w.they_owe, w.we_owe, w.amount, coalesce(w.since, ({SINCE_SQL})) as since
        from narrowed w offset 0) aged
      where %(today)s::date - since >= %(days)s)"""


def _names(conn: Connection[Any], wanted: BothWaysWanted) -> dict[str, Any]:
    names: dict[str, Any] = wanted._asdict()
    names |= {"contour": "reg", "parties": list(wanted.parties or ()), "before": OPEN_STILL if wanted.before is None else wanted.before}
    if wanted.least:
        names["currencies"] = [currency for (currency,) in conn.execute(CURRENCIES_SQL)]
        names["leasts"] = [parse_amount(wanted.least, currency) for currency in names["currencies"]]
    if not wanted.days:
        names["days"] = -(2**30)
    return names
