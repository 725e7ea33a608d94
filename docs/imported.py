"""The worked example of docs/reference/import.md: a table and a mapping on the page, and what Setoff makes of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from setoff.intake.convert import Conversion
from setoff.intake.guess import guess_mapping
from setoff.intake.mapping import parse_mapping
from setoff.intake.rows import RowFault, SkippedRow
from setoff.intake.screen import fault_line, reason_text
from setoff.intake.source import Source, source_of

_TABLE: Final = re.compile(r"```csv (\S+)\n(.*?)```", re.DOTALL)
_MAPPING: Final = re.compile(r"```toml\n(.*?)```", re.DOTALL)


def imported(before: str) -> str:
    """What the last mapping above makes of the last table above: records, and what is told of the other rows."""
    heard: list[RowFault | SkippedRow] = []
    with _last_table(before) as source:
        conversion = Conversion(parse_mapping(_MAPPING.findall(before)[-1], "m.toml"), [source], heard.append)
        records = [record for stream in (conversion.masters(), conversion.documents()) for _, record in stream]
    lines = [msgspec.json.encode(record).decode() for record in records]
    told = [
        fault_line("en", found) if isinstance(found, RowFault) else f"{found.file}, row {found.row}: {reason_text('en', found.reason)}"
        for found in heard
    ]
    return "```json\n" + "\n".join(lines) + "\n```\n\nand tells\n\n```text\n" + "\n".join(told) + "\n```"


def guessed(before: str) -> str:
    """The mapping that is proposed for the last table above."""
    with _last_table(before) as source:
        return "```toml\n" + guess_mapping(source, "en") + "```"


@contextmanager
def _last_table(before: str) -> Iterator[Source]:
    name, content = _TABLE.findall(before)[-1]
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(content, encoding="utf-8")
        yield source_of(path)
