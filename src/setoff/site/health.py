"""Whether the server lives and whether it can work, for proxies and those who start and stop it. Asked often, so it costs little.

    /health/live    200: this process answers
    /health/ready   200: the database answers and has this version's tables, and its disk has room; else 503 and which is not
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Final

import psycopg
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

from setoff.core.errors import DomainError
from setoff.site import database
from setoff.site.data_folder import data_folder
from setoff.site.environment import environment
from setoff.site.metrics import metrics

MEBIBYTE: Final = 1 << 20
GOOD: Final = "ok"
Answer = Callable[[HttpRequest], HttpResponseBase]


def health(get_response: Answer) -> Answer:
    """The middleware: answers these addresses itself, whatever host was asked for, and passes on all others."""
    own: dict[str, Answer] = {"/health/live": live, "/health/ready": ready, "/metrics": metrics}

    def answer(request: HttpRequest) -> HttpResponseBase:
        return own.get(request.path, get_response)(request)

    return answer


def live(_request: HttpRequest) -> HttpResponse:
    return JsonResponse({"state": GOOD})


def ready(_request: HttpRequest) -> HttpResponse:
    found = {"database": database_state(), "disk": disk_state()}
    is_ready = set(found.values()) == {GOOD}
    return JsonResponse({"state": GOOD if is_ready else "not ready", **found}, status=200 if is_ready else 503)


def database_state() -> str:
    """ok; or the code of what is wrong; or "migrations" when tables are missing."""
    try:
        with database.connect() as conn:
            return GOOD if database.is_current(conn) else "migrations"
    except DomainError as refusal:
        return refusal.code.value
    except psycopg.Error:
        return "database_unreachable"


def disk_state() -> str:
    """Of the data folder: there the embedded server keeps the books."""
    free = shutil.disk_usage(data_folder()).free
    return GOOD if free >= environment().disk_mib_min * MEBIBYTE else "full"
