"""A page of the reserve for doubtful debts: so many debtors, those with the largest reserve first, and the sums of all of them.

Who is listed and what he is asked for is said in doubtful.py; here the database adds up, by debtor and bucket, and names only the debtors
of the page. At a day after which nothing was settled what is owed is read from one index (doubtful.sql); at an earlier one from the lots
that were open then.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, NamedTuple

import psycopg

from setoff.books.scope import Scope
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.moment import end_of
from setoff.settlements.doubtful import OF_TRADE, Asked, Doubtful, asked_of
from setoff.settlements.queries import lots_at
from setoff.settlements.settled_queries import is_latest

NOW_SQL: Final = """
  select k.counterparty_id, coalesce(k.contract_id, 0) as contract_id, coalesce(l.due, moment_date(l.rank)) as day, l.residual_book as book
  from lot l join fold_key k on k.unit_id = l.unit_id and k.id = l.key_id
  where l.unit_id = any(%(scope_units)s) and l.residual > 0 and k.contour = 'reg' and k.relation = any(%(relations)s)"""
THEN_SQL: Final = """
  select counterparty_id, coalesce(contract_id, 0) as contract_id, coalesce(due, moment_date(rank)) as day, book_then as book
  from ({lots}) open_lot where relation = any(%(relations)s) and residual_then > 0"""
PAGE_SQL: Final = """
  with owed as ({debts}),
  bucket as materialized (
    select counterparty_id, contract_id, width_bucket(%(day)s::date - day, %(starts)s::int[]) as place, sum(book) as book
    from owed group by 1, 2, 3),
  debtor as (
    select counterparty_id, contract_id, {debts_by_place}, sum(round(book * (%(percents)s::numeric[])[place + 1] / 100)) as wanted
    from bucket group by 1, 2),
  kept as (
    select * from unnest(%(parties)s::int8[], %(contracts)s::int8[], %(amounts)s::int8[]) found (counterparty_id, contract_id, kept)),
  listed as materialized (
    select counterparty_id, contract_id, {debts_or_none}, coalesce(wanted, 0) as wanted, coalesce(kept, 0) as kept
    from debtor full join kept using (counterparty_id, contract_id) where wanted > 0 or kept <> 0),
  shown as (
    select * from listed order by wanted desc, counterparty_id, contract_id offset %(skipped)s limit %(rows)s)
  select 1 as part, counterparty.code, counterparty.name, coalesce(contract.code, ''), coalesce(contract.number, ''),
         array[{names}]::bigint[], wanted::bigint, kept::bigint, 1::bigint
  from shown join counterparty on counterparty.id = shown.counterparty_id left join contract on contract.id = shown.contract_id
  union all
  select 2, '', '', '', '', array[{sums}]::bigint[], coalesce(sum(wanted), 0)::bigint, coalesce(sum(kept), 0)::bigint, count(*) from listed
  order by part, wanted desc, 2, 4"""
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
    scope = Scope((asked.unit.id,))
    kept = _by_debtor(conn, asked.kept)
    names = {
        **scope.parameters(), "before": end_of(day), "day": day, "relations": list(OF_TRADE),
        "starts": [1, *(bound + 1 for bound in asked.bounds)], "percents": list(asked.percents),
        "parties": [party for party, _contract in kept], "contracts": [contract for _party, contract in kept],
        "amounts": list(kept.values()), "skipped": skipped, "rows": rows_max,
    }  # fmt: skip
    debts = NOW_SQL if is_latest(conn, scope, "reg", day) else THEN_SQL.format(lots=lots_at(scope, "reg"))
    places = range(len(asked.percents))
    query = PAGE_SQL.format(
        debts=debts,
        debts_by_place=", ".join(f"coalesce(sum(book) filter (where place = {place}), 0) as debt_{place}" for place in places),
        debts_or_none=", ".join(f"coalesce(debt_{place}, 0) as debt_{place}" for place in places),
        names=", ".join(f"debt_{place}" for place in places),
        sums=", ".join(f"coalesce(sum(debt_{place}), 0)" for place in places),
    )
    found = conn.execute(query, names, prepare=False).fetchall()
    *rows, totals = [
        Doubtful(code, name, contract, number, tuple(debts), wanted, reserve)
        for _part, code, name, contract, number, debts, wanted, reserve, _count in found
    ]
    debtors = found[-1][8]
    return DoubtfulPage(asked, rows, totals, debtors, skipped + rows_max if skipped + rows_max < debtors else None)


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
