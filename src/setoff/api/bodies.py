"""Bodies of requests: JSON of one declared structure, read by the decoder that reads the files of `setoff import`.

Errors: request_unreadable (no JSON), media_type_unsupported, request_too_large, and those of trade/shape.py with the field.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import msgspec
from django.http import HttpRequest
from django.http.request import UnreadablePostError

from setoff.core.errors import DomainError, ErrorCode
from setoff.trade.shape import shape_refusal

BODY_BYTES_MAX: Final = 8 << 20
JSON: Final = "application/json"
_UNSTORABLE: Final = b"\\u0000"
"""A NUL is legal in JSON and refused by PostgreSQL."""


@cache
def _decoder(form: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(form)


def require_media_type(request: HttpRequest, *allowed: str) -> None:
    given = (request.content_type or "").lower()
    if given not in allowed:
        raise DomainError(ErrorCode.MEDIA_TYPE_UNSUPPORTED, value=given, expected=", ".join(allowed))


def read_content(request: HttpRequest) -> bytes:
    """All of the body, up to a limit. Errors: request_too_large, request_unreadable (the client went away)."""
    try:
        content: bytes = request.read(BODY_BYTES_MAX + 1)
    except UnreadablePostError as problem:
        raise DomainError(ErrorCode.REQUEST_UNREADABLE, reason=str(problem)) from None
    if len(content) > BODY_BYTES_MAX:
        raise DomainError(ErrorCode.REQUEST_TOO_LARGE, limit=BODY_BYTES_MAX)
    return content


def decode(content: bytes, form: Any) -> Any:
    """The structure that the body holds."""
    try:
        if _UNSTORABLE in content:
            raise DomainError(ErrorCode.REQUEST_UNREADABLE, reason="\\u0000")
        return _decoder(form).decode(content)
    except msgspec.ValidationError as problem:
        raise shape_refusal(_plain(content), str(problem)) from None
    except (ValueError, RecursionError) as problem:
        raise DomainError(ErrorCode.REQUEST_UNREADABLE, reason=str(problem)) from None


def _plain(content: bytes) -> Any:
    """Plain values; a structure may be refused before the rest is found to be no JSON."""
    try:
        return msgspec.json.decode(content)
    except (ValueError, RecursionError) as problem:
        raise DomainError(ErrorCode.REQUEST_UNREADABLE, reason=str(problem)) from None
