"""Webhooks: other systems that are told what happens, and what was sent to them. Kept by who administers all units that they tell of.

/webhooks/      the list, and a new one; its secret is told on the page that answers its making, and never again
/webhooks/N/    one: change, pause, a trial message, a new secret, what was sent with how it ended, sending again, removing

Errors: unknown_reference, not_permitted, invalid_value, invalid_date, field_missing, webhook_address_refused.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path

from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import text
from setoff.pages.page import PageRequest, page, render
from setoff.webhooks import services
from setoff.webhooks.queries import WebhookRow, administered_webhook, administered_webhooks, deliveries, require_delivery
from setoff.webhooks.services import EVENTS, Wanted

STATES: Final = ("pending", "delivered", "dead")
PAGE_ROWS: Final = 50
DIGITS_MAX: Final = 18


@page("administer")
def index(request: PageRequest) -> HttpResponse:
    """Those that this person administers; by POST one more."""
    if request.method == "POST":
        return _added(request)
    return _listed(request, Wanted("", administered(request), ("document.posted",)))


@page("administer")
def webhook(request: PageRequest, number: int) -> HttpResponse:
    """One of them; by POST a verb on it."""
    if len(str(number)) > DIGITS_MAX:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="webhook", value=str(number), field="webhook")
    row = administered_webhook(request.books, request.rights, number)
    if request.method == "POST":
        action = request.POST.get("action", "")
        if action not in VERBS:
            raise DomainError(ErrorCode.INVALID_VALUE, field="action", value=action, expected=", ".join(VERBS))
        return VERBS[action](request, row)
    return _shown(request, row)


def administered(request: PageRequest) -> list[str]:
    """Codes of the units of which this person may let others be told."""
    allowed = request.rights.units_with("administer")
    return sorted(code for code, unit_id in request.rights.unit_codes.items() if unit_id in allowed)


def _listed(request: PageRequest, wanted: Wanted, refusal: DomainError | None = None) -> HttpResponse:
    """The list, and the form with what was typed."""
    rows = administered_webhooks(request.books, request.rights)
    context = {"webhooks": rows, "form": _form(request, wanted), "refusal": refusal}
    return render(request, "webhooks", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK)


def _shown(
    request: PageRequest, row: WebhookRow, *, typed: Wanted | None = None, refusal: DomainError | None = None, secret: str = ""
) -> HttpResponse:
    """The page of one: its form with what it is, or what was typed; the newest of what was sent, or what comes before a message."""
    state, before = request.GET.get("state", ""), request.GET.get("before", "")
    if state and state not in STATES:
        raise DomainError(ErrorCode.INVALID_VALUE, field="state", value=state, expected=", ".join(STATES))
    if before and not (before.isdecimal() and len(before) <= DIGITS_MAX):
        raise DomainError(ErrorCode.INVALID_VALUE, field="before", value=before[:40])
    place = {"before": int(before)} if before else {}
    sent = deliveries(request.books, row.id, state=state, limit=PAGE_ROWS + 1, **place)
    context: dict[str, Any] = {
        "webhook": row,
        "form": _form(request, typed or Wanted(row.url, row.units, row.events, row.description, _state(row.state))),
        "deliveries": sent[:PAGE_ROWS],
        "older": sent[PAGE_ROWS - 1].id if len(sent) > PAGE_ROWS else 0,
        "is_first": not before,
        "states": STATES,
        "state": state,
        "secret": secret,
        "refusal": refusal,
    }
    response = render(request, "webhook", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK)
    response.headers["Cache-Control"] = "no-store"
    return response


def _form(request: PageRequest, wanted: Wanted) -> dict[str, Any]:
    """What the form of a webhook shows: (value, whether it is chosen)."""
    return {
        "url": wanted.url,
        "description": wanted.description,
        "is_paused": wanted.state == "paused",
        "units": [(code, code in wanted.units) for code in administered(request)],
        "events": [(event, event.replace(".", "-"), event in wanted.events) for event in EVENTS],
    }


def _asked(request: PageRequest) -> Wanted:
    """What the form says."""
    return Wanted(
        request.POST.get("url", "").strip(), request.POST.getlist("unit"), request.POST.getlist("event"),
        request.POST.get("description", "").strip(), _state("paused" if request.POST.get("paused") == "yes" else "active"),
    )  # fmt: skip


def _state(said: str) -> services.State:
    return "paused" if said == "paused" else "active"


def _added(request: PageRequest) -> HttpResponse:
    wanted = _asked(request)
    try:
        _require_units(request, wanted)
        added = services.add_webhook(request.books, wanted, _actor(request), user_id=request.rights.user_id)
    except DomainError as refusal:
        return _listed(request, wanted, refusal)
    return _shown(request, administered_webhook(request.books, request.rights, added.id), secret=added.secret)


def _changed(request: PageRequest, row: WebhookRow) -> HttpResponse:
    wanted = _asked(request)
    try:
        _require_units(request, wanted)
        services.change_webhook(request.books, row.id, wanted, _actor(request))
    except DomainError as refusal:
        return _shown(request, row, typed=wanted, refusal=refusal)
    return _done(request, row, "people-done")


def _removed(request: PageRequest, row: WebhookRow) -> HttpResponse:
    services.remove_webhook(request.books, row.id, _actor(request))
    messages.success(request, text(request.language, "webhook-removed", url=row.url))
    return redirect("pages:webhooks")


def _secret_renewed(request: PageRequest, row: WebhookRow) -> HttpResponse:
    return _shown(request, row, secret=services.renew_secret(request.books, row.id, _actor(request)))


def _tried(request: PageRequest, row: WebhookRow) -> HttpResponse:
    services.try_webhook(request.books, row.id, _actor(request))
    return _done(request, row, "webhook-trial-waits")


def _sent_again(request: PageRequest, row: WebhookRow) -> HttpResponse:
    """What was given up, or all, since the beginning of a day; what waits already goes once."""
    try:
        since = services.since_of(request.POST.get("since", "").strip())
    except DomainError as refusal:
        return _shown(request, row, refusal=refusal)
    only_dead = request.POST.get("which") != "all"
    count = services.replay_deliveries(request.books, row.id, _actor(request), since=since, only_dead=only_dead)
    return _done(request, row, "webhook-waiting-again", count=count)


def _one_sent_again(request: PageRequest, row: WebhookRow) -> HttpResponse:
    typed = request.POST.get("delivery", "")
    if not (typed.isdecimal() and len(typed) <= DIGITS_MAX):
        raise DomainError(ErrorCode.INVALID_VALUE, field="delivery", value=typed[:40])
    require_delivery(request.books, row.id, int(typed))
    services.replay_delivery(request.books, int(typed), _actor(request))
    return _done(request, row, "webhook-waiting-again", count=1)


VERBS: Final[dict[str, Callable[[PageRequest, WebhookRow], HttpResponse]]] = {
    "change": _changed, "secret": _secret_renewed, "trial": _tried, "replay": _sent_again, "again": _one_sent_again, "remove": _removed,
}  # fmt: skip


def _require_units(request: PageRequest, wanted: Wanted) -> None:
    for code in wanted.units:
        request.rights.require("administer", code)


def _done(request: PageRequest, row: WebhookRow, key: str, **facts: Any) -> HttpResponse:
    messages.success(request, text(request.language, key, **facts))
    return redirect("pages:webhook", number=row.id)


def _actor(request: PageRequest) -> Actor:
    return Actor(request.rights.login, "page")


urlpatterns = [
    path("", index, name="webhooks"),
    path("<int:number>/", webhook, name="webhook"),
]
