"""The kinds of documents: how each is numbered, where it stands within its day, how it is called (spec 1.8, 2.0)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from setoff.trade.documents import AnyDocument, BranchNotice, DebtAdjustment, OpeningBalance, Packaging, Payment

OPENING: Final = 10
ORDER: Final = 20
SUPPLY: Final = 30
CORRECTION: Final = 40
PAYMENT: Final = 50
ADJUSTMENT: Final = 60
NOTICE: Final = 65
VAT: Final = 80
REVALUATION: Final = 90


class Kind(NamedTuple):
    """`name` is stored with the document; `prefix` begins its numbers; `title_key` names its title in the language files."""

    name: str
    prefix: str
    day_order: int

    @property
    def title_key(self) -> str:
        return "kind-" + self.name.replace("_", "-")


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind("sale", "S", SUPPLY),
            Kind("purchase", "P", SUPPLY),
            Kind("sale_correction", "SC", CORRECTION),
            Kind("purchase_correction", "PC", CORRECTION),
            Kind("sale_return", "SR", CORRECTION),
            Kind("purchase_return", "PR", CORRECTION),
            Kind("payment_from_customer", "CI", PAYMENT),
            Kind("refund_to_customer", "CO", PAYMENT),
            Kind("payment_to_supplier", "SO", PAYMENT),
            Kind("refund_from_supplier", "SI", PAYMENT),
            Kind("other_party_in", "OI", PAYMENT),
            Kind("other_party_out", "OO", PAYMENT),
            Kind("loan_received", "LI", PAYMENT),
            Kind("loan_repaid", "LO", PAYMENT),
            Kind("loan_interest_paid", "LP", PAYMENT),
            Kind("loan_granted", "GO", PAYMENT),
            Kind("loan_returned", "GI", PAYMENT),
            Kind("packaging_deposit_in", "DI", PAYMENT),
            Kind("packaging_deposit_out", "DO", PAYMENT),
            Kind("other_in", "MI", PAYMENT),
            Kind("other_out", "MO", PAYMENT),
            Kind("opening_customer_debts", "OB1", OPENING),
            Kind("opening_customer_advances", "OB2", OPENING),
            Kind("opening_supplier_debts", "OB3", OPENING),
            Kind("opening_supplier_advances", "OB4", OPENING),
            Kind("opening_other_debts", "OB5", OPENING),
            Kind("opening_other_advances", "OB6", OPENING),
            Kind("manual_entry", "M", ADJUSTMENT),
            Kind("set_off", "DS", ADJUSTMENT),
            Kind("debt_transfer", "DT", ADJUSTMENT),
            Kind("debt_write_off", "DW", ADJUSTMENT),
            Kind("debt_accrual", "DA", ADJUSTMENT),
            Kind("netting", "DN", ADJUSTMENT),
            Kind("advance_offset", "AO", ADJUSTMENT),
            Kind("packaging_issued", "KI", SUPPLY),
            Kind("packaging_returned", "KR", CORRECTION),
            Kind("packaging_received", "KP", SUPPLY),
            Kind("packaging_given_back", "KB", CORRECTION),
            Kind("advance_vat", "AV", VAT),
            Kind("issued_invoice", "II", VAT),
            Kind("received_invoice", "RI", VAT),
            Kind("revaluation", "RV", REVALUATION),
            Kind("loan_interest", "LA", REVALUATION),
            Kind("customer_order", "OR", ORDER),
            Kind("supplier_order", "PO", ORDER),
            Kind("customer_bill", "B", ORDER),
            Kind("supplier_bill", "SB", ORDER),
            Kind("branch_notice", "BN", NOTICE),
            Kind("local_entry", "LE", NOTICE),
            Kind("doubtful_reserve", "DR", REVALUATION),
        )
    }
)


ADJUSTMENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "set_off": "set_off",
        "transfer": "debt_transfer",
        "write_off": "debt_write_off",
        "accrual": "debt_accrual",
        "netting": "netting",
    }
)
"""Kind of a debt adjustment, as the document says it -> its registry name."""
REVERSIBLE: Final = frozenset(ADJUSTMENTS.values()) | {"advance_offset"}
"""Closed means posted: these are not edited where they stand, but reopened first, or reversed (spec 7.6)."""


def kind_of(document: AnyDocument) -> str:
    """The registry name of a document: its type; of payments, opening balances and adjustments by their own kind."""
    if isinstance(document, Payment):
        return document.kind
    if isinstance(document, OpeningBalance):
        return "opening_" + document.kind
    if isinstance(document, DebtAdjustment):
        return ADJUSTMENTS[document.kind]
    if isinstance(document, Packaging):
        return "packaging_" + document.kind
    if isinstance(document, BranchNotice):
        return "branch_notice" if document.notice else "local_entry"
    tag = document.__struct_config__.tag
    assert isinstance(tag, str)
    return tag


def day_order_of(kind: str) -> int:
    """Where documents of a kind stand within their day unless the user moved them."""
    return KINDS[kind].day_order
