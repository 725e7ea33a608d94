"""Keeping the sums of what is open short: every statement appends its changes, and now and then one process sums them up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psycopg

from setoff.settlements.document_counts import sum_up_document_counts
from setoff.settlements.turnovers import EVERY, compact_turnovers


def sum_up_open_lots(conn: psycopg.Connection[Any]) -> bool:
    """Sum up the appended changes. False when another process is at it."""
    return conn.execute("select sum_up_open_lots()").fetchone() == (True,)


def sum_up_now_and_then(conn: psycopg.Connection[Any], document_ids: Iterable[int]) -> None:
    """After documents were posted: one of so many sums up what all have appended, here and in the other sums that are kept."""
    if any(document_id % EVERY == 0 for document_id in document_ids):
        compact_turnovers(conn)
        sum_up_document_counts(conn)
        sum_up_open_lots(conn)


def rebuild_open_sums(conn: psycopg.Connection[Any]) -> None:
    """Sum up all open lots anew. Nobody posts meanwhile."""
    conn.execute("select rebuild_open_sums()")
