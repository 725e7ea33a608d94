"""`setoff post`, `save`, `unpost`, `reorder`, `mark-deletion` and `refold` as a person types them."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from setoff import cli

Db = psycopg.Connection[Any]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETOFF_LANG", "en")
    monkeypatch.setenv("COLUMNS", "160")


def paper(folder: Path, key: str, amount: str = "120.00", **fields: Any) -> str:
    """A file with a sale of the cast."""
    sale = {"type": "sale", "key": key, "number": key, "unit": "MSK", "date": "2025-02-10", "counterparty": "VEGA", "contract": "BUYER"}
    path = folder / f"{key}.json"
    path.write_text(json.dumps({**sale, "lines": [{"amount": amount}], **fields}), encoding="utf-8")
    return str(path)


def status(conn: Db, key: str) -> str | None:
    row = conn.execute("select status from document where key = %s", [key]).fetchone()
    return row[0] if row else None


def test_a_dry_run_says_so_and_keeps_nothing(company: Db, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["post", paper(tmp_path, "A"), "--dry-run"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "A (A): tried; nothing is kept."
    assert any("Dr 62.01 Cr 90.01" in line and line.endswith("120.00\xa0RUB") for line in said)
    assert status(company, "A") is None


def test_what_is_the_same_in_both_contours_is_told_once(company: Db, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["post", paper(tmp_path, "A")]) == 0
    assert [line.split()[5] for line in capsys.readouterr().out.splitlines()[2:]] == ["both", "regulated"]
    assert cli.run(["post", paper(tmp_path, "B", contours=["mgmt"])]) == 0
    assert [line.split()[5] for line in capsys.readouterr().out.splitlines()[2:]] == ["management"]


def test_the_life_of_a_document(
    company: Db, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(Path(paper(tmp_path, "A")).read_bytes())))
    for arguments, state in (
        (["save", "-"], "draft"),
        (["post", "A"], "posted"),
        (["reorder", "A", "5"], "posted"),
        (["unpost", "A"], "unposted"),
        (["mark-deletion", "A"], "unposted"),
        (["mark-deletion", "A", "--clear"], "unposted"),
        (["post", "A", "--quiet"], "posted"),
    ):
        assert cli.run(arguments) == 0, arguments
        assert status(company, "A") == state
    capsys.readouterr()
    assert cli.run(["post", paper(tmp_path, "A", day_order=5)]) == 0
    assert cli.run(["refold"]) == 0
    assert capsys.readouterr().out.splitlines() == ["A (A): nothing to change.", "Refolded: every stored row was right."]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["post", "nowhere.json"], "file_unreadable: The file nowhere.json cannot be read: No such file or directory."),
        (["post", "nowhere"], 'unknown_reference: There is no document "nowhere".'),
        (["save", "nowhere"], "file_unreadable"),
        (["unpost", "nowhere"], "unknown_reference"),
        (["reorder", "nowhere", "512"], "invalid_value"),
        (["period", "close", "MSK", "2025-02-15"], "invalid_value"),
    ],
)
def test_what_is_typed_wrongly_is_told(company: Db, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    assert cli.run(arguments) == 1
    assert capsys.readouterr().err.startswith(said)


def test_a_refusal_says_what_is_allowed(company: Db, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["period", "close", "MSK", "2025-02-15"]) == 1
    assert "\n  Allowed: 28 Feb 2025\n" in capsys.readouterr().err


def test_a_closed_period_tells_what_would_change(company: Db, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["post", paper(tmp_path, "A"), "--quiet"]) == 0
    assert cli.run(["period", "close", "MSK", "2025-02-28"]) == 0
    assert cli.run(["post", paper(tmp_path, "A", "100.00")]) == 1
    assert [line.replace("\xa0", " ") for line in capsys.readouterr().err.splitlines() if line.startswith("  -")] == [
        "  - sale, document A, period 2025-02, lot, management, before 120.00 RUB, after 100.00 RUB",
        "  - sale, document A, period 2025-02, lot, regulated, before 120.00 RUB, after 100.00 RUB",
        "  - sale, document A, period 2025-02, posting, regulated, before 120.00 RUB, after 100.00 RUB",
    ]


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"surprise": 1}, "unknown_field", "surprise"),
        ({"lines": [{"amount": 5}]}, "invalid_value", "lines[0].amount"),
        ({"unit": None}, "invalid_value", "unit"),
        ({"comment": "a\0b"}, "row_unreadable", ""),
    ],
)
def test_a_file_that_is_no_document_says_which_field(
    company: Db, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict[str, Any], code: str, field: str
) -> None:
    assert cli.run(["post", paper(tmp_path, "A", **change)]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"{code}: ")
    assert field in said
    assert status(company, "A") is None
