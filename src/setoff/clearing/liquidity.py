"""What a funder's money would discharge: the curve from none of it to all that could be of use.

Clearing everything takes as much money as the net debtors owe on balance; each unit lent runs along a chain of debts and discharges
every one of them. The curve is concave: the first money discharges most.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

import polars as pl

from setoff.clearing.choices import Choices
from setoff.clearing.clear import clear
from setoff.core.money import format_amount

PER_MILLE: Final = (0, 1, 10, 50, 100, 250, 500, 1000)
"""Points of the curve, in thousandths of what net debtors owe on balance."""


class Point(NamedTuple):
    """With `liquidity`, `cleared` is discharged; minor units."""

    currency: str
    liquidity: int
    cleared: int


def curve(obligations: pl.DataFrame, choices: Choices) -> list[Point]:
    """Points for every currency: each an exact maximum. Errors: those of `clear`."""
    found = []
    for (currency,), frame in obligations.group_by(["currency"], maintain_order=True):
        (without,) = clear(frame, replace(choices, liquidity="", prefer="none"))
        part = without.obligations.filter(pl.col("excluded") == "")
        owed = part.group_by(pl.col("creditor").alias("party")).agg(pl.col("amount").sum())
        owing = part.group_by(pl.col("debtor").alias("party")).agg(-pl.col("amount").sum())
        net = pl.concat([owed, owing]).group_by("party").agg(pl.col("amount").sum())["amount"]
        most = int(net.filter(net > 0).sum())
        points = {0: without.cleared}
        for share in PER_MILLE:
            money = -(-most * share // 1000)
            if money not in points:
                funded = replace(choices, liquidity=format_amount(money, str(currency)), prefer="none")
                points[money] = clear(frame, funded)[0].cleared
        found += [Point(str(currency), money, cleared) for money, cleared in sorted(points.items())]
    return found
