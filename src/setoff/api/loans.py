"""Loans over the API: how they stand, what is due of them, the verb on their interest; its documents are read, posted and unposted as any
other."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from ninja import Router
from pydantic import Field

from setoff.access.month_ends import accrue_loans, schedule_anew
from setoff.api.answers import Said
from setoff.api.call import Call, Code, DryRun
from setoff.api.endpoint import endpoint
from setoff.api.months import MonthEnd, MonthsAnswer, told_months
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import format_amount
from setoff.reports.ask import parse_day
from setoff.settlements.loans.overview import loan_rows, stated
from setoff.settlements.loans.queries import loan_books
from setoff.settlements.loans.standing import standing_of

router: Final = Router()
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="A day, YYYY-MM-DD.")]


class AccrualWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Codes of contracts; empty: every loan of the unit."""

    contracts: list[str] = []


@endpoint(router, "POST", "/loan-interest/{unit}/{last_day}", tag="books", body=AccrualWanted, answer=MonthsAnswer)
def accrue_interest(call: Call, body: AccrualWanted, unit: Code, last_day: MonthEnd, dry_run: DryRun = False) -> Any:
    """Accrue the interest of loans at the end of every open month up to that one; said again, add what is missing and put right what
    differs. Where a policy asks a second person, the documents wait for him."""
    with call.trial(dry_run):
        until = parse_day(last_day, "last_day")
        found, waiting = accrue_loans(call.conn, unit, until, call.actor, call.rights, contracts=body.contracts)
        approvals = [item.approval_id for item in waiting]
        return told_months(call, [made.key for made in found.made], found.changes, kept=not dry_run, approvals=approvals)


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


class RateAnswer(Said):
    """Per cent a year from a day on, that of the contract where it is empty."""

    since: str
    percent: str


class MissingAnswer(Said):
    """A month, by its last day, whose interest is to be added, changed or removed; of a closed month it stays so."""

    last_day: str
    does: str
    is_closed: bool


class MisplacedAnswer(Said):
    """Principal on `account` that by its term belongs on `belongs`."""

    account: str
    belongs: str
    amount: str


class LoanRowAnswer(Said):
    """A loan at the end of a day; amounts in `currency`. `principal`, `interest` and `costs`: what documents leave owed, below zero where
    more was paid; `interest_to_day`: accrued or not. `next_day` and `next_amount`: the next instalment, empty where there is none.
    `overdue`: principal that should have been repaid, since `overdue_since`."""

    contract: str
    number: str
    relation: str
    counterparty: str
    counterparty_name: str
    currency: str
    rates: list[RateAnswer]
    day_count: str
    maturity: str
    repayment: str
    principal: str
    interest: str
    costs: str
    interest_to_day: str
    next_day: str
    next_amount: str
    overdue_since: str
    overdue: str
    misplaced: MisplacedAnswer | None
    missing: list[MissingAnswer]


class LoansAnswer(Said):
    """The loans of a unit, by contract, with their terms."""

    unit: str
    as_of: str
    rows: list[LoanRowAnswer]


@endpoint(router, "GET", "/loan-schedules/{unit}", tag="books", answer=LoansAnswer)
def show_loans(call: Call, unit: Code, as_of: Day) -> Any:
    """The loans of a unit on a day: terms, what is owed, what is due next, months whose interest is missing."""
    day = parse_day(as_of, "as_of")
    rows = loan_rows(call.conn, [call.rights.require("read", unit)], day)
    return msgspec.convert({"unit": unit, "as_of": day.isoformat(), "rows": [stated(row) for row in rows]}, LoansAnswer)


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


@endpoint(router, "POST", "/loan-schedules/{unit}/{contract}/{day}", tag="books", answer=MonthsAnswer)
def reschedule_loan(call: Call, unit: Code, contract: Code, day: Day, dry_run: DryRun = False) -> Any:
    """What is left of the loan on that day is due by its terms from then on: after they were changed, or after an early repayment."""
    with call.trial(dry_run):
        found, waiting = schedule_anew(call.conn, unit, contract, parse_day(day, "day"), call.actor, call.rights)
        approvals = [item.approval_id for item in waiting]
        return told_months(
            call, [found.key] if found else [], found.changes if found else [], kept=not dry_run, approvals=approvals
        )
