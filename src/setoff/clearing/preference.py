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

import numpy as np

from setoff.clearing.forest import without_rings
from setoff.clearing.network import Network, Pairs, spread
from setoff.clearing.solve import Cleared, Integers, clear_with_gains


def preferred(network: Network, solved: Cleared, pairs: Pairs, amount: Integers, weight: Integers) -> Integers:
    """By arc of the network: the flow that is taken. `amount` and `weight` by obligation, neighbours of a pair in falling weight."""
    slack = network.gain + solved.levels[network.tail] - solved.levels[network.head]
    free = np.flatnonzero(slack == 0)
    flow = solved.flow.copy()
    if not len(free):
        return flow
    held = len(pairs.amount)
    inner, outer = free[free < held], free[free >= held]
    some = np.zeros(held, bool)
    some[inner] = True
    member = np.flatnonzero(some[pairs.of])
    room = spread(pairs, amount, network.capacity[:held])[member]
    member, room = member[room > 0], room[room > 0]
    # neighbours of one pair and one weight are one arc
    of, own = pairs.of[member].astype(np.int64), weight[member]
    first = np.ones(len(member), bool)
    first[1:] = (of[1:] != of[:-1]) | (own[1:] != own[:-1])
    start = np.flatnonzero(first)
    capacity = np.concatenate((np.add.reduceat(room, start) if len(start) else room, network.capacity[outer]))
    pair = of[start]
    gain = np.concatenate((own[start], np.zeros(len(outer), np.int64)))
    if len(start):  # around the middle: every largest total clears the same in all, so the origin of weights is free
        gain[: len(start)] -= (int(own.min()) + int(own.max())) // 2
    arc = np.concatenate((pair, outer))
    before = np.cumsum(capacity[: len(start)]) - capacity[: len(start)]
    pair_first = np.ones(len(start), bool)
    pair_first[1:] = pair[1:] != pair[:-1]
    before -= before[pair_first][np.cumsum(pair_first) - 1]
    begun = np.concatenate((np.clip(flow[pair] - before, 0, capacity[: len(start)]), flow[outer]))
    place, tail, head = places_of(network.tail[arc], network.head[arc])
    levels = np.zeros(place, np.int64)
    if gain.any():
        second = clear_with_gains(tail, head, capacity, gain, place, flow=begun)
        begun, levels = second.flow, second.levels
    movable = np.flatnonzero(gain + levels[tail] - levels[head] == 0)
    begun = begun.copy()
    begun[movable] = without_rings(tail[movable], head[movable], capacity[movable], begun[movable], place)
    flow[free] = 0
    np.add.at(flow, arc, begun)
    return flow


def places_of(tail: Integers, head: Integers) -> tuple[int, Integers, Integers]:
    """Places numbered anew without gaps, in their order."""
    used = np.unique(np.concatenate((tail, head)))
    return len(used), np.searchsorted(used, tail), np.searchsorted(used, head)
