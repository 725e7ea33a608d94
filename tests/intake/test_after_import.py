"""After an import the ledger is compared with the settlements where it touched them; a trial tells what each document would say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

from setoff.books.audit import Actor
from setoff.intake.said import SaidField
from setoff.intake.screen import reconciled_lines, said_line
from setoff.settlements.checks import after_import, run_checks
from setoff.settlements.checks.after_import import NOT_COMPARED, Reconciled, begin_reconciling, reconcile
from setoff.settlements.services import post_document
from setoff.trade.documents import AdjustmentReceiver, AdjustmentRow, DebtAdjustment
from tests.intake.test_rejected import load, sale, write

ACTOR = Actor("tester", "import")
Conn = psycopg.Connection[Any]
SIRIUS = {"counterparty": "SIRIUS", "contract": "BUYER-LEGAL"}


def spoil(conn: Conn, key: str) -> None:
    """A rouble too many in the postings of a document, below all that watches."""
    conn.execute("set session_replication_role = replica")
    conn.execute("update posting set amount = amount + 100 where document_id = (select id from document where key = %s)", [key])
    conn.execute("set session_replication_role = origin")


def test_only_contracts_that_were_touched_are_compared(company: Conn, tmp_path: Path) -> None:
    post_document(company, sale("old"), ACTOR)
    post_document(company, sale("other", **SIRIUS), ACTOR)
    loaded = load(company, write(tmp_path / "a.jsonl", sale("s1"), sale("s2", "50.00")))
    assert loaded.reconciled == Reconciled(1)
    assert load(company, tmp_path / "a.jsonl").reconciled == NOT_COMPARED  # nothing was written
    spoil(company, "other")
    assert load(company, write(tmp_path / "b.jsonl", sale("s3"))).reconciled == Reconciled(1)
    spoil(company, "old")
    found = load(company, write(tmp_path / "c.jsonl", sale("s4", "1.00"))).reconciled
    # 100.00 twice, 50.00, 100.00, 1.00 are owed; the ledger has a rouble more
    assert [(row.unit, row.key, row.expected, row.actual, row.difference) for row in found.differing] == [
        ("MSK", "62.01 BUYER", "35100", "35200", 100)
    ]
    (whole,) = [result for result in run_checks(company, ["C-4.2"]) if result.rows]
    assert found.differing[0][:5] in [row[:5] for row in whole.rows] and len(whole.rows) == 2
    assert [line.strip() for line in reconciled_lines("en", found)][1:] == ["MSK 62.01 BUYER"]


def test_contracts_that_a_document_ties_together_are_compared_with_it(company: Conn) -> None:
    """A set-off carries worth from one contract to the other: an edit under one is compared under both."""
    post_document(company, sale("s1"), ACTOR)
    post_document(company, sale("s2", **SIRIUS), ACTOR)
    rows = [AdjustmentRow(side="they_owe_us", amount="10.00", counterparty="VEGA", contract="BUYER")]
    moved = DebtAdjustment(key="t", unit="MSK", date="2025-03-02", kind="transfer", rows=rows, receiver=AdjustmentReceiver(**SIRIUS))
    post_document(company, moved, ACTOR)
    with company.transaction():
        mark = begin_reconciling(company)
        post_document(company, sale("s3"), ACTOR)
        assert reconcile(company, mark) == Reconciled(2)


def test_of_a_large_import_all_contracts_are_compared(company: Conn, monkeypatch: pytest.MonkeyPatch) -> None:
    post_document(company, sale("s1"), ACTOR)
    post_document(company, sale("s2", **SIRIUS), ACTOR)
    with company.transaction():
        mark = begin_reconciling(company)
        post_document(company, sale("s3"), ACTOR)
        monkeypatch.setattr(after_import, "WHOLE", 1)
        assert reconcile(company, mark) == Reconciled(2)


def test_a_trial_tells_what_each_document_would_say(company: Conn, tmp_path: Path) -> None:
    post_document(company, sale("s1"), ACTOR)
    path = write(tmp_path / "a.jsonl", sale("s1", date="2025-03-05"), sale("s2"))
    loaded = load(company, path, dry_run=True, tell_max=10)
    told = {said.key: (said.is_new, said.fields) for said in loaded.said}
    assert told == {"s1": (False, (SaidField("date", "2025-03-01", "2025-03-05"),)), "s2": (True, ())}
    assert loaded.reconciled == Reconciled(1) and not loaded.kept
    lines = sorted(said_line("en", said) for said in loaded.said)
    assert lines[0].endswith("changed: date: 2025-03-01 → 2025-03-05") and lines[1].endswith(": new")
    assert company.execute("select key from document").fetchall() == [("s1",)]
    assert [said.key for said in load(company, path, dry_run=True, tell_max=1).said] == [loaded.said[0].key]
