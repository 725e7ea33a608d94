"""`setoff billing`, from the sample to the undoing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from setoff import cli
from setoff.books.audit import Actor
from setoff.parties.services import save_masters
from tests.billing.served import RECORDS

Company = psycopg.Connection[Any]
Said = Callable[..., Any]


@pytest.fixture
def said(company: Company, actor: Actor, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Said:
    """Runs a command; its answer, decoded where it is JSON."""
    save_masters(company, RECORDS, actor)
    monkeypatch.setenv("SETOFF_LANG", "en")

    def run(*arguments: str, code: int = 0) -> Any:
        capsys.readouterr()
        assert cli.run(["billing", *arguments]) == code
        out = capsys.readouterr().out
        return json.loads(out) if "json" in arguments else out

    return run


def test_a_month_is_shown_billed_and_undone(said: Said) -> None:
    month = ("MSK", "depository", "--from", "2026-01-01", "--date", "2026-02-03")
    shown = said("preview", *month)
    assert "BUYER VEGA: 854.00 RUB, Due 2026-02-17" in shown and "Storage of securities, 2026-01, D-1: 700.00 + 154.00" in shown
    tried = said("run", *month, "--dry-run", "--format", "json")
    assert (tried["kept"], [row["state"] for row in tried["invoices"]]) == (False, ["posted", "posted"])
    done = said("run", *month, "--format", "json")
    assert [row["document"] for row in done["invoices"]] == ["billing/MSK/BUYER/2026-01", "billing/MSK/DEPO-2/2026-01"]
    assert said("preview", *month) == "There is nothing to bill.\n"
    (run,) = said("runs", "--format", "json")
    assert (run["invoices"], run["amount"], run["undone_by"]) == (2, "1708.00", "")
    late = said("unpaid", "MSK", "depository", "--format", "json")
    assert [(row["contract"], row["amount"], row["suspended_from"]) for row in late] == [
        ("BUYER", "854.00", "2026-03-06"), ("DEPO-2", "854.00", "2026-03-06"),
    ]  # fmt: skip
    assert "Invoices" in said("runs") and "854.00" in said("unpaid", "MSK", "depository")
    said("continue", str(run["run"]))
    assert said("undo", str(run["run"])) == f"Run {run['run']} is undone: invoices taken out of the books: 2.\n"
    assert said("undo", str(run["run"]), code=1) == ""


def test_operations_and_what_is_left_out(said: Said) -> None:
    week = ("MSK", "depository", "--kind", "operations", "--from", "2026-01-01", "--to", "2026-01-31", "--date", "2026-02-03")
    (draft,) = said("preview", *week, "--format", "json")
    assert [(charge["net"], charge["vat"], charge["disbursed_for"]) for charge in draft["charges"]] == [
        ("300.00", "66.00", ""), ("100.00", "0.00", "METALL"),
    ]  # fmt: skip
    said("run", *week)
    quoted = said("quote", "billing/MSK/BUYER/2026-02-03", "--currency", "USD", "--format", "json")
    assert (quoted["amount"], quoted["payment"]["rows"][0]["settlement_amount"]) == ("5.18", "466.00")  # at 90
    assert "5.18" in said("quote", "billing/MSK/BUYER/2026-02-03", "--currency", "USD")
    assert "BUYER" in said("tariff-changes", "depository", "--currency", "EUR", "--date", "2026-02-03")
    assert said("preview", "MSK", "nowhere", code=1) == ""


def test_a_sample_is_a_record_that_import_reads(said: Said, company: Company, tmp_path: Path) -> None:
    record = said("template", "saas", "ROMASHKA", "--code", "seats", "--from", "2026-01-01", "--currency", "RUB")
    (tmp_path / "list.jsonl").write_text(record, encoding="utf-8")
    assert cli.run(["import", str(tmp_path / "list.jsonl")]) == 0
    assert company.execute("select valid_from::text, currency from price_list where code = 'seats'").fetchone() == ("2026-01-01", "RUB")
