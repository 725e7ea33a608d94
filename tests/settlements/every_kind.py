"""Books in which every kind of document stands, and nothing is left to look at: what the control checks say of sound books is nothing.

MSK deals with everybody; SPB owes VAT on advances. Each document is as small as its kind allows; sums are of no other meaning.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
import psycopg

from setoff.books.audit import Actor
from setoff.parties.services import save_masters
from setoff.settlements.notices_whole import act_on_notice
from setoff.settlements.services import post_document
from setoff.trade.documents import (
    AdjustmentReceiver,
    AdjustmentRow,
    AdvanceOffset,
    AdvanceVat,
    AnyDocument,
    BranchNotice,
    CustomerBill,
    CustomerOrder,
    DebtAdjustment,
    DoubtfulReserve,
    IssuedInvoice,
    Line,
    LoanInterest,
    ManualEntry,
    ManualRow,
    OpeningBalance,
    OpeningRow,
    Packaging,
    Payment,
    Purchase,
    PurchaseCorrection,
    PurchaseReturn,
    ReceivedInvoice,
    ReserveRow,
    Revaluation,
    RevaluationRate,
    Sale,
    SaleCorrection,
    SaleReturn,
    Side,
    SupplierBill,
    SupplierOrder,
)
from setoff.trade.invoice_documents import InvoiceBase
from setoff.trade.notice_documents import NoticeRow
from tests import cast

TYPIST: Final = Actor("tester", "test")
DUE: Final = "2025-12-31"
VEGA: Final = {"counterparty": "VEGA", "contract": "BUYER"}
METALL: Final = {"counterparty": "METALL", "contract": "SUPPLIER"}
ORDERED: Final = {"counterparty": "SIRIUS", "contract": "BUYER-ORDERS"}
BERLIN: Final = {"counterparty": "BERLIN", "contract": "BUYER-EUR"}
SPB: Final = {"unit": "SPB", "counterparty": "VEGA", "contract": "BUYER-2"}


def at(key: str, day: str, **fields: Any) -> dict[str, Any]:
    return {"key": key, "unit": "MSK", "date": f"2025-{day}", **fields}


def line(amount: str, **fields: Any) -> list[Line]:
    return [Line(amount=amount, kind=fields.pop("kind", "services"), **fields)]


def opening(key: str, kind: Any, amount: str, counterparty: str, contract: str) -> OpeningBalance:
    due = DUE if kind.endswith("debts") else ""
    row = OpeningRow(counterparty=counterparty, contract=contract, number=key, date="2024-12-20", amount=amount, due=due)
    return OpeningBalance(**at(key, "01-01"), kind=kind, rows=[row])


def money(key: str, day: str, kind: Any, amount: str, counterparty: str = "", contract: str = "", **fields: Any) -> Payment:
    return Payment(**at(key, day), kind=kind, amount=amount, counterparty=counterparty, contract=contract, **fields)


def packaging(key: str, day: str, kind: Any, amount: str, counterparty: str, contract: str, due: str = "") -> Packaging:
    return Packaging(
        **at(key, day), kind=kind, counterparty=counterparty, contract=contract, lines=line(amount, kind="goods", item="pallet"), due=due
    )


def row(side: Any, amount: str, counterparty: str, contract: str, **fields: Any) -> AdjustmentRow:
    return AdjustmentRow(side=side, amount=amount, counterparty=counterparty, contract=contract, **fields)


def share(debit: str, credit: str) -> NoticeRow:
    return NoticeRow(debit=debit, credit=credit, amount="10.00")


def documents() -> list[AnyDocument]:
    return [*supplies(), *payments(), *adjustments(), *papers()]


def supplies() -> list[AnyDocument]:
    """With what was there before and what is planned."""
    return [
        opening("ob1", "customer_debts", "100.00", "VEGA", "BUYER"),
        opening("ob2", "customer_advances", "50.00", "SIRIUS", "BUYER-LEGAL"),
        opening("ob3", "supplier_debts", "200.00", "METALL", "SUPPLIER"),
        opening("ob4", "supplier_advances", "70.00", "METALL", "OTHER-SUPPLIER"),
        opening("ob5", "other_debts", "30.00", "IVANOV", "OTHER"),
        opening("ob6", "other_advances", "20.00", "IVANOV", "OTHER-BUYER"),
        CustomerOrder(**at("o1", "01-05", **ORDERED), status="shipment", lines=line("300.00")),
        SupplierOrder(**at("o2", "01-05", **METALL), lines=line("600.00")),
        CustomerBill(**at("b1", "01-06", **ORDERED), order="o1", lines=line("300.00"), due=DUE),
        SupplierBill(**at("b2", "01-06", **METALL), lines=line("600.00"), due=DUE),
        Sale(**at("s1", "01-10", **VEGA), lines=line("1200.00", vat_rate="20"), due=DUE),
        Sale(**at("s2", "01-11", **VEGA), lines=line("500.00"), due=DUE),
        Sale(**at("s3", "01-12", **ORDERED), order="o1", lines=line("300.00"), due=DUE),
        Sale(**at("s4", "01-13", **BERLIN), lines=line("10.00"), rate="100", due=DUE),
        Purchase(**at("p1", "01-10", **METALL), lines=line("600.00", vat_rate="20"), due=DUE),
        Purchase(**at("p2", "01-11", **METALL), lines=line("400.00"), due=DUE),
        SaleCorrection(**at("sc", "01-15"), base="s2", direction="down", lines=line("100.00")),
        SaleReturn(**at("sr", "01-16"), base="s2", lines=line("50.00")),
        PurchaseCorrection(**at("pc", "01-15"), base="p2", direction="up", lines=line("40.00"), due=DUE),
        PurchaseReturn(**at("pr", "01-16"), base="p2", lines=line("30.00")),
        packaging("ki", "01-12", "issued", "100.00", "VEGA", "PACKAGING-OUT", DUE),
        packaging("kr", "01-22", "returned", "20.00", "VEGA", "PACKAGING-OUT"),
        packaging("kp", "01-12", "received", "80.00", "METALL", "PACKAGING-IN", DUE),
        packaging("kb", "01-22", "given_back", "10.00", "METALL", "PACKAGING-IN"),
    ]  # fmt: skip


def payments() -> list[AnyDocument]:
    return [
        money("ci", "01-20", "payment_from_customer", "700.00", **VEGA),
        money("ci2", "01-20", "payment_from_customer", "100.00", "VEGA", "BUYER-2"),
        money("ci3", "01-21", "payment_from_customer", "100.00", **ORDERED),
        money("co", "01-22", "refund_to_customer", "40.00", "VEGA", "BUYER-2"),
        money("so", "01-20", "payment_to_supplier", "300.00", **METALL),
        money("si", "01-21", "refund_from_supplier", "20.00", "METALL", "OTHER-SUPPLIER"),
        money("oi", "01-20", "other_party_in", "45.00", "IVANOV", "OTHER"),
        money("oo", "01-21", "other_party_out", "5.00", "IVANOV", "OTHER-BUYER"),
        money("li", "01-20", "loan_received", "1000.00", "IVANOV", "LOAN"),
        money("lo", "01-21", "loan_repaid", "1000.00", "IVANOV", "LOAN"),
        money("lp", "01-21", "loan_interest_paid", "10.00", "IVANOV", "LOAN"),
        money("go", "01-20", "loan_granted", "500.00", "IVANOV", "LOAN-GRANTED"),
        money("gi", "01-21", "loan_returned", "500.00", "IVANOV", "LOAN-GRANTED"),
        money("di", "01-20", "packaging_deposit_in", "60.00", "VEGA", "PACKAGING-OUT"),
        money("do", "01-20", "packaging_deposit_out", "30.00", "METALL", "PACKAGING-IN"),
        money("mi", "01-20", "other_in", "7.00", account="91.01", item="interest on the account", purpose="interest"),
        money("mo", "01-20", "other_out", "3.00", account="91.02", item="bank charges", purpose="charges"),
    ]  # fmt: skip


def adjustments() -> list[AnyDocument]:
    sides = [row("they_owe_us", "20.00", **VEGA), row("we_owe_them", "20.00", **METALL)]
    return [
        ManualEntry(
            **at("m", "01-25"),
            rows=[ManualRow(debit=Side(account="91.02", item="discount"), credit=Side(**VEGA), amount="5.00")],
        ),
        DebtAdjustment(
            **at("ds", "01-26"), kind="set_off", rows=[row("they_owe_us", "100.00", **VEGA), row("we_owe_them", "100.00", **METALL)]
        ),
        DebtAdjustment(
            **at("dt", "01-26"), kind="transfer", rows=[row("they_owe_us", "50.00", **VEGA)],
            receiver=AdjustmentReceiver(counterparty="SIRIUS", contract="BUYER-SHORT", due=DUE),
        ),
        DebtAdjustment(
            **at("dw", "01-27"), kind="write_off", rows=[row("they_owe_us", "10.00", **VEGA)], account="91.02", item="written off",
            department="sales", analytics="Vega", reason="court", reason_document="Ruling 7",
        ),
        DebtAdjustment(
            **at("da", "01-19"), kind="accrual", rows=[row("they_owe_us", "15.00", "IVANOV", "OTHER")], account="91.01", item="penalty"
        ),
        DebtAdjustment(**at("dn", "01-28"), kind="netting", rows=sides, round="R1"),
        AdvanceOffset(**at("ao", "01-29", **ORDERED), contours=("mgmt",), amount="100.00", advance="ci3", document="s3"),
    ]  # fmt: skip


def papers() -> list[AnyDocument]:
    """Invoices, VAT on an advance of another unit, the end of the month."""
    return [
        IssuedInvoice(**at("ii", "01-10"), bases=[InvoiceBase(document="s1")]),
        ReceivedInvoice(**at("ri", "01-12"), bases=[InvoiceBase(document="p1")], incoming_number="17", incoming_date="2025-01-10"),
        Payment(key="vi", date="2025-01-10", kind="payment_from_customer", amount="120.00", **SPB),
        Payment(key="vo", date="2025-01-20", kind="refund_to_customer", amount="120.00", **SPB),
        AdvanceVat(key="av", unit="SPB", date="2025-01-25", decision="deduct", document="vo"),
        BranchNotice(**at("n1", "01-30", notice="n", other="SPB", side="sender"), rows=[share("79.02", "26")]),
        BranchNotice(**at("n2", "01-30", notice="n", other="MSK", side="receiver") | {"unit": "SPB"}, rows=[share("26", "79.02")]),
        BranchNotice(**at("le", "01-30"), rows=[share("26", "10")]),
        LoanInterest(
            **at("la", "01-31"), counterparty="IVANOV", contract="LOAN", first="2025-01-21", last="2025-01-21", amount="10.00",
            item="interest", typed=True,
        ),
        DoubtfulReserve(
            **at("dr", "01-31"), item="reserve", department="sales",
            rows=[ReserveRow(counterparty="VEGA", contract="BUYER", accrued="1.00")],
        ),
        Revaluation(**at("rv", "01-31"), rates=(RevaluationRate(currency="EUR", rate="101"),)),
    ]  # fmt: skip


def tell(db: psycopg.Connection[Any]) -> None:
    """Masters of the cast and every document, posted one by one."""
    owing = msgspec.structs.replace(cast.SPB, vat_on_advances="same_day")
    limited = msgspec.structs.replace(cast.MSK, difference_limit="1.00")
    parties = [msgspec.structs.replace(cast.IVANOV, tax_id="500100732259")]
    save_masters(db, [*cast.MASTERS, owing, limited, *parties], TYPIST)
    for document in documents():
        with db.transaction():
            act_on_notice(db, getattr(document, "notice", ""))
            post_document(db, document, TYPIST)
