"""One embedded server for a test run, one fresh migrated database for each test that asks for `db`.

The server lives in a temporary folder that the first process of the run makes and the last removes; fsync is off there and only
there. A database is a copy of a migrated template, made once for all workers (`setoff.site.database.throwaway`). It is a thousand small
files, which some disks make slowly, so the folder is in memory where there is enough.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from setoff.books.audit import Actor
from setoff.parties.services import save_masters
from setoff.site import database
from setoff.site.embedded import EmbeddedServer
from tests import cast
from tests.told import BooksOf, told

RUN_FOLDER = "SETOFF_TEST_FOLDER"
MEMORY = Path("/dev/shm")
MEMORY_BYTES_MIN = 2 << 30
"""Several databases at once, and the server's log of what was written."""


settings.register_profile("setoff", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("setoff")  # how long an example takes says how busy the machine is


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    source = Path(__file__).parent.parent / "src"
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(source), os.environ.get("PYTHONPATH")]))  # for child processes
    in_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= MEMORY_BYTES_MIN
    folder = os.environ[RUN_FOLDER] = tempfile.mkdtemp(prefix="setoff-test-", dir=MEMORY if in_memory else None)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # after the farewell of the server, which still locks a file there


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    folder = Path(os.environ.pop(RUN_FOLDER))
    if (folder / "postgresql-18" / "postmaster.pid").exists():
        _stop_server(folder / "postgresql-18")


def _stop_server(folder: Path) -> None:
    """A worker may have ended without its farewell; the run's server must not outlive it."""
    EmbeddedServer(folder).stop()


@pytest.fixture(autouse=True)
def language(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test begins in English and prints as wide as it needs, whatever the locale, the terminal and a command of the test before."""
    monkeypatch.setenv("SETOFF_LANG", "en")
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of the run's own server. Settings of the person who runs the tests are not looked at."""
    patch = pytest.MonkeyPatch()
    patch.setenv("SETOFF_DATA_DIR", os.environ[RUN_FOLDER])
    patch.delenv("SETOFF_DATABASE_URL", raising=False)
    address = database.server().url
    with database.connect(address) as conn:
        conn.execute("alter system set fsync = off")
        conn.execute("alter system set synchronous_commit = off")
        conn.execute("alter system set max_wal_size = '256MB'")
        conn.execute("select pg_reload_conf()")
    yield address
    patch.undo()


@pytest.fixture
def db(server: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to a fresh migrated database with every chart's accounts and nothing else. `database.connect()`,
    Django and child processes reach the same database."""
    with database.throwaway(), database.connect() as conn:
        yield conn


@pytest.fixture
def actor() -> Actor:
    return Actor("tester", "test")


@pytest.fixture
def books_of(server: str, request: pytest.FixtureRequest) -> Iterator[BooksOf]:
    """`books_of(tell, *facts)`: as `db`, and `tell(conn, *facts)` was done in it: once in a run, for all tests that ask for it
    (`tests/told.py`). A test has one database, so none asks for `db` beside it."""
    assert "db" not in request.fixturenames
    with ExitStack() as stack:
        yield lambda tell, *facts: stack.enter_context(told(server, tell, *facts))


@pytest.fixture
def company(books_of: BooksOf, actor: Actor) -> psycopg.Connection[Any]:
    """As `db`, with the cast of tests/cast.py in it."""
    return books_of(save_masters, cast.MASTERS, actor)
