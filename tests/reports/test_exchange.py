"""Exchange differences as reports tell them: by debt and month, in the card, in an explanation; they tie to the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

from setoff.reports.ask import ask
from setoff.reports.explain import explain, explanation_text, explanations_json
from setoff.scenarios.format import load_scenario
from setoff.scenarios.runner import run_story

STORY = Path(__file__).parent.parent / "scenarios" / "revaluation-partly-settled.toml"
GAINS = """
  select sum(case when debit.code like '91%' then -amount else amount end)::bigint
  from posting join account debit on debit.id = debit_account_id where kind in ('fx', 'revaluation')"""


@pytest.fixture
def told(db: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """100 EUR at 70, March 72, 40 paid at 75, April 71, 60 paid at 69."""
    assert run_story(db, load_scenario(STORY)) == []
    return db


def test_differences_by_month_tie_to_the_ledger(told: psycopg.Connection[Any]) -> None:
    (section,) = ask(told, "exchange-differences", as_of="2025-12-31", options={}).sections
    assert [
        (row.document.key, str(row.date), row.left, row.before, row.unrealised, row.realised, row.total, row.after) for row in section.rows
    ] == [
        ("invoice", "2025-03-31", 100_00, 7000_00, 200_00, 0, 200_00, 7200_00),
        ("invoice", "2025-04-30", 60_00, 7200_00, -60_00, 120_00, 60_00, 4260_00),
        ("invoice", "2025-05-31", 0, 4260_00, 0, -120_00, -120_00, 0),
    ]
    total = section.totals[0].row
    assert (total.unrealised, total.realised, total.total) == (140_00, 0, 140_00)
    assert told.execute(GAINS).fetchone() == (140_00,)


def test_a_period_in_the_middle(told: psycopg.Connection[Any]) -> None:
    (section,) = ask(told, "exchange-differences", as_of="2025-04-15", options={"from": ["2025-04-01"]}).sections
    (row,) = section.rows
    assert (row.left, row.before, row.unrealised, row.realised, row.after) == (60_00, 7200_00, 0, 120_00, 4320_00)


def test_the_card_has_a_row_for_each_revaluation(told: psycopg.Connection[Any]) -> None:
    (section,) = ask(told, "card", as_of="2025-04-30", options={"counterparty": ["Buyer"]}).sections
    facts = [(row.document.kind, str(row.rate), row.book, row.book_balance) for row in section.rows if row.document.key]
    assert facts == [
        ("sale", "70.0000", 7000_00, 7000_00), ("revaluation", "72.0000", 200_00, 7200_00),
        ("payment_from_customer", "75.0000", -2880_00, 4320_00), ("revaluation", "71.0000", -60_00, 4260_00),
    ]  # fmt: skip
    turnover, closing = (total.row for total in section.totals)
    assert (turnover.fx_difference, closing.book_balance) == (260_00, 4260_00)


def test_the_balance_by_document_has_them(told: psycopg.Connection[Any]) -> None:
    report = ask(told, "turnover-balance", as_of="2025-04-30", options={"account": ["62.21"], "group-by": ["document"]})
    closing = [row.closing_debit for section in report.sections for row in section.rows if getattr(row, "closing_debit", None)]
    assert closing and set(closing) == {4260_00}


def test_an_explanation_tells_every_step(told: psycopg.Connection[Any]) -> None:
    found = explain(told, "invoice")
    english = explanation_text(found[0], "en")
    for part in ("100.00", "7,000.00", "at 72 they are worth", "7,200.00", "60.00", "4,320.00", "at 71 they are worth", "4,260.00"):
        assert part in english.replace("\xa0", " ")
    assert "курсовая разница" in explanation_text(found[0], "ru")
    assert "重估" in explanation_text(found[0], "zh")
    assert '"before": "7000.00"' in explanations_json(found) and '"rate": "72"' in explanations_json(found)
