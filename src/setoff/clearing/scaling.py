"""Cost scaling: the loops of `solve.py`. One source for both sizes: interpreted for a few debts, compiled by numba for many.

Goldberg and Tarjan 1990; partial augmentation and global updates: Goldberg 1997, 2008. Everything is an integer.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from types import FunctionType
from typing import Any, Final, NamedTuple

ERROR_SHRINKS: Final = 16
"""By how much the error is divided from phase to phase."""
PATH_MAX: Final = 4
"""Debts that an excess is moved over at once."""
RANKS_PER_PARTY: Final = 16
"""How far a global update looks, in errors."""
FAR: Final = 1 << 62


class Ways(NamedTuple):
    """Every debt twice, debtor to creditor and back: the ways out of party u are start[u]..start[u + 1] - 1. `room` is what can still be
    moved over a way, `cost` what moving a unit costs (a gain is a negative cost), in units of 1 / (parties + 1)."""

    start: Any
    target: Any
    back: Any
    room: Any
    cost: Any


class Standing(NamedTuple):
    """By party: price, what it was given beyond what it gave, the first way that may still be of use, and room to work in."""

    price: Any
    excess: Any
    current: Any
    rank: Any
    before: Any
    after: Any
    bucket: Any
    queue: Any
    queued: Any
    path: Any


def scale(ways: Ways, standing: Standing, error: int) -> None:
    """Phase after phase until the error is one; then no cycle of ways has a negative cost, since fewer parties than a unit has errors."""
    while error > 1:
        error = max(1, error // ERROR_SHRINKS)
        refine(ways, standing, error)


def refine(ways: Ways, standing: Standing, error: int) -> None:
    """A circulation that no way beats by more than the error: ways that would gain are filled, and what parties then have too much
    of moves on, at prices that fall no more than they must."""
    fill(ways, standing)
    excess, queue, queued = standing.excess, standing.queue, standing.queued
    parties = len(excess)
    size = parties + 1
    first, last = 0, 0
    for party in range(parties):
        if excess[party] > 0:
            queue[last] = party
            queued[party] = 1
            last += 1
    lowered = 0
    update_at = 0
    while first != last:
        start = queue[first]
        first = first + 1 if first + 1 < size else 0
        queued[start] = 0
        while excess[start] > 0:
            if lowered >= update_at:
                update(ways, standing, error)
                update_at = lowered + parties
            length, steps = walk(ways, standing, start, error)
            lowered += steps
            party = start
            for k in range(length):
                way = standing.path[k]
                moved = min(ways.room[way], excess[party])
                other = ways.target[way]
                ways.room[way] -= moved
                ways.room[ways.back[way]] += moved
                excess[party] -= moved
                excess[other] += moved
                if other != start and excess[other] > 0 and queued[other] == 0:
                    queue[last] = other
                    queued[other] = 1
                    last = last + 1 if last + 1 < size else 0
                party = other


def fill(ways: Ways, standing: Standing) -> None:
    """Every way that gains is full."""
    price, excess = standing.price, standing.excess
    for party in range(len(price)):
        own = price[party]
        for way in range(ways.start[party], ways.start[party + 1]):
            room = ways.room[way]
            other = ways.target[way]
            if room > 0 and ways.cost[way] + own - price[other] < 0:
                ways.room[way] = 0
                ways.room[ways.back[way]] += room
                excess[party] -= room
                excess[other] += room
        standing.current[party] = ways.start[party]


def walk(ways: Ways, standing: Standing, start: int, error: int) -> tuple[int, int]:
    """A path of at most PATH_MAX ways that gain, from a party with an excess; prices of parties it cannot leave fall. Its length, and how
    often a price fell."""
    price, excess, current, path = standing.price, standing.excess, standing.current, standing.path
    length = 0
    lowered = 0
    tip = start
    while length < PATH_MAX and (length == 0 or excess[tip] >= 0):
        own = price[tip]
        smallest = FAR
        found = -1
        for way in range(current[tip], ways.start[tip + 1]):
            if ways.room[way] > 0:
                cost = ways.cost[way] + own - price[ways.target[way]]
                if cost < 0:
                    found = way
                    break
                smallest = min(smallest, cost)
        if found >= 0:
            current[tip] = found
            path[length] = found
            length += 1
            tip = ways.target[found]
            if tip == start:
                break
            continue
        if length:
            way = ways.back[path[length - 1]]
            smallest = min(smallest, ways.cost[way] + own - price[ways.target[way]])
        for way in range(ways.start[tip], current[tip]):
            if ways.room[way] > 0:
                smallest = min(smallest, ways.cost[way] + own - price[ways.target[way]])
        price[tip] = own - smallest - error
        current[tip] = ways.start[tip]
        lowered += 1
        if length:
            length -= 1
            tip = ways.target[ways.back[path[length]]]
    return length, lowered


def update(ways: Ways, standing: Standing, error: int) -> None:
    """Prices fall by how far every party is from one that lacks something, in errors: so excess moves straight there."""
    parties = len(standing.price)
    price, excess, rank = standing.price, standing.excess, standing.rank
    before, after, bucket = standing.before, standing.after, standing.bucket
    none = parties
    farthest = len(bucket) - 1
    waiting = 0
    for at in range(len(bucket)):
        bucket[at] = none
    for party in range(parties):
        rank[party] = farthest
        if excess[party] < 0:
            rank[party] = 0
            after[party] = bucket[0]
            before[bucket[0]] = party
            bucket[0] = party
        elif excess[party] > 0:
            waiting += 1
    if waiting == 0:
        return
    at = 0
    while at < farthest and waiting > 0:
        while bucket[at] != none and waiting > 0:
            party = bucket[at]
            bucket[at] = after[party]
            own = price[party]
            for way in range(ways.start[party], ways.start[party + 1]):
                other = ways.target[way]
                if rank[other] > at and ways.room[ways.back[way]] > 0:
                    far = at + 1 + (price[other] - own - ways.cost[way]) // error
                    if far < rank[other]:
                        move_rank(standing, other, far)
            if excess[party] > 0:
                waiting -= 1
        if waiting > 0:
            at += 1
    for party in range(parties):
        fall = min(rank[party], at)
        if fall > 0:
            price[party] -= error * fall
            standing.current[party] = ways.start[party]


def move_rank(standing: Standing, party: int, rank: int) -> None:
    """The party stands in the bucket of that rank."""
    before, after, bucket = standing.before, standing.after, standing.bucket
    old = standing.rank[party]
    if old < len(bucket) - 1:
        if bucket[old] == party:
            bucket[old] = after[party]
        else:
            after[before[party]] = after[party]
            before[after[party]] = before[party]
    standing.rank[party] = rank
    after[party] = bucket[rank]
    before[bucket[rank]] = party
    bucket[rank] = party


@lru_cache(maxsize=1)
def compiled_scale() -> Callable[[Ways, Standing, int], None]:
    """`scale` compiled; kept on disk between runs. numba is imported here, so that a small network never waits for it."""
    import numba

    compiled: dict[str, Any] = {}
    for function in (move_rank, update, walk, fill, refine, scale):
        copy = FunctionType(function.__code__, {**globals(), **compiled}, function.__name__)
        copy.__module__ = __name__
        compiled[function.__name__] = numba.njit(cache=True, nogil=True)(copy)
    found: Callable[[Ways, Standing, int], None] = compiled["scale"]
    return found
