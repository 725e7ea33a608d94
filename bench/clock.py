"""CPU seconds of this process and of the PostgreSQL server's processes, wall seconds, and peak memory, without a library.

The server's time is that of all children of the postmaster, the living and the ended ones: backends, their parallel
workers, the writers. It is known only where the server runs on this machine.
"""

from __future__ import annotations

import os
import resource
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Spent:
    """`server` is None where it cannot be read."""

    own: float
    server: float | None
    wall: float

    @property
    def cpu(self) -> float:
        return self.own + (self.server or 0.0)


class Clock:
    """with Clock(conn) as clock: ...; then clock.spent. Without a connection only this process is measured."""

    def __init__(self, conn: Any = None) -> None:
        self.postmaster = _postmaster(conn) if conn is not None else None
        self.spent = Spent(0.0, None, 0.0)

    def __enter__(self) -> Clock:
        """Reading the server's time is slow: it stays outside of what is measured."""
        self._server_began = self._server()
        self._own_began, self._wall_began = time.process_time(), time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        wall, own = time.perf_counter() - self._wall_began, time.process_time() - self._own_began
        server = self._server()
        spent = None if server is None or self._server_began is None else server - self._server_began
        self.spent = Spent(own, spent, wall)

    def _server(self) -> float | None:
        return None if self.postmaster is None else server_seconds(self.postmaster)


def _postmaster(conn: Any) -> int | None:
    """The parent of the connection's backend, when both are on this machine."""
    (backend,) = conn.execute("select pg_backend_pid()").fetchone()
    fields = _stat(backend)
    return int(fields[1]) if fields and "postgres" in Path(f"/proc/{backend}/comm").read_text() else None


def server_seconds(postmaster: int) -> float:
    """User and system time of the postmaster, its ended children and its living ones."""
    ticks = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = _stat(int(entry.name))
            if fields and int(entry.name) == postmaster:
                ticks += sum(map(int, fields[11:15]))
            elif fields and int(fields[1]) == postmaster:
                ticks += sum(map(int, fields[11:13]))
    return ticks / TICK


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat from the state on: [1] the parent, [11:13] user and system ticks, [13:15] the children's."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def peak_mib() -> float:
    """The most memory that this process has held so far. Not `ru_maxrss` where there is another way: Linux begins it with what the process
    held that started this one."""
    status = Path("/proc/self/status")
    if status.exists():
        high = next((line for line in status.read_text().splitlines() if line.startswith("VmHWM:")), "")
        if high:
            return int(high.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def percentile(values: list[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
