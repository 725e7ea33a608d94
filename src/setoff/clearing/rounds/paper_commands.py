"""The papers of a round on the command line: the act, statements, chains and their acts, the certificate. A part of `setoff round`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from setoff.language.zones import today

if TYPE_CHECKING:
    from psycopg import Connection

    from setoff.access.rights import Right, Rights
    from setoff.clearing.rounds.records import Round
    from setoff.language import Language

Code = Annotated[str, typer.Argument(help="Code of the round.", show_default=False)]
Party = Annotated[str, typer.Argument(help="Code of the party in the round.", show_default=False)]
Out = Annotated[Path | None, typer.Option(help="File to write instead of the screen.", dir_okay=False)]


def certificate(code: Code, out: Out = None) -> None:
    """The result as a file that anybody can check: setoff clear --verify FILE."""
    from setoff.access.commands import acting
    from setoff.clearing.rounds.told import certificate_of
    from setoff.reports.commands import write_out

    with acting() as (conn, _actor, rights):
        write_out(certificate_of(conn, known(conn, code, rights, "read")), out)


def act(code: Code, out: Out = None) -> None:
    """The act of all parties as PDF (`--lang` chooses its language)."""
    from setoff.access.commands import acting
    from setoff.clearing.rounds.papers import render_round_act
    from setoff.reports.commands import write_out

    with acting() as (conn, _actor, rights):
        write_out(render_round_act(conn, known(conn, code, rights, "read"), printed=parsed_day("", ""), language=asked_language()), out)


def chain(
    code: Code, number: Annotated[int, typer.Argument(min=1, help="Number of the chain.", show_default=False)], out: Out = None
) -> None:  # fmt: skip
    """The act of one chain of debts as PDF, for laws and partners that want documents of few (`--lang` chooses its language)."""
    from setoff.access.commands import acting
    from setoff.clearing.rounds.chain_papers import render_chain
    from setoff.reports.commands import write_out

    with acting() as (conn, _actor, rights):
        found = known(conn, code, rights, "read")
        write_out(render_chain(conn, found, number, printed=parsed_day("", ""), language=asked_language()), out)


def chain_acts(
    code: Code,
    after: Annotated[int, typer.Option(min=0, help="Number of the last chain of the paper before: a paper has at most 500 acts.")] = 0,
    out: Out = None,
) -> None:
    """The acts of all chains in one PDF (`--lang` chooses its language; else each is in that of its first outsider)."""
    from setoff.access.commands import acting
    from setoff.clearing.rounds.chain_papers import render_chains
    from setoff.language import default_language, text
    from setoff.reports.commands import write_out

    with acting() as (conn, _actor, rights):
        found = known(conn, code, rights, "read")
        made = render_chains(conn, found, printed=parsed_day("", ""), language=asked_language(), after=after)
    write_out(made.pdf, out)
    if made.following:
        typer.echo(text(default_language(), "round-chains-following", last=made.following), err=True)


def chains(code: Code) -> None:
    """What is cleared as rings of debts, the short ones first."""
    from setoff.access.commands import acting
    from setoff.clearing.rounds.queries import obligations_of
    from setoff.clearing.rounds.told import result_of, told_chains

    with acting() as (conn, _actor, rights):
        found = known(conn, code, rights, "read")
        rings = list(told_chains(result_of(conn, found), obligations_of(conn, found.id, cleared=True)))
    rows = [(str(ring.number), " > ".join(ring.parties), ring.currency, ring.amount, ", ".join(map(str, ring.debts))) for ring in rings]
    print_table(("no", "chain", "currency", "cleared", "debts"), rows)


def statement(code: Code, party: Party, out: Out = None) -> None:
    """What the round means for one party, as PDF (`--lang` chooses its language)."""
    from setoff.access.commands import acting
    from setoff.clearing.rounds.papers import render_statement
    from setoff.reports.commands import write_out

    with acting() as (conn, _actor, rights):
        found = known(conn, code, rights, "read")
        write_out(render_statement(conn, found, party, printed=parsed_day("", ""), language=asked_language()), out)


def known(conn: Connection[Any], code: str, rights: Rights, right: Right) -> Round:
    from setoff.clearing.rounds.queries import known_round

    return known_round(conn, code, rights, right)


def asked_language() -> Language | None:
    """The one that was asked for with `--lang` or SETOFF_LANG; None: that of who reads it."""
    from setoff.language import language_of

    asked = os.environ.get("SETOFF_LANG")
    return language_of(asked) if asked else None


def print_table(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    from setoff.language import default_language, text
    from setoff.language.screen import print_rows

    figures = [place for place, heading in enumerate(headings) if heading in ("owes", "owed", "cleared", "amount", "no", "due")]
    print_rows([text(default_language(), f"column-round-{heading}") for heading in headings], rows, figures=figures)


def parsed_day(value: str, field: str) -> date:
    from setoff.reports.ask import parse_day

    return parse_day(value, field) if value else today()
