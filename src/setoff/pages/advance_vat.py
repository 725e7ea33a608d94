"""VAT on advances: what waits for a decision with its two ways out, what there is of every unit, and how a unit keeps it.

/vat/    a decision is a document of the person who decides; it can be unposted like any other
"""

from __future__ import annotations

from contextlib import nullcontext
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from setoff.access import approvals
from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.moment import BEGINNING
from setoff.language import text
from setoff.pages.page import PageRequest, page, render
from setoff.reports.ask import parse_day
from setoff.settlements.advance_vat.events import Window
from setoff.settlements.advance_vat.queries import Pending
from setoff.settlements.advance_vat.services import SET_OFFS, Policy, decision_on, policies_of, set_vat_policy
from setoff.settlements.advance_vat.waiting import pending_page, pending_sums
from setoff.settlements.telling import tell_changes

WAYS = ("deduct", "expense")
ROWS = 50


@page("read")
def index(request: PageRequest) -> HttpResponse:
    return shown(request)


def shown(request: PageRequest, refusal: DomainError | None = None, tried: Any = None) -> HttpResponse:
    """The list of the working day, and a refusal, or what a policy would move, above it."""
    units = list(request.rights.unit_codes.values())
    after = moment_of(request.GET.get("after", ""))
    found, following = pending_page(request.books, units, request.working_day, after=after, limit=ROWS)
    is_whole = after == BEGINNING and following is None
    policies = policies_of(request.books, sorted(request.rights.unit_codes))
    context = {
        "rows": [(case, decides(request, case)) for case in found],
        "totals": pending_sums(request.books, units, request.working_day).items(),
        "is_whole": is_whole,
        "following": following,
        "policies": policies,
        "is_on": any(policy.window != Window.OFF for _unit, policy in policies),
        "some_off": any(policy.window == Window.OFF for _unit, policy in policies),
        "windows": [window.value for window in Window],
        "set_offs": SET_OFFS,
        "may_set": request.rights.is_administrator,
        "refusal": refusal,
        "tried": tried,
    }
    return render(request, "advance-vat", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK)


def moment_of(typed: str) -> int:
    """Where a page begins, as the address of the next one says it. Errors: invalid_value."""
    if typed and not (typed.isdecimal() and len(typed) < 19):
        raise DomainError(ErrorCode.INVALID_VALUE, field="after", value=typed[:40])
    return int(typed) if typed else BEGINNING


def decides(request: PageRequest, case: Pending) -> bool:
    """Whether this person may post in its unit."""
    return request.rights.may("post", request.rights.unit_codes[case.document.unit])


@require_POST
@page("post")
def decide(request: PageRequest) -> HttpResponse:
    """Post the decision on one document."""
    document, way, day = (request.POST.get(name, "").strip() for name in ("document", "decision", "date"))
    try:
        if way == "deduct":
            said = decision_on(request.books, document, "deduct", day)
        elif way == "expense":
            said = decision_on(request.books, document, "expense", day)
        else:
            raise DomainError(ErrorCode.INVALID_VALUE, field="decision", value=way, expected=", ".join(WAYS))
        outcome = approvals.post(request.books, said, Actor(request.rights.login, "page"), request.rights)
    except DomainError as refusal:
        return shown(request, refusal)
    messages.success(request, text(request.language, "document-changed", number=outcome.number, key=outcome.key))
    return redirect("pages:advance-vat")


@require_POST
@page("read")
def keep(request: PageRequest) -> HttpResponse:
    """Keep VAT on advances so in a unit; first it is shown what that moves."""
    request.rights.require_administrator()
    unit, window, since, set_off, action = (
        request.POST.get(name, "").strip() for name in ("unit", "window", "since", "set_off", "action")
    )
    try:
        policy = Policy(window, parse_day(since, "since") if since else None, set_off)
        with request.books.transaction(force_rollback=True) if action == "try" else nullcontext():
            moved = set_vat_policy(request.books, unit, policy, Actor(request.rights.login, "page"))
            tried = (unit, tell_changes(request.books, moved.changes, request.language), policy) if action == "try" else None
    except DomainError as refusal:
        return shown(request, refusal)
    if tried:
        return shown(request, tried=tried)
    messages.success(request, text(request.language, "vat-set", unit=unit, count=len(moved.changes)))
    return redirect("pages:advance-vat")


urlpatterns = [
    path("", index, name="advance-vat"),
    path("decide/", decide, name="advance-vat-decide"),
    path("keep/", keep, name="advance-vat-keep"),
]
