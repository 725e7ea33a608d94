"""One currency's obligations as a network of pairs, cleared, and spread back to the obligations.

Obligations stand in the order of `obligations.py`, so those of one debtor and creditor are neighbours, oldest first. They are merged into
one debt per pair before solving, and what was cleared of a pair is spread over them in that order: splitting an obligation in two changes
nothing. Parties are numbered by their ids, so the result depends on what is owed alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from setoff.clearing.solve import Integers


class Pairs(NamedTuple):
    """Debts of pairs: obligation i belongs to pair `of[i]`; those of pair p begin at `start[p]`."""

    debtor: Integers
    creditor: Integers
    amount: Integers
    start: Integers
    of: NDArray[np.int32]


def pairs_of(debtor: NDArray[np.integer[Any]], creditor: NDArray[np.integer[Any]], amount: Integers) -> Pairs:
    """Neighbours of the same debtor and creditor become one debt. Sums must stay in 64 bits (`solve.py` looks)."""
    first = np.ones(len(debtor), bool)
    first[1:] = (debtor[1:] != debtor[:-1]) | (creditor[1:] != creditor[:-1])
    start = np.flatnonzero(first).astype(np.int64)
    sums = np.add.reduceat(amount, start) if len(start) else amount
    of = np.cumsum(first, dtype=np.int32)
    of -= 1
    return Pairs(debtor[start].astype(np.int64), creditor[start].astype(np.int64), sums, start, of)


class Network(NamedTuple):
    """What is solved. The first arcs are the pairs; then one arc through every capped party, then those of the funder. A party's own
    number is where it is a creditor; `out` is where it is a debtor: another place for a capped party, whose cap is the arc between
    both. Money of the funder enters at `funder_out` and comes back to `funder_in` (-1: there is no funder)."""

    tail: Integers
    head: Integers
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
    out[capped] = parties + np.arange(len(capped))
    owed, owing = np.zeros(parties, np.int64), np.zeros(parties, np.int64)
    np.add.at(owed, pairs.creditor, pairs.amount)
    np.add.at(owing, pairs.debtor, pairs.amount)
    never = int(capacity.sum()) + liquidity + 1
    caps = np.array([min(party_caps[party], never) for party in capped.tolist()], np.int64)
    tail, head, room = [out[pairs.debtor], capped], [pairs.creditor, out[capped]], [capacity, caps]
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
    if len(gain) == len(capacity):  # pairs alone: nothing is copied
        return Network(pairs.debtor, pairs.creditor, capacity, gain, places, out, capped, funder_in, funder_out)
    return Network(
        np.concatenate(tail), np.concatenate(head), np.concatenate(room), gain, places, out, capped, funder_in, funder_out
    )  # fmt: skip


def spread(pairs: Pairs, amount: Integers, flow: Integers) -> Integers:
    """What is cleared of every obligation, the first of its pair first. Parts sum to the pair's."""
    before = np.cumsum(amount) - amount
    before -= before[pairs.start][pairs.of]
    parts: Integers = np.clip(flow[pairs.of] - before, 0, amount)
    return parts


def positions(debtor: Integers, creditor: Integers, amount: Integers, parties: int) -> Integers:
    """What every party is owed less what it owes."""
    net = np.zeros(parties, np.int64)
    np.add.at(net, creditor, amount)
    np.subtract.at(net, debtor, amount)
    return net


def sum_of(amounts: NDArray[np.int64]) -> int:
    """The exact sum, whatever its size: high and low halves apart."""
    return (int((amounts >> 31).sum()) << 31) + int((amounts & 0x7FFFFFFF).sum())
