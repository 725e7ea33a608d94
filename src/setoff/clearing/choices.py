"""What may take part in clearing, and how much of it: the choices of whoever asks, and the reason why an obligation stays out.

Reasons, the first that holds: self_debt (one owes oneself), party_excluded, obligation_excluded, no_consent, not_due, too_young,
below_minimum. Caps hold for a party (what it clears as a debtor, which is what it clears as a creditor) or for a debtor and a creditor.
Errors: field_missing (a choice that needs a date), unknown_reference (a party or obligation that is not there).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple

import polars as pl

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import parse_amount

REASONS: Final = ("self_debt", "party_excluded", "obligation_excluded", "no_consent", "not_due", "too_young", "below_minimum")
Preference = Literal["age", "priority", "none"]


class Cap(NamedTuple):
    """At most `amount` (text of a currency's units; for every currency when none is named) of a party, or of what it owes to `creditor`."""

    party: str
    creditor: str
    amount: str
    currency: str = ""

    def minor(self, currency: str) -> int | None:
        """Minor units of that currency; None when the cap is of another."""
        return parse_amount(self.amount, currency) if self.currency in {"", currency} else None


@dataclass(frozen=True, slots=True)
class Choices:
    """`as_of` is the day that due dates and ages are looked at from. Consents, where given, are all there are: an obligation takes
    part when both its parties consent or it is itself listed. `prefer` chooses among the largest totals: what is oldest by due
    date, or of the highest priority."""

    as_of: date | None = None
    only_due: bool = False
    age_days_min: int = 0
    parties_excluded: frozenset[str] = frozenset()
    obligations_excluded: frozenset[str] = frozenset()
    consents: frozenset[str] | None = None
    obligations_consented: frozenset[str] = frozenset()
    amount_min: str = ""
    caps: tuple[Cap, ...] = field(default=())
    cycle_max: int = 0
    liquidity: str = ""
    funder: str = ""
    prefer: Preference = "age"


def with_reasons(obligations: pl.DataFrame, choices: Choices) -> pl.DataFrame:
    """The obligations with `excluded`: the reason why one stays out, "" when it takes part. Errors: field_missing, unknown_reference."""
    _known(obligations, choices)
    if (choices.only_due or choices.age_days_min) and choices.as_of is None:
        raise DomainError(ErrorCode.FIELD_MISSING, field="--as-of")
    found = pl.lit(0, pl.UInt8)
    for reason, holds in reversed(list(_rules(obligations, choices))):
        found = pl.when(holds).then(pl.lit(REASONS.index(reason) + 1, pl.UInt8)).otherwise(found)
    numbers = obligations.select(found.alias("excluded")).to_series()
    return obligations.with_columns(numbers.cat.to(pl.Enum(["", *REASONS])))


def _rules(obligations: pl.DataFrame, choices: Choices) -> Iterable[tuple[str, pl.Expr]]:
    yield "self_debt", pl.col("debtor") == pl.col("creditor")
    if choices.parties_excluded:
        yield "party_excluded", _either(choices.parties_excluded, all_of=False)
    if choices.obligations_excluded:
        yield "obligation_excluded", pl.col("id").is_in(sorted(choices.obligations_excluded))
    if choices.consents is not None:
        yield "no_consent", ~(_either(choices.consents, all_of=True) | pl.col("id").is_in(sorted(choices.obligations_consented)))
    if choices.as_of is not None and choices.only_due:
        yield "not_due", pl.col("due").is_null() | (pl.col("due") > choices.as_of)
    if choices.as_of is not None and choices.age_days_min:
        last = choices.as_of - timedelta(days=choices.age_days_min)
        yield "too_young", pl.col("due").is_null() | (pl.col("due") > last)
    if choices.amount_min:
        currencies = obligations["currency"].unique().to_list()
        least = {currency: parse_amount(choices.amount_min, currency) for currency in currencies}
        yield "below_minimum", pl.col("amount") < pl.col("currency").replace_strict(least, default=0, return_dtype=pl.Int64)


def _either(parties: frozenset[str], *, all_of: bool) -> pl.Expr:
    sides = [pl.col(name).is_in(sorted(parties)) for name in ("debtor", "creditor")]
    return pl.all_horizontal(sides) if all_of else pl.any_horizontal(sides)


def _known(obligations: pl.DataFrame, choices: Choices) -> None:
    """A name that nobody bears would be a choice without effect, and nobody would see it."""
    parties = choices.parties_excluded | (choices.consents or frozenset()) | {name for cap in choices.caps for name in cap[:2] if name}
    if parties:
        there = set(obligations["debtor"].unique().to_list()) | set(obligations["creditor"].unique().to_list())
        for name in sorted(parties - there):
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="party", value=name)
    listed = choices.obligations_excluded | choices.obligations_consented
    if listed:
        there = set(obligations.filter(pl.col("id").is_in(sorted(listed)))["id"].to_list())
        for name in sorted(listed - there):
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="obligation", value=name)
