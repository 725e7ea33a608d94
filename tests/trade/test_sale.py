"""A sale: one row per rule and per refusal (spec 2.2). Numbers are worked by hand."""

from __future__ import annotations

from typing import Any

import pytest

from setoff.trade.documents import DueStage, Line, Sale
from tests.trade.stage import cast_directory, refused, tell

PLAIN = Line(amount="1200.00", vat_rate="20")


def sale(*lines: Line, **fields: Any) -> Sale:
    known = {"unit": "MSK", "date": "2025-02-10", "counterparty": "VEGA", "contract": "BUYER", **fields}
    return Sale(lines=list(lines), **known)


def test_revenue_is_gross_and_vat_taken_out_of_it() -> None:
    assert tell(sale(PLAIN)) == (["1 -|- 1200.00"], ["#1 90.01 1200.00 20%", "90.03 68.02 200.00 20%"])


def test_revenue_is_net_where_vat_stands_beside_it() -> None:
    document = sale(Line(amount="1130.00", vat_rate="13", cost="600"), unit="SHA", counterparty="HAIDA", contract="CN-BUYER")
    stated, entries = tell(document)
    assert stated == ["1 -|- 1130.00"]
    assert [entry.split(" ", 2)[2] for entry in entries] == ["1000.00 13%", "130.00 13%", "600.00"]


def test_cost_leaves_the_stock_of_the_kind_of_line() -> None:
    lines = (
        Line(amount="100", cost="60"),
        Line(amount="200", cost="110.50", kind="materials"),
        Line(amount="300", cost="70", kind="services"),
        Line(amount="50", cost="30"),
    )
    assert tell(sale(*lines)) == (
        ["1 -|- 650.00"],
        ["#1 90.01 650.00", "90.02 41 90.00", "90.02 10 110.50", "90.02 26 70.00"],
    )


def test_lines_of_one_rate_and_item_are_one_entry() -> None:
    lines = (
        Line(amount="120", vat_rate="20", item="books"),
        Line(amount="110", vat_rate="10", item="books"),
        Line(amount="60", vat_rate="20.0", item="books"),
        Line(amount="24", vat_rate="20", item="toys"),
        Line(amount="7"),
    )
    assert tell(sale(*lines)) == (
        ["1 -|- 321.00"],
        [
            "#1 90.01 180.00 20% [books]", "#1 90.01 110.00 10% [books]", "#1 90.01 24.00 20% [toys]", "#1 90.01 7.00",
            "90.03 68.02 34.00 20%", "90.03 68.02 10.00 10%",
        ],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "includes_vat", "gross", "vat"),
    [
        (Line(quantity="3", price="33.335"), True, "100.01", None),  # 100.005 half up
        (Line(quantity="3", price="33.335", vat_rate="20"), True, "100.01", "16.67"),  # 16.668333
        (Line(quantity="2", price="50", vat_rate="20"), False, "120.00", "20.00"),
        (Line(quantity="1", price="0.12", vat_rate="16.67"), False, "0.14", "0.02"),
        (Line(amount="100", vat_rate="20"), False, "100.00", "16.67"),  # a typed amount always includes VAT
        (Line(amount="100", vat_rate="20", vat="16.66"), True, "100.00", "16.66"),
        (Line(amount="100", vat="16.66"), True, "100.00", "16.66"),
        (Line(amount="100", vat_rate="100"), True, "100.00", "50.00"),
        (Line(amount="0.01", vat_rate="10"), True, "0.01", None),
        (Line(amount="0.05", vat_rate="0"), True, "0.05", None),
    ],
)
def test_amount_and_vat_of_a_line(line: Line, includes_vat: bool, gross: str, vat: str | None) -> None:
    stated, entries = tell(sale(line, prices_include_vat=includes_vat))
    assert stated == [f"1 -|- {gross}"]
    assert [entry.split()[2] for entry in entries if entry.startswith("90.03")] == ([vat] if vat else [])


def test_own_account_replaces_revenue() -> None:
    assert tell(sale(Line(amount="10", account="91.01", item="scrap")))[1] == ["#1 91.01 10.00 [scrap]"]


def test_every_stage_opens_its_own_lot_and_the_parts_sum() -> None:
    document = sale(
        Line(amount="60", vat_rate="20"), Line(amount="40", item="delivery"),
        stages=[DueStage(due="2025-03-01", amount="33.33"), DueStage(due="2025-04-01", amount="66.67")],
    )  # fmt: skip
    assert tell(document) == (
        ["1 -|- 33.33 due 2025-03-01", "2 -|- 66.67 due 2025-04-01"],
        [
            "#1 90.01 33.33 20%", "#2 90.01 26.67 20%", "#2 90.01 40.00 [delivery]",
            "90.03 68.02 3.33 20%", "90.03 68.02 6.67 20%",
        ],
    )  # fmt: skip


def test_due_comes_from_the_document_then_the_contract_then_the_agreement() -> None:
    due = {"counterparty": "SIRIUS", "contract": "BUYER-DUE"}
    assert tell(sale(PLAIN, **due))[0] == ["1 -|- 1200.00 due 2025-03-12"]
    assert tell(sale(PLAIN, due="2025-02-20", **due))[0] == ["1 -|- 1200.00 due 2025-02-20"]
    by_orders = sale(Line(amount="0.05"), contract="", agreement="BY-ORDERS", order="7")
    assert tell(by_orders)[0] == ["1 order:7|- 0.02 due 2025-02-10", "2 order:7|- 0.03 due 2025-02-24"]
    assert tell(sale(Line(amount="0.01"), contract="", agreement="BY-ORDERS"))[0] == ["1 document:100|- 0.01 due 2025-02-24"]


@pytest.mark.parametrize(
    ("terms", "objects"),
    [
        ({"contract": "BUYER", "counterparty": "VEGA"}, "-|-"),
        ({"contract": "BUYER-MANUAL"}, "-|-"),
        ({"contract": "BUYER-ORDERS"}, "document:100|-"),
        ({"contract": "BUYER-ORDERS", "order": "O-1"}, "order:O-1|-"),
        ({"contract": "BUYER-INVOICES", "order": "O-1"}, "document:100|-"),
        ({"contract": "BUYER-REG-INVOICES"}, "document:100|document:100"),
        ({"contract": ""}, "document:100|-"),
        ({"contract": "", "agreement": "RETAIL", "order": "O-1"}, "document:100|-"),
    ],
)
def test_the_object_follows_the_detail_of_each_contour(terms: dict[str, str], objects: str) -> None:
    stated, _ = tell(sale(PLAIN, **{"counterparty": "SIRIUS", **terms}))
    assert {fact.split()[1] for fact in stated} == {objects}


def test_foreign_currency_is_valued_once_and_its_parts_sum() -> None:
    document = sale(
        Line(amount="0.07", vat_rate="20"), Line(amount="0.05", vat_rate="10"), counterparty="BERLIN", contract="BUYER-EUR",
        rate="33.3333", stages=[DueStage(due="2025-03-01", amount="0.01"), DueStage(due="2025-03-02", amount="0.11")],
    )  # fmt: skip
    # 12 cents at 33.3333 = 4.00; stages 0.33 and 3.67; revenue by rate 2.33 and 1.67; VAT 0.01 at 33.3333 = 0.33, by stage
    assert tell(document) == (
        ["1 -|- 0.01 due 2025-03-01", "2 -|- 0.11 due 2025-03-02"],
        ["#1 90.01 0.33 20%", "#2 90.01 2.00 20%", "#2 90.01 1.67 10%", "90.03 68.02 0.03 20%", "90.03 68.02 0.30 20%"],
    )


def test_the_rate_of_the_day_is_the_newest_not_after_it() -> None:
    assert tell(sale(Line(amount="10"), counterparty="BERLIN", contract="BUYER-EUR"))[1] == ["#1 90.01 1045.00"]
    document = sale(Line(amount="10"), counterparty="BERLIN", contract="BUYER-EUR", date="2025-01-31")
    assert tell(document)[1] == ["#1 90.01 1000.00"]


def test_a_management_document_has_no_entries() -> None:
    assert tell(sale(PLAIN, contours=("mgmt",))) == (["1 -|- 1200.00"], [])


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"unit": "NOWHERE"}, "unknown_reference unit: kind=unit, value=NOWHERE"),
        ({"date": "2025-02-30"}, "invalid_date date: value=2025-02-30"),
        ({"date": "20250210"}, "invalid_date date: value=20250210"),
        ({"contours": ()}, "field_missing contours:"),
        ({"counterparty": ""}, "field_missing counterparty:"),
        ({"counterparty": "NOBODY"}, "unknown_reference counterparty: kind=counterparty, value=NOBODY"),
        ({"agreement": "NONE"}, "unknown_reference agreement: kind=agreement, value=NONE"),
        ({"contract": "NONE"}, "unknown_reference contract: kind=contract, value=NONE"),
        ({"counterparty": "SIRIUS"}, "contract_of_other_party contract: contract=BUYER, counterparty=SIRIUS, unit=MSK"),
        ({"unit": "LYC"}, "contract_of_other_party contract: contract=BUYER, counterparty=VEGA, unit=LYC"),
        (
            {"counterparty": "METALL", "contract": "SUPPLIER"},
            "relation_mismatch contract: contract=SUPPLIER, relation=supplier, kind=sale",
        ),
        (
            {"counterparty": "SIRIUS", "contract": "BUYER-DRAFT"},
            "contract_not_active contract: contract=BUYER-DRAFT, status=draft",
        ),
        (
            {"counterparty": "SIRIUS", "contract": "BUYER-CLOSED"},
            "contract_not_active contract: contract=BUYER-CLOSED, status=closed",
        ),
        (
            {"counterparty": "SIRIUS", "contract": "BUYER-SHORT", "date": "2025-07-01"},
            ("contract_out_of_validity contract: contract=BUYER-SHORT, date=2025-07-01, valid_from=2025-01-01, valid_to=2025-06-30"),
        ),
        (
            {"date": "2024-12-31"},
            "contract_out_of_validity contract: contract=BUYER, date=2024-12-31, valid_from=2025-01-01, valid_to=",
        ),
        ({"currency": "EUR"}, "currency_differs_from_contract currency: contract=BUYER, currency=EUR, contract_currency=RUB"),
        ({"contract": "", "currency": "XXY"}, "unknown_currency currency: currency=XXY"),
        ({"lines": []}, "field_missing lines:"),
        ({"lines": [Line()]}, "field_missing lines[0].amount:"),
        ({"lines": [PLAIN, Line(quantity="2")]}, "field_missing lines[1].amount:"),
        ({"lines": [Line(amount="1,5")]}, "invalid_amount lines[0].amount: value=1,5, currency=RUB, digits=2"),
        ({"lines": [Line(amount="1.005")]}, "invalid_amount lines[0].amount: value=1.005, currency=RUB, digits=2"),
        ({"lines": [Line(amount="0")]}, "amount_not_positive lines[0].amount: value=0"),
        ({"lines": [Line(amount="-5")]}, "amount_not_positive lines[0].amount: value=-5"),
        ({"lines": [Line(quantity="2", price="0.001")]}, "amount_not_positive lines[0].amount: value=2 * 0.001"),
        ({"lines": [Line(quantity="-2", price="1")]}, "invalid_rate lines[0].quantity: value=-2"),
        ({"lines": [Line(quantity="2", price="x")]}, "invalid_rate lines[0].price: value=x"),
        ({"lines": [Line(quantity="1", price="1e30")]}, "invalid_rate lines[0].price: value=1e30"),
        ({"lines": [Line(quantity="1e-999999999", price="1")]}, "invalid_rate lines[0].quantity: value=1e-999999999"),
        ({"lines": [Line(amount="5", vat_rate="1e-99999999")]}, "invalid_rate lines[0].vat_rate: value=1e-99999999"),
        ({"lines": [Line(amount="5", vat_rate="101")]}, "invalid_rate lines[0].vat_rate: value=101"),
        ({"lines": [Line(amount="5", vat_rate="-1")]}, "invalid_rate lines[0].vat_rate: value=-1"),
        ({"lines": [Line(amount="5", vat="5.01")]}, "invalid_value lines[0].vat: value=5.01"),
        ({"lines": [Line(amount="5", vat="-1")]}, "invalid_value lines[0].vat: value=-1"),
        ({"lines": [Line(amount="5", account="99.99")]}, "unknown_account lines[0].account: account=99.99, chart=ru"),
        ({"lines": [Line(amount="5", account="62.01")]}, "settlement_account_without_node lines[0].account: account=62.01"),
        ({"lines": [Line(amount="5", cost="0")]}, "amount_not_positive lines[0].cost: value=0"),
        (
            {"lines": [Line(amount="900000000000000"), Line(amount="900000000000000")]},
            "amount_too_large lines: value=1800000000000000.00 RUB, currency=RUB",
        ),
        ({"due": "tomorrow"}, "invalid_date due: value=tomorrow"),
        (
            {"stages": [DueStage(due="2025-03-01", amount="1000")]},
            "stages_differ_from_total stages: parts=1000.00 RUB, total=1200.00 RUB",
        ),
        ({"stages": [DueStage(due="2025-03-01", amount="0")]}, "amount_not_positive stages[0].amount: value=0"),
        ({"stages": [DueStage(due="", amount="1200")]}, "invalid_date stages[0].due: value="),
        ({"rate": "2"}, "invalid_rate rate: value=2"),
        ({"contract": "BUYER-UNIT", "rate": "0"}, "invalid_rate rate: value=0"),
        ({"contract": "", "currency": "JPY"}, "rate_missing rate: currency=JPY, quote=RUB, date=2025-02-10"),
        (
            {"contract": "BUYER-UNIT", "rate": "0.1", "lines": [Line(amount="0.01")]},
            "amount_not_positive rate: value=0.01 EUR",
        ),
    ],
)
def test_refused(fields: dict[str, Any], refusal: str) -> None:
    lines = fields.pop("lines", [PLAIN])
    assert refused(sale(*lines, **fields)) == refusal


def test_an_agreement_that_uses_contracts_wants_one() -> None:
    directory = cast_directory()
    directory.agreements["RETAIL"] = directory.agreements["RETAIL"]._replace(uses_contracts=True)
    assert refused(sale(PLAIN, contract="", agreement="RETAIL"), directory) == "contract_required contract: agreement=RETAIL"
    directory.agreements["RETAIL"] = directory.agreements["RETAIL"]._replace(status="closed")
    assert refused(sale(PLAIN, agreement="RETAIL"), directory) == "contract_not_active agreement: contract=RETAIL, status=closed"
