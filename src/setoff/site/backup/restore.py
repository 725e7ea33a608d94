"""Makes a database from a backup: a new one beside the old, put in its place when it is whole. So nothing is ever half restored.

1. The file is read once and compared with its manifest; a version that made it must not be newer than this one.
2. The database in use must be empty, unless it is to be replaced.
3. A new database gets the tables that the backup's version had (its migrations), the rows, the sequences; the guards of the ledger are
   off meanwhile, the checks of columns and keys are not. Then it is brought up to date as any older database is.
4. The two change places in one transaction. The old one is kept as NAME_before_restore; one kept before makes room for it.

Errors: backup_damaged, backup_newer, database_not_empty, database_right_missing, and those of the database.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from graphlib import TopologicalSorter
from typing import Any, Final, NamedTuple

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from setoff.books.audit import Actor, record_audit
from setoff.core.errors import DomainError, ErrorCode
from setoff.site import database
from setoff.site.backup.archive import Archive, Progress, Table

MAINTENANCE: Final = ("postgres", "template1")
OWN: Final = ("organization", "document", "access_user")
"""Tables whose rows somebody entered: with one of them a database is not empty."""
TABLES_SQL: Final = "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by relname"
NEEDS_SQL: Final = """
  select conrelid::regclass::text, confrelid::regclass::text from pg_constraint
  where contype = 'f' and connamespace = 'public'::regnamespace and conrelid <> confrelid"""


class Restored(NamedTuple):
    """`kept_as`: the name under which the former database is kept; "" when there was nothing in it."""

    documents: int
    kept_as: str


def restore(archive: Archive, actor: Actor, progress: Progress, *, replace: bool) -> Restored:
    """The database in use is that of the backup, brought up to date."""
    refuse_unfit(archive, progress)
    address = database.url()
    name = str(conninfo_to_dict(address)["dbname"])
    is_empty = _is_empty(address)
    if not (is_empty or replace):
        raise DomainError(ErrorCode.DATABASE_NOT_EMPTY, database=name)
    with _maintenance(address) as admin:
        made = _new_name(name)
        try:
            with built(archive, address, made, admin, progress), database.connect() as conn:
                record_audit(conn, actor, "restore", file=archive.path.name, fingerprint=archive.fingerprint)
                (documents,) = conn.execute("select count(*) from document").fetchone() or (0,)
            kept_as = _change_places(admin, name, made, keep=not is_empty)
        finally:  # when it has taken its place, there is none of that name
            admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(made)))
    return Restored(documents, kept_as)


@contextmanager
def restored_aside(archive: Archive, progress: Progress) -> Iterator[psycopg.Connection[Any]]:
    """A connection to a database made from the backup beside the one in use; dropped afterwards. To prove that it can be restored."""
    refuse_unfit(archive, progress)
    address = database.url()
    with _maintenance(address) as admin:
        made = _new_name(str(conninfo_to_dict(address)["dbname"]))
        try:
            with built(archive, address, made, admin, progress), database.connect() as conn:
                yield conn
        finally:
            admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(made)))


def refuse_unfit(archive: Archive, progress: Progress) -> None:
    """Errors: backup_newer, backup_damaged."""
    unknown = sorted(set(archive.manifest.migrations) - set(database.migrations()))
    if unknown:
        raise DomainError(ErrorCode.BACKUP_NEWER, file=str(archive.path), migrations=", ".join(unknown))
    archive.check(progress)


@contextmanager
def built(archive: Archive, address: str, name: str, admin: psycopg.Connection[Any], progress: Progress) -> Iterator[None]:
    """A new database of that name holds what the backup holds, up to date, and is in use within the block."""
    try:
        database.create_database(admin, name)
    except psycopg.errors.InsufficientPrivilege as problem:
        raise DomainError(ErrorCode.DATABASE_RIGHT_MISSING, reason=str(problem).strip()) from problem
    with database.using(make_conninfo(address, dbname=name)):
        database.migrate_to(archive.manifest.migrations)
        with database.connect() as conn:
            fill(conn, archive, progress)
        database.prepare()
        yield


def fill(conn: psycopg.Connection[Any], archive: Archive, progress: Progress) -> None:
    """The database, which has the tables of the backup's version, holds exactly its rows. All or nothing."""
    try:
        with conn.transaction():
            names = [name for (name,) in conn.execute(TABLES_SQL).fetchall()]
            conn.execute("set local statement_timeout = 0")
            for name in names:
                conn.execute(sql.SQL("alter table {} disable trigger user").format(sql.Identifier("public", name)))
            conn.execute(sql.SQL("truncate {}").format(sql.SQL(", ").join(sql.Identifier("public", name) for name in names)))
            for table in in_order(conn, archive.manifest.tables):
                _copy(conn, archive, table, progress)
            for sequence in archive.manifest.sequences:
                conn.execute(sql.SQL("create sequence if not exists {}").format(sql.Identifier("public", sequence.name)))
                place = sql.Identifier("public", sequence.name).as_string(conn)
                conn.execute("select setval(%s::regclass, %s, %s)", [place, sequence.last_value, sequence.is_called])
            conn.execute("set constraints all immediate")
            for name in names:
                conn.execute(sql.SQL("alter table {} enable trigger user").format(sql.Identifier("public", name)))
        conn.execute("analyze")
    except (psycopg.errors.IntegrityError, psycopg.errors.DataError, psycopg.errors.SyntaxErrorOrAccessRuleViolation) as problem:
        archive.refuse(str(problem).strip())


def in_order(conn: psycopg.Connection[Any], tables: list[Table]) -> list[Table]:
    """The tables of the backup, each after those that it refers to."""
    by_name = {table.name: table for table in tables}
    order: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(sorted(by_name), ()))
    for name, needed in conn.execute(NEEDS_SQL).fetchall():
        if name in by_name:
            order.add(name, needed)
    return [by_name[name] for name in order.static_order() if name in by_name]


def _copy(conn: psycopg.Connection[Any], archive: Archive, table: Table, progress: Progress) -> None:
    listed = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    query = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier("public", table.name), listed)
    with conn.cursor() as cursor:
        with cursor.copy(query) as copy:
            for piece in archive.pieces(table):
                copy.write(piece)
                progress(len(piece))
        if cursor.rowcount != table.rows:
            archive.refuse(f"{table.member}: {cursor.rowcount} rows instead of {table.rows}")


def _is_empty(address: str) -> bool:
    """Nobody entered anything into it; also when it does not exist yet."""
    try:
        conn = psycopg.connect(address, autocommit=True)
    except psycopg.OperationalError as problem:
        if "does not exist" in str(problem):
            return True
        raise
    with conn:
        for name in OWN:
            found = conn.execute("select to_regclass(%s) is not null", [f"public.{name}"]).fetchone()
            query = sql.SQL("select exists (select from {})").format(sql.Identifier("public", name))
            if found == (True,) and conn.execute(query).fetchone() == (True,):
                return False
    return True


def _change_places(admin: psycopg.Connection[Any], name: str, made: str, *, keep: bool) -> str:
    """`made` has the name; the former one is kept under another, or is gone when there was nothing in it."""
    kept, old, new = (sql.Identifier(word) for word in (kept_name(name), name, made))
    exists = admin.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is not None
    if exists and keep:
        admin.execute(sql.SQL("drop database if exists {} with (force)").format(kept))
        admin.execute(sql.SQL("alter database {} allow_connections false").format(old))
    try:
        _disconnect(admin, name, made)
        if exists and not keep:
            admin.execute(sql.SQL("drop database {} with (force)").format(old))
        with admin.transaction():
            if exists and keep:
                admin.execute(sql.SQL("alter database {} rename to {}").format(old, kept))
            admin.execute(sql.SQL("alter database {} rename to {}").format(new, old))
    finally:
        if exists and keep:
            left = kept_name(name) if admin.execute("select 1 from pg_database where datname = %s", [made]).fetchone() is None else name
            admin.execute(sql.SQL("alter database {} allow_connections true").format(sql.Identifier(left)))
    return kept_name(name) if exists and keep else ""


def _disconnect(admin: psycopg.Connection[Any], *names: str) -> None:
    """Nobody is connected to these databases."""
    admin.execute("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = any(%s)", [list(names)])


def kept_name(name: str) -> str:
    return f"{name}_before_restore"


def _new_name(name: str) -> str:
    return f"{name[:30]}_restoring_{os.urandom(4).hex()}"


@contextmanager
def _maintenance(address: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to the same server, but not to the database in use."""
    problem: psycopg.OperationalError | None = None
    for name in MAINTENANCE:
        try:
            conn = psycopg.connect(make_conninfo(address, dbname=name), autocommit=True)
        except psycopg.OperationalError as found:
            problem = problem or found
            continue
        with conn:
            yield conn
        return
    raise DomainError(ErrorCode.DATABASE_RIGHT_MISSING, reason=str(problem).strip())
