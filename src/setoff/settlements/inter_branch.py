"""What units owe one another: the accounts between units (30404), document by document (spec 2.13, 2.14, I8).

Both sides of an operation cancel over the units: they have one day and one amount, a debit in one unit and a credit in the other. Who asks
for what does not cancel gets the documents that are left, in the order of the books.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.core.moment import start_of

SHOWN_MAX: Final = 100
"""So many documents tell enough: after an import every row of it may be one-sided."""
ONE_SIDED_SQL: Final = """
  with moved as (
    select unit_id, document_id, sum(amount)::bigint as amount from (
      select p.unit_id, p.document_id, p.amount from posting p join account a on a.id = p.debit_account_id
      where a.is_inter_branch and a.code = %(account)s and p.unit_id = any(%(units)s) and p.moment < %(before)s
      union all
      select p.unit_id, p.document_id, -p.amount from posting p join account a on a.id = p.credit_account_id
      where a.is_inter_branch and a.code = %(account)s and p.unit_id = any(%(units)s) and p.moment < %(before)s) sides
    group by 1, 2 having sum(amount) <> 0),
  side as (
    select m.unit_id, m.amount, d.id, d.key, d.kind, d.number, d.date, d.moment,
           row_number() over (partition by d.date, m.amount order by d.moment, d.id) as place
    from moved m join document d on d.unit_id = m.unit_id and d.id = m.document_id)
  select s.key, s.kind, s.number, s.date, jsonb_build_object(s.unit_id, s.amount)
  from side s left join side other on other.date = s.date and other.amount = -s.amount and other.place = s.place
  where other.id is null order by s.moment, s.id limit %(most)s"""


class OneSided(NamedTuple):
    """A document without another side: what it put on the account in each unit (id), debit plus."""

    key: str
    kind: str
    number: str
    date: datetime.date
    amounts: dict[int, int]


def one_sided(
    conn: Connection[Any], units: Sequence[int], account: str, *, as_of: date, before: date | None = None
) -> list[OneSided]:
    """The first documents of these units that leave the account not zero, up to the end of `as_of`, or of the day before `before`."""
    last = start_of(before or as_of + timedelta(days=1))
    rows = conn.execute(ONE_SIDED_SQL, {"units": list(units), "account": account, "before": last, "most": SHOWN_MAX})
    return [
        OneSided(key, kind, number, day, {int(unit): int(amount) for unit, amount in amounts.items()})
        for key, kind, number, day, amounts in rows
    ]
