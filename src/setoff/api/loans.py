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
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import format_amount
from setoff.reports.ask import parse_day
from setoff.settlements.loans.accrual import accrue
from setoff.settlements.loans.queries import loan_books
from setoff.settlements.loans.standing import standing_of

router: Final = Router()
MonthEnd = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="Last day of a month.")]

Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="A day, YYYY-MM-DD.")]


class AccrualWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Codes of contracts; empty: every loan of the unit."""

    contracts: list[str] = []


class AccrualAnswer(Said):
    """The interest documents that were made, changed or taken out, by key, and what that changed (`kept` false: would)."""

    kept: bool
    documents: list[str]
    changes: list[ChangeAnswer]


@endpoint(router, "POST", "/loan-interest/{unit}/{last_day}", tag="books", body=AccrualWanted, answer=AccrualAnswer)
def accrue_interest(call: Call, body: AccrualWanted, unit: Code, last_day: MonthEnd, dry_run: DryRun = False) -> Any:
    """Accrue the interest of loans at the end of every open month up to that one; said again, add what is missing and put right what
    differs."""
    call.rights.require("post", unit)
    with call.conn.transaction(force_rollback=True) if dry_run else nullcontext():
        found = accrue(call.conn, unit, parse_day(last_day, "last_day"), call.actor, contracts=body.contracts)
        return AccrualAnswer(kept=not dry_run, documents=[made.key for made in found.made], changes=told_changes(call, found.changes))


class InstalmentAnswer(Said):
    """What is due on a day; `left` is the principal after it."""

    day: str
    principal: str
    interest: str
    left: str


class LoanAnswer(Said):
    """What a loan owes at the end of a day, interest to it included, and what is due after it; amounts in `currency`."""

    contract: str
    currency: str
    costs: str
    interest: str
    principal: str
    due: list[InstalmentAnswer]


@endpoint(router, "GET", "/loan-schedules/{unit}/{contract}", tag="books", answer=LoanAnswer)
def show_loan(call: Call, unit: Code, contract: Code, as_of: Day) -> Any:
    """How a loan stands on a day, and what is due after it."""
    books = loan_books(call.conn, [call.rights.require("read", unit)], [contract])
    if not books:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="loan", value=contract, field="contract")
    currency, standing = books[0].currency, standing_of(books[0], parse_day(as_of, "as_of"))
    costs, interest, principal = (format_amount(amount, currency) for amount in standing.owed)
    due = [
        InstalmentAnswer(day=row.day.isoformat(), **{name: format_amount(getattr(row, name), currency) for name in row._fields[1:]})
        for row in standing.due
    ]
    return LoanAnswer(contract=contract, currency=currency, costs=costs, interest=interest, principal=principal, due=due)
