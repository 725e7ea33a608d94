"""Which of the largest totals: the one that clears what is oldest (or of the highest priority), then one that leaves few half cleared.

The levels of the first solution say which pairs every largest total clears in full, which in none, and which are free; it is over
the free ones that there is a choice. A second circulation over the obligations of the free pairs, with their weights as gains, begins
where the first ended and cannot change the total. It is exact: no other largest total has a larger sum of weight * cleared amount.
Within a pair the heavier obligations come first already.

The last step is exact about what it promises and a heuristic about what one would wish: wherever half-cleared pairs form a ring
around which the amounts could be shifted without changing total or weight, they are shifted until one of them is full or empty. So
half-cleared pairs form no ring, and there are fewer of them than parties. The fewest possible is a problem that no fast way is known for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from setoff.clearing.forest import without_rings
from setoff.clearing.joining import Ways
from setoff.clearing.network import Network, Pairs, Portion, portions
from setoff.clearing.reduction import rooms
from setoff.clearing.refining import best_flow
from setoff.clearing.solve import COMPILED_FROM, Cleared, Integers, Sides

Weights = NDArray[np.integer[Any]]


def preferred(network: Network, solved: Cleared, pairs: Pairs, weighed: Callable[[], tuple[Integers, Weights]]) -> Integers:
    """By arc of the network: the flow that is taken. `weighed`: amount and weight by obligation, neighbours of a pair in falling weight;
    they are asked for when they are needed, and kept no longer."""
    flow = solved.flow.copy()
    free, low, high = movable(network, solved)
    if not len(free):
        return flow
    held = len(pairs.amount)
    inner, outer = free[free < held], free[free >= held]
    pair, capacity, gain = parts_of(pairs, weighed(), inner, low, high)
    if len(gain):  # around the middle: every largest total clears the same in all, so the origin of weights is free
        gain -= (int(gain.min()) + int(gain.max())) // 2
    start = np.append(np.searchsorted(pair, inner), len(gain) + np.arange(len(outer) + 1)).astype(np.int32)
    places, tail, head = places_of(network.tail[free], network.head[free])
    ways = Ways(
        tail.astype(np.int32), head.astype(np.int32), start, flow[free] - low[free], np.concatenate((capacity, high[outer] - low[outer])),
        np.concatenate((gain, np.zeros(len(outer), np.int64))),
    )  # fmt: skip
    best = best_flow(ways, places)
    way = ways.of_parts()
    carried = ways.flow_of_parts(best.flow)
    slack = ways.gain + best.levels[tail[way]] - best.levels[head[way]]
    equal = np.flatnonzero((slack == 0) & ~best.stopped[way])
    some = way[equal]
    carried[equal] = without_rings(tail[some], head[some], ways.capacity[equal], carried[equal], places)
    flow[free] = low[free] + np.add.reduceat(carried, start[:-1])
    return flow


def movable(network: Network, solved: Cleared) -> tuple[Integers, Integers, Integers]:
    """The arcs that some largest total has more or less of; by arc, between what its flow lies in all of them (exactly or wider)."""
    slack = network.gain + solved.levels[network.tail] - solved.levels[network.head]
    free = np.flatnonzero(slack == 0)
    low, high = solved.flow.copy(), solved.flow.copy()
    places, tail, head = places_of(network.tail[free], network.head[free])
    up, down = rooms(tail, head, network.capacity[free], solved.flow[free], places, fast=len(free) >= COMPILED_FROM)
    high[free] += up
    low[free] -= down
    return free[up + down > 0], low, high


def parts_of(
    pairs: Pairs, weighed: tuple[Integers, Weights], inner: Integers, low: Integers, high: Integers
) -> tuple[Integers, Integers, Integers]:  # fmt: skip
    """Of these pairs, what lies between low and high, as parts of one weight: their pair, how much, the weight."""
    amount, weight = weighed
    some = np.zeros(len(pairs.amount), bool)
    some[inner] = True
    found = [
        _parts(portion, amount[portion.rows], weight[portion.rows], some, (low, high)) for portion in portions(pairs, some)
    ]
    pair, room, own = (np.concatenate(column) for column in zip(*found, strict=True)) if found else np.zeros((3, 0), np.int64)
    return pair, room, own


def _parts(
    portion: Portion, amount: Integers, weight: Weights, some: NDArray[np.bool_], bounds: tuple[Integers, Integers]
) -> tuple[Integers, Integers, Integers]:  # fmt: skip
    """The same of the obligations of a portion."""
    low, high = bounds
    begin = portion.before(amount)
    member = some[portion.of]
    of, begin = portion.of[member].astype(np.int64), begin[member]
    end = np.minimum(begin + amount[member], high[of])
    room = end - np.maximum(begin, low[of])
    kept = room > 0
    of, room, own = of[kept], room[kept], weight[member][kept].astype(np.int64)
    first = np.ones(len(of), bool)
    first[1:] = (of[1:] != of[:-1]) | (own[1:] != own[:-1])
    start = np.flatnonzero(first)
    return of[start], np.add.reduceat(room, start) if len(start) else room, own[start]


def places_of(tail: Sides, head: Sides) -> tuple[int, Integers, Integers]:
    """Places numbered anew without gaps, in their order."""
    used = np.unique(np.concatenate((tail, head)))
    return len(used), np.searchsorted(used, tail), np.searchsorted(used, head)
