"""Notices between units over the API, and by the command line: made, sent, rejected, mended, confirmed, undone, printed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from setoff import cli
from tests.access.people import add_user
from tests.api.asking import Api

COSTS = {"template": "costs", "date": "2025-02-10", "head": "MSK", "branch": "SPB", "amounts": {"share": "350.00"}, "notice": "n"}


def test_notices_by_the_api(web: psycopg.Connection[Any], sign_in: Callable[[str], Api]) -> None:
    add_user(web, "anna", MSK="accountant")
    add_user(web, "boris", SPB="accountant")
    anna, boris = sign_in("anna"), sign_in("boris")
    assert {row["template"] for row in anna.get("notices/templates", unit="MSK").json()} >= {"costs", "offset"}
    (tried,) = anna.post("notices/from-template?dry_run=true", COSTS).json()
    assert tried["status"] == "draft" and anna.get("notices").json() == []
    (made,) = anna.post("notices/from-template", COSTS).json()
    assert (made["notice"], made["amount"], made["sender"], made["documents"]) == ("n", "350.00", "MSK", [])
    assert boris.get("notices/one", notice="n").json()["code"] == "unknown_reference"
    assert anna.post("notices/send?notice=n").json()["status"] == "sent"
    assert [row["notice"] for row in boris.get("notices/waiting").json()] == ["n"]
    assert boris.post("notices/reject?notice=n", {"because": "not 350"}).json()["reason"] == "not 350"
    said = anna.get("notices/one", notice="n").json()["said"]
    for side in ("sender_rows", "receiver_rows"):
        said[side][0]["amount"] = "300.00"
    assert anna.post("notices", said).json()["amount"] == "300.00"
    anna.post("notices/send?notice=n")
    assert anna.post("notices/recall?notice=n").json()["status"] == "draft"
    anna.post("notices/send?notice=n")
    assert boris.post("notices/confirm?notice=n&dry_run=true").json()["documents"] == ["n/sender", "n/receiver"]
    assert boris.post("notices/confirm?notice=n").json()["status"] == "confirmed"
    assert boris.post("notices/confirm?notice=n").json()["code"] == "notice_state"
    paper = boris.get("notices/paper", notice="n", language="en")
    assert paper.headers["Content-Type"] == "application/pdf" and paper.content[:5] == b"%PDF-"
    back = {"date": "2025-03-05", "because": "not ours"}
    assert boris.post("notices/reverse?notice=n&dry_run=true", back).json()["reverses"] == "n"
    drafted = boris.post("notices/reverse?notice=n", back).json()
    assert [drafted[name] for name in ("notice", "sender", "amount", "status", "reverses")] == ["n/reversal", "SPB", "300.00", "draft", "n"]
    assert anna.post("notices/reverse?notice=n", back).json()["code"] == "notice_reversed"
    assert boris.post("notices/drop?notice=n/reversal").json()["status"] == "draft"
    assert boris.post("notices/undo?notice=n", {"because": "twice"}).json()["undo_by"] == "boris"
    assert anna.post("notices/undo?notice=n", {}).json()["status"] == "undone"
    assert [row["status"] for row in anna.get("notices", status="undone", unit="SPB").json()] == ["undone"]
    shared = {"template": "costs", "date": "2025-02-10", "head": "MSK", "total": "10.00", "key": {"MSK": 1, "SPB": 1}}
    (part,) = anna.post("notices/from-template", shared).json()
    assert part["amount"] == "5.00" and part["notice"] == f"notice/MSK/2025/{part['number']}"
    assert anna.post(f"notices/drop?notice={part['notice']}").json()["amount"] == "5.00"
    assert sign_in("viewer").post("notices/from-template", COSTS).status_code == 403


def test_templates_and_local_entries_by_the_api(accountant: Api) -> None:
    rent = {"code": "rent", "name": "Rent", "kind": "local", "head": ["26 / 91.01  rent"]}
    assert accountant.post("notices/templates?organization=ROMASHKA", [rent]).json() == {"templates": ["rent"]}
    entry = {"template": "rent", "date": "2025-02-10", "head": "MSK", "amounts": {"rent": "12.00"}, "notice": "rent 1"}
    assert accountant.post("notices/local-entry", entry).json() == {"document": "rent 1", "number": "000001", "waiting": False}
    gone = accountant.send("DELETE", "notices/templates?organization=ROMASHKA&template=rent")
    assert gone.json() == {"templates": ["rent"]}
    assert accountant.post("notices/local-entry", entry).json()["code"] == "unknown_reference"


@pytest.fixture
def said(company: psycopg.Connection[Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs `setoff notices` as somebody; what it printed."""

    def run(who: str, *arguments: str, code: int = 0) -> str:
        monkeypatch.setenv("SETOFF_USER", who)
        capsys.readouterr()
        assert cli.run(["notices", *arguments]) == code, capsys.readouterr().err
        printed = capsys.readouterr()
        return (printed.out + printed.err).replace("\N{NO-BREAK SPACE}", " ")

    return run


def test_notices_by_the_command_line(said: Callable[..., str], tmp_path: Path) -> None:
    made = ("make", "costs", "--head", "MSK", "--branch", "SPB", "--amount", "350", "--date", "2025-02-10", "--key", "n")
    said("anna", *made, "--dry-run")
    assert said("anna", "list") == "There are no notices.\n"
    assert "MSK → SPB, obligation, 350.00 RUB: drafted" in said("anna", *made)
    said("anna", "send", "n")
    assert "notice_own" in said("anna", "confirm", "n", code=1)
    assert json.loads(said("boris", "waiting", "--format", "json"))[0]["notice"] == "n"
    assert said("boris", "waiting").count("sent") == 1
    assert ": rejected" in said("boris", "reject", "n", "--because", "not 350")
    shown = json.loads(said("anna", "show", "n"))
    assert shown["reason"] == "not 350"
    (tmp_path / "n.json").write_text(json.dumps(shown["said"]), encoding="utf-8")
    said("anna", "save", str(tmp_path / "n.json"))
    said("anna", "send", "n")
    assert ": drafted" in said("anna", "recall", "n")
    said("anna", "send", "n")
    assert ": confirmed" in said("boris", "confirm", "n")
    said("boris", "paper", "n", "--out", str(tmp_path / "n.pdf"))
    assert (tmp_path / "n.pdf").read_bytes()[:5] == b"%PDF-"
    assert "MSK → SPB, obligation, 350.00 RUB: drafted" in said("anna", "reverse", "n", "--because", "not ours", "--date", "2025-03-05")
    assert "Thrown away: n/reversal" in said("anna", "drop", "n/reversal")
    assert "boris asks to undo it: twice" in said("boris", "undo", "n", "--because", "twice")
    assert ": undone" in said("anna", "undo", "n")
    shared = said("anna", "share", "costs", "--head", "MSK", "--total", "10", "--by", "MSK=1", "--by", "SPB=1", "--date", "2025-02-10")
    assert "5.00 RUB: drafted" in shared and "Thrown away" in said("anna", "drop", shared.split()[-1])
    (tmp_path / "own.toml").write_text(
        '[[operations]]\ncode = "rent"\nname = "Rent"\nkind = "local"\nhead = ["26 / 91.01  rent"]', encoding="utf-8"
    )
    assert "rent" in said("anna", "add-templates", "ROMASHKA", str(tmp_path / "own.toml"))
    assert "Rent" in said("anna", "templates", "MSK")
    assert "Posted in MSK" in said("anna", "local", "rent", "--head", "MSK", "--amount", "12", "--date", "2025-02-10")
    said("anna", "drop-template", "ROMASHKA", "rent")
