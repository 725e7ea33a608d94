"""What a funder's money would discharge: the curve from none of it to all that could be of use.

    curve(obligations, choices)              of obligations, under their choices, by currency
    curve_of(pairs, parties, caps...)        of debts of pairs

Each unit lent runs along a chain of debts, discharges every one of them, and comes back to the funder. A debt counts when the money runs
through it, as when it is set off. Clearing everything takes as much money as the net debtors owe on balance. Between the two ends
every point is solved, so it is an exact maximum; the curve is concave: the first money discharges most.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from setoff.clearing.choices import Choices, with_reasons
from setoff.clearing.clear import by_currency, prepared
from setoff.clearing.network import Pairs, network_of
from setoff.clearing.solve import clear_with_gains

PER_MILLE: Final = (1, 10, 50, 100, 250, 500, 1000)
"""Points of the curve after the first, in thousandths of what net debtors owe on balance."""
PER_MILLE_LARGE: Final = (10, 100, 500, 1000)
LARGE: Final = 100_000
"""Debts of pairs from which on fewer points are solved."""
NO_CAPS: Final[Mapping[int, int]] = {}
NO_PAIR_CAPS: Final[Mapping[tuple[int, int], int]] = {}


class CurvePoint(NamedTuple):
    """With so much credit, so much debt is discharged. Minor units."""

    credit: int
    discharged: int


def curve(obligations: pl.DataFrame, choices: Choices) -> dict[str, list[CurvePoint]]:
    """By currency. A funder among the choices is left out: the curve tells of every budget. Errors: those of `clear`."""
    marked = with_reasons(obligations, choices)
    found = {}
    for currency, frame in by_currency(marked):
        case = prepared(currency, frame, choices)
        found[currency] = curve_of(case.pairs, len(case.names), party_caps=case.party_caps, pair_caps=case.pair_caps)
    return found


def curve_of(
    pairs: Pairs, parties: int, *, cleared: int | None = None, party_caps: Mapping[int, int] = NO_CAPS,
    pair_caps: Mapping[tuple[int, int], int] = NO_PAIR_CAPS,
) -> list[CurvePoint]:  # fmt: skip
    """From no credit to all that is needed; only the first where nobody lacks anything. `cleared`: what clearing does without credit,
    where it is known."""
    needed = credit_needed(pairs, parties)
    shares = PER_MILLE if len(pairs.amount) < LARGE else PER_MILLE_LARGE
    points = sorted({-(-needed * share // 1000) for share in shares} | {0})
    known = {} if cleared is None else {0: cleared}
    if needed and not party_caps and not pair_caps:
        known[needed] = int(pairs.amount.sum())  # every chain of debts has its money
    for credit in points:
        if credit not in known:
            network = network_of(pairs, parties, party_caps=party_caps, pair_caps=pair_caps, liquidity=credit)
            flow = clear_with_gains(network.tail, network.head, network.capacity, network.gain, network.places).flow
            known[credit] = int(flow[: len(pairs.amount)].sum())
    return [CurvePoint(credit, known[credit]) for credit in points]


def credit_needed(pairs: Pairs, parties: int) -> int:
    """What all who owe more than they are owed lack together: with so much, every debt can be discharged."""
    lack = np.zeros(parties, np.int64)
    np.add.at(lack, pairs.debtor, pairs.amount)
    np.subtract.at(lack, pairs.creditor, pairs.amount)
    return int(lack[lack > 0].sum())
