"""Rules that only the fold can confirm: documents posted to a database, account balances reckoned by hand.

Balances are debit less credit in minor units of book currency, accounts without a balance left out.
"""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from setoff.books.audit import Actor
from setoff.core.errors import DomainError
from setoff.settlements.services import post_document
from setoff.trade.documents import (
    AnyDocument,
    Line,
    ManualEntry,
    ManualRow,
    OpeningBalance,
    OpeningRow,
    Payment,
    PaymentTarget,
    Purchase,
    PurchaseReturn,
    Sale,
    SaleCorrection,
    SaleReturn,
    Side,
)

Connection = psycopg.Connection[Any]
ACTOR = Actor("tester", "test")
BALANCES = """
  select account.code, sum(case when debit then amount else -amount end)::bigint
  from posting cross join lateral (values (debit_account_id, true), (credit_account_id, false)) side (account_id, debit)
  join account on account.id = side.account_id
  group by account.code having sum(case when debit then amount else -amount end) <> 0"""
LOTS = """
  select fold_key.contour, fold_key.object, sum(lot.residual)::bigint from lot join fold_key on fold_key.id = lot.key_id
  where lot.residual <> 0 group by 1, 2 order by 1, 2"""


def post(conn: Connection, *documents: AnyDocument) -> dict[str, int]:
    """Post the documents; the balances after them."""
    for document in documents:
        post_document(conn, document, ACTOR)
    return dict(conn.execute(BALANCES).fetchall())


def lots(conn: Connection) -> list[tuple[str, str, int]]:
    return [tuple(row) for row in conn.execute(LOTS)]


def sale(contract: str, amount: str, counterparty: str = "SIRIUS", **fields: Any) -> Sale:
    line = Line(amount=amount, vat_rate=fields.pop("vat_rate", ""))
    return Sale(counterparty=counterparty, contract=contract, lines=[line], **{"unit": "MSK", "date": "2025-02-10", **fields})


def payment(contract: str, amount: str, counterparty: str = "SIRIUS", **fields: Any) -> Payment:
    known = {"unit": "MSK", "date": "2025-02-15", "kind": "payment_from_customer", **fields}
    return Payment(counterparty=counterparty, contract=contract, amount=amount, **known)


def to(document: str, amount: str, **fields: Any) -> PaymentTarget:
    return PaymentTarget(document=document, amount=amount, **fields)


def test_currency_units_of_the_specification(company: Connection) -> None:
    """Spec 2.7: advance 250 at 70.00, shipment 1 000 at 72.00 with VAT 20 % inside; revenue 17 500 + 54 000 = 71 500."""
    vega = {"contract": "BUYER-UNIT", "counterparty": "VEGA"}
    balances = post(
        company,
        payment(amount="17500", rate="70", date="2025-02-01", **vega),
        sale(amount="1000", rate="72", vat_rate="20", **vega),
    )
    # VAT 166.67 at 72.00 = 12 000.24, scaled with the fact 71 500 / 72 000: 11 916.91 (11 916.905)
    assert balances == {"51": 1_750_000, "62.31": 5_400_000, "90.01": -7_150_000, "90.03": 1_191_691, "68.02": -1_191_691}
    balances = post(company, payment(amount="53625", rate="71.50", date="2025-03-01", **vega))
    assert balances["91.02"] == 5_400_000 - 5_362_500
    assert "62.31" not in balances and "62.32" not in balances


def test_interest_stands_beside_the_principal(company: Connection) -> None:
    interest = Side(counterparty="IVANOV", contract="LOAN-LONG", relation="loan_interest")
    rows = [ManualRow(debit=Side(account="91.02"), credit=interest, amount="120")]
    balances = post(
        company,
        payment("LOAN-LONG", "1000", "IVANOV", kind="loan_received"),
        ManualEntry(unit="MSK", date="2025-02-28", rows=rows),
        payment("LOAN-LONG", "100", "IVANOV", kind="loan_interest_paid", date="2025-03-01"),
        payment("LOAN-LONG", "400", "IVANOV", kind="loan_repaid", date="2025-03-01"),
    )
    assert balances == {"51": 50_000, "67.03": -60_000, "67.04": -2_000, "91.02": 12_000}


def test_a_correction_reduces_its_base_and_leaves_an_advance(company: Connection) -> None:
    vega = {"contract": "BUYER", "counterparty": "VEGA"}
    correction = SaleCorrection(
        unit="MSK", date="2025-02-20", base="s", direction="down", lines=[Line(amount="120", vat_rate="20", cost="70")]
    )
    balances = post(
        company,
        sale(amount="600", vat_rate="20", key="s", **vega),
        payment(amount="540", **vega),
        correction,
    )
    # 60 of the base was open; the other 60 is an advance on 62.02
    assert balances == {
        "51": 54_000, "62.02": -6_000, "90.01": -48_000, "90.03": 8_000, "68.02": -10_000, "19.09": 2_000, "90.02": -7_000, "41": 7_000,
    }  # fmt: skip


def test_a_return_reduces_its_base_before_older_debts(company: Connection) -> None:
    vega = {"contract": "BUYER", "counterparty": "VEGA"}
    back = SaleReturn(unit="MSK", date="2025-02-20", base="new", lines=[Line(amount="150")])
    post(company, sale(amount="100", key="old", date="2025-02-01", **vega), sale(amount="200", key="new", **vega), back)
    left = company.execute(
        "select document.key, residual from lot join document on document.id = document_id and residual <> 0 order by 1, 2"
    )
    assert left.fetchall() == [("new", 5_000), ("new", 5_000), ("old", 10_000), ("old", 10_000)]


def test_by_invoice_in_both_contours(company: Connection) -> None:
    documents = [
        sale("BUYER-REG-INVOICES", "600", key="a"),
        sale("BUYER-REG-INVOICES", "600", key="b"),
        payment("BUYER-REG-INVOICES", "1000", key="p", targets=[to("b", "600"), to("a", "300", named_by="internal")]),
    ]
    assert post(company, *documents) == {"51": 100_000, "62.01": 60_000, "62.02": -40_000, "90.01": -120_000}
    ids = dict(company.execute("select key, id from document").fetchall())
    assert lots(company) == [
        ("mgmt", f"document:{ids['a']}", 30_000),
        ("mgmt", f"document:{ids['p']}", -10_000),
        ("reg", f"document:{ids['a']}", 60_000),
        ("reg", f"document:{ids['p']}", -40_000),
    ]
    balances = post(company, payment("BUYER-REG-INVOICES", "400", kind="refund_to_customer", date="2025-02-20", contours=("reg",),
                                     targets=[to("p", "400")]))  # fmt: skip
    assert balances == {"51": 60_000, "62.01": 60_000, "90.01": -120_000}


def test_by_order_the_specified_difference_of_contours(company: Connection) -> None:
    """Spec 1.9: shipment 500 on O1, payment 300 on O2."""
    post(company, sale("BUYER-ORDERS", "500", order="O1"), payment("BUYER-ORDERS", "300", order="O2"))
    assert lots(company) == [("mgmt", "order:O1", 50_000), ("mgmt", "order:O2", -30_000), ("reg", "", 20_000)]


def test_manual_allocation_leaves_an_advance_beside_a_debt(company: Connection) -> None:
    post(company, sale("BUYER-MANUAL", "500", key="s"), payment("BUYER-MANUAL", "300", key="p", targets=[to("s", "100")]))
    number = company.execute("select id from document where key = 'p'").fetchone()
    assert number
    assert lots(company) == [("mgmt", "", 40_000), ("mgmt", f"document:{number[0]}", -20_000), ("reg", "", 20_000)]


def test_a_refund_beyond_the_advance_needs_consent(company: Connection) -> None:
    post(company, payment("BUYER-DUE", "300", date="2025-02-01"))
    with pytest.raises(DomainError, match="refund_exceeds_advance"):
        post(company, payment("BUYER-DUE", "301", kind="refund_to_customer"))
    assert post(company, payment("BUYER-DUE", "301", kind="refund_to_customer", consent=True)) == {"51": -100, "62.01": 100}


def test_opening_rows_keep_their_order_and_can_be_named(company: Connection) -> None:
    rows = [
        OpeningRow(counterparty="SIRIUS", contract="BUYER-INVOICES", number="18", date="2024-12-05", amount="200"),
        OpeningRow(counterparty="SIRIUS", contract="BUYER-INVOICES", number="17", date="2024-11-05", amount="100"),
    ]
    opening = OpeningBalance(unit="MSK", date="2025-01-01", kind="customer_debts", key="o", rows=rows)
    balances = post(company, opening, payment("BUYER-INVOICES", "100", targets=[to("o", "100", line=2)]))
    assert balances == {"000": -30_000, "51": 10_000, "62.01": 20_000}
    left = company.execute("select contour, line from lot join fold_key on fold_key.id = key_id where residual <> 0 order by 1").fetchall()
    assert left == [("mgmt", 1), ("reg", 1)]


def test_purchases_and_their_returns(company: Connection) -> None:
    bought = Purchase(
        unit="MSK", date="2025-02-01", key="p", counterparty="METALL", contract="SUPPLIER", lines=[Line(amount="600", vat_rate="20")]
    )
    back = PurchaseReturn(unit="MSK", date="2025-02-03", base="p", lines=[Line(amount="120", vat_rate="20")])
    paid = payment("SUPPLIER", "600", "METALL", kind="payment_to_supplier", date="2025-02-02")
    assert post(company, bought, paid, back) == {"41": 40_000, "19.03": 8_000, "51": -60_000, "60.02": 12_000}


def test_every_chart_posts(company: Connection) -> None:
    line = [Line(amount="113", vat_rate="13", cost="50")]
    for unit, party, contract, expected in (
        ("SHA", "HAIDA", "CN-BUYER", {"1122": 11_300, "5001": -10_000, "2221.01.05": -1_300, "5401": 5_000, "1405": -5_000}),
        ("AMS", "OSTSEE", "NL-BUYER", {"1100": 11_300, "4000": -10_000, "2200": -1_300, "5000": 5_000, "1200": -5_000}),
        ("LYC", "VEGA", "LYCEUM-BUYER", {"20531": 11_300, "40110": -10_000, "30304": -1_300, "40120": 5_000, "10538": -5_000}),
    ):
        before = post(company)
        after = post(company, Sale(unit=unit, date="2025-02-01", counterparty=party, contract=contract, lines=line))
        assert {code: after[code] - before.get(code, 0) for code in after if after[code] != before.get(code, 0)} == expected
