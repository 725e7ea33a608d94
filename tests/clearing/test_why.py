"""Why an obligation was cleared or not: every answer, worked by hand."""

from __future__ import annotations

from itertools import pairwise

import pytest

from setoff.clearing.choices import Cap, Choices
from setoff.clearing.clear import clear
from setoff.clearing.liquidity import curve
from setoff.clearing.why import why
from setoff.core.errors import DomainError
from tests.clearing.made import made

# A owes B 100 and B owes A 60: the 60 are full in any case. C has no claims. D's way is one of two: the older goes first.
NETWORK = ("A B 100", "B A 60", "C A 10", "A A 1", "D E 10 2026-01-01", "D F 10 2026-02-01", "E G 10", "F G 10", "G D 10")


@pytest.mark.parametrize(
    ("obligation", "answer"),
    [("2", "always"), ("3", "never"), ("4", "excluded"), ("5", "chosen"), ("6", "behind"), ("1", "shared"), ("9", "always")],
)
def test_answers(obligation: str, answer: str) -> None:
    assert why(clear(made(*NETWORK), Choices()), obligation).answer == answer


def test_a_cap_that_is_reached_is_the_answer() -> None:
    outcomes = clear(made(*NETWORK), Choices(caps=(Cap("A", "", "5"), Cap("D", "E", "3"))))
    assert [why(outcomes, name).answer for name in ("1", "2", "5")] == ["capped", "capped", "capped"]
    with pytest.raises(DomainError, match="unknown_reference"):
        why(outcomes, "99")


def test_the_curve_is_concave_and_ends_when_all_is_discharged() -> None:
    points = curve(made("A B 10", "B C 10", "C D 10", "E F 10"), Choices())
    assert (points[0].cleared, points[-1].liquidity, points[-1].cleared) == (0, 2000, 4000)
    # the first half runs along three debts, the second along one
    assert [point.cleared for point in points if point.liquidity == 1000] == [3000]
    gains = [(b.cleared - a.cleared) / (b.liquidity - a.liquidity) for a, b in pairwise(points)]
    assert gains == sorted(gains, reverse=True)
