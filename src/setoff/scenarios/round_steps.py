"""Steps of a story about a round of set-off, and what a round clears as the lines in which a story expects it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

import msgspec

from setoff.access.queries import rights_of_owner
from setoff.access.rights import Rights
from setoff.books.audit import Actor
from setoff.clearing.rounds import services
from setoff.clearing.rounds.outside import debts_of_rows
from setoff.clearing.rounds.posting import finalize_round, reverse_round
from setoff.clearing.rounds.queries import obligations_of, parties_of, round_of
from setoff.clearing.rounds.records import NewRound, Options
from setoff.clearing.rounds.services import Consent
from setoff.core.money import format_amount
from setoff.scenarios.format import Step
from setoff.scenarios.observed import Connection

OF_OPENING: Final = ("date", "units")
Play = Callable[[Connection, Step, Actor], None]


def open_round(conn: Connection, step: Step, actor: Actor) -> None:
    choices = {name: value for name, value in step.fields.items() if name not in OF_OPENING}
    options = msgspec.convert(choices, Options)
    new = NewRound(step.subject, day_of(step), tuple(step.fields.get("units", ())), None, options)
    services.open_round(conn, new, actor, rights(conn))


def round_debts(conn: Connection, step: Step, actor: Actor) -> None:
    name = step.fields.get("name", step.subject)
    services.add_debts(conn, step.subject, debts_of_rows(step.fields["debts"], name), actor, file=name)


def confirm_round(conn: Connection, step: Step, actor: Actor) -> None:
    numbers = step.fields.get("numbers", [])
    services.confirm_debts(conn, step.subject, step.fields["side"], numbers, actor, by=step.fields["by"])


def solve_round(conn: Connection, step: Step, actor: Actor) -> None:
    services.solve_round(conn, step.subject, actor)


def agree_round(conn: Connection, step: Step, actor: Actor) -> None:
    services.set_consent(conn, step.subject, step.fields["party"], Consent("agreed", step.fields["by"], day_of(step)), actor)


def refuse_round(conn: Connection, step: Step, actor: Actor) -> None:
    services.set_consent(conn, step.subject, step.fields["party"], Consent("refused", step.fields["because"], day_of(step)), actor)


def final_round(conn: Connection, step: Step, actor: Actor) -> None:
    finalize_round(conn, step.subject, actor, rights(conn), on=day_of(step))


def take_back_round(conn: Connection, step: Step, actor: Actor) -> None:
    reverse_round(conn, step.subject, actor, rights(conn), on=day_of(step), because=step.fields["because"])


STEPS: Final[Mapping[str, Play]] = {
    "open_round": open_round, "round_debts": round_debts, "confirm_round": confirm_round, "solve_round": solve_round,
    "agree_round": agree_round, "refuse_round": refuse_round, "final_round": final_round, "reverse_round": take_back_round,
}  # fmt: skip


def rights(conn: Connection) -> Rights:
    """Everything in every unit of the story."""
    return rights_of_owner(conn, "scenario")


def day_of(step: Step) -> date:
    return date.fromisoformat(step.fields["date"])


def round_lines(conn: Connection, code: str) -> list[str]:
    """The state of the round, then what it clears, by number of debt."""
    found = round_of(conn, code)
    names = {party.no: party.code for party in parties_of(conn, found.id)}
    return [found.status, *(
        f"{names[debt.debtor]} -> {names[debt.creditor]} {debt.number or debt.reference}  {format_amount(debt.cleared, debt.currency)}"
        for debt in obligations_of(conn, found.id, cleared=True)
    )]  # fmt: skip


def missing(actual: list[str], wanted: list[str]) -> tuple[list[str], list[str]]:
    """What is expected and not there, and the other way round."""
    left = list(actual)
    lacking: list[Any] = []
    for line in wanted:
        if line in left:
            left.remove(line)
        else:
            lacking.append(line)
    return lacking, left
