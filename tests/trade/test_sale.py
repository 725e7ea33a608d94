"""A sale: one row per rule and per refusal (spec 2.2)."""

from __future__ import annotations

from typing import Any

from setoff.trade.documents import Line, Sale
from tests.trade.stage import tell


def sale(*lines: Line, **fields: Any) -> Sale:
    known = {"unit": "MSK", "date": "2025-02-10", "counterparty": "VEGA", "contract": "BUYER", **fields}
    return Sale(lines=list(lines), **known)


def test_goods_with_vat_and_cost() -> None:
    document = sale(Line(amount="1200.00", vat_rate="20", cost="700.00"))
    assert tell(document) == (
        ["1 -|- 1200.00"],
        ["#1 90.01 1200.00 20%", "90.03 68.02 200.00 20%", "90.02 41 700.00"],
    )
