"""The embedded server by itself: it starts for the first, stops after the last, and comes back after a crash."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from setoff.core.errors import DomainError, ErrorCode
from setoff.site import embedded

PROGRAM = """
import sys
from setoff.site import database
database.prepare()
with database.connect() as conn:
    conn.execute("create table if not exists kept (value int)")
    conn.execute("insert into kept values (1)")
    print(conn.execute("select count(*) from kept").fetchone()[0], conn.execute("show fsync").fetchone()[0], flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder of its own; its server does not outlive the test."""
    path = Path(tempfile.mkdtemp(prefix="setoff-embedded-"))
    monkeypatch.setenv("SETOFF_DATA_DIR", str(path))
    monkeypatch.delenv("SETOFF_DATABASE_URL", raising=False)
    yield path
    pid = server_pid(path)
    if pid:
        os.kill(pid, signal.SIGQUIT)
        psutil.Process(pid).wait(10)
    shutil.rmtree(path, ignore_errors=True)


def start() -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def told(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def server_pid(folder: Path) -> int:
    mark = folder / "postgresql-18" / "postmaster.pid"
    pid = int(mark.read_text().split("\n")[0]) if mark.exists() else 0
    return pid if pid and psutil.pid_exists(pid) else 0


def test_it_is_durable_starts_for_the_first_and_stops_after_the_last(folder: Path) -> None:
    first = start()
    assert told(first) == "1 on"
    second = start()
    assert told(second) == "2 on"
    pid = server_pid(folder)
    first.communicate("\n")
    assert server_pid(folder) == pid
    second.communicate("\n")
    assert server_pid(folder) == 0
    assert (first.returncode, second.returncode) == (0, 0)


def test_a_killed_process_does_not_keep_it_running_for_ever(folder: Path) -> None:
    killed = start()
    assert told(killed) == "1 on"
    killed.kill()
    killed.communicate()
    assert server_pid(folder) > 0
    following = start()
    assert told(following) == "2 on"
    following.communicate("\n")
    assert server_pid(folder) == 0


def test_after_a_crash_of_the_server_nothing_is_lost(folder: Path) -> None:
    process = start()
    assert told(process) == "1 on"
    pid = server_pid(folder)
    children = psutil.Process(pid).children()
    for victim in (psutil.Process(pid), *children):
        victim.kill()
    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=10)
    process.kill()
    process.communicate()
    # Since then the number was given to another process: ours.
    mark = folder / "postgresql-18" / "postmaster.pid"
    mark.write_text("\n".join([str(os.getpid()), *mark.read_text().split("\n")[1:]]))
    following = start()
    assert told(following) == "2 on"
    following.communicate("\n")
    assert following.returncode == 0


def test_waiting_ends_when_the_server_is_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_is_server", lambda pid: pid == 17)
    mark = tmp_path / "postmaster.pid"
    mark.write_text("17\nfolder\nstarting\n")
    timer = threading.Timer(0.3, lambda: mark.write_text("17\nfolder\nready   \n"))
    timer.start()
    before = time.monotonic()
    embedded._wait_until_ready(mark)
    assert time.monotonic() - before >= 0.2
    timer.join()


def test_waiting_ends_when_the_server_died(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_is_server", lambda pid: False)
    mark = tmp_path / "postmaster.pid"
    mark.write_text("17\nfolder\nstarting\n")
    with pytest.raises(RuntimeError):
        embedded._wait_until_ready(mark)


def test_a_server_that_cannot_start_is_told_with_its_reason(folder: Path) -> None:
    process = start()
    told(process)
    process.communicate("\n")
    (folder / "postgresql-18" / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(DomainError) as refused:
        embedded.EmbeddedServer(folder / "postgresql-18")
    assert refused.value.code is ErrorCode.DATABASE_UNREACHABLE
    assert "configuration file" in refused.value.facts["reason"]


def test_settings_of_the_user_win(folder: Path) -> None:
    process = start()
    told(process)
    process.communicate("\n")
    with (folder / "postgresql-18" / "postgresql.conf").open("a") as file:
        file.write("work_mem = '77MB'\n")
    server = embedded.EmbeddedServer(folder / "postgresql-18")
    with psycopg.connect(server.url) as conn:
        assert conn.execute("show work_mem").fetchone() == ("77MB",)
        assert conn.execute("show jit").fetchone() == ("off",)
    server.release()


@pytest.mark.parametrize("name", ["Application Support", "Мои документы", "O'Neil (x)"])
def test_the_folder_may_have_any_name(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("SETOFF_DATA_DIR", str(folder / name))
    process = start()
    assert told(process) == "1 on"
    process.communicate("\n")
    assert process.returncode == 0
