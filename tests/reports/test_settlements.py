"""Reports of settlements, against the story reckoned by hand (story.py). Amounts in minor units."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from setoff.parties.services import save_masters
from setoff.reports.ask import ask
from setoff.settlements.checks import run_checks
from setoff.settlements.services import post_document
from setoff.trade.documents import ManualEntry, ManualRow, OpeningBalance, OpeningRow, Side
from tests.cast import MASTERS
from tests.reports.story import ACTOR, payment, sale


def test_card(report: Any) -> None:
    (section,) = report("card", counterparty="VEGA", since="2025-02-10").sections
    facts = [row for row in section.rows if row.level == 0]
    assert [(row.document.number, row.increase, row.decrease, row.balance, row.debt, row.advance) for row in facts] == [
        ("P-2", 0, 1_000_00, 300_00, 300_00, 0),
        ("P-4", 0, 500_00, -200_00, 0, 200_00),
    ]
    parts = [row for row in section.rows if row.level == 1]
    assert [(row.settlement_document.number, row.allocated, row.rule) for row in parts] == [
        ("S-1", 700_00, "moment"),
        ("S-2", 300_00, "moment"),
        ("S-2", 300_00, "moment"),
    ]
    assert section.opening[0].row.balance == 1_300_00
    turnover, closing = (total.row for total in section.totals)
    assert (turnover.increase, turnover.decrease, turnover.book) == (0, 1_500_00, -1_500_00)
    assert (closing.balance, closing.advance, closing.book_balance) == (-200_00, 200_00, -200_00)


def test_card_in_a_foreign_currency_carries_the_rate_and_the_exchange_difference(report: Any) -> None:
    (section,) = report("card", counterparty="BERLIN").sections
    sold, paid, used = section.rows
    assert (sold.rate, sold.book, sold.balance) == (Decimal("98.2500"), 98_250_00, 1_000_00)
    assert (paid.rate, paid.book, paid.balance, paid.book_balance) == (Decimal("100.0000"), -39_300_00, 600_00, 58_950_00)
    assert (used.allocated, used.fx_difference) == (400_00, 700_00)


def test_card_of_the_management_contour_uses_the_advance(report: Any) -> None:
    (section,) = report("card", counterparty="VEGA", contour="mgmt").sections
    assert section.totals[-1].row.advance == 100_00
    assert section.rows[-1].settlement_document.number == "P-4"


def test_statement(report: Any) -> None:
    section = report("statement", since="2025-02-10").sections[0]
    found = {(row.counterparty, row.relation): row for row in section.rows}
    vega = found["ООО «Вега»", "buyer"]
    assert (vega.opening, vega.increase, vega.decrease, vega.closing, vega.debt, vega.advance) == (
        1_300_00, 0, 1_500_00, -200_00, 0, 200_00,
    )  # fmt: skip
    berlin = found["Berliner Handels GmbH", "buyer"]
    assert (berlin.currency, berlin.closing, berlin.closing_book) == ("EUR", 600_00, 58_950_00)
    metall = found["АО «Металлсервис»", "supplier"]
    assert (metall.increase, metall.decrease, metall.closing) == (3_000_00, 2_400_00, 600_00)
    assert (metall.debt, metall.advance) == (0, 600_00)
    assert [(total.facts["relation"], total.row.closing) for total in section.totals] == [
        ("buyer", 600_00), ("buyer", -200_00), ("supplier", 600_00),
    ]  # fmt: skip


def test_statement_by_settlement_document(report: Any) -> None:
    rows = report("statement", counterparty="VEGA", group_by="document", since="2025-02-10").sections[0].rows
    assert [(row.document.number, row.opening, row.increase, row.decrease, row.closing) for row in rows] == [
        ("S-1", 700_00, 0, 700_00, 0),
        ("S-2", 600_00, 0, 600_00, 0),
        ("P-4", 0, 0, 200_00, -200_00),
    ]


def aged(found: Any) -> dict[str, tuple[Any, ...]]:
    rows = found.sections[0].rows
    return {row.document.number or row.counterparty: (*row.amounts, row.total, row.advance) for row in rows}


def test_ageing_counts_days_from_the_due_date(report: Any) -> None:
    assert aged(report("ageing", "2025-02-10", group_by="document")) == {
        "S-1": (0, 700_00, 0, 0, 0, 700_00, 0),
        "S-2": (600_00, 0, 0, 0, 0, 600_00, 0),
    }
    assert aged(report("ageing", "2025-01-31"))["ООО «Вега»"][:2] == (700_00, 0)  # the due day itself is not overdue
    assert aged(report("ageing", "2025-02-01"))["ООО «Вега»"][:2] == (0, 700_00)
    assert aged(report("ageing", "2025-02-01", buckets="5,10"))["ООО «Вега»"] == (0, 700_00, 0, 0, 700_00, 0)
    assert aged(report("ageing", "2025-02-11", buckets="5,10"))["ООО «Вега»"][3] == 700_00


def test_ageing_keeps_advances_apart_and_sides_apart(report: Any) -> None:
    assert aged(report("ageing")) == {
        "Berliner Handels GmbH": (600_00, 0, 0, 0, 0, 600_00, 0),
        "ООО «Вега»": (0, 0, 0, 0, 0, 0, 200_00),
    }
    assert aged(report("ageing", side="payable")) == {"АО «Металлсервис»": (0, 0, 0, 0, 0, 0, 600_00)}
    assert aged(report("ageing", "2025-02-21", side="payable")) == {"АО «Металлсервис»": (2_400_00, 0, 0, 0, 0, 2_400_00, 0)}


def test_ageing_reserve_is_a_percentage_of_each_bucket(report: Any) -> None:
    (row,) = report("ageing", "2025-02-10", reserve="1,5.5").sections[0].rows
    assert row.reserve == 600_00 * 1 // 100 + 700_00 * 55 // 1000


def test_ageing_of_opening_balances_counts_from_the_original_date(db: psycopg.Connection[Any]) -> None:
    save_masters(db, MASTERS, ACTOR)
    row = OpeningRow(counterparty="VEGA", contract="BUYER", number="OLD-7", date="2024-11-01", amount="70.00")
    post_document(db, OpeningBalance(unit="MSK", date="2025-01-01", kind="customer_debts", rows=[row]), ACTOR)
    (row,) = ask(db, "ageing", as_of="2025-01-10", options={"group-by": ["document"]}).sections[0].rows
    assert (row.document.number, row.document.date, row.overdue_days) == ("OLD-7", date(2024, 11, 1), 70)
    assert row.amounts == (0, 0, 0, 70_00, 0)


def act(found: Any) -> list[tuple[Any, ...]]:
    (section,) = found.sections
    return [(row.document.number, row.debit, row.credit) for row in section.rows]


def test_reconciliation_act(report: Any) -> None:
    found = report("reconciliation-act", counterparty="VEGA", since="2025-02-10")
    assert act(found) == [("P-2", 0, 1_000_00), ("P-4", 0, 500_00)]
    (section,) = found.sections
    assert section.opening[0].row.debit == 1_300_00
    assert [total.row.credit for total in section.totals] == [1_500_00, 200_00]
    words = section.notes[0]
    assert (words.label, words.facts["creditor"], words.facts["amount"].amount_minor) == ("act-in-favour", "ООО «Вега»", 200_00)


def test_act_in_our_favour_and_settled(report: Any) -> None:
    (section,) = report("reconciliation-act", "2025-01-31", counterparty="VEGA").sections
    assert section.notes[0].facts["creditor"] == "ООО «Ромашка»"
    assert report("reconciliation-act", "2025-01-31", counterparty="METALL").sections == []


@pytest.fixture
def transfer(db: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """VEGA owes 100.00 under BUYER; 40.00 of it is moved to BUYER-2 by hand; an advance of 30.00 is used by a later sale."""
    save_masters(db, MASTERS, ACTOR)
    post_document(db, sale("2025-01-10", "1", "100.00"), ACTOR)
    debit = Side(relation="buyer", counterparty="VEGA", contract="BUYER-2")
    credit = Side(relation="buyer", counterparty="VEGA", contract="BUYER")
    moved = ManualEntry(unit="MSK", date="2025-01-20", number="M", rows=[ManualRow(debit=debit, credit=credit, amount="40.00")])
    post_document(db, moved, ACTOR)
    post_document(db, payment("2025-02-01", "1", "90.00"), ACTOR)
    post_document(db, sale("2025-02-02", "2", "30.00"), ACTOR)
    return db


def test_act_hides_what_moves_inside_one_counterparty(transfer: psycopg.Connection[Any]) -> None:
    def asked(**options: str) -> Any:
        given = {key.replace("_", "-"): [value] for key, value in options.items()}
        return ask(transfer, "reconciliation-act", as_of="2025-03-01", options={"counterparty": ["VEGA"], **given})

    assert act(asked()) == [("1", 100_00, 0), ("1", 0, 90_00), ("2", 30_00, 0)]
    assert act(asked(show_internal="yes"))[1] == ("M", 40_00, 40_00)
    by_contract = {section.heading.facts["contract"]: section for section in asked(group_by="contract").sections}
    assert [(row.document.number, row.debit, row.credit) for row in by_contract["BUYER-2"].rows] == [("M", 40_00, 0)]
    assert [row.document.number for row in by_contract["BUYER"].rows] == ["1", "M", "1", "2"]
    assert by_contract["BUYER"].totals[1].row.debit == 0


def test_journal_shows_sides_and_states(transfer: psycopg.Connection[Any]) -> None:
    post_document(transfer, sale("2025-02-03", "3", "5.00"), ACTOR)
    options = {"from": ["2025-01-20"], "counterparty": ["VEGA"]}
    rows = ask(transfer, "journal", as_of="2025-02-02", options=options).sections[0].rows
    assert [(row.document.kind, row.amount, row.difference, row.status) for row in rows] == [
        ("manual_entry", 40_00, 0, "posted"),
        ("payment_from_customer", 90_00, None, "posted"),
        ("sale", 30_00, None, "posted"),
    ]
    only = ask(transfer, "journal", as_of="2025-12-31", options={"kind": ["sale"]}).sections[0].rows
    assert [row.document.number for row in only] == ["1", "2", "3"]
    assert ask(transfer, "journal", as_of="2025-12-31", options={"status": ["draft"]}).sections[0].rows == []


def test_contour_difference_names_the_planned_documents(report: Any) -> None:
    (row,) = report("contour-difference").sections[0].rows
    assert (row.counterparty, row.mgmt, row.reg, row.difference, row.planned, row.unplanned, row.documents) == (
        "ООО «Вега»", -100_00, -200_00, 100_00, 100_00, 0, "M-1",
    )  # fmt: skip
    assert (row.mgmt_advance, row.reg_advance) == (100_00, 200_00)
    everything = report("contour-difference", all="yes").sections[0].rows
    assert len(everything) == 3
    assert report("contour-difference", "2025-03-14").sections[0].rows == []


def test_contours_that_agree_in_the_net_but_not_in_debt_and_advance_are_shown(db: psycopg.Connection[Any]) -> None:
    """Spec 1.9: by orders, shipment 500.00 on O1, payment 300.00 on O2."""
    save_masters(db, MASTERS, ACTOR)
    post_document(db, sale("2025-01-10", "1", "500.00", contract="BUYER-ORDERS", party="SIRIUS", order="O1"), ACTOR)
    paid = payment("2025-01-11", "1", "300.00", counterparty="SIRIUS", contract="BUYER-ORDERS", order="O2")
    post_document(db, paid, ACTOR)
    (row,) = ask(db, "contour-difference", as_of="2025-01-31", options={}).sections[0].rows
    assert (row.mgmt_debt, row.mgmt_advance, row.reg_debt, row.reg_advance) == (500_00, 300_00, 200_00, 0)
    assert (row.difference, row.planned, row.unplanned) == (0, 0, 0)
    options = {"contour": ["mgmt"], "group-by": ["object"]}
    rows = ask(db, "statement", as_of="2025-01-31", options=options).sections[0].rows
    assert [(row.object, row.closing) for row in rows] == [("order:O1", 500_00), ("order:O2", -300_00)]


def test_a_difference_that_no_document_explains_is_unplanned_and_found_by_its_check(transfer: psycopg.Connection[Any]) -> None:
    """Somebody changes a lot of the management contour by hand: 100.00 of BUYER become 101.00 there and nowhere else."""
    assert ask(transfer, "contour-difference", as_of="2025-01-31", options={}).sections[0].rows == []
    with transfer.transaction():
        transfer.execute("set local session_replication_role = replica")
        transfer.execute(
            """update lot set amount = amount + 100, book = book + 100 from fold_key, document
               where fold_key.id = lot.key_id and fold_key.contour = 'mgmt' and document.id = lot.document_id and document.number = '1'
                 and document.kind = 'sale'"""
        )
    (row,) = ask(transfer, "contour-difference", as_of="2025-01-31", options={}).sections[0].rows
    assert (row.contract, row.mgmt - row.reg, row.difference, row.planned, row.unplanned) == ("BUYER", 100, 100, 0, 100)
    (found,) = run_checks(transfer, ["C-4.4"], "MSK")[0].rows
    assert found.difference == 100
