"""Loans over the API: terms, interest, how one stands; another unit's loans."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.asking import Api

TERMS = {"type": "loan", "code": "LOAN", "item": "interest", "maturity": "2025-05-31", "rates": [{"percent": "10"}]}
MONEY = {
    "type": "payment", "kind": "loan_received", "unit": "MSK", "date": "2025-03-01", "counterparty": "IVANOV", "contract": "LOAN",
    "amount": "36500.00",
}  # fmt: skip


def test_a_loan_by_the_api(accountant: Api, sign_in: Callable[[str], Api]) -> None:
    """10.00 a day from March 2."""
    assert accountant.put("loans", [TERMS]).status_code == 200
    assert accountant.post("documents", MONEY).status_code == 200
    assert sign_in("viewer").post("loan-interest/MSK/2025-03-31", {}).status_code == 403
    assert accountant.post("loan-interest/MSK/2025-03-31?dry_run=true", {}).json()["kept"] is False
    assert accountant.post("loan-interest/MSK/2025-03-31", {}).json()["documents"] == ["loan_interest/MSK/LOAN/2025-03-31"]
    assert accountant.post("loan-interest/MSK/2025-03-31", {}).json()["documents"] == []
    stands = accountant.get("loan-schedules/MSK/LOAN", as_of="2025-04-10").json()
    assert (stands["costs"], stands["interest"], stands["principal"]) == ("0.00", "400.00", "36500.00")
    assert stands["due"] == [
        {"day": "2025-04-30", "principal": "0.00", "interest": "600.00", "left": "36500.00"},
        {"day": "2025-05-31", "principal": "36500.00", "interest": "310.00", "left": "0.00"},
    ]
    assert accountant.get("loan-schedules/MSK/LOAN-LONG", as_of="2025-04-10").json()["code"] == "unknown_reference"
    assert sign_in("stranger").get("loan-schedules/MSK/LOAN", as_of="2025-04-10").json()["code"] == "unknown_reference"
