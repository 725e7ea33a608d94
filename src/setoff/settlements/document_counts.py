"""Keeping the sums of documents short: every statement appends its changes, and now and then somebody sums them up.

As with the turnovers (turnovers.py): one at a time sums up, and nobody waits for him.
"""

from __future__ import annotations

from typing import Any, Final

import psycopg

LOCK: Final = 7_263_004


def sum_up_document_counts(conn: psycopg.Connection[Any]) -> bool:
    """Sum up the appended changes, in a transaction of its own. False when another process is at it."""
    with conn.transaction():
        if conn.execute("select pg_try_advisory_xact_lock(%s)", [LOCK]).fetchone() != (True,):
            return False
        conn.execute("select sum_up_document_counts()")
    return True


def rebuild_document_counts(conn: psycopg.Connection[Any]) -> int:
    """Count all documents anew; returns how many sums were different."""
    row = conn.execute("select rebuild_document_counts()").fetchone()
    assert row is not None
    return int(row[0])
