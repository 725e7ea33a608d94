"""`setoff clear --books`: the network is what our own books hold."""

from __future__ import annotations

import json
import shlex
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


def test_what_is_cleared_becomes_a_round_and_is_posted(
    db: psycopg.Connection[Any], actor: Actor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every step is a command that was printed before. Without OMEGA the circle of three is left: 90.00. Then the books hold 70 of BETA to
    ALFA, 45 of GAMMA to BETA, and with OMEGA 45 can go around all four: 180.00 of 265.00."""
    tell(db, actor)
    assert cli.run(["clear", "--books", "--as-of", DAY]) == 0
    told = capsys.readouterr().out
    assert "Left out: 1 (5.00\xa0RUB): in one book only" in told and "--round CODE" in told.splitlines()[-1]
    assert cli.run(["clear", "--books", "--as-of", DAY, "--round", "R 1"]) == 0
    steps = capsys.readouterr().out.splitlines()
    commands = [shlex.split(line.partition("setoff ")[2]) for line in steps if "setoff round" in line]
    assert [command[1] for command in commands] == ["act", "agree", "drop-unsigned", "final"]
    assert cli.run(["clear", "--books", "--as-of", DAY, "--round", "R 1"]) == 0
    assert capsys.readouterr().out.splitlines() == steps
    for command in commands[2:]:
        assert cli.run(command) == 0
    assert "90.00 of" in capsys.readouterr().out
    assert cli.run(["clear", "--books", "--as-of", DAY, "--json"]) == 0
    (left,) = json.loads(capsys.readouterr().out)
    assert (left["debt"], left["cleared"]) == ("265.00", "180.00")


def test_who_is_excluded_is_left_out_of_the_round(
    db: psycopg.Connection[Any], actor: Actor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tell(db, actor)
    out = tmp_path / "out.csv"
    out.write_text("party\nC-OMEGA\n")
    assert cli.run(["clear", "--books", "--as-of", DAY, "--round", "R1", "--exclude", str(out), "--min-amount", "30"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert "setoff round agree" not in "".join(told) and told[-1] == "Then post it: setoff round final R1"
    assert cli.run(["clear", "--books", "--round", "R2", "--liquidity", "5"]) == 1
    assert cli.run(["round", "show", "R2"]) == 1
    assert cli.run(["clear", str(out), "--round", "R2"]) == 2


def test_books_or_files_and_not_both(tmp_path: Path) -> None:
    assert cli.run(["clear", "--books", str(tmp_path / "debts.csv")]) == 2
