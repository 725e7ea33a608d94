"""The page that tells how to clear a network, told true: its file, its commands, its answers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from setoff import cli

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "clearing.md"
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def test_the_example_runs_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    assert [kind for kind, _ in blocks] == ["csv", "sh", "text", "sh", "text", "sh", "text", "sh", "csv"]
    Path("owed.csv").write_text(blocks[0][1])
    for (_, command), (kind, expected) in zip(blocks[1::2], blocks[2::2], strict=True):
        assert cli.run(command.split()[1:]) == 0
        told = capsys.readouterr().out.replace("\xa0", " ")
        assert (told if kind == "text" else Path(command.split()[-1]).read_text()) == expected
