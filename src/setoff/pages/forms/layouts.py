"""The layout of every kind of document. A new kind is a row here (CONTRIBUTING.md); a test compares them with the structures."""

from __future__ import annotations

from typing import Final, get_args

from setoff.core.errors import DomainError, ErrorCode
from setoff.pages.forms.grids import ORDER_STAGES, RESERVE, RESERVE_ROWS, REVALUATION_RATES
from setoff.pages.forms.layout import Field, Grid, Layout
from setoff.pages.forms.loan_fields import INTEREST_ROWS, LOAN_PART, SPLIT, STAGED
from setoff.parties.records import Relation
from setoff.trade.debited import PAY_DEBTS
from setoff.trade.documents import DebtSide, PackagingKind, PaymentKind
from setoff.trade.invoice_documents import InvoiceKind
from setoff.trade.kinds import ADJUSTMENTS, KINDS
from setoff.trade.notice_documents import Analytics, Direction, Flow, NoticeNature
from setoff.trade.opening import SAYS_VAT
from setoff.trade.order_documents import OrderStatus
from setoff.trade.payment import REFUNDS
from setoff.trade.payment_fields import GIVE_BACK_ADVANCES, LOAN_PAYMENTS, LOANS_MADE, WITHOUT_NODE

UNIT: Final = Field("unit", "pick", "unit", is_required=True)
DATE: Final = Field("date", "day", is_required=True)
NUMBER: Final = Field("number")
HEAD: Final = (UNIT, DATE, NUMBER)
FOOT: Final = (
    Field("contours", "contours", more=True),
    Field("rate", "number", more=True),
    Field("day_order", "whole", more=True),
    Field("comment", "note"),
    Field("key", "hidden"),
)
COUNTERPARTY: Final = Field("counterparty", "pick", "counterparty", is_required=True)
CONTRACT: Final = Field("contract", "pick", "contract")
AGREEMENT: Final = Field("agreement", "pick", "agreement", more=True)
CURRENCY: Final = Field("currency", "pick", "currency", more=True)
ORDER: Final = Field("order", "pick", "order", more=True)
BILL: Final = Field("bill", "pick", "bill", more=True)
DUE: Final = Field("due", "day")
WITH_VAT: Final = Field("prices_include_vat", "flag")

LINES: Final = Grid(
    "lines",
    (
        Field("name", label="line-name"),
        Field("kind", "select", choices=("goods", "services", "materials"), label="line-kind"),
        Field("quantity", "number"),
        Field("price", "number"),
        Field("vat_rate", "number"),
        Field("amount", "amount", label="gross"),
        Field("vat", "amount"),
        Field("cost", "amount"),
        Field("account", "pick", "account"),
        Field("item"),
    ),
)
DISBURSEMENTS: Final = Grid(
    "disbursements",
    (
        Field("counterparty", "pick", "counterparty", label="cost-creditor"),
        Field("contract", "pick", "contract"),
        Field("amount", "amount"),
        Field("name", label="cost-name"),
    ),
    more=True,
)
PACKAGING_LINES: Final = Grid("lines", (*LINES.columns[:4], Field("amount", "amount"), *LINES.columns[-2:]))
PACKAGING_OPENS: Final = ("issued", "received")
STAGES: Final = Grid("stages", (Field("due", "day"), Field("amount", "amount")), more=True)
TARGETS: Final = Grid(
    "targets",
    (
        Field("document", "pick", "target"),
        Field("line", "whole", label="document-line"),
        Field("amount", "amount"),
        Field("named_by", "select", choices=("payer", "internal")),
        Field("demoted", "hidden"),
    ),
)
SUPPLY: Final = (*HEAD, COUNTERPARTY, CONTRACT, DUE, WITH_VAT, AGREEMENT, CURRENCY, ORDER, BILL)
OF_BASE: Final = (
    Field("base", "pick", "base"),
    Field("counterparty", "pick", "counterparty", label="counterparty-without-base"),
    CONTRACT,
    WITH_VAT,
    AGREEMENT,
    CURRENCY,
    ORDER,
)
CORRECTION: Final = (*HEAD, Field("direction", "select", choices=("down", "up"), is_required=True), *OF_BASE, DUE)
MONEY: Final = (
    *HEAD,
    Field("amount", "amount", is_required=True),
    CURRENCY._replace(more=False),
    Field("bank_account"),
    Field("cash", "flag"),
)
PAYMENT: Final = (
    *MONEY,
    COUNTERPARTY,
    CONTRACT,
    ORDER._replace(more=False),
    BILL,
    AGREEMENT,
    Field("payer", "pick", "counterparty", more=True),
    Field("item", label="cash-flow-item", more=True),
    Field("purpose", "note"),
)
CONSENT: Final = Field("consent", "flag", label="debt-consent", more=True)
DEBITED: Final = Field("debited", "day", more=True)
PAYMENT_ROWS: Final = Grid(
    "rows",
    (
        CONTRACT,
        ORDER,
        BILL,
        Field("amount", "amount"),
        Field("currency", "pick", "currency", label="settlement-currency"),
        Field("settlement_amount", "amount"),
        Field("rate", "number", label="row-rate"),
        Field("item", label="cash-flow-item"),
    ),
    stacked=True,
    inner=(TARGETS,),
    more=True,
)
LOAN_ROWS: Final = PAYMENT_ROWS._replace(columns=(LOAN_PART, *PAYMENT_ROWS.columns))
CASH_FLOW: Final = Field("item", label="cash-flow-item")
PLAIN_MONEY: Final = (*MONEY, Field("account", "pick", "account", is_required=True), CASH_FLOW, Field("purpose", "note"))
RECOVERED: Final = (
    Field("written_off", "pick", "document", more=True), Field("counterparty", "pick", "counterparty", more=True),
)  # fmt: skip
PLAIN_ROWS: Final = Grid("rows", (Field("amount", "amount"), Field("rate", "number", label="row-rate"), CASH_FLOW), more=True)
OPENING_ROWS: Final = Grid(
    "rows",
    (
        Field("counterparty", "pick", "counterparty"),
        Field("contract", "pick", "contract"),
        Field("number", label="document-number"),
        Field("date", "day", label="document-date"),
        Field("amount", "amount"),
        DUE,
        Field("currency", "pick", "currency"),
        Field("book_amount", "amount"),
        ORDER,
        AGREEMENT,
    ),
)
OPENING_ADVANCES: Final = OPENING_ROWS._replace(columns=(*OPENING_ROWS.columns, Field("vat", "amount")))
"""With the VAT that the books before had of an advance."""
RELATIONS: Final = ("", *get_args(Relation))


def _side(name: str) -> tuple[Field, ...]:
    return (
        Field(f"{name}.account", "pick", "account"),
        Field(f"{name}.counterparty", "pick", "counterparty"),
        Field(f"{name}.contract", "pick", "contract"),
        Field(f"{name}.relation", "select", choices=RELATIONS),
        Field(f"{name}.order", "pick", "order"),
        Field(f"{name}.item"),
        Field(f"{name}.currency", "pick", "currency"),
        Field(f"{name}.amount", "amount", label="currency-amount"),
    )


TERMINATED: Final = Field("terminated", "flag")
IN_BOOK_CURRENCY: Final = Field("amount", "amount", label="book-currency-amount")
MANUAL_ROWS: Final = Grid("rows", (*_side("debit"), *_side("credit"), IN_BOOK_CURRENCY), stacked=True)

ADJUSTED: Final = (
    Field("counterparty", "pick", "counterparty"),
    Field("contract", "pick", "contract"),
    ORDER,
    Field("document", "pick", "target"),
    Field("line", "whole", label="document-line"),
    Field("amount", "amount"),
    Field("currency", "pick", "currency", label="settlement-currency"),
    Field("relation", "select", choices=RELATIONS),
    AGREEMENT,
    TERMINATED,
)
ADJUSTMENT_ROWS: Final = Grid("rows", (Field("side", "select", choices=get_args(DebtSide)), *ADJUSTED), stacked=True)
WRITE_OFF_ROWS: Final = ADJUSTMENT_ROWS._replace(columns=(*ADJUSTMENT_ROWS.columns, Field("reserve", "amount")))
LINKED: Final = Grid(
    "linked",
    (
        Field("type", "select", choices=("invoice", "act", "waybill", "contract", "payment", "register"), label="linked-type"),
        Field("number", label="document-number"),
        Field("date", "day", label="document-date"),
        Field("amount", "amount"),
        Field("document", "pick", "document"),
    ),
    more=True,
)
SIGNATORIES: Final = Grid(
    "signatories",
    (Field("name", label="signatory"), Field("position"), Field("counterparty", "pick", "counterparty", label="signs-for")),
    more=True,
)
REVERSES: Final = Field("reverses", "pick", "base", more=True)
OF_ADJUSTMENT: Final = (
    Field("reason", "select", choices=("", "act", "notice", "agreement", "limitation", "liquidation", "court", "kopecks")),
    Field("reason_document"),
    CURRENCY,
    Field("one_sided", "flag", more=True),
    Field("place", more=True),
    REVERSES,
)
WITH_ACCOUNT: Final = (Field("account", "pick", "account"), Field("item"))
WITH_EXPENSE: Final = (
    Field("account", "pick", "account"), Field("item", label="expense-item"), Field("department"), Field("analytics"),
)  # fmt: skip
OF_KIND: Final = {
    "set_off": (
        Field("difference", "select", choices=("", "write_off"), more=True),
        *(field._replace(more=True) for field in WITH_ACCOUNT),
    ),
    "transfer": (
        Field("receiver.counterparty", "pick", "counterparty", label="receiver"),
        Field("receiver.contract", "pick", "contract", label="receiver-contract"),
        Field("receiver.due", "day"),
        Field("receiver.order", "pick", "order", label="receiver-order", more=True),
        Field("receiver.currency", "pick", "currency", label="receiver-currency", more=True),
        Field("receiver.relation", "select", choices=RELATIONS, label="receiver-relation", more=True),
        Field("receiver.agreement", "pick", "agreement", label="receiver-agreement", more=True),
    ),
    "write_off": WITH_EXPENSE,
    "accrual": WITH_EXPENSE,
    "netting": (Field("round", is_required=True),),
}
"""The fields that only some kinds of adjustment have (trade/adjustment.py)."""
ADVANCE_OFFSET: Final = (
    *HEAD, COUNTERPARTY._replace(is_required=False), CONTRACT, Field("amount", "amount"), Field("advance", "pick", "advance"),
    Field("advance_line", "whole", label="document-line", more=True),
    Field("document", "pick", "debt", label="debt-document"), Field("line", "whole", label="document-line", more=True),
    ORDER._replace(more=False), AGREEMENT, CURRENCY, Field("relation", "select", choices=RELATIONS, more=True),
    REVERSES, *FOOT,
)  # fmt: skip


ADVANCE_VAT: Final = (
    *HEAD, Field("decision", "select", choices=("deduct", "expense", "invoice"), is_required=True),
    Field("document", "pick", "document", is_required=True), Field("vat", "amount"),
    Field("incoming_number"), Field("incoming_date", "day"), Field("line", "whole", label="document-line", more=True), *FOOT,
)  # fmt: skip

INVOICE_BASES: Final = Grid("bases", (Field("document", "pick", "document"),))
INVOICE_SUMS: Final = Grid(
    "sums", (Field("vat_rate", "number"), Field("amount", "amount", label="gross"), Field("vat", "amount")), more=True
)
INVOICE_KIND: Final = Field("invoice_kind", "select", choices=get_args(InvoiceKind), is_required=True)
INVOICE_REST: Final = (
    Field("original", "pick", "document", more=True), Field("operation_code", more=True),
    Field("difference", "note", label="invoice-difference", more=True), *FOOT,
)  # fmt: skip
RECEIVED: Final = (
    *HEAD, Field("incoming_number", is_required=True), Field("incoming_date", "day", is_required=True), Field("received", "day"),
    INVOICE_KIND, Field("deduct", "flag"), Field("line", "whole", label="document-line", more=True), *INVOICE_REST,
)  # fmt: skip
PLAN_HEAD: Final = (*HEAD, COUNTERPARTY, CONTRACT)
PLAN_FOOT: Final = (WITH_VAT, AGREEMENT, CURRENCY, Field("probability", "number", more=True), *FOOT)
ORDERED: Final = (
    Field("status", "select", choices=get_args(OrderStatus), is_required=True), Field("desired", "day"), Field("approved", "day"),
)  # fmt: skip
BILLED: Final = (ORDER._replace(more=False), DUE, Field("purpose", "note"), Field("annulled", "flag", more=True))
ORDER_LAYOUTS: Final = (
    *(
        Layout(kind, kind, (*PLAN_HEAD, *ORDERED, *PLAN_FOOT), (LINES, ORDER_STAGES))
        for kind in ("customer_order", "supplier_order")
    ),
    Layout("customer_bill", "customer_bill", (*PLAN_HEAD, *BILLED, *PLAN_FOOT), (LINES, ORDER_STAGES)),
    Layout(
        "supplier_bill", "supplier_bill",
        (*PLAN_HEAD, Field("incoming_number"), Field("incoming_date", "day"), *BILLED, *PLAN_FOOT), (LINES, ORDER_STAGES),
    ),
)  # fmt: skip


NOTICE_ROWS: Final = Grid(
    "rows",
    (
        Field("debit", label="notice-debit"),
        Field("credit", label="notice-credit"),
        Field("amount", "amount"),
        Field("counterparty", "pick", "counterparty"),
        CONTRACT,
        Field("relation", "select", choices=RELATIONS),
        ORDER,
        Field("item"),
        Field("flow", "select", choices=get_args(Flow)),
        Field("claim", "select", choices=get_args(Analytics)),
    ),
    stacked=True,
)
OF_NOTICE: Final = (
    Field("operation"),
    Field("nature", "select", choices=get_args(NoticeNature)),
    Field("money", "select", choices=get_args(Direction)),
    Field("notice", more=True),
    Field("other", "pick", "unit", more=True),
    Field("side", "select", choices=("", "sender", "receiver"), label="notice-side", more=True),
)


def _adjustment(kind: str) -> Layout:
    fields = (*HEAD, *OF_KIND[kind], *OF_ADJUSTMENT, *FOOT)
    rows = WRITE_OFF_ROWS if kind == "write_off" else ADJUSTMENT_ROWS
    grids = (rows, STAGES, SIGNATORIES, LINKED) if kind == "transfer" else (rows, SIGNATORIES, LINKED)
    return Layout(ADJUSTMENTS[kind], "debt_adjustment", fields, grids, (("kind", kind),))


def _payment(kind: str) -> Layout:
    fixed = (("kind", kind),)
    if kind in WITHOUT_NODE:
        return Layout(kind, "payment", (*PLAIN_MONEY, *(RECOVERED if kind == "other_in" else ()), *FOOT), (PLAIN_ROWS,), fixed)
    if kind in LOAN_PAYMENTS:
        return Layout(kind, "payment", (*PAYMENT, SPLIT, *FOOT), (TARGETS, LOAN_ROWS), fixed)
    if kind in LOANS_MADE:
        return Layout(kind, "payment", (*PAYMENT, STAGED, *FOOT), (STAGES, TARGETS, PAYMENT_ROWS), fixed)
    told = (*([CONSENT] if kind in REFUNDS else []), *([DEBITED] if kind in PAY_DEBTS else []))
    fields = (*PAYMENT, *told, *([TERMINATED] if kind in GIVE_BACK_ADVANCES else []), *FOOT)
    return Layout(kind, "payment", fields, (TARGETS, PAYMENT_ROWS), fixed)


def _packaging(kind: str) -> Layout:
    fields = (*HEAD, COUNTERPARTY, CONTRACT, *([DUE] if kind in PACKAGING_OPENS else []), AGREEMENT, CURRENCY, *FOOT)
    return Layout(f"packaging_{kind}", "packaging", fields, (PACKAGING_LINES,), (("kind", kind),))


INTEREST: Final = (
    *HEAD, COUNTERPARTY, Field("contract", "pick", "contract", is_required=True),
    Field("first", "day", label="interest-from", is_required=True), Field("last", "day", label="interest-to", is_required=True),
    Field("amount", "amount", is_required=True), DUE, Field("item", is_required=True), Field("account", "pick", "account", more=True),
    Field("typed", "flag"),
)  # fmt: skip


def _made() -> dict[str, Layout]:
    incoming = (Field("incoming_number"), Field("incoming_date", "day"))
    layouts = [
        Layout("sale", "sale", (*SUPPLY, Field("after_end", "flag", more=True), *FOOT), (LINES, DISBURSEMENTS, STAGES)),
        Layout("purchase", "purchase", (*SUPPLY[:5], *incoming, *SUPPLY[5:], *FOOT), (LINES, STAGES)),
        *(Layout(name, name, (*CORRECTION, *FOOT), (LINES,)) for name in ("sale_correction", "purchase_correction")),
        *(Layout(name, name, (*HEAD, *OF_BASE, *FOOT), (LINES,)) for name in ("sale_return", "purchase_return")),
        Layout("manual_entry", "manual_entry", (*HEAD, *FOOT), (MANUAL_ROWS,)),
        Layout("advance_offset", "advance_offset", ADVANCE_OFFSET),
        Layout("advance_vat", "advance_vat", ADVANCE_VAT),
        Layout("issued_invoice", "issued_invoice", (*HEAD, INVOICE_KIND, *INVOICE_REST), (INVOICE_BASES, INVOICE_SUMS)),
        Layout("received_invoice", "received_invoice", RECEIVED, (INVOICE_BASES, INVOICE_SUMS)),
        Layout("revaluation", "revaluation", (*HEAD, *FOOT), (REVALUATION_RATES,)),
        Layout("doubtful_reserve", "doubtful_reserve", (*HEAD, *RESERVE, *FOOT), (RESERVE_ROWS,)),
        *ORDER_LAYOUTS,
        *(Layout(kind, "branch_notice", (*HEAD, *OF_NOTICE, *FOOT), (NOTICE_ROWS,)) for kind in ("branch_notice", "local_entry")),
        Layout("loan_interest", "loan_interest", (*INTEREST, *FOOT), (INTEREST_ROWS,)),
    ]
    for kind in KINDS:
        if kind.startswith("opening_"):
            said = kind.removeprefix("opening_")
            rows = OPENING_ADVANCES if said in SAYS_VAT else OPENING_ROWS
            layouts.append(Layout(kind, "opening_balance", (*HEAD, *FOOT), (rows,), (("kind", said),)))
    layouts += [_packaging(kind) for kind in get_args(PackagingKind)]
    layouts += [_adjustment(kind) for kind in ADJUSTMENTS]
    layouts += [_payment(kind) for kind in get_args(PaymentKind)]
    return {layout.name: layout for layout in layouts}


LAYOUTS: Final = _made()
"""By registry name; a test finds a kind without one."""
GROUPS: Final = (
    ("sales", ("sale", "sale_correction", "sale_return")),
    ("purchases", ("purchase", "purchase_correction", "purchase_return")),
    ("money", ("payment_from_customer", "refund_to_customer", "payment_to_supplier", "refund_from_supplier", "other_in", "other_out")),
    (
        "further-money",
        (
            "other_party_in", "other_party_out", "loan_received", "loan_repaid", "loan_interest_paid", "loan_granted", "loan_returned",
            "packaging_deposit_in", "packaging_deposit_out",
        ),
    ),
    ("adjustments", ("set_off", "debt_transfer", "debt_write_off", "debt_accrual", "advance_offset", "netting", "advance_vat")),
    ("invoices", ("issued_invoice", "received_invoice")),
    ("packaging", ("packaging_issued", "packaging_returned", "packaging_received", "packaging_given_back")),
    ("month-end", ("revaluation", "loan_interest", "doubtful_reserve")),
    ("orders", ("customer_order", "customer_bill", "supplier_order", "supplier_bill")),
    ("entries", ("manual_entry", "local_entry", "branch_notice")),
    ("opening", tuple(kind for kind in KINDS if kind.startswith("opening_"))),
)  # fmt: skip
"""Where people choose them: text entry-group-NAME, kinds."""


def layout_of(kind: str) -> Layout:
    """Errors: unknown_reference."""
    if kind not in LAYOUTS:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="document_kind", value=kind)
    return LAYOUTS[kind]
