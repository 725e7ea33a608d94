"""People and rules, for administrators: users, their roles, policies; and for everybody the audit trail of his units and his own tokens."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from setoff.access import policies, services, tokens
from setoff.access.queries import AuditFilter, AuditRow, audit_trail, users
from setoff.access.rights import ROLES
from setoff.access.services import NewUser
from setoff.books.audit import Actor, record_audit
from setoff.core.cells import safe_cell
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import LANGUAGES, text
from setoff.pages.page import PageRequest, page, render
from setoff.reports.ask import parse_day

ROWS: Final = 100
EXPORT_MAX: Final = 100_000


@page("administer")
def people(request: PageRequest) -> HttpResponse:
    """Users with their roles, and the policies."""
    request.rights.require_administrator()
    context = {
        "users": users(request.books), "roles": ROLES, "units": sorted(request.rights.unit_codes), "languages": LANGUAGES,
        "policies": policies.policies(request.books), "operations": policies.OPERATIONS,
    }  # fmt: skip
    return render(request, "people", context)


def _add(request: PageRequest, said: Callable[[str], str], actor: Actor) -> None:
    new = NewUser(said("login"), said("name"), said("email"), said("language") or "en", said("administrator") == "yes")
    services.add_user(request.books, new, actor, password=said("password"))


def _grant(request: PageRequest, said: Callable[[str], str], actor: Actor) -> None:
    services.grant_role(request.books, said("login"), said("unit"), said("role"), actor)


def _revoke(request: PageRequest, said: Callable[[str], str], actor: Actor) -> None:
    services.revoke_role(request.books, said("login"), said("unit"), actor)


def _disable(request: PageRequest, said: Callable[[str], str], actor: Actor) -> None:
    services.disable_user(request.books, said("login"), actor)


def _policy(request: PageRequest, said: Callable[[str], str], actor: Actor) -> None:
    policies.set_policy(
        request.books, said("operation"), actor, unit=said("unit"), limit=said("limit"), currency=said("currency").upper(),
        is_active=said("active") == "yes",
    )  # fmt: skip


VERBS: Final = {"add": _add, "grant": _grant, "revoke": _revoke, "disable": _disable, "policy": _policy}


@require_POST
@page("administer")
def change_people(request: PageRequest) -> HttpResponse:
    request.rights.require_administrator()
    action = request.POST.get("action", "")
    if action not in VERBS:
        raise DomainError(ErrorCode.INVALID_VALUE, field="action", value=action, expected=", ".join(VERBS))
    VERBS[action](request, lambda name: request.POST.get(name, "").strip(), Actor(request.rights.login, "page"))
    messages.success(request, text(request.language, "people-done"))
    return redirect("pages:people")


@page("read")
def own_tokens(request: PageRequest) -> HttpResponse:
    """One's own tokens. A new one is told on the page that answers its making, and never again."""
    made = None
    actor = Actor(request.rights.login, "page")
    if request.method == "POST" and request.POST.get("action") == "revoke":
        tokens.revoke_token(request.books, request.rights, _number(request.POST.get("token", "")), actor)
        return redirect("pages:tokens")
    if request.method == "POST":
        name, scopes, days = request.POST.get("name", ""), request.POST.getlist("scope"), _number(request.POST.get("days", ""))
        made = tokens.create_token(request.books, request.rights, name, scopes, actor, days=days)
    context = {"tokens": tokens.tokens(request.books, request.rights.user_id), "scopes": tokens.SCOPES, "days": tokens.DAYS, "made": made}
    response = render(request, "tokens", context)
    response.headers["Cache-Control"] = "no-store"
    return response


def _number(typed: str) -> int:
    if not typed.isdecimal() or len(typed) > 18:
        raise DomainError(ErrorCode.INVALID_VALUE, field="number", value=typed[:40])
    return int(typed)


@page("read")
def audit(request: PageRequest) -> HttpResponse:
    """Who did what, newest first; as a file too, which the trail records itself."""
    chosen = asked_filter(request)
    if request.GET.get("format") == "csv":
        record_audit(request.books, Actor(request.rights.login, "page"), "export_audit")
        response = HttpResponse(_csv(request, chosen), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
        return response
    before = request.GET.get("before", "")
    rows = audit_trail(request.books, chosen, before=_number(before) if before else None, limit=ROWS + 1)
    context = {
        "rows": [{"row": row, "details": json.dumps(row.details, ensure_ascii=False) if row.details else ""} for row in rows[:ROWS]],
        "after": rows[ROWS - 1].id if len(rows) > ROWS else None,
        "chosen": chosen,
        "units": sorted(request.rights.unit_codes),
    }
    return render(request, "audit", context)


def asked_filter(request: PageRequest) -> AuditFilter:
    """Errors: invalid_date, unknown_reference."""
    unit, author, verb = (request.GET.get(name) or None for name in ("unit", "author", "verb"))
    if unit:
        request.rights.require("read", unit)
    since, until = (parse_day(request.GET[name], name) if request.GET.get(name) else None for name in ("since", "until"))
    return AuditFilter(unit, author, verb, since=since, until=until)


def _csv(request: PageRequest, chosen: AuditFilter) -> str:
    output = StringIO()
    table = csv.writer(output)
    table.writerow(AuditRow._fields)
    for row in _all(request, chosen):
        said = [*row[:-1], json.dumps(row.details, ensure_ascii=False)]
        table.writerow([safe_cell(str(value)) if value is not None else "" for value in said])
    return output.getvalue()


def _all(request: PageRequest, chosen: AuditFilter) -> Iterator[AuditRow]:
    before: int | None = None
    written = 0
    while written < EXPORT_MAX and (rows := audit_trail(request.books, chosen, before=before, limit=1_000)):
        yield from rows
        written += len(rows)
        before = rows[-1].id


urlpatterns = [
    path("people/", people, name="people"),
    path("people/change/", change_people, name="people-change"),
    path("me/tokens/", own_tokens, name="tokens"),
    path("audit/", audit, name="audit"),
]
