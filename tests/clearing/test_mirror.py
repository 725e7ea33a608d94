"""Claims and debts of two books of ours, paired: by amount and day, by amount, then in parts."""

from __future__ import annotations

import random
from datetime import date

import pytest

from setoff.clearing.rounds.mirror import BookDebt, Pair, pairs_of

FEB, MAR = date(2025, 2, 10), date(2025, 3, 10)


def debt(place: int, amount: int, due: date = FEB) -> BookDebt:
    return BookDebt(place, amount, due, f"N-{place}")


def test_the_same_amount_and_day_are_one_debt() -> None:
    assert pairs_of([debt(1, 100, FEB), debt(2, 100, MAR)], [debt(3, 100, MAR), debt(4, 100, FEB)]) == [Pair(1, 4, 100), Pair(2, 3, 100)]


def test_the_same_amount_goes_before_parts() -> None:
    found = pairs_of([debt(1, 70), debt(2, 100, MAR)], [debt(3, 100, FEB), debt(4, 30)])
    assert found == [Pair(2, 3, 100), Pair(1, 4, 30), Pair(1, None, 40)]


def test_one_claim_meets_two_debts_and_what_is_left_is_told() -> None:
    assert pairs_of([debt(1, 100)], [debt(2, 60, FEB), debt(3, 25, MAR)]) == [Pair(1, 2, 60), Pair(1, 3, 25), Pair(1, None, 15)]
    assert pairs_of([], [debt(2, 60)]) == [Pair(None, 2, 60)]


@pytest.mark.parametrize("seed", range(100))
def test_everything_is_used_up_and_as_much_as_possible_is_paired(seed: int) -> None:
    draw = random.Random(seed)
    claims, debts = (
        [BookDebt(place, draw.randint(1, 9), draw.choice((FEB, MAR)), "") for place in range(draw.randint(0, 6))] for _ in range(2)
    )
    found = pairs_of(claims, debts)
    for place, claim in enumerate(claims):
        assert sum(pair.amount for pair in found if pair.claim == place) == claim.amount
    for place, other in enumerate(debts):
        assert sum(pair.amount for pair in found if pair.debt == place) == other.amount
    paired = sum(pair.amount for pair in found if pair.claim is not None and pair.debt is not None)
    assert paired == min(sum(claim.amount for claim in claims), sum(other.amount for other in debts))
