"""Connections to the books for people who signed in: a pool per process, each connection entered with the rights of who asks.

    with books(rights) as conn: ...        or books_of(user_id); autocommit; sees and changes what the rights allow, by row-level security

A process that forks opens a pool of its own. Errors: database_busy.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from setoff.access.entry import enter, leave
from setoff.access.queries import rights_of
from setoff.core.errors import DomainError, ErrorCode
from setoff.site import database
from setoff.site.environment import environment, limits

if TYPE_CHECKING:
    from setoff.access.rights import Rights

Pool = ConnectionPool[psycopg.Connection[Any]]

SIZE_MAX: Final = 16
WAIT_SECONDS: Final = 10.0
_pools: dict[tuple[int, str], Pool] = {}
_opening: Final = threading.Lock()
"""Two first requests of one moment open one pool."""


@contextmanager
def books(rights: Rights) -> Iterator[psycopg.Connection[Any]]:
    """A connection that sees what these rights may see. Afterwards nothing of it stays: an open transaction is rolled back, the
    rights are taken off."""
    with _lent() as conn:
        enter(conn, rights)
        yield conn


@contextmanager
def books_of(user_id: int) -> Iterator[tuple[psycopg.Connection[Any], Rights]]:
    """The same for a user, with the rights he has now. Errors: not_permitted when he is no user or not active."""
    with _lent() as conn:
        rights = rights_of(conn, user_id)
        enter(conn, rights)
        yield conn, rights


@contextmanager
def owner() -> Iterator[psycopg.Connection[Any]]:
    """A connection with nobody's rights, for what is no person's: the audit of a sign-in, rights themselves."""
    with _lent() as conn:
        yield conn


@contextmanager
def _lent() -> Iterator[psycopg.Connection[Any]]:
    try:
        with pool().connection(timeout=WAIT_SECONDS) as conn:
            yield conn
    except PoolTimeout as problem:
        raise DomainError(ErrorCode.DATABASE_BUSY, reason=str(problem)) from problem


def pool() -> Pool:
    """This process's pool to the database in use."""
    name = (os.getpid(), database.url())
    with _opening:
        if name not in _pools:
            _pools[name] = ConnectionPool(
                database.url(),
                min_size=1,
                max_size=SIZE_MAX,
                kwargs={"autocommit": True, "options": f"{database.options(database.url())} {limits(environment())}"},
                configure=database.configure,
                check=ConnectionPool.check_connection,
                reset=leave,
                open=True,
            )
    return _pools[name]


def close() -> None:
    """This process gives its connections back: before a database is dropped, or the process ends."""
    for name in [name for name in _pools if name[0] == os.getpid()]:
        _pools.pop(name).close()
