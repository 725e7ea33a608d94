"""Documents of every kind, in every chart, under every sort of contract: what hypothesis draws them from."""

from __future__ import annotations

from typing import Any, NamedTuple, get_args

from hypothesis import strategies as st

from setoff.core.money import format_amount
from setoff.parties.records import Detail, Stage
from setoff.trade.correction import BASES
from setoff.trade.directory import AgreementTerms, ContractTerms, Directory
from setoff.trade.documents import (
    AdjustmentReceiver,
    AdjustmentRow,
    AdvanceVat,
    AnyDocument,
    BranchNotice,
    CustomerBill,
    CustomerOrder,
    DebtAdjustment,
    DueStage,
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
    Revaluation,
    Sale,
    SaleCorrection,
    SaleReturn,
    Side,
    SupplierBill,
    SupplierOrder,
)
from setoff.trade.invoice_documents import InvoiceBase, InvoiceSum, IssuedInvoice, ReceivedInvoice
from setoff.trade.kinds import ADJUSTMENTS, KINDS
from setoff.trade.lines import gross_of
from setoff.trade.order_documents import OrderStage, OrderStatus, StageVariant
from setoff.trade.terms import RELATIONS, debt_sign
from tests.trade.any_interest import calculations
from tests.trade.any_lines import amounts, lines, rates, revaluation_rates
from tests.trade.any_notice import notice_rows, notice_sides
from tests.trade.any_offset import any_offset
from tests.trade.any_reserve import any_reserve
from tests.trade.stage import cast_directory, enter

CAST = cast_directory()
CURRENCIES = ("RUB", "EUR", "CNY", "USD", "JPY", "KWD")
DAY = "2025-02-15"


class Drawn(NamedTuple):
    """A document and the directory it is posted against; document id 100."""

    document: AnyDocument
    directory: Directory

    def __repr__(self) -> str:
        return f"{self.document} with {list(self.directory.contracts.values())}"


@st.composite
def documents(draw: st.DrawFn, kind: str) -> Drawn:
    """A document of a kind that no rule refuses: of any unit, with or without a contract, in any currency."""
    unit = draw(st.sampled_from(sorted(CAST.units)))
    directory = Directory(dict(CAST.units), dict(CAST.counterparties), {}, {}, {}, dict(CAST.rates))
    book = directory.units[unit].book_currency
    contract = draw(contracts(directory, unit, kind))
    currency = contract.currency if contract else draw(st.sampled_from([book, *CURRENCIES]))
    if contract:
        directory.contracts["C"] = contract
    directory.agreements["A"] = AgreementTerms("A", currency, False, draw(st.sampled_from(("order", "invoice"))), (), "active", None, None)
    header: dict[str, Any] = {
        "unit": unit,
        "date": DAY,
        "contours": draw(st.sampled_from((("reg", "mgmt"), ("reg",), ("mgmt",)))),
        "rate": "" if currency == book else draw(rates()),
    }
    party = {"counterparty": "VEGA", "contract": "C" if contract else "", "order": draw(st.sampled_from(("", "O-1")))}
    if not contract:
        party["agreement"] = draw(st.sampled_from(("", "A")))
    make = _MAKERS.get(kind, _payment)
    return draw(make(directory, kind, header, party, currency))


@st.composite
def contracts(draw: st.DrawFn, directory: Directory, unit: str, kind: str) -> ContractTerms | None:
    if kind not in RELATIONS or (kind != "loan_interest" and draw(st.integers(0, 4)) == 0):
        return None
    terms = directory.units[unit]
    currency = draw(st.sampled_from([terms.book_currency, terms.book_currency, *CURRENCIES]))
    details = get_args(Detail)
    shares = draw(st.sampled_from(((), ("100",), ("30", "70"), ("33.3", "33.3", "33.4"), ("10",) * 10)))
    return ContractTerms(
        9, "C", "C-1", terms.organization_id, directory.counterparties["VEGA"].id,
        draw(st.sampled_from([relation for relation in RELATIONS[kind] if relation])), currency,
        draw(st.sampled_from([currency, terms.book_currency])), draw(st.sampled_from(details)),
        draw(st.sampled_from(("automatic", "manual"))), "moment", draw(st.sampled_from(details)), "active", None, None,
        tuple(Stage(percent=share, days=7 * number) for number, share in enumerate(shares)), None,
    )  # fmt: skip


def _split(draw: st.DrawFn, amount: int, parts: int) -> list[int]:
    """An amount in so many parts above zero."""
    cuts = sorted(draw(st.lists(st.integers(1, amount - 1), min_size=parts - 1, max_size=parts - 1, unique=True)))
    return [after - before for before, after in zip([0, *cuts], [*cuts, amount], strict=True)]


@st.composite
def _supply(draw: st.DrawFn, directory: Directory, kind: str, header: dict[str, Any], party: dict[str, str], currency: str) -> Drawn:
    book = directory.units[header["unit"]].book_currency
    includes_vat = draw(st.booleans())
    sold = draw(lines(currency, book, kind == "sale"))
    fields: dict[str, Any] = {**header, **party, "currency": currency, "prices_include_vat": includes_vat, "lines": sold}
    if draw(st.booleans()):
        total = gross_of(sold, currency, includes_vat)
        count = draw(st.integers(1, 3))
        least = 10_000 if count > 1 else 0
        parts = [part + least for part in _split(draw, total - least * count, count)] if total > 50_000 else [total]
        fields["stages"] = [DueStage(due="2025-03-01", amount=format_amount(part, currency)) for part in parts]
    else:
        fields["due"] = draw(st.sampled_from(("", "2025-03-01")))
    return Drawn(Sale(**fields) if kind == "sale" else Purchase(**fields), directory)


@st.composite
def _correction(draw: st.DrawFn, directory: Directory, kind: str, header: dict[str, Any], party: dict[str, str], currency: str) -> Drawn:
    book = directory.units[header["unit"]].book_currency
    is_sale = BASES[kind] == "sale"
    fields: dict[str, Any] = {**header, "lines": draw(lines(currency, book, is_sale))}
    fields["prices_include_vat"] = draw(st.booleans())
    up = kind.endswith("_correction") and draw(st.booleans())
    if kind.endswith("_correction"):
        fields["direction"] = "up" if up else "down"
    if up or draw(st.booleans()):
        base_fields = {
            "unit": header["unit"],
            "date": "2025-02-01",
            **party,
            "currency": currency,
            "lines": [*fields["lines"], Line(amount="1000000")],
        }
        base_fields["prices_include_vat"] = fields["prices_include_vat"]
        without_costs = [_without_cost(line) for line in base_fields["lines"]]
        base = Sale(**base_fields) if is_sale else Purchase(**{**base_fields, "lines": without_costs})
        enter(directory, "base", 7, base)
        fields["base"] = "base"
    else:
        fields |= {**party, "currency": currency}
    types = {
        "sale_correction": SaleCorrection,
        "purchase_correction": PurchaseCorrection,
        "sale_return": SaleReturn,
        "purchase_return": PurchaseReturn,
    }
    return Drawn(types[kind](**fields), directory)


def _without_cost(line: Line) -> Line:
    return Line(amount=line.amount, quantity=line.quantity, price=line.price, vat_rate=line.vat_rate, kind=line.kind)


@st.composite
def _payment(draw: st.DrawFn, directory: Directory, kind: str, header: dict[str, Any], party: dict[str, str], currency: str) -> Drawn:
    book = directory.units[header["unit"]].book_currency
    paid = draw(st.sampled_from(sorted({currency, book})))
    amount = draw(st.integers(2_000_000, 10**11))
    if paid != currency:
        header["rate"] = draw(st.sampled_from(("0.05", "0.3333", "1", "7.1", "40.15")))
    elif paid == book:
        header["rate"] = ""
    fields: dict[str, Any] = {
        **header,
        "kind": kind,
        "amount": format_amount(amount, paid),
        "currency": paid,
        "cash": draw(st.booleans()),
    }
    if kind in ("other_in", "other_out"):
        account = next(code for code, found in directory.units[header["unit"]].chart.accounts.items() if not found.is_settlement)
        parts = _split(draw, amount, draw(st.integers(1, 3)))
        rows = [PaymentRow(amount=format_amount(part, paid), item="x") for part in parts]
        return Drawn(Payment(**fields, account=account, rows=rows if draw(st.booleans()) else []), directory)
    fields |= party
    named = _targets(draw, directory, header, party, currency) if paid == currency else []
    if draw(st.booleans()):
        parts = [amount - 1_500_000, 1_500_000] if amount > 3_000_000 else [amount]
        own = currency if not party["contract"] else ""
        rows = [PaymentRow(amount=format_amount(part, paid), currency=own) for part in parts]
        rows[0] = PaymentRow(amount=rows[0].amount, currency=own, targets=named if parts[0] >= 400_000 else [])
        return Drawn(Payment(**fields, rows=rows), directory)
    if not party["contract"] and paid != currency:
        fields["agreement"] = "A"
    return Drawn(Payment(**fields, targets=named, consent=draw(st.booleans())), directory)


def _targets(draw: st.DrawFn, directory: Directory, header: dict[str, Any], party: dict[str, str], currency: str) -> list[PaymentTarget]:
    """Up to three earlier sales as targets, whose parts leave something over."""
    found = []
    for number in range(draw(st.integers(0, 3))):
        sale = Sale(unit=header["unit"], date="2025-02-01", **party, currency=currency, lines=[Line(amount="100")])
        enter(directory, f"sale {number}", 10 + number, sale)
        amount = format_amount(draw(st.integers(100_000, 130_000)), currency)
        found.append(PaymentTarget(document=f"sale {number}", amount=amount, named_by=draw(st.sampled_from(("payer", "internal")))))
    return found


@st.composite
def _opening(draw: st.DrawFn, directory: Directory, kind: str, header: dict[str, Any], party: dict[str, str], currency: str) -> Drawn:
    book = directory.units[header["unit"]].book_currency
    rows = []
    for number in range(draw(st.integers(1, 3))):
        more = {"book_amount": draw(amounts(book))} if currency != book else {}
        rows.append(OpeningRow(number=f"{number}", date="2024-12-31", amount=draw(amounts(currency)), currency=currency, **party, **more))
    kept = {name: value for name, value in header.items() if name != "rate"}
    return Drawn(OpeningBalance(**kept, kind=kind.removeprefix("opening_"), rows=rows), directory)


@st.composite
def _manual(draw: st.DrawFn, directory: Directory, kind: str, header: dict[str, Any], party: dict[str, str], currency: str) -> Drawn:
    book = directory.units[header["unit"]].book_currency
    account = next(code for code, found in directory.units[header["unit"]].chart.accounts.items() if not found.is_settlement)

    def side() -> Side:
        if draw(st.booleans()):
            return Side(account=account, item=draw(st.sampled_from(("", "x"))))
        more = {"amount": draw(amounts(currency))} if currency != book else {}
        relation = "" if party["contract"] else "other"
        places = {name: value for name, value in party.items() if name != "agreement"}
        return Side(**places, relation=relation, currency=currency, **more)

    rows = [ManualRow(debit=side(), credit=side(), amount=draw(amounts(book))) for _ in range(draw(st.integers(1, 3)))]
    kept = {name: value for name, value in header.items() if name != "rate"}
    return Drawn(ManualEntry(**kept, rows=rows), directory)


@st.composite
def _notice(draw: st.DrawFn, directory: Directory, kind: str, header: dict[str, Any], party: dict[str, str], currency: str) -> Drawn:
    kept = {name: value for name, value in header.items() if name != "rate"}
    rows = draw(notice_rows(directory, kind, header["unit"], party))
    return Drawn(BranchNotice(**kept, **notice_sides(kind), rows=rows), directory)


@st.composite
def _adjustment(draw: st.DrawFn, directory: Directory, kind: str, header: dict[str, Any], party: dict[str, str], currency: str) -> Drawn:
    """Rows that name a supply, so that they are sound under every detail; both sides of a set-off are the same in another division."""
    said = {name: kept for kept, name in ADJUSTMENTS.items()}[kind]
    relation = {"relation": "" if party["contract"] else "other"}
    names_any = {**party, **relation, "currency": currency}
    total = draw(st.integers(2_000_000, 10**11))
    fields: dict[str, Any] = {**header, "kind": said}
    enter(directory, "sale", 10, Sale(unit=header["unit"], date="2025-02-01", **party, currency=currency, lines=[Line(amount="100")]))

    def rows(side: str) -> list[AdjustmentRow]:
        parts = [part + 10_000 for part in _split(draw, total - 30_000, 3)] if draw(st.booleans()) else [total]
        more = {} if said == "accrual" else {"document": "sale"}
        return [AdjustmentRow(side=side, amount=format_amount(part, currency), **names_any, **more) for part in parts]

    fields["rows"] = rows("they_owe_us")
    if said in ("set_off", "netting"):
        fields["rows"] += rows("we_owe_them")
    elif said == "transfer" and currency != directory.units[header["unit"]].book_currency:
        contract = directory.contracts.get(party["contract"])  # an advance in foreign currency takes along what it was carried at
        fields["rows"] = rows("they_owe_us" if debt_sign(contract.relation if contract else "other") > 0 else "we_owe_them")
    elif draw(st.booleans()):
        fields["rows"] = rows("we_owe_them")
    if said == "transfer":
        fields["receiver"] = AdjustmentReceiver(**names_any, due=draw(st.sampled_from(("", "2025-04-01"))))
    if said in ("write_off", "accrual"):
        chart = directory.units[header["unit"]].chart
        fields |= {"account": next(code for code, found in chart.accounts.items() if not found.is_settlement), "item": "x"}
    if said == "write_off":
        fields |= {"department": "x", "analytics": "x", "reason": "court", "reason_document": "x"}
    if said == "netting":
        fields["round"] = "R-1"
    return Drawn(DebtAdjustment(**fields), directory)


@st.composite
def _advance_vat(
    draw: st.DrawFn, directory: Directory, _kind: str, header: dict[str, Any], party: dict[str, str], currency: str
) -> Drawn:
    decision = draw(st.sampled_from(("deduct", "expense", "invoice")))
    kind = "payment_to_supplier" if decision == "invoice" else "refund_to_customer"
    named = Payment(unit=header["unit"], date="2025-02-01", kind=kind, **party, currency=currency, amount="100")
    enter(directory, "named", 10, named)
    kept = {name: value for name, value in header.items() if name != "rate"}
    more = {"vat": draw(amounts(directory.units[header["unit"]].book_currency))} if decision == "invoice" else {}
    return Drawn(AdvanceVat(**kept, decision=decision, document="named", **more), directory)


@st.composite
def _invoice(
    draw: st.DrawFn, directory: Directory, kind: str, header: dict[str, Any], party: dict[str, str], currency: str
) -> Drawn:
    """For a supply or a correction of one, with its sums or with others and the reason."""
    unit, is_issued = header["unit"], kind == "issued_invoice"
    book = directory.units[unit].book_currency
    supply, correction = (Sale, SaleCorrection) if is_issued else (Purchase, PurchaseCorrection)
    common = {"unit": unit, "rate": header["rate"], "currency": currency}
    enter(directory, "base", 10, supply(**common, date="2025-02-01", **party, lines=draw(lines(currency, book, costs=False))))
    fields: dict[str, Any] = {name: value for name, value in header.items() if name != "rate"} | {"bases": [InvoiceBase(document="base")]}
    if not is_issued:
        fields |= {"incoming_number": "7", "incoming_date": "2025-02-03", "deduct": draw(st.booleans())}
    if draw(st.booleans()):
        more = {"base": "base", "direction": draw(st.sampled_from(("up", "down"))), "lines": [Line(amount="1", vat_rate="20")]}
        original = {**fields, "date": "2025-02-02", "contours": ("reg", "mgmt")}
        enter(directory, "original", 11, (IssuedInvoice if is_issued else ReceivedInvoice)(**original))
        enter(directory, "correction", 12, correction(**common, date="2025-02-03", **more))
        fields |= {"invoice_kind": "correction", "original": "original", "bases": [InvoiceBase(document="correction")]}
    if draw(st.booleans()):
        fields |= {"sums": [InvoiceSum(amount=draw(amounts(book)), vat_rate="20")], "difference": "rounded by hand"}
    return Drawn((IssuedInvoice if is_issued else ReceivedInvoice)(**fields), directory)


@st.composite
def _revaluation(
    draw: st.DrawFn, directory: Directory, _kind: str, header: dict[str, Any], _party: dict[str, str], _currency: str
) -> Drawn:
    drawn = draw(revaluation_rates(directory.units[header["unit"]].book_currency))
    return Drawn(Revaluation(**header, rates=drawn), directory)


@st.composite
def _interest(draw: st.DrawFn, directory: Directory, _kind: str, header: dict[str, Any], party: dict[str, str], currency: str) -> Drawn:
    named = {name: party[name] for name in ("counterparty", "contract")}
    return Drawn(LoanInterest(**header, **named, **draw(calculations(currency))), directory)


@st.composite
def _plan(draw: st.DrawFn, directory: Directory, kind: str, header: dict[str, Any], party: dict[str, str], currency: str) -> Drawn:
    book = directory.units[header["unit"]].book_currency
    named = {name: value for name, value in party.items() if name != "order"}
    fields: dict[str, Any] = {**header, **named, "currency": currency, "lines": draw(lines(currency, book, False))}
    fields["prices_include_vat"] = draw(st.booleans())
    if draw(st.booleans()):
        cuts = draw(st.lists(st.integers(1, 99), max_size=4, unique=True))
        shares = [after - before for before, after in zip([0, *sorted(cuts)], [*sorted(cuts), 100], strict=True)]
        variants = st.sampled_from(get_args(StageVariant))
        fields["stages"] = [OrderStage(variant=draw(variants), percent=str(share), days=draw(st.integers(-9, 90))) for share in shares]
    if kind.endswith("bill"):
        return Drawn(PLANS[kind](**fields, order=party["order"], due=draw(st.sampled_from(("", "2025-03-01")))), directory)
    more = {"status": draw(st.sampled_from(get_args(OrderStatus))), "desired": draw(st.sampled_from(("", "2025-03-10")))}
    return Drawn(PLANS[kind](**fields, **more), directory)


@st.composite
def _packaging(draw: st.DrawFn, directory: Directory, kind: str, header: dict[str, Any], party: dict[str, str], currency: str) -> Drawn:
    book = directory.units[header["unit"]].book_currency
    parts = [Line(amount=line.amount, quantity=line.quantity, price=line.price, kind=line.kind, item=line.item)
             for line in draw(lines(currency, book, costs=False))]
    fields: dict[str, Any] = {**header, **party, "currency": currency, "kind": kind.removeprefix("packaging_"), "lines": parts}
    del fields["order"]
    if kind in ("packaging_issued", "packaging_received"):
        fields["due"] = draw(st.sampled_from(("", "2025-03-01")))
    return Drawn(Packaging(**fields), directory)


PLANS: dict[str, Any] = {plan.__struct_config__.tag: plan for plan in (CustomerOrder, SupplierOrder, CustomerBill, SupplierBill)}
_MAKERS: dict[str, Any] = {
    **dict.fromkeys(PLANS, _plan),
    **dict.fromkeys(("packaging_issued", "packaging_returned", "packaging_received", "packaging_given_back"), _packaging),
    "issued_invoice": _invoice,
    "received_invoice": _invoice,
    **dict.fromkeys(ADJUSTMENTS.values(), _adjustment),
    "advance_offset": lambda directory, *drawn: any_offset(directory, *drawn[1:]).map(lambda found: Drawn(found, directory)),
    "advance_vat": _advance_vat,
    "revaluation": _revaluation,
    "loan_interest": _interest,
    "doubtful_reserve": lambda directory, *drawn: any_reserve(directory, *drawn[1:3]).map(lambda found: Drawn(found, directory)),
    "sale": _supply,
    "purchase": _supply,
    "manual_entry": _manual,
    "branch_notice": _notice,
    "local_entry": _notice,
    **dict.fromkeys(BASES, _correction),
    **{kind: _opening for kind in KINDS if kind.startswith("opening_")},
}
