"""Orders and bills as reports: planned, actual and overdue debt side by side; what is left of bills."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from setoff.books.audit import Actor
from setoff.language import LANGUAGES, Language
from setoff.reports.ask import ask
from setoff.reports.files import render_json
from setoff.reports.table import render_table
from setoff.settlements.bulk import import_documents
from setoff.settlements.services import post_document
from setoff.trade.documents import CustomerBill, CustomerOrder, Line, Payment, Sale
from setoff.trade.order_documents import OrderStage

Db = psycopg.Connection[Any]
PARTY = {"unit": "MSK", "counterparty": "SIRIUS", "contract": "BUYER-ORDERS"}


def told(conn: Db, report: str, day: str, fields: tuple[str, ...], **options: list[str]) -> list[tuple[Any, ...]]:
    found = json.loads(render_json(ask(conn, report, as_of=day, options=options), "en"))
    return [tuple(row[field] for field in fields) for section in found["sections"] for row in section["rows"]]


@pytest.fixture
def orders(company: Db, actor: Actor) -> Db:
    """Two orders: one shipped and paid in part, with a bill; one that is closed."""
    stages = [OrderStage(variant="advance", percent="40"), OrderStage(variant="credit", percent="60", days=10)]
    lines = [Line(amount="1000")]
    documents = [
        CustomerOrder(key="O1", number="1", date="2025-03-03", lines=lines, stages=stages, desired="2025-03-20", **PARTY),
        CustomerBill(key="B1", number="1", date="2025-03-04", lines=[Line(amount="400")], order="O1", due="2025-03-10", **PARTY),
        Payment(date="2025-03-05", kind="payment_from_customer", amount="300", order="O1", bill="B1", **PARTY),
        CustomerOrder(key="O2", number="2", date="2025-03-06", lines=[Line(amount="7")], status="closed", **PARTY),
    ]
    for document in documents:
        post_document(company, document, actor)
    sale = Sale(key="S1", date="2025-03-20", lines=[Line(amount="450")], order="O1", due="2025-03-30", **PARTY)
    post_document(company, sale, actor, consent=True)
    return company


def test_planned_actual_and_overdue_stand_side_by_side(orders: Db) -> None:
    """1000 ordered, 450 shipped, 300 paid: 550 planned, also where a bill asks for 100 of it; 150 owed, overdue from the 31st."""
    fields = ("status", "total", "shipped", "paid", "planned", "debt", "overdue")
    assert told(orders, "orders", "2025-03-30", fields) == [("approval", "1000.00", "450.00", "300.00", "550.00", "150.00", "0.00")]
    assert told(orders, "orders", "2025-03-31", fields)[0][-1] == "150.00"
    assert [row[0] for row in told(orders, "orders", "2025-03-31", ("status",), all=["yes"])] == ["approval", "closed"]
    assert told(orders, "bills", "2025-03-31", ("status", "total", "paid", "left")) == [("partly_paid", "400.00", "300.00", "100.00")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tables_have_words(orders: Db, language: Language) -> None:
    for report in ("orders", "bills"):
        amount = {"orders": "450", "bills": "400"}[report]
        assert amount in render_table(ask(orders, report, as_of="2025-03-31", options={}), language)


def test_a_file_is_asked_by_the_gate_too(company: Db, actor: Actor) -> None:
    """The order is refused and what names it is kept: with its payment in the same file it passes, whatever comes first."""
    stages = [OrderStage(variant="prepayment", percent="100")]
    order = CustomerOrder(key="O1", date="2025-03-03", lines=[Line(amount="50")], stages=stages, status="shipment", **PARTY)
    payment = Payment(key="P1", date="2025-03-04", kind="payment_from_customer", amount="50", order="O1", **PARTY)
    refused = import_documents(company, lambda: [(1, order)], actor, on_error="collect").refused
    assert [(ref, error.code.value, str(error.facts["missing"])) for ref, error in refused] == [(1, "prepayment_missing", "50.00 RUB")]
    assert import_documents(company, lambda: [(1, order), (2, payment)], actor, on_error="collect").created == 2
