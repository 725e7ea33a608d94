"""The language of every request: the user's own, else the one chosen in this browser, else the browser's. And the user's time zone, in
which he is told instants, and in which it is today; without one that of the settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from setoff.language import LANGUAGES, Language, language_of
from setoff.language.zones import told_in, zone

COOKIE: Final = "setoff_language"
DJANGO: Final[dict[Language, str]] = {"en": "en", "ru": "ru", "zh": "zh-hans"}
"""Our language -> Django's name of it, for the texts of sign-in forms."""


def language_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Sets `request.language`."""

    def answer(request: HttpRequest) -> HttpResponse:
        language = asked_language(request)
        setattr(request, "language", language)  # noqa: B010 - a request has no such field for mypy
        with translation.override(DJANGO[language]), told_in(getattr(request.user, "time_zone", "")), timezone.override(zone()):
            response = get_response(request)
        response.headers.setdefault("Content-Language", DJANGO[language])
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response

    return answer


def asked_language(request: HttpRequest) -> Language:
    user: Any = request.user
    if user.is_authenticated and user.language in LANGUAGES:
        return language_of(user.language)
    chosen = request.COOKIES.get(COOKIE)
    if chosen in LANGUAGES:
        return language_of(chosen)
    return browser_language(request.headers.get("Accept-Language", ""))


def browser_language(header: str) -> Language:
    """The first of ours that the browser prefers; English when it names none."""
    wanted = []
    for position, item in enumerate(header.split(",")):
        name, _, weight = item.strip().partition(";q=")
        try:
            wanted.append((-float(weight or 1), position, name.lower()[:2]))
        except ValueError:
            continue
    return next((language_of(name) for _weight, _position, name in sorted(wanted) if name in LANGUAGES), "en")
