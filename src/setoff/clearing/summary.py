"""What came out of clearing, in a few lines or as a record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from setoff.clearing.clear import Outcome
from setoff.clearing.results import currency_record
from setoff.core.money import Money
from setoff.language import Language, text


def counts_of(outcome: Outcome) -> dict[str, int]:
    """Obligations: all, cleared in full, in part; parties that take part, pairs half cleared."""
    rows = outcome.obligations
    some = rows.filter(pl.col("cleared") > 0)
    full = some.filter(pl.col("cleared") == pl.col("amount")).height
    return {"obligations": rows.height, "full": full, "part": some.height - full, "parties": outcome.parties.height, "pairs": outcome.pairs}


def excluded_of(outcome: Outcome) -> list[tuple[str, int, int]]:
    """Why obligations stayed out, how many and how much."""
    left_out = outcome.obligations.filter(pl.col("excluded") != "")
    grouped = left_out.group_by("excluded").agg(pl.len(), pl.col("amount").sum()).sort("excluded")
    return [(str(reason), int(count), int(amount)) for reason, count, amount in grouped.iter_rows()]


def summary_record(outcome: Outcome) -> dict[str, Any]:
    record = {name: value for name, value in currency_record(outcome).items() if not name.startswith(("record", "funder_"))}
    excluded = [{"reason": reason, "obligations": count} for reason, count, _ in excluded_of(outcome)]
    return {**record, **counts_of(outcome), "excluded": excluded}


def summary_lines(outcome: Outcome, language: Language) -> Iterator[str]:
    """A few lines per currency."""
    counts = counts_of(outcome)
    per_mille = outcome.cleared * 1000 // outcome.debt if outcome.debt else 0
    share = f"{per_mille // 10}.{per_mille % 10}"
    money = {name: Money(getattr(outcome, name), outcome.currency) for name in ("debt", "eligible", "cleared")}
    yield text(language, "clear-head", currency=outcome.currency, **counts)
    yield "  " + text(language, "clear-sums", **money, share=share)
    yield "  " + text(language, "clear-counts", **counts)
    for reason, count, amount in excluded_of(outcome):
        why = text(language, f"clear-excluded-{reason.replace('_', '-')}")
        yield "  " + text(language, "clear-left-out", count=count, amount=Money(amount, outcome.currency), why=why)
    if outcome.liquidity:
        lent = Money(int(outcome.parties["borrowed"].sum()), outcome.currency)
        yield "  " + text(language, "clear-lent", lent=lent, budget=Money(outcome.liquidity, outcome.currency))
