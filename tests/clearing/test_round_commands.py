"""`setoff round` as a person meets it. Numbers: group.py."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from setoff.books.audit import Actor
from setoff.cli import run
from tests.clearing.group import tell
from tests.told import BooksOf


@pytest.fixture
def books(books_of: BooksOf, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("COLUMNS", "160")  # a row of a table is a line
    return books_of(tell, actor)


def test_a_round_from_its_opening_to_its_reversal(books: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def said(*arguments: str, code: int = 0) -> str:
        assert run(["round", *arguments]) == code, capsys.readouterr().err
        printed = capsys.readouterr()
        return (printed.out if code == 0 else printed.err).replace("\xa0", " ")

    assert said("list") == "No rounds.\n"
    assert said("open", "R1", "--as-of", "2025-03-31") == (
        "Round R1 as of 31 Mar 2025: open.\n0.00 of 355.00 RUB cleared, 5 debts take part.\n"
    )
    file = tmp_path / "others.csv"
    file.write_text("id,debtor,creditor,amount,currency\n1,C-OMEGA,DELTA,5,RUB\n2,C-OMEGA,DELTA,-5,RUB\n")
    refused = said("add", "R1", str(file), code=1)
    assert "others.csv" in refused and "amount_not_positive" in refused and "round_rows_refused" in refused
    file.write_text("id,debtor,creditor,amount,currency\n1,C-OMEGA,DELTA,5,RUB\n")
    assert "0.00 of 360.00 RUB cleared, 6 debts take part." in said("add", "R1", str(file))
    assert "0.00 of 361.00 RUB" in said("correct", "R1", "7", "6", "--because", "typed wrong")
    said("confirm", "R1", "creditor", "--by", "DELTA", "--number", "7")
    assert "0.00 of 355.00 RUB cleared, 5 debts" in said("bar", "R1", "7", "--because", "not ours")
    assert "0.00 of 361.00 RUB cleared, 6 debts" in said("admit", "R1", "7")
    said("bar", "R1", "7", "--because", "not ours")
    said("collect", "R1")
    assert "285.00 of 355.00 RUB cleared" in said("solve", "R1")
    assert said("why", "R1", "1").splitlines()[-1].startswith("Only one of two books of ours holds this debt")
    heading, answer, proof = said("why", "R1", "5").splitlines()
    assert heading == "ООО «GAMMA», GAMMA 1 > ООО «BETA», BETA 1  B-2"
    assert answer.startswith("Cleared 75.00 of 75.00 RUB. It had to be cleared in full") and proof.startswith("Proof: level ")
    changed = said("choose", "R1", "--max-cycle", "3", "--exclude", "C-OMEGA", "--cap", "BETA-1=50", "--due-only", "--by-act")
    assert "is the result of before. Solve it again." in changed and "BETA-1: at most 50." in changed
    said("choose", "R1", "--exclude", "", "--cap", "", "--not-due-too")
    assert "Rings of any length would clear 285.00 RUB: the short ones leave 195.00 RUB of that (68.4 %)." in said("solve", "R1")
    said("choose", "R1", "--max-cycle", "0")
    said("solve", "R1")
    assert said("final", "R1", code=1).startswith("round_unsigned: The round R1 is not agreed: 1 of its parties")
    assert "preliminary" in said("agree", "R1", "C-OMEGA", "--by", "O. Omegova")
    shown = [" ".join(line.split()) for line in said("show", "R1").splitlines()]
    assert "C-OMEGA RUB 90.00 60.00 60.00 signed" in shown
    assert "5 GAMMA-1 BETA-1 B-2 2025-02-12 RUB 75.00 75.00 always in full" in shown
    assert said("final", "R1").splitlines()[-1] == (
        "The debts count as discharged since 12 Feb 2025: the day on which the last of the claims fell due (Civil Code, art. 410)."
    )
    told = json.loads(said("show", "R1", "--format", "json"))
    assert [row["key"] for row in told["documents"]] == ["round/R1/ALFA-1/RUB", "round/R1/BETA-1/RUB", "round/R1/GAMMA-1/RUB"]
    rows = list(csv.DictReader(io.StringIO(said("show", "R1", "--format", "csv"))))
    assert [row["cleared"] for row in rows] == ["0.00", "60.00", "75.00", "60.00", "75.00", "15.00", "0.00"]
    paper = tmp_path / "act.pdf"
    said("act", "R1", "--out", str(paper))
    assert paper.read_bytes().startswith(b"%PDF")
    said("certificate", "R1", "--out", str(tmp_path / "R1.jsonl"))
    assert run(["clear", "--verify", str(tmp_path / "R1.jsonl")]) == 0
    assert [" ".join(line.split()) for line in said("chains", "R1").splitlines()][-2:] == [
        "1 ALFA-1 > GAMMA-1 > BETA-1 RUB 15.00 6, 5, 3", "2 ALFA-1 > C-OMEGA > GAMMA-1 > BETA-1 RUB 60.00 4, 2, 5, 3",
    ]  # fmt: skip
    for command in (("chain", "R1", "2"), ("chain-acts", "R1")):
        said(*command, "--out", str(paper))
        assert paper.read_bytes().startswith(b"%PDF")
    said("statement", "R1", "C-OMEGA", "--out", str(paper))
    assert paper.read_bytes().startswith(b"%PDF")
    assert "reversed" in said("reverse", "R1", "--because", "disputed")
    assert said("list") == "Round R1 as of 31 Mar 2025: reversed.\n"


def test_who_does_not_sign_is_dropped(books: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["round", "open", "R1", "--as-of", "2025-03-31"]) == 0
    assert run(["round", "solve", "R1"]) == 0
    assert run(["round", "drop-unsigned", "R1"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "90.00 of 205.00 RUB cleared, 3 debts take part."
    assert run(["round", "cancel", "R1", "--because", "nothing is posted yet"]) == 0
    assert "preliminary" in capsys.readouterr().out
    assert run(["round", "refuse", "R1", "C-OMEGA", "--because", "no"]) == 0
    assert "open" in capsys.readouterr().out
