"""`setoff clear --books --round CODE`: the result becomes a round, which `setoff round final CODE` posts; and what to do until then."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from setoff.clearing.choices import Choices
from setoff.clearing.rounds.queries import obligations_of, parties_of
from setoff.clearing.rounds.records import NewRound, Options, Round
from setoff.clearing.rounds.services import bar_debts, open_round, solve_round
from setoff.clearing.rounds.solving import debt_id
from setoff.clearing.rounds.told import totals_told
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import Language, text

if TYPE_CHECKING:
    from psycopg import Connection

    from setoff.access.rights import Rights
    from setoff.books.audit import Actor

BECAUSE = "--exclude"


def begin_round(conn: Connection[Any], code: str, choices: Choices, actor: Actor, rights: Rights) -> Round:
    """The round of our units stands and is solved, with who and what is excluded left out. Again with the same wishes: the same round.
    Errors: invalid_value for a choice that a round does not have; unknown_reference; those of open_round."""
    not_of_rounds(choices)
    as_of = choices.as_of
    assert as_of is not None
    with conn.transaction():
        opened = open_round(conn, NewRound(code, as_of, options=options_of(choices)), actor, rights)
        debts = obligations_of(conn, opened.id)
        if nobody := choices.parties_excluded - {party.code for party in parties_of(conn, opened.id)}:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="party", value=min(nobody))
        numbers = {debt_id(debt): debt.no for debt in debts}
        if unknown := choices.obligations_excluded - numbers.keys():
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="obligation", value=min(unknown))
        if choices.obligations_excluded:
            bar_debts(conn, code, [numbers[name] for name in sorted(choices.obligations_excluded)], actor, because=BECAUSE)
        return solve_round(conn, code, actor)


def options_of(choices: Choices) -> Options:
    return Options(
        due_only=choices.only_due, age_days_min=choices.age_days_min, minimum=choices.amount_min, caps=choices.caps,
        excluded=tuple(choices.parties_excluded), cycle_max=choices.cycle_max, prefer=choices.prefer,
    )  # fmt: skip


def not_of_rounds(choices: Choices) -> None:
    """Errors: invalid_value for the first choice that a round does not have."""
    for option, value in (("--consents", choices.consents is not None), ("--liquidity", choices.liquidity)):
        if value:
            raise DomainError(ErrorCode.INVALID_VALUE, field=option, value="--round", expected="--exclude, --cap")


def round_steps(conn: Connection[Any], found: Round, language: Language) -> Iterator[str]:
    """The round in a few lines, and what is left to do, as commands that work."""
    code = shlex.quote(found.code)
    yield text(language, "clear-round-stands", round=found.code, as_of=found.as_of)
    for total in totals_told(conn, found):
        amounts = {"cleared": total.cleared, "amount": total.amount, "currency": total.currency, "debts": total.debts}
        yield "  " + text(language, "round-total", **amounts)
    asked = [party for party in parties_of(conn, found.id) if party.is_asked] if found.options.needs_consent else []
    if asked:
        yield text(language, "clear-round-act", command=f"setoff round act {code} --out {shlex.quote(found.code + '.pdf')}")
        for party in asked:
            command = f"setoff round agree {code} {shlex.quote(party.code)} --by ..."
            yield text(language, "clear-round-ask", name=party.name, command=command)
        yield text(language, "clear-round-drop", command=f"setoff round drop-unsigned {code}")
    yield text(language, "clear-round-final", command=f"setoff round final {code}")
