"""A page of the reserve for doubtful debts: so many debtors, those with the largest reserve first, and the sums of all of them.

Who is listed and what he is asked for is said in doubtful.py; here the database adds up, by debtor and bucket, and names only the debtors
of the page. At a day after which nothing was settled what is owed is read from one index (doubtful.sql); at an earlier one from the lots
that were open then.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

import psycopg

from setoff.books.charts import account_id
from setoff.books.scope import Scope
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.moment import end_of
from setoff.settlements.doubtful import OF_TRADE, Asked, Doubtful, asked_of
from setoff.settlements.reserves import BALANCES_SQL, of_reserve
from setoff.settlements.settled_queries import is_latest

WHOLE: Final = 100
NOW_SQL: Final = "l.residual > 0"
THEN_SQL: Final = "l.amount > 0 and l.moment < %(before)s and l.closed_moment >= %(before)s"
BOOK_THEN_SQL: Final = """
  l.book - case when l.used_moment < %(before)s then (
    select coalesce(sum(a.lot_book), 0)::bigint from allocation a
    where a.unit_id = l.unit_id and a.key_id = l.key_id and a.lot_document_id = l.document_id and a.lot_line = l.line
      and a.moment < %(before)s) else 0 end"""
"""What is left of a lot then: most are whole, and need no look."""
PAGE_SQL: Final = """
  with owed as (
    select k.counterparty_id, coalesce(k.contract_id, 0) as contract_id, {book} as book,
           width_bucket(%(day)s::date - coalesce(l.due, moment_date(l.rank)), %(starts)s::int[]) as place
    from lot l join fold_key k on k.unit_id = l.unit_id and k.id = l.key_id
    where l.unit_id = %(unit)s and k.unit_id = %(unit)s and {open} and k.contour = 'reg' and k.relation = any(%(relations)s)),
  debtor as (
    select counterparty_id, contract_id, {debts_by_place} from owed group by 1, 2),
  {kept},
  asking as (
    select counterparty_id, contract_id, {debts}, {wanted} as wanted, coalesce(kept, 0) as kept
    from debtor full join kept using (counterparty_id, contract_id)),
  listed as materialized (
    select * from asking where wanted > 0 or kept <> 0),
  shown as (
    select * from listed order by wanted desc, counterparty_id, contract_id offset %(skipped)s limit %(rows)s)
  select 1 as part, counterparty.code, counterparty.name, coalesce(contract.code, ''), coalesce(contract.number, ''),
         array[{names}]::bigint[], wanted::bigint, kept::bigint, 1::bigint, 0::bigint
  from shown join counterparty on counterparty.id = shown.counterparty_id left join contract on contract.id = shown.contract_id
  union all
  select 2, '', '', '', '', array[{sums}]::bigint[], coalesce(sum(wanted), 0)::bigint, coalesce(sum(kept), 0)::bigint, count(*), {unknown}
  from listed
  order by part, wanted desc, 2, 4"""
KEPT_SQL: Final = """
  balance (item, amount) as materialized ({balances}),
  kept as materialized (
    select contract.counterparty_id, contract.id as contract_id, balance.amount as kept
    from balance join contract on contract.code = substr(item, strpos(item, '/') + 1)
    join counterparty on counterparty.id = contract.counterparty_id and counterparty.code = substr(item, 1, strpos(item, '/') - 1)
    where amount <> 0)"""
"""What is kept by debtors told as COUNTERPARTY/CONTRACT with one "/", as nearly all are."""
UNKNOWN_SQL: Final = "(select count(*) from balance where amount <> 0) - (select count(*) from kept)"
GIVEN_SQL: Final = """
  kept as (
    select * from unnest(%(parties)s::int8[], %(contracts)s::int8[], %(amounts)s::int8[]) found (counterparty_id, contract_id, kept))"""
DEBTORS_SQL: Final = """
  select said.item, counterparty.id, coalesce(contract.id, 0)
  from unnest(%s::text[], %s::text[], %s::text[]) said (item, party, agreed)
  join counterparty on counterparty.code = said.party
  left join contract on contract.code = said.agreed and contract.counterparty_id = counterparty.id
  where said.agreed = '' or contract.id is not null order by said.agreed <> ''"""


class DoubtfulPage(NamedTuple):
    """Debtors of one page. `totals`: of all debtors, `debtors`: how many these are; `following`: how many come before the
    next page, None: there is none."""

    asked: Asked
    rows: list[Doubtful]
    totals: Doubtful
    debtors: int
    following: int | None


def doubtful_page(conn: psycopg.Connection[Any], unit: str, day: date, *, skipped: int, rows_max: int) -> DoubtfulPage:
    """So many debtors of a unit at the end of a month, after so many others. Errors: those of `doubtful_month`."""
    asked = asked_of(conn, unit, day)
    names = {
        "unit": asked.unit.id, "before": end_of(day), "day": day, "relations": list(OF_TRADE),
        "starts": [1, *(bound + 1 for bound in asked.bounds)], "skipped": skipped, "rows": rows_max, "moment": asked.moment,
        "document": asked.document_id, "items": None,
        "account": account_id(asked.unit.chart.name, asked.unit.chart.reserve_account),
    }  # fmt: skip
    is_now = is_latest(conn, Scope((asked.unit.id,)), "reg", day)
    balances = BALANCES_SQL.format(of_reserve=of_reserve())
    query = _query(asked, KEPT_SQL.format(balances=balances), UNKNOWN_SQL, is_now=is_now)
    found = conn.execute(query, names, prepare=False).fetchall()
    if found[-1][-1]:
        kept = _by_debtor(conn, asked.kept(conn))
        names["parties"], names["contracts"] = [party for party, _contract in kept], [contract for _party, contract in kept]
        names["amounts"] = list(kept.values())
        found = conn.execute(_query(asked, GIVEN_SQL, "0", is_now=is_now), names, prepare=False).fetchall()
    *rows, totals = [
        Doubtful(code, name, contract, number, tuple(debts), wanted, reserve)
        for _part, code, name, contract, number, debts, wanted, reserve, *_counts in found
    ]
    debtors = found[-1][8]
    return DoubtfulPage(asked, rows, totals, debtors, skipped + rows_max if skipped + rows_max < debtors else None)


def _query(asked: Asked, kept: str, unknown: str, *, is_now: bool) -> str:
    columns = [f"debt_{place}" for place in range(len(asked.percents))]
    return PAGE_SQL.format(
        book="l.residual_book" if is_now else BOOK_THEN_SQL, open=NOW_SQL if is_now else THEN_SQL,
        debts_by_place=", ".join(f"sum(book) filter (where place = {place}) as {name}" for place, name in enumerate(columns)),
        debts=", ".join(f"coalesce({name}, 0) as {name}" for name in columns),
        wanted=" + ".join(_share(name, percent) for name, percent in zip(columns, asked.percents, strict=True)),
        names=", ".join(columns), sums=", ".join(f"coalesce(sum({name}), 0)" for name in columns), kept=kept, unknown=unknown,
    )  # fmt: skip


def _share(name: str, percent: Decimal) -> str:
    """SQL of a bucket's share, half up; nothing and all of it need no rounding."""
    if percent == 0:
        return "0"
    return f"coalesce({name}, 0)" if percent == WHOLE else f"round(coalesce({name}, 0) * {percent:f} / {WHOLE})"


def _by_debtor(conn: psycopg.Connection[Any], kept: Mapping[str, int]) -> dict[tuple[int, int], int]:
    """What is kept, by counterparty and contract (0: without one). A debtor is told as COUNTERPARTY/CONTRACT, and either may have a "/"."""
    if not kept:
        return {}
    said = [(item, item, "") for item in kept]
    for item in kept:
        parts = item.split("/")
        said += [(item, "/".join(parts[:place]), "/".join(parts[place:])) for place in range(1, len(parts))]
    columns = [list(column) for column in zip(*said, strict=True)]
    ids: dict[str, tuple[int, int]] = {}
    for item, party, contract in conn.execute(DEBTORS_SQL, columns):
        ids.setdefault(item, (party, contract))
    if unknown := kept.keys() - ids.keys():
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="counterparty", value=min(unknown), field="rows")
    return {ids[item]: amount for item, amount in kept.items()}
