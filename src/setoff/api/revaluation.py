"""Revaluation of debts in foreign currency over the API: the verb; its documents are read and unposted as any other."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from ninja import Router

from setoff.api.answers import RatesAnswer
from setoff.api.call import Call, Code, DryRun
from setoff.api.changes import told_changes
from setoff.api.endpoint import endpoint
from setoff.api.months import MonthEnd, MonthsAnswer, told_months
from setoff.api.uploads import Upload
from setoff.intake.rate_files import rates_of
from setoff.reports.ask import parse_day
from setoff.settlements.revaluation.rates import take_rates
from setoff.settlements.revaluation.services import Typed, revalue

router: Final = Router()
RATE_FILES: Final = ("application/xml", "text/xml", "text/csv")


class TypedRate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`rate` units of book currency for `nominal` units of `currency`."""

    currency: str
    rate: str
    nominal: str = "1"


class RevaluationWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rates of that day that the rate table does not have, or has otherwise."""

    rates: list[TypedRate] = []


@endpoint(router, "POST", "/revaluations/{unit}/{last_day}", tag="books", body=RevaluationWanted, answer=MonthsAnswer)
def revalue_debts(call: Call, body: RevaluationWanted, unit: Code, last_day: MonthEnd, dry_run: DryRun = False) -> Any:
    """Revalue debts in foreign currency at the end of every open month up to that one; said again, put right what a corrected rate
    changes."""
    call.rights.require("post", unit)
    typed = {rate.currency: Typed(rate.rate, rate.nominal) for rate in body.rates}
    with call.trial(dry_run):
        found = revalue(call.conn, unit, parse_day(last_day, "last_day"), call.actor, typed)
        return told_months(call, [made.key for made in found.made], found.changes, kept=not dry_run)


@endpoint(router, "POST", "/rates/files", tag="books", upload=RATE_FILES, answer=RatesAnswer, is_import=True)
def take_rate_file(call: Call, body: Upload, dry_run: DryRun = False) -> Any:
    """Take in a file of rates: Bank of Russia, European Central Bank, China. What was posted by another rate is stated again."""
    call.rights.require_administrator()
    found = rates_of(body.path.read_bytes(), body.path.name)
    with call.trial(dry_run):
        taken = take_rates(call.conn, found, call.actor)
        numbers = {name: getattr(taken, name) for name in taken._fields[:-1]}
        return RatesAnswer(kept=not dry_run, **numbers, changes=told_changes(call, taken.changes))
