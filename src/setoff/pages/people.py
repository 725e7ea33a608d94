"""Users and their roles. An administrator of the installation sees everybody; one of a unit sees who has a role there, and gives and takes
roles there, and nothing else.

/people/ lists and adds; /people/LOGIN/ is one person. Rows of people are the administrator's by row-level security; for an administrator
of a unit the page itself asks for the right, since the database shows him nobody. Errors: not_permitted, unknown_reference, invalid_value,
field_missing, mail_not_sent, and those of access/services.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from smtplib import SMTPException
from typing import Any, Final, NamedTuple

import psycopg
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import translation

from setoff.access import services, tokens
from setoff.access.queries import UserRow, users
from setoff.access.rights import ROLES
from setoff.access.services import NewUser
from setoff.books.audit import Actor, record_audit
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import text
from setoff.pages.page import PageRequest, page, render
from setoff.reports.letters import keeps_letters
from setoff.site import pool

Connection = psycopg.Connection[Any]
DJANGO_NAMES: Final = {"zh": "zh-hans"}


class Person(NamedTuple):
    """A user with the roles that the reader may see: (unit, role)."""

    user: UserRow
    roles: list[tuple[str, str]]


@page("administer")
def people(request: PageRequest) -> HttpResponse:
    """Everybody whom this administrator sees; by POST a user is added, or one who is known gets a role."""
    if request.method == "POST":
        return _added(request) if request.POST.get("action") == "add" else _granted(request, _said(request, "login"))
    with people_books(request) as conn:
        found = visible(request, users(conn))
    return render(request, "people", {"people": found, "units": administered(request), "roles": ROLES})


@page("administer")
def person(request: PageRequest, login: str) -> HttpResponse:
    """One user; by POST a change of him."""
    with people_books(request) as conn:
        found = next((found for found in visible(request, users(conn)) if found.user.login.lower() == login.lower()), None)
    if found is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="user", value=login, field="login")
    if request.method == "POST":
        action = request.POST.get("action", "")
        if action not in VERBS:
            raise DomainError(ErrorCode.INVALID_VALUE, field="action", value=action, expected=", ".join(VERBS))
        return VERBS[action](request, found.user.login)
    held = dict(found.roles)
    context = {
        "person": found.user,
        "units": [(unit, held.get(unit, "")) for unit in administered(request)],
        "roles": ROLES,
        "tokens": tokens.tokens(request.books, found.user.id) if request.rights.is_administrator else [],
    }
    return render(request, "person", context)


@contextmanager
def people_books(request: PageRequest) -> Iterator[Connection]:
    """Where the people are: the person's own connection for an administrator of the installation."""
    if request.rights.is_administrator:
        yield request.books
    else:
        with pool.owner() as conn:
            yield conn


def administered(request: PageRequest) -> list[str]:
    """Codes of the units whose roles this person gives."""
    allowed = request.rights.units_with("administer")
    return sorted(code for code, unit_id in request.rights.unit_codes.items() if unit_id in allowed)


def visible(request: PageRequest, everybody: Any) -> list[Person]:
    """Of a unit's administrator: who has a role in his units, with those roles."""
    units = set(administered(request))
    found = []
    for user in everybody:
        roles = [(unit, role) for unit, _space, role in (said.rpartition(" ") for said in user.roles) if unit in units]
        if roles or request.rights.is_administrator:
            found.append(Person(user, roles))
    return found


def _added(request: PageRequest) -> HttpResponse:
    request.rights.require_administrator()
    new = NewUser(
        _said(request, "login"), _said(request, "name"), _said(request, "email"), _said(request, "language") or "en",
        _said(request, "administrator") == "yes", _said(request, "time_zone"),
    )  # fmt: skip
    services.add_user(request.books, new, _actor(request), password=request.POST.get("password", ""))
    return _done(request, new.login)


def _granted(request: PageRequest, login: str) -> HttpResponse:
    unit, role = _said(request, "unit"), _said(request, "role")
    request.rights.require("administer", unit)
    with people_books(request) as conn:
        if role:
            services.grant_role(conn, login, unit, role, _actor(request))
        else:
            services.revoke_role(conn, login, unit, _actor(request))
    return _done(request, login)


def _changed(request: PageRequest, login: str) -> HttpResponse:
    request.rights.require_administrator()
    services.change_user(
        request.books, login, _actor(request), name=_said(request, "name"), email=_said(request, "email"),
        language=_said(request, "language"), time_zone=_said(request, "time_zone"),
        is_administrator=_said(request, "administrator") == "yes", is_active=_said(request, "active") == "yes",
    )  # fmt: skip
    return _done(request, login)


def _password_set(request: PageRequest, login: str) -> HttpResponse:
    request.rights.require_administrator()
    password = request.POST.get("password", "")
    if not password:
        raise DomainError(ErrorCode.FIELD_MISSING, field="password")
    services.set_password(request.books, login, password, _actor(request))
    return _done(request, login)


def _link_sent(request: PageRequest, login: str) -> HttpResponse:
    """A letter with a link, by which the user chooses his password himself; in his language. Errors: mail_not_sent."""
    from allauth.account.forms import ResetPasswordForm

    request.rights.require_administrator()
    user = next(row for row in users(request.books) if row.login == login)
    if not user.email or not user.is_active:
        raise DomainError(ErrorCode.FIELD_MISSING, field="email" if user.is_active else "active")
    form = ResetPasswordForm(data={"email": user.email})
    if not form.is_valid():
        raise DomainError(ErrorCode.INVALID_VALUE, field="email", value=user.email, expected="name@example.com")
    try:
        with request.books.transaction(), translation.override(DJANGO_NAMES.get(user.language, user.language)):
            record_audit(request.books, _actor(request), "send_password_link", user=login)
            form.save(request)
    except (SMTPException, OSError) as problem:
        raise DomainError(ErrorCode.MAIL_NOT_SENT, to=user.email, reason=str(problem)) from problem
    if keeps_letters():
        messages.warning(request, text(request.language, "people-link-kept", to=user.email))
    else:
        messages.success(request, text(request.language, "people-link-sent", to=user.email))
    return redirect("pages:person", login=login)


def _token_revoked(request: PageRequest, login: str) -> HttpResponse:
    request.rights.require_administrator()
    number = _said(request, "token")
    if not number.isdecimal() or len(number) > 18:
        raise DomainError(ErrorCode.INVALID_VALUE, field="token", value=number[:40])
    tokens.revoke_token(request.books, request.rights, int(number), _actor(request))
    return _done(request, login)


VERBS: Final[dict[str, Callable[[PageRequest, str], HttpResponse]]] = {
    "change": _changed, "role": _granted, "password": _password_set, "link": _link_sent, "revoke-token": _token_revoked,
}  # fmt: skip


def _said(request: PageRequest, name: str) -> str:
    return request.POST.get(name, "").strip()


def _actor(request: PageRequest) -> Actor:
    return Actor(request.rights.login, "page")


def _done(request: PageRequest, login: str) -> HttpResponse:
    messages.success(request, text(request.language, "people-done"))
    return redirect("pages:person", login=login)


urlpatterns = [
    path("", people, name="people"),
    path("<str:login>/", person, name="person"),
]
