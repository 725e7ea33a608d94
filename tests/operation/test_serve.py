"""`setoff serve` as a process: it answers with all its workers, keeps the database, finishes what it began, and ends when told."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psutil
import psycopg
import pytest

from setoff.core.errors import DomainError, ErrorCode
from setoff.site.serve import worker_count

TOKEN = "a-long-enough-token"


class Server:
    """A running server with a data folder of its own."""

    def __init__(self, folder: Path, **variables: str) -> None:
        environment = {**os.environ, "SETOFF_DATA_DIR": str(folder), "SETOFF_METRICS_TOKEN": TOKEN, **variables}
        environment.pop("SETOFF_DATABASE_URL", None)
        program = [sys.executable, "-W", "ignore", "-c", "from setoff.cli import main; main()"]
        self.process = subprocess.Popen(
            [*program, "serve", "--port", "0", "--workers", "2", "--threads", "2"], env=environment, stderr=subprocess.PIPE, text=True
        )
        self.lines: list[dict[str, Any]] = []
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(json.loads(line))
            if self.lines[-1]["event"] == "serving":
                break
        self.address = self.lines[-1]["address"]
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        self.lines.extend(json.loads(line) for line in self.process.stderr)

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Status and content; waits for the first worker."""
        given_up = time.monotonic() + 90
        while True:
            try:
                with urlopen(Request(self.address + path, headers=headers), timeout=60) as answer:
                    return answer.status, answer.read().decode()
            except HTTPError as answer:
                return answer.code, answer.read().decode()
            except OSError:
                assert time.monotonic() < given_up and self.process.poll() is None
                time.sleep(0.1)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        self.reader.join(10)
        assert self.process.stderr is not None
        self.process.stderr.close()
        return code


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="setoff-serve-"))
    yield path
    mark = path / "postgresql-18" / "postmaster.pid"
    if mark.exists():
        pid = int(mark.read_text().split("\n")[0])
        os.kill(pid, signal.SIGQUIT)
        psutil.Process(pid).wait(10)
    shutil.rmtree(path, ignore_errors=True)


def test_it_serves_and_ends(folder: Path) -> None:
    server = Server(folder, SETOFF_ALOWED_HOSTS="x")
    assert server.get("/health/ready") == (200, '{"state": "ok", "database": "ok", "disk": "ok"}')
    assert server.get("/account/login/")[0] == 200
    assert server.get("/static/setoff/setoff.css")[0] == 200
    workers = psutil.Process(server.process.pid).children()
    for _ in range(12):
        assert server.get("/account/login/")[0] == 200
    status, figures = server.get("/metrics", Authorization=f"Bearer {TOKEN}")
    counted = re.search(r'setoff_request_seconds_count\{method="GET",route="account/login/",status="200"\} (\S+)', figures)
    assert status == 200 and counted and float(counted[1]) >= 13, "of all workers together"
    assert [line["meant"] for line in server.lines if line["event"] == "unknown setting"] == ["SETOFF_ALLOWED_HOSTS"]

    victim = next(worker for worker in workers if worker.is_running())
    victim.kill()
    assert server.get("/account/login/")[0] == 200, "the others go on"
    given_up = time.monotonic() + 60
    while len(psutil.Process(server.process.pid).children()) < 2:
        assert time.monotonic() < given_up, "a worker that ended is replaced"
        time.sleep(0.1)
    assert server.get("/health/ready")[0] == 200, "the database outlives a worker"

    assert server.stop() == 0
    assert not (folder / "postgresql-18" / "postmaster.pid").exists(), "the embedded database stops with its server"
    assert all(set(line) >= {"time", "level", "event"} for line in server.lines)
    assert not [line for line in server.lines if "stack" in line]


def test_an_address_that_is_taken_is_told(folder: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        program = [sys.executable, "-W", "ignore", "-c", "from setoff.cli import main; main()", "serve", "--port", port]
        environment = {**os.environ, "SETOFF_DATA_DIR": str(folder)}
        environment.pop("SETOFF_DATABASE_URL", None)
        run = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert f"address_in_use: Nothing can be served at 127.0.0.1:{port}: Address already in use" in run.stderr


def test_no_more_workers_than_the_database_has_connections_for(db: psycopg.Connection[Any]) -> None:
    (connections,) = db.execute("select current_setting('max_connections')::int").fetchone() or (0,)
    with pytest.raises(DomainError) as refused:
        worker_count(connections, 8)
    assert refused.value.code is ErrorCode.INVALID_VALUE
    most = int(str(refused.value.facts["expected"]).partition("-")[2].partition(" ")[0])
    assert worker_count(most, 8) == most
    assert 1 <= worker_count(0, 8) <= most
