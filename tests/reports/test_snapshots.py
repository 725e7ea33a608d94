"""Every report of the story, in three languages, as people see it. SETOFF_WRITE_SNAPSHOTS=1 writes them anew: read the difference."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import psycopg

from setoff.language import LANGUAGES
from setoff.reports.ask import ask
from setoff.reports.table import render_table
from tests.reports.story import tell

FOLDER = Path(__file__).parent / "snapshots"
QUESTIONS: dict[str, tuple[str, dict[str, list[str]]]] = {
    "turnover_balance": ("turnover-balance", {"from": ["2025-03-01"]}),
    "turnover_balance_by_contract": ("turnover-balance", {"group-by": ["counterparty,contract"], "account": ["62"]}),
    "account_analysis": ("account-analysis", {"account": ["62"], "from": ["2025-02-10"], "group-by": ["counterparty"]}),
    "card": ("card", {"counterparty": ["VEGA", "BERLIN"], "from": ["2025-02-10"]}),
    "statement": ("statement", {"from": ["2025-02-10"]}),
    "statement_by_document": ("statement", {"group-by": ["counterparty", "document"], "contour": ["mgmt"]}),
    "ageing": ("ageing", {"reserve": ["0,5,10,50,100"]}),
    "ageing_by_document": ("ageing", {"group-by": ["counterparty", "contract", "document"], "buckets": ["7,14"]}),
    "reconciliation_act": ("reconciliation-act", {"counterparty": ["VEGA"], "from": ["2025-02-01"]}),
    "applied_payments": ("applied-payments", {"from": ["2025-02-01"]}),
    "journal": ("journal", {"from": ["2025-03-01"]}),
    "postings": ("postings", {"from": ["2025-03-01"]}),
    "contour_difference": ("contour-difference", {}),
}


def test_reports_read_as_before(db: psycopg.Connection[Any]) -> None:
    tell(db)
    differing = []
    for language in LANGUAGES:
        found = []
        for name, (report, options) in QUESTIONS.items():
            asked = ask(db, report, as_of="2025-03-31", options=options, language=language)
            found.append(f"### {name}\n{render_table(asked, language)}")
        path = FOLDER / f"reports.{language}.txt"
        content = "\n".join(found)
        if os.environ.get("SETOFF_WRITE_SNAPSHOTS"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(content, encoding="utf-8")
        if path.read_text(encoding="utf-8") != content:
            differing.append(path.name)
    assert differing == []
