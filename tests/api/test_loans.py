"""Loans over the API: terms, interest, how one stands; another unit's loans."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from setoff.access.policies import set_policy
from setoff.books.audit import Actor
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
    listed = accountant.get("loan-schedules/MSK", as_of="2025-04-10").json()
    assert listed["rows"] == [{
        "contract": "LOAN", "number": "LOAN", "relation": "loan_received", "counterparty": "IVANOV",
        "counterparty_name": "ИП Иванов И. И.", "currency": "RUB", "rates": [{"since": "", "percent": "10"}], "day_count": "actual",
        "maturity": "2025-05-31", "repayment": "bullet", "principal": "36500.00", "interest": "300.00", "costs": "0.00",
        "interest_to_day": "400.00", "next_day": "2025-04-30", "next_amount": "600.00", "overdue_since": "", "overdue": "0.00",
        "misplaced": None, "missing": [],
    }]  # fmt: skip
    assert accountant.get("loan-schedules/SPB", as_of="2025-04-10").json()["rows"] == []
    assert accountant.get("loan-schedules/MSK/LOAN-LONG", as_of="2025-04-10").json()["code"] == "unknown_reference"
    assert sign_in("stranger").get("loan-schedules/MSK/LOAN", as_of="2025-04-10").json()["code"] == "unknown_reference"


def test_interest_waits_for_a_second_person_where_a_policy_says_so(accountant: Api, sign_in: Callable[[str], Api], web: Any) -> None:
    """Asked for once; approved by somebody else it is in the books."""
    set_policy(web, "loan_interest", Actor("tester", "test"))
    assert accountant.put("loans", [TERMS]).status_code == 200
    assert accountant.post("documents", MONEY).status_code == 200
    asked = accountant.post("loan-interest/MSK/2025-04-30", {}).json()
    assert (asked["documents"], asked["changes"], len(asked["approvals"])) == ([], [], 2)
    assert accountant.post("loan-interest/MSK/2025-04-30", {}).json()["approvals"] == asked["approvals"]
    for number in asked["approvals"]:
        assert sign_in("controller").post(f"approvals/{number}/approve", {}).status_code == 200
    again = accountant.post("loan-interest/MSK/2025-04-30", {}).json()
    assert (again["documents"], again["approvals"]) == ([], [])
    (row,) = accountant.get("loan-schedules/MSK", as_of="2025-04-30").json()["rows"]
    assert (row["interest"], row["missing"]) == ("600.00", [])
