"""Doubtful debts: what the debts of every debtor ask for by age at a month end, the reserve there is, and posting the difference.

/doubtful/                        the debtors of every unit with the largest reserve; debts written off are a report
/doubtful/?unit=MSK&after=50      those of one unit, a page at a time
"""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from setoff.access.month_ends import accrue_doubtful
from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import Language, fact_text, text
from setoff.pages.changes import changed_documents
from setoff.pages.page import PageRequest, page, render
from setoff.pages.reports import is_large
from setoff.reports.ask import parse_day
from setoff.reports.cells import decimal_text
from setoff.settlements.doubtful import OF_TRADE, Asked, asked_of
from setoff.settlements.doubtful_page import doubtful_page
from setoff.settlements.limitation import limitations

ROWS: Final = 50
"""Debtors of a page of one unit; of all units fewer of each, but so many:"""
FEW: Final = 10


@page("read")
def index(request: PageRequest) -> HttpResponse:
    return shown(request)


def shown(request: PageRequest, refusal: DomainError | None = None, tried: Any = None) -> HttpResponse:
    """The months of all units whose chart keeps a reserve, in large books of the first of them, or a page of that of one unit; a refusal,
    or what would change, above them."""
    try:
        day = wanted_day(request)
    except DomainError as wrong:
        refusal, day = wrong, month_end(request.working_day)
    alone = request.GET.get("unit", "")
    units = sorted(request.rights.unit_codes.items())
    rows_max = ROWS if alone else max(ROWS // max(len(units), 1), FEW)
    months: list[tuple[object, ...]] = []
    others: list[str] = []
    for unit, unit_id in units:
        if alone not in ("", unit):
            continue
        try:
            if months and is_large(request):
                others.append(asked_of(request.books, unit, day).unit.code)
                continue
            month = doubtful_page(request.books, unit, day, skipped=skipped_of(request) if alone else 0, rows_max=rows_max)
        except DomainError as refused:
            if refused.code is not ErrorCode.NO_RESERVE_KEPT:
                raise
            continue
        limits = limitations(request.books, month.asked.unit, day, [row.counterparty for row in month.rows], OF_TRADE)
        rows = [(row, limits.get((row.counterparty, row.contract))) for row in month.rows]
        months.append((month, shares(month.asked, request.language), request.rights.may("post", unit_id), rows))
    department = request.POST.get("department", "").strip()
    context = {
        "months": months, "day": day, "refusal": refusal, "tried": tried, "department": department, "alone": alone, "others": others,
    }  # fmt: skip
    return render(request, "doubtful", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK)


def skipped_of(request: PageRequest) -> int:
    """How many debtors come before the page. Errors: invalid_value."""
    typed = request.GET.get("after", "")
    if typed and not (typed.isdecimal() and len(typed) < 10):
        raise DomainError(ErrorCode.INVALID_VALUE, field="after", value=typed[:40])
    return int(typed) if typed else 0


def wanted_day(request: PageRequest) -> date:
    """The end of the month of the day that was asked for. Errors: invalid_date."""
    asked = request.POST.get("last-day") or request.GET.get("last-day") or ""
    return month_end(parse_day(asked, "last-day") if asked else request.working_day)


def month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def shares(asked: Asked, language: Language) -> list[str]:
    """Headings of the ages: what is not due, then the buckets, each with its share of the reserve."""
    percents = [decimal_text(share, language) for share in asked.percents]
    firsts = [1, *(bound + 1 for bound in asked.bounds)]
    told = [text(language, "doubtful-not-due", percent=percents[0])]
    for first, last, percent in zip(firsts, asked.bounds, percents[1:], strict=False):
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
            found, waiting = accrue_doubtful(
                request.books, unit, day, Actor(request.rights.login, "page"), request.rights, item=text(language, "reserve-item"),
                department=department or unit,
            )  # fmt: skip
            changes = changed_documents(request.books, found.changes, language) if found and action == "try" else []
    except DomainError as refusal:
        return shown(request, refusal)
    if action == "try":
        return shown(request, tried=(unit, found, changes, len(waiting)))
    key = "months-waiting" if waiting else "reserve-same" if found is None else "reserve-made"
    count = len(waiting) or (found.debtors if found else 0)
    said = text(language, key, unit=unit, date=fact_text(language, "date", day), count=count)
    messages.success(request, said)
    return redirect(f"{request.path.removesuffix('accrue/')}?last-day={day.isoformat()}")


urlpatterns = [
    path("", index, name="doubtful"),
    path("accrue/", accrue, name="doubtful-accrue"),
]
