"""Rows that imports refused and nobody dealt with yet: seen, tried again, mended, dropped. See intake/rejected.py."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec
from ninja import Router
from pydantic import Field

from setoff.api.answers import RowFaultAnswer, Said
from setoff.api.call import Call, Limit
from setoff.api.endpoint import endpoint
from setoff.core.errors import DomainError, ErrorCode
from setoff.intake.rejected import drop_rejected, rejected_rows
from setoff.intake.rejected_told import told_row
from setoff.intake.retry import Retried, retry_rejected
from setoff.intake.screen import fault_record

router: Final = Router()
RowId = Annotated[int, Field(ge=1, le=2**63 - 1, description="Number of the row in the queue.")]
RowState = Annotated[Literal["open", "handled", "dropped"], Field(description="Rows in this state.")]
Consented = Annotated[bool, Field(description="Close contracts that are not settled; take in what credit limits forbid.")]
Filled = Annotated[bool, Field(description="Give a document that leaves its contract out the only one that fits.")]
OfUnit = Annotated[str, Field(max_length=200, description="Only rows of this unit.")]


class DroppedBecause(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why the row is not to come."""

    because: str = ""


class Mended(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`record`: what the row is to say instead, a line of JSON for each record."""

    record: str


class RejectedAnswer(RowFaultAnswer):
    """A refused row of the queue. `id`: its number there; `content`: as it came; `settled_file`: of the import that brought it after
    all."""

    id: int
    unit: str
    kind: str
    key: str
    content: str
    author: str
    refused_at: str
    state: Literal["open", "handled", "dropped"]
    settled_by: str
    settled_at: str | None
    reason: str
    settled_file: str


class RetriedAnswer(Said):
    """`refused`: why the row still waits; empty: its record is in the books, or waits for a second person (`held`)."""

    id: int
    refused: list[RowFaultAnswer]
    held: int


@endpoint(router, "GET", "/imports/rejected", tag="records", answer=list[RejectedAnswer])
def list_rejected_rows(call: Call, state: RowState = "open", unit: OfUnit = "", limit: Limit = 200) -> Any:
    """Rows that imports refused, oldest first."""
    found = rejected_rows(call.conn, call.rights, state=state, unit=unit, limit=limit)
    return [msgspec.convert(told_row(call.language, row), RejectedAnswer) for row in found]


@endpoint(router, "POST", "/imports/rejected/retry", tag="records", answer=RetriedAnswer)
def retry_rejected_row(call: Call, row: RowId, consent: Consented = False, fill_contracts: Filled = False) -> Any:
    """Import a refused row again as it came; it leaves the queue when it is accepted."""
    return _retried(call, row, retry_rejected(call.conn, row, call.actor, call.rights, consent=consent, fill_contracts=fill_contracts))


@endpoint(router, "POST", "/imports/rejected/mend", tag="records", body=Mended, answer=RetriedAnswer)
def mend_rejected_row(call: Call, body: Mended, row: RowId, consent: Consented = False, fill_contracts: Filled = False) -> Any:
    """Import another record in the place of a refused row; the row leaves the queue when that is accepted."""
    if not body.record.strip():
        raise DomainError(ErrorCode.FIELD_MISSING, field="record")
    return _retried(
        call, row,
        retry_rejected(call.conn, row, call.actor, call.rights, mended=body.record, consent=consent, fill_contracts=fill_contracts),
    )  # fmt: skip


def _retried(call: Call, row: int, done: Retried) -> RetriedAnswer:
    refused = [msgspec.convert(fault_record(call.language, found), RowFaultAnswer) for found in done.refused]
    return RetriedAnswer(id=row, refused=refused, held=done.held)


@endpoint(router, "POST", "/imports/rejected/drop", tag="records", body=DroppedBecause, answer=RejectedAnswer)
def drop_rejected_row(call: Call, body: DroppedBecause, row: RowId) -> Any:
    """Take a refused row out of the queue: it is not to come. The answer is what it was."""
    found = drop_rejected(call.conn, row, call.actor, call.rights, because=body.because)
    return msgspec.convert(told_row(call.language, found), RejectedAnswer)
