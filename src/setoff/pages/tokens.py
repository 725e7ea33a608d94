"""One's own tokens of the API: made with scopes and an end, told once, revoked."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path

from setoff.access import tokens
from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import text
from setoff.pages.page import PageRequest, page, render

DIGITS_MAX: Final = 18


@page("read")
def own_tokens(request: PageRequest) -> HttpResponse:
    """The list. A new token is told on the page that answers its making, and never again."""
    made = None
    actor = Actor(request.rights.login, "page")
    if request.method == "POST" and request.POST.get("action") == "revoke":
        tokens.revoke_token(request.books, request.rights, _number(request, "token"), actor)
        messages.success(request, text(request.language, "people-done"))
        return redirect("pages:tokens")
    if request.method == "POST":
        name, scopes = request.POST.get("name", ""), request.POST.getlist("scope")
        made = tokens.create_token(request.books, request.rights, name, scopes, actor, days=_number(request, "days"))
    found = tokens.tokens(request.books, request.rights.user_id)
    context = {"tokens": found, "scopes": tokens.SCOPES, "days": tokens.DAYS, "days_max": tokens.DAYS_MAX, "made": made}
    response = render(request, "tokens", context)
    response.headers["Cache-Control"] = "no-store"
    return response


def _number(request: PageRequest, name: str) -> int:
    """Errors: invalid_value."""
    typed = request.POST.get(name, "")
    if not typed.isdecimal() or len(typed) > DIGITS_MAX:
        raise DomainError(ErrorCode.INVALID_VALUE, field=name, value=typed[:40])
    return int(typed)


urlpatterns = [path("", own_tokens, name="tokens")]
