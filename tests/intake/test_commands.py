"""`setoff import`, `export` and `schema` as a person meets them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from setoff.cli import run
from setoff.trade.documents import Line, Sale
from tests.cast import MASTERS


@pytest.fixture
def file(tmp_path: Path) -> Path:
    sales = [
        Sale(unit="MSK", date=date, number=number, counterparty="VEGA", contract="BUYER", lines=[Line(amount="10.00")])
        for number, date in (("1", "2025-03-01"), ("2", "2025-02-30"), ("3", "2025-03-03"))
    ]
    path = tmp_path / "books.jsonl"
    path.write_bytes(b"".join(msgspec.json.encode(record) + b"\n" for record in [*MASTERS, *sales]))
    return path


def documents(conn: psycopg.Connection[Any]) -> list[str]:
    return [number for (number,) in conn.execute("select number from document order by number")]


def test_a_bad_row_is_one_line_and_nothing_is_kept(
    db: psycopg.Connection[Any], file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["import", str(file), "--lang", "ru"]) == 1
    out, err = capsys.readouterr()
    assert [line for line in err.splitlines() if line] == [err.strip()]
    assert f"books.jsonl, строка {len(MASTERS) + 2}: date = 2025-02-30: invalid_date" in err
    assert "--good-rows" in out
    assert documents(db) == []


def test_good_rows_and_a_log(db: psycopg.Connection[Any], file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "log.jsonl"
    assert run(["import", str(file), "--good-rows", "--log", str(log), "--lang", "en"]) == 0
    assert "Documents: 2 created, 0 changed, 0 unchanged" in capsys.readouterr().out
    assert documents(db) == ["1", "3"]
    (said,) = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    assert (said["row"], said["field"], said["value"], said["code"]) == (len(MASTERS) + 2, "date", "2025-02-30", "invalid_date")


def test_a_dry_run_keeps_nothing(db: psycopg.Connection[Any], file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", str(file), "--dry-run", "--lang", "en"]) == 1
    assert "2 created" in capsys.readouterr().out
    assert documents(db) == []


def test_export_packs_and_comes_back(
    db: psycopg.Connection[Any], file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["import", str(file), "--good-rows"])
    out = tmp_path / "out.jsonl.gz"
    assert run(["export", "--out", str(out)]) == 0
    assert len(gzip.decompress(out.read_bytes()).splitlines()) == len(MASTERS) + 2
    capsys.readouterr()
    assert run(["import", str(out), "--lang", "en"]) == 0
    assert "0 created, 0 changed, 2 unchanged" in capsys.readouterr().out
    assert documents(db) == ["1", "3"]


def test_a_guess_is_printed_and_imports_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "t.csv").write_text("date,customer,amount\n2026-01-05,A,5\n")
    assert run(["import", str(tmp_path / "t.csv"), "--guess"]) == 0
    assert 'counterparty = "{customer}"' in capsys.readouterr().out


@pytest.mark.parametrize(("name", "code"), [("none.jsonl", "file_unreadable"), ("t.csv", "mapping_required"), ("t.doc", "file_unreadable")])
def test_what_cannot_be_read_is_refused(name: str, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if name != "none.jsonl":
        (tmp_path / name).write_text("a\n1\n")
    assert run(["import", str(tmp_path / name)]) == 1
    assert capsys.readouterr().err.startswith(code)


def test_the_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema"]) == 0
    assert "sale" in json.loads(capsys.readouterr().out)["discriminator"]["mapping"]


def test_a_json_file_is_one_record_a_list_or_lines(
    db: psycopg.Connection[Any], file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if "2025-02-30" not in line]
    (tmp_path / "list.json").write_text(json.dumps(records[:-1], indent=2))
    (tmp_path / "one.json").write_text(json.dumps(records[-1], indent=2))
    (tmp_path / "lines.json").write_text("\n".join(json.dumps(record) for record in records[:-1]))
    assert run(["import", str(tmp_path / "list.json")]) == 0
    imported = documents(db)
    assert run(["import", str(tmp_path / "one.json")]) == 0
    assert len(documents(db)) == len(imported) + 1
    capsys.readouterr()
    assert run(["import", str(tmp_path / "lines.json")]) == 0
    assert "0 created, 0 changed" in capsys.readouterr().out.splitlines()[-1]
    (tmp_path / "list.json").write_text(json.dumps([*records[:-1], {**records[-1], "surprise": 1}], indent=2))
    assert run(["import", str(tmp_path / "list.json")]) == 1
    assert f"{len(records)}: surprise = 1: unknown_field" in capsys.readouterr().err
