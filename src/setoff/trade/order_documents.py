"""Orders and bills as people write them (spec 2.1): what will be owed, and when, before anything is. Rules: `trade/plan.py`."""

from __future__ import annotations

from typing import Literal

from setoff.parties.records import DayOff
from setoff.trade.document import Document, Line, Part

StageVariant = Literal["advance", "prepayment", "credit"]
StageEvent = Literal["", "order", "approval", "shipment", "contract"]
OrderStatus = Literal["approval", "processing", "shipment", "closed"]


class OrderStage(Part, kw_only=True):
    """A stage of payment: an advance before supply, a prepayment before shipment, or a credit after it. Its share of the total in
    `percent`, or an `amount`; due `days` after the event `base` (empty: the shipment for a credit, else the document's own date).
    `day_off`: where a day counted in calendar days moves when it is a day off; empty: as the unit decided, else as the law says."""

    variant: StageVariant
    percent: str = ""
    amount: str = ""
    base: StageEvent = ""
    days: int = 0
    working_days: bool = False
    day_off: DayOff = ""
    form: Literal["", "transfer", "cash", "card", "set_off"] = ""


class Plan(Document, kw_only=True):
    """What orders and bills share: what will be owed and when, by stages. Nothing is owed yet. `probability`: how likely the money
    comes, in percent (empty: certain)."""

    counterparty: str
    lines: list[Line]
    contract: str = ""
    agreement: str = ""
    currency: str = ""
    prices_include_vat: bool = True
    stages: list[OrderStage] = []
    probability: str = ""


class Order(Plan, kw_only=True):
    """`desired`: the day the goods are wanted, which is when a shipment is planned; `approved`: the day the order was approved. Its key is
    what supplies and payments name as their `order`."""

    desired: str = ""
    approved: str = ""
    status: OrderStatus = "approval"


class CustomerOrder(Order, tag="customer_order", kw_only=True):
    """What a buyer ordered from us."""


class SupplierOrder(Order, tag="supplier_order", kw_only=True):
    """What we ordered from a supplier."""


class BillDocument(Plan, kw_only=True):
    """A request to pay, for an order or under a contract. Its key is what payments name as their `bill`. Whether it is paid follows from
    them; that it is `annulled` is said here. `due`: the day it asks for, where it has no stages."""

    order: str = ""
    due: str = ""
    purpose: str = ""
    annulled: bool = False


class CustomerBill(BillDocument, tag="customer_bill", kw_only=True):
    """A bill that we issued to a buyer."""


class SupplierBill(BillDocument, tag="supplier_bill", kw_only=True):
    """A bill of a supplier, with the number and date of his paper."""

    incoming_number: str = ""
    incoming_date: str = ""
