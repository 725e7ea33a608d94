"""What came out of clearing, in a few lines or as a record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from setoff.clearing.clear import Outcome
from setoff.clearing.liquidity import Point
from setoff.clearing.results import currency_record
from setoff.clearing.why import Why
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
    if outcome.cycle_max:
        lost = Money(outcome.bound - outcome.cleared, outcome.currency)
        yield "  " + text(language, "clear-short", parties=outcome.cycle_max, bound=Money(outcome.bound, outcome.currency), lost=lost)
    if outcome.liquidity:
        lent = Money(int(outcome.parties["borrowed"].sum()), outcome.currency)
        yield "  " + text(language, "clear-lent", lent=lent, budget=Money(outcome.liquidity, outcome.currency))


def curve_lines(points: list[Point], language: Language) -> Iterator[str]:
    """One line for a point of the curve, with what each further unit lent discharges."""
    before: Point | None = None
    for point in points:
        facts = {"liquidity": Money(point.liquidity, point.currency), "cleared": Money(point.cleared, point.currency)}
        if before is None or before.currency != point.currency:
            yield text(language, "clear-curve-none", **facts)
        else:
            tenths = (point.cleared - before.cleared) * 10 // (point.liquidity - before.liquidity)
            yield text(language, "clear-curve", **facts, each=f"{tenths // 10}.{tenths % 10}")
        before = point


def why_lines(found: Why, obligation: str, language: Language) -> Iterator[str]:
    money = {"amount": Money(found.amount, found.currency), "cleared": Money(found.cleared, found.currency)}
    yield text(language, "clear-why", id=obligation, **money)
    yield "  " + text(language, f"clear-why-{found.answer}", debtor_level=found.debtor_level, creditor_level=found.creditor_level)
    if found.excluded:
        yield "  " + text(language, f"clear-excluded-{found.excluded.replace('_', '-')}")
