"""`setoff clear --books`: the network is what our own books hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest

from setoff import cli
from setoff.books.audit import Actor
from tests.clearing.group import DAY, tell


def test_our_own_books_are_cleared_and_proved(
    db: psycopg.Connection[Any], actor: Actor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """285.00 of 355.00: the same as a round of the group finds (tests/clearing/group.py)."""
    tell(db, actor)
    out = tmp_path / "result.jsonl"
    assert cli.run(["clear", "--books", "--as-of", DAY, "--json", "--out", str(out)]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["currency"], found["debt"], found["cleared"]) == ("RUB", "355.00", "285.00")
    assert cli.run(["clear", "--verify", str(out)]) == 0


def test_books_or_files_and_not_both(tmp_path: Path) -> None:
    assert cli.run(["clear", "--books", str(tmp_path / "debts.csv")]) == 2
