"""A round on the screen: in a line, with a line for each currency and for what narrows it; and verbs that end by saying it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import typer

from setoff.clearing.rounds.paper_commands import known

if TYPE_CHECKING:
    from psycopg import Connection

    from setoff.books.audit import Actor
    from setoff.clearing.rounds.records import Round


def run_verb(code: str, verb: Callable[[Connection[Any], Actor], Round]) -> None:
    """The verb is done by whom acts, who needs the right in every unit of the round; then the round is said."""
    from setoff.access.commands import acting

    with acting() as (conn, actor, rights):
        known(conn, code, rights, "draft")
        say_round(conn, verb(conn, actor))


def say_round(conn: Connection[Any], found: Round) -> None:
    """The round in a line, and a line for each currency."""
    from setoff.access.commands import say
    from setoff.clearing.rounds.told import totals_told
    from setoff.clearing.rounds.words import choice_lines
    from setoff.core.money import parse_amount
    from setoff.language import default_language, money_text, text

    language = default_language()
    say("round-told", round=found.code, as_of=found.as_of, state=text(language, f"round-state-{found.status}"))
    cleared = {}
    for total in totals_told(conn, found):
        cleared[total.currency] = parse_amount(total.cleared, total.currency)
        amount = money_text(language, parse_amount(total.amount, total.currency), total.currency)
        part = money_text(language, cleared[total.currency], total.currency)
        say("round-total", cleared=part, amount=amount, currency=total.currency, debts=total.debts)
    if found.is_stale:
        say("round-stale")
    for line in choice_lines(found, language, cleared):
        typer.echo(line)
    if found.effect_on:
        basis = text(default_language(), f"round-basis-{found.effect_basis}")
        say("round-effect", day=found.effect_on, basis=basis)
