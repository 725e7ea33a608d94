"""Who asks: a bearer token, or the session of somebody who signed in on the pages (then what changes anything needs the CSRF token).

Errors: sign_in_required, csrf_failed, and those of access/tokens.py.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import psycopg
from django.http import HttpRequest
from ninja.utils import check_csrf

from setoff.access.queries import rights_of
from setoff.access.rights import Right, Rights
from setoff.access.tokens import SCOPES, rights_of_token
from setoff.core.errors import DomainError, ErrorCode

SAFE: Final = ("GET", "HEAD", "OPTIONS")
IMPORT: Final = "import"
"""The scope that lets in what files bring, and nothing else."""


class SignedIn(NamedTuple):
    """The rights of who asks, now. `scopes` of the token; None: a person in a session. `subject`: whose requests are counted."""

    rights: Rights
    scopes: frozenset[str] | None
    subject: str


def signed_in(request: HttpRequest, conn: psycopg.Connection[Any], *, is_import: bool) -> SignedIn:
    """`conn` is the owner's. A token goes before a session."""
    header = request.headers.get("Authorization", "")
    if header:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise DomainError(ErrorCode.SIGN_IN_REQUIRED)
        return _by_token(conn, token.strip(), is_import=is_import)
    user: Any = request.user
    if not user.is_authenticated:
        raise DomainError(ErrorCode.SIGN_IN_REQUIRED)
    if request.method not in SAFE and check_csrf(request) is not None:
        raise DomainError(ErrorCode.CSRF_FAILED)
    rights = rights_of(conn, int(user.pk))
    return SignedIn(rights, None, f"user {rights.user_id}")


def _by_token(conn: psycopg.Connection[Any], token: str, *, is_import: bool) -> SignedIn:
    found = rights_of_token(conn, token)
    rights, scopes = found.rights, found.scopes
    if not is_import:
        allowed: frozenset[Right] = frozenset().union(*(SCOPES[scope] for scope in scopes - {IMPORT}))
        rights = rights.limited_to(allowed)
    return SignedIn(rights, scopes, f"user {rights.user_id} token")
