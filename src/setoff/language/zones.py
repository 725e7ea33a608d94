"""The time zone in which people are told instants, and the day that is today there.

    told_in("Asia/Vladivostok")     within the block everything is told in that zone; "" is that of the settings
    zone(), today(), local(instant)

What is stored, and what the API says, is UTC. Whoever told nothing has the zone of SETOFF_TIME_ZONE, and that is UTC unless it is set.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

DEFAULT: Final = "UTC"
PLACE: Final = re.compile(r"(?!Etc/|SystemV/|US/|posix)[A-Z][A-Za-z_]+/[\w/+-]+")
_chosen: ContextVar[str] = ContextVar("zone", default="")


@contextmanager
def told_in(name: str) -> Iterator[None]:
    token = _chosen.set(name)
    try:
        yield
    finally:
        _chosen.reset(token)


def zone_name() -> str:
    return _chosen.get() or default_zone()


def zone() -> ZoneInfo:
    """The zone that counts here; UTC where its name is not known on this machine any more."""
    name = zone_name()
    return ZoneInfo(name if is_zone(name) else DEFAULT)


def default_zone() -> str:
    """SETOFF_TIME_ZONE, else UTC."""
    return os.environ.get("SETOFF_TIME_ZONE", "").strip() or DEFAULT


def is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def places() -> list[str]:
    """The zones that people choose from: UTC, then by region and city."""
    return [DEFAULT, *sorted(name for name in available_timezones() if PLACE.fullmatch(name))]


def today() -> date:
    """The day that it is in the zone."""
    return datetime.now(zone()).date()


def local(instant: datetime) -> datetime:
    return instant.astimezone(zone())


def offset_text(instant: datetime) -> str:
    """What the clock of a local instant is ahead of UTC: "UTC", "UTC+3", "UTC-3:30"."""
    offset = instant.utcoffset()
    minutes = int(offset.total_seconds()) // 60 if offset else 0
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}{f':{rest:02d}' if rest else ''}" if minutes else "UTC"
