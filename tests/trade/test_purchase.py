"""A purchase: one row per rule and per refusal (spec 2.2). What lines, terms and stages refuse stands in test_sale.py."""

from __future__ import annotations

from typing import Any

import pytest

from setoff.trade.documents import DueStage, Line, Purchase
from tests.trade.stage import refused, tell


def purchase(*lines: Line, **fields: Any) -> Purchase:
    known = {"unit": "MSK", "date": "2025-02-10", "counterparty": "METALL", "contract": "SUPPLIER", **fields}
    return Purchase(lines=list(lines), **known)


def test_net_goes_by_kind_of_line_and_vat_beside_it() -> None:
    lines = (
        Line(amount="120", vat_rate="20"),
        Line(amount="60", vat_rate="20", kind="materials"),
        Line(amount="36", vat_rate="20", kind="services", item="rent"),
        Line(amount="11", vat_rate="10"),
        Line(amount="9", account="44", item="ads"),
    )
    assert tell(purchase(*lines)) == (
        ["1 -|- -236.00"],
        [
            "41 #1 110.00", "10 #1 50.00", "26 #1 30.00 [rent]", "44 #1 9.00 [ads]",
            "19.03 #1 30.00 20%", "19.04 #1 6.00 20%", "19.03 #1 1.00 10%",
        ],
    )  # fmt: skip


def test_stages_divide_net_and_vat_in_order() -> None:
    stages = [DueStage(due="2025-03-01", amount="20"), DueStage(due="2025-04-01", amount="100")]
    assert tell(purchase(Line(amount="120", vat_rate="20"), stages=stages)) == (
        ["1 -|- -20.00 due 2025-03-01", "2 -|- -100.00 due 2025-04-01"],
        ["41 #1 20.00", "41 #2 80.00", "19.03 #2 20.00 20%"],
    )


def test_foreign_currency() -> None:
    document = purchase(Line(amount="120", vat_rate="20"), counterparty="BERLIN", contract="SUPPLIER-EUR", rate="99.99")
    assert tell(document) == (["1 -|- -120.00"], ["41 #1 9999.00", "19.03 #1 1999.80 20%"])


def test_a_purchase_may_have_a_contract_and_no_agreement_or_neither() -> None:
    assert tell(purchase(Line(amount="5"), contract=""))[0] == ["1 document:100|- -5.00"]
    assert tell(purchase(Line(amount="5"), contract="", agreement="BY-ORDERS", order="7"))[0] == [
        "1 order:7|- -1.50 due 2025-02-10",
        "2 order:7|- -3.50 due 2025-02-24",
    ]


def test_only_the_management_contour() -> None:
    assert tell(purchase(Line(amount="5"), contours=("mgmt",))) == (["1 -|- -5.00"], [])


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        (
            {"counterparty": "VEGA", "contract": "BUYER"},
            "relation_mismatch contract: contract=BUYER, relation=buyer, kind=purchase",
        ),
        ({"lines": [Line(amount="5", cost="3")]}, "unknown_field lines[0].cost:"),
        ({"lines": [Line(amount="5", account="60.01")]}, "settlement_account_without_node lines[0].account: account=60.01"),
        ({"incoming_date": "10.02.2025"}, "invalid_date incoming_date: value=10.02.2025"),
        (
            {"stages": [DueStage(due="2025-03-01", amount="4")]},
            "stages_differ_from_total stages: parts=4.00 RUB, total=5.00 RUB",
        ),
    ],
)
def test_refused(fields: dict[str, Any], refusal: str) -> None:
    lines = fields.pop("lines", [Line(amount="5")])
    assert refused(purchase(*lines, **fields)) == refusal
