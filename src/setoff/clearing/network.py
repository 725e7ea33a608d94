"""One currency's obligations as a network of pairs, cleared, and spread back to the obligations.

Obligations stand in the order of `obligations.py`, so those of one debtor and creditor are neighbours, oldest first. They are merged into
one debt per pair before solving, and what was cleared of a pair is spread over them in that order: splitting an obligation in two changes
nothing. Parties are numbered by their ids, so the result depends on what is owed alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from setoff.clearing.solve import Integers, Numbers, Sides, ones

ROWS_AT_ONCE: Final = 1 << 19


class Pairs(NamedTuple):
    """Debts of pairs; the obligations of pair p begin at `start[p]`, and there are `obligations` of them in all."""

    debtor: Numbers
    creditor: Numbers
    amount: Integers
    start: Numbers
    obligations: int


def pairs_of(debtor: NDArray[np.integer[Any]], creditor: NDArray[np.integer[Any]], amount: Integers) -> Pairs:
    """Neighbours of the same debtor and creditor become one debt. Sums must stay in 64 bits (`solve.py` looks)."""
    first = np.ones(len(debtor), bool)
    first[1:] = (debtor[1:] != debtor[:-1]) | (creditor[1:] != creditor[:-1])
    start = np.flatnonzero(first).astype(np.int32)
    sums = np.add.reduceat(amount, start) if len(start) else amount
    return Pairs(debtor[start].astype(np.int32), creditor[start].astype(np.int32), sums, start, len(debtor))


class Network(NamedTuple):
    """What is solved. The first arcs are the pairs; then one arc through every capped party, then those of the funder. A party's own
    number is where it is a creditor; `out` is where it is a debtor: another place for a capped party, whose cap is the arc between
    both. Money of the funder enters at `funder_out` and comes back to `funder_in` (-1: there is no funder)."""

    tail: Numbers
    head: Numbers
    capacity: Integers
    gain: Integers
    places: int
    out: Integers
    capped: Integers
    funder_in: int
    funder_out: int


def network_of(
    pairs: Pairs, parties: int, *, party_caps: Mapping[int, int], pair_caps: Mapping[tuple[int, int], int], liquidity: int
) -> Network:
    """Pairs under caps, with a funder who may lend up to `liquidity`. Lending is worth nothing in itself: only debts that are
    discharged count. A pair with a cap owes no more than the cap."""
    capacity = pairs.amount.copy() if pair_caps else pairs.amount
    for (debtor, creditor), cap in pair_caps.items():
        mine = (pairs.debtor == debtor) & (pairs.creditor == creditor)
        capacity[mine] = np.minimum(pairs.amount[mine], cap)
    out = np.arange(parties)
    capped = np.array(sorted(party_caps), np.int64)
    if not len(capped) and not liquidity:  # pairs alone: nothing is copied
        return Network(pairs.debtor, pairs.creditor, capacity, ones(len(capacity)), parties, out, capped, -1, -1)
    out[capped] = parties + np.arange(len(capped))
    owed, owing = np.zeros(parties, np.int64), np.zeros(parties, np.int64)
    np.add.at(owed, pairs.creditor, pairs.amount)
    np.add.at(owing, pairs.debtor, pairs.amount)
    never = int(capacity.sum()) + liquidity + 1
    caps = np.array([min(party_caps[party], never) for party in capped.tolist()], np.int64)
    tail: list[Sides] = [out[pairs.debtor], capped]
    head: list[Sides] = [pairs.creditor, out[capped]]
    room = [capacity, caps]
    places = parties + len(capped)
    funder_in = funder_out = -1
    if liquidity:
        funder_in, funder_out = places, places + 1
        places += 2
        paid, lent = np.flatnonzero(owed), np.flatnonzero(owing)
        tail += [out[paid], np.full(len(lent), funder_out), np.array([funder_in])]
        head += [np.full(len(paid), funder_in), lent, np.array([funder_out])]
        room += [np.minimum(owed[paid], liquidity), np.minimum(owing[lent], liquidity), np.array([liquidity])]
    gain = np.zeros(sum(map(len, tail)), np.int64)
    gain[: len(capacity)] = 1
    tails, heads = (np.concatenate(side).astype(np.int32) for side in (tail, head))
    return Network(tails, heads, np.concatenate(room), gain, places, out, capped, funder_in, funder_out)


def spread(pairs: Pairs, amount: Integers, flow: Integers) -> Integers:
    """What is cleared of every obligation, the first of its pair first. Parts sum to the pair's."""
    parts = np.empty(pairs.obligations, np.int64)
    for some in portions(pairs):
        whole = amount[some.rows]
        parts[some.rows] = np.clip(flow[some.of] - some.before(whole), 0, whole)
    return parts


class Portion(NamedTuple):
    """Obligations of some pairs: which rows they are, and of each its pair; `first`: where each of these pairs begins in it."""

    rows: slice
    of: Numbers
    first: Numbers

    def before(self, amount: Integers) -> Integers:
        """By obligation of the portion, of which these are the amounts: how much those of its pair before it come to."""
        sums: Integers = np.cumsum(amount) - amount
        sums -= sums[self.first][self.of - self.of[0]]
        return sums


def portions(pairs: Pairs, chosen: NDArray[np.bool_] | None = None) -> Iterator[Portion]:
    """All obligations, some hundred thousand at a time, so that what is worked out by obligation never stands there for all of them. A pair
    is never cut. `chosen`: only portions that have any of these pairs."""
    ends = np.append(pairs.start, np.int32(pairs.obligations))
    at = 0
    while at < len(pairs.start):
        following = max(at + 1, int(np.searchsorted(ends, int(ends[at]) + ROWS_AT_ONCE, side="right")) - 1)
        if chosen is None or chosen[at:following].any():
            counts = np.diff(ends[at : following + 1])
            of = np.repeat(np.arange(at, following, dtype=np.int32), counts)
            yield Portion(slice(int(ends[at]), int(ends[following])), of, ends[at:following] - ends[at])
        at = following


def positions(debtor: Integers, creditor: Integers, amount: Integers, parties: int) -> Integers:
    """What every party is owed less what it owes."""
    net = np.zeros(parties, np.int64)
    np.add.at(net, creditor, amount)
    np.subtract.at(net, debtor, amount)
    return net


def sum_of(amounts: NDArray[np.int64]) -> int:
    """The exact sum, whatever its size: high and low halves apart."""
    return (int((amounts >> 31).sum()) << 31) + int((amounts & 0x7FFFFFFF).sum())
