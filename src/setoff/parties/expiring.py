"""Contracts that are about to end: active ones whose last day is near, or past, with what is still open on them (spec 1.2)."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row

WITHIN_DAYS: Final = 30
EXPIRING_SQL: Final = """
  select ct.code, ct.number, cp.name, o.name, ct.manager, ct.relation, ct.valid_to, ct.currency,
         coalesce(open.owed, 0)::int8, coalesce(open.owing, 0)::int8
  from contract ct
  join counterparty cp on cp.id = ct.counterparty_id
  join organization o on o.id = ct.organization_id
  left join lateral (
    select sum(l.residual) filter (where l.residual > 0) as owed, -sum(l.residual) filter (where l.residual < 0) as owing
    from fold_key k join lot l on l.unit_id = k.unit_id and l.key_id = k.id and l.residual <> 0
    where k.counterparty_id = ct.counterparty_id and k.contract_id = ct.id and k.contour = 'mgmt') open on true
  where ct.status = 'active' and ct.valid_to <= %(until)s
    and ct.organization_id in (select organization_id from unit where id = any(%(units)s))
    and (%(parties)s::int8[] = '{}' or ct.counterparty_id = any(%(parties)s))
    and (%(contracts)s::int8[] = '{}' or ct.id = any(%(contracts)s))
    and (%(currencies)s::text[] = '{}' or ct.currency = any(%(currencies)s))
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


def expiring_contracts(
    conn: Connection[Any],
    until: datetime.date,
    units: Sequence[int],
    parties: Sequence[int] = (),
    contracts: Sequence[int] = (),
    currencies: Sequence[str] = (),
) -> list[Expiring]:
    """Active contracts of these units' organizations that end by a day, the first to end first."""
    cursor = conn.cursor(row_factory=args_row(Expiring))
    said = {"until": until, "units": list(units), "parties": list(parties), "contracts": list(contracts), "currencies": list(currencies)}
    return cursor.execute(EXPIRING_SQL, said).fetchall()
