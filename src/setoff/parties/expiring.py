"""Contracts that are about to end: active ones whose last day is near, or past, with what is still open on them (spec 1.2)."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row

WITHIN_DAYS: Final = 30
ENDING_SQL: Final = """
  with ending as materialized (
    select ct.* from contract ct
    where ct.status = 'active' and ct.valid_to <= %(until)s
      and ct.organization_id in (select organization_id from unit where id = any(%(units)s))
      and (%(parties)s::int8[] = '{}' or ct.counterparty_id = any(%(parties)s))
      and (%(contracts)s::int8[] = '{}' or ct.id = any(%(contracts)s))
      and (%(currencies)s::text[] = '{}' or ct.currency = any(%(currencies)s))
      and (%(after_id)s::int8 is null
           or (ct.valid_to, ct.code) > (%(after_day)s::date, (select code from contract where id = %(after_id)s)))
    order by ct.valid_to, ct.code limit %(limit)s)"""
EXPIRING_SQL: Final = f"""{ENDING_SQL}
  select ct.code, ct.number, cp.name, o.name, ct.manager, ct.relation, ct.valid_to, ct.currency,
         coalesce(open.owed, 0)::int8, coalesce(open.owing, 0)::int8, ct.id
  from ending ct
  join counterparty cp on cp.id = ct.counterparty_id
  join organization o on o.id = ct.organization_id
  left join lateral (
    select sum(l.residual) filter (where l.residual > 0) as owed, -sum(l.residual) filter (where l.residual < 0) as owing
    from fold_key k join lot l on l.unit_id = k.unit_id and l.key_id = k.id and l.residual <> 0
    where k.counterparty_id = ct.counterparty_id and k.contract_id = ct.id and k.contour = 'mgmt') open on true
  order by ct.valid_to, ct.code"""


class Expiring(NamedTuple):
    """`owed`: what they owe us (also advances we paid); `owing`: what we owe them (also advances we took); both not below zero."""

    code: str
    number: str
    counterparty: str
    organization: str
    manager: str
    relation: str
    valid_to: datetime.date
    currency: str
    owed: int
    owing: int
    contract_id: int


def expiring_contracts(
    conn: Connection[Any],
    until: datetime.date,
    units: Sequence[int],
    parties: Sequence[int] = (),
    contracts: Sequence[int] = (),
    currencies: Sequence[str] = (),
    *,
    after: tuple[datetime.date, int] | None = None,
    limit: int | None = None,
) -> list[Expiring]:
    """Active contracts of these units' organizations that end by a day, the first to end first; or so many of them after a place, the
    last day and the id of a contract."""
    names = _names(until, units, parties, contracts, currencies)
    names |= {"after_day": after[0] if after else None, "after_id": after[1] if after else None, "limit": limit}
    return conn.cursor(row_factory=args_row(Expiring)).execute(EXPIRING_SQL, names).fetchall()


def expiring_codes(conn: Connection[Any], until: datetime.date, units: Sequence[int]) -> list[str]:
    """The codes of these contracts alone: what is open on them is not looked up."""
    return [code for (code,) in conn.execute(f"{ENDING_SQL} select code from ending order by valid_to, code", _names(until, units))]


def _names(
    until: datetime.date, units: Sequence[int], parties: Sequence[int] = (), contracts: Sequence[int] = (), currencies: Sequence[str] = ()
) -> dict[str, Any]:
    return {
        "until": until, "units": list(units), "parties": list(parties), "contracts": list(contracts), "currencies": list(currencies),
        "after_day": None, "after_id": None, "limit": None,
    }  # fmt: skip
