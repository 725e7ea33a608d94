"""What was cleared, told as chains: everyone owes the next, the last owes the first, and every debt of a chain is reduced by one amount.

    chains_of(network, cleared) -> [Chain(amount, debts), ...]

What is cleared is the same for every party as debtor and as creditor, so it falls apart into such chains; how is free. Here the largest
amount that is not told yet is taken, with the shortest chain that leads through it: large first, and short. Of a large network only the
first chains are told: CHAINS_MAX, or as many as are found by looking at LOOKED_MAX debts.
"""

from __future__ import annotations

from heapq import heapify, heappop, heapreplace
from typing import Final, NamedTuple

import numpy as np

from setoff.clearing.picture import Integers, Network

CHAINS_MAX: Final = 500
LOOKED_MAX: Final = 2_000_000


class Chain(NamedTuple):
    """`debts`: places in the network, each owed to the next one's debtor, the last to the first one's."""

    amount: int
    debts: tuple[int, ...]


class _Ways(NamedTuple):
    """Debts by party: of party p they are `order[start[p]:start[p + 1]]`; `other` is who stands at their other end."""

    order: list[int]
    start: list[int]
    other: list[int]


def chains_of(network: Network, cleared: Integers, *, most: int = CHAINS_MAX, looked_max: int = LOOKED_MAX) -> list[Chain]:
    """The chains in the order in which they were found. None is told twice, and of no debt more than was cleared of it."""
    used = np.flatnonzero(cleared)
    debtor, creditor = network.debtor[used], network.creditor[used]
    left: list[int] = cleared[used].tolist()
    out, back = _ways(debtor, creditor, len(network.names)), _ways(creditor, debtor, len(network.names))
    debtors, creditors = debtor.tolist(), creditor.tolist()
    heap = [(-amount, place) for place, amount in enumerate(left)]
    heapify(heap)
    found: list[Chain] = []
    looked = 0
    while heap and len(found) < most and looked < looked_max:
        amount, place = heap[0]
        if left[place] != -amount:
            heapreplace(heap, (-left[place], place)) if left[place] else heappop(heap)
            continue
        path, seen = _shortest(out, back, left, creditors[place], debtors[place])
        looked += seen
        debts = [place, *path]
        least = min(left[debt] for debt in debts)
        for debt in debts:
            left[debt] -= least
        found.append(Chain(least, tuple(int(used[debt]) for debt in debts)))
    return found


def _ways(source: Integers, target: Integers, parties: int) -> _Ways:
    order = np.argsort(source, kind="stable")
    start = np.concatenate(([0], np.cumsum(np.bincount(source, minlength=parties))))
    return _Ways(order.tolist(), start.tolist(), target[order].tolist())


def _shortest(out: _Ways, back: _Ways, left: list[int], first: int, last: int) -> tuple[list[int], int]:
    """The debts of a shortest way from one party to another, and how many debts were looked at. There is a way: what is left to tell is
    balanced at every party. Both ends look for one another, the end with fewer parties at its edge first."""
    came: dict[int, tuple[int, int]] = {first: (-1, -1)}
    goes: dict[int, tuple[int, int]] = {last: (-1, -1)}
    edge, other_edge = [first], [last]
    looked = 0
    while True:
        forward = len(edge) <= len(other_edge)
        ways, mine, theirs = (out, came, goes) if forward else (back, goes, came)
        reached = []
        for party in edge if forward else other_edge:
            for at in range(ways.start[party], ways.start[party + 1]):
                debt, other = ways.order[at], ways.other[at]
                looked += 1
                if left[debt] and other not in mine:
                    mine[other] = (debt, party)
                    if other in theirs:
                        return _joined(came, goes, other), looked
                    reached.append(other)
        if forward:
            edge = reached
        else:
            other_edge = reached


def _joined(came: dict[int, tuple[int, int]], goes: dict[int, tuple[int, int]], middle: int) -> list[int]:
    """The debts from where `came` began, through the middle, to where `goes` began."""
    before, after = [], []
    party = middle
    while came[party][0] >= 0:
        before.append(came[party][0])
        party = came[party][1]
    party = middle
    while goes[party][0] >= 0:
        after.append(goes[party][0])
        party = goes[party][1]
    return [*reversed(before), *after]
