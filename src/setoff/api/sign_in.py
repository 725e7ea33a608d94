"""Who asks: a bearer token, or the session of somebody who signed in on the pages (then what changes anything needs the CSRF token).

Errors: sign_in_required, csrf_failed, and those of access/tokens.py.
"""

from __future__ import annotations

from typing import Any

import psycopg
from django.http import HttpRequest
from ninja.utils import check_csrf

from setoff.access.queries import rights_of
from setoff.access.rights import Rights
from setoff.access.tokens import rights_of_token
from setoff.core.errors import DomainError, ErrorCode

SAFE = ("GET", "HEAD", "OPTIONS")


def signed_in(request: HttpRequest, conn: psycopg.Connection[Any]) -> Rights:
    """The rights of who asks, now; `conn` is the owner's."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return rights_of_token(conn, token.strip()).rights
    user: Any = request.user
    if not user.is_authenticated:
        raise DomainError(ErrorCode.SIGN_IN_REQUIRED)
    if request.method not in SAFE and check_csrf(request) is not None:
        raise DomainError(ErrorCode.CSRF_FAILED)
    return rights_of(conn, int(user.pk))
