"""Rounds of set-off among many: the list, and opening one, with what would be collected shown first.

/rounds/?state=preliminary&q=2025          the newest first
/rounds/new/?code=R1&as-of=2025-03-31...   the form; once it has a code, what opening would collect; POST opens
"""

from __future__ import annotations

from typing import Any, Final, get_args

import msgspec
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_http_methods

from setoff.books.audit import Actor
from setoff.clearing.rounds.lists import PAGE_ROWS, DebtFilter, debt_totals, progress_of, round_lines
from setoff.clearing.rounds.records import NewRound, Status
from setoff.clearing.rounds.services import open_round
from setoff.core.errors import DomainError
from setoff.language import text
from setoff.pages.page import PageRequest, page, render
from setoff.pages.round_choices import LAWS, choices_form, one_of, options_said
from setoff.reports.ask import parse_day

STATES: Final[tuple[Status, ...]] = get_args(Status)
PAGE_MAX: Final = 100_000


@page("read")
def index(request: PageRequest) -> HttpResponse:
    """Errors: invalid_value."""
    state = one_of(request.GET.get("state", ""), STATES, "state")
    number = page_number(request.GET.get("page", ""))
    said = request.GET.get("q", "").strip()
    found = round_lines(request.books, state=state or "", said=said, page=number)
    context: dict[str, Any] = {
        "rounds": found[:PAGE_ROWS], "state": state or "", "states": STATES, "said": said, "before": number - 1,
        "next": number + 1 if len(found) > PAGE_ROWS else 0, "may_open": bool(request.rights.units_with("draft")),
    }  # fmt: skip
    return render(request, "rounds", context)


@require_http_methods(["GET", "POST"])
@page("draft")
def new(request: PageRequest) -> HttpResponse:
    """The form, with what opening would collect as soon as the round has a code; by POST, opened."""
    said = request.POST if request.method == "POST" else request.GET
    if request.method == "POST":
        opened = open_round(request.books, wanted_of(request, said), Actor(request.rights.login, "page"), request.rights)
        messages.success(request, text(request.language, "rounds-opened", round=opened.code))
        return redirect("pages:round", round_id=opened.id)
    units = [(code, code in said.getlist("unit")) for code, unit_id in sorted(request.rights.unit_codes.items())
             if request.rights.may("draft", unit_id)]  # fmt: skip
    context: dict[str, Any] = {
        "said": said, "units": units, "is_new": True, "is_first": "code" not in said, "without_books": said.get("without-books") == "yes",
        **choices_form(said, said.get("as-of") or request.working_day.isoformat()),
    }  # fmt: skip
    if said.get("code", "").strip():
        context |= _tried(request, said)
    return render(request, "round-new", context)


def _tried(request: PageRequest, said: QueryDict) -> dict[str, Any]:
    """What would be collected, or why it is refused. Nothing is kept."""
    try:
        with request.books.transaction(force_rollback=True):
            opened = open_round(request.books, wanted_of(request, said), Actor(request.rights.login, "page"), request.rights)
            return {
                "round": opened, "progress": progress_of(request.books, opened.id),
                "totals": debt_totals(request.books, opened.id, DebtFilter()), "fields": [
                    (name, value) for name in said for value in said.getlist(name)
                ],
            }  # fmt: skip
    except DomainError as refusal:
        return {"refusal": refusal}


def wanted_of(request: PageRequest, said: QueryDict) -> NewRound:
    """The round that the form says. Errors: invalid_date, invalid_value."""
    day = parse_day(said.get("as-of", ""), "as-of") if said.get("as-of") else request.working_day
    options = msgspec.structs.replace(options_said(said, request.language), from_books=said.get("without-books") != "yes")
    law = one_of(said.get("law", ""), LAWS, "law")
    return NewRound(said.get("code", "").strip(), day, tuple(said.getlist("unit")), law or None, options)


def page_number(said: str) -> int:
    return min(int(said), PAGE_MAX) if said.isdecimal() and len(said) < 8 and int(said) > 0 else 1


urlpatterns = [
    path("", index, name="rounds"),
    path("new/", new, name="round-new"),
]
