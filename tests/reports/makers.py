"""How a document of each kind is drawn within a history (any_history.py). A new kind of document has its line in MAKERS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from setoff.books.charts import load_chart
from setoff.core.chart import CurrencyClass
from setoff.core.money import format_amount
from setoff.trade.documents import (
    AdjustmentReceiver,
    AdjustmentRow,
    AdvanceOffset,
    AdvanceVat,
    AnyDocument,
    CustomerBill,
    CustomerOrder,
    DebtAdjustment,
    Disbursement,
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
    PaymentRow,
    PaymentTarget,
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
from setoff.trade.invoice_documents import InvoiceBase, InvoiceSum
from setoff.trade.kinds import ADJUSTMENTS, kind_of
from setoff.trade.notice_documents import BranchNotice, NoticeRow
from setoff.trade.notice_paper import Notice
from setoff.trade.order_documents import OrderStage
from setoff.trade.terms import RELATIONS
from tests.reports.history import MOST, ORDERS, OUTER, PARTIES, RATES, OpenLot, Told

Maker = Callable[[Told], Any]
"""A document, a notice, or None."""


def supply(told: Told) -> AnyDocument | None:
    contract = told.history.contract_for(told.kind)
    if contract is None:
        return None
    named = told.history.one(told.history.of_type(CustomerOrder if told.kind == "sale" else SupplierOrder))
    order = named.key if named is not None and told.chance.random() < 0.4 else told.chance.choice(ORDERS)
    more: dict[str, Any] = {**told.party(contract), **told.rate(contract), "order": order, "lines": told.lines(contract.currency)}
    if not contract.stages:
        more["due"] = told.chance.choice(["", "2025-02-10", "2025-03-01"])
    if told.kind == "purchase":
        return Purchase(**told.header, **more)
    others = told.history.contract_for("disbursement")
    if others is not None and others.currency == contract.currency and told.chance.random() < 0.1:
        passed = Disbursement(counterparty=others.counterparty, contract=others.code, amount=told.history.amount(contract.currency))
        more["disbursements"] = [passed]
    return Sale(**told.header, **more)


CORRECTIONS: Final[dict[str, tuple[Any, Any]]] = {
    "sale_correction": (SaleCorrection, Sale), "purchase_correction": (PurchaseCorrection, Purchase), "sale_return": (SaleReturn, Sale),
    "purchase_return": (PurchaseReturn, Purchase),
}  # fmt: skip


def correction(told: Told) -> AnyDocument | None:
    made, of = CORRECTIONS[told.kind]
    contract = told.history.contract_for(told.kind)
    base = told.history.one(told.history.of_type(of))
    if contract is None or base is None:
        return None
    contract = told.history.by_code(base.contract)
    told.after(base.date)
    named = {"base": base.key} if told.chance.random() < 0.8 else told.party(contract)
    lines = [Line(amount=told.history.amount(contract.currency, 3_000), vat_rate=told.chance.choice(["", "20"]), kind="services")]
    more = {} if told.kind.endswith("_return") else {"direction": told.chance.choice(["up", "down"])}
    return made(**told.header, **told.rate(contract), **named, **more, lines=lines)


def payment(told: Told) -> AnyDocument | None:
    history, chance = told.history, told.chance
    if told.kind in ("other_in", "other_out"):
        outer: dict[str, Any] = {"kind": told.kind, "account": OUTER[history.unit], "item": "x"}
        return Payment(**told.header, **outer, amount=history.amount(history.book))
    contract = history.contract_for(told.kind)
    advances = [lot for lot in history.open_lots(advances=True) if history.by_code(lot.contract).relation in RELATIONS[told.kind]]
    if told.kind.startswith("refund") and advances:
        advance = chance.choice(advances)
        contract = history.by_code(advance.contract)
        told.after(advance.date)
    if contract is None:
        return None
    paid_in = contract.payment_currency or contract.currency
    rate = {"rate": chance.choice(RATES)} if paid_in != contract.currency or paid_in != history.book else {}
    more: dict[str, Any] = {**told.party(contract), **rate, "order": chance.choice(ORDERS), "amount": history.amount(paid_in)}
    bill = history.one([paper for paper in history.of_type(CustomerBill, SupplierBill) if paper.contract == contract.code])
    supplied = history.one([paper for paper in history.of_type(Sale, Purchase) if paper.contract == contract.code])
    if bill is not None and chance.random() < 0.5:
        more["bill"] = bill.key
    elif supplied is not None and chance.random() < 0.5:
        told.after(supplied.date)
        part = format_amount(chance.randrange(1, 900), contract.currency)
        more["targets"] = [PaymentTarget(document=supplied.key, amount=part, named_by=chance.choice(["payer", "internal"]))]
    elif chance.random() < 0.2:
        parts = chance.randrange(1, MOST), chance.randrange(1, MOST)
        more["rows"] = [PaymentRow(amount=format_amount(part, paid_in), order=order) for part, order in zip(parts, ("A", ""), strict=True)]
        more["amount"] = format_amount(sum(parts), paid_in)
    if told.kind.startswith("refund") and advances and paid_in == contract.currency and chance.random() < 0.8:
        part = format_amount(chance.randrange(1, abs(advance.residual) + 1), paid_in)
        more |= {"amount": part, "rows": [], "targets": [PaymentTarget(document=advance.key, line=advance.line, amount=part)]}
        more.pop("bill", None)
    if told.kind == "refund_to_customer":
        more["terminated"] = chance.random() < 0.5
    more["kind"] = told.kind
    return Payment(**told.header, **more, consent=chance.random() < 0.5)


def opening(told: Told) -> AnyDocument | None:
    contract = told.history.contract_for(told.kind)
    if contract is None:
        return None
    worth = {} if contract.currency == told.history.book else {"book_amount": told.history.amount(told.history.book)}
    rows = [
        OpeningRow(number=f"{number}", date=f"2024-1{number}-15", amount=told.history.amount(contract.currency), **told.party(contract),
                   **worth, order=told.chance.choice(ORDERS), due=told.chance.choice(["", "2025-02-05"]))
        for number in range(told.chance.choice([1, 2]))
    ]  # fmt: skip
    return OpeningBalance(**{**told.header, "date": "2025-02-01", "kind": told.kind.removeprefix("opening_")}, rows=rows)


def manual(told: Told) -> AnyDocument:
    def side() -> Side:
        if told.chance.random() < 0.4:
            return Side(account=OUTER[told.history.unit], item="x")
        contract = told.history.any_contract()
        own = {} if contract.currency == told.history.book else {"amount": told.history.amount(contract.currency)}
        return Side(**told.party(contract), order=told.chance.choice(ORDERS), **own)

    row = ManualRow(debit=side(), credit=side(), amount=told.history.amount(told.history.book))
    return ManualEntry(**told.header, rows=[row])


def adjustment(told: Told) -> AnyDocument | None:
    history, chance = told.history, told.chance
    said: Any = next(kind for kind, name in ADJUSTMENTS.items() if name == told.kind)
    done = [
        paper for paper in history.of_type(DebtAdjustment)
        if isinstance(paper, DebtAdjustment) and paper.kind == said and not paper.reverses
    ]
    if done and chance.random() < 0.2:
        original = chance.choice(done)
        told.after(original.date)
        return DebtAdjustment(**told.whole, kind=said, reverses=original.key)
    lots = history.open_lots()
    if not lots:
        return None
    first = chance.choice(lots)
    opposite = [lot for lot in lots if lot.currency == first.currency and (lot.residual > 0) != (first.residual > 0)]
    second = chance.choice(opposite) if opposite else first
    worth = chance.randrange(1, max(2, min(abs(first.residual), abs(second.residual)) + 1))

    def row(lot: OpenLot) -> AdjustmentRow:
        contract = history.by_code(lot.contract)
        of = {} if said == "accrual" or chance.random() < 0.2 else {"document": lot.key, "line": lot.line}
        return AdjustmentRow(side=lot.side, amount=format_amount(worth, lot.currency), **told.party(contract), **of)

    told.after(first.date, second.date)
    more: dict[str, Any] = {"rows": [row(first)]}
    if said in ("write_off", "accrual"):
        more |= {"account": OUTER[history.unit], "item": "x", "reason": "court", "reason_document": "Ruling 7"}
        more |= {"department": "sales", "analytics": "a"} if said == "write_off" else {}
    if said in ("set_off", "netting"):
        more["rows"].append(row(second))
        more |= {"round": "R"} if said == "netting" else {}
    if said == "transfer":
        receiver = history.any_contract()
        more["receiver"] = AdjustmentReceiver(counterparty=receiver.counterparty, contract=receiver.code)
    if first.currency != history.book:
        more |= {"rate": chance.choice(RATES), "currency": first.currency}
    return DebtAdjustment(**told.header, kind=said, **more)


def advance_offset(told: Told) -> AnyDocument | None:
    history, chance = told.history, told.chance
    advances = history.open_lots(advances=True)
    if not advances:
        return None
    advance = chance.choice(advances)
    contract = history.by_code(advance.contract)
    owed = [lot for lot in history.open_lots(advances=False) if lot.contract == contract.code]
    to: dict[str, Any] = {"order": chance.choice(["A", "B"])}
    if owed and chance.random() < 0.7:
        debt = chance.choice(owed)
        to = {"document": debt.key, "line": debt.line}
        told.after(debt.date)
    told.after(advance.date)
    amount = format_amount(chance.randrange(1, abs(advance.residual) + 1), contract.currency)
    named = {**told.party(contract), **told.rate(contract), "amount": amount, "advance": advance.key, "advance_line": advance.line}
    return AdvanceOffset(**{**told.header, "contours": ("mgmt",)}, **named, **to)


def packaging(told: Told) -> AnyDocument | None:
    contract = told.history.contract_for(told.kind)
    if contract is None:
        return None
    kind: Any = told.kind.removeprefix("packaging_")
    lines = [Line(amount=told.history.amount(contract.currency), item="pallet")]
    return Packaging(**told.header, **told.rate(contract), **told.party(contract), kind=kind, lines=lines)


def advance_vat(told: Told) -> AnyDocument | None:
    way: Any = told.chance.choice(["deduct", "expense", "invoice"])
    paid = ("payment_to_supplier",) if way == "invoice" else ("refund_to_customer", "set_off", "debt_write_off")
    paper = told.history.one([paper for paper in told.history.of_type(Payment, DebtAdjustment) if kind_of(paper) in paid])
    if paper is None:
        return None
    told.after(paper.date)
    more = {"vat": told.history.amount(told.history.book, 3_000)} if way == "invoice" else {}
    return AdvanceVat(**told.whole, decision=way, document=paper.key, **more)


def invoice(told: Told) -> AnyDocument | None:
    history, chance = told.history, told.chance
    issued = told.kind == "issued_invoice"
    supplies = history.of_type(*((Sale, SaleCorrection, SaleReturn) if issued else (Purchase, PurchaseCorrection, PurchaseReturn)))
    paid = "payment_from_customer" if issued else "payment_to_supplier"
    base = history.one([*supplies, *supplies, *(paper for paper in history.of_type(Payment) if kind_of(paper) == paid)])
    if base is None:
        return None
    told.after(base.date)
    kind: Any = "advance" if isinstance(base, Payment) else "shipment" if isinstance(base, Sale | Purchase) else "correction"
    original = history.one(history.of_type(IssuedInvoice if issued else ReceivedInvoice))
    more: dict[str, Any] = {"original": original.key} if kind == "correction" and original is not None else {}
    if original is not None and chance.random() < 0.15:
        kind, more = "corrected", {"original": original.key, "bases": original.bases}
        told.after(original.date)
    if chance.random() < 0.1:
        more |= {"sums": [InvoiceSum(amount=history.amount(history.book), vat_rate="20")], "difference": "by hand"}
    fields = {**told.whole, "invoice_kind": kind, "bases": [InvoiceBase(document=base.key)], **more}
    if issued:
        return IssuedInvoice(**fields)
    return ReceivedInvoice(**fields, incoming_number=told.header["key"], incoming_date="2025-02-01", deduct=chance.random() < 0.8)


def revaluation(told: Told) -> AnyDocument:
    codes = [code for code in ("JPY", "USD") if told.chance.randrange(8)]
    rates = tuple(RevaluationRate(currency=code, rate=told.chance.choice(RATES)) for code in codes)
    return Revaluation(**told.header, rates=rates)


PLANS: Final[dict[str, Any]] = {
    "customer_order": CustomerOrder, "supplier_order": SupplierOrder, "customer_bill": CustomerBill, "supplier_bill": SupplierBill,
}  # fmt: skip


def plan(told: Told) -> AnyDocument | None:
    contract = told.history.contract_for(told.kind)
    if contract is None:
        return None
    stages = [
        OrderStage(variant="advance", percent="30", days=told.chance.randrange(20)),
        OrderStage(variant="credit", percent="70", days=told.chance.randrange(20)),
    ]
    more: dict[str, Any] = {"stages": told.chance.choice([[], stages])}
    if told.kind.endswith("_bill"):
        order = told.history.one([
            paper for paper in told.history.of_type(CustomerOrder, SupplierOrder) if paper.contract == contract.code
        ])  # fmt: skip
        more |= {"order": order.key} if order is not None and told.chance.random() < 0.7 else {}
        more["annulled"] = told.chance.random() < 0.1
    else:
        more["status"] = told.chance.choice(["approval", "processing", "shipment", "closed"])
    return PLANS[told.kind](
        **told.whole, **told.rate(contract), **told.party(contract), lines=told.lines(contract.currency), **more
    )


def loan_interest(told: Told) -> AnyDocument | None:
    """As the other side says it."""
    contract = told.history.contract_for("loan_interest")
    if contract is None:
        return None
    told.header["date"] = max(told.header["date"], "2025-02-10")
    return LoanInterest(
        **told.header, **told.rate(contract), **told.party(contract), first="2025-02-01", last="2025-02-10",
        amount=told.history.amount(contract.currency, 3_000), item="interest", typed=True,
    )  # fmt: skip


def doubtful_reserve(told: Told) -> AnyDocument:
    """Made more, or given back as far as there is any."""
    way: Any = {told.chance.choice(["accrued", "accrued", "released"]): told.history.amount(told.history.book, 3_000)}
    row = ReserveRow(counterparty=told.chance.choice(PARTIES), **way)
    return DoubtfulReserve(**told.header, item="reserve", department="sales", rows=[row])


CHARTS: Final = {"ROMASHKA": "ru", "NORTHSEA": "intl", "HONGYUAN": "cn", "LYCEUM": "ru-budget"}


def local_entry(told: Told) -> AnyDocument:
    """An operation of one unit, on plain accounts or with a party in book currency."""
    history, outer = told.history, OUTER[told.history.unit]
    contract = history.any_contract()
    amount = history.amount(history.book)
    pair = load_chart(CHARTS[history.house]).pairs.get((contract.relation, CurrencyClass.BOOK))
    is_plain = contract.currency != history.book or contract.payment_currency not in ("", history.book) or told.chance.random() < 0.4
    if is_plain or pair is None:
        return BranchNotice(**told.header, rows=[NoticeRow(debit=outer, credit=outer, amount=amount, item="x")])
    sides = told.chance.choice([{"debit": pair.debt, "credit": outer}, {"debit": outer, "credit": pair.debt}])
    return BranchNotice(**told.header, rows=[NoticeRow(**sides, **told.party(contract), amount=amount, item="x")])


def branch_notice(told: Told) -> Notice | None:
    """Costs of the head office that the branch bears, or the other way round: two documents when the other side has confirmed."""
    if told.history.unit not in ("MSK", "SPB"):
        return None
    sender, receiver = told.chance.sample(["MSK", "SPB"], 2)
    outer, amount = OUTER[sender], told.history.amount(told.history.book)
    sides = NoticeRow(debit="79.02", credit=outer, amount=amount), NoticeRow(debit=outer, credit="79.02", amount=amount)
    said = {name: told.header[name] for name in ("key", "date")}
    return Notice(**said, sender=sender, receiver=receiver, nature="obligation", sender_rows=[sides[0]], receiver_rows=[sides[1]])


MAKERS: Final[dict[str, Maker]] = {
    "sale": supply, "purchase": supply,
    **dict.fromkeys(CORRECTIONS, correction),
    **dict.fromkeys(
        ("payment_from_customer", "refund_to_customer", "payment_to_supplier", "refund_from_supplier", "other_party_in", "other_party_out",
         "loan_received", "loan_repaid", "loan_interest_paid", "loan_granted", "loan_returned", "packaging_deposit_in",
         "packaging_deposit_out", "other_in", "other_out"),
        payment,
    ),
    **dict.fromkeys(
        ("opening_customer_debts", "opening_customer_advances", "opening_supplier_debts", "opening_supplier_advances",
         "opening_other_debts", "opening_other_advances"),
        opening,
    ),
    "manual_entry": manual,
    **dict.fromkeys(("set_off", "debt_transfer", "debt_write_off", "debt_accrual", "netting"), adjustment),
    "advance_offset": advance_offset,
    **dict.fromkeys(("packaging_issued", "packaging_returned", "packaging_received", "packaging_given_back"), packaging),
    "advance_vat": advance_vat,
    "issued_invoice": invoice, "received_invoice": invoice,
    "revaluation": revaluation,
    **dict.fromkeys(PLANS, plan),
    "branch_notice": branch_notice, "local_entry": local_entry, "loan_interest": loan_interest,
    "doubtful_reserve": doubtful_reserve,
}  # fmt: skip
"""How a document of each kind is drawn; None where nothing in the history has what it needs yet."""
