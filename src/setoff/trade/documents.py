"""Documents as people write them: the structures of `setoff import`, of the API and of the stored versions.

Amounts are decimal texts in the document's currency and always positive: the kind gives the direction (I10). Other records
are named by code, other documents by key. Spec 2.0, 2.2 to 2.6, 2.12, 7.
"""

from __future__ import annotations

from typing import Literal

from setoff.trade.document import Document as Document
from setoff.trade.document import DueStage as DueStage
from setoff.trade.document import Line as Line
from setoff.trade.document import Part as Part
from setoff.trade.invoice_documents import IssuedInvoice, ReceivedInvoice
from setoff.trade.loan_documents import InterestRow as InterestRow
from setoff.trade.loan_documents import LoanInterest as LoanInterest
from setoff.trade.notice_documents import BranchNotice as BranchNotice
from setoff.trade.order_documents import CustomerBill as CustomerBill
from setoff.trade.order_documents import CustomerOrder as CustomerOrder
from setoff.trade.order_documents import SupplierBill as SupplierBill
from setoff.trade.order_documents import SupplierOrder as SupplierOrder
from setoff.trade.revaluation_documents import Revaluation as Revaluation
from setoff.trade.revaluation_documents import RevaluationRate as RevaluationRate


class Supply(Document, kw_only=True):
    """`currency` must be the contract's; without a contract it is the settlement currency. `order` and `bill`: the keys of what it is
    shipped by."""

    counterparty: str
    lines: list[Line]
    contract: str = ""
    agreement: str = ""
    currency: str = ""
    order: str = ""
    bill: str = ""
    due: str = ""
    stages: list[DueStage] = []
    prices_include_vat: bool = True


class Disbursement(Part, kw_only=True):
    """Costs that others had for the buyer, passed on at cost (spec 5, D6): he owes them to us, and we to `counterparty`. No revenue, no VAT
    of ours. `name` tells what for, and by which paper."""

    counterparty: str
    amount: str
    contract: str = ""
    name: str = ""


class Sale(Supply, tag="sale", kw_only=True):
    """Goods or services to a buyer. `after_end`: still owed after the contract has ended, until all is handed over (spec 5, D16)."""

    disbursements: list[Disbursement] = []
    after_end: bool = False


class Purchase(Supply, tag="purchase", kw_only=True):
    """Goods or services from a supplier, with the number and date of his paper."""

    incoming_number: str = ""
    incoming_date: str = ""


class Correction(Document, kw_only=True):
    """A change of an earlier supply by the amounts of its lines. Party, contract and currency are the base's. A correction
    down whose base is not known (a credit note) names them itself and reduces the oldest debt."""

    direction: Literal["up", "down"]
    lines: list[Line]
    base: str = ""
    counterparty: str = ""
    contract: str = ""
    agreement: str = ""
    currency: str = ""
    order: str = ""
    due: str = ""
    prices_include_vat: bool = True


class SaleCorrection(Correction, tag="sale_correction", kw_only=True):
    """A price or quantity of a sale changed."""


class PurchaseCorrection(Correction, tag="purchase_correction", kw_only=True):
    """A price or quantity of a purchase changed."""


class Return(Document, kw_only=True):
    """Goods came back: a correction down that also moves the goods (`cost` of the lines). As there, `base` may be unknown."""

    lines: list[Line]
    base: str = ""
    counterparty: str = ""
    contract: str = ""
    agreement: str = ""
    currency: str = ""
    order: str = ""
    prices_include_vat: bool = True


class SaleReturn(Return, tag="sale_return", kw_only=True):
    """The buyer sent goods back."""


class PurchaseReturn(Return, tag="purchase_return", kw_only=True):
    """We sent goods back."""


class PaymentTarget(Part, kw_only=True):
    """A debt (or an advance, for a refund) that this row settles. `amount` in settlement currency. `line`: stage or
    opening row, 0 = the document's lots in order. `named_by` payer binds both contours, internal the management contour only.
    `demoted`: how much was cut off `amount` with consent when an earlier document took the lot; that part settles as if it
    named nothing."""

    document: str
    amount: str
    line: int = 0
    named_by: Literal["payer", "internal"] = "payer"
    demoted: str = ""


class PaymentRow(Part, kw_only=True):
    """A part of a payment for one contract (or order). `amount` in the payment currency; `rate` is payment currency for one
    unit of settlement currency (default: from the rate table); `settlement_amount` is only checked against it. `currency` is
    the settlement currency where no contract gives it. `part`: what of a loan is paid by a row of loan_repaid or loan_returned (empty:
    principal)."""

    amount: str
    part: Literal["", "costs", "interest", "principal"] = ""
    contract: str = ""
    order: str = ""
    bill: str = ""
    currency: str = ""
    settlement_amount: str = ""
    rate: str = ""
    targets: list[PaymentTarget] = []
    item: str = ""


PackagingKind = Literal["issued", "returned", "received", "given_back"]


class Packaging(Document, tag="packaging", kw_only=True):
    """Returnable packaging at its deposit price, on a contract of its own (spec 2.9): issued to a buyer and returned by him, received from
    a supplier and given back. No VAT. `due`: when it is to come back."""

    kind: PackagingKind
    counterparty: str
    lines: list[Line]
    contract: str = ""
    agreement: str = ""
    currency: str = ""
    due: str = ""


PaymentKind = Literal[
    "payment_from_customer", "refund_to_customer", "payment_to_supplier", "refund_from_supplier", "other_party_in",
    "other_party_out", "loan_received", "loan_repaid", "loan_interest_paid", "loan_granted", "loan_returned",
    "packaging_deposit_in", "packaging_deposit_out", "other_in", "other_out",
]  # fmt: skip


class Payment(Document, tag="payment", kw_only=True):
    """Money in or out. `counterparty` is whose debt it is; `payer` names the other party that actually paid or was paid.
    Without `rows` the header is the only row. `agreement` gives the settlement detail where there is no contract.
    Kinds other_in and other_out move money against `account`, which must hold no settlements. `terminated`: the advance is refunded because
    the contract was terminated or changed (VAT on advances, spec 2.8). `written_off`: the key of the write-off whose debtor, the
    `counterparty`, pays after all (other_in, spec 2.11). `split` by_law: the rows are the parts of a loan that the law says (Civil Code
    art. 319: costs, interest, principal), computed when it is posted and when something earlier changes; so is a payment of a loan with
    terms that has neither rows nor targets. `stages`: when a loan received or granted is to be repaid; `split` by_terms means that they are
    those of its terms, computed in the same way; so are those of a loan with terms that says none. `debited`: the day on which the
    payer's own bank debited him, where it is not the date (spec 5, D9): whether he paid on time goes by it."""

    kind: PaymentKind
    amount: str
    counterparty: str = ""
    payer: str = ""
    currency: str = ""
    rows: list[PaymentRow] = []
    contract: str = ""
    agreement: str = ""
    order: str = ""
    bill: str = ""
    targets: list[PaymentTarget] = []
    account: str = ""
    item: str = ""
    bank_account: str = ""
    cash: bool = False
    consent: bool = False
    purpose: str = ""
    terminated: bool = False
    written_off: str = ""
    split: Literal["", "by_law", "by_terms"] = ""
    stages: list[DueStage] = []
    debited: str = ""


class OpeningRow(Part, kw_only=True):
    """One original document that is still open: its number, date and due date stay with the lot. `vat`, of an advance, book currency: what
    is left of its VAT in the books before (accrued on one received, empty: at the rate of its day; deducted on one paid, empty: none)."""

    counterparty: str
    number: str
    date: str
    amount: str
    contract: str = ""
    agreement: str = ""
    order: str = ""
    currency: str = ""
    book_amount: str = ""
    due: str = ""
    vat: str = ""


class OpeningBalance(Document, tag="opening_balance", kw_only=True):
    """Balances brought in when the books start."""

    kind: Literal["customer_debts", "customer_advances", "supplier_debts", "supplier_advances", "other_debts", "other_advances"]
    rows: list[OpeningRow]


class Side(Part, kw_only=True):
    """A side of a manual row: an account with analytics, or a settlement node (`counterparty` and `contract`), whose
    account is derived. A settlement account without a node is refused."""

    account: str = ""
    item: str = ""
    relation: str = ""
    counterparty: str = ""
    contract: str = ""
    order: str = ""
    currency: str = ""
    amount: str = ""


class ManualRow(Part, kw_only=True):
    """`amount` in book currency; a side in another currency gives its own `amount`."""

    debit: Side
    credit: Side
    amount: str


class ManualEntry(Document, tag="manual_entry", kw_only=True):
    """An entry written by hand: every row has a debit and a credit side."""

    rows: list[ManualRow]


DebtSide = Literal["they_owe_us", "we_owe_them"]
AdjustmentKind = Literal["set_off", "transfer", "write_off", "accrual", "netting"]


class AdjustmentRow(Part, kw_only=True):
    """One node of a debt adjustment. `amount` in its settlement currency; `side` says whose debt it is: they owe us (a receivable, an
    advance we paid) or we owe them. `document` and `line` name the settlement document; empty, the oldest is settled first.
    `relation` is needed where no contract gives it. `terminated`: the contract was terminated or changed (VAT on advances, spec 2.8).
    `reserve`: how much of a receivable written off the reserve for doubtful debts bears, book currency; empty: as much as there is."""

    side: DebtSide
    counterparty: str
    amount: str
    contract: str = ""
    agreement: str = ""
    order: str = ""
    currency: str = ""
    relation: str = ""
    document: str = ""
    line: int = 0
    terminated: bool = False
    reserve: str = ""


class AdjustmentReceiver(Part, kw_only=True):
    """Where a transferred debt or advance goes. `due` is the due date it has there; `stages`: the instalments, of a single row."""

    counterparty: str = ""
    contract: str = ""
    agreement: str = ""
    order: str = ""
    currency: str = ""
    relation: str = ""
    due: str = ""


class LinkedDocument(Part, kw_only=True):
    """A paper that proves or causes the adjustment: a reference, never a movement (spec 7.3). `document`: its key, when it is in the
    books."""

    number: str = ""
    date: str = ""
    amount: str = ""
    type: Literal["invoice", "act", "waybill", "contract", "payment", "register"] = "invoice"
    document: str = ""


class Signatory(Part, kw_only=True):
    """Who signs the printed act. `counterparty` empty: for us."""

    name: str
    position: str = ""
    counterparty: str = ""


class DebtAdjustment(Document, tag="debt_adjustment", kw_only=True):
    """Debts settled without money (spec 2.4, 7). set_off: debts of both sides against one another; transfer: to `receiver`, by instalments
    where there are `stages`; write_off and accrual: against `account` and its `item`; netting: our part of a clearing round, against the
    clearing account with `round` as its analytics. `difference` write_off: what is left between the sides of a set-off, up to the unit's
    limit, goes to `account`. `reverses`: the key of an adjustment that this one takes back; it has no rows then. `currency`: book currency
    when empty. A write-off has a `reason`, the paper that proves it, and the `department` and `analytics` of its expense besides `item`
    (spec 2.11)."""

    kind: AdjustmentKind
    rows: list[AdjustmentRow] = []
    receiver: AdjustmentReceiver = AdjustmentReceiver()
    stages: list[DueStage] = []
    currency: str = ""
    account: str = ""
    item: str = ""
    department: str = ""
    analytics: str = ""
    difference: Literal["", "write_off"] = ""
    reason: Literal["", "act", "notice", "agreement", "limitation", "liquidation", "court", "kopecks"] = ""
    reason_document: str = ""
    one_sided: bool = False
    place: str = ""
    signatories: list[Signatory] = []
    linked: list[LinkedDocument] = []
    round: str = ""
    reverses: str = ""


class AdvanceOffset(Document, tag="advance_offset", kw_only=True):
    """An advance moved from one settlement object to another inside one contract, in the management contour only (spec 2.6).
    `advance` names the document that opened it; it goes to `document` (a debt) or to `order`. `relation` is needed where no contract
    gives it. `reverses`: the key of an advance offset that this one takes back; it says nothing else then."""

    counterparty: str = ""
    amount: str = ""
    advance: str = ""
    contract: str = ""
    agreement: str = ""
    currency: str = ""
    relation: str = ""
    advance_line: int = 0
    document: str = ""
    line: int = 0
    order: str = ""
    reverses: str = ""


class AdvanceVat(Document, tag="advance_vat", kw_only=True):
    """What is decided of the VAT on an advance (spec 2.8); no debt changes. `decision` deduct or expense: what becomes of the VAT of an
    advance that was refunded or set off by `document`, where the law leaves it open. invoice: the invoice received on the advance that
    `document` paid (`line`: its fact, 0 = the first), with the VAT it states, in book currency, its number and date."""

    decision: Literal["deduct", "expense", "invoice"]
    document: str
    line: int = 0
    vat: str = ""
    incoming_number: str = ""
    incoming_date: str = ""


class ReserveRow(Part, kw_only=True):
    """A debtor (under a contract): by how much his reserve becomes more (`accrued`) or less (`released`), book currency. `debt`: what was
    doubtful on the day, for whoever reads it."""

    counterparty: str
    contract: str = ""
    accrued: str = ""
    released: str = ""
    debt: str = ""


class DoubtfulReserve(Document, tag="doubtful_reserve", kw_only=True):
    """The reserve for doubtful debts, made more or less by debtor (spec 6.6); no debt changes. `item` and `department`: of the expense."""

    item: str
    department: str
    rows: list[ReserveRow] = []


AnyDocument = (
    Sale | Purchase | SaleCorrection | PurchaseCorrection | SaleReturn | PurchaseReturn | Payment | OpeningBalance | ManualEntry
    | DebtAdjustment | AdvanceOffset | Packaging | AdvanceVat | IssuedInvoice | ReceivedInvoice | Revaluation
    | CustomerOrder | SupplierOrder | CustomerBill | SupplierBill | BranchNotice | LoanInterest
    | DoubtfulReserve
)
