"""Bodies of requests have a size that is known before they are read: a larger one than SETOFF_UPLOAD_MIB is refused at once.

Addresses of the API that stream a body into a file have a limit of their own and say so (`LARGE`). What a file is, is found in its
content (attachments/contents.py, intake/packed.py). Errors: upload_too_large.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from setoff.core.errors import DomainError, ErrorCode
from setoff.language import error_text, mend_text
from setoff.site.environment import environment
from setoff.site.middleware import browser_language

LARGE: Final = ("/api/",)
MEBIBYTE: Final = 1 << 20
Answer = Callable[[HttpRequest], HttpResponseBase]


def refuse_large_bodies(get_response: Answer) -> Answer:
    """The middleware. The refusal is plain text: who asked is not looked up for it."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        limit = environment().upload_mib_max
        length = request.headers.get("Content-Length") or "0"
        if request.path.startswith(LARGE) or (length.isdigit() and int(length) <= limit * MEBIBYTE):
            return get_response(request)
        refusal = DomainError(ErrorCode.UPLOAD_TOO_LARGE, limit=limit)
        language = browser_language(request.headers.get("Accept-Language", ""))
        content = f"{refusal.code.value}: {error_text(language, refusal)} {mend_text(language, refusal)}\n"
        response = HttpResponse(content, content_type="text/plain; charset=utf-8", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        setattr(response, "refusal", refusal.code.value)  # noqa: B010 - a response has no such field for mypy
        return response

    return answer
