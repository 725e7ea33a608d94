"""What units owe one another: the accounts between units (30404), document by document (spec 2.13, 2.14, I8).

Both sides of an operation cancel over the units. Sides of one notice belong together; of what was entered past notices, a debit and a
credit of one day and one amount. Who asks for what does not cancel gets the documents that are left, in the order of the books.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.core.moment import end_of

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
           case when d.kind = 'branch_notice' then v.content::jsonb ->> 'notice' end as notice
    from moved m join document d on d.unit_id = m.unit_id and d.id = m.document_id
    join version v on v.unit_id = d.unit_id and v.id = d.posted_version_id),
  numbered as (   -- the first debit of a day and amount belongs to the first credit of them
    select side.*, row_number() over (partition by date, amount order by moment, id) as place,
           count(*) filter (where amount > 0) over same as debits, count(*) filter (where amount < 0) over same as credits
    from side where notice is null window same as (partition by date, abs(amount))),
  alone as (
    select id, key, kind, number, date, moment, jsonb_build_object(unit_id, amount) as amounts
    from numbered where place > case when amount > 0 then credits else debits end
    union all
    select min(id), min(key), min(kind), min(number), min(date), min(moment), jsonb_object_agg(unit_id, amount)
    from (select side.*, sum(amount) over (partition by notice) as net from side where notice is not null) noticed
    where net <> 0 group by notice)
  select alone.* from alone order by moment, id limit %(most)s"""


class OneSided(NamedTuple):
    """A document without another side, or a notice whose sides differ: what stands on the account in each unit (id), debit plus. `id` of
    the document, the first of a notice."""

    id: int
    key: str
    kind: str
    number: str
    date: datetime.date
    moment: int
    amounts: dict[int, int]


def one_sided(
    conn: Connection[Any], units: Sequence[int], account: str, *, as_of: date, most: int | None = SHOWN_MAX
) -> list[OneSided]:
    """Documents of these units up to the end of a day that leave the account not zero: the first of them, or (`most` None) all."""
    asked = {"units": list(units), "account": account, "before": end_of(as_of), "most": most}
    return [
        OneSided(document_id, key, kind, number, day, moment, {int(unit): int(amount) for unit, amount in amounts.items()})
        for document_id, key, kind, number, day, moment, amounts in conn.execute(ONE_SIDED_SQL, asked)
    ]
