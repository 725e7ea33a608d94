"""Periods of the books: close, seal, reopen with a reason, verify."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any

import psycopg
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from setoff.access import approvals
from setoff.access.approvals import Pending
from setoff.books import verify as verification
from setoff.books.audit import Actor
from setoff.books.commands import finding_text
from setoff.books.months import month_after
from setoff.books.queries import open_from, periods
from setoff.books.seals import Period
from setoff.books.services import close_period, seal_period
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import fact_text, text
from setoff.pages.page import PageRequest, page, render
from setoff.reports.ask import parse_day
from setoff.settlements.revaluation.months import left_out

Verb = Callable[[psycopg.Connection[Any], str, date, Actor, str], Period]
VERBS: dict[str, tuple[Verb, str]] = {
    "close": (close_period, "period-closed"),
    "seal": (seal_period, "period-sealed"),
}
REOPEN = ("reopen", "reopen-sealed")


@page("read")
def period_list(request: PageRequest) -> HttpResponse:
    return shown(request)


def shown(request: PageRequest, refusal: DomainError | None = None) -> HttpResponse:
    """The periods, and a refusal above them: what was typed for it stands in the form it came from."""
    typed = {name: request.POST.get(name, "") for name in ("unit", "last-day", "reason")} if refusal else {}
    found = periods(request.books)
    context = {
        "periods": [(row, reason_for(typed, row.unit, row.last_day)) for row in reversed(found)],
        "next": [
            (unit, last_day, reason_for(typed, unit, last_day), not_revalued(request, unit_id, last_day))
            for unit, unit_id in request.rights.unit_codes.items() for last_day in [next_end(request, unit_id)]
        ],
        "may_close": request.rights.units_with("close"),
        "refusal": refusal,
    }  # fmt: skip
    return render(request, "periods", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK)


def reason_for(typed: dict[str, str], unit: str, last_day: date) -> str:
    """The reason that was typed for this period."""
    return typed["reason"] if typed and (typed["unit"], typed["last-day"]) == (unit, last_day.isoformat()) else ""


def not_revalued(request: PageRequest, unit_id: int, last_day: date) -> str:
    """The month ends up to one at which debts in foreign currency are not revalued, in words: closing is not refused, but told of it."""
    return ", ".join(fact_text(request.language, "date", day) for day in left_out(request.books, unit_id, last_day))


def next_end(request: PageRequest, unit_id: int) -> date:
    """The end of the month that would be closed next."""
    return month_after(open_from(request.books, unit_id) or request.working_day) - timedelta(days=1)


@require_POST
@page("close")
def change(request: PageRequest) -> HttpResponse:
    """Close, seal or reopen one period of one unit."""
    action = request.POST.get("action", "")
    if action not in VERBS and action not in REOPEN:
        raise DomainError(ErrorCode.INVALID_VALUE, field="action", value=action, expected=", ".join((*VERBS, *REOPEN)))
    unit, reason = request.POST.get("unit", ""), request.POST.get("reason", "")
    request.rights.require("close", unit)
    last_day, actor = parse_day(request.POST.get("last-day", ""), "last-day"), Actor(request.rights.login, "page")
    try:
        if action in REOPEN:
            found = approvals.reopen(request.books, unit, last_day, actor, request.rights, reason=reason, sealed=action == "reopen-sealed")
            message = "period-reopened"
        else:
            verb, message = VERBS[action]
            found = verb(request.books, unit, last_day, actor, reason)
    except DomainError as refusal:
        return shown(request, refusal)
    if isinstance(found, Pending):
        messages.success(request, text(request.language, "approval-asked-period", unit=unit, last_day=last_day))
        return redirect("pages:periods")
    messages.success(request, text(request.language, message, unit=found.unit, first_day=found.first_day, last_day=found.last_day))
    return redirect("pages:periods")


@page("read")
def verify(request: PageRequest) -> HttpResponse:
    """Is what was closed still what it was?"""
    found = verification.verify(request.books)
    closed = [row for row in periods(request.books) if row.state != "open"]
    context = {
        "findings": [finding_text(request.language, item) for item in found],
        "count": len(closed),
        "rows": sum(row.row_count or 0 for row in closed),
        "heads": list({row.unit: row for row in closed}.values()),
    }
    return render(request, "verify", context)


urlpatterns = [
    path("", period_list, name="periods"),
    path("change/", change, name="period-change"),
    path("verify/", verify, name="verify"),
]
