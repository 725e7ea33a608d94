"""The status of orders and bills, changed by itself: by the service, the command line and its check."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import psycopg
import pytest

from setoff import cli
from setoff.access.order_status import set_status
from setoff.access.queries import rights_of_owner
from setoff.books.audit import Actor
from setoff.core.errors import DomainError
from setoff.settlements.checks import run_checks
from setoff.settlements.orders.basis import statuses_of
from setoff.settlements.services import known_document, post_document, unpost_document
from setoff.trade.documents import CustomerBill, CustomerOrder, Line, Payment, Sale, SupplierOrder
from setoff.trade.order_documents import OrderStage

Db = psycopg.Connection[Any]
PARTY = {"unit": "MSK", "counterparty": "SIRIUS", "contract": "BUYER-ORDERS"}
STAGES = [
    OrderStage(variant="advance", percent="30"),
    OrderStage(variant="prepayment", percent="20"),
    OrderStage(variant="credit", percent="50"),
]
DAY = date(2025, 3, 7)


def order(status: Any = "approval") -> CustomerOrder:
    return CustomerOrder(key="O1", number="1", date="2025-03-03", lines=[Line(amount="100")], stages=STAGES, status=status, **PARTY)


def said(conn: Db, key: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(known_document(conn, key).content)
    return found


def test_the_next_status_is_offered_first() -> None:
    assert statuses_of(order()) == ("processing", "shipment", "closed")
    assert statuses_of(order("shipment")) == ("closed", "processing", "approval")
    assert statuses_of(order("closed")) == ("shipment", "processing", "approval")
    bought = SupplierOrder(date="2025-03-03", lines=[], unit="MSK", counterparty="METALL", status="processing")
    assert statuses_of(bought) == ("shipment", "closed", "approval")
    bill = {"date": "2025-03-03", "lines": [], **PARTY}
    assert (statuses_of(CustomerBill(**bill)), statuses_of(CustomerBill(annulled=True, **bill))) == (("annulled",), ("issued",))
    assert statuses_of(Sale(**bill)) == ()


def test_a_status_waits_for_its_stages(company: Db, actor: Actor) -> None:
    """30.00 before it is fulfilled, 50.00 before it is shipped; 30.00 come."""
    rights = rights_of_owner(company, "nobody of this name")
    post_document(company, order(), actor)
    with pytest.raises(DomainError) as refused:
        set_status(company, "O1", "processing", DAY, actor, rights)
    told = {name: str(value) for name, value in refused.value.facts.items()}
    assert refused.value.code == "prepayment_missing"
    assert (told["required"], told["paid"], told["missing"]) == ("30.00 RUB", "0.00 RUB", "30.00 RUB")
    payment = Payment(key="P1", date="2025-03-05", kind="payment_from_customer", amount="30", order="O1", **PARTY)
    post_document(company, payment, actor)
    assert set_status(company, "O1", "processing", DAY, actor, rights).changed
    assert (said(company, "O1")["status"], said(company, "O1")["approved"]) == ("processing", "2025-03-07")
    assert not set_status(company, "O1", "processing", DAY, actor, rights).changed
    set_status(company, "O1", "shipment", date(2025, 3, 9), actor, rights, consent=True)
    assert said(company, "O1")["approved"] == "2025-03-07"
    assert company.execute("select count(*) from audit where verb = 'pass_gate'").fetchone() == (1,)
    (listed,) = run_checks(company, ["C-ORD"])
    assert [(row.document, row.expected, row.actual, row.difference) for row in listed.rows] == [("O1", "5000", "3000", -2000)]
    set_status(company, "O1", "processing", DAY, actor, rights)
    assert run_checks(company, ["C-ORD"])[0].rows == []
    unpost_document(company, "P1", actor)
    assert [(row.unit, row.expected, row.actual) for row in run_checks(company, ["C-ORD"])[0].rows] == [("MSK", "3000", "0")]
    assert run_checks(company, ["C-ORD"], "SPB")[0].rows == []


def test_statuses_at_the_command_line(
    company: Db, actor: Actor, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SETOFF_LANG", "en")
    post_document(company, order(), actor)
    post_document(company, CustomerBill(key="B1", number="1", date="2025-03-04", lines=[Line(amount="30")], order="O1", **PARTY), actor)
    assert cli.run(["orders", "status", "O1", "shipment"]) == 1
    assert "prepayment_missing" in capsys.readouterr().err
    assert cli.run(["orders", "status", "O1", "annulled"]) == 1
    assert "invalid_value" in capsys.readouterr().err
    assert cli.run(["orders", "status", "O1", "shipment", "--consent", "--approved", "2025-03-06", "--dry-run"]) == 0
    assert said(company, "O1").get("status") is None
    assert cli.run(["orders", "status", "O1", "shipment", "--consent", "--approved", "2025-03-06"]) == 0
    assert (said(company, "O1")["status"], said(company, "O1")["approved"]) == ("shipment", "2025-03-06")
    assert cli.run(["orders", "status", "B1", "annulled"]) == 0
    assert said(company, "B1")["annulled"] is True
    assert cli.run(["orders", "status", "B1", "issued"]) == 0
    assert said(company, "B1").get("annulled") is None
