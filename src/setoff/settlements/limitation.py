"""Until when the debts of debtors can be sued for, and why: from the due day, or anew from a signed act of reconciliation (spec 2.11).

Of every debtor and contract that debt is told whose period ends first. The rule is that of a write-off: trade/write_off.py.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import psycopg

from setoff.core.moment import end_of
from setoff.trade.directory import UnitTerms
from setoff.trade.write_off import limitation_ends

DEBTS_SQL: Final = """
  select party.code, coalesce(contract.code, ''), coalesce(l.due, moment_date(l.rank)) as due, act.signed_on, coalesce(act.id, 0)
  from counterparty party
  join fold_key k on k.counterparty_id = party.id and k.unit_id = %(unit)s and k.contour = 'reg' and k.relation = any(%(relations)s)
  join lot l on l.unit_id = k.unit_id and l.key_id = k.id and l.amount > 0 and l.moment < %(before)s and l.closed_moment >= %(before)s
  left join contract on contract.id = k.contract_id
  left join lateral (
    select a.signed_on, a.id from reconciliation_act a
    where a.unit_id = k.unit_id and a.counterparty_id = k.counterparty_id and a.state = 'agreed' and a.currency = k.currency
      and a.last_day >= moment_date(l.rank) and (a.contract_id is null or a.contract_id = k.contract_id) and a.signed_on <= %(day)s
      and a.signed_on > coalesce(l.due, moment_date(l.rank))
    order by a.signed_on desc, a.id desc limit 1) act on true
  where party.code = any(%(codes)s) and coalesce(l.due, moment_date(l.rank)) < %(day)s"""


class Limitation(NamedTuple):
    """The debt whose period ends first. `act`: the number of the act of reconciliation by which the period began anew, 0: by none."""

    due: datetime.date
    since: datetime.date
    ends: datetime.date
    act: int


def limitations(
    conn: psycopg.Connection[Any], unit: UnitTerms, day: datetime.date, codes: Iterable[str], relations: Iterable[str]
) -> dict[tuple[str, str], Limitation]:
    """By counterparty and contract (codes), of debts that are overdue at the end of a day."""
    asked = {"unit": unit.id, "day": day, "before": end_of(day), "codes": sorted(set(codes)), "relations": list(relations)}
    found: dict[tuple[str, str], Limitation] = {}
    for party, contract, due, signed_on, act in conn.execute(DEBTS_SQL, asked):
        since = signed_on or due
        limitation = Limitation(due, since, limitation_ends(due, since, unit), act)
        known = found.get((party, contract))
        if known is None or limitation.ends < known.ends:
            found[party, contract] = limitation
    return found
