"""Rates, amounts and lines of documents that hypothesis draws."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from setoff.core.money import digits_of, format_amount
from setoff.trade.documents import Line, RevaluationRate


def rates() -> st.SearchStrategy[str]:
    """From a hundredth to a thousand; amounts begin at 10 000 minor units, so that each is worth something."""
    return st.decimals("0.01", "1000", places=4).map(str)


def amounts(currency: str) -> st.SearchStrategy[str]:
    sizes = st.one_of(st.integers(10_000, 10_000_000), st.integers(10_000, 10**12))
    return sizes.map(lambda amount: format_amount(amount, currency))


@st.composite
def lines(draw: st.DrawFn, currency: str, book: str, costs: bool) -> list[Line]:
    found = []
    for _ in range(draw(st.integers(1, 4))):
        fields: dict[str, Any] = {
            "kind": draw(st.sampled_from(("goods", "services", "materials"))),
            "item": draw(st.sampled_from(("", "a"))),
        }
        fields["vat_rate"] = draw(st.sampled_from(("", "0", "10", "20", "16.67", "100")))
        if draw(st.booleans()):
            fields["amount"] = draw(amounts(currency))
        else:
            fields["quantity"] = draw(st.decimals("1", "1000", places=3).map(str))
            fields["price"] = str(Decimal(draw(st.integers(100_000, 10**9))).scaleb(-digits_of(currency) - 1))
        if costs and draw(st.booleans()):
            fields["cost"] = draw(amounts(book))
        found.append(Line(**fields))
    return found


@st.composite
def revaluation_rates(draw: st.DrawFn, book: str) -> tuple[RevaluationRate, ...]:
    """Rates of some currencies other than that of the books."""
    currencies = draw(st.lists(st.sampled_from(sorted({"USD", "EUR", "JPY", "KWD", "CNY"} - {book})), unique=True))
    numbers = st.decimals("0.0001", "9999", places=4).map(str)
    return tuple(
        RevaluationRate(currency=code, rate=draw(numbers), nominal=draw(st.sampled_from(("1", "100", "1.0821"))), typed=draw(st.booleans()))
        for code in currencies
    )
