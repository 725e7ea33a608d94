"""What the control checks found last, kept for each unit, so that a page tells it at once and a run is a decision.

A result keeps the first rows with the document where each first arose. It is of its moment: the books may have changed since.
Errors: unknown_reference (check, unit).
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import psycopg
from psycopg.types.json import Jsonb

from setoff.books.audit import Actor, record_audit
from setoff.settlements.checks import Check, Row, choose_checks, first_divergence, id_of, run_check

KEPT_MAX: Final = 100
FOLLOWED_MAX: Final = 5
"""Rows of a check whose first divergence is looked for."""
WRITE_SQL: Final = """
  insert into check_result values (%(unit_id)s, %(code)s, clock_timestamp(), %(author)s, %(row_count)s, %(rows)s)
  on conflict (unit_id, code) do update set checked_at = excluded.checked_at, author = excluded.author,
    row_count = excluded.row_count, rows = excluded.rows"""
READ_SQL: Final = """
  select unit.code, result.code, checked_at, author, row_count, rows
  from check_result result join unit on unit.id = result.unit_id
  where %(code)s::text is null or result.code = %(code)s order by result.code, unit.code"""
FAILED_SQL: Final = """
  select result.code, sum(row_count)::bigint, max(checked_at) from check_result result
  where row_count > 0 and result.code = any(%s) group by 1 order by 1"""


class CheckResult(NamedTuple):
    """The last run of a check in a unit."""

    unit: str
    code: str
    checked_at: datetime.datetime
    author: str
    row_count: int
    rows: list[Row]


class Failed(NamedTuple):
    """A check whose last run found rows, over all units."""

    code: str
    row_count: int
    checked_at: datetime.datetime


def check_named(code: str) -> Check:
    """The check with exactly that code (C-4.2.2 also has a list). Errors: unknown_reference."""
    found = choose_checks([code])
    return next((check for check in found if check.code.upper() == code.upper()), found[0])


def keep_check(conn: psycopg.Connection[Any], code: str, units: Sequence[str], actor: Actor) -> None:
    """Run one check in each of the units (by code) and keep what it found there."""
    check = check_named(code)
    with conn.transaction():
        conn.execute("set local work_mem = '64MB'")
        ids = {unit: id_of(conn, unit) for unit in units}
        whole = run_check(conn, check) if check.is_whole else []
        for unit, unit_id in ids.items():
            found = [row for row in whole if row.unit == unit] if check.is_whole else run_check(conn, check, unit_id)
            rows = [first_divergence(conn, check, row) if place < FOLLOWED_MAX else row for place, row in enumerate(found[:KEPT_MAX])]
            kept = Jsonb([{**row._asdict(), "date": row.date.isoformat() if row.date else None} for row in rows])
            conn.execute(
                WRITE_SQL, {"unit_id": unit_id, "code": check.code, "author": actor.author, "row_count": len(found), "rows": kept}
            )
            record_audit(conn, actor, "check", unit_id=unit_id, code=check.code, rows=len(found))


def check_results(conn: psycopg.Connection[Any], code: str | None = None) -> list[CheckResult]:
    """The last runs, of one check or all, by check and unit."""
    return [
        CheckResult(unit, name, checked_at, author, row_count, [_row(row) for row in rows])
        for unit, name, checked_at, author, row_count, rows in conn.execute(READ_SQL, {"code": code})
    ]


def failed_checks(conn: psycopg.Connection[Any], checks: tuple[Check, ...]) -> list[Failed]:
    """Those of the checks whose last run found rows."""
    return [Failed._make(row) for row in conn.execute(FAILED_SQL, [[check.code for check in checks]])]


def _row(kept: dict[str, Any]) -> Row:
    return Row(**{**kept, "date": date.fromisoformat(kept["date"]) if kept["date"] else None})
