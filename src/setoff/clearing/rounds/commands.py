"""`setoff round`: set-off among many parties: collected, confirmed, solved, agreed, posted, reversed; on the screen and in files.

Who acts is SETOFF_USER, else the login of the machine; he needs the right in every unit of the round.
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from setoff.language.zones import today

if TYPE_CHECKING:
    from psycopg import Connection

    from setoff.access.rights import Right, Rights
    from setoff.books.audit import Actor
    from setoff.clearing.rounds.posting import Posted
    from setoff.clearing.rounds.records import Round
    from setoff.clearing.rounds.told import RoundTold
    from setoff.language import Language

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Rounds of set-off among many: collect, solve, agree, post, reverse.")
Code = Annotated[str, typer.Argument(help="Code of the round.", show_default=False)]
Party = Annotated[str, typer.Argument(help="Code of the party in the round.", show_default=False)]
Numbers = Annotated[list[int], typer.Argument(help="Numbers of debts.", show_default=False)]
Because = Annotated[str, typer.Option(help="Why, for the record.", show_default=False)]
Out = Annotated[Path | None, typer.Option(help="File to write instead of the screen.", dir_okay=False)]
On = Annotated[str, typer.Option("--on", help="Day. Default: today.")]


@app.command("open")
def open_(
    code: Code,
    as_of: Annotated[str, typer.Option("--as-of", help="Debts that had arisen by the end of this day. Default: today.")] = "",
    unit: Annotated[list[str] | None, typer.Option(help="Unit of ours; may be repeated. Default: all.")] = None,
    law: Annotated[Literal["", "ru", "cn", "intl"], typer.Option(help="Default: that of the chart of accounts.")] = "",
    confirmation: Annotated[Literal["none", "one", "both"], typer.Option(help="How many sides must confirm a debt.")] = "none",
    due_only: Annotated[bool, typer.Option("--due-only", help="Only debts that are due.")] = False,
    minimum: Annotated[int, typer.Option(help="Least amount of a debt, in minor units.")] = 0,
    one_sided: Annotated[bool, typer.Option("--one-sided", help="A notice instead of an act that all sign.")] = False,
    without_consent: Annotated[bool, typer.Option("--without-consent", help="Outsiders need not agree.")] = False,
    without_books: Annotated[bool, typer.Option("--without-books", help="Take no debts from our books.")] = False,
) -> None:
    """Open a round and collect its debts from the books of our units."""
    from setoff.access.commands import acting
    from setoff.clearing.rounds.records import NewRound, Options
    from setoff.clearing.rounds.services import open_round

    options = Options(
        confirmation=confirmation, needs_consent=not without_consent, due_only=due_only, minimum=minimum, one_sided=one_sided,
        from_books=not without_books,
    )  # fmt: skip
    new = NewRound(code, _day(as_of, "as-of"), tuple(unit or ()), law or None, options)
    with acting() as (conn, actor, rights):
        _say_round(conn, open_round(conn, new, actor, rights))


@app.command("add")
def add(code: Code, file: Annotated[Path, typer.Argument(help="Debts between outsiders: CSV or JSON Lines.", show_default=False)]) -> None:
    """Add debts from a file; the same file again replaces what it said before."""
    from setoff.clearing.rounds.outside import debts_of_file
    from setoff.clearing.rounds.services import add_debts

    _run(code, lambda conn, actor: add_debts(conn, code, debts_of_file(file), actor, file=file.name))


@app.command("collect")
def collect(code: Code) -> None:
    """Collect the debts from our books again."""
    from setoff.clearing.rounds.services import collect_again

    _run(code, lambda conn, actor: collect_again(conn, code, actor))


@app.command("confirm")
def confirm(
    code: Code,
    side: Annotated[Literal["debtor", "creditor"], typer.Argument(help="Which side confirms.", show_default=False)],
    by: Annotated[str, typer.Option(help="Who confirmed.", show_default=False)],
    number: Annotated[list[int] | None, typer.Option(help="Number of a debt; may be repeated. Default: all.")] = None,
) -> None:
    """One side says that debts are so."""
    from setoff.clearing.rounds.services import confirm_debts

    _run(code, lambda conn, actor: confirm_debts(conn, code, side, number or [], actor, by=by))


@app.command("bar")
def bar(code: Code, numbers: Numbers, because: Because) -> None:
    """Debts take no part."""
    from setoff.clearing.rounds.services import bar_debts

    _run(code, lambda conn, actor: bar_debts(conn, code, numbers, actor, because=because))


@app.command("correct")
def correct(
    code: Code,
    number: Annotated[int, typer.Argument(help="Number of the debt.", show_default=False)],
    amount: Annotated[str, typer.Argument(help="The right amount.", show_default=False)],
    because: Because,
) -> None:
    """A debt from a file is of another amount."""
    from setoff.clearing.rounds.services import correct_debt

    _run(code, lambda conn, actor: correct_debt(conn, code, number, amount, actor, because=because))


@app.command("agree")
def agree(code: Code, party: Party, by: Annotated[str, typer.Option(help="Who signed for them.", show_default=False)], on: On = "") -> None:
    """A party agrees to what is cleared for it now; of a notice: it was received."""
    from setoff.clearing.rounds.services import Consent, set_consent

    consent = Consent("agreed", by, _day(on, "on"))
    _run(code, lambda conn, actor: set_consent(conn, code, party, consent, actor))


@app.command("refuse")
def refuse(code: Code, party: Party, because: Because, on: On = "") -> None:
    """A party takes no part."""
    from setoff.clearing.rounds.services import Consent, set_consent

    consent = Consent("refused", because, _day(on, "on"))
    _run(code, lambda conn, actor: set_consent(conn, code, party, consent, actor))


@app.command("solve")
def solve(code: Code) -> None:
    """The preliminary result: the largest total that can be cleared, with its certificate."""
    from setoff.clearing.rounds.services import solve_round

    _run(code, lambda conn, actor: solve_round(conn, code, actor))


@app.command("drop-unsigned")
def drop(code: Code, on: On = "") -> None:
    """Parties that did not sign take no part, and the round is solved again."""
    from setoff.clearing.rounds.services import drop_unsigned

    _run(code, lambda conn, actor: drop_unsigned(conn, code, actor, on=_day(on, "on")))


@app.command("final")
def final(code: Code, on: Annotated[str, typer.Option("--on", help="Day of the act. Default: the day of the round.")] = "") -> None:
    """Post the round in the books of our units."""
    from setoff.access.commands import acting
    from setoff.clearing.rounds.posting import finalize_round

    day = _day(on, "on") if on else None
    with acting() as (conn, actor, rights):
        _known(conn, code, rights, "post")
        _say_posted(conn, finalize_round(conn, code, actor, rights, on=day))


@app.command("reverse")
def reverse(code: Code, because: Because, on: On = "") -> None:
    """Reverse every document of the round; its debts are open again."""
    from setoff.access.commands import acting
    from setoff.clearing.rounds.posting import reverse_round

    with acting() as (conn, actor, rights):
        _known(conn, code, rights, "post")
        _say_posted(conn, reverse_round(conn, code, actor, rights, on=_day(on, "on"), because=because))


@app.command("list")
def listed() -> None:
    """The rounds that one may see, newest first."""
    from setoff.access.commands import acting, say
    from setoff.clearing.rounds.queries import rounds

    with acting() as (conn, _actor, rights):
        found = [row for row in rounds(conn) if all(rights.may("read", unit_id) for unit_id in row.units)]
    for row in found:
        say("round-told", round=row.code, as_of=row.as_of, state=row.status)
    if not found:
        say("round-none")


@app.command("show")
def show(
    code: Code,
    output_format: Annotated[Literal["table", "json", "csv"], typer.Option("--format", help="csv: its debts.")] = "table",
) -> None:
    """A round with its parties and debts."""
    import msgspec

    from setoff.access.commands import acting
    from setoff.clearing.rounds.told import whole_round

    with acting() as (conn, _actor, rights):
        found = _known(conn, code, rights, "read")
        told = whole_round(conn, found)
        if output_format == "json":
            typer.echo(msgspec.json.format(msgspec.json.encode(told)).decode())
        elif output_format == "csv":
            _write_csv(told)
        else:
            _say_round(conn, found)
            _print_tables(told)


@app.command("why")
def why_(code: Code, number: Annotated[int, typer.Argument(help="Number of the debt.", show_default=False)]) -> None:
    """Why a debt was cleared, or not: told from the certificate."""
    from setoff.access.commands import acting
    from setoff.clearing.rounds.told import why
    from setoff.language import default_language

    with acting() as (conn, _actor, rights):
        typer.echo(why(conn, _known(conn, code, rights, "read"), number, default_language()).text)


@app.command("certificate")
def certificate(code: Code, out: Out = None) -> None:
    """The result as a file that anybody can check: setoff clear --verify FILE."""
    from setoff.access.commands import acting
    from setoff.clearing.rounds.told import certificate_of
    from setoff.reports.commands import write_out

    with acting() as (conn, _actor, rights):
        write_out(certificate_of(conn, _known(conn, code, rights, "read")), out)


@app.command("act")
def act(code: Code, out: Out = None) -> None:
    """The act of all parties as PDF (`--lang` chooses its language)."""
    from setoff.access.commands import acting
    from setoff.clearing.rounds.papers import render_round_act
    from setoff.reports.commands import write_out

    with acting() as (conn, _actor, rights):
        write_out(render_round_act(conn, _known(conn, code, rights, "read"), printed=_day("", ""), language=_asked_language()), out)


@app.command("statement")
def statement(code: Code, party: Party, out: Out = None) -> None:
    """What the round means for one party, as PDF (`--lang` chooses its language)."""
    from setoff.access.commands import acting
    from setoff.clearing.rounds.papers import render_statement
    from setoff.reports.commands import write_out

    with acting() as (conn, _actor, rights):
        found = _known(conn, code, rights, "read")
        write_out(render_statement(conn, found, party, printed=_day("", ""), language=_asked_language()), out)


def _asked_language() -> Language | None:
    """The one that was asked for with `--lang` or SETOFF_LANG; None: that of who reads it."""
    from setoff.language import language_of

    asked = os.environ.get("SETOFF_LANG")
    return language_of(asked) if asked else None


def _run(code: str, verb: Callable[[Connection[Any], Actor], Round]) -> None:
    from setoff.access.commands import acting

    with acting() as (conn, actor, rights):
        _known(conn, code, rights, "draft")
        _say_round(conn, verb(conn, actor))


def _known(conn: Connection[Any], code: str, rights: Rights, right: Right) -> Round:
    from setoff.clearing.rounds.queries import known_round

    return known_round(conn, code, rights, right)


def _say_round(conn: Connection[Any], found: Round) -> None:
    """The round in a line, and a line for each currency."""
    from setoff.access.commands import say
    from setoff.clearing.rounds.told import whole_round
    from setoff.core.money import parse_amount
    from setoff.language import default_language, money_text, text

    say("round-told", round=found.code, as_of=found.as_of, state=found.status)
    for total in whole_round(conn, found).totals:
        cleared, amount = (
            money_text(default_language(), parse_amount(said, total.currency), total.currency) for said in (total.cleared, total.amount)
        )
        say("round-total", cleared=cleared, amount=amount, currency=total.currency, debts=total.debts)
    if found.effect_on:
        basis = text(default_language(), f"round-basis-{found.effect_basis}")
        say("round-effect", day=found.effect_on, basis=basis)


def _say_posted(conn: Connection[Any], posted: Posted) -> None:
    from setoff.access.approvals import Pending
    from setoff.access.commands import say

    _say_round(conn, posted.round)
    waiting = sum(isinstance(done, Pending) for done in posted.outcomes)
    if waiting:
        say("round-waits", count=waiting)


def _print_tables(told: RoundTold) -> None:
    from setoff.language import default_language, text

    language = default_language()
    consents = {party.code: ("ours" if party.is_ours else party.consent) for party in told.parties}
    signed = {party.code for party in told.parties if party.is_signed}
    rows = []
    for row in told.positions:
        consent = consents[row.party]
        mark = "lapsed" if consent == "agreed" and row.party not in signed else consent
        said = text(language, f"round-consent-{mark}") if mark else ""
        rows.append((row.party, row.currency, row.owes, row.owed, row.cleared, said))
    _print_table(("party", "currency", "owes", "owed", "cleared", "consent"), rows)
    _print_table(
        ("no", "debtor", "creditor", "number", "due", "currency", "amount", "cleared", "why"),
        [
            (
                str(debt.no), debt.debtor, debt.creditor, debt.number, debt.due or "", debt.currency, debt.amount, debt.cleared,
                text(language, f"round-mark-{debt.why.replace('_', '-')}") if debt.why else "",
            )
            for debt in told.debts
        ],
    )  # fmt: skip


def _print_table(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table

    from setoff.access.commands import WIDTH
    from setoff.language import default_language, text

    table = Table(box=None, pad_edge=False)
    for heading in headings:
        side: Literal["left", "right"] = "right" if heading in ("owes", "owed", "cleared", "amount", "no") else "left"
        table.add_column(text(default_language(), f"column-round-{heading}"), justify=side)
    for row in rows:
        table.add_row(*row)
    Console(highlight=False, emoji=False, width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else WIDTH).print(table)


def _write_csv(told: RoundTold) -> None:
    """The debts, with the names of their fields."""
    import msgspec

    from setoff.core.cells import safe_cell

    rows = [msgspec.to_builtins(debt) for debt in told.debts]
    writer = csv.DictWriter(sys.stdout, fieldnames=[field.name for field in msgspec.structs.fields(type(told.debts[0]))] if rows else [])
    writer.writeheader()
    writer.writerows({name: safe_cell(value) if isinstance(value, str) else value for name, value in row.items()} for row in rows)


def _day(value: str, field: str) -> date:
    from setoff.reports.ask import parse_day

    return parse_day(value, field) if value else today()
