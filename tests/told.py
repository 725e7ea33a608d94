"""Books in which something was told before: told once in a run, copied for every test that asks for it."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg import sql

from setoff.site import database

Connection = psycopg.Connection[Any]
BooksOf = Callable[..., Connection]
TELLING_LOCK: Final = 7_263_003


@contextmanager
def told(server: str, tell: Callable[..., object], *facts: Any) -> Iterator[Connection]:
    """A connection to a fresh database of that server in which `tell(conn, *facts)` was done. It is known by its name and the facts, so it
    is a function of a module, and does the same whenever it is called."""
    name = f"{tell.__module__}.{tell.__qualname__}{facts}"
    assert "<" not in name, "what is told needs a name"
    template = f"setoff_throwaway_told_{hashlib.sha256(name.encode()).hexdigest()[:16]}"
    with database.connect(server) as admin:
        if not _is_there(admin, template):
            admin.execute("select pg_advisory_lock(%s)", [TELLING_LOCK])
            try:
                if not _is_there(admin, template):
                    _tell(admin, template, lambda conn: tell(conn, *facts))
            finally:
                admin.execute("select pg_advisory_unlock(%s)", [TELLING_LOCK])
    with database.throwaway(template), database.connect() as conn:
        yield conn


def _is_there(admin: Connection, name: str) -> bool:
    return admin.execute("select from pg_database where datname = %s", [name]).fetchone() is not None


def _tell(admin: Connection, name: str, tell: Callable[[Connection], object]) -> None:
    with database.throwaway() as address:
        with database.connect() as conn:
            tell(conn)
            made = conn.info.dbname
        close_all()
        assert database.url() == address
        admin.execute(sql.SQL("alter database {} rename to {}").format(sql.Identifier(made), sql.Identifier(name)))


def close_all() -> None:
    """No connection of Django or of the pool is left to the database in use."""
    if "setoff.site.settings" in sys.modules:
        from django.db import connections

        connections.close_all()
    if "setoff.site.pool" in sys.modules:
        from setoff.site import pool

        pool.close()
