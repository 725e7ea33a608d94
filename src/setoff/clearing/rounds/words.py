"""The choices of a round in words: what narrows it, a line for each; nothing for a round that takes everything."""

from __future__ import annotations

from collections.abc import Iterator

from setoff.clearing.choices import Cap
from setoff.clearing.rounds.records import Round
from setoff.clearing.summary import tenths
from setoff.core.money import Money
from setoff.language import Language, text


def choice_lines(found: Round, language: Language, cleared: dict[str, int]) -> Iterator[str]:
    """What narrows it, and what that costs. `cleared`: by currency, beside which is told what rings of any length would clear."""
    yield from narrowing_lines(found, language)
    for currency, bound in sorted(found.bounds.items()) if found.options.cycle_max and found.status != "open" else ():
        lost = bound - cleared.get(currency, 0)
        share = tenths(100 * lost, bound)
        yield text(language, "rounds-rings-cost", bound=Money(bound, currency), lost=Money(lost, currency), share=share)
        if found.options.cycle_max > 2 and lost:
            yield text(language, "rounds-rings-found")


def form_lines(found: Round, language: Language) -> Iterator[str]:
    """How it is confirmed and agreed, where that is another way than the usual."""
    options = found.options
    if options.confirmation != "none":
        yield text(language, f"rounds-confirmation-{options.confirmation}") + "."
    if options.one_sided:
        yield text(language, "rounds-one-sided") + "."
    if not options.needs_consent:
        yield text(language, "rounds-without-consent") + "."


def narrowing_lines(found: Round, language: Language) -> Iterator[str]:
    """What takes part, and how much of it."""
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


def whose_cap(cap: Cap) -> str:
    return f"{cap.party} > {cap.creditor}" if cap.creditor else cap.party
