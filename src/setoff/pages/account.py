"""How people sign in, on top of django-allauth: nobody signs himself up, every entrance and every refused one is in the audit trail."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.urls import path

from setoff.access.rights import ALL
from setoff.books.audit import Actor, record_audit
from setoff.pages.page import PageRequest, page, render
from setoff.site import pool


class AccountAdapter(DefaultAccountAdapter):
    """What allauth asks us."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """An administrator makes users (`setoff user add`)."""
        return False

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        tell_audit(user.get_username(), "sign_in")

    def logout(self, request: HttpRequest) -> None:
        name = request.user.get_username()
        super().logout(request)
        tell_audit(name, "sign_out")

    def authentication_failed(self, _request: HttpRequest, **credentials: Any) -> None:
        """What was typed is kept only when it is the name of a user: it may be a password in the wrong field."""
        typed = str(credentials.get("username") or credentials.get("email") or "")
        is_known = get_user_model().objects.filter(username__iexact=typed).exists()
        tell_audit(typed if is_known else "unknown", "sign_in_failed")


def tell_audit(author: str, verb: str) -> None:
    with pool.owner() as conn:
        record_audit(conn, Actor(author, "page"), verb)


@page("read")
def account(request: PageRequest) -> HttpResponse:
    """What a person may change of himself."""
    names = {unit_id: code for code, unit_id in request.rights.unit_codes.items()}
    units = [(names[unit_id], [right for right in ALL if right in rights]) for unit_id, rights in request.rights.units.items()]
    return render(request, "account", {"units": units, "now": datetime.now(UTC)})


urlpatterns = [path("me/", account, name="account")]
