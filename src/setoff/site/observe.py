"""One line in the log and one figure for each request: which route, who by id, how long, what came of it."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from setoff.site.metrics import REFUSALS, REQUESTS

Answer = Callable[[HttpRequest], HttpResponseBase]
LOG: Final = logging.getLogger("setoff.request")
ID: Final = re.compile(r"[\w-]{8,64}")
QUIET: Final = ("/health/", "/metrics", "/static/")
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def observe(get_response: Answer) -> Answer:
    """The middleware. The id of a request is the proxy's when it gave one, and goes back with the answer."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if ID.fullmatch(given) else uuid.uuid4().hex
        began = time.perf_counter()
        response = get_response(request)
        response.headers["X-Request-ID"] = request_id
        seconds = time.perf_counter() - began
        if not request.path.startswith(QUIET):
            record(request, response, request_id, seconds)
        return response

    return answer


def record(request: HttpRequest, response: HttpResponseBase, request_id: str, seconds: float) -> None:
    route = request.resolver_match.route if request.resolver_match else "none"
    method = request.method if request.method in METHODS else "other"
    refusal = getattr(response, "refusal", None)
    REQUESTS.labels(route, method, response.status_code).observe(seconds)
    if refusal is not None:
        REFUSALS.labels(refusal).inc()
    level = logging.ERROR if response.status_code >= 500 and refusal is None else logging.INFO
    facts = {
        "request_id": request_id, "method": method, "route": route, "status": response.status_code,
        "duration_ms": round(seconds * 1000, 1), "user_id": user_id(request), "refusal": refusal,
    }  # fmt: skip
    LOG.log(level, "request", extra=facts)


def user_id(request: Any) -> int | None:
    """Of who was asked for while answering; nobody is looked up for the log."""
    rights = getattr(request, "rights", None)
    if rights is not None:
        return int(rights.user_id)
    user = getattr(request, "_cached_user", None)
    return int(user.pk) if user is not None and user.pk is not None else None
