"""Manual entries: one row per rule and per refusal (spec 2.12)."""

from __future__ import annotations

from typing import Any

import pytest

from setoff.core.fact import Nature
from setoff.trade.documents import ManualEntry, ManualRow, Side
from setoff.trade.registry import facts
from tests.trade.stage import cast_directory, refused, tell

VEGA = Side(counterparty="VEGA", contract="BUYER")
METALL = Side(counterparty="METALL", contract="SUPPLIER")
FINES = Side(account="91.01", item="fines")


def entry(*rows: tuple[Side, Side, str], **fields: Any) -> ManualEntry:
    written = [ManualRow(debit=debit, credit=credit, amount=amount) for debit, credit, amount in rows]
    return ManualEntry(rows=written, **{"unit": "MSK", "date": "2025-02-20", **fields})


def test_accounts_on_both_sides_are_a_plain_entry() -> None:
    both = (Side(account="26", item="Rent"), Side(account="10", item="Steel"), "5")
    assert tell(entry(both)) == ([], ["26 10 5.00 [Rent / Steel]"])
    assert tell(entry((Side(account="51"), Side(account="91.01", item="x"), "5"))) == ([], ["51 91.01 5.00 [x]"])


def test_a_node_becomes_an_adjust_fact_on_its_side() -> None:
    document = entry((VEGA, FINES, "10"), (Side(account="91.02"), METALL, "3"), (METALL, VEGA, "7.5"))
    assert tell(document) == (
        ["1 -|- 10.00", "2 -|- -3.00", "3 -|- 7.50", "4 -|- -7.50"],
        ["#1 91.01 10.00 [fines]", "91.02 #2 3.00", "#3 #4 7.50"],
    )
    assert {(fact.nature, fact.own_value) for fact in facts(document, 100, cast_directory()).facts} == {(Nature.ADJUST, True)}


def test_a_foreign_node_says_its_own_amount() -> None:
    owed = Side(counterparty="BERLIN", contract="BUYER-EUR", amount="2")
    assert tell(entry((owed, FINES, "209"))) == (["1 -|- 2.00"], ["#1 91.01 209.00 [fines]"])
    bare = Side(counterparty="BERLIN", relation="buyer", currency="EUR", amount="2")
    assert tell(entry((bare, FINES, "209"))) == (["1 document:100|- 2.00"], ["#1 91.01 209.00 [fines]"])


def test_the_object_of_a_node() -> None:
    invoices = Side(counterparty="SIRIUS", contract="BUYER-INVOICES")
    orders = Side(counterparty="SIRIUS", contract="BUYER-ORDERS", order="O-1")
    assert tell(entry((invoices, FINES, "1"), (orders, FINES, "1")))[0] == ["1 document:100|- 1.00", "2 order:O-1|- 1.00"]


def test_interest_of_a_loan_is_a_node_of_its_own() -> None:
    side = Side(counterparty="IVANOV", contract="LOAN", relation="loan_interest")
    fact = facts(entry((Side(account="91.02"), side, "12")), 100, cast_directory()).facts[0]
    assert (fact.node.relation, fact.change) == ("loan_interest", -1200)


def test_the_management_contour_alone_has_no_entries() -> None:
    assert tell(entry((VEGA, FINES, "10"), contours=("mgmt",))) == (["1 -|- 10.00"], [])


@pytest.mark.parametrize(
    ("rows", "refusal"),
    [
        ([], "field_missing rows:"),
        ([(VEGA, FINES, "0")], "amount_not_positive rows[0].amount: value=0"),
        ([(VEGA, FINES, "1"), (VEGA, FINES, "-1")], "amount_not_positive rows[1].amount: value=-1"),
        ([(Side(), FINES, "1")], "field_missing rows[0].debit.account:"),
        ([(Side(account="62.01"), FINES, "1")], "settlement_account_without_node rows[0].debit.account: account=62.01"),
        ([(Side(account="79.02"), FINES, "1")], "one_sided_30404 rows[0].debit.account: account=79.02"),
        ([(FINES, Side(account="30404"), "1")], "unknown_account rows[0].credit.account: account=30404, chart=ru"),
        ([(Side(account="62.01", counterparty="VEGA"), FINES, "1")], "invalid_value rows[0].debit.account: value=62.01"),
        (
            [(Side(counterparty="NOBODY"), FINES, "1")],
            "unknown_reference rows[0].debit.counterparty: kind=counterparty, value=NOBODY",
        ),
        ([(Side(counterparty="VEGA"), FINES, "1")], "field_missing rows[0].debit.relation:"),
        (
            [(Side(counterparty="VEGA", relation="friend"), FINES, "1")],
            "relation_mismatch rows[0].debit.relation: contract=, relation=friend, kind=manual_entry",
        ),
        (
            [(Side(counterparty="VEGA", contract="BUYER", relation="supplier"), FINES, "1")],
            "relation_mismatch rows[0].debit.relation: contract=BUYER, relation=supplier, kind=manual_entry",
        ),
        (
            [(Side(counterparty="VEGA", contract="BUYER", relation="loan_interest"), FINES, "1")],
            "relation_mismatch rows[0].debit.relation: contract=BUYER, relation=loan_interest, kind=manual_entry",
        ),
        (
            [(FINES, Side(counterparty="SIRIUS", contract="BUYER-CLOSED"), "1")],
            "contract_not_active rows[0].credit.contract: contract=BUYER-CLOSED, status=closed",
        ),
        ([(Side(counterparty="BERLIN", contract="BUYER-EUR"), FINES, "1")], "field_missing rows[0].debit.amount:"),
        (
            [(Side(counterparty="VEGA", contract="BUYER", amount="2"), FINES, "1")],
            "invalid_value rows[0].debit.amount: value=2",
        ),
    ],
)
def test_refused(rows: list[tuple[Side, Side, str]], refusal: str) -> None:
    assert refused(entry(*rows)) == refusal
