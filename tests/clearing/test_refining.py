"""The best flow of ways in parts: joints worked by hand, and thousands of networks of every shape against a solver that is not ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from ortools.graph.python import min_cost_flow

from setoff.clearing import refining
from setoff.clearing.joining import Joined, Ways
from setoff.clearing.refining import Best, best_flow

Way = tuple[int, int, int, list[tuple[int, int]]]
"""From, to, what it carries, and its parts: how much of which gain."""
THETA: list[Way] = [
    (0, 2, 0, [(4, 10), (6, 2)]), (2, 1, 0, [(5, 3), (5, 1)]), (0, 3, 10, [(10, 0)]), (1, 3, 0, [(10, -1)]), (0, 1, 5, [(10, 5)]),
]  # fmt: skip


def ways_of(rows: list[Way]) -> Ways:
    start = np.cumsum([0] + [len(parts) for *_, parts in rows]).astype(np.int32)
    parts = [part for *_, own in rows for part in own]
    tail, head = (np.array([row[side] for row in rows], np.int32) for side in (0, 1))
    flow, capacity, gain = (
        np.array(column, np.int64) for column in ([row[2] for row in rows], [part[0] for part in parts], [part[1] for part in parts])
    )
    return Ways(tail, head, start, flow, capacity, gain)


@pytest.mark.parametrize("fast", [False, True])
def test_what_is_joined(fast: bool) -> None:
    """Three ways from 0 to 1: over 2 (4 gain 10 + 3, 1 gains 2 + 3, 5 gain 2 + 1), over 3 the other way (10 more on one way, at -1, is 10
    less on the other, at 0), and one of its own."""
    ways = ways_of(THETA)
    joined = Joined(ways, 4, fast=fast)
    assert joined.ends.tolist() == [0, 1]
    kernel = joined.kernel()
    # by tail: the way that was there; then both joints, which run from 1 to 0 and so lose what the other direction gains
    assert kernel.tail.tolist() == [0, 1, 1]
    assert kernel.start.tolist() == [0, 1, 4, 5]
    assert list(zip(kernel.capacity.tolist(), kernel.gain.tolist(), strict=True)) == [(10, 5), (5, -3), (1, -5), (4, -13), (10, -1)]
    assert kernel.flow.tolist() == [5, 10, 0]
    assert joined.parted(kernel.flow, np.zeros(4, np.int64), np.zeros(4, np.int64))[0].tolist() == ways.flow.tolist()


@pytest.mark.parametrize(
    ("rows", "places", "flow", "stopped"),
    [
        # to come back from 1 costs 1 over place 3, for 10 units: 4 gain 13 over 2 and 1 gains 5, 5 gain 5 on the direct way
        (THETA, 4, [5, 5, 0, 10, 10], []),
        # a ring: 2 units gain 3 + 1 - 2 each, 3 more 3 + 0 - 2
        ([(0, 1, 4, [(5, 3)]), (1, 2, 4, [(2, 1), (3, 0)]), (2, 0, 4, [(5, -2)])], 3, [5, 5, 5], []),
        # the same where nothing is above 0: empty
        ([(0, 1, 4, [(5, 3)]), (1, 2, 4, [(2, 1), (3, 0)]), (2, 0, 4, [(5, -4)])], 3, [0, 0, 0], []),
        # a way that nothing goes on from stays as it is, whatever it would gain; so does the chain behind it
        ([(0, 1, 1, [(5, 3)]), (1, 0, 1, [(5, 0)]), (1, 2, 2, [(5, 100)]), (2, 3, 2, [(5, 100)])], 4, [5, 5, 2, 2], [2, 3]),
        # through 1 nothing can change: one way is full, the other empty; the ring beside it gains 1 a unit
        ([(0, 1, 5, [(5, 9)]), (1, 2, 0, [(5, 9)]), (0, 2, 2, [(5, 0)]), (2, 0, 2, [(5, 1)])], 3, [5, 0, 5, 5], [0, 1]),
    ],
)  # fmt: skip
def test_worked_by_hand(rows: list[Way], places: int, flow: list[int], stopped: list[int]) -> None:
    best = best_flow(ways_of(rows), places)
    assert best.flow.tolist() == flow
    assert np.flatnonzero(best.stopped).tolist() == stopped


Shape = Callable[[np.random.Generator], list[tuple[int, int]]]


def any_ends(generator: np.random.Generator) -> list[tuple[int, int]]:
    places = int(generator.integers(2, 9))
    ends = generator.integers(0, places, (int(generator.integers(1, 22)), 2)).tolist()
    return [(tail, head) for tail, head in ends if tail != head]


def chains(generator: np.random.Generator) -> list[tuple[int, int]]:
    """Few hubs, and between them chains of one to six ways, each way in either direction; some chains end nowhere."""
    hubs, ends, place = int(generator.integers(1, 4)), [], 10
    for _ in range(int(generator.integers(2, 7))):
        at, goal = generator.integers(0, hubs, 2).tolist()
        for _ in range(int(generator.integers(0, 6))):
            ends.append((at, place))
            at, place = place, place + 1
        if generator.random() < 0.9 and at != goal:
            ends.append((at, goal))
    return [way if generator.random() < 0.5 else way[::-1] for way in ends]


def ring(generator: np.random.Generator) -> list[tuple[int, int]]:
    """A long one, with a few ways across."""
    size = int(generator.integers(3, 40))
    across = generator.integers(0, size, (int(generator.integers(0, 4)), 2)).tolist()
    return [(place, (place + 1) % size) for place in range(size)] + [(tail, head) for tail, head in across if tail != head]


def drawn(generator: np.random.Generator, shape: Shape) -> tuple[Ways, int]:
    """Parts of few gains, so that ties abound, or of many; ways that carry anything from nothing to all."""
    largest = int(generator.choice([1, 3, 12, 350, 10**6]))
    unit = 1 if generator.random() < 0.8 else 10**13
    rows: list[Way] = []
    for tail, head in shape(generator):
        gains = sorted(set(generator.integers(-largest, largest + 1, int(generator.integers(1, 5))).tolist()), reverse=True)
        parts = [(int(generator.integers(1, 9)) * unit, gain) for gain in gains]
        whole = sum(capacity for capacity, _ in parts)
        rows.append((tail, head, int(generator.choice([0, whole, int(generator.integers(0, whole + 1))])), parts))
    return ways_of(rows), max((max(row[:2]) for row in rows), default=0) + 1


def most_by_another(ways: Ways) -> int:
    """By how much another solver makes the sum of gains larger: more over what a part has room for, less over what it carries."""
    way, carried = ways.of_parts(), ways.flow_of_parts(ways.flow)
    tail, head = ways.tail[way], ways.head[way]
    other = min_cost_flow.SimpleMinCostFlow()
    more = other.add_arcs_with_capacity_and_unit_cost(tail, head, ways.capacity - carried, -ways.gain)
    less = other.add_arcs_with_capacity_and_unit_cost(head, tail, carried, ways.gain)
    assert other.solve() == other.OPTIMAL
    moved = (other.flows(more) - other.flows(less)).tolist()
    return sum(much * gain for much, gain in zip(moved, ways.gain.tolist(), strict=True))


def gained(ways: Ways, best: Best) -> int:
    """What ours gained; it is balanced, within its parts, and what has stopped has not moved."""
    assert (best.flow >= 0).all() and (best.flow <= np.add.reduceat(ways.capacity, ways.start[:-1])).all()
    net: dict[int, int] = {}
    for tail, head, moved in zip(ways.tail.tolist(), ways.head.tolist(), (best.flow - ways.flow).tolist(), strict=True):
        net[tail] = net.get(tail, 0) - moved
        net[head] = net.get(head, 0) + moved
    assert not any(net.values())
    assert (best.flow == ways.flow)[best.stopped].all()
    moved_parts = (ways.flow_of_parts(best.flow) - ways.flow_of_parts(ways.flow)).tolist()
    return sum(moved * gain for moved, gain in zip(moved_parts, ways.gain.tolist(), strict=True))


def networks(count: int) -> Iterator[tuple[Ways, int]]:
    generator = np.random.default_rng(20261130)
    for number in range(count):
        ways, places = drawn(generator, (any_ends, chains, ring)[number % 3])
        if len(ways.flow):
            yield ways, places


def test_thousands_of_networks() -> None:
    """The sum is another solver's, to the unit; and where something has stopped, nothing else was possible."""
    several, stopped = 0, 0
    for ways, places in networks(3000):
        best = best_flow(ways, places)
        assert gained(ways, best) == most_by_another(ways)
        several += bool((best.flow != ways.flow).any())
        for way in np.flatnonzero(best.stopped).tolist()[:1]:
            stopped += 1
            for sign in (1, -1):
                only = ways._replace(gain=np.where(ways.of_parts() == way, sign, 0))
                assert most_by_another(only) == 0
    assert several > 1200
    assert stopped > 300


def large(seed: int) -> tuple[Ways, int]:
    """4,000 ways between 1,500 places, as many parts again, of 700 days."""
    generator = np.random.default_rng(seed)
    ends = generator.integers(0, 1500, (4000, 2))
    rows: list[Way] = []
    for tail, head in ends[ends[:, 0] != ends[:, 1]].tolist():
        gains = sorted(set(generator.integers(-350, 350, 2).tolist()), reverse=True)
        parts = [(int(generator.integers(1, 10**9)), gain) for gain in gains]
        rows.append((tail, head, int(generator.integers(0, parts[0][0])), parts))
    return ways_of(rows), 1500


def test_a_guess_that_fails_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """One step of slack is too little to look at: it is found out, and the result is as good."""
    proofs: list[bool] = []
    proved = refining._is_proved

    def watched(ways: Ways, best: Best) -> bool:
        proofs.append(proved(ways, best))
        return proofs[-1]

    monkeypatch.setattr(refining, "NEAR", 1)
    monkeypatch.setattr(refining, "_is_proved", watched)
    for seed in range(3):
        ways, places = large(seed)
        assert gained(ways, best_flow(ways, places)) == most_by_another(ways)
    assert proofs.count(False) > 3


def test_compiled_and_interpreted_code_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    ways, places = large(4)
    assert len(ways.gain) > refining.COMPILED_FROM
    many = best_flow(ways, places)
    monkeypatch.setattr(refining, "COMPILED_FROM", 1 << 30)
    few = best_flow(ways, places)
    assert few.flow.tolist() == many.flow.tolist()
    assert few.levels.tolist() == many.levels.tolist()
    assert gained(ways, few) == most_by_another(ways)
