"""The application as people meet it: a database of the demo group, people who are signed in, the server of `setoff serve`.

    people = prepared(size, folder, 50); with served(workers, threads, log) as server: ...
    visitor = Visitor(server.address, people[0]); visitor.get("/"); visitor.post("/api/v1/documents", {...})
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

ROOT = Path(__file__).parents[1]
CSRF = "0123456789abcdefghijABCDEFGHIJ01"
"""The page's and the header's token need only be the same."""
READY_SECONDS = 120
STOP_SECONDS = 90


class Person(NamedTuple):
    user_id: int
    session: str


class Served(NamedTuple):
    address: str
    process: int


class Answer(NamedTuple):
    status: int
    content: bytes
    seconds: float


def choices(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """What was asked for, with what every measurement over HTTP may be told."""
    parser.add_argument("--folder", type=Path, help="keep the database here (default: a temporary folder)")
    parser.add_argument("--no-history", action="store_true")
    return parser.parse_args()


@contextmanager
def own_database(kept: Path | None) -> Iterator[Path]:
    """The folder of a database that is nobody else's, embedded; it goes afterwards, unless it is to be kept there."""
    folder = kept or Path(tempfile.mkdtemp(prefix="setoff-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["SETOFF_DATA_DIR"] = str(folder / "data")
    os.environ.pop("SETOFF_DATABASE_URL", None)
    from setoff.site import database

    try:
        yield folder
    finally:
        database.server().release()
        if kept is None:
            shutil.rmtree(folder, ignore_errors=True)


def prepared(size: int, folder: Path, people: int, adorned: Callable[[bytes, int], bytes] | None = None) -> list[Person]:
    """The database in use has a demo group of that many documents and so many accountants, each signed in. `adorned`: what becomes of a
    line of the file that is imported, by its number."""
    from setoff import cli
    from setoff.site import database

    database.prepare()
    with database.connect() as conn:
        (empty,) = conn.execute("select not exists (select from document)").fetchone() or (True,)
    if empty:
        file = folder / f"demo-{size}.jsonl"
        assert cli.run(["demo-data", "--documents", str(size), "--out", str(file)]) == 0
        if adorned is not None:
            plain = file.rename(file.with_suffix(".plain"))
            with plain.open("rb") as lines, file.open("wb") as written:
                written.writelines(adorned(line, number) for number, line in enumerate(lines))
            plain.unlink()
        assert cli.run(["import", str(file)]) == 0
        file.unlink()
    return signed_in(people)


def signed_in(count: int) -> list[Person]:
    """Accountants of every unit with a session each, as signing in would have left it."""
    from setoff.site import database

    database.setup_django()
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import connections

    found = []
    for number in range(count):
        user, _made = get_user_model().objects.get_or_create(username=f"visitor-{number}", defaults={"name": f"Visitor {number}"})
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        found.append(Person(user.pk, str(session.session_key)))
    connections.close_all()
    grant = """insert into access_grant (user_id, unit_id, role) select %s, id, 'accountant' from unit
               on conflict (user_id, unit_id) do nothing"""
    with database.connect() as conn:
        for person in found:
            conn.execute(grant, [person.user_id])
    return found


@contextmanager
def served(workers: int, threads: int, log: Path) -> Iterator[Served]:
    """A running server; it has ended after the block. Its log goes into a file."""
    program = "import sys; from setoff.cli import main; main()"
    path = os.pathsep.join([str(ROOT / "src")])
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", program, "serve", "--port", "0", "--workers", str(workers), "--threads", str(threads)],
            env={**os.environ, "PYTHONPATH": path, "SETOFF_API_REQUESTS_PER_MINUTE": "0"}, stderr=output,
        )  # fmt: skip
        try:
            yield Served(_address(process, log), process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_SECONDS)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    given_up = time.monotonic() + READY_SECONDS
    while time.monotonic() < given_up and process.poll() is None:
        for line in log.read_text().splitlines():
            if '"event":"serving"' in line and line.endswith("}"):
                address = str(json.loads(line)["address"])
                _wait(address, given_up)
                return address
        time.sleep(0.1)
    raise RuntimeError(f"the server did not start: {log.read_text()[-2000:]}")


def _wait(address: str, given_up: float) -> None:
    while True:
        try:
            connection = HTTPConnection(urlsplit(address).netloc, timeout=10)
            connection.request("GET", "/health/ready")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        if time.monotonic() > given_up:
            raise RuntimeError("the server is not ready")
        time.sleep(0.2)


class Visitor:
    """One browser: a connection that is kept, the cookies of one person."""

    def __init__(self, address: str, person: Person) -> None:
        self.connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
        self.headers = {"Cookie": f"sessionid={person.session}; csrftoken={CSRF}", "Accept-Language": "ru"}

    def get(self, path: str) -> Answer:
        return self.ask("GET", path, None, {})

    def post(self, path: str, content: dict[str, Any]) -> Answer:
        return self.ask("POST", path, json.dumps(content).encode(), {"Content-Type": "application/json", "X-CSRFToken": CSRF})

    def send(self, path: str, form: Mapping[str, str]) -> Answer:
        """A form, as a page sends it."""
        kind = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": CSRF, "HX-Request": "true"}
        return self.ask("POST", path, urlencode(form).encode(), kind)

    def ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        began = time.perf_counter()
        try:
            self.connection.request(method, path, body, {**self.headers, **headers})
            answer = self.connection.getresponse()
            return Answer(answer.status, answer.read(), time.perf_counter() - began)
        except OSError as problem:
            self.connection.close()
            return Answer(0, repr(problem).encode(), time.perf_counter() - began)


class Tally:
    """What many threads measured: seconds by what was done, and whatever was no good answer."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}
        self.errors: list[str] = []
        self._lock = threading.Lock()

    def add(self, what: str, answer: Answer) -> None:
        with self._lock:
            self.seconds.setdefault(what, []).append(answer.seconds)
            if not 200 <= answer.status < 300:
                self.errors.append(f"{what}: {answer.status} {answer.content[:300].decode(errors='replace')}")
