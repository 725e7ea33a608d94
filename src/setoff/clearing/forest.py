"""Amounts between nothing and all, shifted around rings until they form none: a forest. One source, interpreted or compiled.

Arcs are added one by one. An arc between two trees joins them; an arc within a tree closes a ring, around which amounts are shifted
(with the arc or against it, whichever fills or empties one of the ring with the smaller shift) until one arc is full or empty and leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import numpy as np

from setoff.clearing.compiled import compiled
from setoff.clearing.solve import Integers, Sides

COMPILED_FROM: Final = 3000


def without_rings(tail: Sides, head: Sides, capacity: Integers, flow: Integers, places: int) -> Integers:
    """The same balance at every place, the same sum over arcs of equal levels, and half-filled arcs in no ring."""
    between = np.flatnonzero((flow > 0) & (flow < capacity))
    if len(between) < 2:
        return flow
    columns = (tail[between], head[between], capacity[between], flow[between])
    if len(between) < COMPILED_FROM:
        given, taken, most, held = (column.tolist() for column in columns)
        shift_rings(given, taken, most, held, [-1] * places, [-1] * places, [0] * places, [0] * places)
        moved = np.array(held, np.int64)
    else:
        moved = columns[3].copy()
        work = [np.full(places, -1, np.int64), np.full(places, -1, np.int64), np.zeros(places, np.int64), np.zeros(places, np.int64)]
        compiled_shift()(*columns[:3], moved, *work)
    found = flow.copy()
    found[between] = moved
    return found


def shift_rings(tail: Any, head: Any, capacity: Any, flow: Any, parent: Any, by: Any, depth: Any, stack: Any) -> None:
    """`parent` and `by` (the arc to it) are the forest of half-filled arcs so far, each tree hung at any of its places."""
    for arc in range(len(tail)):
        while 0 < flow[arc] < capacity[arc]:
            if root_of(parent, tail[arc]) != root_of(parent, head[arc]):
                hang(parent, by, tail[arc], head[arc], arc)
                break
            shift(tail, head, capacity, flow, parent, by, depth, stack, arc)


def root_of(parent: Any, place: int) -> int:
    while parent[place] >= 0:
        place = parent[place]
    return place


def hang(parent: Any, by: Any, place: int, under: int, arc: int) -> None:
    """The tree of `place` is hung by `place` under `under`, by that arc."""
    above, link = under, arc
    while place >= 0:
        next_place, next_link = parent[place], by[place]
        parent[place], by[place] = above, link
        above, link, place = place, next_link, next_place


def shift(tail: Any, head: Any, capacity: Any, flow: Any, parent: Any, by: Any, depth: Any, stack: Any, arc: int) -> None:
    """Around the ring that `arc` closes: from its head through the tree back to its tail. What is filled or emptied leaves the tree."""
    place = tail[arc]
    steps = 1
    while place >= 0:
        depth[place] = steps
        steps += 1
        place = parent[place]
    meet = head[arc]
    while depth[meet] == 0:
        meet = parent[meet]
    count = 0
    place = head[arc]
    while place != meet:  # away from the head: an arc that leaves `place` goes along
        stack[count] = by[place] + 1 if tail[by[place]] == place else -by[place] - 1
        count += 1
        place = parent[place]
    place = tail[arc]
    while place != meet:  # towards the tail: an arc that comes to `place` goes along
        stack[count] = by[place] + 1 if head[by[place]] == place else -by[place] - 1
        count += 1
        place = parent[place]
    place = tail[arc]
    while place >= 0:
        depth[place] = 0
        place = parent[place]
    more, less = capacity[arc] - flow[arc], flow[arc]
    for k in range(count):
        other = abs(stack[k]) - 1
        room, held = capacity[other] - flow[other], flow[other]
        if stack[k] < 0:
            room, held = held, room
        more, less = min(more, room), min(less, held)
    moved = more if more <= less else -less
    flow[arc] += moved
    for k in range(count):
        other = abs(stack[k]) - 1
        flow[other] += moved if stack[k] > 0 else -moved
        if flow[other] == 0 or flow[other] == capacity[other]:
            below = tail[other] if by[tail[other]] == other else head[other]
            parent[below] = -1
            by[below] = -1


@lru_cache(maxsize=1)
def compiled_shift() -> Callable[..., None]:
    """`shift_rings` compiled; kept on disk between runs."""
    return compiled((root_of, hang, shift, shift_rings))[-1]
