"""The reports on VAT on advances: what they say ties to the ledger, and what waited on a day."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.reports.ask import ask
from setoff.reports.report import Portion
from setoff.scenarios.format import load_scenario
from setoff.scenarios.runner import run_story
from setoff.settlements.advance_vat.services import Policy, set_vat_policy

STORY = Path(__file__).parent.parent / "scenarios" / "vat-advance-refund.toml"
BALANCE = """
  select sum(case when debit.code = '76.АВ' then amount else -amount end)::bigint
  from posting join account debit on debit.id = debit_account_id where kind = 'vat'"""


@pytest.fixture
def told(db: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    assert run_story(db, load_scenario(STORY)) == []
    return db


def test_the_advances_tie_to_their_account(told: psycopg.Connection[Any]) -> None:
    report = ask(told, "advance-vat", as_of="2025-12-31", options={})
    (section,) = report.sections
    assert [(row.document.key, row.accrued, row.deducted, row.expensed, row.pending, row.balance) for row in section.rows] == [
        ("advance A", 20_000, 10_000, None, None, 10_000),
        ("advance B", 20_000, 0, None, 10_000, 20_000),
        ("advance C", 20_000, 0, 15_000, None, 5_000),
    ]
    assert told.execute(BALANCE).fetchone() == (35_000,) == (section.totals[0].row.balance,)


def test_an_advance_a_page_with_the_totals_of_all(told: psycopg.Connection[Any]) -> None:
    """Accrued 200.00 on each of three advances; deducted 100.00 of A, expensed 150.00 of C, of B 100.00 wait: 350.00 are left."""
    keys, after = [], None
    for _page in range(3):
        page = ask(told, "advance-vat", as_of="2025-12-31", options={}, portion=Portion(1, after))
        (section,) = page.sections
        keys += [row.document.key for row in section.rows]
        (total,) = (total.row for total in section.totals)
        assert (total.accrued, total.deducted, total.expensed, total.pending, total.balance) == (60_000, 10_000, 15_000, 10_000, 35_000)
        after = page.following
    assert (keys, after) == (["advance A", "advance B", "advance C"], None)


def test_a_document_a_page_of_what_waited(told: psycopg.Connection[Any]) -> None:
    """On 11 May refunds B and C waited: 100.00 and 150.00."""
    first = ask(told, "pending-vat", as_of="2025-05-11", options={}, portion=Portion(1))
    second = ask(told, "pending-vat", as_of="2025-05-11", options={}, portion=Portion(1, first.following))
    for page, key in ((first, "refund B"), (second, "refund C")):
        assert [row.document.key for row in page.sections[0].rows] == [key]
        assert [total.row.amount for total in page.sections[0].totals] == [25_000]
    assert second.following is None


def test_of_one_contract_all_comes_at_once(told: psycopg.Connection[Any]) -> None:
    for name, keys in (("advance-vat", ["advance B"]), ("pending-vat", ["refund B"])):
        page = ask(told, name, as_of="2025-12-31", options={"contract": ["B"]}, portion=Portion(1))
        assert ([row.document.key for row in page.sections[0].rows], page.following) == (keys, None)


def test_a_decision_is_none_before_its_day(told: psycopg.Connection[Any]) -> None:
    """Refund C was decided on 12 May. Both were given back on 10 April: the VAT can be deducted within a year."""
    last = date(2026, 4, 10)
    days = ("2025-04-09", "2025-05-11", "2025-05-12")
    sections = {day: ask(told, "pending-vat", as_of=day, options={}).sections for day in days}
    waiting = {
        day: [(row.document.key, row.base, row.amount, row.until) for section in found for row in section.rows]
        for day, found in sections.items()
    }
    assert waiting == {
        "2025-04-09": [],
        "2025-05-11": [("refund B", 60_000, 10_000, last), ("refund C", 90_000, 15_000, last)],
        "2025-05-12": [("refund B", 60_000, 10_000, last)],
    }


def test_an_accrual_stands_on_the_day_its_window_ends(told: psycopg.Connection[Any]) -> None:
    set_vat_policy(told, "MAIN", Policy("tax_period"), Actor("tester", "test"))
    rows = ask(told, "postings", as_of="2025-12-31", options={"account": ["76.АВ"]}).sections[0].rows
    assert [(row.date, row.document.key, row.amount, row.item) for row in rows[:3]] == [
        (date(2025, 3, 31), "advance A", 20_000, "advance A/1"),
        (date(2025, 3, 31), "advance B", 20_000, "advance B/1"),
        (date(2025, 3, 31), "advance C", 20_000, "advance C/1"),
    ]


def test_of_one_contract(told: psycopg.Connection[Any]) -> None:
    report = ask(told, "advance-vat", as_of="2025-12-31", options={"contract": ["B"]})
    assert [row.document.key for row in report.sections[0].rows] == ["advance B"]
    with pytest.raises(DomainError) as caught:
        ask(told, "pending-vat", as_of="2025-12-31", options={"kind": ["sale"]})
    assert caught.value.code == ErrorCode.REPORT_OPTION_UNUSED
