"""What is proposed to be set off, and what a person does with it: worked by hand, without a database."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from setoff.core.errors import DomainError
from setoff.core.money import convert
from setoff.setoffs.proposal import (
    SIDES,
    Filter,
    Mark,
    OpenLot,
    Side,
    fits,
    propose,
    propose_across,
    reduced,
    totals,
    with_amount,
)

THEY: Side = "they_owe_us"
WE: Side = "we_owe_them"


def lot(
    side: Side, amount: int, moment: int, due: str = "", *, number: str = "", contract: str = "C", order: str = "", incoming: str = ""
) -> OpenLot:  # fmt: skip
    day = date(2026, 1, moment)
    return OpenLot(
        side, "METALL", "Металлсервис", "buyer", contract, contract, "", order, "RUB", f"key-{number or moment}", moment, 0, "sale", number,
        day, "", moment, date.fromisoformat(due) if due else None, amount, False, incoming,
    )  # fmt: skip


LOTS = [
    lot(THEY, 100, 1, number="S-1"), lot(WE, 40, 2, number="P-1"),
    lot(THEY, 50, 3, "2026-01-03", number="S-2"), lot(WE, 80, 4, number="P-2", incoming="RE-901"),
]  # fmt: skip


def test_the_smaller_side_is_marked_whole_and_the_other_up_to_it() -> None:
    """They owe 150, we owe 120: both sides 120, the last of theirs in part."""
    marks = propose(LOTS)
    assert marks == [Mark(0, 100), Mark(1, 40), Mark(2, 20), Mark(3, 80)]
    assert totals(LOTS, marks) == (120, 120)
    assert totals(LOTS, marks).difference == 0


def test_what_is_due_first_goes_first_where_asked_for() -> None:
    """S-2 is due on 3 January; S-1 has no due date and comes last."""
    assert propose(LOTS, order="due_date") == [Mark(0, 70), Mark(1, 40), Mark(2, 50), Mark(3, 80)]


def test_no_more_than_was_asked_for() -> None:
    assert propose(LOTS, at_most=110) == [Mark(0, 100), Mark(1, 40), Mark(2, 10), Mark(3, 70)]


def test_nothing_where_only_one_side_fits() -> None:
    assert propose(LOTS, wanted=Filter(number="s-")) == []


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (Filter(first=date(2026, 1, 2), last=date(2026, 1, 3)), ["P-1", "S-2"]),
        (Filter(least=50, most=80), ["S-2", "P-2"]),
        (Filter(due_by=date(2026, 1, 2)), ["S-1", "P-1"]),
        (Filter(number="2"), ["P-1", "S-2", "P-2"][1:]),
        (Filter(number="re-9"), ["P-2"]),
        (Filter(only_debts=True), ["S-1", "P-1", "S-2", "P-2"]),
        (Filter(contract="D"), []),
        (Filter(order="O-1"), []),
    ],
)
def test_filters(wanted: Filter, numbers: list[str]) -> None:
    assert [item.number for item in LOTS if fits(item, wanted)] == numbers


def test_advances_may_be_left_out() -> None:
    paid_ahead = LOTS[0]._replace(is_advance=True)
    assert propose([paid_ahead, *LOTS[1:]], wanted=Filter(only_debts=True)) == [Mark(1, 40), Mark(2, 50), Mark(3, 10)]


def test_several_currencies_meet_like_against_like_and_then_by_their_worth() -> None:
    """The euro is at 98.25. They owe 75.00 roubles and 20 euro, we owe 90.00 roubles: 75.00 meet 75.00, and of the euro 0.15 is worth 14.74
    (0.16 would be 15.72, more than the 15.00 left), so of the roubles 89.74 is set off. Without a rate the euro meets nothing.
    3.32 euro and 498 yen at 0.655 are both worth 326.19."""
    euro = lot(THEY, 2000, 2)._replace(currency="EUR")
    lots = [lot(THEY, 7500, 1), euro, lot(WE, 9000, 3)]
    rates = {"RUB": Decimal(1), "EUR": Decimal("98.25")}
    assert propose_across(lots, rates, "RUB") == [Mark(0, 7500), Mark(1, 15), Mark(2, 8974)]
    assert propose_across(lots, {"RUB": Decimal(1)}, "RUB") == [Mark(0, 7500), Mark(2, 7500)]
    yen = lot(WE, 500, 3)._replace(currency="JPY")
    assert propose_across([euro, yen], {**rates, "JPY": Decimal("0.655")}, "RUB") == [Mark(0, 332), Mark(1, 498)]


@given(
    st.lists(st.tuples(st.sampled_from(SIDES), st.sampled_from(["RUB", "EUR", "USD"]), st.integers(1, 10**9)), max_size=12),
    st.decimals("0.01", "200", places=4), st.decimals("0.01", "200", places=4),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_laws_across_currencies(said: list[tuple[Side, str, int]], euro: Decimal, dollar: Decimal) -> None:
    """No lot beyond what it has; the sides differ by less than two foreign minor units are worth; in one currency by nothing."""
    lots = [lot(side, amount, place + 1)._replace(currency=currency) for place, (side, currency, amount) in enumerate(said)]
    rates = {"RUB": Decimal(1), "EUR": euro, "USD": dollar}
    marks = propose_across(lots, rates, "RUB")
    assert all(0 < mark.amount <= lots[mark.lot].amount for mark in marks)
    worth = []
    for side in SIDES:
        sums: Counter[str] = Counter()
        for mark in marks:
            if lots[mark.lot].side == side:
                sums[lots[mark.lot].currency] += mark.amount
        worth.append(sum(convert(amount, rates[currency], currency, "RUB") for currency, amount in sums.items()))
    assert abs(worth[0] - worth[1]) <= 2 * max(euro, dollar) + 2
    if len({currency for _, currency, _ in said}) == 1:
        assert worth[0] == worth[1]


def test_an_amount_typed_and_the_larger_side_reduced() -> None:
    """30 of P-2 only: they owe 120, we owe 70; the last of theirs goes first: S-2 wholly, S-1 down to 70."""
    marks = with_amount(LOTS, propose(LOTS), 3, 30)
    assert totals(LOTS, marks).difference == 50
    assert reduced(LOTS, marks) == [Mark(0, 70), Mark(1, 40), Mark(3, 30)]
    assert with_amount(LOTS, marks, 3, 0) == [Mark(0, 100), Mark(1, 40), Mark(2, 20)]
    with pytest.raises(DomainError, match="invalid_value"):
        with_amount(LOTS, marks, 3, 81)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.tuples(st.sampled_from(SIDES), st.integers(1, 10**15)), max_size=12), st.integers(0, 10**16))
def test_laws(pairs: list[tuple[Side, int]], at_most: int) -> None:
    """Both sides are equal, nothing is used beyond what it has, and no more could be set off."""
    lots = [lot(side, amount, place + 1) for place, (side, amount) in enumerate(pairs)]
    marks = propose(lots, at_most=at_most)
    sums = totals(lots, marks)
    whole = min(sum(item.amount for item in lots if item.side == side) for side in SIDES)
    assert sums == (min(whole, at_most) if at_most else whole,) * 2
    assert all(0 < mark.amount <= lots[mark.lot].amount for mark in marks)
    partly = [mark for mark in marks if mark.amount < lots[mark.lot].amount]
    assert len(partly) <= (2 if at_most else 1)
