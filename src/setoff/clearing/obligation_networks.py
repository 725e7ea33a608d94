"""Obligations of a file as networks to look at: a debt per pair and currency, parties by their ids, debts to oneself left out."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from setoff.clearing.owed_queries import SUM_MAX
from setoff.clearing.picture import Network
from setoff.core.errors import DomainError, ErrorCode

HALF: Final = 1 << 31
"""Sums of what is above and below it are exact in 64 bits, for as many obligations as memory holds."""


def networks_of(obligations: pl.DataFrame) -> list[Network]:
    """Of columns debtor, creditor, amount (minor units), currency: most debts first. Errors: amount_too_large."""
    pairs = (
        obligations.lazy()
        .filter(pl.col("debtor") != pl.col("creditor"))
        .group_by("currency", "debtor", "creditor")
        .agg((pl.col("amount") // HALF).sum().alias("high"), (pl.col("amount") % HALF).sum().alias("low"))
        .collect()
    )
    networks = [_network(str(currency), frame) for (currency,), frame in pairs.group_by("currency")]
    return sorted(networks, key=lambda network: (-len(network.amount), network.currency))


def _network(currency: str, frame: pl.DataFrame) -> Network:
    """High and low halves are summed apart, so that a sum is exact before it is refused."""
    whole = int(frame["high"].sum()) * HALF + int(frame["low"].sum())
    if whole >= SUM_MAX:
        raise DomainError(ErrorCode.AMOUNT_TOO_LARGE, field="amount", value=str(whole))
    names = pl.concat([frame["debtor"], frame["creditor"]]).unique().cast(pl.String).sort()
    kind = pl.Enum(names)
    places = frame.select(
        pl.col("debtor").cast(kind).to_physical(), pl.col("creditor").cast(kind).to_physical(),
        (pl.col("high") * HALF + pl.col("low")).alias("amount"),
    ).sort("debtor", "creditor")  # fmt: skip
    debtor, creditor, amount = (places[name].to_numpy().astype(np.int64) for name in ("debtor", "creditor", "amount"))
    return Network(currency, debtor, creditor, amount, [(name, name) for name in names.to_list()])
