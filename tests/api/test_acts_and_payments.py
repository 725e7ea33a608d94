"""Acts of reconciliation and payments through the bank, over the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core import mail
from django.test import override_settings

from tests.api.asking import Api, payment, sale
from tests.api.test_bank import ACCOUNT

OURS_CHECKED = "40702810200000000001"
BIC = "044525225"
CORRESPONDENT = "30101810400000000225"


def test_an_act_is_drawn_up_compared_and_agreed(accountant: Api, sign_in: Callable[[str], Api]) -> None:
    accountant.post("documents", sale("1", "100.00"))
    accountant.post("documents", payment("2", "30.00"))
    drawn = accountant.post("acts", {"unit": "MSK", "counterparty": "VEGA", "last_day": "2026-01-31"})
    assert drawn.status_code == 201, drawn.content
    act = drawn.json()["act"]
    assert (act["state"], act["our_closing"], act["their_closing"]) == ("draft", "70.00", None)
    table = "date,document,debit,credit\n2026-01-10,1,,100.00\n2026-01-20,2,30.00,\n"
    theirs = accountant.put(f"acts/{act['id']}/theirs", table.encode(), content_type="text/csv").json()
    assert (theirs["act"]["their_closing"], theirs["act"]["difference"]) == ("-70.00", "0.00")
    assert accountant.post(f"acts/{act['id']}/state", {"state": "agreed"}).json()["code"] == "field_missing"
    agreed = accountant.post(f"acts/{act['id']}/state", {"state": "agreed", "signed_by": "Olga", "signed_on": "2026-02-02"}).json()
    assert agreed["act"]["state"] == "agreed"
    accountant.post("documents", sale("1", "110.00"))
    changed = accountant.get(f"acts/{act['id']}").json()["changes"]
    assert [(row["document"], row["before"], row["after"]) for row in changed] == [("sale/MSK/2026/1", "100.00", "110.00")]
    assert accountant.get(f"acts/{act['id']}", form="pdf").content.startswith(b"%PDF")
    assert sign_in("viewer").post(f"acts/{act['id']}/send", {"to": "olga@vega.example"}).status_code == 403
    assert accountant.post(f"acts/{act['id']}/send", {"to": "olga"}).json()["field"] == "to"
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        mail.outbox = []
        assert accountant.post(f"acts/{act['id']}/send", {"to": "olga@vega.example", "language": "en"}).json()["act"]["state"] == "agreed"
    assert [letter.to for letter in mail.outbox] == [["olga@vega.example"]]
    assert [row["id"] for row in accountant.get("acts", counterparty="VEGA").json()] == [act["id"]]
    assert accountant.post(f"acts/{act['id']}/fill").json()["code"] == "act_agreed"
    assert sign_in("stranger").get(f"acts/{act['id']}").status_code == 404
    assert sign_in("viewer").post(f"acts/{act['id']}/fill").status_code == 403


def test_debts_are_paid_through_the_bank(accountant: Api) -> None:
    accountant.put("bank/accounts", {**ACCOUNT, "number": OURS_CHECKED, "bic": BIC, "bank_name": "Сбер", "correspondent": CORRESPONDENT})
    party = {"unit": "MSK", "counterparty": "METALL", "number": OURS_CHECKED, "bic": BIC, "bank_name": "Сбер"}
    accountant.put("bank/party-accounts", {**party, "correspondent": CORRESPONDENT})
    purchase: dict[str, Any] = {**sale("5", "80.00"), "type": "purchase", "counterparty": "METALL", "contract": "SUPPLIER"}
    assert accountant.post("documents", purchase).status_code == 200
    (debt,) = accountant.get("bank/debts", account=OURS_CHECKED).json()
    assert (debt["document"], debt["amount"], debt["has_account"]) == ("purchase/MSK/2026/5", "80.00", True)
    wanted = {"account": OURS_CHECKED, "date": "2026-02-01", "debts": [{"document": debt["document"]}]}
    keys = accountant.post("bank/payments", wanted).json()
    assert accountant.get(f"documents/{keys[0]}").json()["status"] == "draft"
    assert accountant.get("bank/balance", account=OURS_CHECKED).json()["days"] == []
    assert accountant.get("bank/debts", account="nothing").json()["code"] == "unknown_reference"
    orders = accountant.post("bank/orders", {"payments": keys, "form": "1c"})
    assert (orders.status_code, orders["Content-Type"]) == (200, "text/plain"), orders.content
    assert "Сумма=80.00" in orders.content.decode("cp1251")
