"""What every page has: a signed-in user with rights, the books as he may see them, his language, and refusals told in it.

    @page("read")
    def statement(request: PageRequest) -> HttpResponse: ...

The books are open for the time of the view (`request.books`), so a view renders before it returns. A refusal (DomainError) becomes a
page, or, when HTMX asked, a part that stands where the answer would have stood.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, cast

import psycopg
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render as render_template
from django_htmx.middleware import HtmxDetails

from setoff.access.queries import approvals_waiting
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import Language
from setoff.language.zones import today
from setoff.notices.queries import waiting_count
from setoff.pages.signed_out import signed_out
from setoff.site import pool
from setoff.site.trouble import refusal_of

if TYPE_CHECKING:
    from setoff.access.rights import Right, Rights

P = ParamSpec("P")
WORKING_DAY: Final = "working_day"
STATUS: Final[Mapping[ErrorCode, HTTPStatus]] = {
    ErrorCode.NOT_PERMITTED: HTTPStatus.FORBIDDEN,
    ErrorCode.UNKNOWN_REFERENCE: HTTPStatus.NOT_FOUND,
    ErrorCode.REPORT_UNKNOWN: HTTPStatus.NOT_FOUND,
    ErrorCode.DATABASE_UNREACHABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.DATABASE_BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.DATABASE_FULL: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""What a refusal answers; all others: 422."""


class PageRequest(HttpRequest):
    """A request as a view of ours gets it. `waiting`: how many requests wait for this person's approval, `notices`: how many notices for
    his answer."""

    rights: Rights
    books: psycopg.Connection[Any]
    language: Language
    working_day: date
    htmx: HtmxDetails
    waiting: int
    notices: int


View = Callable[Concatenate[PageRequest, P], HttpResponseBase]


def page(right: Right) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, P], HttpResponseBase]]:
    """A view for who has `right` in some unit; which units, the database decides row by row."""

    def decorate(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def answer(plain: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            request = cast(PageRequest, plain)
            if not request.user.is_authenticated:
                return signed_out(request)
            request.working_day = working_day(request)
            try:
                with pool.books_of(int(request.user.pk)) as (request.books, request.rights):
                    require_somewhere(request.rights, right)
                    request.waiting, request.notices = (0, 0) if request.htmx else waiting_counts(request.books, request.rights)
                    return view(request, *args, **kwargs)
            except (DomainError, psycopg.Error) as problem:
                refusal = problem if isinstance(problem, DomainError) else refusal_of(problem)
                if refusal is None:
                    raise
                return refused(request, refusal)

        return answer

    return decorate


def enter_frame(request: HttpRequest) -> None:
    """The frame of a page that no view of ours made (settings of signing in, an address that does not exist) knows whose it is. Without
    the database it is a frame without a menu."""
    plain = cast(PageRequest, request)
    person = getattr(request, "user", None)
    if hasattr(request, "rights") or person is None or not person.is_authenticated:
        return
    with suppress(DomainError, psycopg.Error), pool.books_of(int(person.pk)) as (conn, rights):
        plain.working_day = working_day(plain)
        plain.waiting, plain.notices = waiting_counts(conn, rights)
        plain.rights = rights


def waiting_counts(conn: psycopg.Connection[Any], rights: Rights) -> tuple[int, int]:
    """What the menu counts: requests that wait for this person's approval, notices between units for his answer."""
    return approvals_waiting(conn, rights), waiting_count(conn, rights.units_with("post"), rights.login)


def require_somewhere(rights: Rights, right: Right) -> None:
    """Errors: not_permitted when the person has the right in no unit."""
    if not rights.units_with(right) and not (right == "administer" and rights.is_administrator):
        raise DomainError(ErrorCode.NOT_PERMITTED, right=right, unit="*")


def working_day(request: HttpRequest) -> date:
    """The day the person works in: today, unless another was chosen."""
    chosen = request.session.get(WORKING_DAY)
    return date.fromisoformat(chosen) if chosen else today()


def render(request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200) -> HttpResponse:
    """A template of pages/templates/pages, by its name without folder and ending."""
    return render_template(request, f"pages/{template}.html", dict(context or {}), status=status)


def refused(request: HttpRequest, refusal: DomainError) -> HttpResponse:
    """The refusal as a page, or as a part of one when HTMX asked."""
    template = "parts/refusal" if getattr(request, "htmx", False) else "refusal"
    response = render(request, template, {"refusal": refusal}, status=STATUS.get(refusal.code, HTTPStatus.UNPROCESSABLE_ENTITY))
    setattr(response, "refusal", refusal.code.value)  # noqa: B010 - for the log and the figures (site/observe.py)
    return response
