"""Revaluation of debts in foreign currency over the API: the verb; its documents are read and unposted as any other."""

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
from setoff.settlements.diff import joined_changes
from setoff.settlements.revaluation.services import Typed, revalue

router: Final = Router()
MonthEnd = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="Last day of a month.")]


class TypedRate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`rate` units of book currency for `nominal` units of `currency`."""

    currency: str
    rate: str
    nominal: str = "1"


class RevaluationWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rates of that day that the rate table does not have, or has otherwise."""

    rates: list[TypedRate] = []


class RevaluationAnswer(Said):
    """The revaluations that were made or changed, by key, and what they changed (`kept` false: would)."""

    kept: bool
    documents: list[str]
    changes: list[ChangeAnswer]


@endpoint(router, "POST", "/revaluations/{unit}/{last_day}", tag="books", body=RevaluationWanted, answer=RevaluationAnswer)
def revalue_debts(call: Call, body: RevaluationWanted, unit: Code, last_day: MonthEnd, dry_run: DryRun = False) -> Any:
    """Revalue debts in foreign currency at the end of every open month up to that one; said again, put right what a corrected rate
    changes."""
    call.rights.require("post", unit)
    typed = {rate.currency: Typed(rate.rate, rate.nominal) for rate in body.rates}
    with call.conn.transaction(force_rollback=True) if dry_run else nullcontext():
        made = revalue(call.conn, unit, parse_day(last_day, "last_day"), call.actor, typed)
        changes = joined_changes([outcome.changes for outcome in made])
        return RevaluationAnswer(kept=not dry_run, documents=[outcome.key for outcome in made], changes=told_changes(call, changes))
