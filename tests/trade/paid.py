"""Payments of the cast in a word, and the documents they name."""

from __future__ import annotations

from typing import Any

from setoff.trade.directory import Directory
from setoff.trade.documents import AnyDocument, Line, Payment, PaymentKind, PaymentTarget, Sale
from tests.trade.stage import cast_directory, enter


def payment(kind: PaymentKind = "payment_from_customer", amount: str = "1000", **fields: Any) -> Payment:
    known = {"unit": "MSK", "date": "2025-02-15", "counterparty": "VEGA", "contract": "BUYER", **fields}
    return Payment(kind=kind, amount=amount, **known)


def sale(contract: str, counterparty: str = "SIRIUS", **fields: Any) -> Sale:
    known: dict[str, Any] = {"unit": "MSK", "date": "2025-02-10", "lines": [Line(amount="600")], **fields}
    return Sale(counterparty=counterparty, contract=contract, **known)


def to(document: str, amount: str, **fields: Any) -> PaymentTarget:
    return PaymentTarget(document=document, amount=amount, **fields)


def with_documents(**documents: AnyDocument) -> Directory:
    """The cast, and documents 7, 8, 9... by key."""
    directory = cast_directory()
    for document_id, (key, document) in enumerate(documents.items(), 7):
        enter(directory, key, document_id, document)
    return directory
