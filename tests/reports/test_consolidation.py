"""The consolidated balance: scheme 1 of the specification, what cancels, what does not, who may not be summed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from setoff.access.entry import enter, leave
from setoff.access.queries import rights_of
from setoff.books.charts import account_id
from setoff.core.errors import DomainError
from setoff.parties.services import save_masters
from setoff.reports.ask import ask
from setoff.reports.files import render_csv
from setoff.reports.report import Report, Section
from setoff.reports.table import render_table
from setoff.scenarios.format import load_scenario
from setoff.scenarios.runner import run_story
from setoff.settlements.checks import run_checks
from tests.access.people import add_user
from tests.cast import MASTERS
from tests.reports.between import ACTOR, institute, plant
from tests.told import BooksOf

Db = psycopg.Connection[Any]
SCENARIOS = Path(__file__).parent.parent / "scenarios"


@pytest.fixture
def books(books_of: BooksOf) -> Db:
    return books_of(institute)


@pytest.fixture
def asked(books: Db) -> Callable[..., Report]:
    def report(as_of: str, **options: str) -> Report:
        given = {("from" if name == "since" else name): [value] for name, value in {"organization": "INST", **options}.items()}
        return ask(books, "consolidation", as_of=as_of, options=given)

    return report


def told(section: Section) -> list[str]:
    """account: head office, branch = sum, eliminated -> consolidated; roubles."""
    lines = []
    for row in section.rows:
        left, right = (amount // 100 for amount in row.amounts)
        eliminated = "" if row.eliminated is None else f" - {row.eliminated // 100}"
        name = f"  {row.document.date}" if row.level else row.account
        lines.append(f"{name}: {left} {right} = {row.total // 100}{eliminated} -> {row.consolidated // 100}{' !' if row.is_wrong else ''}")
    return lines


def test_scheme_1_ends_with_all_money_in_income_and_nothing_between_the_units(asked: Callable[..., Report]) -> None:
    """Spec 2.14: 540 000 and 60 000 at the bank, consolidated 600 000 = income 600 000 (708 000 less 108 000 of VAT)."""
    (closing,) = asked("2011-03-31").sections
    assert told(closing) == [
        "20111: 540000 60000 = 600000 -> 600000",
        "30404: 0 0 = 0 - 0 -> 0",
        "40110: -540000 -60000 = -600000 -> -600000",
    ]
    assert [(total.label, total.row.amounts, total.row.consolidated) for total in closing.totals] == [
        ("debit-balances", (54_000_000, 6_000_000), 60_000_000),
        ("credit-balances", (-54_000_000, -6_000_000), -60_000_000),
    ]
    assert closing.notes == []


def test_scheme_1_by_notices_ends_the_same(db: Db) -> None:
    assert run_story(db, load_scenario(SCENARIOS / "branch-1-share-of-income.toml")) == []
    db.execute("update unit set kind = 'branch' where code = 'BR'")
    (closing,) = ask(db, "consolidation", as_of="2025-03-31", options={"unit": ["HO", "BR"]}).sections
    assert told(closing) == [
        "20111: 540000 60000 = 600000 -> 600000",
        "30404: 0 0 = 0 - 0 -> 0",
        "40110: -540000 -60000 = -600000 -> -600000",
    ]
    (before,) = ask(db, "consolidation", as_of="2025-03-10", options={"unit": ["HO", "BR"], "account": ["30404"]}).sections
    assert told(before) == ["30404: 18000 -18000 = 0 - 18000 -> 0"]
    db.execute("update posting set amount = amount - 100 where document_id = (select id from document where key = '1.2/receiver')")
    db.execute("update turnover set amount = amount - 100 where month = '2025-03-01' and amount = 1800000 and unit_id = ("
               "select id from unit where code = 'BR') and credit_account_id = %s", [account_id("ru-budget", "30404")])
    (wrong,) = ask(db, "consolidation", as_of="2025-03-10", options={"unit": ["HO", "BR"], "account": ["30404"]}).sections
    assert [(row.document.key, row.amounts, row.is_wrong) for row in wrong.rows] == [
        ("", (1_800_000, -1_799_900), True),
        ("1.2/receiver", (1_800_000, -1_799_900), True),
    ]


def test_what_one_unit_owes_the_other_is_eliminated(asked: Callable[..., Report]) -> None:
    """Before the branch paid: 18 000 of VAT and 40 000 of its income."""
    (closing,) = asked("2011-02-28").sections
    assert told(closing) == [
        "20111: 590000 118000 = 708000 -> 708000",
        "30304: -108000 0 = -108000 -> -108000",
        "30404: 58000 -58000 = 0 - 58000 -> 0",
        "40110: -540000 -60000 = -600000 -> -600000",
    ]


def test_a_period_is_a_turnover_sheet_of_each_unit_and_of_all(asked: Callable[..., Report]) -> None:
    opening, debit, credit, closing = asked("2011-03-31", since="2011-03-01").sections
    assert told(opening)[2] == "30404: 58000 -58000 = 0 - 58000 -> 0"
    assert told(debit) == [
        "20111: 58000 0 = 58000 -> 58000",
        "30304: 108000 0 = 108000 -> 108000",
        "30404: 0 58000 = 58000 - 58000 -> 0",
    ]
    assert told(credit) == [
        "20111: 108000 58000 = 166000 -> 166000",
        "30404: 58000 0 = 58000 - 58000 -> 0",
    ]
    assert told(closing)[0] == "20111: 540000 60000 = 600000 -> 600000"
    assert debit.totals[0].row.total == credit.totals[0].row.total == 22_400_000
    assert debit.totals[0].row.consolidated == credit.totals[0].row.consolidated == 16_600_000


def test_it_ties_to_the_turnover_balance_of_each_unit(books: Db, asked: Callable[..., Report]) -> None:
    closing = asked("2011-03-31", since="2011-03-01").sections[-1]
    for place, unit in enumerate(("HO", "BR")):
        own = ask(books, "turnover-balance", as_of="2011-03-31", options={"unit": [unit], "from": ["2011-03-01"]}).sections[0]
        balances = {row.account: row.closing_debit - row.closing_credit for row in own.rows}
        assert balances.items() >= {row.account: row.amounts[place] for row in closing.rows}.items()


def test_a_one_sided_entry_is_named_under_the_line_that_is_not_zero(books: Db, asked: Callable[..., Report]) -> None:
    (key,) = plant(books, (("2011-03-28", "HO", "30404", "40110", 7_000),))
    report = asked("2011-03-31")
    (closing,) = report.sections
    assert told(closing)[1:3] == ["30404: 7000 0 = 7000 - 0 -> 7000 !", "  2011-03-28: 7000 0 = 7000 -> 7000 !"]
    assert closing.rows[2].document.key == key
    assert [note.label for note in closing.notes] == ["between-units-not-zero"]
    assert "Account 30404, between units, is not zero" in render_table(report, "en")
    assert ",7000.00,0.00,7000.00," in render_csv(report, "en")


def test_units_by_different_charts_have_no_sum(db: Db) -> None:
    save_masters(db, MASTERS, ACTOR)
    with pytest.raises(DomainError) as refused:
        ask(db, "consolidation", as_of="2025-03-31", options={"organization": ["ROMASHKA", "HONGYUAN"]})
    assert refused.value.code.value == "accounting_policies_differ"
    assert refused.value.facts == {"units": "SHA (cn, CNY), MSK (ru, RUB), SPB (ru, RUB)"}
    assert ask(db, "consolidation", as_of="2025-03-31", options={"organization": ["ROMASHKA"]}).sections == []


def test_who_is_left_out_and_who_treats_vat_otherwise_is_said(books: Db, asked: Callable[..., Report]) -> None:
    report = ask(books, "consolidation", as_of="2011-02-28", options={"unit": ["HO"]})
    assert [(note.label, dict(note.facts)) for note in report.sections[0].notes] == [("units-left-out", {"units": "BR"})]
    assert [row.is_wrong for row in report.sections[0].rows] == [False] * 4
    books.execute("update unit set vat_on_advances = 'same_day' where code = 'BR'")
    (note,) = asked("2011-02-28").sections[0].notes
    assert (note.label, note.facts["units"]) == ("unit-settings-differ", "HO: off, BR: same_day")


def test_who_reads_one_unit_alone_is_told_so_and_judges_no_pair(books: Db) -> None:
    """Without the branch's side head office has 58 000 on 30404: that is no error."""
    enter(books, rights_of(books, add_user(books, "anna", HO="accountant")))
    try:
        (section,) = ask(books, "consolidation", as_of="2011-02-28", options={"organization": ["INST"]}).sections
        assert [row.amounts for row in section.rows if row.account == "30404"] == [(5_800_000,)]
        assert {note.label: dict(note.facts) for note in section.notes}["units-left-out"] == {"units": "BR"}
        assert [result.rows for result in run_checks(books, ["C-BR-1", "C-BR-2"])] == [[], []]
    finally:
        leave(books)
    assert run_checks(books, ["C-BR-1"])[0].rows == []
    plant(books, (("2011-03-28", "HO", "30404", "40110", 7_000),))
    assert [row.actual for row in run_checks(books, ["C-BR-1"])[0].rows] == ["700000"]
