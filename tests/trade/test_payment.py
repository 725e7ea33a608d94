"""Payments: one row per rule and per refusal (spec 1.7, 2.3). Numbers are worked by hand."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from setoff.core.fact import Nature, Rule, Target
from setoff.trade.directory import Directory
from setoff.trade.documents import (
    Line,
    ManualEntry,
    ManualRow,
    OpeningBalance,
    OpeningRow,
    Payment,
    PaymentKind,
    PaymentRow,
    SaleCorrection,
    Side,
)
from setoff.trade.registry import facts
from tests.trade.paid import payment, sale, to, with_documents
from tests.trade.stage import cast_directory, refused, tell


def targets_of(document: Payment, directory: Directory) -> list[tuple[Target, ...]]:
    return [fact.targets for fact in facts(document, 100, directory).facts]


IN_AND_OUT = {
    "payment_from_customer": ("VEGA", "BUYER", "-1000.00", "51 #1"),
    "refund_to_customer": ("VEGA", "BUYER", "1000.00", "#1 51"),
    "payment_to_supplier": ("METALL", "SUPPLIER", "1000.00", "#1 51"),
    "refund_from_supplier": ("METALL", "SUPPLIER", "-1000.00", "51 #1"),
    "other_party_in": ("IVANOV", "OTHER", "-1000.00", "51 #1"),
    "other_party_out": ("METALL", "OTHER-SUPPLIER", "1000.00", "#1 51"),
    "loan_received": ("IVANOV", "LOAN", "-1000.00", "51 #1"),
    "loan_repaid": ("IVANOV", "LOAN", "1000.00", "#1 51"),
    "loan_interest_paid": ("IVANOV", "LOAN", "1000.00", "#1 51"),
    "loan_granted": ("IVANOV", "LOAN-GRANTED", "1000.00", "#1 51"),
    "loan_returned": ("IVANOV", "LOAN-GRANTED", "-1000.00", "51 #1"),
    "packaging_deposit_in": ("VEGA", "PACKAGING-OUT", "-1000.00", "51 #1"),
    "packaging_deposit_out": ("METALL", "PACKAGING-IN", "1000.00", "#1 51"),
}


@pytest.mark.parametrize("kind", IN_AND_OUT)
def test_every_kind_moves_money_against_a_node(kind: Any) -> None:
    counterparty, contract, change, entry = IN_AND_OUT[kind]
    document = payment(kind, counterparty=counterparty, contract=contract)
    assert tell(document) == ([f"1 -|- {change}"], [f"{entry} 1000.00"])
    fact = facts(document, 100, cast_directory()).facts[0]
    assert (fact.nature, fact.own_value, fact.consume_only) == (Nature.MONEY, True, kind.startswith("refund"))
    assert fact.node.relation == ("loan_interest" if "interest" in kind else cast_directory().contracts[contract].relation)


def test_every_kind_is_tried() -> None:
    assert {*IN_AND_OUT, "other_in", "other_out"} == set(get_args(PaymentKind))


def test_with_consent_a_refund_may_open_a_debt() -> None:
    assert facts(payment("refund_to_customer", consent=True), 100, cast_directory()).facts[0].consume_only is False


def test_the_place_of_the_money_and_its_analytics() -> None:
    assert tell(payment(cash=True))[1] == ["50 #1 1000.00"]
    assert tell(payment(bank_account="40702 Main"))[1] == ["51 #1 1000.00 [40702 Main]"]
    assert tell(payment(bank_account="40702 Main", item="Sales"))[1] == ["51 #1 1000.00 [40702 Main / Sales]"]
    assert tell(payment(currency="EUR", contract="", rate="100"))[1] == ["52 #1 100000.00"]


def test_money_without_a_node() -> None:
    document = payment("other_in", counterparty="", contract="", account="91.01", item="Fees")
    assert tell(document) == ([], ["51 91.01 1000.00 [Fees]"])
    rows = [PaymentRow(amount="300", item="Rent"), PaymentRow(amount="700")]
    document = payment("other_out", counterparty="", contract="", account="26", rows=rows, item="Sundry")
    assert tell(document) == ([], ["26 51 300.00 [Rent]", "26 51 700.00 [Sundry]"])
    assert tell(payment("other_in", counterparty="", contract="", account="91.01", contours=("mgmt",))) == ([], [])


def test_money_without_a_node_never_touches_a_settlement_account() -> None:
    """Spec 2.3: 58.03, 60, 62, 66, 67, 76.05 to 76.3x; in the budget chart 30404."""
    accounts = cast_directory().units["MSK"].chart.accounts
    held = [code for code in accounts if code[:2] in ("60", "62", "66", "67") or code == "58.03" or "76.05" <= code <= "76.39"]
    assert len(held) > 40
    bare = {"counterparty": "", "contract": ""}
    for code in held:
        assert refused(payment("other_in", account=code, **bare)) == f"settlement_account_without_node account: account={code}"
    budget = payment("other_in", unit="LYC", account="30404", **bare)
    assert refused(budget) == "one_sided_30404 account: account=30404"


def test_one_payment_settles_several_contracts() -> None:
    rows = [PaymentRow(amount="300", contract="BUYER", item="a"), PaymentRow(amount="700", contract="BUYER-2", item="b")]
    document = payment(contract="", rows=rows)
    directory = cast_directory()
    assert tell(document) == (
        ["1 -|- -300.00", "2 -|- -700.00"],
        ["51 #1 300.00 [a]", "51 #2 700.00 [b]"],
    )
    assert [fact.node.contract_id for fact in facts(document, 100, directory).facts] == [
        directory.contracts["BUYER"].id,
        directory.contracts["BUYER-2"].id,
    ]


def test_the_node_is_the_debtors_when_another_pays() -> None:
    directory = cast_directory()
    fact = facts(payment(payer="SIRIUS"), 100, directory).facts[0]
    assert fact.node.counterparty_id == directory.counterparties["VEGA"].id


@pytest.mark.parametrize(
    ("contract", "fields", "objects"),
    [
        ("BUYER-DUE", {}, "-|-"),
        ("BUYER-MANUAL", {}, "document:100|-"),
        ("BUYER-ORDERS", {}, "document:100|-"),
        ("BUYER-ORDERS", {"order": "O-1"}, "order:O-1|-"),
        ("BUYER-INVOICES", {"order": "O-1"}, "document:100|-"),
        ("BUYER-REG-INVOICES", {}, "document:100|document:100"),
        ("", {}, "document:100|-"),
        ("", {"agreement": "BY-ORDERS", "order": "O-1"}, "order:O-1|-"),
    ],
)
def test_the_object_of_money_that_names_nothing(contract: str, fields: dict[str, str], objects: str) -> None:
    stated, _ = tell(payment(counterparty="SIRIUS", contract=contract, **fields))
    assert [fact.split()[1] for fact in stated] == [objects]


def test_by_contract_a_payment_stays_one_fact_with_its_targets() -> None:
    directory = with_documents(a=sale("BUYER-DUE"), b=sale("BUYER-DUE"))
    named = [to("b", "500", named_by="internal"), to("a", "100", line=1)]
    document = payment(counterparty="SIRIUS", contract="BUYER-DUE", targets=named)
    assert tell(document, directory)[0] == ["1 -|- -1000.00"]
    assert targets_of(document, directory) == [(Target(7, 1, 10000, Rule.PAYER), Target(8, 0, 50000, Rule.INTERNAL))]


def test_by_invoice_every_target_is_a_fact_on_its_invoice() -> None:
    directory = with_documents(a=sale("BUYER-INVOICES"), b=sale("BUYER-INVOICES"))
    named = [to("a", "600", named_by="internal"), to("b", "300")]
    document = payment(counterparty="SIRIUS", contract="BUYER-INVOICES", targets=named)
    assert tell(document, directory) == (
        ["1 document:8|- -300.00", "2 document:7|- -600.00", "3 document:100|- -100.00"],
        ["51 #1 300.00", "51 #2 600.00", "51 #3 100.00"],
    )
    assert targets_of(document, directory) == [(Target(8, 0, 30000, Rule.PAYER),), (Target(7, 0, 60000, Rule.INTERNAL),), ()]


def test_our_own_choice_does_not_bind_the_regulated_contour() -> None:
    directory = with_documents(a=sale("BUYER-REG-INVOICES"), b=sale("BUYER-REG-INVOICES"))
    document = payment(counterparty="SIRIUS", contract="BUYER-REG-INVOICES", targets=[to("a", "600", named_by="internal"), to("b", "400")])
    assert tell(document, directory)[0] == ["1 document:8|document:8 -400.00", "2 document:7|document:100 -600.00"]


def test_under_manual_allocation_the_rest_waits_on_its_own_document() -> None:
    directory = with_documents(a=sale("BUYER-MANUAL"))
    document = payment(counterparty="SIRIUS", contract="BUYER-MANUAL", targets=[to("a", "600")])
    assert tell(document, directory)[0] == ["1 -|- -600.00", "2 document:100|- -400.00"]


def test_by_order_a_target_leads_to_its_order() -> None:
    directory = with_documents(a=sale("BUYER-ORDERS", order="O-1"), b=sale("BUYER-ORDERS"))
    document = payment(counterparty="SIRIUS", contract="BUYER-ORDERS", targets=[to("a", "600"), to("b", "400")])
    assert tell(document, directory)[0] == ["1 order:O-1|- -600.00", "2 document:8|- -400.00"]
    document = payment(counterparty="SIRIUS", contract="BUYER-ORDERS", order="O-1", targets=[to("a", "600")])
    assert tell(document, directory)[0] == ["1 order:O-1|- -1000.00"]


def test_a_refund_names_the_payment_that_left_the_advance() -> None:
    first = payment(counterparty="SIRIUS", contract="BUYER-INVOICES", date="2025-02-01")
    manual = payment(counterparty="SIRIUS", contract="BUYER-MANUAL", date="2025-02-01")
    ordered = payment(
        counterparty="SIRIUS",
        contract="",
        date="2025-02-01",
        rows=[PaymentRow(amount="1000", contract="BUYER-ORDERS", order="O-1")],
    )
    directory = with_documents(a=first, b=manual, c=ordered)
    for contract, key, found in (
        ("BUYER-INVOICES", "a", "document:7|-"),
        ("BUYER-MANUAL", "b", "document:8|-"),
        ("BUYER-ORDERS", "c", "order:O-1|-"),
    ):
        document = payment("refund_to_customer", "50", counterparty="SIRIUS", contract=contract, targets=[to(key, "50")])
        assert tell(document, directory)[0] == [f"1 {found} 50.00"]


def test_what_a_correction_left_is_on_the_object_of_its_base() -> None:
    correction = SaleCorrection(unit="MSK", date="2025-02-11", base="a", direction="down", lines=[Line(amount="100")])
    directory = with_documents(a=sale("BUYER-INVOICES"), b=correction)
    document = payment("refund_to_customer", "100", counterparty="SIRIUS", contract="BUYER-INVOICES", targets=[to("b", "100")])
    assert tell(document, directory)[0] == ["1 document:7|- 100.00"]
    del directory.documents["a"]
    assert refused(document, directory) == "unknown_reference base: kind=document, value=a"


def test_rows_of_an_opening_balance_are_objects_of_their_own() -> None:
    rows = [
        OpeningRow(counterparty="SIRIUS", contract="BUYER-INVOICES", number="17", date="2024-12-01", amount="100"),
        OpeningRow(counterparty="VEGA", contract="BUYER", number="18", date="2024-12-02", amount="100"),
    ]
    opening = OpeningBalance(unit="MSK", date="2025-01-01", kind="customer_debts", rows=rows)
    advances = OpeningBalance(
        unit="MSK", date="2025-01-01", kind="customer_advances",
        rows=[OpeningRow(counterparty="SIRIUS", contract="BUYER-MANUAL", number="19", date="2024-12-01", amount="100")],
    )  # fmt: skip
    directory = with_documents(a=opening, b=advances)
    invoices = {"counterparty": "SIRIUS", "contract": "BUYER-INVOICES"}
    assert tell(payment(targets=[to("a", "100", line=1)], **invoices), directory)[0][0] == "1 document:7/1|- -100.00"
    assert refused(payment(targets=[to("a", "100", line=2)], **invoices), directory).startswith("target_mismatch targets[0].document")
    manual = {"counterparty": "SIRIUS", "contract": "BUYER-MANUAL"}
    assert tell(payment("refund_to_customer", "100", targets=[to("b", "100")], **manual), directory)[0] == ["1 document:8/1|- 100.00"]


def test_a_manual_entry_can_be_a_target() -> None:
    owed = Side(counterparty="SIRIUS", contract="BUYER-INVOICES")
    entry = ManualEntry(unit="MSK", date="2025-02-01", rows=[ManualRow(debit=owed, credit=Side(account="91.01"), amount="5")])
    directory = with_documents(a=entry)
    document = payment(amount="5", counterparty="SIRIUS", contract="BUYER-INVOICES", targets=[to("a", "5")])
    assert tell(document, directory)[0] == ["1 document:7|- -5.00"]


def test_rows_with_targets_come_before_those_without() -> None:
    directory = with_documents(a=sale("BUYER-DUE"), b=sale("BUYER-DUE"))
    rows = [
        PaymentRow(amount="100", item="rest"),
        PaymentRow(amount="300", item="ours", targets=[to("a", "200", named_by="internal")]),
        PaymentRow(amount="600", item="theirs", targets=[to("b", "600")]),
    ]
    document = payment(counterparty="SIRIUS", contract="BUYER-DUE", rows=rows)
    assert tell(document, directory) == (
        ["1 -|- -600.00", "2 -|- -200.00", "3 -|- -100.00", "4 -|- -100.00"],
        ["51 #1 600.00 [theirs]", "51 #2 200.00 [ours]", "51 #3 100.00 [rest]", "51 #4 100.00 [ours]"],
    )


def test_what_was_demoted_names_nothing() -> None:
    directory = with_documents(a=sale("BUYER-INVOICES"), b=sale("BUYER-INVOICES"))
    named = [to("a", "400", demoted="200"), to("b", "0.00", demoted="400")]
    document = payment(counterparty="SIRIUS", contract="BUYER-INVOICES", targets=named)
    assert tell(document, directory)[0] == ["1 document:7|- -400.00", "2 document:100|- -600.00"]
    assert targets_of(document, directory) == [(Target(7, 0, 40000, Rule.PAYER, 20000),), ()]


def test_currency_units_are_settled_by_the_rate() -> None:
    directory = cast_directory()
    plain = payment(amount="53625", contract="BUYER-UNIT", rate="71.50")  # the worked example of spec 2.7
    assert tell(plain, directory) == (["1 -|- -750.00"], ["51 #1 53625.00"])
    by_table = payment(amount="1045", contract="BUYER-UNIT")
    assert tell(by_table, directory) == (["1 -|- -10.00"], ["51 #1 1045.00"])
    row = PaymentRow(amount="1000", contract="BUYER-UNIT", rate="71.5")
    assert tell(payment(contract="", rows=[row]), directory) == (["1 -|- -13.99"], ["51 #1 1000.00"])


def test_a_typed_settlement_amount_is_checked() -> None:
    def row(settlement_amount: str, amount: str = "35400", rate: str = "40.15") -> Payment:
        paid = PaymentRow(amount=amount, contract="BUYER-UNIT", rate=rate, settlement_amount=settlement_amount)
        return payment(contract="", amount=amount, rows=[paid])

    assert tell(row("881.69", "35399.85"))[0] == ["1 -|- -881.69"]
    assert tell(row("881.69"))[0] == ["1 -|- -881.69"]  # as computed, half up
    assert refused(row("881.70")) == (
        "payment_sums_differ rows[0].settlement_amount: amount=35400.00 RUB, settlement_amount=881.70 EUR, rate=40.15, expected=881.69 EUR"
    )
    assert tell(row("200.02", "100.00", "0.5"))[0] == ["1 -|- -200.02"]  # 200.02 * 0.5 = 100.01: one minor unit
    assert refused(row("200.03", "100.00", "0.5")).startswith("payment_sums_differ")


def test_foreign_money_is_worth_the_rate_of_the_day() -> None:
    foreign = {"counterparty": "BERLIN", "contract": "BUYER-EUR"}
    assert tell(payment(**foreign)) == (["1 -|- -1000.00"], ["52 #1 104500.00"])
    assert tell(payment(rate="99.9", **foreign)) == (["1 -|- -1000.00"], ["52 #1 99900.00"])


def test_a_third_currency_goes_through_book_currency() -> None:
    document = payment(amount="110", currency="USD", counterparty="BERLIN", contract="BUYER-EUR")
    directory = cast_directory()
    assert tell(document, directory) == (["1 -|- -94.74"], ["52 #1 9900.00"])  # 110 USD * 90 = 9 900 RUB / 104.5
    del directory.rates["USD", "EUR"]
    assert tell(document, directory) == (["1 -|- -94.74"], ["52 #1 9900.00"])


def test_rows_share_the_money_exactly() -> None:
    rows = [PaymentRow(amount="0.01", contract="BUYER-EUR"), PaymentRow(amount="0.02", contract="BUYER-EUR")]
    document = payment(amount="0.03", counterparty="BERLIN", contract="", rate="33.3333", rows=rows)
    assert tell(document) == (["1 -|- -0.01", "2 -|- -0.02"], ["52 #1 0.33", "52 #2 0.67"])


def test_without_a_contract_the_row_may_name_the_settlement_currency() -> None:
    rows = [PaymentRow(amount="1045", currency="EUR")]
    assert tell(payment(amount="1045", contract="", rows=rows)) == (["1 document:100|- -10.00"], ["51 #1 1045.00"])
