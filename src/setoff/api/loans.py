"""Loans over the API: the verb on their interest; its documents are read, posted and unposted as any other."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated, Any, Final

import msgspec
from ninja import Router
from pydantic import Field

from setoff.api.answers import ChangeAnswer, Said
from setoff.api.call import Call, Code, DryRun
from setoff.api.changes import told_changes
from setoff.api.endpoint import endpoint
from setoff.reports.ask import parse_day
from setoff.settlements.loans.accrual import accrue

router: Final = Router()
MonthEnd = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="Last day of a month.")]


class AccrualWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Codes of contracts; empty: every loan of the unit."""

    contracts: list[str] = []


class AccrualAnswer(Said):
    """The interest documents that were made, changed or taken out, by key, and what that changed (`kept` false: would)."""

    kept: bool
    documents: list[str]
    changes: list[ChangeAnswer]


@endpoint(router, "POST", "/loans/{unit}/accruals/{last_day}", tag="books", body=AccrualWanted, answer=AccrualAnswer)
def accrue_interest(call: Call, body: AccrualWanted, unit: Code, last_day: MonthEnd, dry_run: DryRun = False) -> Any:
    """Accrue the interest of loans at the end of every open month up to that one; said again, add what is missing and put right what
    differs."""
    call.rights.require("post", unit)
    with call.conn.transaction(force_rollback=True) if dry_run else nullcontext():
        found = accrue(call.conn, unit, parse_day(last_day, "last_day"), call.actor, contracts=body.contracts)
        return AccrualAnswer(kept=not dry_run, documents=[made.key for made in found.made], changes=told_changes(call, found.changes))
