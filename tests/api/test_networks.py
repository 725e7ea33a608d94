"""The network of debts over the API: the figures of the page."""

from __future__ import annotations

from tests.api.asking import Api, payment, sale


def test_the_network_of_our_books(accountant: Api) -> None:
    """VEGA owes 70 and has no claims: nothing clears, and that is why it stays."""
    accountant.post("documents", sale("1", "100.00"))
    accountant.post("documents", payment("2", "30.00"))
    (found,) = accountant.get("networks").json()
    assert (found["currency"], found["debts"], found["cleared"], found["pairs"]) == ("RUB", "70.00", "0.00", 1)
    assert found["stays"] == [{"reason": "debtor_has_no_claims", "pairs": 1, "amount": "70.00"}]
    assert sorted(party["net"] for party in found["parties"]) == ["-70.00", "70.00"]
    assert accountant.get("networks", currency="CNY").json() == []
    assert len(accountant.get("networks", limit=1).json()[0]["parties"]) == 1
