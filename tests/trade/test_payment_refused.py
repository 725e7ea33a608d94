"""What payments refuse: one row per refusal (spec 1.7, 2.0, 2.3)."""

from __future__ import annotations

from typing import Any

import pytest

from setoff.trade.documents import PaymentRow
from tests.trade.paid import payment, sale, to, with_documents
from tests.trade.stage import refused, tell

PAID = [PaymentRow(amount="1000", contract="BUYER", targets=[to("a", "600")])]


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"currency": "EURO"}, "unknown_currency currency: currency=EURO"),
        ({"amount": "0"}, "amount_not_positive amount: value=0"),
        ({"amount": "x"}, "invalid_amount amount: value=x, currency=RUB, digits=2"),
        ({"account": "91.01"}, "unknown_field account:"),
        ({"debited": "2025-02-16"}, "invalid_value debited: value=2025-02-16, expected=<= 2025-02-15"),
        ({"kind": "payment_to_supplier", "debited": "2025-02-14"}, "unknown_field debited:"),
        ({"kind": "other_in", "account": "91.01"}, "unknown_field counterparty:"),
        ({"kind": "other_in", "account": "91.01", "counterparty": ""}, "unknown_field contract:"),
        ({"kind": "other_in", "counterparty": "", "contract": "", "rows": PAID}, "unknown_field rows[0].contract:"),
        ({"kind": "other_in", "counterparty": "", "contract": ""}, "field_missing account:"),
        (
            {"kind": "other_in", "counterparty": "", "contract": "", "account": "9"},
            "unknown_account account: account=9, chart=ru",
        ),
        (
            {"kind": "other_out", "counterparty": "", "contract": "", "account": "76.09"},
            "settlement_account_without_node account: account=76.09",
        ),
        ({"rows": PAID, "targets": [to("a", "1")]}, "unknown_field targets:"),
        ({"rows": [PaymentRow(amount="999")]}, "parts_differ_from_total rows: parts=999.00 RUB, total=1000.00 RUB"),
        ({"rows": [PaymentRow(amount="-1")]}, "amount_not_positive rows[0].amount: value=-1"),
        ({"counterparty": ""}, "field_missing counterparty:"),
        ({"rows": [PaymentRow(amount="1000", contract="X")]}, "unknown_reference rows[0].contract: kind=contract, value=X"),
        (
            {"kind": "payment_to_supplier"},
            "relation_mismatch contract: contract=BUYER, relation=buyer, kind=payment_to_supplier",
        ),
        ({"kind": "loan_repaid"}, "relation_mismatch contract: contract=BUYER, relation=buyer, kind=loan_repaid"),
        (
            {"rows": [PaymentRow(amount="1000", currency="EUR")]},
            "currency_differs_from_contract rows[0].currency: contract=BUYER, currency=EUR, contract_currency=RUB",
        ),
        ({"rows": [PaymentRow(amount="1000", rate="2")]}, "invalid_rate rows[0].rate: value=2"),
        (
            {"rows": [PaymentRow(amount="1000", settlement_amount="999")]},
            ("payment_sums_differ rows[0].settlement_amount: amount=1000.00 RUB, "
            "settlement_amount=999.00 RUB, rate=1, expected=1000.00 RUB"),
        ),
        ({"contract": "", "currency": "JPY"}, "rate_missing rate: currency=JPY, quote=RUB, date=2025-02-15"),
        ({"contract": "BUYER-UNIT", "amount": "0.01"}, "amount_not_positive amount: value=0.01 RUB"),
        ({"contract": "BUYER-UNIT", "rate": "-1"}, "invalid_rate rate: value=-1"),
        ({"targets": [to("none", "5")]}, "unknown_reference targets[0].document: kind=document, value=none"),
        (
            {"targets": [to("later", "5")]},
            "target_in_future targets[0].document: contract=BUYER, order=, target=later, target_date=2025-02-16, "
            "date=2025-02-15, balance=0.00 RUB, amount=5.00 RUB, excess=5.00 RUB",
        ),
        ({"targets": [to("other", "5")]}, "target_mismatch targets[0].document: target=other, target_kind=sale"),
        (
            {"targets": [to("a", "5")], "counterparty": "SIRIUS", "contract": "BUYER-DUE"},
            "target_mismatch targets[0].document: target=a, target_kind=sale",
        ),
        ({"targets": [to("a", "5")], "contract": ""}, "target_mismatch targets[0].document: target=a, target_kind=sale"),
        ({"targets": [to("a", "0")]}, "amount_not_positive targets[0].amount: value=0"),
        ({"targets": [to("a", "5", demoted="-1")]}, "amount_not_positive targets[0].demoted: value=-1"),
        (
            {"targets": [to("a", "600"), to("a", "400.01")]},
            "parts_differ_from_total targets: parts=1000.01 RUB, total=1000.00 RUB",
        ),
        (
            {"rows": [PaymentRow(amount="1000", targets=[to("a", "1001")])]},
            "parts_differ_from_total rows[0].targets: parts=1001.00 RUB, total=1000.00 RUB",
        ),
        ({"payer": "NOBODY"}, "unknown_reference payer: kind=counterparty, value=NOBODY"),
    ],
)  # fmt: skip
def test_refused(fields: dict[str, Any], refusal: str) -> None:
    documents = {
        "a": sale("BUYER", "VEGA"),
        "other": sale("BUYER-2", "VEGA"),
        "later": sale("BUYER", "VEGA", date="2025-02-16"),
    }
    assert refused(payment(**fields), with_documents(**documents)) == refusal


def test_a_target_of_another_order_or_agreement_is_refused() -> None:
    directory = with_documents(a=sale("BUYER-ORDERS", order="O-1"), b=sale("", agreement="RETAIL"))
    ordered = payment(counterparty="SIRIUS", contract="BUYER-ORDERS", order="O-2", targets=[to("a", "600")])
    assert refused(ordered, directory) == "target_mismatch targets[0].document: target=a, target_kind=sale"
    bare = payment(counterparty="SIRIUS", contract="", targets=[to("b", "600")])
    assert refused(bare, directory) == "target_mismatch targets[0].document: target=b, target_kind=sale"
    agreed = payment(counterparty="SIRIUS", contract="", agreement="RETAIL", targets=[to("b", "600")])
    assert tell(agreed, directory)[0] == ["1 document:8|- -600.00", "2 document:100|- -400.00"]
    by_invoice = with_documents(a=sale("BUYER-INVOICES", order="O-1"))
    loose = payment(counterparty="SIRIUS", contract="BUYER-INVOICES", order="O-2", targets=[to("a", "1000")])
    assert tell(loose, by_invoice)[0] == ["1 document:7|- -1000.00"]
