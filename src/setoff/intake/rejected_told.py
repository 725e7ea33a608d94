"""A row of the queue as programs are told it: its place, what it held, and the refusal in their language."""

from __future__ import annotations

from typing import Any

from setoff.intake.rejected import RejectedRow
from setoff.intake.screen import fault_record
from setoff.language import Language


def told_row(language: Language, row: RejectedRow) -> dict[str, Any]:
    """`id` is its number in the queue, `row` that in the file."""
    return {
        "id": row.id, "unit": row.unit, **fault_record(language, row.fault), "kind": row.kind, "key": row.key, "content": row.content,
        "author": row.author, "refused_at": row.refused_at.isoformat(), "state": row.state, "settled_by": row.settled_by,
        "settled_at": row.settled_at.isoformat() if row.settled_at else None, "reason": row.reason, "settled_file": row.settled_file,
    }  # fmt: skip
