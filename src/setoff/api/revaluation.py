"""Revaluation of debts in foreign currency over the API: the verb; its documents are read and unposted as any other."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated, Any, Final

import msgspec
from ninja import Router
from pydantic import Field

from setoff.api.answers import ChangeAnswer, RatesAnswer, Said
from setoff.api.call import Call, Code, DryRun
from setoff.api.changes import told_changes
from setoff.api.endpoint import endpoint
from setoff.api.uploads import Upload
from setoff.intake.rate_files import rates_of
from setoff.reports.ask import parse_day
from setoff.settlements.revaluation.rates import take_rates
from setoff.settlements.revaluation.services import Typed, revalue

router: Final = Router()
MonthEnd = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="Last day of a month.")]


RATE_FILES: Final = ("application/xml", "text/xml", "text/csv")


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
        found = revalue(call.conn, unit, parse_day(last_day, "last_day"), call.actor, typed)
        return RevaluationAnswer(kept=not dry_run, documents=[made.key for made in found.made], changes=told_changes(call, found.changes))


@endpoint(router, "POST", "/rates/files", tag="books", upload=RATE_FILES, answer=RatesAnswer, is_import=True)
def take_rate_file(call: Call, body: Upload, dry_run: DryRun = False) -> Any:
    """Take in a file of rates: Bank of Russia, European Central Bank, China. What was posted by another rate is stated again."""
    call.rights.require_administrator()
    found = rates_of(body.path.read_bytes(), body.path.name)
    with call.conn.transaction(force_rollback=True) if dry_run else nullcontext():
        taken = take_rates(call.conn, found, call.actor)
        numbers = {name: getattr(taken, name) for name in taken._fields[:-1]}
        return RatesAnswer(kept=not dry_run, **numbers, changes=told_changes(call, taken.changes))
