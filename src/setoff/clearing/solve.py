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

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from setoff.clearing.reduction import reduced
from setoff.clearing.work import DIGIT_BITS, Work, starts_of
from setoff.core.errors import DomainError, ErrorCode, InvariantViolation

Integers = NDArray[np.int64]
Numbers = NDArray[np.int32]
Sides = NDArray[np.integer[Any]]
SUM_MAX: Final = 1 << 62
COMPILED_FROM: Final = 3000
"""Debts from which on compiled code is quicker than the interpreter, which has nothing to load."""
PROVED_AT_ONCE: Final = 1 << 19


class Cleared(NamedTuple):
    """By debt: the cleared amount. By party: its level."""

    flow: Integers
    levels: Integers


def ones(debts: int) -> Integers:
    """A gain of one for every debt, which takes no memory."""
    return np.broadcast_to(np.int64(1), (debts,))


def clear_network(debtor: Sides, creditor: Sides, amount: Integers, parties: int) -> Cleared:
    """The largest circulation: parties are 0..parties-1, amounts positive minor units of one currency. Errors: amount_too_large."""
    return clear_with_gains(debtor, creditor, amount, ones(len(amount)), parties)


def clear_with_gains(debtor: Sides, creditor: Sides, amount: Integers, gain: Integers, parties: int) -> Cleared:
    """The circulation with the largest sum of gain * flow. Errors: amount_too_large."""
    if len(amount) == 0:
        return Cleared(np.zeros(0, np.int64), np.zeros(parties, np.int64))
    if int(amount.max()) * len(amount) >= SUM_MAX and sum(amount.tolist()) >= SUM_MAX:
        raise DomainError(ErrorCode.AMOUNT_TOO_LARGE, field="amount", value=sum(amount.tolist()))
    debts = Debts(debtor.astype(np.int32, copy=False), creditor.astype(np.int32, copy=False), amount, gain)
    order = np.argsort(debts.debtor, kind="stable") if (debts.debtor[1:] < debts.debtor[:-1]).any() else None
    sorted_ = debts if order is None else debts.those(order)
    cleared, levels = _largest(sorted_, parties)
    levels -= levels.min()
    if order is not None:
        back = np.empty_like(cleared)
        back[order] = cleared
        cleared = back
    found = Cleared(cleared, levels)
    _prove(debts, found)
    return found


class Debts(NamedTuple):
    """Debts to be solved, in columns."""

    debtor: Numbers
    creditor: Numbers
    amount: Integers
    gain: Integers

    def those(self, kept: NDArray[Any]) -> Debts:
        """Some of them, or all in another order. A gain that all have alike takes no memory."""
        gain = np.broadcast_to(self.gain[0], (len(self.amount[kept]),)) if self.gain.strides == (0,) else self.gain[kept]
        return Debts(self.debtor[kept], self.creditor[kept], self.amount[kept], gain)

    def work(self, largest: int, parties: int) -> Work:
        return Work(self.debtor, self.creditor, self.amount, largest, parties, fast=len(self.amount) >= COMPILED_FROM)


def _largest(debts: Debts, parties: int) -> tuple[Integers, Integers]:
    """Reduced, solved, and levels raised until they hold for all debts."""
    most = reduced(debts.debtor, debts.creditor, debts.amount, starts_of(debts.debtor, parties), fast=len(debts.amount) >= COMPILED_FROM)
    kept = most > 0
    levels = np.zeros(parties, np.int64)
    held = [debts._replace(amount=most).those(kept)]
    del most
    cleared = np.zeros(0, np.int64)
    if kept.any():
        cleared, levels = _solved(held.pop(), parties)
    whole = np.zeros(len(kept), np.int64)
    whole[kept] = cleared
    work = debts.work(int(np.abs(debts.gain).max()), parties)
    work.set_gain(debts.gain)
    work.set_flow(whole, levels)
    work.raise_levels()
    return whole, work.levels()


def _solved(debts: Debts, parties: int) -> tuple[Integers, Integers]:
    """The best circulation, gains digit by digit, and its levels. Errors: InvariantViolation."""
    largest = int(np.abs(debts.gain).max())
    shift = 0
    while largest >> shift > 1 << (DIGIT_BITS - 1):
        shift += DIGIT_BITS
    work = debts.work(largest, parties)
    while True:
        work.set_gain((debts.gain + ((1 << shift) >> 1)) >> shift if shift else debts.gain)
        if not work.improve():
            raise InvariantViolation("clearing found no way")
        if shift == 0:
            return work.flow(), work.levels()
        shift -= DIGIT_BITS


def _prove(debts: Debts, found: Cleared) -> None:
    """The result is balanced, within every debt, and the largest by its levels. Errors: InvariantViolation."""
    net = np.zeros(len(found.levels), np.int64)
    for at in range(0, len(debts.amount), PROVED_AT_ONCE):
        some = slice(at, at + PROVED_AT_ONCE)
        debtor, creditor, flow = debts.debtor[some], debts.creditor[some], found.flow[some]
        slack = debts.gain[some] + found.levels[debtor] - found.levels[creditor]
        within = (flow >= np.where(slack > 0, debts.amount[some], 0)) & (flow <= np.where(slack < 0, 0, debts.amount[some]))
        np.add.at(net, debtor, flow)
        np.subtract.at(net, creditor, flow)
        if not within.all():
            raise InvariantViolation("clearing is not proved")
    if net.any():
        raise InvariantViolation("clearing is not proved")
