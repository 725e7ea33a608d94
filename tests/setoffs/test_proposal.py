"""What is proposed to be set off, and what a person does with it: worked by hand, without a database."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from setoff.core.errors import DomainError
from setoff.setoffs.proposal import SIDES, Filter, Mark, OpenLot, Side, fits, propose, reduced, totals, with_amount

THEY: Side = "they_owe_us"
WE: Side = "we_owe_them"


def lot(side: Side, amount: int, moment: int, due: str = "", *, number: str = "", contract: str = "C", order: str = "") -> OpenLot:
    day = date(2026, 1, moment)
    return OpenLot(
        side, "METALL", "Металлсервис", "buyer", contract, contract, "", order, "RUB", f"key-{number or moment}", moment, 0, "sale", number,
        day, "", moment, date.fromisoformat(due) if due else None, amount, False,
    )  # fmt: skip


LOTS = [
    lot(THEY, 100, 1, number="S-1"), lot(WE, 40, 2, number="P-1"),
    lot(THEY, 50, 3, "2026-01-03", number="S-2"), lot(WE, 80, 4, number="P-2"),
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
