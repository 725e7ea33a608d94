"""The choices of a round in words: what narrows it, a line for each; nothing for a round that takes everything."""

from __future__ import annotations

from collections.abc import Iterator

from setoff.clearing.choices import Cap
from setoff.clearing.rounds.records import Round
from setoff.core.money import Money
from setoff.language import Language, text


def choice_lines(found: Round, language: Language, cleared: dict[str, int]) -> Iterator[str]:
    """`cleared`: by currency, beside which is told what rings of any length would clear."""
    options = found.options
    if options.due_only:
        yield text(language, "rounds-chose-due", day=found.as_of)
    if options.age_days_min:
        yield text(language, "rounds-chose-age", days=options.age_days_min)
    if options.minimum:
        yield text(language, "rounds-chose-minimum", amount=options.minimum)
    if options.excluded:
        yield text(language, "rounds-chose-excluded", parties=", ".join(options.excluded))
    for cap in options.caps:
        yield text(language, "rounds-chose-cap", whose=whose_cap(cap), amount=f"{cap.amount} {cap.currency}".strip())
    if options.prefer != "age":
        yield text(language, f"rounds-chose-{options.prefer}")
    if options.cycle_max:
        yield text(language, "rounds-chose-rings", parties=options.cycle_max)
        for currency, bound in sorted(found.bounds.items()) if found.status != "open" else ():
            lost = Money(bound - cleared.get(currency, 0), currency)
            yield text(language, "rounds-rings-cost", bound=Money(bound, currency), lost=lost)


def whose_cap(cap: Cap) -> str:
    return f"{cap.party} > {cap.creditor}" if cap.creditor else cap.party
