"""Master records as people write them in files: organizations, units, partners, counterparties, agreements, contracts, rates.

Records refer to one another by `code`, unique per type. Dates are ISO texts, amounts and rates decimal texts.
Spec 1.1, 1.2. Errors of decoding are told by `intake/decode.py`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Relation = Literal["buyer", "supplier", "commission_agent", "consignor", "other_buyer", "other_supplier", "other", "packaging_received",
                   "packaging_issued", "loan_received", "loan_granted"]
Detail = Literal["contract", "order", "invoice", "order_invoice"]
DayOff = Literal["", "next", "previous", "next_in_month", "same"]
"""Where the last day of a term moves that is a day off; "same": nowhere."""


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="type"):
    """A line of a JSON Lines file; `type` names which."""


class Stage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A payment stage: a share of the sum, due some days after the document. Shares sum to 100, the last takes the rounding. `day_off`:
    where a day counted in calendar days moves when it is a day off; empty: as the unit decided, else as the law says."""

    percent: str
    days: int
    working_days: bool = False
    day_off: DayOff = ""


class Organization(Record, tag="organization", kw_only=True):
    """A legal entity of ours: keeps one set of books, in one currency, by one chart of accounts. `address`: as the register of legal
    entities has it; tax invoices show it. `management_currency`: of management accounting, which the statement of settlements shows
    balances in too (empty: the book currency)."""

    code: str
    name: str
    chart: Literal["ru", "ru-budget", "cn", "intl"]
    book_currency: str
    tax_id: str = ""
    kpp: str = ""
    language: Literal["en", "ru", "zh"] = "en"
    address: str = ""
    management_currency: str = ""


class Unit(Record, tag="unit", kw_only=True):
    """A balancing unit: every fact belongs to exactly one. A branch may name its `head_office`, a unit of the same organization.
    `difference_limit`, in book currency: what a set-off may leave between its sides
    and write off (empty: nothing). VAT on advances (spec 2.8): `vat_on_advances` off, or how long an advance may be offset without it
    (empty: as it is, off at first); `vat_on_advances_from`: the first day whose advances have it; `vat_on_set_off`: whether VAT is
    deducted on a set-off between contracts only where the contract was terminated, or always (empty: as it is, terminated at first).
    `policies`: other switches by name (parties/switches.py; empty: as they are)."""

    code: str
    organization: str
    name: str
    kind: Literal["head_office", "branch"] = "head_office"
    head_office: str = ""
    difference_limit: str = ""
    vat_on_advances: Literal["", "off", "same_day", "five_days", "tax_period"] = ""
    vat_on_advances_from: str = ""
    vat_on_set_off: Literal["", "terminated", "always"] = ""
    policies: dict[str, str] = {}


class Partner(Record, tag="partner", kw_only=True):
    """A party of management accounting: may be a group behind one or several legal parties."""

    code: str
    name: str
    group: str = ""
    is_customer: bool = True
    is_supplier: bool = True


class Counterparty(Record, tag="counterparty", kw_only=True):
    """A legal party. Without `partner` it is its own partner. `bankrupt_since`: the day on which its bankruptcy was opened (in Russia the
    court's ruling on observation), empty = none; the warnings of a set-off look at it. `address`: as the register of legal entities has it;
    tax invoices show it."""

    code: str
    name: str
    partner: str = ""
    tax_id: str = ""
    kpp: str = ""
    is_resident: bool = True
    is_person: bool = False
    language: Literal["en", "ru", "zh"] = "en"
    bankrupt_since: str = ""
    address: str = ""


class Agreement(Record, tag="agreement", kw_only=True):
    """Terms of trade; never a settlement object. Without `partner` it is typical. `detail` counts where it `uses_contracts` no. `manager`
    is who looks after it."""

    code: str
    name: str
    currency: str
    partner: str = ""
    uses_contracts: bool = True
    detail: Literal["order", "invoice", "order_invoice"] = "invoice"
    stages: list[Stage] = []
    valid_from: str = ""
    valid_to: str = ""
    manager: str = ""
    status: Literal["draft", "active", "closed"] = "active"


class Contract(Record, tag="contract", kw_only=True):
    """`currency` is the settlement currency. `detail` and `allocation` rule the management contour, `reg_detail` the
    regulated one, `order` is the allocation order of both. `accounts` replaces the pair of the chart: [debt, advance]. `advance_vat`: the
    VAT rate of its advances, a percentage or none; empty: the general rate of the day. `agreement` is what it was made from. Sales beyond
    `credit_limit`, and while something is overdue where `forbid_overdue` says so, are refused. `bank_account` (ours, as payments name it),
    `party_bank_account`, `vat_rate` (a percentage, or general: that of the document's day) and `vat_rule` are filled into documents that
    leave them out."""

    code: str
    organization: str
    counterparty: str
    number: str
    currency: str
    relation: Relation = "buyer"
    date: str = ""
    valid_from: str = ""
    valid_to: str = ""
    payment_currency: str = ""
    detail: Detail = "contract"
    allocation: Literal["automatic", "manual"] = "automatic"
    order: Literal["moment", "due_date", "legal"] = "moment"
    reg_detail: Detail = "contract"
    stages: list[Stage] = []
    credit_limit: str = ""
    accounts: list[str] = []
    advance_vat: str = ""
    agreement: str = ""
    manager: str = ""
    bank_account: str = ""
    party_bank_account: str = ""
    forbid_overdue: bool = False
    vat_rate: str = ""
    vat_rule: Literal["", "included", "on_top"] = ""
    status: Literal["draft", "active", "closed"] = "active"


class Rate(Record, tag="rate", kw_only=True):
    """`rate` units of `quote` for `nominal` units of `currency`, from `date` on until the next."""

    currency: str
    quote: str
    date: str
    rate: str
    nominal: str = "1"


class Tariff(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A line of a price list: `price` without VAT for one `measure`, per started calendar month of a service account or per operation; the
    charge is `minimum` at least. `urgent_percent` comes on top where an operation is urgent. `vat_rate`: a percentage, "" = none,
    "general" = the general rate of the day of the service. `item`: analytics of the revenue."""

    code: str
    name: str
    price: str
    per: Literal["month", "operation"] = "operation"
    measure: str = ""
    minimum: str = ""
    urgent_percent: str = ""
    vat_rate: str = "general"
    item: str = ""


class PriceList(Record, tag="price_list", kw_only=True):
    """Tariffs and terms of billing from a day on until the next version (spec 5). Prices are in `currency`, that of the contracts.

    Month charges are invoiced until the `issue_days`-th working day after the month, or `in_advance` until that day of the month itself;
    operations at most once in `operation_interval` days. Invoices are due so many days after their date (`due_in`), for operations of
    non-residents `non_resident_due_days`. An estimate of direct costs above `prepayment_above` may be billed first. Services may be
    suspended when an invoice is not paid within `suspend_after` (`non_resident_suspend_after`) calendar days. A fall of a rate by more than
    `fall_percent` allows new tariffs at once, else they hold `notice_months` after notice. `tax_invoices`: an invoice with VAT has its tax
    invoice at once. `bank_holidays`: banking days that are none."""

    code: str
    organization: str
    name: str
    currency: str
    valid_from: str
    tariffs: list[Tariff]
    in_advance: bool = False
    issue_days: int = 5
    month_due_days: int = 10
    operation_due_days: int = 10
    non_resident_due_days: int = 10
    due_in: Literal["banking_days", "days"] = "banking_days"
    operation_interval: int = 7
    prepayment_above: str = ""
    suspend_after: int = 30
    non_resident_suspend_after: int = 30
    fall_percent: str = "15"
    notice_months: int = 1
    vat_on_disbursements: bool = False
    tax_invoices: bool = False
    bank_holidays: list[str] = []


class ServiceAccount(Record, tag="service_account", kw_only=True):
    """What is served and charged by a price list under a contract: a depo account, a subscription. Every calendar month in which it was
    open for a day is charged in full, `quantity` times (spec 5, D1). `tariffs`: codes of its month tariffs (empty: all of the list)."""

    code: str
    unit: str
    contract: str
    price_list: str
    opened: str
    closed: str = ""
    title: str = ""
    quantity: str = "1"
    tariffs: list[str] = []


class DirectCost(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A cost that a third party had, passed on at cost: whom we owe it, what for, and by which paper."""

    counterparty: str
    amount: str
    name: str = ""
    contract: str = ""


class ServiceOperation(Record, tag="service_operation", kw_only=True):
    """Something done for one service account, or for several in one order, which share it equally (spec 5, D14). `tariff` of their price
    list; empty where only direct costs are passed on. `estimate` of direct costs; `prepaid`: it waits until they are paid in
    advance, whatever the threshold of the price list says."""

    code: str
    unit: str
    date: str
    accounts: list[str]
    tariff: str = ""
    quantity: str = "1"
    urgent: bool = False
    title: str = ""
    estimate: str = ""
    prepaid: bool = False
    costs: list[DirectCost] = []


class LoanRate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """`percent` a year from the day `since` on (empty: from the beginning)."""

    percent: str
    since: str = ""


class LoanRepayment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Principal to be repaid on a day, where the contract lists it."""

    date: str
    amount: str


class Loan(Record, tag="loan", kw_only=True):
    """What a contract of loan, received or granted, says of interest and repayment (spec 2.10). `code` is the contract's. The year has
    its own days (`day_count` actual), or 365 or 360. `item`: analytics of the interest; `account`: its expense or income (empty: the
    chart's).

    Interest is due every `interest_months` months, principal every `principal_months` (0: only at `maturity`), on `payment_day` of the
    month (0: its last day), first on `first_payment` (empty: the next such day). `repayment`: all at maturity (bullet), equal principal,
    annuity, or the `rows`. `payment`: the principal, or with an annuity the whole, that the contract says is paid each time; empty: what
    the days left need, so that an early repayment makes it less, where a payment that is said makes the loan shorter."""

    code: str
    item: str
    rates: list[LoanRate]
    day_count: Literal["actual", "365", "360"] = "actual"
    maturity: str = ""
    repayment: Literal["bullet", "equal", "annuity", "rows"] = "bullet"
    interest_months: int = 1
    principal_months: int = 1
    payment_day: int = 0
    first_payment: str = ""
    payment: str = ""
    account: str = ""
    rows: list[LoanRepayment] = []


Master = Organization | Unit | Partner | Counterparty | Agreement | Contract | Rate | PriceList | ServiceAccount | ServiceOperation | Loan
