"""Reports of the books, against the story reckoned by hand (story.py). Amounts in kopecks."""

from __future__ import annotations

from typing import Any

import msgspec
import psycopg

from setoff.parties.services import save_masters
from setoff.reports.ask import ask
from setoff.reports.ledger import SIDES
from setoff.settlements.services import post_document
from tests.cast import MASTERS, OTHER
from tests.reports.story import ACTOR, payment

CLOSING = {
    "19.03": 400_00, "41": 2_000_00, "51": -1_000_00, "52": 40_000_00, "60.02": 600_00, "62.02": -200_00, "62.21": 58_950_00,
    "68.02": -300_00, "90.01": -100_050_00, "90.03": 300_00, "91.01": -700_00,
}  # fmt: skip


def closing(rows: Any) -> dict[str, int]:
    found = {row.account: row.closing_debit - row.closing_credit for row in rows if row.level == 0}
    return {account: amount for account, amount in found.items() if amount}


def test_turnover_balance(report: Any) -> None:
    section = report("turnover-balance", since="2025-03-01").sections[0]
    assert closing(section.rows) == CLOSING
    found = {row.account: tuple(getattr(row, side) for side in SIDES) for row in section.rows}
    assert found["51"] == (0, 1_500_00, 500_00, 0, 0, 1_000_00)
    assert found["62.01"] == (300_00, 0, 0, 300_00, 0, 0)
    assert found["62.21"] == (0, 0, 98_950_00, 40_000_00, 58_950_00, 0)
    assert found["60.02"] == (600_00, 0, 0, 0, 600_00, 0)
    (total,) = section.totals
    assert [getattr(total.row, side) for side in SIDES] == [3_600_00, 3_600_00, 139_450_00, 139_450_00, 102_250_00, 102_250_00]


def test_turnover_balance_inside_months_reads_postings_of_the_days(report: Any) -> None:
    rows = {row.account: row for row in report("turnover-balance", "2025-03-11", since="2025-01-15").sections[0].rows}
    receivable = rows["62.01"]
    assert (receivable.opening_debit, receivable.turnover_debit, receivable.turnover_credit) == (1_200_00, 600_00, 1_500_00)
    assert rows["62.01"].closing_debit == 300_00
    assert rows["51"].closing_credit == 1_500_00
    assert "62.02" not in rows


def test_turnover_balance_of_a_contract_shows_its_accounts_alone(report: Any) -> None:
    rows = report("turnover-balance", contract="BUYER", group_by="counterparty,contract").sections[0].rows
    assert closing(rows) == {"62.02": -200_00}
    assert {(row.counterparty, row.contract) for row in rows if row.level == 1} == {("ООО «Вега»", "BUYER")}


def test_turnover_balance_by_settlement_document(report: Any) -> None:
    rows = report("turnover-balance", account="62", group_by="document", since="2025-02-01").sections[0].rows
    assert [(row.account, row.document.number, *(getattr(row, side) for side in SIDES)) for row in rows if row.level] == [
        ("62.01", "S-1", 700_00, 0, 0, 700_00, 0, 0),
        ("62.01", "S-2", 0, 0, 600_00, 600_00, 0, 0),
        ("62.02", "P-4", 0, 0, 0, 200_00, 0, 200_00),
        ("62.21", "E-1", 0, 0, 98_950_00, 40_000_00, 58_950_00, 0),
    ]


def test_active_passive_account_is_expanded_by_the_analytics_asked_for(db: psycopg.Connection[Any]) -> None:
    """76.09: IVANOV owes 100.00, we owe METALL 300.00. Netted 200.00 credit; by counterparty 100.00 debit and 300.00 credit."""
    other = msgspec.structs.replace(OTHER, code="OTHER-2", counterparty="METALL")
    save_masters(db, [*MASTERS, other], ACTOR)
    post_document(db, payment("2025-01-10", "1", "100.00", "other_party_out", counterparty="IVANOV", contract="OTHER"), ACTOR)
    post_document(db, payment("2025-01-11", "1", "300.00", "other_party_in", counterparty="METALL", contract="OTHER-2"), ACTOR)
    together = ask(db, "turnover-balance", as_of="2025-01-31", options={"account": ["76"]}).sections[0].rows
    assert [(row.account, row.closing_debit, row.closing_credit) for row in together] == [("76.09", 0, 200_00)]
    options = {"account": ["76"], "group-by": ["counterparty"]}
    apart = ask(db, "turnover-balance", as_of="2025-01-31", options=options).sections[0].rows
    assert [(row.level, row.counterparty, row.closing_debit, row.closing_credit) for row in apart] == [
        (0, "", 100_00, 300_00),
        (1, "АО «Металлсервис»", 0, 300_00),
        (1, "ИП Иванов И. И.", 100_00, 0),
    ]
    (total,) = ask(db, "turnover-balance", as_of="2025-01-31", options={"group-by": ["counterparty"]}).sections[0].totals
    assert (total.row.closing_debit, total.row.closing_credit) == (300_00, 300_00)


def test_account_analysis(report: Any) -> None:
    (section,) = report("account-analysis", account="62").sections
    assert {row.account: (row.debit, row.credit) for row in section.rows} == {
        "51": (0, 2_000_00), "52": (0, 40_000_00), "90.01": (100_050_00, 0), "91.01": (700_00, 0),
    }  # fmt: skip
    assert [(total.label, total.row.debit, total.row.credit) for total in (*section.opening, *section.totals)] == [
        ("opening", 0, 0),
        ("turnover", 100_750_00, 42_000_00),
        ("closing", 58_750_00, 0),
    ]


def test_account_analysis_by_counterparty_and_contract(report: Any) -> None:
    sections = report("account-analysis", account="62", since="2025-02-10", group_by="counterparty,contract").sections
    found = {section.heading.facts["group"]: section for section in sections}
    vega = found["ООО «Вега», BUYER"]
    assert [(total.row.debit, total.row.credit) for total in (*vega.opening, *vega.totals)] == [
        (1_300_00, 0), (0, 1_500_00), (0, 200_00),
    ]  # fmt: skip
    assert found["Berliner Handels GmbH, BUYER-EUR"].totals[-1].row.debit == 58_950_00


def test_account_analysis_of_a_party_or_a_contract(report: Any) -> None:
    """62 of VEGA from 10 February: it owed 1 300.00 and paid 1 500.00: an advance of 200.00 is left. Of BUYER-EUR: see story.py."""
    (section,) = report("account-analysis", account="62", since="2025-02-10", counterparty="VEGA").sections
    assert [(row.account, row.debit, row.credit) for row in section.rows] == [("51", 0, 1_500_00)]
    assert [(total.row.debit, total.row.credit) for total in (*section.opening, *section.totals)] == [
        (1_300_00, 0), (0, 1_500_00), (0, 200_00),
    ]  # fmt: skip
    (section,) = report("account-analysis", account="62", since="2025-02-10", contract="BUYER-EUR").sections
    assert [(row.account, row.debit, row.credit) for row in section.rows] == [
        ("52", 0, 40_000_00), ("90.01", 98_250_00, 0), ("91.01", 700_00, 0),
    ]  # fmt: skip
    assert section.totals[-1].row.debit == 58_950_00
    assert not report("account-analysis", account="62", counterparty="VEGA", contract="BUYER-EUR").sections


def test_turnover_balance_of_a_party(report: Any) -> None:
    """METALL from 21 February: the purchase of 2 400.00 is owed; 3 000.00 paid leave an advance of 600.00."""
    rows = report("turnover-balance", since="2025-02-21", counterparty="METALL").sections[0].rows
    assert [(row.account, *(getattr(row, side) for side in SIDES)) for row in rows] == [
        ("60.01", 0, 2_400_00, 2_400_00, 0, 0, 0),
        ("60.02", 0, 0, 600_00, 0, 600_00, 0),
    ]


def test_groups_of_everybody_are_those_of_each_party(report: Any) -> None:
    """Everybody is read by units and days, a party by its nodes: the same figures."""
    asked = {"account": "62", "since": "2025-02-10", "group_by": "counterparty,contract"}
    together = report("account-analysis", **asked).sections
    parties = [
        section for party in ("BERLIN", "METALL", "VEGA") for section in report("account-analysis", **asked, counterparty=party).sections
    ]  # fmt: skip
    assert len(together) == 2
    assert sorted(parties, key=str) == sorted(together, key=str)


def test_account_analysis_of_a_party_as_known_then(story: psycopg.Connection[Any], report: Any) -> None:
    """What was posted later, into the period, is not known: 1 500.00 were paid, not 1 750.00."""
    (known,) = story.execute("select clock_timestamp()::text").fetchone() or ("",)
    post_document(story, payment("2025-02-20", "P-5", "250.00"), ACTOR)
    asked = {"account": "62", "since": "2025-02-10", "counterparty": "VEGA"}
    paid = [report("account-analysis", **asked, **then).sections[0].totals[0].row.credit for then in ({}, {"known_at": known})]
    assert paid == [1_750_00, 1_500_00]


def test_journal_of_postings(report: Any) -> None:
    rows = report("postings", account="62.21").sections[0].rows
    assert [(row.debit_account, row.credit_account, row.amount, row.posting_kind) for row in rows] == [
        ("62.21", "90.01", 98_250_00, "entry"),
        ("52", "62.21", 40_000_00, "entry"),
        ("62.21", "91.01", 700_00, "fx"),
    ]
    everything = report("postings").sections[0]
    assert everything.totals[0].row.amount == 148_450_00 == sum(row.amount for row in everything.rows)
