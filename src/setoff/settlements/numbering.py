"""Numbers of documents: per unit, kind and year, by a sequence each, so that numbering never makes one posting wait for another.

A number that was taken and not used leaves a gap. Numbers typed by people are skipped over.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from setoff.trade.header import Header

DIGITS = 6
LAST_SQL = """
  select coalesce(max(substring(number from '[0-9]{1,15}$')::int8), 0) from document
  where unit_id = %s and kind = %s and year = %s"""


def next_number(conn: psycopg.Connection[Any], head: Header) -> str:
    """The next free number of the unit, kind and year, as six digits."""
    return next_numbers(conn, head.unit.id, head.kind, head.date.year, 1)[0]


def next_numbers(conn: psycopg.Connection[Any], unit_id: int, kind: str, year: int, count: int) -> list[str]:
    """`count` free numbers in ascending order."""
    name = f"number_{unit_id}_{kind}_{year}"
    if conn.execute("select to_regclass(%s)", [name]).fetchone() == (None,):
        conn.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        conn.execute(sql.SQL("create sequence if not exists {}").format(sql.Identifier(name)))
    found: list[str] = []
    while len(found) < count:
        rows = conn.execute("select nextval(%s::regclass) from generate_series(1, %s)", [name, count - len(found)]).fetchall()
        numbers = [f"{row[0]:0{DIGITS}d}" for row in rows]
        taken = {
            row[0]
            for row in conn.execute(
                "select number from document where unit_id = %s and kind = %s and year = %s and number = any(%s)",
                [unit_id, kind, year, numbers],
            )
        }
        found += [number for number in numbers if number not in taken]
        if taken:  # numbers typed by people or imported: go on after the greatest
            query = sql.SQL("select setval({}::regclass, greatest((select last_value from {}), ({})))")
            composed = query.format(sql.Literal(name), sql.Identifier(name), sql.SQL(LAST_SQL))
            conn.execute(composed, [unit_id, kind, year])
    return found
