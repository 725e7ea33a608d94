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
from setoff.clearing.solve import COMPILED_FROM, Cleared, Integers, Numbers, Sides

Weights = NDArray[np.integer[Any]]


def preferred(network: Network, solved: Cleared, pairs: Pairs, weighed: Callable[[], tuple[Integers, Weights]]) -> Integers:
    """By arc of the network: the flow that is taken. `weighed`: amount and weight by obligation, neighbours of a pair in falling weight;
    they are asked for when they are needed, and kept no longer."""
    free, low, high = movable(network, solved)
    if not len(free):
        return solved.flow.copy()
    places, tail, head = places_of(network.tail[free], network.head[free])
    ways = ways_of(tail, head, solved.flow[free] - low, parts_of(pairs, weighed, free, (low, high)))
    del high
    best = best_flow(ways, places)
    way = ways.of_parts()
    carried = ways.flow_of_parts(best.flow)
    slack = ways.gain + best.levels[tail[way]] - best.levels[head[way]]
    equal = np.flatnonzero((slack == 0) & ~best.stopped[way])
    some = way[equal]
    carried[equal] = without_rings(tail[some], head[some], ways.capacity[equal], carried[equal], places)
    flow = solved.flow.copy()
    flow[free] = low + np.add.reduceat(carried, ways.start[:-1])
    return flow


def movable(network: Network, solved: Cleared) -> tuple[Integers, Integers, Integers]:
    """The arcs that some largest total has more or less of; of each, between what its flow lies in all of them (exactly or wider)."""
    free = np.flatnonzero(network.gain + solved.levels[network.tail] - solved.levels[network.head] == 0)
    flow = solved.flow[free]
    places, tail, head = places_of(network.tail[free], network.head[free])
    up, down = rooms(tail, head, network.capacity[free], flow, places, fast=len(free) >= COMPILED_FROM)
    some = up + down > 0
    flow = flow[some]
    return free[some], flow - down[some], flow + up[some]


Parts = tuple[Numbers, Integers, Integers]


def ways_of(tail: Numbers, head: Numbers, flow: Integers, parts: Parts) -> Ways:
    """Arcs as ways in parts, of which every one has some."""
    arc, capacity, gain = parts
    start = np.append(np.searchsorted(arc, np.arange(len(flow))), len(arc)).astype(np.int32)
    return Ways(tail, head, start, flow, capacity, gain)


def parts_of(pairs: Pairs, weighed: Callable[[], tuple[Integers, Weights]], free: Integers, bounds: tuple[Integers, Integers]) -> Parts:
    """Of the free arcs, what lies between low and high, as parts of one weight: which arc, how much, the weight. Weights are counted from
    the middle of all: every largest total clears the same in all, so where they begin is free. What is no pair has none."""
    held = len(pairs.amount)
    inner = free[free < held]
    number = np.full(held, -1, np.int32)
    number[inner] = np.arange(len(inner), dtype=np.int32)
    amount, weight = weighed()
    chosen = portions(pairs, number >= 0)
    found = [_parts(portion, amount[portion.rows], weight[portion.rows], number, bounds) for portion in chosen]
    del amount, weight, number
    outer = np.arange(len(inner), len(free), dtype=np.int32)
    found.append((outer, (bounds[1] - bounds[0])[outer], np.zeros(len(outer), np.int64)))
    arc, capacity, gain = (np.concatenate(column) for column in zip(*found, strict=True))
    own = gain[: len(gain) - len(outer)]
    if len(own):
        own -= (int(own.min()) + int(own.max())) // 2
    return arc, capacity, gain


def _parts(portion: Portion, amount: Integers, weight: Weights, number: Numbers, bounds: tuple[Integers, Integers]) -> Parts:
    """The same of the obligations of a portion; `number`: of every pair, which of the free arcs it is."""
    low, high = bounds
    of = number[portion.of]
    member = of >= 0
    of, begin = of[member], portion.before(amount)[member]
    room = np.minimum(begin + amount[member], high[of]) - np.maximum(begin, low[of])
    kept = room > 0
    of, room, own = of[kept], room[kept], weight[member][kept].astype(np.int64)
    first = np.ones(len(of), bool)
    first[1:] = (of[1:] != of[:-1]) | (own[1:] != own[:-1])
    start = np.flatnonzero(first)
    return of[start], np.add.reduceat(room, start) if len(start) else room, own[start]


def places_of(tail: Sides, head: Sides) -> tuple[int, Numbers, Numbers]:
    """Places numbered anew without gaps, in their order."""
    used = np.unique(np.concatenate((tail, head)))
    number = np.zeros(int(used[-1]) + 1 if len(used) else 0, np.int32)
    number[used] = np.arange(len(used), dtype=np.int32)
    return len(used), number[tail], number[head]
