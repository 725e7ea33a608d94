"""Open debts of management accounting by due day, from the sums that are kept of them (cash_sums.sql), also as they were expected earlier.

The sums are of the lots that are stored now. What was open for a report about an earlier evening differs from them by

    lots that arose after it        taken off
    lots of keys that were stated anew since (`touched` of known.shadow)
                                    taken off as they are stored, added as they were known then

so nobody's debts are read but those of keys that changed.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row

from setoff.core.moment import NEVER

KEPT_SQL: Final = """
  select unit_id, greatest(day, %(today)s::date) as day, currency,
         coalesce(sum(amount) filter (where side = 'receivable'), 0)::bigint,
         coalesce(sum(amount) filter (where side = 'payable'), 0)::bigint,
         coalesce(sum(amount) filter (where day < %(today)s and side = 'receivable'), 0)::bigint,
         coalesce(sum(amount) filter (where day < %(today)s and side = 'payable'), 0)::bigint
  from open_day where contour = 'mgmt' and what = 'debt' and day <= %(until)s and unit_id = any(%(units)s)
    and (%(currencies)s::text[] = '{}' or currency = any(%(currencies)s))
    and (%(accounts)s::text[] = '{}' or bank_account = any(%(accounts)s))
  group by 1, 2, 3 having sum(amount) <> 0 or sum(items) <> 0"""
ARISEN_SQL: Final = """
  select unit_id, key_id, due, rank, residual, -1 as sign from lot
  where unit_id = any(%(units)s) and closed_moment = %(never)s and moment >= %(before)s"""
"""Open lots that arose from that moment on: from an index."""
STATED_ANEW_SQL: Final = """
  select unit_id, key_id, due, rank, residual, -1 as sign from public.lot
  where unit_id = any(%(units)s) and closed_moment = %(never)s and moment >= %(before)s
    and key_id not in (select key_id from pg_temp.touched)
  union all
  select l.unit_id, l.key_id, l.due, l.rank, l.residual, -1
  from pg_temp.touched t join public.lot l on l.key_id = t.key_id and l.closed_moment = %(never)s where l.unit_id = any(%(units)s)
  union all
  select unit_id, key_id, due, rank, residual, 1 from pg_temp.known_lot
  where unit_id = any(%(units)s) and residual <> 0 and moment < %(before)s"""
DIFFERING_SQL: Final = """
  select owed.unit_id, greatest(due, %(today)s::date), owed.currency, sum(sign * greatest(residual, 0))::bigint,
         sum(sign * greatest(-residual, 0))::bigint,
         coalesce(sum(sign * greatest(residual, 0)) filter (where due < %(today)s), 0)::bigint,
         coalesce(sum(sign * greatest(-residual, 0)) filter (where due < %(today)s), 0)::bigint
  from (select l.unit_id, coalesce(l.due, moment_date(l.rank)) as due, l.residual, l.sign, k.currency, k.contract_id
        from ({lots}) l join fold_key k on k.unit_id = l.unit_id and k.id = l.key_id
        where k.contour = 'mgmt' and (l.residual < 0) = is_owed_by_us(k.relation)
          and (%(currencies)s::text[] = '{{}}' or k.currency = any(%(currencies)s))) owed
  left join contract c on c.id = owed.contract_id
  where due <= %(until)s and (%(accounts)s::text[] = '{{}}' or coalesce(c.bank_account, '') = any(%(accounts)s))
  group by 1, 2, 3"""


class DebtDay(NamedTuple):
    """Debts of a unit due on a day, what is overdue on the report's first day; `late_in` and `late_out` are the parts of it that are."""

    unit_id: int
    day: datetime.date
    currency: str
    in_minor: int
    out_minor: int
    late_in: int
    late_out: int


def debt_days(conn: Connection[Any], asked: Mapping[str, Any], *, is_known_then: bool) -> Iterator[DebtDay]:
    """Amounts to add up: a day may come again, with what is to be taken off. `asked`: parameters of orders.calendar.Asked, about everybody.
    `is_known_then`: within known.shadow."""
    given = {**asked, "never": NEVER}
    yield from conn.cursor(row_factory=args_row(DebtDay)).execute(KEPT_SQL, given)
    if is_known_then or given["before"] < NEVER:
        query = DIFFERING_SQL.format(lots=STATED_ANEW_SQL if is_known_then else ARISEN_SQL)
        yield from conn.cursor(row_factory=args_row(DebtDay)).execute(query, given)
