"""Master records as people write them in files: organizations, units, partners, counterparties, agreements, contracts, rates.

Records refer to one another by `code`, unique per type. Dates are ISO texts, amounts and rates decimal texts.
Spec 1.1, 1.2. Errors of decoding are told by `intake/decode.py`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Relation = Literal["buyer", "supplier", "other_buyer", "other_supplier", "other", "packaging_received", "packaging_issued",
                   "loan_received", "loan_granted"]
Detail = Literal["contract", "order", "invoice", "order_invoice"]


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="type"):
    """A line of a JSON Lines file; `type` names which."""


class Stage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A payment stage: a share of the sum, due some days after the document. Shares sum to 100, the last takes the rounding."""

    percent: str
    days: int
    working_days: bool = False


class Organization(Record, tag="organization", kw_only=True):
    """A legal entity of ours: keeps one set of books, in one currency, by one chart of accounts."""

    code: str
    name: str
    chart: Literal["ru", "ru-budget", "cn", "intl"]
    book_currency: str
    tax_id: str = ""
    kpp: str = ""
    language: Literal["en", "ru", "zh"] = "en"


class Unit(Record, tag="unit", kw_only=True):
    """A balancing unit: every fact belongs to exactly one. `difference_limit`, in book currency: what a set-off may leave between its sides
    and write off (empty: nothing). VAT on advances (spec 2.8): `vat_on_advances` off, or how long an advance may be offset without it
    (empty: as it is, off at first); `vat_on_advances_from`: the first day whose advances have it; `vat_on_set_off`: whether VAT is
    deducted on a set-off between contracts only where the contract was terminated, or always (empty: as it is, terminated at first)."""

    code: str
    organization: str
    name: str
    kind: Literal["head_office", "branch"] = "head_office"
    difference_limit: str = ""
    vat_on_advances: Literal["", "off", "same_day", "five_days", "tax_period"] = ""
    vat_on_advances_from: str = ""
    vat_on_set_off: Literal["", "terminated", "always"] = ""


class Partner(Record, tag="partner", kw_only=True):
    """A party of management accounting: may be a group behind one or several legal parties."""

    code: str
    name: str
    group: str = ""
    is_customer: bool = True
    is_supplier: bool = True


class Counterparty(Record, tag="counterparty", kw_only=True):
    """A legal party. Without `partner` it is its own partner. `bankrupt_since`: the day on which its bankruptcy was opened (in Russia the
    court's ruling on observation), empty = none; the warnings of a set-off look at it."""

    code: str
    name: str
    partner: str = ""
    tax_id: str = ""
    kpp: str = ""
    is_resident: bool = True
    is_person: bool = False
    language: Literal["en", "ru", "zh"] = "en"
    bankrupt_since: str = ""


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
    `party_bank_account`, `vat_rate` and `vat_rule` are filled into documents that leave them out."""

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
    """`rate` units of `quote` for one unit of `currency`, from `date` on until the next."""

    currency: str
    quote: str
    date: str
    rate: str


Master = Organization | Unit | Partner | Counterparty | Agreement | Contract | Rate
