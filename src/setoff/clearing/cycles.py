"""A circulation as chain documents: rings of debts, the shortest first, that together are exactly what was cleared.

    cycles_of(debtor, creditor, amount, parties) -> Cycles     every ring clears `amount` of each of its debts

Rings of two parties are taken first, then those of three, and so on to SHORT_MAX; debts are only used up, so one pass over the parties
for every length is enough. What is left then is taken party by party, each time along its shortest ring. Everything goes in the order of
parties and debts, so the result is always the same. There are at most as many rings as debts. Fewest rings, or the most in rings of
some length, are problems without a known fast way: this is a heuristic, and what it covers is shown beside the whole.

`longest` stops there: what rings of at most so many parties cover is what chain documents of that length can clear *of this
circulation*. Another circulation might hold a little more in short rings.
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


class Cycles(NamedTuple):
    """Ring r clears amount[r] of each of the debts arcs[start[r] : start[r + 1]]: the creditor of one is the debtor of the next."""

    amount: Integers
    start: Integers
    arcs: Integers


def cycles_of(debtor: Integers, creditor: Integers, amount: Integers, parties: int, *, longest: int = 0) -> Cycles:
    """Rings of at most `longest` parties (0: of any length). `amount` is balanced at every party."""
    used = np.flatnonzero(amount > 0)
    order = used[np.lexsort((creditor[used], debtor[used]))]
    start = np.concatenate(([0], np.cumsum(np.bincount(debtor[order], minlength=parties)))).astype(np.int64)
    head, rest = creditor[order].astype(np.int64), amount[order].astype(np.int64)
    limit = longest or parties
    if len(order) < COMPILED_FROM:
        found = peel(start.tolist(), head.tolist(), rest.tolist(), [0] * parties, [0] * parties, [0] * parties, limit)
    else:
        work = [np.zeros(parties, np.int64) for _ in range(3)]
        found = compiled_peel()(start, head, rest, *work, limit)
    amounts, sizes, arcs = (np.array(list(column), np.int64) for column in found)
    return Cycles(amounts, np.concatenate(([0], np.cumsum(sizes))).astype(np.int64), order[arcs] if len(arcs) else arcs)


def peel(start: Any, head: Any, rest: Any, by: Any, seen: Any, queue: Any, limit: int) -> Any:
    """Amounts, lengths and arcs of the rings, ring after ring. `by` is the arc a party was reached by, `seen` the number of the search."""
    parties = len(by)
    amounts, sizes, arcs = [0 for _ in range(0)], [0 for _ in range(0)], [0 for _ in range(0)]
    waiting = [party for party in range(parties)]  # noqa: C416 - numba has no list(range)
    searches = 0
    length = 2
    while len(waiting) > 0 and length <= limit:
        later = [0 for _ in range(0)]
        for root in waiting:
            while True:
                searches += 1
                closing = nearest(start, head, rest, by, seen, queue, root, length, searches)
                if closing < 0:
                    break
                size, smallest = measure(start, rest, by, root, closing)
                take(start, rest, by, root, closing, smallest, arcs)
                amounts.append(smallest)
                sizes.append(size)
            if any_left(start, rest, root):
                later.append(root)
        waiting = later
        length = length + 1 if length < SHORT_MAX else max(limit, length + 1)
    return amounts, sizes, arcs


def nearest(start: Any, head: Any, rest: Any, by: Any, seen: Any, queue: Any, root: int, length: int, search: int) -> int:
    """The arc back to `root` that closes a ring of at most `length` parties; -1 when there is none."""
    queue[0] = root
    first, last = 0, 1
    depth, level_end = 1, 1
    while first < last:
        if first == level_end:
            depth += 1
            level_end = last
        if depth > length:
            break
        party = queue[first]
        first += 1
        for arc in range(start[party], start[party + 1]):
            if rest[arc] > 0:
                other = head[arc]
                if other == root:
                    by[root] = arc
                    return arc
                if seen[other] != search and depth < length:
                    seen[other] = search
                    by[other] = arc
                    queue[last] = other
                    last += 1
    return -1


def debtor_of(start: Any, arc: int) -> int:
    """The party that arc leaves: the last that begins at it or before."""
    low, high = 0, len(start) - 1
    while high - low > 1:
        middle = (low + high) // 2
        if start[middle] <= arc:
            low = middle
        else:
            high = middle
    return low


def measure(start: Any, rest: Any, by: Any, root: int, closing: int) -> tuple[int, int]:
    """Parties of the ring, and the smallest of its debts."""
    size, smallest = 1, rest[closing]
    party = debtor_of(start, closing)
    while party != root:
        arc = by[party]
        smallest = min(smallest, rest[arc])
        size += 1
        party = debtor_of(start, arc)
    return size, smallest


def take(start: Any, rest: Any, by: Any, root: int, closing: int, amount: int, arcs: Any) -> None:
    """The ring is cleared by that amount; its debts are told from the root on."""
    at = len(arcs)
    arc = closing
    while True:
        rest[arc] -= amount
        arcs.append(arc)
        party = debtor_of(start, arc)
        if party == root:
            break
        arc = by[party]
    low, high = at, len(arcs) - 1
    while low < high:
        arcs[low], arcs[high] = arcs[high], arcs[low]
        low += 1
        high -= 1


def any_left(start: Any, rest: Any, party: int) -> bool:
    for arc in range(start[party], start[party + 1]):  # noqa: SIM110 - numba compiles a loop, not a generator
        if rest[arc] > 0:
            return True
    return False


@lru_cache(maxsize=1)
def compiled_peel() -> Callable[..., Any]:
    """`peel` compiled; kept on disk between runs."""
    import numba

    compiled: dict[str, Any] = {}
    for function in (debtor_of, measure, take, any_left, nearest, peel):
        copy = FunctionType(function.__code__, {**globals(), **compiled}, function.__name__)
        copy.__module__ = __name__
        compiled[function.__name__] = numba.njit(cache=True)(copy)
    found: Callable[..., Any] = compiled["peel"]
    return found
