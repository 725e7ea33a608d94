"""What a person sets while working: the language, the time zone, the working day. And where everybody lands."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from setoff.core.errors import DomainError, ErrorCode
from setoff.language import LANGUAGES
from setoff.language.zones import is_zone
from setoff.pages.page import WORKING_DAY, PageRequest, page
from setoff.reports.ask import parse_day
from setoff.site.middleware import COOKIE

YEAR_SECONDS = 365 * 24 * 3600


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Also before signing in; a user's own language is kept with him."""
    response = back(request)
    language = request.POST.get("language", "")
    if language in LANGUAGES:
        response.set_cookie(COOKIE, language, max_age=YEAR_SECONDS, httponly=True, samesite="Lax", secure=request.is_secure())
        if request.user.is_authenticated:
            get_user_model().objects.filter(pk=request.user.pk).update(language=language)
    return response


@require_POST
@page("read")
def choose_time_zone(request: PageRequest) -> HttpResponse:
    """In which instants are told, and in which it is today; an empty one is that of the settings. Errors: invalid_value."""
    chosen = request.POST.get("time_zone", "")
    if chosen and not is_zone(chosen):
        raise DomainError(ErrorCode.INVALID_VALUE, field="time_zone", value=chosen[:80], expected="Europe/Moscow")
    get_user_model().objects.filter(pk=request.user.pk).update(time_zone=chosen)
    return back(request)


@require_POST
@page("read")
def choose_working_day(request: PageRequest) -> HttpResponse:
    """An empty day means today."""
    chosen = request.POST.get("day", "")
    if chosen:
        request.session[WORKING_DAY] = parse_day(chosen, "day").isoformat()
    else:
        request.session.pop(WORKING_DAY, None)
    return back(request)


def back(request: HttpRequest) -> HttpResponse:
    """To the page the form stood on."""
    next_page = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(next_page, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return redirect(next_page if safe else "/")


urlpatterns = [
    path("language/", choose_language, name="language"),
    path("time-zone/", choose_time_zone, name="time-zone"),
    path("working-day/", choose_working_day, name="working-day"),
]
