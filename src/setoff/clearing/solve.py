"""The largest circulation of debts: how much of every debt can be cleared so that every party's net position stays as it is.

    clear_network(debtor, creditor, amount, parties) -> Cleared(flow, levels)

Every cleared unit of a debt gains one, and what a party clears as a debtor it clears as a creditor: a circulation of the largest
gain. What no circulation can use is cut off (`reduction.py`); then everything is cleared, and what parties cleared too much as debtors
is given up again where that costs least (`primal_dual.py`: primal-dual, exact). A level per party comes with it and proves the result:

    cleared in full     1 + level(debtor) - level(creditor) > 0
    not cleared         1 + level(debtor) - level(creditor) < 0
    anything between                                        = 0

so the sum of amount * max(0, 1 + level(debtor) - level(creditor)) is the cleared total, and no set-off of this network can be larger
(`certificate.py` checks it). The same holds with a gain for every debt in place of 1: 0 for what is not counted, days of age. Large
gains are solved digit by digit, highest first: each solution is the start of the next (Edmonds and Karp 1972, Röck 1980).

Integers of 64 bits; the sum of all amounts must stay below 2**62, and so must parties * the largest gain. The result depends on
the order of parties and debts alone, so the caller fixes both (`network.py`). Reasons and measurements:
docs/decisions/0023-clearing-of-networks.md
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from setoff.clearing.reduction import reduced
from setoff.clearing.work import DIGIT_BITS, Work, starts_of
from setoff.core.errors import DomainError, ErrorCode, InvariantViolation

Integers = NDArray[np.int64]
Numbers = NDArray[np.int32]
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
    """The circulation with the largest sum of gain * flow. It may begin from a flow: then every party's balance stays what it is there.
    Errors: amount_too_large."""
    if len(amount) == 0:
        return Cleared(np.zeros(0, np.int64), np.zeros(parties, np.int64))
    if int(amount.max()) * len(amount) >= SUM_MAX and sum(amount.tolist()) >= SUM_MAX:
        raise DomainError(ErrorCode.AMOUNT_TOO_LARGE, field="amount", value=sum(amount.tolist()))
    sides = debtor.astype(np.int32), creditor.astype(np.int32)
    order = np.argsort(sides[0], kind="stable") if (sides[0][1:] < sides[0][:-1]).any() else slice(None)
    columns = sides[0][order], sides[1][order], amount[order], gain[order]
    if flow is None:
        cleared, levels = _largest(*columns, parties)
    else:
        cleared, levels = _moved(*columns, parties, flow[order])
    found = Cleared(np.empty(len(amount), np.int64), levels - levels.min())
    found.flow[order] = cleared
    _prove(sides, amount, gain, found, flow)
    return found


def _largest(debtor: Numbers, creditor: Numbers, amount: Integers, gain: Integers, parties: int) -> tuple[Integers, Integers]:
    """Reduced, solved, and levels raised until they hold for all debts."""
    most = reduced(debtor, creditor, amount, starts_of(debtor, parties), fast=len(amount) >= COMPILED_FROM)
    kept = np.flatnonzero(most)
    cleared, levels = np.zeros(len(amount), np.int64), np.zeros(parties, np.int64)
    if len(kept):
        cleared[kept], levels = _moved(debtor[kept], creditor[kept], most[kept], gain[kept], parties, None)
    work = Work(debtor, creditor, amount, int(np.abs(gain).max()), parties, fast=len(amount) >= COMPILED_FROM)
    work.set_gain(gain)
    work.set_flow(cleared, levels)
    work.raise_levels()
    return cleared, work.levels()


def _moved(
    debtor: Numbers, creditor: Numbers, amount: Integers, gain: Integers, parties: int, flow: Integers | None
) -> tuple[Integers, Integers]:
    """The best flow of the balance that it begins with, gains digit by digit, and its levels. Errors: InvariantViolation."""
    largest = int(np.abs(gain).max())
    shift = 0
    while largest >> shift > 1 << (DIGIT_BITS - 1):
        shift += DIGIT_BITS
    work = Work(debtor, creditor, amount, largest, parties, fast=len(amount) >= COMPILED_FROM)
    if flow is not None:
        work.set_flow(flow, np.zeros(parties, np.int64))
    while True:
        work.set_gain((gain + ((1 << shift) >> 1)) >> shift)
        if not work.improve():
            raise InvariantViolation("clearing found no way")
        if shift == 0:
            return work.flow(), work.levels()
        shift -= DIGIT_BITS


def _prove(sides: tuple[Numbers, Numbers], amount: Integers, gain: Integers, found: Cleared, begun: Integers | None) -> None:
    """The result is balanced as the beginning was, within every debt, and the largest by its levels. Errors: InvariantViolation."""
    debtor, creditor = sides
    slack = gain + found.levels[debtor] - found.levels[creditor]
    within = (found.flow >= np.where(slack > 0, amount, 0)) & (found.flow <= np.where(slack < 0, 0, amount))
    moved = found.flow if begun is None else found.flow - begun
    net = np.zeros(len(found.levels), np.int64)
    np.add.at(net, debtor, moved)
    np.subtract.at(net, creditor, moved)
    if not within.all() or net.any():
        raise InvariantViolation("clearing is not proved")
