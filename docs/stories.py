"""Pages that tell a story: what a person types and what Setoff prints, run against a throw-away database.

A page shows files and commands, in the order in which a reader would make and type them:

    `sale.json`:                        a line that ends with the name of a file and a colon; the block after it is
                                        the file's content
    ```console                          commands after `$ `, below each the lines it prints, refusals too
    $ setoff post sale.json
    sale S-000001 ...
    ```

`told` runs them and returns the page with what was printed this time, so a page that lies differs from itself told again. Besides
`setoff` a command may be `NAME=$(date -u +%Y-%m-%dT%H:%M:%SZ)`, the time now, or `echo $?`, the exit code. The clock is the story's:
one minute passes with every command. `make docs` writes the pages again; tests/docs/ refuses those that are not current.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from unittest.mock import patch

ROOT: Final = Path(__file__).parent.parent
PAGES: Final = (ROOT / "docs" / "tutorial.md",)
WIDTH: Final = "120"
BEGINNING: Final = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)
AUTHOR: Final = "anna"
SEAL: Final = re.compile(r"\b[0-9a-f]{64}\b")
"""The hash of a seal holds the machine's own time of closing: pages show (64 digits) in its place."""
FILE: Final = re.compile(r"`([\w.-]+\.\w+)`:\n\n```\w+\n(.*?)```", re.DOTALL)
BLOCK: Final = re.compile(rf"{FILE.pattern}|(?<=```console\n)(.*?)(?=```)", re.DOTALL)
TIME: Final = re.compile(r"(\w+)=\$\(date -u \+%Y-%m-%dT%H:%M:%SZ\)")


class Clock(datetime):
    """The time of the story, in place of the time of the machine."""

    today_is: datetime = BEGINNING

    @classmethod
    def now(cls, tz: object = None) -> datetime:
        del tz
        return cls.today_is


class Shell:
    """Types the commands of one story in one folder: `setoff` runs in this process."""

    def __init__(self) -> None:
        self.variables: dict[str, str] = {}
        self.code = 0

    def type(self, command: str) -> str:
        """What the command prints. Errors: ValueError for a command that no story knows."""
        Clock.today_is += timedelta(minutes=1)
        time = TIME.fullmatch(command)
        if time:
            self.variables[time[1]] = Clock.today_is.strftime("%Y-%m-%dT%H:%M:%SZ")
            return ""
        if command == "echo $?":
            return f"{self.code}\n"
        words = [re.sub(r"\$(\w+)", lambda name: self.variables[name[1]], word) for word in shlex.split(command)]
        if words[0] != "setoff":
            raise ValueError(f"a story cannot type: {command}")
        return self.run(words[1:])

    def run(self, words: list[str]) -> str:
        from setoff import cli

        printed = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
        with patch.dict(os.environ), contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            self.code = cli.run(words)
        content = printed.buffer.getvalue().decode()
        return "".join(SEAL.sub("(64 digits)", line.rstrip()) + "\n" for line in content.splitlines())


@contextlib.contextmanager
def stage() -> Iterator[Shell]:
    """A shell in an empty folder over an empty database, at the beginning of the story."""
    from setoff.settlements import bulk, services
    from setoff.site import database

    Clock.today_is = BEGINNING
    settings = {"COLUMNS": WIDTH, "SETOFF_LANG": "en", "LOGNAME": AUTHOR}
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.dict(os.environ, settings),
        patch.object(services, "datetime", Clock),
        patch.object(bulk, "datetime", Clock),
        database.throwaway(),
        contextlib.chdir(folder),
    ):
        yield Shell()


def told(page: str) -> str:
    """The page, its commands typed and what they printed in the place of what it says they print."""
    if "```console\n$" not in page:
        return page
    with stage() as shell:
        return BLOCK.sub(lambda block: _typed(block, shell), page)


def _typed(block: re.Match[str], shell: Shell) -> str:
    if block[1]:
        Path(block[1]).write_text(block[2], encoding="utf-8")
        return block[0]
    commands = [line[2:] for line in block[0].splitlines() if line.startswith("$ ")]
    return "".join(f"$ {command}\n{shell.type(command)}" for command in commands)


def write_pages() -> list[Path]:
    """Tell every page again; returns those that changed."""
    changed = []
    for path in PAGES:
        before = path.read_text(encoding="utf-8")
        after = told(before)
        if after != before:
            path.write_text(after, encoding="utf-8")
            changed.append(path)
    return changed
