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
from typing import Any, Final, NamedTuple

import numpy as np

from setoff.clearing.compiled import compiled
from setoff.clearing.solve import Integers, Sides

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
    debtor: Sides, creditor: Sides, amount: Integers, parties: int, *, longest: int = 0, looked_max: int = LOOKED_MAX
) -> Cycles:
    """Rings of at most `longest` parties; 0: of any length, and `amount` is balanced at every party."""
    used = np.flatnonzero(amount > 0)
    order = used[np.lexsort((creditor[used], debtor[used]))]
    start = np.concatenate(([0], np.cumsum(np.bincount(debtor[order], minlength=parties)))).astype(np.int64)
    tail, head, rest = (column[order].astype(np.int64) for column in (debtor, creditor, amount))
    back = np.argsort(head, kind="stable").astype(np.int64)
    back_start = np.concatenate(([0], np.cumsum(np.bincount(head, minlength=parties)))).astype(np.int64)
    columns = (start, np.arange(len(order)), head, back_start, back, tail, rest, *np.zeros((6, parties + 1), np.int64))
    limit = min(longest, parties) if longest else parties + 1
    if len(order) < COMPILED_FROM:
        few: tuple[Any, ...] = (*(column.tolist() for column in columns), limit, looked_max)
        found = tuple(np.array(column, np.int64) for column in peel(*few))
    else:
        found = compiled_peel()(*columns, limit, looked_max)
    amounts, sizes, arcs = found
    return Cycles(amounts, np.concatenate(([0], np.cumsum(sizes))).astype(np.int64), order[arcs] if len(arcs) else arcs)


def covered(rings: Cycles, debts: int) -> Integers:
    """By debt: what the rings clear of it."""
    found = np.zeros(debts, np.int64)
    np.add.at(found, rings.arcs, np.repeat(rings.amount, np.diff(rings.start)))
    return found


def peel(
    start: Any, forth: Any, head: Any, back_start: Any, back: Any, tail: Any, rest: Any,
    came: Any, goes: Any, seen: Any, seen_back: Any, queue: Any, queue_back: Any, limit: int, looked_max: int,
) -> Any:  # fmt: skip
    """Amounts, lengths and arcs of the rings, ring after ring. Arcs stand by debtor: those of party p are forth[start[p]]... (forth is
    their own number), those owed to it back[back_start[p]]...; `rest` is what is left to tell. By party, for one search: the arc it
    `came` by from the root, and by which it `goes` on to the root; the number of the search that saw it from either side; the queues
    of parties of either side. Columns, not a tuple of them: numba would count all of it again at every call. A `limit` beyond the number
    of parties is none, and only then the debts are balanced, so that what is left can be walked."""
    parties = len(start) - 1
    amounts, sizes, arcs = [0 for _ in range(0)], [0 for _ in range(0)], [0 for _ in range(0)]
    waiting = [party for party in range(parties)]  # noqa: C416 - numba has no list(range)
    search, looked = 0, 0
    length = 2
    while len(waiting) > 0 and length <= limit and looked < looked_max:
        later = [0 for _ in range(0)]
        for root in waiting:
            while looked < looked_max:
                search += 1
                queue[0] = queue_back[0] = root
                seen[root] = seen_back[root] = search
                first, last, first_back, last_back = 0, 1, 0, 1
                size, middle = 0, -1
                while middle < 0 and size < length and first < last and first_back < last_back:
                    size += 1
                    if last - first <= last_back - first_back:
                        end = last
                        middle, last, more = widen(
                            root, search, first, last, queue, start, forth, head, rest, came, goes, seen, seen_back
                        )  # fmt: skip
                        first = end
                    else:
                        end = last_back
                        middle, last_back, more = widen(
                            root, search, first_back, last_back, queue_back, back_start, back, tail, rest, goes, came, seen_back, seen
                        )  # fmt: skip
                        first_back = end
                    looked += more
                if middle < 0:
                    break
                take(tail, head, came, goes, root, middle, arcs)
                amounts.append(clear_last(rest, arcs, size))
                sizes.append(size)
            if any_left(start, rest, root):
                later.append(root)
        waiting = later
        length = length + 1 if length < SHORT_MAX else max(limit, length + 1)
    if limit > parties and len(waiting) > 0:
        walk(start, tail, head, rest, came, seen, queue, amounts, sizes, arcs)
    return amounts, sizes, arcs


def widen(
    root: int, search: int, first: int, last: int, queue: Any, start: Any, order: Any, ends: Any, rest: Any,
    here: Any, there: Any, seen: Any, seen_there: Any,
) -> tuple[int, int, int]:  # fmt: skip
    """One party further from the root, on one of the two sides that a search looks along: a party where both meet, or -1; where the queue
    ends then; how many arcs were looked at. `here` and `seen` are of this side, `there` and `seen_there` of the other."""
    end, looked = last, 0
    for place in range(first, end):
        party = queue[place]
        looked += start[party + 1] - start[party]
        for at in range(start[party], start[party + 1]):
            arc = order[at]
            if rest[arc] > 0:
                other = ends[arc]
                if other == root:
                    there[party] = arc
                    return party, last, looked
                if seen[other] != search:
                    here[other] = arc
                    if seen_there[other] == search:
                        return other, last, looked
                    seen[other] = search
                    queue[last] = other
                    last += 1
    return -1, last, looked


def take(tail: Any, head: Any, came: Any, goes: Any, root: int, middle: int, arcs: Any) -> None:
    """The debts of the ring that was found, from the root through the middle back to the root."""
    at = len(arcs)
    party = middle
    while party != root:
        arcs.append(came[party])
        party = tail[came[party]]
    low, high = at, len(arcs) - 1
    while low < high:
        arcs[low], arcs[high] = arcs[high], arcs[low]
        low += 1
        high -= 1
    party = middle
    while party != root:
        arcs.append(goes[party])
        party = head[goes[party]]


def clear_last(rest: Any, arcs: Any, size: int) -> int:
    """The last debts that were told are a ring: it is cleared by the smallest of them. That amount."""
    smallest: int = rest[arcs[len(arcs) - 1]]
    for at in range(len(arcs) - size, len(arcs)):
        smallest = min(smallest, rest[arcs[at]])
    for at in range(len(arcs) - size, len(arcs)):
        rest[arcs[at]] -= smallest
    return smallest


def any_left(start: Any, rest: Any, party: int) -> bool:
    for arc in range(start[party], start[party + 1]):  # noqa: SIM110 - numba compiles a loop, not a generator
        if rest[arc] > 0:
            return True
    return False


def walk(
    start: Any, tail: Any, head: Any, rest: Any, current: Any, place: Any, path: Any, amounts: Any, sizes: Any, arcs: Any
) -> None:  # fmt: skip
    """What is left, as the rings that a walk along the debts closes. `place` is where in the path a party stands, from 1; `current` the
    first of its debts that may have something left. Debts are balanced, so whoever is reached can go on."""
    parties = len(start) - 1
    for party in range(parties):
        current[party] = start[party]
        place[party] = 0
    for root in range(parties):
        party, length = root, 0
        while True:
            while current[party] < start[party + 1] and rest[current[party]] == 0:
                current[party] += 1
            if current[party] == start[party + 1]:
                break
            place[party] = length + 1
            path[length] = current[party]
            length += 1
            party = head[path[length - 1]]
            if place[party] > 0:
                first = place[party] - 1
                for at in range(first, length):
                    arcs.append(path[at])
                    place[tail[path[at]]] = 0
                amounts.append(clear_last(rest, arcs, length - first))
                sizes.append(length - first)
                length = first


def peel_many(
    start: Any, forth: Any, head: Any, back_start: Any, back: Any, tail: Any, rest: Any,
    came: Any, goes: Any, seen: Any, seen_back: Any, queue: Any, queue_back: Any, limit: int, looked_max: int,
) -> Any:  # fmt: skip
    """The same in arrays: many millions of numbers are never made objects of the interpreter."""
    amounts, sizes, arcs = peel(
        start, forth, head, back_start, back, tail, rest, came, goes, seen, seen_back, queue, queue_back, limit, looked_max
    )  # fmt: skip
    return np.array(amounts), np.array(sizes), np.array(arcs)


@lru_cache(maxsize=1)
def compiled_peel() -> Callable[..., Any]:
    """`peel_many` compiled; kept on disk between runs."""
    return compiled((take, clear_last, any_left, widen, walk, peel, peel_many))[-1]
