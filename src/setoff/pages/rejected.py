"""Rows that imports refused: why, as they came, and what to do: mend what they want, or the row itself, and try again; or drop it.

/rejected/?state=dropped
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.intake.rejected import STATES, RejectedRow, drop_rejected, rejected_rows, waiting_rows
from setoff.intake.retry import record_of, retry_rejected
from setoff.language import text
from setoff.pages.page import PageRequest, page, render

SHOWN_MAX: Final = 100


@page("read")
def index(request: PageRequest) -> HttpResponse:
    return shown(request)


def shown(request: PageRequest, refusal: DomainError | None = None) -> HttpResponse:
    """The rows in the state asked for; and a refusal above them."""
    asked = request.GET.get("state", "")
    state = next((known for known in STATES if known == asked), "open")
    rows = rejected_rows(request.books, request.rights, state=state, limit=SHOWN_MAX)
    context = {
        "rows": [(row, record_of(row), may_settle(request, row)) for row in rows],
        "states": STATES,
        "state": state,
        "more": max(waiting_rows(request.books) - len(rows), 0) if state == "open" else 0,
        "refusal": refusal,
    }
    return render(request, "rejected", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK)


def may_settle(request: PageRequest, row: RejectedRow) -> bool:
    return row.state == "open" and (row.unit_id is None or request.rights.may("draft", row.unit_id))


@require_POST
@page("draft")
def retry(request: PageRequest) -> HttpResponse:
    """Import the row again, as it came or mended; what it is refused for stands above the list."""
    actor, mended, consent = Actor(request.rights.login, "page"), request.POST.get("mended", ""), request.POST.get("consent") == "yes"
    try:
        done = retry_rejected(request.books, row_asked(request), actor, request.rights, mended=mended, consent=consent)
    except DomainError as refusal:
        return shown(request, refusal)
    if done.refused:
        first = done.refused[0]
        return shown(request, DomainError(first.code, **first.facts))
    messages.success(request, text(request.language, "rejected-accepted", file=done.row.file, row=done.row.row))
    return redirect("pages:rejected")


@require_POST
@page("draft")
def drop(request: PageRequest) -> HttpResponse:
    """The row is not to come."""
    try:
        actor = Actor(request.rights.login, "page")
        found = drop_rejected(request.books, row_asked(request), actor, request.rights, because=request.POST.get("because", ""))
    except DomainError as refusal:
        return shown(request, refusal)
    messages.success(request, text(request.language, "rejected-dropped", file=found.file, row=found.row))
    return redirect("pages:rejected")


def row_asked(request: PageRequest) -> int:
    """Errors: unknown_reference."""
    asked = request.POST.get("row", "")
    if not (asked.isascii() and asked.isdecimal() and len(asked) < 19):
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="rejected_row", value=asked, field="row")
    return int(asked)


urlpatterns = [
    path("", index, name="rejected"),
    path("retry/", retry, name="rejected-retry"),
    path("drop/", drop, name="rejected-drop"),
]
