"""The bank over the API: from a file of the bank to payments in the books."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.api.asking import Api, payment, sale
from tests.banks.statements import OURS, Told, onec

VEGA = {"name": "ООО Вега", "tax_id": "7702070139"}
ACCOUNT = {"unit": "MSK", "number": OURS, "currency": "RUB", "name": "Сбер"}


def brought(api: Api, *lines: Told) -> list[dict[str, Any]]:
    api.put("bank/accounts", ACCOUNT)
    answer = api.post("bank/statements", onec(*lines), content_type="text/plain")
    assert answer.status_code == 200, answer.content
    api.post("bank/proposals")
    return list(api.get("bank/lines").json()["rows"])


def test_a_line_of_the_bank_becomes_a_payment(accountant: Api) -> None:
    accountant.post("documents", sale("17", "1200.00", date="2025-02-01"))
    (line,) = brought(accountant, Told("+1200.00", **VEGA, purpose="Оплата по счету 17 от 01.02.2025"))
    assert (line["state"], line["proposal"]["counterparty"], line["amount"]) == ("proposed", "VEGA", "1200.00")
    assert line["reasons"]
    (done,) = accountant.post("bank/confirmations", {"lines": [line["id"]]}).json()
    assert (done["line"], done["code"]) == (line["id"], "")
    assert accountant.get(f"documents/{done['document']}").json()["status"] == "posted"
    assert [row["state"] for row in accountant.get("bank/lines").json()["rows"]] == ["booked"]
    assert accountant.post(f"bank/lines/{line['id']}/unconfirm").json()["state"] == "proposed"
    assert accountant.get("bank/accounts").json()[0]["proposed"] == 1
    assert accountant.get("bank/statements").json()[0]["lines"] == 1
    again = accountant.post("bank/statements", onec(Told("+1200.00", **VEGA, purpose="Оплата по счету 17 от 01.02.2025")),
                            content_type="text/plain").json()  # fmt: skip
    assert again[0]["new_lines"] == 0


def test_people_decide_whose_a_line_is(accountant: Api) -> None:
    accountant.post("documents", sale("17", "100.00", date="2025-02-01"))
    first, second = brought(accountant, Told("+55.00", name="Nobody", tax_id="", number="1"), Told("+7.00", name="Nobody", number="2"))
    assert (first["state"], second["state"]) == ("unclaimed", "unclaimed")
    owned = accountant.put(f"bank/lines/{first['id']}/owner", {"counterparty": "VEGA"}).json()
    assert owned["proposal"]["counterparty"] == "VEGA"
    ignored = accountant.post(f"bank/lines/{second['id']}/ignore", {"reason": "a fee"}).json()
    assert (ignored["state"], ignored["ignored_because"]) == ("ignored", "a fee")
    assert accountant.post(f"bank/lines/{second['id']}/restore").json()["state"] == "unclaimed"
    claimed = payment("", "8.00", date="2025-03-10", contract="")
    wrong = accountant.put(f"bank/lines/{second['id']}/payment", claimed)
    assert wrong.json()["code"] == "bank_line_differs"
    right = accountant.put(f"bank/lines/{second['id']}/payment", {**claimed, "amount": "7.00"}).json()
    assert right["proposal"]["amount"] == "7.00"
    page = accountant.get("bank/lines", limit=1).json()
    assert [row["id"] for row in accountant.get("bank/lines", cursor=page["next"]).json()["rows"]] == [second["id"]]
    assert accountant.post("bank/lines/999999/restore").status_code == 404


def test_rules_are_kept(accountant: Api) -> None:
    rule = {"unit": "MSK", "field": "purpose", "pattern": "комиссия", "kind": "ignore", "reason": "fees"}
    added = accountant.post("bank/rules", rule)
    assert (added.status_code, added.json()["position"]) == (201, 1)
    assert accountant.get("bank/rules").json() == [added.json()]
    assert accountant.send("DELETE", f"bank/rules/{added.json()['id']}").status_code == 204
    assert accountant.send("DELETE", f"bank/rules/{added.json()['id']}").status_code == 404
    account = {"unit": "MSK", "counterparty": "VEGA", "number": "40702810500000000009"}
    assert accountant.put("bank/party-accounts", account).status_code == 204


def test_who_may_not_sees_and_changes_nothing(accountant: Api, sign_in: Callable[[str], Api]) -> None:
    (line,) = brought(accountant, Told("+1200.00", **VEGA))
    viewer, stranger = sign_in("viewer"), sign_in("stranger")
    assert viewer.get("bank/lines").status_code == 200
    assert viewer.post("bank/confirmations", {"lines": [line["id"]]}).status_code == 403
    assert viewer.post("bank/statements", onec(Told("+1.00")), content_type="text/plain").status_code == 403
    assert stranger.get("bank/lines").status_code == 403
    assert stranger.post("bank/confirmations", {"lines": [line["id"]]}).json()["code"] == "unknown_reference"
