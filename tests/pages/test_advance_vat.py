"""The page of VAT on advances: what waits, both ways out, how a unit keeps it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.test import Client

from setoff.books.audit import Actor
from setoff.language import LANGUAGES, text
from setoff.settlements.advance_vat.services import Policy, policies_of, policy_of, set_vat_policy
from setoff.settlements.services import post_document, unpost_document
from setoff.trade.documents import AdjustmentRow, DebtAdjustment, Line, Payment, Sale

Web = psycopg.Connection[Any]
VAT_SQL = """
  select debit.code, credit.code, amount from posting join document on document.id = document_id
  join account debit on debit.id = debit_account_id join account credit on credit.id = credit_account_id
  where posting.kind = 'vat' and document.kind = 'advance_vat'"""


@pytest.fixture
def waiting(web: Web) -> Web:
    """600 of an advance of 1 200 were refunded, 300 set off against another contract: 100 and 50 of VAT wait."""
    actor = Actor("tester", "test")
    set_vat_policy(web, "MSK", Policy("same_day"), actor)
    party: dict[str, Any] = {"unit": "MSK", "counterparty": "VEGA"}
    post_document(web, Payment(kind="payment_from_customer", date="2025-02-20", amount="1200", contract="BUYER", **party), actor)
    post_document(web, Payment(kind="refund_to_customer", key="refund", date="2025-03-10", amount="600", contract="BUYER", **party), actor)
    post_document(web, Sale(date="2025-03-01", lines=[Line(amount="300")], contract="BUYER-2", **party), actor)
    rows = [
        AdjustmentRow(side="we_owe_them", counterparty="VEGA", contract="BUYER", amount="300"),
        AdjustmentRow(side="they_owe_us", counterparty="VEGA", contract="BUYER-2", amount="300"),
    ]
    post_document(web, DebtAdjustment(kind="set_off", key="act", unit="MSK", date="2025-03-12", rows=rows), actor)
    return web


def content(answer: Any) -> str:
    found: str = answer.content.decode()
    return found


def test_what_waits_is_decided_by_a_button(waiting: Web, sign_in: Callable[..., Client]) -> None:
    client = sign_in("accountant")
    shown = content(client.get("/vat/"))
    assert "150.00" in shown and 'value="refund"' in shown and 'value="act"' in shown
    answer = client.post("/vat/decide/", {"document": "refund", "decision": "deduct", "date": "2025-03-31"})
    assert (answer.status_code, answer["Location"]) == (302, "/vat/")
    client.post("/vat/decide/", {"document": "act", "decision": "expense", "date": "2025-03-31"})
    assert waiting.execute(VAT_SQL).fetchall() == [("68.02", "76.АВ", 10_000), ("91.02", "76.АВ", 5_000)]
    assert "Nothing waits for a decision." in content(client.get("/vat/"))


def test_what_waits_comes_a_page_at_a_time(waiting: Web, sign_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("setoff.pages.advance_vat.ROWS", 1)
    client = sign_in("accountant")
    first = content(client.get("/vat/"))
    assert 'value="refund"' in first and 'value="act"' not in first
    second = content(client.get("/vat/?after=" + first.split("?after=")[1].split('"')[0]))
    assert 'value="act"' in second and 'value="refund"' not in second and 'rel="next"' not in second
    assert "150.00" in first and "150.00" in second  # of both
    assert client.get("/vat/?after=x").status_code == 422
    taken_back = DebtAdjustment(kind="set_off", key="back", unit="MSK", date="2025-03-20", reverses="act")
    post_document(waiting, taken_back, Actor("tester", "test"))
    alone = content(client.get("/vat/"))
    assert 'value="refund"' in alone and 'value="act"' not in alone and 'rel="next"' not in alone and "100.00" in alone
    assert "150.00" not in alone
    unpost_document(waiting, "back", Actor("tester", "test"))
    assert "150.00" in content(client.get("/vat/"))


def test_what_cannot_be_is_told_above_the_list(waiting: Web, sign_in: Callable[..., Client]) -> None:
    client = sign_in("accountant")
    early = client.post("/vat/decide/", {"document": "refund", "decision": "deduct", "date": "2025-03-01"})
    assert early.status_code == 422 and 'value="refund"' in content(early)
    assert client.post("/vat/decide/", {"document": "refund", "decision": "forget", "date": "2025-03-31"}).status_code == 422
    assert sign_in("viewer").post("/vat/decide/", {"document": "refund", "decision": "deduct", "date": "2025-03-31"}).status_code == 403
    assert 'name="decision"' not in content(sign_in("viewer").get("/vat/"))
    assert waiting.execute(VAT_SQL).fetchall() == []


def test_a_policy_is_tried_first(waiting: Web, sign_in: Callable[..., Client]) -> None:
    client = sign_in("administrator")
    said = {"unit": "MSK", "window": "tax_period", "since": "", "set_off": "terminated"}
    shown = content(client.post("/vat/keep/", {**said, "action": "try"}))
    assert "MSK: 2 postings would move" in shown and policy_of(waiting, "MSK").window == "same_day"
    assert client.post("/vat/keep/", {**said, "action": "keep"}).status_code == 302
    assert policy_of(waiting, "MSK").window == "tax_period"
    assert client.post("/vat/keep/", {**said, "unit": "AMS", "action": "keep"}).status_code == 422
    assert sign_in("accountant").post("/vat/keep/", {**said, "action": "keep"}).status_code == 403


def test_the_api_keeps_and_tells_it(waiting: Web, sign_in: Callable[..., Client]) -> None:
    client = sign_in("administrator")
    assert client.get("/api/v1/vat/units/MSK").json()["vat_on_advances"] == "same_day"
    asked = {"vat_on_advances": "off"}
    tried = client.put("/api/v1/vat/units/MSK?dry_run=true", asked, content_type="application/json").json()
    assert (tried["kept"], [(row["before"], row["after"]) for row in tried["changes"]]) == (False, [("200.00", "0.00")])
    rate = client.put("/api/v1/vat/contracts/BUYER", {"advance_vat": "10"}, content_type="application/json").json()
    assert [(row["before"], row["after"]) for row in rate["changes"]] == [("200.00", "109.09")]
    assert "109.09" in content(client.get("/api/v1/reports/advance-vat?as_of=2025-12-31&format=json"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_there_is_none_and_who_turns_it_on(web: Web, sign_in: Callable[..., Client], language: Any) -> None:
    shown = content(sign_in("accountant", language).get("/vat/"))
    assert text(language, "vat-off-everywhere") in shown and text(language, "vat-off-why") in shown
    assert text(language, "vat-asks-administrator") in shown and text(language, "vat-turn-on") not in shown
    assert text(language, "vat-turn-on") in content(sign_in("administrator", language).get("/vat/"))
    for unit, _policy in policies_of(web, ["MSK", "SPB", "LYC"]):
        set_vat_policy(web, unit, Policy("same_day"), Actor("tester", "test"))
    shown = content(sign_in("accountant", language).get("/vat/"))
    assert text(language, "vat-off-everywhere") not in shown and text(language, "vat-off-why") not in shown
