"""The status of orders and bills, changed by itself: by the service, the command line and its check."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import msgspec
import psycopg
import pytest

from setoff import cli
from setoff.access.order_status import set_status
from setoff.access.queries import rights_of_owner
from setoff.books.audit import Actor
from setoff.books.services import close_period, reopen_period
from setoff.books.verify import verify
from setoff.core.errors import DomainError
from setoff.intake.export import exported_lines
from setoff.settlements.checks import run_checks
from setoff.settlements.known import shadow
from setoff.settlements.orders.basis import statuses_of
from setoff.settlements.orders.kept import as_it_stands
from setoff.settlements.orders.standing import NEWEST, POSTED, stages_of, standings
from setoff.settlements.services import known_document, post_document, unpost_document
from setoff.trade.documents import CustomerBill, CustomerOrder, Line, Payment, Sale, SupplierOrder
from setoff.trade.order_documents import OrderStage
from setoff.trade.queries import decode_document

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


def planned(conn: Db, source: str) -> list[tuple[str, str, list[tuple[date, int]]]]:
    """Key, status, days and amounts of what is planned."""
    found = standings(conn, source=source)
    stages = stages_of(conn, found)
    return [(item.key, item.status, [(stage.day, stage.amount) for stage in stages[item.version_id]]) for item in found]


def test_a_status_changes_in_a_closed_period(company: Db, actor: Actor) -> None:
    """30.00 ten days after approval (12 April is a Saturday: the 14th), 70.00 on the day of shipment; closed in March, approved on 2 April.
    Seal and content stay."""
    rights = rights_of_owner(company, "nobody of this name")
    stages = [OrderStage(variant="advance", percent="30", base="approval", days=10), OrderStage(variant="credit", percent="70")]
    said_first = CustomerOrder(key="O1", number="1", date="2025-03-03", lines=[Line(amount="100")], stages=stages, **PARTY)
    post_document(company, said_first, actor)
    post_document(company, CustomerBill(key="B1", number="1", date="2025-03-04", lines=[Line(amount="30")], order="O1", **PARTY), actor)
    close_period(company, "MSK", date(2025, 3, 31), actor)
    before = known_document(company, "O1")
    with pytest.raises(DomainError) as refused:
        set_status(company, "O1", "processing", date(2025, 4, 2), actor, rights)
    assert refused.value.code == "prepayment_missing"
    post_document(company, Payment(key="P1", date="2025-04-01", kind="payment_from_customer", amount="30", order="O1", **PARTY), actor)
    then = company.execute("select clock_timestamp()").fetchone()
    assert then is not None and isinstance(then[0], datetime)
    assert set_status(company, "O1", "processing", date(2025, 4, 2), actor, rights).changed
    assert not set_status(company, "O1", "processing", date(2025, 4, 5), actor, rights).changed
    assert set_status(company, "B1", "annulled", date(2025, 4, 2), actor, rights).changed
    assert known_document(company, "O1") == before
    assert verify(company) == []
    now = [
        ("O1", "processing", [(date(2025, 4, 14), 3000), (date(2025, 3, 3), 7000)]),
        ("B1", "annulled", [(date(2025, 3, 4), 3000)]),
    ]
    assert planned(company, NEWEST) == planned(company, POSTED) == now
    with shadow(company, then[0]):
        assert planned(company, POSTED) == [
            ("O1", "approval", [(date(2025, 3, 13), 3000), (date(2025, 3, 3), 7000)]),
            ("B1", "issued", [(date(2025, 3, 4), 3000)]),
        ]
    sale = Sale(key="S1", date="2025-04-03", lines=[Line(amount="100")], order="O1", **PARTY)
    with pytest.raises(DomainError) as unreleased:
        post_document(company, sale, actor)
    assert unreleased.value.code == "order_not_released"
    set_status(company, "O1", "shipment", date(2025, 4, 3), actor, rights)
    post_document(company, sale, actor)
    exported = {row["key"]: row for row in map(json.loads, exported_lines(company)) if row.get("key") in ("O1", "B1")}
    assert (exported["O1"]["status"], exported["O1"]["approved"], exported["B1"]["annulled"]) == ("shipment", "2025-04-02", True)
    assert company.execute("select count(*) from audit where verb = 'set_status'").fetchone() == (3,)


def test_an_edit_in_a_reopened_period_states_the_status_again(company: Db, actor: Actor) -> None:
    rights = rights_of_owner(company, "nobody of this name")
    post_document(company, order(), actor)
    close_period(company, "MSK", date(2025, 3, 31), actor)
    set_status(company, "O1", "processing", DAY, actor, rights, consent=True)
    reopen_period(company, "MSK", date(2025, 3, 31), actor, reason="to correct it")
    set_status(company, "O1", "approval", DAY, actor, rights)
    assert [status for _, status, _ in planned(company, NEWEST)] == ["approval"]
    set_status(company, "O1", "closed", DAY, actor, rights)
    stands = as_it_stands(company, decode_document(known_document(company, "O1").content))
    post_document(company, msgspec.structs.replace(stands, comment="called off"), actor)
    assert (said(company, "O1")["status"], said(company, "O1")["comment"]) == ("closed", "called off")
    assert [status for _, status, _ in planned(company, POSTED)] == ["closed"]
    set_status(company, "O1", "approval", DAY, actor, rights)
    assert said(company, "O1").get("status") is None
