"""The status of many contracts at once: tried first, told one by one, then all or only those that may.

    changed      it has the status now
    unchanged    it had it before
    refused      and why: unknown_reference, contract_status_order, contract_not_settled

What is refused, and why, is what saving one contract would say (parties/services.py): this is the same path.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple

import msgspec
import psycopg

from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.parties.queries import Searched, masters_after
from setoff.parties.records import Contract
from setoff.parties.services import save_masters

Status = Literal["draft", "active", "closed"]
CODES_MAX: Final = 500


class StatusChange(NamedTuple):
    """What became, or would become, of one contract. `before` is empty for a code that nobody knows."""

    code: str
    number: str
    counterparty: str
    before: str
    outcome: Literal["changed", "unchanged", "refused"]
    error: DomainError | None = None


class StatusChanges(NamedTuple):
    """In the order in which the contracts were named. `kept`: whether anything stands in the books now."""

    rows: list[StatusChange]
    kept: bool

    @property
    def refused(self) -> list[StatusChange]:
        return [row for row in self.rows if row.error]


class _NotKept(Exception):
    """The way out of a transaction that is only tried, or of which something is refused."""


def set_contract_status(
    conn: psycopg.Connection[Any],
    codes: Sequence[str],
    status: Status,
    actor: Actor,
    *,
    consent: bool = False,
    skip_refused: bool = False,
    dry_run: bool = False,
) -> StatusChanges:
    """The contracts have the status; none of them when one is refused, unless those are to be skipped. `consent` closes contracts that
    are not settled; what was open on them is in the audit trail. Errors: field_missing, invalid_value (codes)."""
    wanted = list(dict.fromkeys(codes))
    if not wanted:
        raise DomainError(ErrorCode.FIELD_MISSING, field="codes")
    if len(wanted) > CODES_MAX:
        raise DomainError(ErrorCode.INVALID_VALUE, field="codes", value=str(len(wanted)), expected=f"1..{CODES_MAX}")
    rows: list[StatusChange] = []
    try:
        with conn.transaction():
            rows = _set(conn, wanted, status, actor, consent=consent)
            stopped = not skip_refused and any(row.error for row in rows)
            if dry_run or stopped:
                raise _NotKept
    except _NotKept:
        return StatusChanges(rows, kept=False)
    return StatusChanges(rows, kept=True)


def _set(conn: psycopg.Connection[Any], codes: list[str], status: Status, actor: Actor, *, consent: bool) -> list[StatusChange]:
    found = masters_after(conn, Contract, Searched({"code": codes}), (), len(codes))
    before = {record.code: record for record in found if isinstance(record, Contract)}
    changed = [msgspec.structs.replace(before[code], status=status) for code in codes if code in before and before[code].status != status]
    saved = save_masters(conn, changed, actor, on_error="collect", consent=consent)
    refused = {changed[row.position].code: row.error for row in saved.refused}
    rows = []
    for code in codes:
        record = before.get(code)
        if record is None:
            error = DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="contract", value=code, field="codes")
            rows.append(StatusChange(code, "", "", "", "refused", error))
        elif code in refused:
            rows.append(StatusChange(code, record.number, record.counterparty, record.status, "refused", refused[code]))
        else:
            outcome: Literal["changed", "unchanged"] = "changed" if record.status != status else "unchanged"
            rows.append(StatusChange(code, record.number, record.counterparty, record.status, outcome))
    return rows
