"""Refused rows over the API and by the command line: they wait, are tried again, dropped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest

from setoff import cli
from tests.api.asking import Api, sale

PARTY = {"type": "counterparty", "code": "NEW", "name": "New one"}
NDJSON = "application/x-ndjson"


def contract(accountant: Api) -> dict[str, Any]:
    found: dict[str, Any] = accountant.get("contracts/BUYER").json()
    return {**found, "code": "NEW-BUYER", "counterparty": "NEW"}


def test_refused_rows_by_the_api(accountant: Api) -> None:
    wanting = json.dumps(sale("1", counterparty="NEW", contract="NEW-BUYER")).encode()
    wrong = json.dumps(sale("2", "ten")).encode()
    answer = accountant.post("imports", wanting + b"\n" + wrong, content_type=NDJSON)
    assert json.loads(answer.content.splitlines()[-1])["waiting"] == 2
    first, second = accountant.get("imports/rejected", unit="MSK").json()
    assert (first["row"], first["code"], first["key"], first["state"]) == (1, "unknown_reference", "sale/MSK/2026/1", "open")
    retried = accountant.post(f"imports/rejected/retry?row={first['id']}").json()
    assert [found["code"] for found in retried["refused"]] == ["unknown_reference"]
    assert accountant.put("counterparties", [PARTY]).status_code == 200
    assert accountant.put("contracts", [contract(accountant)]).status_code == 200
    assert accountant.post(f"imports/rejected/retry?row={first['id']}").json() == {"id": first["id"], "refused": [], "held": 0}
    assert accountant.post(f"imports/rejected/drop?row={second['id']}", {}).json()["code"] == "field_missing"
    assert accountant.post(f"imports/rejected/drop?row={second['id']}", {"because": "a joke"}).json()["row"] == 2
    assert accountant.post(f"imports/rejected/drop?row={second['id']}", {"because": "a joke"}).json()["code"] == "unknown_reference"
    assert accountant.get("imports/rejected").json() == []
    assert [row["reason"] for row in accountant.get("imports/rejected", state="dropped").json()] == ["a joke"]


def test_a_refused_row_is_mended_by_the_api(accountant: Api) -> None:
    answer = accountant.post("imports", json.dumps(sale("1", "ten")).encode(), content_type=NDJSON)
    told = json.loads(answer.content.splitlines()[-1])
    assert (told["kept"], told["reconciled"], told["differing"], told["restated"]) == (False, 0, [], 0)
    (row,) = accountant.get("imports/rejected").json()
    address = f"imports/rejected/mend?row={row['id']}"
    assert accountant.post(address, {"record": " "}).json()["code"] == "field_missing"
    still = accountant.post(address, {"record": json.dumps(sale("1", "elf"))}).json()
    assert [found["code"] for found in still["refused"]] == ["invalid_amount"]
    assert accountant.post(address, {"record": json.dumps(sale("1", "11.00"))}).json()["refused"] == []
    assert accountant.get("imports/rejected").json() == []
    again = accountant.post("imports?dry_run=true", json.dumps(sale("1", "12.00")).encode(), content_type=NDJSON)
    told = json.loads(again.content.splitlines()[-1])
    assert (told["reconciled"], [(said["is_new"], said["fields"][0]["name"]) for said in told["said"]]) == (1, [(False, "lines")])


def test_refused_rows_by_the_command_line(
    company: psycopg.Connection[Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SETOFF_LANG", "en")

    def said(*arguments: str, code: int = 0) -> str:
        capsys.readouterr()
        assert cli.run(list(arguments)) == code, capsys.readouterr().err
        printed = capsys.readouterr()
        return printed.out + printed.err

    path = tmp_path / "s.jsonl"
    path.write_text(json.dumps(sale("1", "ten")) + "\n{\n", encoding="utf-8")
    assert 'Refused rows that wait: 2. See them with "setoff rejected list".' in said("import", str(path), code=1)
    first, second = json.loads(said("rejected", "list", "--format", "json"))
    assert (first["row"], first["code"], second["code"]) == (1, "invalid_amount", "row_unreadable")
    assert f"{first['id']}  MSK  s.jsonl, row 1: lines[0].amount = ten" in said("rejected", "list")
    assert "invalid_amount" in said("rejected", "retry", str(first["id"]), code=1)
    mended = tmp_path / "mended.jsonl"
    mended.write_text(json.dumps(sale("1", "elf")), encoding="utf-8")
    assert "elf" in said("rejected", "retry", str(first["id"]), "--mended", str(mended), code=1)
    assert said("rejected", "drop", str(first["id"]), "--because", "none") == "s.jsonl, row 1: dropped.\n"
    said("rejected", "drop", str(second["id"]), "--because", "none")
    assert said("rejected", "list") == "No refused rows.\n"
