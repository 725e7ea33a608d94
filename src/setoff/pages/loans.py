"""Loans: how each stands on the working day, its terms, schedule and documents, and accruing interest up to a month end; first it is shown
what that would change.

/loans/         the loans of all units
/loans/loan/    one of them; its schedule made anew
"""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from setoff.access.month_ends import accrue_loans, schedule_anew
from setoff.books.audit import Actor
from setoff.books.months import month_after
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.interest import DAY
from setoff.language import Language, date_text, money_text, text
from setoff.pages.changes import ChangedDocument, first_changed
from setoff.pages.forms.masters import may_write
from setoff.pages.page import PageRequest, page, render
from setoff.reports.ask import parse_day
from setoff.reports.cells import decimal_text
from setoff.settlements.loans.overview import LoanRow, full_month_end, loan_events, loan_rows


class Tried(NamedTuple):
    """What an accrual would change; `contract` is empty where it is that of all loans of the unit."""

    unit: str
    contract: str
    last_day: date
    made: int
    changed: list[ChangedDocument]
    documents: int
    waiting: int


class Anew(NamedTuple):
    """What a new schedule from a day on would change."""

    day: date
    made: bool
    changed: list[ChangedDocument]
    documents: int
    waiting: int


@page("read")
def index(request: PageRequest) -> HttpResponse:
    return shown(request)


@page("read")
def loan(request: PageRequest) -> HttpResponse:
    return shown_loan(request, request.GET.get("unit", ""), request.GET.get("contract", ""))


def shown(request: PageRequest, refusal: DomainError | None = None, tried: Tried | None = None) -> HttpResponse:
    """The loans of every unit on the working day; and a refusal, or what would change, above them."""
    units: dict[str, list[LoanRow]] = {}
    for row in loan_rows(request.books, request.rights.units_with("read"), request.working_day):
        units.setdefault(row.book.unit, []).append(row)
    context = {
        "units": [(unit, rows, request.rights.may("post", rows[0].book.unit_id)) for unit, rows in sorted(units.items())],
        **around(request, refusal, tried),
    }
    return render(request, "loans", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK)


def shown_loan(
    request: PageRequest, unit: str, contract: str, refusal: DomainError | None = None, tried: Tried | None = None,
    anew: Anew | None = None,
) -> HttpResponse:  # fmt: skip
    """One loan. Errors: unknown_reference."""
    unit_id = request.rights.require("read", unit)
    rows = loan_rows(request.books, [unit_id], request.working_day, contracts=[contract])
    if not rows:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="loan", value=contract, field="contract")
    row = rows[0]
    context = {
        "row": row,
        "rates": rates_said(row, request.language),
        "events": loan_events(row.book, request.working_day),
        "may": request.rights.may("post", unit_id),
        "anew": anew,
        "misplaced": row.misplaced and money_text(request.language, row.misplaced.amount, row.book.currency),
        "may_write": may_write(request, "loan"),
        **around(request, refusal, tried),
    }
    return render(request, "loan", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK)


def around(request: PageRequest, refusal: DomainError | None, tried: Tried | None) -> dict[str, Any]:
    """What both pages have."""
    until = tried.last_day if tried else full_month_end(request.working_day)
    return {"day": request.working_day, "until": until, "refusal": refusal, "tried": tried}


def rates_said(row: LoanRow, language: Language) -> list[str]:
    """The rates in words."""
    said = []
    for rate in row.book.terms.rates:
        percent = decimal_text(rate.percent, language)
        if rate.since == date.min:
            said.append(text(language, "loans-rate", percent=percent))
        else:
            said.append(text(language, "loans-rate-since", percent=percent, day=date_text(language, rate.since)))
    return said


@require_POST
@page("post")
def accrue_interest(request: PageRequest) -> HttpResponse:
    """Accrue the interest of the loans of a unit, or of one of them, or show what that would change."""
    unit, contract, action = (request.POST.get(name, "").strip() for name in ("unit", "contract", "action"))
    try:
        asked = parse_day(request.POST.get("last-day", ""), "last-day")
        until = month_after(asked) - DAY
        with request.books.transaction(force_rollback=True) if action == "try" else nullcontext():
            actor = Actor(request.rights.login, "page")
            contracts = [contract] if contract else ()
            found, waiting = accrue_loans(request.books, unit, until, actor, request.rights, contracts=contracts)
            changed, count = first_changed(request.books, found.changes, request.language) if action == "try" else ([], 0)
    except DomainError as refusal:
        if refusal.code in (ErrorCode.NOT_PERMITTED, ErrorCode.UNKNOWN_REFERENCE):
            raise
        return answered(request, unit, contract, refusal=refusal)
    if action == "try":
        return answered(request, unit, contract, tried=Tried(unit, contract, until, len(found.made), changed, count, len(waiting)))
    if found.made or not waiting:
        messages.success(request, text(request.language, "loans-accrued", unit=unit, count=len(found.made)))
    if waiting:
        messages.success(request, text(request.language, "months-waiting", unit=unit, count=len(waiting)))
    if contract:
        return redirect(f"{reverse('pages:loan')}?{urlencode({'unit': unit, 'contract': contract})}")
    return redirect("pages:loans")


def answered(
    request: PageRequest, unit: str, contract: str, *, refusal: DomainError | None = None, tried: Tried | None = None
) -> HttpResponse:
    """The page where the accrual was asked for."""
    return shown_loan(request, unit, contract, refusal, tried) if contract else shown(request, refusal, tried)


@require_POST
@page("post")
def reschedule(request: PageRequest) -> HttpResponse:
    """What is left of a loan is due by its terms from a day on, or what that would change."""
    unit, contract, action = (request.POST.get(name, "").strip() for name in ("unit", "contract", "action"))
    try:
        day = parse_day(request.POST.get("day", ""), "day")
        with request.books.transaction(force_rollback=True) if action == "try" else nullcontext():
            found, waiting = schedule_anew(request.books, unit, contract, day, Actor(request.rights.login, "page"), request.rights)
            changes = found.changes if found else []
            changed, count = first_changed(request.books, changes, request.language) if action == "try" else ([], 0)
    except DomainError as refusal:
        if refusal.code in (ErrorCode.NOT_PERMITTED, ErrorCode.UNKNOWN_REFERENCE):
            raise
        return shown_loan(request, unit, contract, refusal)
    if action == "try":
        return shown_loan(request, unit, contract, anew=Anew(day, found is not None, changed, count, len(waiting)))
    key = "months-waiting" if waiting else "loans-scheduled" if found else "loans-scheduled-so"
    told = text(request.language, key, unit=unit, count=len(waiting), contract=contract, date=date_text(request.language, day))
    messages.success(request, told)
    return redirect(f"{reverse('pages:loan')}?{urlencode({'unit': unit, 'contract': contract})}")


urlpatterns = [
    path("", index, name="loans"),
    path("loan/", loan, name="loan"),
    path("accrue/", accrue_interest, name="loans-accrue"),
    path("reschedule/", reschedule, name="loans-reschedule"),
]
