"""Where the books are: the PostgreSQL of SETOFF_DATABASE_URL, or the embedded server in the user's data folder.

    prepare()    once per process, before anything else: the server runs, the database exists and has every migration
    connect()    a psycopg connection to it: autocommit, UTC
    throwaway()  a fresh, migrated database of its own for tests and scenarios, dropped afterwards

`prepare` asks the database for its migrations in one query and loads Django only when some are missing, so that a command
answers at once. Two processes that start together wait for one another (advisory lock). A database of a newer version is left alone.
Errors: database_unreachable, database_newer.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.numeric import Int8Dumper

from setoff.core.errors import DomainError, ErrorCode
from setoff.site.data_folder import data_folder

if TYPE_CHECKING:
    from setoff.site.embedded import EmbeddedServer

ADDRESS: Final = "SETOFF_DATABASE_URL"
NAME: Final = "setoff"
MIGRATION_LOCK: Final = 7_263_001
TEMPLATE_LOCK: Final = 7_263_002
LEAVING_SECONDS: Final = 0.1
SOURCE: Final = Path(__file__).parent.parent
TABLES_FROM_THE_SHELF: Final = [
    ("django", "contrib", "contenttypes"),
    ("django", "contrib", "auth"),
    ("django", "contrib", "sessions"),
    ("allauth", "account"),
    ("allauth", "mfa"),
    ("allauth", "usersessions"),
]
COLLATION: Final[LiteralString] = "encoding 'UTF8' locale_provider builtin builtin_locale 'C.UTF-8' template template0"
COLLATION_BEFORE_17: Final[LiteralString] = "encoding 'UTF8' lc_collate 'C' lc_ctype 'C' template template0"

_embedded: dict[Path, EmbeddedServer] = {}


def server() -> EmbeddedServer:
    """The embedded server of the data folder, started when it does not run."""
    from setoff.site.embedded import EmbeddedServer

    folder = data_folder() / "postgresql-18"
    if folder not in _embedded:
        _embedded[folder] = EmbeddedServer(folder)
    return _embedded[folder]


def url() -> str:
    """The address of the books."""
    return os.environ.get(ADDRESS) or server().database_url(NAME)


def connect(address: str | None = None) -> psycopg.Connection[Any]:
    """A connection to the books (or to another address), in UTC and autocommit: who needs a transaction says so
    (`with conn.transaction()`), and a verb's transaction is never a part of a forgotten one. Errors: database_unreachable."""
    found = address or url()
    try:
        conn = psycopg.connect(found, autocommit=True, options=options(found))
        configure(conn)
        return conn
    except psycopg.OperationalError as problem:
        raise DomainError(ErrorCode.DATABASE_UNREACHABLE, address=_shown(found), reason=str(problem).strip()) from problem


def configure(conn: psycopg.Connection[Any]) -> None:
    """What every connection of ours has, also those of a pool."""
    conn.adapters.register_dumper(int, Int8Dumper)  # by default the type follows the value, and each mix is another statement to plan


def prepare() -> None:
    """The server runs, the database exists, its tables and accounts are those of this version. Else changes nothing.
    Errors: database_unreachable, database_newer."""
    create()
    with connect() as conn:
        if not is_current(conn):
            conn.execute("select pg_advisory_lock(%s)", [MIGRATION_LOCK])
            if not is_current(conn):
                _migrate(conn)


@contextmanager
def using(address: str) -> Iterator[None]:
    """Within the block `connect`, Django and child processes work with another database."""
    before = os.environ.get(ADDRESS)
    os.environ[ADDRESS] = address
    _point_django_to(address)
    try:
        yield
    finally:
        if before is None:
            del os.environ[ADDRESS]
        else:
            os.environ[ADDRESS] = before
        if _django_is_loaded():
            _point_django_to(url())


@contextmanager
def throwaway(template: str = "") -> Iterator[str]:
    """The address of a fresh migrated database, in use within the block (`using`), dropped after it.

    It is copied, file by file, from a template that the first caller of this version makes, so the next costs tens of milliseconds; or
    from the database that is named."""
    admin_address = os.environ.get(ADDRESS) or server().url
    with connect(admin_address) as admin:
        template = template or _template(admin, admin_address)
        name = f"setoff_throwaway_{os.getpid()}_{os.urandom(6).hex()}"
        admin.execute(sql.SQL("create database {} template {} strategy file_copy").format(sql.Identifier(name), sql.Identifier(template)))
        address = _sibling(admin_address, name)
        try:
            with using(address):
                yield address
        finally:
            _wait_until_left(admin, name)
            admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def _wait_until_left(admin: psycopg.Connection[Any], name: str) -> None:
    """Give the sessions of closed connections a moment to end: dropping looks for them every tenth of a second only."""
    given_up = time.monotonic() + LEAVING_SECONDS
    while time.monotonic() < given_up:
        if admin.execute("select from pg_stat_activity where datname = %s limit 1", [name]).fetchone() is None:
            return
        time.sleep(0.002)


def _template(admin: psycopg.Connection[Any], admin_address: str) -> str:
    """The name of the migrated template of this version; made when absent, those of other versions dropped."""
    name = f"setoff_template_{_version_digest()}"
    known = "select 1 from pg_database where datname = %s and datistemplate"
    if admin.execute(known, [name]).fetchone():
        return name
    admin.execute("select pg_advisory_lock(%s)", [TEMPLATE_LOCK])
    try:
        if not admin.execute(known, [name]).fetchone():
            others = "select datname, datistemplate from pg_database where starts_with(datname, 'setoff_template_')"
            for old, is_template in admin.execute(others).fetchall():
                if is_template:  # else dropping it was broken off, and it may not be altered any more
                    admin.execute(sql.SQL("alter database {} is_template false").format(sql.Identifier(old)))
                admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(old)))
            create_database(admin, name)
            with using(_sibling(admin_address, name)):
                prepare()
                _close_django()
            admin.execute(sql.SQL("alter database {} is_template true").format(sql.Identifier(name)))
    finally:
        admin.execute("select pg_advisory_unlock(%s)", [TEMPLATE_LOCK])
    return name


def create() -> None:
    """The embedded server's database exists, when that is where the books are; it may be empty. Somebody else's server has its own."""
    if os.environ.get(ADDRESS):
        return
    try:
        psycopg.connect(server().database_url(NAME)).close()
    except psycopg.OperationalError:
        with connect(server().url) as admin:
            admin.execute("select pg_advisory_lock(%s)", [MIGRATION_LOCK])
            if not admin.execute("select 1 from pg_database where datname = %s", [NAME]).fetchone():
                create_database(admin, NAME)


def create_database(admin: psycopg.Connection[Any], name: str) -> None:
    """Sorted by code point everywhere, so that a report is the same text on every machine."""
    collation = COLLATION if admin.info.server_version >= 170000 else COLLATION_BEFORE_17
    admin.execute(sql.SQL("create database {} ").format(sql.Identifier(name)) + sql.SQL(collation))


def is_current(conn: psycopg.Connection[Any]) -> bool:
    from setoff.access import protection
    from setoff.books import charts

    row = conn.execute("select to_regclass('django_migrations') is not null and to_regclass('chart') is not null").fetchone()
    if row != (True,):
        return False
    applied = {name for (name,) in conn.execute("select app || '/' || name from django_migrations").fetchall()}
    known = set(migrations())
    if applied - known:
        raise DomainError(ErrorCode.DATABASE_NEWER, migrations=", ".join(sorted(applied - known)))
    written = dict(conn.execute("select name, digest from chart").fetchall())
    return applied == known and written == charts.digests() and protection.is_protected(conn)


def migrations() -> list[str]:
    """ "app/name" of every migration of this version, read from the file names: ours and those of the parts from the shelf."""
    return sorted(f"{path.parent.parent.name}/{path.stem}" for folder in _applications() for path in folder.glob("migrations/0*.py"))


def _applications() -> list[Path]:
    """Folders of the applications that have tables. Looked up without loading Django or them."""
    shelf = [Path(_folder_of(package), *parts) for package, *parts in TABLES_FROM_THE_SHELF]
    return [*shelf, *(path.parent for path in SOURCE.glob("*/migrations"))]


def _folder_of(package: str) -> str:
    found = find_spec(package)
    assert found is not None and found.submodule_search_locations
    return found.submodule_search_locations[0]


def _version_digest() -> str:
    import hashlib

    from setoff.access import protection

    digest = hashlib.sha256(protection.digest().encode())
    for name in migrations():
        digest.update(name.encode() + b"\0")
    for path in sorted([*SOURCE.glob("*/migrations/*.py"), *SOURCE.glob("*/*.sql"), *SOURCE.glob("books/charts/*.toml")]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _migrate(conn: psycopg.Connection[Any]) -> None:
    from django.core.management import call_command

    from setoff.access import protection
    from setoff.books import charts

    setup_django()
    call_command("migrate", verbosity=0, interactive=False)
    _close_django()
    charts.write_accounts(conn)
    protection.protect(conn)


def migrate_to(wanted: list[str]) -> None:
    """The database, which is new and empty, has the tables of the version that had exactly these migrations ("app/name")."""
    setup_django()
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    nodes = {(app, name) for app, _, name in (found.partition("/") for found in wanted)}
    graph = executor.loader.graph.node_map
    executor.migrate([node for node in sorted(nodes) if not any(child.key in nodes for child in graph[node].children)])
    _close_django()


def setup_django() -> None:
    """Django is loaded and looks at the books' database."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "setoff.site.settings")
    django.setup()
    _point_django_to(url())


def django_settings(address: str) -> dict[str, Any]:
    """What Django needs to reach a PostgreSQL by its address."""
    parts: dict[str, Any] = dict(conninfo_to_dict(address))
    found = {
        name: parts.pop(key, "")
        for name, key in (("NAME", "dbname"), ("USER", "user"), ("PASSWORD", "password"), ("HOST", "host"), ("PORT", "port"))
    }
    return {"ENGINE": "django.db.backends.postgresql", **found, "OPTIONS": parts}


def _point_django_to(address: str) -> None:
    if not _django_is_loaded():
        return  # it will ask when it is loaded
    from django.db import connection

    connection.close()
    connection.settings_dict.update(django_settings(address))


def _django_is_loaded() -> bool:
    return "setoff.site.settings" in sys.modules


def _close_django() -> None:
    from django.db import connection

    connection.close()


def options(address: str) -> str:
    """The server's settings for a connection: those of the address, and UTC. Errors: database_unreachable."""
    try:
        given = conninfo_to_dict(address).get("options") or ""
    except psycopg.ProgrammingError:  # no address at all; it may hold a password, so it is not shown
        raise DomainError(ErrorCode.DATABASE_UNREACHABLE, address=ADDRESS, reason="not a connection address") from None
    return f"{given} -c timezone=UTC".strip()


def _sibling(address: str, name: str) -> str:
    """The same server, another database."""
    return psycopg.conninfo.make_conninfo(address, dbname=name)


def _shown(address: str) -> str:
    """An address for people: without its password."""
    parts = conninfo_to_dict(address)
    return f"{parts.get('host') or 'localhost'}/{parts.get('dbname') or ''}"
