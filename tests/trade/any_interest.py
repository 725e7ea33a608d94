"""Calculations of interest: stretches of days that sum to an amount."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from setoff.core.interest import Stretch, exact_interest, rounded
from setoff.core.money import format_amount
from setoff.trade.documents import InterestRow


@st.composite
def calculations(draw: st.DrawFn, currency: str) -> dict[str, Any]:
    """What interest says of the first half of February 2025: an amount, and the rows that come to it. Large enough to be worth something at
    any rate."""
    cuts = sorted(draw(st.sets(st.integers(1, 14), min_size=1, max_size=4)))
    year_days, percents = st.sampled_from((360, 365, 366)), st.decimals("1", "99", places=2)
    found = [
        Stretch(date(2025, 2, first), date(2025, 2, last - 1), draw(st.integers(10**9, 10**11)), draw(percents), draw(year_days))
        for first, last in zip(cuts, [*cuts[1:], 16], strict=True)
    ]
    rows = [
        InterestRow(
            first=one.first.isoformat(), last=one.last.isoformat(), principal=format_amount(one.principal, currency),
            percent=str(one.percent), year_days=one.year_days,
        )
        for one in found
    ]  # fmt: skip
    amount = format_amount(rounded(exact_interest(found)), currency)
    return {"first": "2025-02-01", "last": "2025-02-15", "amount": amount, "rows": rows, "item": "interest"}
