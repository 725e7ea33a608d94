"""Until when a debtor can be sued, over the API."""

from __future__ import annotations

from tests.api.asking import Api


def test_the_reserve_tells_until_when_debts_can_be_sued_for(accountant: Api) -> None:
    """100.00 due on 10 January 2025; on 30 April they are 110 days overdue and reserved in full."""
    sale = {
        "type": "sale", "unit": "MSK", "date": "2025-01-05", "due": "2025-01-10", "key": "old", "counterparty": "VEGA", "contract": "BUYER",
        "lines": [{"amount": "100.00"}],
    }  # fmt: skip
    assert accountant.post("documents", sale).status_code == 200
    (row,) = accountant.get("reserves/MSK/2025-04-30").json()["rows"]
    told = {name: row[name] for name in ("wanted", "limitation_since", "limitation_ends", "limitation_act")}
    assert told == {"wanted": "100.00", "limitation_since": "2025-01-10", "limitation_ends": "2028-01-10", "limitation_act": 0}
