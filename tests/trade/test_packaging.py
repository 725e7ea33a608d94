"""Returnable packaging and costs passed on: a row per rule and refusal (spec 2.9; 5, D6). Numbers are worked by hand."""

from __future__ import annotations

from typing import Any

import pytest

from setoff.trade.documents import Disbursement, Line, Packaging, Sale
from tests.trade.stage import refused, tell

CRATES = Line(quantity="10", price="50", item="crates")


def packaging(kind: Any, *lines: Line, **fields: Any) -> Packaging:
    party = ("VEGA", "PACKAGING-OUT") if kind in ("issued", "returned") else ("METALL", "PACKAGING-IN")
    known = {"unit": "MSK", "date": "2025-02-10", "counterparty": party[0], "contract": party[1], **fields}
    return Packaging(kind=kind, lines=list(lines or [CRATES]), **known)


@pytest.mark.parametrize(
    ("kind", "fact", "entry"),
    [
        ("issued", "1 -|- 500.00", "#1 41 500.00 [crates]"),
        ("returned", "1 -|- -500.00", "41 #1 500.00 [crates]"),
        ("received", "1 -|- -500.00", "41 #1 500.00 [crates]"),
        ("given_back", "1 -|- 500.00", "#1 41 500.00 [crates]"),
    ],
)
def test_packaging_moves_the_debt_and_the_stock(kind: str, fact: str, entry: str) -> None:
    assert tell(packaging(kind)) == ([fact], [entry])


@pytest.mark.parametrize(
    ("document", "code", "field"),
    [
        (packaging("issued", Line(amount="1", vat_rate="20")), "unknown_field", "lines[0].vat_rate"),
        (packaging("issued", CRATES, Line(amount="1", cost="1")), "unknown_field", "lines[1].cost"),
        (packaging("returned", due="2025-03-01"), "unknown_field", "due"),
        (packaging("issued", contract="BUYER"), "relation_mismatch", "contract"),
        (packaging("given_back", contract="PACKAGING-OUT", counterparty="VEGA"), "relation_mismatch", "contract"),
    ],
)
def test_what_packaging_has_no_use_for_is_refused(document: Packaging, code: str, field: str) -> None:
    assert refused(document).startswith(f"{code} {field}:")


def sale(*costs: Disbursement, **fields: Any) -> Sale:
    known = {"unit": "MSK", "date": "2025-02-10", "counterparty": "VEGA", "contract": "BUYER", **fields}
    return Sale(disbursements=list(costs), **{"lines": [Line(amount="120.00", vat_rate="20")], **known})


def test_costs_passed_on_are_owed_to_who_had_them() -> None:
    costs = (Disbursement(counterparty="METALL", amount="30.01"), Disbursement(counterparty="METALL", amount="0.99"))
    stated, entries = tell(sale(*costs, Disbursement(counterparty="IVANOV", amount="9.00")))
    assert [fact.rsplit(" ", 1)[1] for fact in stated] == ["160.00", "-31.00", "-9.00"]
    assert entries == ["#1 90.01 120.00 20%", "#1 #2 31.00", "#1 #3 9.00", "90.03 68.02 20.00 20%"]


def test_a_sale_of_costs_alone_has_no_revenue() -> None:
    stated, entries = tell(sale(Disbursement(counterparty="METALL", amount="5"), lines=[]))
    assert ([fact.rsplit(" ", 1)[1] for fact in stated], entries) == (["5.00", "-5.00"], ["#1 #2 5.00"])


@pytest.mark.parametrize(
    ("document", "code", "field"),
    [
        (sale(Disbursement(counterparty="METALL", amount="0")), "amount_not_positive", "disbursements[0].amount"),
        (sale(Disbursement(counterparty="METALL", amount="1", contract="BUYER")), "contract_of_other_party", "disbursements[0].contract"),
        (sale(Disbursement(counterparty="VEGA", amount="1", contract="BUYER")), "relation_mismatch", "disbursements[0].contract"),
        (sale(Disbursement(counterparty="METALL", amount="1"), counterparty="BERLIN", contract="BUYER-EUR"), "disbursement_currency",
         "disbursements[0].amount"),
    ],
)  # fmt: skip
def test_costs_that_cannot_be_passed_on_are_refused(document: Sale, code: str, field: str) -> None:
    assert refused(document).startswith(f"{code} {field}:")
