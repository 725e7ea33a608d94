"""Keeping the month turnovers short: every posting appends its change, and now and then somebody sums them up.

Appending never makes one posting wait for another; one that adds to a common row would. Who sums takes only rows that nobody
else is at, and one process at a time does it.
"""

from __future__ import annotations

from typing import Any, Final

import psycopg

EVERY: Final = 256
"""Documents between two summings: the table stays a few times as long as there are months and account pairs."""
LOCK: Final = 7_263_003
COMPACT_SQL = """
  with gone as (
    delete from turnover where ctid = any(array(select ctid from turnover for update skip locked)) returning *)
  insert into turnover (unit_id, month, debit_account_id, credit_account_id, amount)
  select unit_id, month, debit_account_id, credit_account_id, sum(amount) from gone group by 1, 2, 3, 4 having sum(amount) <> 0"""


def compact_turnovers(conn: psycopg.Connection[Any]) -> bool:
    """Sum up the appended changes, in a transaction of its own. False when another process is at it, and when a sum is more than
    a turnover can hold: the changes then stay as they are."""
    try:
        with conn.transaction():
            if conn.execute("select pg_try_advisory_xact_lock(%s)", [LOCK]).fetchone() != (True,):
                return False
            conn.execute(COMPACT_SQL)
    except psycopg.errors.NumericValueOutOfRange:
        return False
    return True
