"""Tokens of the API: made by a person for a program of his, with fewer rights than he has and an end.

    create_token(conn, rights, "warehouse", ["read", "import"], days=90, actor)   -> Created: the token, shown this once
    rights_of_token(conn, token)                                                 -> Rights: the person's, cut down to the scopes

A token is `setoff_` and 43 letters; kept is its sha256 alone. Scopes: read (looks), draft (saves drafts), post (posts, closes, approves
as the person may), import (saves and posts what files bring), administer. Errors: token_invalid, token_expired, invalid_value,
field_missing, not_permitted, unknown_reference.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import psycopg

from setoff.access.queries import rights_of
from setoff.access.rights import Right, Rights
from setoff.books.audit import Actor, record_audit
from setoff.core.errors import DomainError, ErrorCode

PREFIX: Final = "setoff_"
DAYS: Final = 90
DAYS_MAX: Final = 366
SCOPES: Final[Mapping[str, frozenset[Right]]] = {
    "read": frozenset({"read"}),
    "draft": frozenset({"read", "draft"}),
    "post": frozenset({"read", "draft", "post", "approve", "close"}),
    "import": frozenset({"read", "draft", "post"}),
    "administer": frozenset({"read", "administer"}),
}
USED_SQL: Final = """
  update access_token set last_used_at = clock_timestamp()
  where id = %s and (last_used_at is null or last_used_at < clock_timestamp() - interval '1 minute')"""
TOKENS_SQL: Final = """
  select access_token.id, access_user.username, access_token.name, hint, scopes, access_token.created_at, expires_at, last_used_at,
         revoked_at
  from access_token join access_user on access_user.id = access_token.user_id
  where %(user_id)s::int8 is null or access_token.user_id = %(user_id)s
  order by access_token.id desc"""


class Created(NamedTuple):
    id: int
    token: str
    expires_at: datetime


class TokenRow(NamedTuple):
    id: int
    login: str
    name: str
    hint: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None

    @property
    def is_valid(self) -> bool:
        return self.revoked_at is None and self.expires_at > datetime.now(UTC)


class TokenRights(NamedTuple):
    """Whose token it is, with the rights it leaves, and its scopes by name."""

    rights: Rights
    scopes: frozenset[str]


def create_token(
    conn: psycopg.Connection[Any], rights: Rights, name: str, scopes: Iterable[str], actor: Actor, *, days: int = DAYS
) -> Created:
    """A new token of the person; the only time it is told."""
    wanted = sorted(set(scopes))
    if not name.strip():
        raise DomainError(ErrorCode.FIELD_MISSING, field="name")
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if unknown or not wanted:
        raise DomainError(ErrorCode.INVALID_VALUE, field="scopes", value=", ".join(unknown), expected=", ".join(SCOPES))
    if not 1 <= days <= DAYS_MAX:
        raise DomainError(ErrorCode.INVALID_VALUE, field="days", value=str(days), expected=f"1..{DAYS_MAX}")
    token = PREFIX + secrets.token_urlsafe(32)
    expires_at = datetime.now(UTC) + timedelta(days=days)
    with conn.transaction():
        row = conn.execute(
            """insert into access_token (user_id, name, digest, hint, scopes, expires_at) values (%s, %s, %s, %s, %s::text[], %s)
               returning id""",
            [rights.user_id, name.strip(), _digest(token), token[: len(PREFIX) + 4], wanted, expires_at],
        ).fetchone()
        assert row is not None
        record_audit(conn, actor, "create_token", token=row[0], user=rights.login, scopes=wanted, expires=expires_at.date().isoformat())
    return Created(row[0], token, expires_at)


def revoke_token(conn: psycopg.Connection[Any], rights: Rights, token_id: int, actor: Actor) -> None:
    """The token is worth nothing any more. One's own, or, for an administrator, anybody's. Errors: unknown_reference."""
    with conn.transaction():
        row = conn.execute(
            """update access_token set revoked_at = clock_timestamp()
               where id = %s and revoked_at is null and (user_id = %s or %s::bool) returning user_id""",
            [token_id, rights.user_id, rights.is_administrator],
        ).fetchone()
        if row is None:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="token", value=str(token_id), field="token")
        record_audit(conn, actor, "revoke_token", token=token_id)


def tokens(conn: psycopg.Connection[Any], user_id: int | None = None) -> Sequence[TokenRow]:
    """Tokens of a user, or of all, newest first; revoked and expired ones too."""
    return [TokenRow._make(row) for row in conn.execute(TOKENS_SQL, {"user_id": user_id})]


def rights_of_token(conn: psycopg.Connection[Any], token: str) -> TokenRights:
    """The rights a token gives now; `conn` is the owner's. Its use is noted, once a minute."""
    row = conn.execute(
        "select id, user_id, scopes, expires_at, revoked_at from access_token where digest = %s", [_digest(token)]
    ).fetchone()
    if row is None or row[4] is not None:
        raise DomainError(ErrorCode.TOKEN_INVALID)
    token_id, user_id, scopes, expires_at, _revoked_at = row
    if expires_at <= datetime.now(UTC):
        raise DomainError(ErrorCode.TOKEN_EXPIRED, date=expires_at.date())
    try:
        rights = rights_of(conn, user_id)
    except DomainError:
        raise DomainError(ErrorCode.TOKEN_INVALID) from None  # its owner is not active any more
    conn.execute(USED_SQL, [token_id])
    allowed: frozenset[Right] = frozenset().union(*(SCOPES[scope] for scope in scopes))
    return TokenRights(rights.limited_to(allowed), frozenset(scopes))


def _digest(token: str) -> bytes:
    """A token is 256 bits of chance: one round of sha256 is enough."""
    return hashlib.sha256(token.encode()).digest()
