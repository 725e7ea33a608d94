"""How often one person may ask: a fixed window a minute long, counted in the database, so that it holds over all workers.

`SETOFF_API_REQUESTS_PER_MINUTE` (default 1200; 0 = no limit). Errors: too_many_requests.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import psycopg

from setoff.core.errors import DomainError, ErrorCode
from setoff.site.environment import environment

WINDOW_SECONDS: Final = 60
SPEND_SQL: Final = """
  insert into api_rate as rate (subject, window_start, used)
  values (%(subject)s, to_timestamp(floor(extract(epoch from clock_timestamp()) / %(window)s) * %(window)s), 1)
  on conflict (subject) do update
    set used = case when rate.window_start = excluded.window_start then rate.used + 1 else 1 end, window_start = excluded.window_start
  returning used, ceil(extract(epoch from window_start) + %(window)s - extract(epoch from clock_timestamp()))::int"""


class Allowance(NamedTuple):
    """What is left of the window. `limit` 0: nobody counts."""

    limit: int
    remaining: int
    reset_seconds: int

    def headers(self) -> dict[str, str]:
        if not self.limit:
            return {}
        return {
            "RateLimit-Limit": str(self.limit), "RateLimit-Remaining": str(self.remaining), "RateLimit-Reset": str(self.reset_seconds),
        }  # fmt: skip


def spend(conn: psycopg.Connection[Any], subject: str) -> Allowance:
    """One request more of that subject; `conn` is the owner's."""
    limit = environment().api_requests_per_minute
    if limit <= 0:
        return Allowance(0, 0, 0)
    row = conn.execute(SPEND_SQL, {"subject": subject, "window": WINDOW_SECONDS}).fetchone()
    assert row is not None
    used, seconds = row
    seconds = max(1, seconds)
    if used > limit:
        raise DomainError(ErrorCode.TOO_MANY_REQUESTS, limit=limit, seconds=seconds)
    return Allowance(limit, limit - used, seconds)
