"""Tax invoices: what is missing, ours and the suppliers', and issuing ours in one go; first it is shown what that would issue.

/invoices/?from=2026-01-01&to=2026-03-31
"""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date
from http import HTTPStatus
from typing import Final, NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from setoff.books.audit import Actor
from setoff.core.errors import DomainError
from setoff.language import text
from setoff.pages.page import PageRequest, page, render
from setoff.reports.ask import parse_day
from setoff.settlements.invoices.missing import Wanting, kept_since, not_issued, not_received
from setoff.settlements.invoices.services import Issued, Period, issue_invoices

SHOWN_MAX: Final = 50
ISSUED_MAX: Final = 200
"""In one go on a page; the command line takes more."""
REPORTS: Final = ("issued-invoices", "received-invoices", "sales-book", "purchase-book")


class Tried(NamedTuple):
    """What would be issued, and what was asked for."""

    wanted: Period
    every: bool
    issued: list[Issued]
    refused: int


@page("read")
def index(request: PageRequest) -> HttpResponse:
    return shown(request)


def shown(request: PageRequest, refusal: DomainError | None = None, tried: Tried | None = None) -> HttpResponse:
    """The month of the working day, or the days asked for; and a refusal, or what would be issued, above the lists."""
    first, last = period_of(request)
    units = list(request.rights.unit_codes.values())
    day = request.working_day
    ours = not_issued(request.books, kept_since(request.books, units, "issued", first), last, day, limit=SHOWN_MAX + 1)
    theirs = not_received(request.books, kept_since(request.books, units, "received", first), last, day, limit=SHOWN_MAX + 1)
    context = {
        "first": first,
        "last": last,
        "lists": [listed("not-issued", ours), listed("not-received", theirs)],
        "units": sorted(code for code, number in request.rights.unit_codes.items() if request.rights.may("post", number)),
        "unit": tried.wanted.unit if tried else ours[0].unit if ours else "",
        "reports": REPORTS,
        "refusal": refusal,
        "tried": tried,
    }
    return render(request, "invoices", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK)


def listed(name: str, found: list[Wanting]) -> dict[str, object]:
    """A list cut to what a page shows."""
    return {"name": name, "rows": found[:SHOWN_MAX], "is_cut": len(found) > SHOWN_MAX}


def period_of(request: PageRequest) -> tuple[date, date]:
    """Errors: invalid_date."""
    said = request.POST if request.method == "POST" else request.GET
    first, last = said.get("from", "").strip(), said.get("to", "").strip()
    until = parse_day(last, "to") if last else request.working_day
    return (parse_day(first, "from") if first else until.replace(day=1)), until


@require_POST
@page("post")
def issue(request: PageRequest) -> HttpResponse:
    """Issue what is missing in a unit, or show it."""
    unit, day, action = (request.POST.get(name, "").strip() for name in ("unit", "date", "action"))
    every = request.POST.get("every") == "yes"
    try:
        request.rights.require("post", unit)
        first, last = period_of(request)
        wanted = Period(unit, first, last, parse_day(day, "date") if day else None, ISSUED_MAX)
        with request.books.transaction(force_rollback=True) if action == "try" else nullcontext():
            found = list(issue_invoices(request.books, wanted, Actor(request.rights.login, "page"), every=every))
    except DomainError as refusal:
        return shown(request, refusal)
    refused = sum(item.refusal is not None for item in found)
    if action == "try" or refused:
        return shown(request, tried=Tried(wanted, every, found, refused))
    messages.success(request, text(request.language, "invoices-issued", unit=unit, count=len(found), refused=refused))
    return redirect(f"{reverse('pages:invoices')}?{urlencode({'from': first.isoformat(), 'to': last.isoformat()})}")


urlpatterns = [
    path("", index, name="invoices"),
    path("issue/", issue, name="invoices-issue"),
]
