"""The largest circulation of debts: how much of every debt can be cleared so that every party's net position stays as it is.

    clear_network(debtor, creditor, amount, parties) -> Cleared(flow, levels)

Every cleared unit of a debt gains one, and what a party clears as a debtor it clears as a creditor: a circulation of the largest
gain. It is found by cost scaling (`scaling.py`): parties have prices, and the flow is right up to an error per debt that shrinks,
phase after phase, until it is smaller than one unit over the number of parties. Then it is exact, and whole numbers can be read
off the prices: a level per party, which proves the result:

    cleared in full     1 + level(debtor) - level(creditor) > 0
    not cleared         1 + level(debtor) - level(creditor) < 0
    anything between                                        = 0

so the sum of amount * max(0, 1 + level(debtor) - level(creditor)) is the cleared total, and no set-off of this network can be larger
(`certificate.py` checks it). The same holds with a gain for every debt in place of 1: 0 for what is not counted, days of age.

Integers of 64 bits; the sum of all amounts must stay below 2**62, and so must parties * parties * the largest gain. The result
depends on the order of parties and debts alone, so the caller fixes both (`network.py`). Reasons and measurements:
docs/decisions/0023-clearing-of-networks.md
"""

from __future__ import annotations

from functools import partial
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from setoff.clearing.scaling import PATH_MAX, RANKS_PER_PARTY, Standing, Ways, compiled_scale, scale
from setoff.core.errors import DomainError, ErrorCode, InvariantViolation

Integers = NDArray[np.int64]
SUM_MAX: Final = 1 << 62
COMPILED_FROM: Final = 3000
"""Debts from which on compiled code is quicker than the interpreter, which has nothing to load."""


class Cleared(NamedTuple):
    """By debt: the cleared amount. By party: its level."""

    flow: Integers
    levels: Integers


def clear_network(debtor: Integers, creditor: Integers, amount: Integers, parties: int) -> Cleared:
    """The largest circulation: parties are 0..parties-1, amounts positive minor units of one currency. Errors: amount_too_large."""
    return clear_with_gains(debtor, creditor, amount, np.ones(len(amount), np.int64), parties)


def clear_with_gains(
    debtor: Integers, creditor: Integers, amount: Integers, gain: Integers, parties: int, *, flow: Integers | None = None
) -> Cleared:
    """The circulation with the largest sum of gain * flow; gains are not negative. It may begin from a flow: then every party's
    balance stays what it is there. Errors: amount_too_large."""
    if len(amount) == 0:
        return Cleared(np.zeros(0, np.int64), np.zeros(parties, np.int64))
    if int(amount.max()) * len(amount) >= SUM_MAX and sum(amount.tolist()) >= SUM_MAX:
        raise DomainError(ErrorCode.AMOUNT_TOO_LARGE, field="amount", value=sum(amount.tolist()))
    order, back, start = both_ways(debtor, creditor, parties)
    begun = np.zeros_like(amount) if flow is None else flow
    ways = Ways(
        start, np.concatenate((creditor, debtor)).astype(np.int32)[order], back,
        np.concatenate((amount - begun, begun))[order], np.concatenate((gain, -gain))[order] * -(parties + 1),
    )  # fmt: skip
    error = int(gain.max()) * (parties + 1)
    if len(amount) < COMPILED_FROM:
        lists = Ways(*(column.tolist() for column in ways))
        few = Standing(*(column.tolist() for column in standing_of(ways, parties)))
        scale(lists, few, error)
        room, price = np.array(lists.room, np.int64), np.array(few.price, np.int64)
    else:
        standing = standing_of(ways, parties)
        compiled_scale()(ways, standing, error)
        room, price = ways.room, standing.price
    cleared = np.empty(2 * len(amount), np.int64)
    cleared[order] = room
    found = Cleared(cleared[len(amount) :], whole_levels(-price, parties + 1))
    prove(debtor, creditor, amount, gain, found, begun)
    return found


def prove(debtor: Integers, creditor: Integers, amount: Integers, gain: Integers, found: Cleared, begun: Integers) -> None:
    """The result is balanced as the beginning was, within every debt, and the largest by its levels. Errors: InvariantViolation."""
    slack = gain + found.levels[debtor] - found.levels[creditor]
    within = (found.flow >= np.where(slack > 0, amount, 0)) & (found.flow <= np.where(slack < 0, 0, amount))
    net = np.zeros(len(found.levels), np.int64)
    np.add.at(net, debtor, found.flow - begun)
    np.subtract.at(net, creditor, found.flow - begun)
    if not within.all() or net.any():
        raise InvariantViolation("clearing is not proved")


def standing_of(ways: Ways, parties: int) -> Standing:
    """Before anything has moved."""
    wide, narrow = partial(np.zeros, dtype=np.int64), partial(np.zeros, dtype=np.int32)
    return Standing(
        wide(parties), wide(parties), ways.start[:-1].copy(), wide(parties), narrow(parties + 1), narrow(parties + 1),
        narrow(RANKS_PER_PARTY * parties + 1), narrow(parties + 1), narrow(parties), wide(PATH_MAX),
    )  # fmt: skip


def both_ways(debtor: Integers, creditor: Integers, parties: int) -> tuple[NDArray[np.int64], NDArray[np.int32], Integers]:
    """Debts 0.. and, after them, the same back, in the order of the party they leave; where each one's opposite then stands; and
    where the ways out of every party begin."""
    debts = len(debtor)
    source = np.concatenate((debtor, creditor))
    order = np.argsort(source, kind="stable")
    place = np.empty(2 * debts, np.int32)
    place[order] = np.arange(2 * debts, dtype=np.int32)
    back = np.concatenate((place[debts:], place[:debts]))[order]
    start = np.concatenate(([0], np.cumsum(np.bincount(source, minlength=parties)))).astype(np.int64)
    return order, back, start


def whole_levels(price: Integers, unit: int) -> Integers:
    """Prices in 1 / unit rounded down to whole levels, from an origin that leaves a gap of more than one error between their
    fractions. There is one, since there are fewer parties than errors in a unit; and no way that costs nothing or less is opened by it."""
    fractions = np.unique(price % unit)
    gaps = np.diff(fractions, append=fractions[0] + unit)
    origin = int(fractions[(int(np.argmax(gaps)) + 1) % len(fractions)])
    levels: Integers = (price - origin) // unit
    levels -= levels.min()
    return levels
