"""Writes a backup while people work: every table from one snapshot, so that it is the books of one instant.

1. Migrations wait (their lock is held shared).
2. For a moment the locks of all units are held: postings under way end, none begins, and the snapshot is taken. So the backup holds
   precisely what reports as known at that instant say. When the locks are not to be had within seconds (a long import), the snapshot
   is taken without; it is still one consistent state, and the manifest says `is_exact: false`.
3. Every table is copied from that snapshot. Nobody waits for that. Sequences are read after the snapshot: a number that was given
   since is not given again after a restore.

Left out: sessions. Who was signed in signs in again. Errors: backup_unwritable, and those of the database.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, NamedTuple

import psycopg
from psycopg import sql

from setoff.books.audit import Actor, record_audit
from setoff.site import database
from setoff.site.backup.archive import Manifest, Progress, Sequence, Writer, appearing

LEFT_OUT: Final = ("django_session", "usersessions_usersession")
LOCK_TRIES: Final = 5
LOCK_WAIT: Final = "1500ms"
TRY_SECONDS: Final = 0.3
NAME: Final = re.compile(r"setoff-\d{4}-\d\d-\d\dT\d{6}Z\.backup\.zip")
TABLES_SQL: Final = """
  select c.relname, array_agg(a.attname::text order by a.attnum), pg_relation_size(c.oid)
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
  where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
  group by c.oid, c.relname order by c.relname"""
SEQUENCES_SQL: Final = "select relname from pg_class where relkind = 'S' and relnamespace = 'public'::regnamespace order by relname"
MIGRATIONS_SQL: Final = "select app || '/' || name from django_migrations order by 1"


class Written(NamedTuple):
    path: Path
    manifest: Manifest
    fingerprint: str


def name_of(made_at: datetime) -> str:
    """The name of a backup in a folder of backups: sorted by name is sorted by time."""
    return f"setoff-{made_at.astimezone(UTC):%Y-%m-%dT%H%M%SZ}.backup.zip"


def back_up(path: Path, actor: Actor, progress: Progress) -> Written:
    """The file holds the whole database of one instant; the audit trail says who made it. Errors: backup_unwritable."""
    with database.connect() as conn:
        written = write_backup(conn, path, progress)
        record_audit(conn, actor, "backup", file=path.name, made_at=written.manifest.made_at, fingerprint=written.fingerprint)
    return written


def drop_older(folder: Path, keep: int) -> list[Path]:
    """The newest `keep` backups of the folder stay; the names of those removed."""
    found = sorted((path for path in folder.iterdir() if NAME.fullmatch(path.name)), key=lambda path: path.name)
    old = found[:-keep]
    for path in old:
        path.unlink()
    return old


def estimated_bytes(conn: psycopg.Connection[Any]) -> int:
    """What the tables take on disk: near what their copy takes."""
    return sum(size for name, _columns, size in conn.execute(TABLES_SQL).fetchall() if name not in LEFT_OUT)


def write_backup(conn: psycopg.Connection[Any], path: Path, progress: Progress) -> Written:
    """The file holds every table of the connection's database as of one snapshot."""
    with appearing(path) as file, Writer(file) as writer:
        conn.execute("select pg_advisory_lock_shared(%s)", [database.MIGRATION_LOCK])
        try:
            with conn.transaction():
                conn.execute("set transaction isolation level repeatable read read only")
                conn.execute("set local row_security = off; set local statement_timeout = 0; set local datestyle = 'ISO, YMD'")
                made_at, is_exact = take_snapshot(conn)
                for name, columns, _size in conn.execute(TABLES_SQL).fetchall():
                    if name not in LEFT_OUT:
                        _copy(conn, writer, name, columns, progress)
                manifest = Manifest(
                    setoff=running_version(), made_at=made_at.isoformat(), is_exact=is_exact, server_version=conn.info.server_version,
                    migrations=[name for (name,) in conn.execute(MIGRATIONS_SQL).fetchall()], tables=writer.tables,
                    sequences=_sequences(conn), left_out=list(LEFT_OUT),
                )  # fmt: skip
        finally:
            conn.execute("select pg_advisory_unlock_shared(%s)", [database.MIGRATION_LOCK])
        fingerprint = writer.finish(manifest)
    return Written(path, manifest, fingerprint)


def take_snapshot(conn: psycopg.Connection[Any]) -> tuple[datetime, bool]:
    """The transaction of the connection sees one state from now on; its instant, and whether nothing was being posted then."""
    with psycopg.connect(conn.info.dsn, password=conn.info.password or None, autocommit=True) as other:
        for turn in range(LOCK_TRIES):
            try:
                with other.transaction():
                    other.execute(sql.SQL("set local lock_timeout = {}").format(LOCK_WAIT))
                    other.execute("select pg_advisory_xact_lock(id) from (select id from unit order by id) units")
                    return _snapshot(conn), True
            except psycopg.errors.LockNotAvailable:
                time.sleep(TRY_SECONDS * (turn + 1))
    return _snapshot(conn), False


def running_version() -> str:
    """The version of Setoff that runs; "source" when it was not installed."""
    try:
        return version("setoff")
    except PackageNotFoundError:
        return "source"


def _snapshot(conn: psycopg.Connection[Any]) -> datetime:
    made_at = datetime.now(UTC)
    conn.execute("select 1 from pg_class limit 1")
    return made_at


def _copy(conn: psycopg.Connection[Any], writer: Writer, name: str, columns: list[str], progress: Progress) -> None:
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    query = sql.SQL("copy {} ({}) to stdout").format(sql.Identifier("public", name), listed)
    with conn.cursor() as cursor, cursor.copy(query) as rows:
        writer.table(name, columns, rows, progress)


def _sequences(conn: psycopg.Connection[Any]) -> list[Sequence]:
    found = []
    for (name,) in conn.execute(SEQUENCES_SQL).fetchall():
        row = conn.execute(sql.SQL("select last_value, is_called from {}").format(sql.Identifier("public", name))).fetchone()
        assert row is not None
        found.append(Sequence(name, *row))
    return found
