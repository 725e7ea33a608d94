"""Rings: together exactly the circulation, the shortest first, the same compiled and interpreted."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from setoff.clearing import cycles
from setoff.clearing.cycles import Cycles, covered, cycles_of
from setoff.clearing.solve import clear_network


def test_a_figure_of_eight_is_two_rings_the_shorter_first() -> None:
    debtor, creditor = np.array([0, 1, 2, 0, 3]), np.array([1, 2, 0, 3, 0])
    found = cycles_of(debtor, creditor, np.array([5, 5, 5, 7, 7]), 4)
    assert found.amount.tolist() == [7, 5]
    assert [found.arcs[a:b].tolist() for a, b in zip(found.start, found.start[1:], strict=False)] == [[3, 4], [0, 1, 2]]
    assert cycles_of(debtor, creditor, np.array([5, 5, 5, 7, 7]), 4, longest=2).amount.tolist() == [7]


def network() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(5)
    debtor, creditor = generator.integers(0, 50, (2, 500))
    keep = debtor != creditor
    debtor, creditor = debtor[keep], creditor[keep]
    return debtor, creditor, clear_network(debtor, creditor, generator.integers(1, 10**6, len(debtor)), 50).flow


@pytest.mark.parametrize("longest", [0, 3, 9])
def test_rings_close_and_sum_up_to_the_circulation(longest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    debtor, creditor, flow = network()
    found = cycles_of(debtor, creditor, flow, 50, longest=longest)
    covered = np.zeros_like(flow)
    for amount, first, last in zip(found.amount, found.start, found.start[1:], strict=False):
        ring = found.arcs[first:last]
        assert creditor[ring].tolist() == [*debtor[ring][1:].tolist(), int(debtor[ring][0])]
        assert len(set(debtor[ring].tolist())) == len(ring) <= (longest or 50)
        covered[ring] += amount
    assert (covered <= flow).all() and ((covered == flow).all() or longest)
    assert len(found.amount) <= (flow > 0).sum()
    monkeypatch.setattr(cycles, "COMPILED_FROM", 0)
    assert same(found, cycles_of(debtor, creditor, flow, 50, longest=longest))


def test_a_walk_tells_what_is_left_when_looking_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """After 200 debts looked at: fewer short rings, and all of the circulation all the same, compiled or not."""
    debtor, creditor, flow = network()
    found = cycles_of(debtor, creditor, flow, 50, looked_max=200)
    assert covered(found, len(flow)).tolist() == flow.tolist()
    assert (np.diff(found.start) <= 3).sum() < (np.diff(cycles_of(debtor, creditor, flow, 50).start) <= 3).sum()
    for first, last in itertools.pairwise(found.start.tolist()):
        ring = found.arcs[first:last]
        assert creditor[ring].tolist() == np.roll(debtor[ring], -1).tolist() and len(set(debtor[ring].tolist())) == len(ring)
    monkeypatch.setattr(cycles, "COMPILED_FROM", 0)
    assert same(found, cycles_of(debtor, creditor, flow, 50, looked_max=200))
    few = cycles_of(debtor, creditor, flow, 50, longest=4, looked_max=200)
    assert np.diff(few.start).max() <= 4


def same(left: Cycles, right: Cycles) -> bool:
    return all(a.tolist() == b.tolist() for a, b in zip(left, right, strict=True))


@pytest.mark.parametrize("longest", [4, 7])
def test_of_debts_that_are_not_balanced_only_rings_are_told(longest: int) -> None:
    """A owes B, B owes C, D owes A: no ring, also where it might be as long as there are parties. Then networks at random: what rings clear
    of debts is balanced at every party."""
    debtor, creditor = np.array([0, 1, 3]), np.array([1, 2, 0])
    assert len(cycles_of(debtor, creditor, np.array([10, 5, 7]), 4, longest=longest).amount) == 0
    generator = np.random.default_rng(4)
    for _ in range(40):
        debtor, creditor = generator.integers(0, 4, (2, 9))
        keep = debtor != creditor
        debtor, creditor, amount = debtor[keep], creditor[keep], generator.integers(1, 100, 9)[keep]
        found = covered(cycles_of(debtor, creditor, amount, 4, longest=longest), len(amount))
        assert (np.bincount(debtor, found, 4) == np.bincount(creditor, found, 4)).all() and (found <= amount).all()
