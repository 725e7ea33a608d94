"""The registry of document types: the one door from a document to the books.

`facts` is the only way a document reaches the ledger. A new type is a structure in `trade/documents.py`, a kind in
`trade/kinds.py`, a module of rules with `facts`, and a row here (docs/reference/documents.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from setoff.core.fact import Statement
from setoff.trade import (
    adjustment,
    advance_offset,
    advance_vat,
    correction,
    doubtful,
    invoice,
    loan_interest,
    manual,
    notice,
    opening,
    packaging,
    payment,
    purchase,
    revaluation,
    sale,
)
from setoff.trade.directory import Directory
from setoff.trade.documents import (
    AdvanceOffset,
    AdvanceVat,
    AnyDocument,
    BranchNotice,
    CustomerBill,
    CustomerOrder,
    DebtAdjustment,
    DoubtfulReserve,
    LoanInterest,
    ManualEntry,
    OpeningBalance,
    Packaging,
    Payment,
    Purchase,
    PurchaseCorrection,
    PurchaseReturn,
    Revaluation,
    Sale,
    SaleCorrection,
    SaleReturn,
    SupplierBill,
    SupplierOrder,
)
from setoff.trade.header import Header, header
from setoff.trade.invoice_documents import IssuedInvoice, ReceivedInvoice
from setoff.trade.kinds import KINDS, Kind, day_order_of, kind_of
from setoff.trade.plan import facts as plan_facts
from setoff.trade.references import References, further_documents, references

__all__ = [
    "KINDS", "RULES", "Header", "Kind", "References", "day_order_of", "facts", "further_documents", "header", "kind_of",
    "references",
]  # fmt: skip

RULES: Final[Mapping[type, Callable[..., Statement]]] = MappingProxyType(
    {
        Sale: sale.facts,
        Purchase: purchase.facts,
        SaleCorrection: correction.facts,
        PurchaseCorrection: correction.facts,
        SaleReturn: correction.facts,
        PurchaseReturn: correction.facts,
        Payment: payment.facts,
        OpeningBalance: opening.facts,
        ManualEntry: manual.facts,
        DebtAdjustment: adjustment.facts,
        AdvanceOffset: advance_offset.facts,
        Packaging: packaging.facts,
        AdvanceVat: advance_vat.facts,
        IssuedInvoice: invoice.facts,
        ReceivedInvoice: invoice.facts,
        Revaluation: revaluation.facts,
        DoubtfulReserve: doubtful.facts,
        CustomerOrder: plan_facts,
        SupplierOrder: plan_facts,
        CustomerBill: plan_facts,
        SupplierBill: plan_facts,
        BranchNotice: notice.facts,
        LoanInterest: loan_interest.facts,
    }
)
"""Document type -> facts(document, document_id, directory, *, closed_year)."""


def facts(document: AnyDocument, document_id: int, directory: Directory, *, closed_year: int = 0) -> Statement:
    """What a posted document states. `closed_year`: the last year closed in its unit, 0 = none. Errors: those of the type's
    module."""
    rule: Any = RULES[type(document)]
    statement: Statement = rule(document, document_id, directory, closed_year=closed_year)
    return statement
