"""What documents mean for the VAT on advances: where a lot comes from, what a use of it is (spec 2.8; 9, 1). Pure."""

from __future__ import annotations

from setoff.core.fact import Nature
from setoff.core.money import parse_amount
from setoff.settlements.advance_vat.events import Case, Origin
from setoff.trade.documents import AdjustmentRow, AdvanceVat, AnyDocument, DebtAdjustment, OpeningBalance, Payment
from setoff.trade.invoice_documents import ReceivedInvoice

NONE = Origin("none")


def case_of(document: AnyDocument | None, line: int, nature: int, *, deducts_set_off: bool) -> Case:
    """What line `line` of a document does to an advance that it uses. Supplies need not be known. `deducts_set_off`: the unit deducts VAT
    on every set-off between contracts, not only under a contract that was terminated or changed."""
    if nature == Nature.SUPPLY:
        return Case.SUPPLY
    if isinstance(document, Payment):
        return Case.RETURNED if document.terminated else Case.PENDING
    if not isinstance(document, DebtAdjustment):
        return Case.PENDING
    if document.reverses or document.kind == "transfer":
        return Case.CARRIED
    if document.kind == "write_off":
        return Case.EXPENSE
    row = document.rows[line - 1]
    if row.terminated or deducts_set_off or is_within_contract(row, document):
        return Case.RETURNED
    return Case.PENDING


def is_within_contract(row: AdjustmentRow, document: DebtAdjustment) -> bool:
    """A set-off of the advance with debts of its own contract alone: an offset like that against a shipment."""
    others = [other for other in document.rows if other.side != row.side]
    own = (row.counterparty, row.contract)
    return bool(row.contract and others) and all((other.counterparty, other.contract) == own for other in others)


def origin_of(document: AnyDocument | None, document_id: int, line: int, nature: int) -> Origin:
    """Where the lot comes from that line `line` of a document opened. What a reversal reopens is told by what it reverses
    (`books.py`). VAT is owed on money received before a supply: not on what a return leaves, nor on what is accrued by hand."""
    if nature == Nature.MONEY:
        return Origin("paid")
    if nature == Nature.OPENING:
        return Origin("opening")
    if nature == Nature.TRANSFER and isinstance(document, DebtAdjustment):
        return Origin("carried", (document_id, line - len(document.rows)))
    return NONE


def brought_vat(document: AnyDocument | None, line: int, currency: str) -> int | None:
    """The VAT that a row of opening balances says of its advance, minor units; None where it says none."""
    said = document.rows[line - 1].vat if isinstance(document, OpeningBalance) else ""
    return parse_amount(said, currency) if said else None


def vat_words(document: AnyDocument) -> AdvanceVat | None:
    """What a document decides of the VAT of an advance: a decision, or an invoice received on an advance whose VAT is deducted with it (its
    sums say how much)."""
    if isinstance(document, AdvanceVat):
        return document
    if not isinstance(document, ReceivedInvoice) or document.invoice_kind != "advance" or not document.deduct:
        return None
    return AdvanceVat(
        unit=document.unit, date=document.date, key=document.key, contours=document.contours, decision="invoice",
        document=document.bases[0].document, line=document.line,
    )  # fmt: skip
