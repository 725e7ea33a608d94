"""Columns of rows as the text of arrays: what PostgreSQL reads is what was written."""

from __future__ import annotations

from typing import Any

import psycopg

from setoff.settlements.records import arrays_of

ROWS = [
    (1, "plain", -(1 << 62)),
    (None, 'a "quoted" \\ {braces}, comma', 0),
    (3, "", (1 << 62)),
    (4, None, 5),
    (5, "NULL", 6),
    (6, " \tтекст 文本\n'", 7),
]


def test_an_array_holds_what_was_written(company: psycopg.Connection[Any]) -> None:
    query = "select * from unnest(%s::int4[], %s::text[], %s::int8[])"
    assert company.execute(query, arrays_of(ROWS, ["int4", "text", "int8"])).fetchall() == ROWS
