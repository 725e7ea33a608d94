"""Tax invoices as people write them (spec 2.1): the structures of `trade/invoice.py`."""

from __future__ import annotations

from typing import Literal

from setoff.trade.document import Document, Part


class InvoiceBase(Part, kw_only=True):
    """A document that an invoice is for: a supply, a correction of one, a payment of an advance."""

    document: str


class InvoiceSum(Part, kw_only=True):
    """What an invoice states of one VAT rate ("" = without VAT), in book currency: `amount` with VAT, `vat` the VAT in it, computed from
    the rate when empty."""

    amount: str
    vat_rate: str = ""
    vat: str = ""


InvoiceKind = Literal["shipment", "advance", "correction", "corrected"]


class Invoice(Document, kw_only=True):
    """A tax invoice: a paper that states no debt (spec 2.1). `sums` empty: those of its bases. Where they differ from the bases,
    `difference` says why. `original`: the key of the invoice that a correction belongs to, or that a corrected one replaces.
    `operation_code` empty: that of its kind."""

    invoice_kind: InvoiceKind = "shipment"
    bases: list[InvoiceBase]
    sums: list[InvoiceSum] = []
    original: str = ""
    operation_code: str = ""
    difference: str = ""


class IssuedInvoice(Invoice, tag="issued_invoice", kw_only=True):
    """An invoice that we issued. Its numbers have no gaps within a unit and a year."""


class ReceivedInvoice(Invoice, tag="received_invoice", kw_only=True):
    """An invoice of a supplier with the number and date of his paper, and the day on which we received it (empty: the date of the
    document, which is the day on which its VAT is deducted). `deduct` false: it is kept in the register, its VAT is not deducted.
    `line`: of an advance, its fact in the payment; 0 = the first."""

    incoming_number: str
    incoming_date: str
    received: str = ""
    deduct: bool = True
    line: int = 0
