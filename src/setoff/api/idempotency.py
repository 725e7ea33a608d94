"""Idempotency-Key: the same request sent twice happens once, and answers the same both times.

The answer is stored in the transaction of what the request did: both are there or neither, also after a crash. A second request with
the key waits until the first one ends. What was refused is not stored: nothing happened, so it may be tried again.
Answers are kept for KEPT_HOURS; large ones are not repeated in full (ANSWER_BYTES_MAX). Keys belong to their user.
Errors: idempotency_key_reused, request_in_progress, invalid_value.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import psycopg
from django.http import HttpRequest
from psycopg.types.json import Jsonb

from setoff.core.errors import DomainError, ErrorCode

HEADER: Final = "Idempotency-Key"
KEY_LENGTH_MAX: Final = 200
KEY: Final = re.compile(r"[!-~]{1,200}")
KEPT_HOURS: Final = 72
WAIT_MS: Final = 15_000
CLAIM_SQL: Final = """
  insert into api_request (user_id, key, route, body_hash) values (%(user)s, %(key)s, %(route)s, %(hash)s)
  on conflict (user_id, key) do nothing returning 1"""
STORED_SQL: Final = "select route, body_hash, status, headers, answer from api_request where user_id = %(user)s and key = %(key)s"
STORE_SQL: Final = "update api_request set status = %s, headers = %s, answer = %s where user_id = %s and key = %s"
FORGET_SQL: Final = "delete from api_request where user_id = %s and recorded_at < clock_timestamp() - make_interval(hours => %s::int)"
WAIT_SQL: Final = "select current_setting('lock_timeout'), set_config('lock_timeout', %s, true)"
FORGET_EVERY: Final = 64


class Replay(NamedTuple):
    """The answer of the first request."""

    status: int
    headers: dict[str, str]
    content: bytes


class Claim(NamedTuple):
    user_id: int
    key: str


def key_of(request: HttpRequest) -> str:
    """The key of a request; "" when it has none."""
    key = request.headers.get(HEADER)
    if key is None:
        return ""
    if not KEY.fullmatch(key):
        raise DomainError(ErrorCode.INVALID_VALUE, field=HEADER, value=key[:KEY_LENGTH_MAX], expected=KEY.pattern)
    return str(key)


def claim(conn: psycopg.Connection[Any], user_id: int, key: str, route: str, content: bytes) -> Claim | Replay:
    """The key is ours for this transaction; or the answer that it had. `conn` is in the transaction of the request."""
    names = {"user": user_id, "key": key, "route": route, "hash": hashlib.sha256(content).digest()}
    with _waiting(conn):
        try:
            is_new = conn.execute(CLAIM_SQL, names).fetchone() is not None
        except psycopg.errors.LockNotAvailable:
            raise DomainError(ErrorCode.REQUEST_IN_PROGRESS, key=key) from None
    if is_new:
        return Claim(user_id, key)
    row = conn.execute(STORED_SQL, names).fetchone()
    if row is None:
        raise DomainError(ErrorCode.REQUEST_IN_PROGRESS, key=key)
    stored_route, stored_hash, status, headers, answer = row
    if (stored_route, bytes(stored_hash)) != (route, names["hash"]):
        raise DomainError(ErrorCode.IDEMPOTENCY_KEY_REUSED, key=key, route=stored_route)
    return Replay(status, headers, bytes(answer))


def keep_answer(conn: psycopg.Connection[Any], claimed: Claim, answer: Replay) -> None:
    """The answer is stored under the key; now and then what is too old is forgotten."""
    values = [answer.status, Jsonb(answer.headers), answer.content, *claimed]
    conn.execute(STORE_SQL, values)
    if hash(claimed.key) % FORGET_EVERY == 0:
        conn.execute(FORGET_SQL, [claimed.user_id, KEPT_HOURS])


@contextmanager
def _waiting(conn: psycopg.Connection[Any]) -> Iterator[None]:
    """For the block a lock is not waited for longer than WAIT_MS."""
    row = conn.execute(WAIT_SQL, [str(WAIT_MS)]).fetchone()
    assert row is not None
    yield
    conn.execute("select set_config('lock_timeout', %s, true)", [row[0]])
