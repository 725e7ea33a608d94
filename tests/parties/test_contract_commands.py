"""`setoff contracts` and the files of a contract, from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from setoff import cli
from setoff.books.audit import Actor
from setoff.parties.records import Agreement
from setoff.parties.services import save_masters
from tests import cast


def test_contracts_by_the_command_line(
    company: psycopg.Connection[Any], actor: Actor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    agreement = Agreement(code="W", name="W", currency="EUR", manager="Orlova")
    save_masters(company, [agreement, msgspec.structs.replace(cast.BUYER_2, valid_to="2025-06-20")], actor)
    assert cli.run(["contracts", "expiring", "--as-of", "2025-06-01", "--within", "29", "--codes"]) == 0
    assert capsys.readouterr().out.split() == ["BUYER-2", "BUYER-SHORT"]
    assert cli.run(["contracts", "expiring", "--as-of", "soon"]) == 1
    capsys.readouterr()
    assert cli.run(["contracts", "set-status", "closed", "BUYER-2", "NOBODY"]) == 1
    told = capsys.readouterr().out
    assert "BUYER-2\tBUYER-2\tchanged" in told and "NOBODY" in told and "Nothing was changed." in told
    assert cli.run(["contracts", "set-status", "closed", "BUYER-2", "NOBODY", "--skip-refused"]) == 0
    assert "Done." in capsys.readouterr().out
    assert company.execute("select status from contract where code = 'BUYER-2'").fetchone() == ("closed",)
    said = ["--code", "IV", "--number", "1", "--organization", "ROMASHKA", "--counterparty", "IVANOV", "--date", "2025-02-01"]
    assert cli.run(["contracts", "from-agreement", "W", *said]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["agreement"], made["currency"], made["manager"]) == ("W", "EUR", "Orlova")
    paper = tmp_path / "signed.txt"
    paper.write_text("signed", encoding="utf-8")
    assert cli.run(["attach", "IV", str(paper), "--contract"]) == 0
    assert cli.run(["attachments", "IV", "--contract", "--save-to", str(tmp_path / "out")]) == 0
    number = capsys.readouterr().out.splitlines()[-1].split("\t")[0]
    assert (tmp_path / "out" / f"{number}-signed.txt").read_text(encoding="utf-8") == "signed"
    assert cli.run(["attachments", "IV", "--contract", "--remove", number]) == 0
    assert capsys.readouterr().out == ""
