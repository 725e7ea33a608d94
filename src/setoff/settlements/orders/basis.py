"""Documents made from an order or a bill: what is shipped by it, the bill for it, the payment of what is left (spec 2.1).

Nothing is saved here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, cast, get_args

import msgspec
from psycopg import Connection

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import format_amount
from setoff.settlements.orders.kept import as_it_stands, in_status
from setoff.settlements.orders.standing import Standing, stages_of, standings
from setoff.settlements.services import known_document, require_state
from setoff.trade.documents import (
    AnyDocument,
    CustomerBill,
    Payment,
    PaymentKind,
    Purchase,
    Sale,
    SupplierBill,
)
from setoff.trade.fields import day_of
from setoff.trade.kinds import kind_of
from setoff.trade.order_documents import BillDocument, Order, OrderStatus, Plan
from setoff.trade.payment import MONEY_IN
from setoff.trade.plan import BEFORE
from setoff.trade.queries import decode_document

PAYMENTS: Final[Mapping[str, PaymentKind]] = {
    "payment_from_customer": "payment_from_customer",
    "payment_to_supplier": "payment_to_supplier",
}
NEXT: Final = {"approval": ("processing", "shipment"), "processing": ("shipment",)}


def based_on_plan(conn: Connection[Any], plan: Plan, kind: str, day: date) -> AnyDocument:
    """A document of a kind that follows an order or bill. Errors: base_mismatch."""
    said: dict[str, Any] = {
        "unit": plan.unit, "date": day.isoformat(), "counterparty": plan.counterparty, "contract": plan.contract,
        "agreement": plan.agreement, "currency": "" if plan.contract else plan.currency, "contours": plan.contours,
    }  # fmt: skip
    order = plan.order if isinstance(plan, BillDocument) else plan.key
    bill = plan.key if isinstance(plan, BillDocument) else ""
    supplies: dict[str, type[Sale | Purchase]] = {"sale": Sale, "purchase": Purchase}
    if kind in supplies:
        return supplies[kind](**said, lines=plan.lines, prices_include_vat=plan.prices_include_vat, order=order, bill=bill)
    if isinstance(plan, Order) and kind in ("customer_bill", "supplier_bill"):
        made: type[CustomerBill | SupplierBill] = CustomerBill if kind == "customer_bill" else SupplierBill
        return made(**said, lines=plan.lines, prices_include_vat=plan.prices_include_vat, order=order)
    if kind not in PAYMENTS:
        raise DomainError(ErrorCode.BASE_MISMATCH, base=plan.number, kind=kind_of(cast(AnyDocument, plan)), status="")
    return Payment(**said, kind=PAYMENTS[kind], order=order, bill=bill, amount=_left(conn, plan))


def _left(conn: Connection[Any], plan: Plan) -> str:
    """What is still to be paid: for the next status of an order where something is missing for it, else all."""
    found = standings(conn, "and p.key = %(key)s", key=plan.key)
    if not found:
        return ""
    standing = found[0]
    left = missing_for_next(conn, standing) or max(standing.total - standing.paid, 0)
    return format_amount(left, standing.currency) if left else ""


def missing_for_next(conn: Connection[Any], standing: Standing) -> int:
    """What has to be paid yet before an order goes on: for the first of its further statuses that waits for something."""
    stages = stages_of(conn, [standing])[standing.version_id]
    for status in NEXT.get(standing.status, ()):
        required = sum(stage.amount for stage in stages if stage.variant in BEFORE[status])
        if required > standing.paid:
            return required - standing.paid
    return 0


def with_basis(conn: Connection[Any], payment: Payment) -> Payment:
    """A payment that names a bill, or an order that is a document, and leaves something out: party, contract, agreement, order, currency
    and amount are those of the bill or order. What it says itself stays. Errors: unknown_reference (a bill that does not exist)."""
    name = payment.bill or payment.order
    if not name or payment.rows:
        return payment
    if not payment.bill and not standings(conn, "and p.key = %(key)s", key=name):
        return payment
    plan = decode_document(known_document(conn, name).content)
    if not isinstance(plan, Plan):
        return payment
    kind = "payment_from_customer" if payment.kind in MONEY_IN else "payment_to_supplier"
    made = based_on_plan(conn, plan, kind, day_of(payment.date, "date"))
    changes = {
        field: getattr(made, field)
        for field in ("counterparty", "contract", "agreement", "order", "currency", "amount")
        if not getattr(payment, field)
    }
    return msgspec.structs.replace(payment, **changes)


def statuses_of(document: AnyDocument) -> tuple[str, ...]:
    """The other statuses that an order or bill can have, the next one first."""
    if isinstance(document, Order):
        known = get_args(OrderStatus)
        place = known.index(document.status)
        return (*known[place + 1 :], *reversed(known[:place]))
    if isinstance(document, BillDocument):
        return ("issued",) if document.annulled else ("annulled",)
    return ()


def with_status(conn: Connection[Any], key: str, status: str, day: date) -> AnyDocument:
    """An order in another status (one that is approved thereby is approved on that day), or a bill annulled or issued again; to be posted.
    Errors: unknown_reference, wrong_state (not posted), invalid_value (a status it cannot have)."""
    stored = known_document(conn, key)
    require_state(stored, "posted")
    document = as_it_stands(conn, decode_document(stored.content))
    known: tuple[str, ...] = ()
    approved = ""
    if isinstance(document, Order):
        known = get_args(OrderStatus)
        is_approved = status in BEFORE and not document.approved
        approved = day.isoformat() if is_approved else document.approved
    elif isinstance(document, BillDocument):
        known = ("issued", "annulled")
    if status in known:
        return in_status(document, status, approved)
    raise DomainError(ErrorCode.INVALID_VALUE, field="status", value=status, expected=", ".join(known))
