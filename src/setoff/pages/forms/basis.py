"""A new document made from another: a copy, or one that follows it (payment, refund, correction, return,
reversal). Nothing is saved yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, get_args

import msgspec
from psycopg import Connection

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import format_amount
from setoff.settlements.finding import Asked, OpenItem, open_items
from setoff.settlements.invoices.services import invoice_on
from setoff.settlements.orders.basis import based_on_plan
from setoff.settlements.orders.kept import as_it_stands
from setoff.trade.documents import (
    AdvanceOffset,
    AnyDocument,
    DebtAdjustment,
    Payment,
    PaymentKind,
    PaymentTarget,
    Purchase,
    PurchaseCorrection,
    PurchaseReturn,
    Sale,
    SaleCorrection,
    SaleReturn,
)
from setoff.trade.kinds import kind_of
from setoff.trade.order_documents import Plan
from setoff.trade.queries import decode_document

FOLLOWERS: Final[dict[str, tuple[str, ...]]] = {
    "customer_order": ("sale", "customer_bill", "payment_from_customer"),
    "supplier_order": ("purchase", "supplier_bill", "payment_to_supplier"),
    "customer_bill": ("payment_from_customer", "sale"),
    "supplier_bill": ("payment_to_supplier", "purchase"),
    "sale": ("payment_from_customer", "sale_correction", "sale_return", "issued_invoice"),
    "purchase": ("payment_to_supplier", "purchase_correction", "purchase_return", "received_invoice"),
    "payment_from_customer": ("refund_to_customer", "issued_invoice"),
    "payment_to_supplier": ("refund_from_supplier", "received_invoice"),
    **dict.fromkeys(("sale_correction", "sale_return"), ("issued_invoice",)),
    **dict.fromkeys(("purchase_correction", "purchase_return"), ("received_invoice",)),
}
"""Kind -> the kinds that can be made from it."""
MADE: Final[dict[str, type]] = {
    "sale_correction": SaleCorrection,
    "sale_return": SaleReturn,
    "purchase_correction": PurchaseCorrection,
    "purchase_return": PurchaseReturn,
}
PAYMENTS: Final[Mapping[str, PaymentKind]] = {kind: kind for kind in get_args(PaymentKind)}
DEBT_SIGN: Final = {"payment_from_customer": 1, "payment_to_supplier": -1, "refund_to_customer": -1, "refund_from_supplier": 1}


def stored_document(conn: Connection[Any], document_id: int) -> tuple[AnyDocument, int, str]:
    """The document as it was said, its version number and its status. Errors: unknown_reference."""
    row = conn.execute(
        """select v.content, v.version_no, d.status from document d join version v on v.unit_id = d.unit_id and v.id = d.version_id
           where d.id = %s""",
        [document_id],
    ).fetchone()
    if row is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="document", value=str(document_id))
    return as_it_stands(conn, decode_document(row[0])), row[1], row[2]


def copied(document: AnyDocument, day: date) -> AnyDocument:
    """The same on another day. What it settled stays with the original: a copy names no lots."""
    changes: dict[str, Any] = {"key": "", "number": "", "date": day.isoformat(), "day_order": None}
    if isinstance(document, Payment):
        changes |= {"targets": [], "debited": "", "rows": [msgspec.structs.replace(row, targets=[]) for row in document.rows]}
    if isinstance(document, DebtAdjustment):
        changes |= {"rows": [msgspec.structs.replace(row, document="", line=0) for row in document.rows], "reverses": ""}
    if isinstance(document, AdvanceOffset):
        changes |= {"document": "", "line": 0, "reverses": ""}
    return msgspec.structs.replace(document, **changes)


def reversal_of(document: DebtAdjustment | AdvanceOffset, day: date) -> DebtAdjustment | AdvanceOffset:
    """What takes it back on that day: rows and accounts are those of the original (trade/reversal.py)."""
    if isinstance(document, AdvanceOffset):
        return AdvanceOffset(unit=document.unit, date=day.isoformat(), contours=document.contours, reverses=document.key)
    return DebtAdjustment(kind=document.kind, unit=document.unit, date=day.isoformat(), contours=document.contours, reverses=document.key)


def based_on(conn: Connection[Any], document: AnyDocument, kind: str, units: tuple[int, ...], day: date) -> AnyDocument:
    """A document of `kind` that follows this one. Errors: base_mismatch."""
    own = kind_of(document)
    if isinstance(document, DebtAdjustment | AdvanceOffset) and kind == own:
        return reversal_of(document, day)
    if kind not in FOLLOWERS.get(own, ()):
        raise DomainError(ErrorCode.BASE_MISMATCH, base=document.number, kind=own, status="")
    if isinstance(document, Plan):
        return based_on_plan(conn, document, kind, day)
    if kind in ("issued_invoice", "received_invoice"):
        return invoice_on(conn, document, kind, day)
    if isinstance(document, Sale | Purchase) and kind in MADE:
        said: dict[str, Any] = {
            "unit": document.unit, "date": day.isoformat(), "base": document.key, "lines": document.lines,
            "prices_include_vat": document.prices_include_vat,
        }  # fmt: skip
        if kind.endswith("_correction"):
            said["direction"] = "down"
        made: AnyDocument = MADE[kind](**said)
        return made
    assert isinstance(document, Sale | Purchase | Payment)
    items = [item for item in _open_items(conn, document, units, DEBT_SIGN[kind]) if item.key == document.key]
    currency = items[0].currency if items else document.currency
    total = sum(item.residual for item in items)
    return Payment(
        kind=PAYMENTS[kind],
        unit=document.unit, date=day.isoformat(), counterparty=document.counterparty, contract=document.contract,
        agreement=document.agreement, order=document.order, currency="" if document.contract else document.currency,
        amount=format_amount(total, currency) if items else "",
        targets=[
            PaymentTarget(document=item.key, amount=format_amount(item.residual, item.currency), line=item.line) for item in items
        ],
    )  # fmt: skip


def basis_of(conn: Connection[Any], kind: str, base: str) -> int:
    """The id of the document of a key, when one of `kind` can take its lines; 0 else."""
    row = conn.execute("select id, kind from document where key = %s", [base]).fetchone() if kind in MADE and base else None
    return int(row[0]) if row and kind in FOLLOWERS.get(row[1], ()) else 0


def _open_items(conn: Connection[Any], document: Sale | Purchase | Payment, units: tuple[int, ...], sign: int) -> list[OpenItem]:
    asked = Asked(units, said=document.key, counterparty=document.counterparty, contract=document.contract)
    return open_items(conn, asked, sign=sign)
