"""Doubtful debts: what the debts of every debtor ask for by age at a month end, the reserve there is, and posting the difference.

/doubtful/    a debtor's row leads to a write-off; debts written off are a report
"""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import Language, fact_text, text
from setoff.pages.changes import changed_documents
from setoff.pages.page import PageRequest, page, render
from setoff.parties.switches import percents_of
from setoff.reports.ask import parse_day
from setoff.reports.cells import decimal_text
from setoff.settlements.doubtful import Month, accrue_reserve, doubtful_month


@page("read")
def index(request: PageRequest) -> HttpResponse:
    return shown(request)


def shown(request: PageRequest, refusal: DomainError | None = None, tried: Any = None) -> HttpResponse:
    """The months of all units whose chart keeps a reserve; and a refusal, or what would change, above them."""
    try:
        day = wanted_day(request)
    except DomainError as wrong:
        refusal, day = wrong, month_end(request.working_day)
    months = []
    for unit, unit_id in sorted(request.rights.unit_codes.items()):
        try:
            month = doubtful_month(request.books, unit, day)
        except DomainError as refused:
            if refused.code is not ErrorCode.NO_RESERVE_KEPT:
                raise
            continue
        months.append((month, shares(month, request.language), request.rights.may("post", unit_id)))
    department = request.POST.get("department", "").strip()
    context = {"months": months, "day": day, "refusal": refusal, "tried": tried, "department": department}
    return render(request, "doubtful", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK)


def wanted_day(request: PageRequest) -> date:
    """The end of the month of the day that was asked for. Errors: invalid_date."""
    asked = request.POST.get("last-day") or request.GET.get("last-day") or ""
    return month_end(parse_day(asked, "last-day") if asked else request.working_day)


def month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def shares(month: Month, language: Language) -> list[str]:
    """Headings of the ages: what is not due, then the buckets, each with its share of the reserve."""
    percents = [decimal_text(Decimal(share), language) for share in percents_of(month.unit.policy("reserve").partition("=")[2])]
    firsts = [1, *(bound + 1 for bound in month.bounds)]
    told = [text(language, "doubtful-not-due", percent=percents[0])]
    for first, last, percent in zip(firsts, month.bounds, percents[1:], strict=False):
        told.append(text(language, "doubtful-share", first=str(first), last=str(last), percent=percent))
    return [*told, text(language, "doubtful-share-last", first=str(firsts[-1]), percent=percents[-1])]


@require_POST
@page("post")
def accrue(request: PageRequest) -> HttpResponse:
    """Post the reserve of a month in a unit, or show what that would change."""
    unit, action, department = (request.POST.get(name, "").strip() for name in ("unit", "action", "department"))
    language = request.language
    try:
        request.rights.require("post", unit)
        day = wanted_day(request)
        with request.books.transaction(force_rollback=True) if action == "try" else nullcontext():
            found = accrue_reserve(
                request.books, unit, day, Actor(request.rights.login, "page"), item=text(language, "reserve-item"),
                department=department or unit,
            )  # fmt: skip
            changes = changed_documents(request.books, found.changes, language) if found and action == "try" else []
    except DomainError as refusal:
        return shown(request, refusal)
    if action == "try":
        return shown(request, tried=(unit, found, changes))
    key = "reserve-same" if found is None else "reserve-made"
    said = text(language, key, unit=unit, date=fact_text(language, "date", day), count=found.debtors if found else 0)
    messages.success(request, said)
    return redirect(f"{request.path.removesuffix('accrue/')}?last-day={day.isoformat()}")


urlpatterns = [
    path("", index, name="doubtful"),
    path("accrue/", accrue, name="doubtful-accrue"),
]
