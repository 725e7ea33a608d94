"""What credit does: a funder lends so much, it runs from debtor to creditor through the debts, and comes back to the funder.

    credit_curve(network, cleared_total) -> [CurvePoint(credit, discharged), ...]

A debt counts as discharged when the credit runs through it, as when it is set off. Without credit that is what clearing alone does; with as
much as all net debtors together lack, every debt is. Between the two the curve rises ever more slowly (it is concave), so what the first
credit does is the most that credit can do here. Each point between the ends is solved: the funder is one party more, whose debts and claims
are worth nothing in themselves.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from setoff.clearing.picture import Network, sums_of
from setoff.clearing.solve import clear_with_gains

PER_MILLE: Final = (1, 10, 50, 100, 250, 500)
"""Of the credit that clears everything: where the curve is solved."""
PER_MILLE_LARGE: Final = (10, 100, 500)
LARGE: Final = 100_000
"""Debts of pairs from which on fewer points are solved."""


class CurvePoint(NamedTuple):
    """With so much credit, so much debt is discharged. Minor units."""

    credit: int
    discharged: int


def credit_needed(network: Network) -> int:
    """What all who owe more than they are owed lack together: with so much, every debt can be discharged."""
    sums = sums_of(network.debtor, network.creditor, network.amount, len(network.names))
    return int(np.maximum(sums.owes - sums.owed, 0).sum())


def credit_curve(network: Network, cleared: int) -> list[CurvePoint]:
    """From no credit (`cleared`: what clearing alone does) to all that is needed; only the first where nobody lacks anything."""
    needed = credit_needed(network)
    shares = PER_MILLE if len(network.amount) < LARGE else PER_MILLE_LARGE
    between = [
        CurvePoint(credit, discharged(network, credit)) for credit in sorted({needed * share // 1000 for share in shares} - {0, needed})
    ]
    last = [CurvePoint(needed, int(network.amount.sum()))] if needed else []
    return [CurvePoint(0, cleared), *between, *last]


def discharged(network: Network, credit: int) -> int:
    """Debts that are set off, or paid with the credit and what follows from it."""
    parties = len(network.names)
    sums = sums_of(network.debtor, network.creditor, network.amount, parties)
    back, lends = parties, parties + 1
    paid, lent = np.flatnonzero(sums.owed), np.flatnonzero(sums.owes)
    debtor = np.concatenate((network.debtor, paid, np.full(len(lent), lends), [back]))
    creditor = np.concatenate((network.creditor, np.full(len(paid), back), lent, [lends]))
    amount = np.concatenate((network.amount, np.minimum(sums.owed[paid], credit), np.minimum(sums.owes[lent], credit), [credit]))
    gain = np.zeros(len(amount), np.int64)
    gain[: len(network.amount)] = 1
    solved = clear_with_gains(debtor.astype(np.int64), creditor.astype(np.int64), amount.astype(np.int64), gain, parties + 2)
    return int(solved.flow[: len(network.amount)].sum())
