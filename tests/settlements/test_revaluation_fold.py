"""Points of revaluation in the fold, against the naive oracle, interpreted and compiled (spec 2.7)."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from setoff.settlements.fold import Facts, Folded, fold_few, fold_many
from tests.oracle import PlainPoint, PlainRevaluation, fold_plainly
from tests.settlements.test_fold_properties import Key, assert_rows, columns, keys, random_key

Revalued = tuple[Key, list[PlainPoint], int]
"""A key, its points in order, and the sign of its debts. Moments of facts are even, those of points odd."""


@st.composite
def revalued_keys(draw: st.DrawFn) -> Revalued:
    order, facts = draw(keys())
    facts = [replace(fact, moment=2 * fact.moment) for fact in facts]
    moments = sorted(draw(st.sets(st.integers(0, 12), max_size=4)))
    worths = st.sampled_from([Fraction(7, 3), Fraction(1, 3), Fraction(7213, 100), Fraction(1, 1000), Fraction(5)])
    points = [PlainPoint(100 + moment, 2 * moment + 1, draw(worths)) for moment in moments]
    return (order, facts), points, draw(st.sampled_from([1, -1]))


def with_points(several: list[Revalued], contour: str) -> Facts:
    facts = columns([key for key, _points, _debt in several], contour)
    starts, before = [0], []
    for number, ((_order, rows), points, _debt) in enumerate(several):
        first = int(facts.key_start[number])
        before += [first + sum(row.moment < point.moment for row in rows) for point in points]
        starts.append(len(before))
    worths = [point.worth for _key, points, _debt in several for point in points]
    return facts._replace(
        debt_sign=[debt for _key, _points, debt in several], point_start=starts, point_before=before,
        point_rate=[worth.numerator for worth in worths], point_per=[worth.denominator for worth in worths],
    )  # fmt: skip


def compare(several: list[Revalued], contour: str, fold: Callable[[Facts], Folded]) -> int:
    """Every key that the oracle does not refuse has its rows; returns how many lots were revalued."""
    folded = fold(with_points(several, contour))
    facts = [fact for (_order, rows), _points, _debt in several for fact in rows]
    points = [point for _key, points, _debt in several for point in points]
    base = count = 0
    for (order, rows), own, debt in several:
        picture = fold_plainly(rows, order, contour, tuple(own), debt)
        mine = range(base, base + len(rows))
        base += len(rows)
        if picture.refusal is not None:
            continue
        assert_rows(folded, mine, picture, facts)
        found = zip(folded.revalued_point, folded.revalued_lot, folded.revalued_growth, strict=True)
        revalued = [
            PlainRevaluation(points[point].document, facts[lot].document, facts[lot].line, int(growth))
            for point, lot, growth in found
            if lot in mine
        ]
        assert sorted(revalued) == sorted(picture.revaluations)
        count += len(revalued)
    return count


@settings(max_examples=200, deadline=None)
@given(st.lists(revalued_keys(), min_size=1, max_size=3), st.sampled_from(["reg", "mgmt"]))
def test_points_are_those_of_the_oracle(several: list[Revalued], contour: str) -> None:
    compare(several, contour, fold_few)


def test_the_compiled_points_are_the_oracle_too() -> None:
    draw = random.Random(20260701)
    several = []
    for _ in range(700):
        order, facts = random_key(draw)
        facts = [replace(fact, moment=2 * fact.moment) for fact in facts]
        moments = sorted(draw.sample(range(15), draw.randint(0, 3)))
        points = [PlainPoint(100 + moment, 2 * moment + 1, Fraction(draw.randint(1, 9999), 100)) for moment in moments]
        several.append(((order, facts), points, draw.choice([1, -1])))
    assert compare(several, "mgmt", fold_many) > 500


@pytest.mark.parametrize(("debt", "growths"), [(1, [(0, 100), (1, -150)]), (-1, [])])
def test_an_advance_keeps_its_value(debt: int, growths: list[tuple[int, int]]) -> None:
    """100 units worth 500, at 6 and at 4.5 a unit; where + is the advance, nothing."""
    facts = Facts(
        key_start=[0, 1], key_order=[0], sign=[1], amount=[100], book=[500], own_value=[0], consume_only=[0], due=[1 << 40], rank=[1],
        line=[1], target_start=[0, 0], target_first=[], target_last=[], target_line=[], target_amount=[], target_rule=[],
        debt_sign=[debt], point_start=[0, 2], point_before=[1, 1], point_rate=[6, 9], point_per=[1, 2],
    )  # fmt: skip
    folded = fold_few(facts)
    assert list(zip(folded.revalued_point, folded.revalued_growth, strict=True)) == growths
    assert folded.residual_book == [500 + sum(growth for _point, growth in growths)]
    assert folded.opened_book == [500]
