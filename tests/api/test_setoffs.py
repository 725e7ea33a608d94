"""Set-off over the API."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import psycopg

from setoff.access.policies import set_policy
from setoff.books.audit import Actor
from setoff.cli import run
from setoff.settlements.services import post_document
from setoff.trade.documents import AdjustmentRow, DebtAdjustment, Line, Purchase, Sale
from tests.api.asking import Api
from tests.setoffs.debts import METALL, owe_both_ways

Books = psycopg.Connection[Any]


def wanted(**fields: Any) -> dict[str, Any]:
    return {"unit": "MSK", "counterparties": ["METALL"], "currency": "RUB", "date": "2026-03-31", **fields}


def test_the_api_proposes_and_sets_off(accountant: Api, web: Books, actor: Actor) -> None:
    owe_both_ways(web, actor)
    (row,) = accountant.get("set-offs", as_of="2026-03-31").json()
    assert (row["counterparty"], row["amount"], row["since"]) == ("METALL", "75.00", "2026-03-05")
    proposal = accountant.post("set-offs/proposal", wanted(search={"only_debts": True})).json()
    assert (proposal["amount"], [lot["set_off"] for lot in proposal["lots"]]) == ("75.00", ["75.00", "75.00", "0.00"])
    assert [one["code"] for one in proposal["warnings"]] == []
    body = {"set_offs": [wanted(amount="50")]}
    tried = accountant.post("set-offs?dry_run=true", body).json()
    assert (tried["kept"], tried["set_offs"][0]["state"], tried["set_offs"][0]["amount"]) == (False, "posted", "50.00")
    done = accountant.post("set-offs", body).json()["set_offs"][0]
    assert (done["state"], done["amount"]) == ("posted", "50.00")
    assert accountant.get("set-offs", as_of="2026-03-31").json()[0]["amount"] == "25.00"
    assert accountant.post("set-offs", {"set_offs": [wanted(counterparties=["NOBODY"])]}).json()["code"] == "unknown_reference"


def test_each_that_owes_both_ways_by_one_request(accountant: Api, web: Books, actor: Actor) -> None:
    owe_both_ways(web, actor)
    each = {"date": "2026-03-31", "unit": "MSK"}
    (found,) = accountant.post("set-offs/proposals", each).json()
    assert (found["unit"], found["counterparties"], found["amount"]) == ("MSK", ["METALL"], "75.00")
    assert accountant.post("set-offs/proposals", {**each, "partner": "VEGA-GROUP"}).json() == []
    assert accountant.get("set-offs", as_of="2026-03-31", partner="VEGA-GROUP").json() == []
    body = {"each": each, "operation": "month end"}
    first, second = (accountant.post("set-offs", body).json()["set_offs"] for _ in range(2))
    assert [(one["state"], one["amount"]) for one in first] == [("posted", "75.00")] and second == []
    together = accountant.post("set-offs/proposal", wanted(currency="*", counterparties=[], partner="METALL")).json()
    assert (together["currency"], together["amount"]) == ("RUB", "15.00")


def test_the_receipt_of_a_notice(accountant: Api, sign_in: Callable[[str], Api], web: Books, actor: Actor) -> None:
    """Noted by who may post in the unit, once; under Chinese law the check then tells the day."""
    party = {"unit": "SHA", "counterparty": "HAIDA"}
    post_document(web, Sale(key="sold", date="2026-03-01", contract="CN-BUYER", lines=[Line(amount="50")], **party), actor)
    post_document(web, Purchase(key="bought", date="2026-03-01", contract="CN-SUPPLIER", lines=[Line(amount="50")], **party), actor)
    rows = [
        AdjustmentRow(side="they_owe_us", counterparty="HAIDA", contract="CN-BUYER", amount="50"),
        AdjustmentRow(side="we_owe_them", counterparty="HAIDA", contract="CN-SUPPLIER", amount="50"),
    ]
    notice = DebtAdjustment(kind="set_off", unit="SHA", key="notice", date="2026-03-31", rows=rows, one_sided=True)
    post_document(web, notice, actor)
    body = {"key": "notice", "received": "2026-04-07"}
    assert sign_in("viewer").post("set-offs/notices", body).status_code == 403
    assert [accountant.post("set-offs/notices", body).json()["changed"] for _ in range(2)] == [True, False]
    check = accountant.post("set-offs/check", json.loads(msgspec.json.encode(notice))).json()
    assert (check["effect"]["basis"], check["effect"]["day"]) == ("cn-receipt", "2026-04-07")
    assert accountant.post("set-offs/notices", {"key": "sold", "received": "2026-04-07"}).json()["code"] == "invalid_value"
    assert run(["receive-notice", "notice", "2026-04-08"]) == 0
    assert web.execute("select received::text, count(*) over () from notice_receipt").fetchall() == [("2026-04-08", 1)]


def test_a_policy_asks_for_a_second_person(accountant: Api, web: Books, actor: Actor) -> None:
    owe_both_ways(web, actor)
    set_policy(web, "set_off", actor, currency="RUB", limit="60")
    states = [accountant.post("set-offs", {"set_offs": [wanted(amount=amount)]}).json()["set_offs"][0]["state"] for amount in ("60", "15")]
    assert states == ["posted", "posted"]
    bigger = accountant.post("documents", {"type": "sale", "key": "more", "unit": "MSK", "date": "2026-03-06", "counterparty": METALL,
                                           "agreement": "RETAIL", "lines": [{"amount": "100"}]})  # fmt: skip
    assert bigger.status_code == 200
    steel = accountant.post("documents", {"type": "purchase", "key": "steel-2", "unit": "MSK", "date": "2026-03-06", "counterparty": METALL,
                                          "contract": "SUPPLIER", "lines": [{"amount": "100"}]})  # fmt: skip
    assert steel.status_code == 200
    body = {"set_offs": [wanted(search={"only_debts": True})]}
    first, second = (accountant.post("set-offs", body).json()["set_offs"][0] for _ in range(2))
    assert (first["state"], first["amount"]) == ("waits", "100.00")
    assert first["key"] == second["key"]
