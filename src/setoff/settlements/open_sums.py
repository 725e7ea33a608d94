"""Keeping the sums of what is open short: every statement appends its changes, and now and then one process sums them up."""

from __future__ import annotations

from typing import Any

import psycopg


def sum_up_open_lots(conn: psycopg.Connection[Any]) -> bool:
    """Sum up the appended changes. False when another process is at it."""
    return conn.execute("select sum_up_open_lots()").fetchone() == (True,)


def rebuild_open_sums(conn: psycopg.Connection[Any]) -> None:
    """Sum up all open lots anew. Nobody posts meanwhile."""
    conn.execute("select rebuild_open_sums()")
