"""A circulation as chain documents: rings of debts, the shortest first, that together are exactly what was cleared.

    cycles_of(debtor, creditor, amount, parties) -> Cycles     every ring clears `amount` of each of its debts

Rings of two parties are taken first, then those of three, and so on to SHORT_MAX; debts are only used up, so one pass over the parties
for every length is enough. What is left then is taken party by party, each time along its shortest ring. Everything goes in the order of
parties and debts, so the result is always the same. There are at most as many rings as debts. Fewest rings, or the most in rings of
some length, are problems without a known fast way: this is a heuristic, and what it covers is shown beside the whole.

Looking for short rings is bounded (LOOKED_MAX debts looked at, so that the same input always stops at the same place): what is left
then is told as the rings that a walk along the debts closes, in one pass, so that a network of any size is told whole.

`longest` stops there: what rings of at most so many parties cover is what chain documents of that length can clear *of these debts*. They
need not be balanced then: rings of two, of any debts, are all that two parties can set off with one another.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from types import FunctionType
from typing import Any, Final, NamedTuple

import numpy as np

from setoff.clearing.solve import Integers

COMPILED_FROM: Final = 3000
SHORT_MAX: Final = 6
"""Rings of up to so many parties are taken strictly by length."""
LOOKED_MAX: Final = 1_000_000_000


class Cycles(NamedTuple):
    """Ring r clears amount[r] of each of the debts arcs[start[r] : start[r + 1]]: the creditor of one is the debtor of the next."""

    amount: Integers
    start: Integers
    arcs: Integers


def cycles_of(
    debtor: Integers, creditor: Integers, amount: Integers, parties: int, *, longest: int = 0, looked_max: int = LOOKED_MAX
) -> Cycles:
    """Rings of at most `longest` parties; 0: of any length, and `amount` is balanced at every party."""
    used = np.flatnonzero(amount > 0)
    order = used[np.lexsort((creditor[used], debtor[used]))]
    start = np.concatenate(([0], np.cumsum(np.bincount(debtor[order], minlength=parties)))).astype(np.int64)
    tail, head, rest = (column[order].astype(np.int64) for column in (debtor, creditor, amount))
    back = np.argsort(head, kind="stable").astype(np.int64)
    back_start = np.concatenate(([0], np.cumsum(np.bincount(head, minlength=parties)))).astype(np.int64)
    ways, desk = Arcs(start, tail, head, rest, back_start, back), Desk(*(np.zeros(parties + 1, np.int64) for _ in Desk._fields))
    limit = longest or parties
    if len(order) < COMPILED_FROM:
        few = Arcs(*(column.tolist() for column in ways)), Desk(*(column.tolist() for column in desk))
        found = tuple(np.array(column, np.int64) for column in peel(*few, limit, looked_max))
    else:
        found = compiled_peel()(ways, desk, limit, looked_max)
    amounts, sizes, arcs = found
    return Cycles(amounts, np.concatenate(([0], np.cumsum(sizes))).astype(np.int64), order[arcs] if len(arcs) else arcs)


def covered(rings: Cycles, debts: int) -> Integers:
    """By debt: what the rings clear of it."""
    found = np.zeros(debts, np.int64)
    np.add.at(found, rings.arcs, np.repeat(rings.amount, np.diff(rings.start)))
    return found


class Arcs(NamedTuple):
    """Debts in the order of their debtors: those of party p are start[p]..start[p + 1] - 1, those owed to it are
    back[back_start[p]..back_start[p + 1] - 1]. `rest` is what is left to tell."""

    start: Any
    tail: Any
    head: Any
    rest: Any
    back_start: Any
    back: Any


class Desk(NamedTuple):
    """By party, for one search: the debt it was reached by from the root, and the one by which it reaches the root; the number of the
    search that saw it from either side; the parties that were reached on either side."""

    came: Any
    goes: Any
    seen: Any
    seen_back: Any
    queue: Any
    queue_back: Any


def peel(ways: Arcs, desk: Desk, limit: int, looked_max: int) -> Any:
    """Amounts, lengths and arcs of the rings, ring after ring."""
    parties = len(ways.start) - 1
    amounts, sizes, arcs = [0 for _ in range(0)], [0 for _ in range(0)], [0 for _ in range(0)]
    waiting = [party for party in range(parties)]  # noqa: C416 - numba has no list(range)
    searches, looked = 0, 0
    length = 2
    while len(waiting) > 0 and length <= limit and looked < looked_max:
        later = [0 for _ in range(0)]
        for root in waiting:
            while looked < looked_max:
                searches += 1
                middle, size, more = nearest(ways, desk, root, length, searches)
                looked += more
                if middle < 0:
                    break
                take(ways, desk, root, middle, arcs)
                amounts.append(clear_last(ways, arcs, size))
                sizes.append(size)
            if any_left(ways, root):
                later.append(root)
        waiting = later
        length = length + 1 if length < SHORT_MAX else max(limit, length + 1)
    if limit == parties and len(waiting) > 0:
        walk(ways, desk, amounts, sizes, arcs)
    return amounts, sizes, arcs


def nearest(ways: Arcs, desk: Desk, root: int, length: int, search: int) -> tuple[int, int, int]:
    """A party on a shortest ring through the root, of at most `length` parties, and its length; -1 when there is none; and how many debts
    were looked at. Both ways are looked along from the root, the one with fewer parties at its edge first, until they meet."""
    seen, seen_back = desk.seen, desk.seen_back
    desk.queue[0] = desk.queue_back[0] = root
    first, last, first_back, last_back = 0, 1, 0, 1
    size, looked = 0, 0
    seen[root] = seen_back[root] = search
    while size < length and first < last and first_back < last_back:
        size += 1
        if last - first <= last_back - first_back:
            end = last
            while first < end:
                party = desk.queue[first]
                first += 1
                looked += ways.start[party + 1] - ways.start[party]
                for arc in range(ways.start[party], ways.start[party + 1]):
                    other = ways.head[arc]
                    if ways.rest[arc] > 0 and other == root:
                        desk.goes[party] = arc
                        return party, size, looked
                    if ways.rest[arc] > 0 and seen[other] != search:
                        desk.came[other] = arc
                        if seen_back[other] == search:
                            return other, size, looked
                        seen[other] = search
                        desk.queue[last] = other
                        last += 1
        else:
            end = last_back
            while first_back < end:
                party = desk.queue_back[first_back]
                first_back += 1
                looked += ways.back_start[party + 1] - ways.back_start[party]
                for at in range(ways.back_start[party], ways.back_start[party + 1]):
                    arc = ways.back[at]
                    other = ways.tail[arc]
                    if ways.rest[arc] > 0 and other == root:
                        desk.came[party] = arc
                        return party, size, looked
                    if ways.rest[arc] > 0 and seen_back[other] != search:
                        desk.goes[other] = arc
                        if seen[other] == search:
                            return other, size, looked
                        seen_back[other] = search
                        desk.queue_back[last_back] = other
                        last_back += 1
    return -1, 0, looked


def take(ways: Arcs, desk: Desk, root: int, middle: int, arcs: Any) -> None:
    """The debts of the ring that was found, from the root through the middle back to the root."""
    at = len(arcs)
    party = middle
    while party != root:
        arcs.append(desk.came[party])
        party = ways.tail[desk.came[party]]
    low, high = at, len(arcs) - 1
    while low < high:
        arcs[low], arcs[high] = arcs[high], arcs[low]
        low += 1
        high -= 1
    party = middle
    while party != root:
        arcs.append(desk.goes[party])
        party = ways.head[desk.goes[party]]


def clear_last(ways: Arcs, arcs: Any, size: int) -> int:
    """The last debts that were told are a ring: it is cleared by the smallest of them. That amount."""
    smallest: int = ways.rest[arcs[len(arcs) - 1]]
    for at in range(len(arcs) - size, len(arcs)):
        smallest = min(smallest, ways.rest[arcs[at]])
    for at in range(len(arcs) - size, len(arcs)):
        ways.rest[arcs[at]] -= smallest
    return smallest


def any_left(ways: Arcs, party: int) -> bool:
    for arc in range(ways.start[party], ways.start[party + 1]):  # noqa: SIM110 - numba compiles a loop, not a generator
        if ways.rest[arc] > 0:
            return True
    return False


def walk(ways: Arcs, desk: Desk, amounts: Any, sizes: Any, arcs: Any) -> None:
    """What is left, as the rings that a walk along the debts closes. `place` is where in the path a party stands, from 1; `current` the
    first of its debts that may have something left. Debts are balanced, so whoever is reached can go on."""
    parties = len(ways.start) - 1
    current, place, path = desk.came, desk.seen, desk.queue
    for party in range(parties):
        current[party] = ways.start[party]
        place[party] = 0
    for root in range(parties):
        party, length = root, 0
        while True:
            while current[party] < ways.start[party + 1] and ways.rest[current[party]] == 0:
                current[party] += 1
            if current[party] == ways.start[party + 1]:
                break
            place[party] = length + 1
            path[length] = current[party]
            length += 1
            party = ways.head[path[length - 1]]
            if place[party] > 0:
                first = place[party] - 1
                for at in range(first, length):
                    arcs.append(path[at])
                    place[ways.tail[path[at]]] = 0
                amounts.append(clear_last(ways, arcs, length - first))
                sizes.append(length - first)
                length = first


def peel_many(ways: Arcs, desk: Desk, limit: int, looked_max: int) -> Any:
    """The same in arrays: many millions of numbers are never made objects of the interpreter."""
    amounts, sizes, arcs = peel(ways, desk, limit, looked_max)
    return np.array(amounts), np.array(sizes), np.array(arcs)


@lru_cache(maxsize=1)
def compiled_peel() -> Callable[..., Any]:
    """`peel_many` compiled; kept on disk between runs."""
    import numba

    compiled: dict[str, Any] = {}
    for function in (take, clear_last, any_left, nearest, walk, peel, peel_many):
        copy = FunctionType(function.__code__, {**globals(), **compiled}, function.__name__)
        copy.__module__ = __name__
        compiled[function.__name__] = numba.njit(cache=True)(copy)
    found: Callable[..., Any] = compiled["peel_many"]
    return found
