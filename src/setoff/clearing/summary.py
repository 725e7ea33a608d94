"""What came out of clearing, in a few lines or as a record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from setoff.clearing.clear import Outcome
from setoff.clearing.effects import what_stays
from setoff.clearing.liquidity import CurvePoint
from setoff.clearing.results import currency_record
from setoff.clearing.rounds.books import LeftOut
from setoff.clearing.why import PROVED, Why
from setoff.core.money import Money, format_amount
from setoff.language import Language, text


def counts_of(outcome: Outcome) -> dict[str, int]:
    """Obligations: all, cleared in full, in part; parties that take part, pairs half cleared."""
    rows = outcome.rows("amount", "cleared")
    some = rows.filter(pl.col("cleared") > 0)
    full = some.filter(pl.col("cleared") == pl.col("amount")).height
    return {"obligations": rows.height, "full": full, "part": some.height - full, "parties": outcome.parties.height, "pairs": outcome.pairs}


def excluded_of(outcome: Outcome) -> list[tuple[str, int, int]]:
    """Why obligations stayed out, how many and how much."""
    left_out = outcome.rows("excluded", "amount").filter(pl.col("excluded") != "")
    grouped = left_out.group_by("excluded").agg(pl.len(), pl.col("amount").sum()).sort("excluded")
    return [(str(reason), int(count), int(amount)) for reason, count, amount in grouped.iter_rows()]


def summary_record(outcome: Outcome) -> dict[str, Any]:
    record = {name: value for name, value in currency_record(outcome).items() if not name.startswith(("record", "funder_"))}
    excluded = [{"reason": reason, "obligations": count} for reason, count, _ in excluded_of(outcome)]
    stays = [{**stay._asdict(), "amount": format_amount(stay.amount, outcome.currency)} for stay in what_stays(outcome)]
    short = format_amount(outcome.bound - outcome.cleared, outcome.currency)
    return {**record, **counts_of(outcome), "excluded": excluded, "stays": stays, "short_of_bound": short}


def curve_record(points: Sequence[CurvePoint], currency: str) -> list[dict[str, str]]:
    """Every point, with what each further unit of credit discharged since the one before."""
    found = []
    for before, point in zip([None, *points], points, strict=False):
        amounts = {name: format_amount(amount, currency) for name, amount in point._asdict().items()}
        found.append({**amounts, "each": each_of(before, point) if before else ""})
    return found


def why_record(found: Why, obligation: str, language: Language) -> dict[str, Any]:
    """The answer as a word, its figures, and the words for people."""
    names = ("amount", "cleared", "pair_amount", "pair_cleared", "limit")
    amounts = {name: format_amount(getattr(found, name), found.currency) for name in names}
    told = {"id": obligation, "answer": found.answer, "excluded": found.excluded, "debtor": found.debtor, "creditor": found.creditor}
    instead = [{"debtor": debtor, "creditor": creditor} for debtor, creditor in found.instead]
    is_proved = found.answer in PROVED
    levels = {name: getattr(found, name) if is_proved else None for name in ("debtor_level", "creditor_level")}
    return {**told, **amounts, "limited": found.limited, "instead": instead, **levels, "text": " ".join(why_told(found, language))}


def summary_lines(outcome: Outcome, language: Language) -> Iterator[str]:
    """A few lines per currency."""
    counts = counts_of(outcome)
    share = tenths(100 * outcome.cleared, outcome.debt)
    money = {name: Money(getattr(outcome, name), outcome.currency) for name in ("debt", "eligible", "cleared")}
    yield text(language, "clear-head", currency=outcome.currency, **counts)
    yield "  " + text(language, "clear-sums", **money, share=share)
    yield "  " + text(language, "clear-counts", **counts)
    for reason, count, amount in excluded_of(outcome):
        why = text(language, f"clear-excluded-{reason.replace('_', '-')}")
        yield "  " + text(language, "clear-left-out", count=count, amount=Money(amount, outcome.currency), why=why)
    for stay in what_stays(outcome):
        why = text(language, f"clear-stays-{stay.reason.replace('_', '-')}")
        yield "  " + text(language, "clear-stays", count=stay.obligations, amount=Money(stay.amount, outcome.currency), why=why)
    if outcome.cycle_max:
        lost = outcome.bound - outcome.cleared
        facts = {"bound": Money(outcome.bound, outcome.currency), "cleared": money["cleared"], "lost": Money(lost, outcome.currency)}
        yield "  " + text(language, "clear-short", parties=outcome.cycle_max, share=tenths(100 * lost, outcome.bound), **facts)
        if outcome.cycle_max > 2 and lost:
            yield "  " + text(language, "rounds-rings-found")
    if outcome.liquidity:
        lent = Money(int(outcome.parties["borrowed"].sum()), outcome.currency)
        yield "  " + text(language, "clear-lent", lent=lent, budget=Money(outcome.liquidity, outcome.currency))


def left_out_lines(left_out: Sequence[LeftOut], language: Language) -> Iterator[str]:
    """What of our books takes no part from the start."""
    for one in left_out:
        why = text(language, f"round-mark-{one.reason.replace('_', '-')}")
        yield text(language, "clear-left-out", count=one.debts, amount=Money(one.amount, one.currency), why=why)


def curve_lines(points: Sequence[CurvePoint], currency: str, language: Language) -> Iterator[str]:
    """One line for a point of the curve, with what each further unit lent discharges."""
    for before, point in zip([None, *points], points, strict=False):
        facts = {"credit": Money(point.credit, currency), "discharged": Money(point.discharged, currency)}
        if before is None:
            yield text(language, "clear-curve-none", **facts)
        else:
            yield text(language, "clear-curve", **facts, each=each_of(before, point))


def each_of(before: CurvePoint, point: CurvePoint) -> str:
    """What each further unit discharged, in tenths, rounded down."""
    return tenths(point.discharged - before.discharged, point.credit - before.credit)


def tenths(part: int, whole: int) -> str:
    """part / whole with one decimal, rounded down; nothing of nothing is nothing."""
    found = part * 10 // whole if whole else 0
    return f"{found // 10}.{found % 10}"


def why_lines(found: Why, obligation: str, language: Language) -> Iterator[str]:
    money = {"amount": Money(found.amount, found.currency), "cleared": Money(found.cleared, found.currency)}
    yield text(language, "clear-why", id=obligation, debtor=found.debtor, creditor=found.creditor, **money)
    for line in why_told(found, language):
        yield "  " + line


def why_told(found: Why, language: Language) -> Iterator[str]:
    """The answer in words, then its proof where levels prove it."""
    key = f"clear-why-{found.answer.replace('_', '-')}"
    if found.answer == "capped" and not found.limited:
        key += "-pair"
    listed = [text(language, "clear-why-instead", debtor=debtor, creditor=creditor) for debtor, creditor in found.instead]
    yield text(
        language, key, debtor=found.debtor, creditor=found.creditor, limited=found.limited, parties=found.cycle_max,
        limit=Money(found.limit, found.currency), pair_cleared=Money(found.pair_cleared, found.currency),
        instead="; ".join(listed) or text(language, "clear-why-instead-none"),
    )  # fmt: skip
    if found.excluded:
        yield text(language, f"clear-excluded-{found.excluded.replace('_', '-')}")
    if found.answer in PROVED:
        key = "clear-why-proof-less" if found.answer == "always" else "clear-why-proof-more"
        ends = {"debtor": found.debtor, "creditor": found.creditor}
        levels = {"debtor_level": found.debtor_level, "creditor_level": found.creditor_level}
        yield text(language, key, **ends, **levels, slack=found.slack, cost=abs(found.slack))
