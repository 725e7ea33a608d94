"""What a result does: for every party, and what stays, by the reason why no more of it is cleared.

Reasons, the first that holds (as clearing/gains.py has them for a network of pairs), of what took part and is not cleared:
    debtor_has_no_claims, creditor_has_no_debts    among what takes part; a funder could still discharge such a debt
    limit            a cap of the pair, its debtor or its creditor is used up
    long_chains      only chains of at most so many parties were asked for
    no_way_back      1 + level(debtor) - level(creditor) < 0: what cleared more of it would clear less in all
    used_up          its chains are used up by other debts in them: nothing clears more of it without as much less of others
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from setoff.clearing.clear import Outcome
from setoff.core.money import parse_amount

REASONS: Final = ("debtor_has_no_claims", "creditor_has_no_debts", "limit", "long_chains", "no_way_back", "used_up")
PARTY_COLUMNS: Final = ("party", "owes", "owes_after", "owed", "owed_after", "cleared", "collected", "borrowed", "paid", "net", "currency")


class Staying(NamedTuple):
    """How many obligations, and how much, stay for one reason. Minor units."""

    reason: str
    obligations: int
    amount: int


def party_frame(outcome: Outcome) -> pl.DataFrame:
    """Every party: what it owes and is owed before and after, what is cleared of its debts and collected of its claims; net stays. Who
    clears most first, then the largest. Minor units. Debts to oneself are left out."""
    rows = outcome.rows("debtor", "creditor", "amount", "cleared").filter(pl.col("debtor") != pl.col("creditor"))
    party = pl.col("party").cast(pl.String)
    gives = rows.group_by(pl.col("debtor").alias("party")).agg(
        pl.col("amount").sum().alias("owes"), pl.col("cleared").sum()
    ).with_columns(party)
    gets = rows.group_by(pl.col("creditor").alias("party")).agg(
        pl.col("amount").sum().alias("owed"), pl.col("cleared").sum().alias("collected")
    ).with_columns(party)
    found = outcome.parties.select("party", "borrowed", "paid").join(gives, on="party", how="left").join(gets, on="party", how="left")
    return found.with_columns(pl.col("owes", "owed", "cleared", "collected").fill_null(0)).select(
        "party", "owes", (pl.col("owes") - pl.col("cleared")).alias("owes_after"),
        "owed", (pl.col("owed") - pl.col("collected")).alias("owed_after"), "cleared", "collected", "borrowed", "paid",
        (pl.col("owed") - pl.col("owes")).alias("net"), pl.lit(outcome.currency).alias("currency"),
    ).sort(-pl.max_horizontal("cleared", "collected"), -(pl.col("owes") + pl.col("owed")), "party")  # fmt: skip


def what_stays(outcome: Outcome) -> list[Staying]:
    """The reasons that hold for something, in their order. With what was left out they are all that is not cleared."""
    names = outcome.parties["party"]
    kind = pl.Enum(names)
    claims, debts = np.zeros(len(names), np.bool_), np.zeros(len(names), np.bool_)
    for rows in _taking_part(outcome):
        claims[_places(rows["creditor"], kind)] = debts[_places(rows["debtor"], kind)] = True
    level, level_out = (outcome.parties[name].to_numpy() for name in ("level", "level_out"))
    limits = _limits(outcome)
    funded = bool(outcome.liquidity)
    counts, amounts = np.zeros(len(REASONS), np.int64), [0] * len(REASONS)
    for rows in _taking_part(outcome):
        debtor, creditor = (_places(rows[side], kind) for side in ("debtor", "creditor"))
        left = rows["amount"].to_numpy() - rows["cleared"].to_numpy()
        slack = 1 + level_out[debtor] - level[creditor]
        holds = (
            ~claims[debtor] & (not funded), ~debts[creditor] & (not funded), _limited(limits, rows),
            np.full(len(left), bool(outcome.cycle_max)), slack < 0, np.ones(len(left), np.bool_),
        )  # fmt: skip
        why = np.select(holds, range(len(REASONS)))
        for number in range(len(REASONS)):
            mine = (why == number) & (left > 0)
            counts[number] += int(mine.sum())
            amounts[number] += int(left[mine].sum())
    told = zip(REASONS, counts.tolist(), amounts, strict=True)
    return [Staying(reason, count, amount) for reason, count, amount in told if count]


def _taking_part(outcome: Outcome) -> Iterator[pl.DataFrame]:
    for rows in outcome.rows.parts("debtor", "creditor", "amount", "cleared", "excluded"):
        yield rows.filter(pl.col("excluded") == "")


def _places(side: pl.Series, kind: pl.Enum) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    places: np.ndarray[tuple[int], np.dtype[np.uint32]] = side.cast(kind).to_physical().to_numpy()
    return places


def _limits(outcome: Outcome) -> list[dict[str, str]]:
    """The caps that have no room left."""
    if not outcome.caps:
        return []
    through = dict(party_frame(outcome).select("party", pl.max_horizontal(
        pl.col("cleared") + pl.col("paid"), pl.col("collected") + pl.col("borrowed")
    )).iter_rows())  # fmt: skip
    pairs = outcome.rows("debtor", "creditor", "cleared")
    found = []
    for cap in outcome.caps:
        party, creditor, most = cap["party"], cap["creditor"], parse_amount(cap["amount"], outcome.currency)
        mine = (pl.col("debtor") == party) & (pl.col("creditor") == creditor)
        used = int(pairs.filter(mine)["cleared"].sum()) if creditor else through[party]
        if used >= most:
            found.append(cap)
    return found


def _limited(limits: list[dict[str, str]], rows: pl.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """By obligation, whether a cap that concerns it has no room left."""
    found = np.zeros(len(rows), np.bool_)
    for cap in limits:
        party, creditor = cap["party"], cap["creditor"]
        if creditor:
            found |= ((rows["debtor"] == party) & (rows["creditor"] == creditor)).to_numpy()
        else:
            found |= ((rows["debtor"] == party) | (rows["creditor"] == party)).to_numpy()
    return found
