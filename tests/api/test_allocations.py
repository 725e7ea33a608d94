"""The allocation desk over the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from setoff.access.policies import set_policy
from setoff.books.audit import Actor
from tests.api.asking import Api, payment, sale

Company = psycopg.Connection[Any]
PAYMENT = "payment_from_customer/MSK/2026/3"


@pytest.fixture
def books(accountant: Api) -> Api:
    """Two debts and a payment of a contract where nothing is put to anything by itself."""
    manual = {"counterparty": "SIRIUS", "contract": "BUYER-MANUAL"}
    for record in (sale("1", "100.00", **manual), sale("2", "60.00", "2026-01-12", **manual), payment("3", "80.00", **manual)):
        assert accountant.post("documents", record).status_code == 200
    return accountant


def desk(api: Api) -> dict[str, Any]:
    (side,) = api.get("allocations", unit="MSK", counterparty="SIRIUS").json()
    return dict(side)


def wanted(*puts: dict[str, Any]) -> dict[str, Any]:
    return {"unit": "MSK", "counterparty": "SIRIUS", "currency": "RUB", "puts": list(puts)}


def to_second(**fields: Any) -> dict[str, Any]:
    return wanted({"payment": PAYMENT, "document": "sale/MSK/2026/2", "amount": "60.00", **fields})


def test_what_is_open_is_shown_tried_and_put(books: Api) -> None:
    before = desk(books)
    assert [(item["number"], item["amount"]) for item in before["debts"]] == [("1", "100.00"), ("2", "60.00")]
    assert [(put["document"], put["amount"], put["rule"]) for put in before["proposed"]] == [("sale/MSK/2026/1", "80.00", "moment")]
    tried = books.post("allocations?dry_run=true", to_second())
    assert (tried.status_code, tried.json()["kept"]) == (200, False), tried.content
    assert tried.json()["changes"]
    assert desk(books) == before
    done = books.post("allocations", to_second(seen=before["money"][0]["seen"]), idempotency_key="a").json()
    assert (done["kept"], done["payments"]) == (True, [{"key": PAYMENT, "number": "3", "approval": None}])
    after = desk(books)
    assert ([item["number"] for item in after["debts"]], [item["amount"] for item in after["money"]]) == (["1"], ["20.00"])
    changed = books.post("allocations", to_second(document="sale/MSK/2026/1", seen=before["money"][0]["seen"]))
    assert changed.json()["code"] == "allocation_changed"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"document": "sale/MSK/2026/9"}, "unknown_reference"),
        ({"payment": "sale/MSK/2026/1"}, "unknown_reference"),
        ({"line": 7}, "unknown_reference"),
        ({"amount": "-1.00"}, "invalid_value"),
        ({"amount": "0.001"}, "invalid_amount"),
        ({"amount": "60.01"}, "allocation_exceeds_balance"),
    ],
)
def test_what_does_not_fit_is_refused(books: Api, fields: dict[str, Any], code: str) -> None:
    refused = books.post("allocations", to_second(**fields))
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert [item["amount"] for item in desk(books)["debts"]] == ["100.00", "60.00"]


def test_who_may_not_post_may_not_put(books: Api, sign_in: Callable[[str], Api]) -> None:
    assert sign_in("viewer").post("allocations", to_second()).json()["code"] == "not_permitted"
    assert sign_in("stranger").get("allocations", unit="MSK", counterparty="SIRIUS").json()["code"] == "unknown_reference"


def test_a_policy_asks_a_second_person(accountant: Api, sign_in: Callable[[str], Api], web: Company) -> None:
    contract = {**accountant.get("contracts/SUPPLIER").json(), "code": "SUPPLIER-MANUAL", "number": "M", "allocation": "manual"}
    assert accountant.put("contracts", [contract]).json()["created"] == 1
    supplier = {"counterparty": "METALL", "contract": "SUPPLIER-MANUAL"}
    for record in (sale("1", "100.00", type="purchase", **supplier), {**payment("2", "90.00", **supplier), "kind": "payment_to_supplier"}):
        assert accountant.post("documents", record).status_code == 200
    set_policy(web, "payment", Actor("administrator", "page"))
    put = {"payment": "payment_to_supplier/MSK/2026/2", "document": "purchase/MSK/2026/1", "amount": "90.00"}
    asked = {"unit": "MSK", "counterparty": "METALL", "currency": "RUB", "relation": "supplier", "puts": [put]}
    (waiting,) = accountant.post("allocations", asked).json()["payments"]
    assert [side["debts"][0]["amount"] for side in accountant.get("allocations", unit="MSK", counterparty="METALL").json()] == ["100.00"]
    assert sign_in("controller").post(f"approvals/{waiting['approval']}/approve", {"reason": "seen"}).status_code == 200
    (side,) = accountant.get("allocations", unit="MSK", counterparty="METALL").json()
    assert (side["debts"][0]["amount"], side["money"]) == ("10.00", [])
