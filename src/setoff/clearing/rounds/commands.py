"""`setoff round`: set-off among many parties: collected, confirmed, solved, agreed, posted, reversed; on the screen and in files.

Who acts is SETOFF_USER, else the login of the machine; he needs the right in every unit of the round.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from setoff.clearing.rounds import choice_commands, paper_commands
from setoff.clearing.rounds.paper_commands import Code, Party, known, parsed_day, print_table
from setoff.clearing.rounds.saying import run_verb, say_round

if TYPE_CHECKING:
    from psycopg import Connection

    from setoff.clearing.rounds.posting import Posted
    from setoff.clearing.rounds.told import RoundTold

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Rounds of set-off among many: collect, solve, agree, post, reverse.")
Numbers = Annotated[list[int], typer.Argument(help="Numbers of debts.", show_default=False)]
Because = Annotated[str, typer.Option(help="Why, for the record.", show_default=False)]
On = Annotated[str, typer.Option("--on", help="Day. Default: today.")]


@app.command("open")
def open_(
    code: Code,
    as_of: Annotated[str, typer.Option("--as-of", help="Debts that had arisen by the end of this day. Default: today.")] = "",
    unit: Annotated[list[str] | None, typer.Option(help="Unit of ours; may be repeated. Default: all.")] = None,
    law: Annotated[Literal["", "ru", "cn", "intl"], typer.Option(help="Default: that of the chart of accounts.")] = "",
    confirmation: Annotated[Literal["none", "one", "both"], typer.Option(help="How many sides must confirm a debt.")] = "none",
    due_only: Annotated[bool, typer.Option("--due-only", help="Only debts that are due.")] = False,
    min_age: Annotated[int, typer.Option("--min-age", min=0, help="Only what has been due for so many days.")] = 0,
    min_amount: Annotated[str, typer.Option("--min-amount", help="Only debts of at least this amount of their currency.")] = "",
    exclude: Annotated[list[str] | None, typer.Option(help="Code of a party that takes no part; may be repeated.")] = None,
    cap: Annotated[list[str] | None, typer.Option(help="PARTY=AMOUNT, DEBTOR>CREDITOR=AMOUNT: at most so much; may be repeated.")] = None,
    max_cycle: Annotated[int, typer.Option("--max-cycle", min=0, help="Only rings of at most so many parties.")] = 0,
    prefer: Annotated[Literal["age", "priority", "none"], typer.Option(help="Which of equal totals: the oldest, the highest priority, "
                                                                            "or whichever comes.")] = "age",
    one_sided: Annotated[bool, typer.Option("--one-sided", help="A notice instead of an act that all sign.")] = False,
    without_consent: Annotated[bool, typer.Option("--without-consent", help="Outsiders need not agree.")] = False,
    without_books: Annotated[bool, typer.Option("--without-books", help="Take no debts from our books.")] = False,
) -> None:  # fmt: skip
    """Open a round and collect its debts from the books of our units."""
    from setoff.access.commands import acting
    from setoff.clearing.rounds.records import NewRound, Options
    from setoff.clearing.rounds.services import open_round
    from setoff.clearing.rules import cap_of

    options = Options(
        confirmation=confirmation, needs_consent=not without_consent, one_sided=one_sided, from_books=not without_books, due_only=due_only,
        age_days_min=min_age, minimum=min_amount, excluded=tuple(exclude or ()), caps=tuple(map(cap_of, cap or ())), cycle_max=max_cycle,
        prefer=prefer,
    )  # fmt: skip
    new = NewRound(code, parsed_day(as_of, "as-of"), tuple(unit or ()), law or None, options)
    with acting() as (conn, actor, rights):
        say_round(conn, open_round(conn, new, actor, rights))


@app.command("add")
def add(code: Code, file: Annotated[Path, typer.Argument(help="Debts between outsiders: CSV or JSON Lines.", show_default=False)]) -> None:
    """Add debts from a file; the same file again replaces what it said before."""
    from rich.console import Console

    from setoff.clearing.commands import tell_faults
    from setoff.clearing.obligations import read_obligations
    from setoff.clearing.rounds.outside import taken
    from setoff.clearing.rounds.services import add_debts
    from setoff.language import default_language

    read = read_obligations([file])
    tell_faults(read, Console(stderr=True, highlight=False, emoji=False), default_language())
    debts = taken(read, file.name)
    run_verb(code, lambda conn, actor: add_debts(conn, code, debts, actor, file=file.name))


@app.command("collect")
def collect(code: Code) -> None:
    """Collect the debts from our books again."""
    from setoff.clearing.rounds.services import collect_again

    run_verb(code, lambda conn, actor: collect_again(conn, code, actor))


@app.command("confirm")
def confirm(
    code: Code,
    side: Annotated[Literal["debtor", "creditor"], typer.Argument(help="Which side confirms.", show_default=False)],
    by: Annotated[str, typer.Option(help="Who confirmed.", show_default=False)],
    number: Annotated[list[int] | None, typer.Option(help="Number of a debt; may be repeated. Default: all.")] = None,
) -> None:
    """One side says that debts are so."""
    from setoff.clearing.rounds.services import confirm_debts

    run_verb(code, lambda conn, actor: confirm_debts(conn, code, side, number or [], actor, by=by))


@app.command("bar")
def bar(code: Code, numbers: Numbers, because: Because) -> None:
    """Debts take no part."""
    from setoff.clearing.rounds.services import bar_debts

    run_verb(code, lambda conn, actor: bar_debts(conn, code, numbers, actor, because=because))


@app.command("admit")
def admit(code: Code, numbers: Numbers) -> None:
    """Debts that were barred take part again."""
    from setoff.clearing.rounds.services import admit_debts

    run_verb(code, lambda conn, actor: admit_debts(conn, code, numbers, actor))


@app.command("correct")
def correct(
    code: Code,
    number: Annotated[int, typer.Argument(help="Number of the debt.", show_default=False)],
    amount: Annotated[str, typer.Argument(help="The right amount.", show_default=False)],
    because: Because,
) -> None:
    """A debt from a file is of another amount."""
    from setoff.clearing.rounds.services import correct_debt

    run_verb(code, lambda conn, actor: correct_debt(conn, code, number, amount, actor, because=because))


@app.command("agree")
def agree(code: Code, party: Party, by: Annotated[str, typer.Option(help="Who signed for them.", show_default=False)], on: On = "") -> None:
    """A party agrees to what is cleared for it now; of a notice: it was received."""
    from setoff.clearing.rounds.services import Consent, set_consent

    consent = Consent("agreed", by, parsed_day(on, "on"))
    run_verb(code, lambda conn, actor: set_consent(conn, code, party, consent, actor))


@app.command("refuse")
def refuse(code: Code, party: Party, because: Because, on: On = "") -> None:
    """A party takes no part."""
    from setoff.clearing.rounds.services import Consent, set_consent

    consent = Consent("refused", because, parsed_day(on, "on"))
    run_verb(code, lambda conn, actor: set_consent(conn, code, party, consent, actor))


@app.command("solve")
def solve(code: Code) -> None:
    """The preliminary result: the largest total that can be cleared, with its certificate."""
    from setoff.clearing.rounds.services import solve_round

    run_verb(code, lambda conn, actor: solve_round(conn, code, actor))


@app.command("drop-unsigned")
def drop(code: Code, on: On = "") -> None:
    """Parties that did not sign take no part, and the round is solved again."""
    from setoff.clearing.rounds.services import drop_unsigned

    run_verb(code, lambda conn, actor: drop_unsigned(conn, code, actor, on=parsed_day(on, "on")))


@app.command("final")
def final(code: Code, on: Annotated[str, typer.Option("--on", help="Day of the act. Default: the day of the round.")] = "") -> None:
    """Post the round in the books of our units."""
    from setoff.access.commands import acting
    from setoff.clearing.rounds.posting import finalize_round

    day = parsed_day(on, "on") if on else None
    with acting() as (conn, actor, rights):
        known(conn, code, rights, "post")
        _say_posted(conn, finalize_round(conn, code, actor, rights, on=day))


@app.command("cancel")
def cancel(code: Code, because: Because) -> None:
    """Take back what is being posted of the round, or being reversed: it is preliminary, or final, again."""
    from setoff.access.commands import acting
    from setoff.clearing.rounds.cancelling import cancel_round

    with acting() as (conn, actor, rights):
        known(conn, code, rights, "post")
        _say_posted(conn, cancel_round(conn, code, actor, rights, because=because))


@app.command("received")
def received(code: Code, party: Party, by: Annotated[str, typer.Option(help="Who received it.", show_default=False)], on: On = "") -> None:
    """A party received the notice of a round that is posted by notice."""
    from setoff.clearing.rounds.posting import note_receipt
    from setoff.clearing.rounds.services import Consent

    receipt = Consent("agreed", by, parsed_day(on, "on"))
    run_verb(code, lambda conn, actor: note_receipt(conn, code, party, receipt, actor))


@app.command("reverse")
def reverse(code: Code, because: Because, on: On = "") -> None:
    """Reverse every document of the round; its debts are open again."""
    from setoff.access.commands import acting
    from setoff.clearing.rounds.posting import reverse_round

    with acting() as (conn, actor, rights):
        known(conn, code, rights, "post")
        _say_posted(conn, reverse_round(conn, code, actor, rights, on=parsed_day(on, "on"), because=because))


@app.command("list")
def listed() -> None:
    """The rounds that one may see, newest first."""
    from setoff.access.commands import acting, say
    from setoff.clearing.rounds.queries import rounds
    from setoff.language import default_language, text

    with acting() as (conn, _actor, rights):
        found = [row for row in rounds(conn) if all(rights.may("read", unit_id) for unit_id in row.units)]
    for row in found:
        say("round-told", round=row.code, as_of=row.as_of, state=text(default_language(), f"round-state-{row.status}"))
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
        found = known(conn, code, rights, "read")
        told = whole_round(conn, found)
        if output_format == "json":
            typer.echo(msgspec.json.format(msgspec.json.encode(told)).decode())
        elif output_format == "csv":
            _write_csv(told)
        else:
            say_round(conn, found)
            _print_tables(told)


@app.command("why")
def why_(code: Code, number: Annotated[int, typer.Argument(help="Number of the debt.", show_default=False)]) -> None:
    """Why a debt was cleared, or not: told from the certificate."""
    from setoff.access.commands import acting
    from setoff.clearing.rounds.reasons import why
    from setoff.language import default_language

    with acting() as (conn, _actor, rights):
        told = why(conn, known(conn, code, rights, "read"), number, default_language())
    typer.echo(f"{told.debtor} > {told.creditor}  {told.debt.number}".rstrip())
    typer.echo("\n".join(filter(None, (told.text, told.proof))))


def _say_posted(conn: Connection[Any], posted: Posted) -> None:
    from setoff.access.approvals import Pending
    from setoff.access.commands import say

    say_round(conn, posted.round)
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
    print_table(("party", "currency", "owes", "owed", "cleared", "consent"), rows)
    print_table(
        ("no", "debtor", "creditor", "number", "due", "currency", "amount", "cleared", "why"),
        [
            (
                str(debt.no), debt.debtor, debt.creditor, debt.number, debt.due or "", debt.currency, debt.amount, debt.cleared,
                text(language, f"round-mark-{debt.why.replace('_', '-')}") if debt.why else "",
            )
            for debt in told.debts
        ],
    )  # fmt: skip


def _write_csv(told: RoundTold) -> None:
    """The debts, with the names of their fields."""
    import msgspec

    from setoff.core.cells import safe_cell

    rows = [msgspec.to_builtins(debt) for debt in told.debts]
    writer = csv.DictWriter(sys.stdout, fieldnames=[field.name for field in msgspec.structs.fields(type(told.debts[0]))] if rows else [])
    writer.writeheader()
    writer.writerows({name: safe_cell(value) if isinstance(value, str) else value for name, value in row.items()} for row in rows)


for name, command in (
    ("certificate", paper_commands.certificate), ("act", paper_commands.act), ("statement", paper_commands.statement),
    ("chains", paper_commands.chains), ("chain", paper_commands.chain), ("chain-acts", paper_commands.chain_acts),
    ("choose", choice_commands.choose),
):  # fmt: skip
    app.command(name)(command)
