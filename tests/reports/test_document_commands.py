"""`setoff documents`, `setoff report open-lots` and `payment-habits`: what the pages list, by the command line, worked by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest

from setoff.cli import run
from tests.reports.story import tell


def lines(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_documents_are_listed_by_every_filter(db: psycopg.Connection[Any], tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    tell(db)

    def numbers(*asked: str) -> list[str]:
        assert run(["documents", "--format", "jsonl", "--ascending", *asked]) == 0
        return [row["document"]["number"] for row in lines(capfd.readouterr().out) if "document" in row]

    assert numbers("--kind", "sale", "--counterparty", "VEGA") == ["S-1", "S-2", "M-1"]
    assert numbers("--from", "2025-02-01", "--to", "2025-02-20", "--unit", "MSK") == ["S-2", "P-2", "U-1"]
    assert numbers("--amount-from", "2000", "--by", "amount") == ["U-1", "R-1"]
    assert numbers("--words", "S-", "--currency", "RUB", "--author", "tester", "--state", "posted") == ["S-1", "S-2"]
    assert run(["documents", "--state", "lost"]) == 1
    assert run(["documents", "--kind", "sale", "--limit", "1"]) == 0
    shown = capfd.readouterr().out
    assert "M-1" in shown and "S-1" not in shown and "3 documents, RUB" in shown
    for form in ("xlsx", "pdf", "csv"):
        assert run(["documents", "--format", form, "--out", str(tmp_path / form)]) == 0
    assert (tmp_path / "pdf").read_bytes()[:5] == b"%PDF-" and (tmp_path / "csv").read_bytes()[:3] == b"\xef\xbb\xbf"


def test_open_items_and_habits_are_reports(db: psycopg.Connection[Any], capfd: pytest.CaptureFixture[str]) -> None:
    """METALL: 600.00 of the advance of 3,000.00 is left. BERLIN owes 600.00 EUR. VEGA paid S-1 of 1,200.00 due 31 Jan: 500.00 in time,
    700.00 on 15 Feb, 15 days late; S-2 of 600.00 due 7 Mar: 300.00 in time, 300.00 on 12 Mar, 5 days late.
    (700 * 15 + 300 * 5) / 1800 = 6.7 days; 800 of 1,800 in time: 44 %."""
    tell(db)
    assert run(["report", "open-lots", "--as-of", "2025-03-31", "--format", "jsonl"]) == 0
    rows = [row for row in lines(capfd.readouterr().out) if "totals" not in row]
    assert [(row["counterparty"], row["lot_kind"], row["residual"], row["currency"]) for row in rows] == [
        ("АО «Металлсервис»", "advance", "600.00", "RUB"), ("ООО «Вега»", "advance", "200.00", "RUB"),
        ("Berliner Handels GmbH", "debt", "600.00", "EUR"),
    ]  # fmt: skip
    assert run(["report", "open-lots", "--as-of", "2025-03-31", "--format", "jsonl", "--side", "payable"]) == 0
    assert [row["residual"] for row in lines(capfd.readouterr().out) if "totals" not in row] == ["600.00"]
    assert run(["report", "payment-habits", "--counterparty", "VEGA", "--as-of", "2025-03-31", "--format", "jsonl"]) == 0
    whole, quarter = lines(capfd.readouterr().out)
    assert (whole["side"], whole["amount"], whole["days_late"], whole["days_late_max"], whole["on_time"], whole["trend"]) == (
        "receivable", "1800.00", "6.7", 15, 44, "unknown",
    )  # fmt: skip
    assert (quarter["quarter"], quarter["amount"], quarter["level"]) == ("2025-01-01", "1800.00", 1)
