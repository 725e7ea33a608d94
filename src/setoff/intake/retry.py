"""A refused row is imported again, after what it wanted was mended: the record as it came, or as a person mended it, by the rules and
rights of today.

Accepted, it leaves the queue; refused, it stays with the refusal of today, and as it came. A row that cannot be read, or of which the
mapping made no record, stays as it is until it is mended, here or in its file. What was mended stands in the audit trail.
Errors: unknown_reference (no such row waits), not_permitted.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from psycopg import Connection
from psycopg.types.json import Jsonb

from setoff.access.rights import Rights
from setoff.books.audit import Actor, record_audit
from setoff.intake.kept_facts import kept_facts
from setoff.intake.load import How, Reports, take_in
from setoff.intake.permitted import PermittedFiles
from setoff.intake.rejected import RejectedRow, settle, waiting_row
from setoff.intake.rows import RowFault
from setoff.intake.source import Source

TOLD_SQL: Final = "update rejected_row set code = %s, facts = %s where id = %s and state = 'open'"


class Retried(NamedTuple):
    """`row` as it was. `refused`: why it still waits; empty: it is in the books, or (`held`) waits for a second person."""

    row: RejectedRow
    refused: list[RowFault]
    held: int = 0


def retry_rejected(
    conn: Connection[Any], row_id: int, actor: Actor, rights: Rights, *, mended: str = "", consent: bool = False,
    fill_contracts: bool = False,
) -> Retried:  # fmt: skip
    """The record of the row is in the books and the row is handled, or it waits with today's refusal. `mended`: what the row is to say
    instead, a line of JSON for each record."""
    with conn.transaction():
        found = waiting_row(conn, row_id, rights)
        said = mended.strip() or record_of(found)
        if not said:
            return Retried(found, [found.fault])
        reports = Reports(lambda _told: None)
        with TemporaryDirectory() as folder:
            path = Path(folder, "row.jsonl")
            path.write_text(said, encoding="utf-8")
            files = PermittedFiles([Source(path, found.file, "jsonl", "utf-8-sig")], None, reports, rights=rights)
            loaded = take_in(conn, files, reports, actor, How(consent=consent, fill_contracts=fill_contracts))
        if reports.faults:
            told = reports.faults[0]
            conn.execute(TOLD_SQL, [told.code.value, Jsonb(kept_facts(told.facts)), found.id])
            return Retried(found, [told._replace(row=found.row) for told in reports.faults])
        settle(conn, found, actor, "handled")
        details: dict[str, Any] = {"mended": said} if mended.strip() and said != record_of(found) else {}
        record_audit(conn, actor, "retry_rejected", unit_id=found.unit_id, file=found.file, row=found.row, **details)
    return Retried(found, [], loaded.held)


def record_of(row: RejectedRow) -> str:
    """The record as it came, or those that a mapping made, a line of JSON each; "" where there is none that can be read."""
    return {"line": row.content, "cells": row.records}.get(row.form, "")
