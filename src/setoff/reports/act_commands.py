"""`setoff act`: acts of reconciliation drawn up, compared with the other side's lines, printed, agreed or disputed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from psycopg import Connection

    from setoff.books.audit import Actor
    from setoff.language import Language
    from setoff.settlements.act_queries import Act

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Acts of reconciliation: draw up, compare, print, agree.")
Number = Annotated[int, typer.Argument(help="Number of the act.", show_default=False)]


@app.command("new")
def new(
    unit: Annotated[str, typer.Option(help="Code of the unit.")],
    counterparty: Annotated[str, typer.Option(help="Code of the counterparty.")],
    contract: Annotated[str, typer.Option(help="Code of a contract. Default: all of them.")] = "",
    currency: Annotated[str, typer.Option(help="Default: the contract's, else that of the books.")] = "",
    since: Annotated[str, typer.Option("--from", help="First day of the period. Default: from the beginning.")] = "",
    as_of: Annotated[str, typer.Option("--as-of", help="Last day. Default: today.")] = "",
    show_internal: Annotated[bool, typer.Option("--show-internal", help="Also set-offs and transfers inside the counterparty.")] = False,
) -> None:
    """Draw up an act: our side from the books."""
    from setoff.reports.ask import parse_day
    from setoff.settlements.acts import NewAct, create_act

    last_day = parse_day(as_of, "as-of") if as_of else _today()
    wanted = NewAct(unit, counterparty, last_day, contract, currency, parse_day(since, "from") if since else None, show_internal)
    _run(lambda conn, actor: create_act(conn, wanted, actor))


@app.command("list")
def listed(
    state: Annotated[str, typer.Option(help="draft, sent, agreed or disputed. Default: all.")] = "",
) -> None:
    """The acts that are kept, newest first; agreed ones whose books have changed since are named."""
    from setoff.language import default_language, text
    from setoff.settlements.act_queries import ActFilter, acts
    from setoff.settlements.acts import NEXT, changes_since
    from setoff.site import database

    _check_state(state, ("", *NEXT))
    language = default_language()
    database.prepare()
    with database.connect() as conn:
        found = acts(conn, ActFilter(states=(state,) if state else ()))
        for act in found:
            typer.echo(_told(act, language))
            if act.state == "agreed" and changes_since(conn, act):
                typer.echo("  " + text(language, "act-changed", act=act.id))
    if not found:
        typer.echo(text(language, "act-none"))


@app.command("show")
def show(
    number: Number,
    output_format: Annotated[Literal["table", "json", "csv", "xlsx", "pdf"], typer.Option("--format")] = "table",
    out: Annotated[Path | None, typer.Option(help="File to write instead of the screen.", dir_okay=False)] = None,
) -> None:
    """The act on the screen, as a file, or as PDF in the partner's language (`--lang` chooses another)."""
    from setoff.language import default_language
    from setoff.reports.act_paper import act_report, render_act
    from setoff.reports.commands import deliver, write_out
    from setoff.settlements.act_queries import act_of
    from setoff.site import database

    database.prepare()
    with database.connect() as conn:
        act = act_of(conn, number)
        if output_format != "pdf":
            deliver(act_report(act), output_format, out, default_language())
        if output_format == "table" and out is None:
            _print_changes(conn, act, default_language())
    if output_format == "pdf":
        write_out(render_act(act, printed=_today()), out)


@app.command("theirs")
def theirs(number: Number, file: Annotated[Path, typer.Argument(help="Their lines: CSV or XLSX.", show_default=False)]) -> None:
    """Put their lines beside ours."""
    from setoff.reports.theirs import read_theirs
    from setoff.settlements.act_queries import act_of
    from setoff.settlements.acts import import_theirs

    def put(conn: Connection[Any], actor: Actor) -> Act:
        read = read_theirs(file, act_of(conn, number).currency)
        return import_theirs(conn, number, read.lines, actor, opening=read.opening, file=file.name)

    _run(put)


@app.command("fill")
def fill(number: Number) -> None:
    """Fill our side again from the books as they are now."""
    from setoff.settlements.acts import fill_ours

    _run(lambda conn, actor: fill_ours(conn, number, actor))


@app.command("state")
def state(
    number: Number,
    to: Annotated[str, typer.Argument(help="sent, agreed or disputed.", show_default=False)],
    signed_by: Annotated[str, typer.Option(help="Who signed for them (agreed).")] = "",
    signed_on: Annotated[str, typer.Option(help="When it was signed. Default: today.")] = "",
    note: Annotated[str, typer.Option(help="Why, for the record.")] = "",
    difference: Annotated[str, typer.Option(help="Agree although the balances differ by this much.")] = "",
) -> None:
    """Say how far the two sides have come."""
    from setoff.reports.ask import parse_day
    from setoff.settlements.act_queries import act_of
    from setoff.settlements.acts import Signature, set_act_state
    from setoff.trade.fields import amount_of

    wanted = next(known for known in ("sent", "agreed", "disputed") if known == _check_state(to, ("sent", "agreed", "disputed")))
    signature = Signature(signed_by, parse_day(signed_on, "signed-on") if signed_on else _today()) if signed_by else None

    def put(conn: Connection[Any], actor: Actor) -> Act:
        known = amount_of(difference, act_of(conn, number).currency, "difference") if difference else 0
        return set_act_state(conn, number, wanted, actor, signature=signature, note=note, known_difference=known)

    _run(put)


@app.command("send")
def send(
    number: Number,
    to: Annotated[list[str], typer.Option(help="Address; may be repeated.", show_default=False)],
    note: Annotated[str, typer.Option(help="A word of your own in the letter.")] = "",
    letter_language: Annotated[Literal["", "en", "ru", "zh"], typer.Option("--language", help="Default: the partner's.")] = "",
) -> None:
    """Send the act as PDF by e-mail; a draft becomes sent."""
    from setoff.language import default_language, language_of
    from setoff.reports.letters import Letter, send_act, sent_text
    from setoff.site import database

    letter = Letter(" ".join(to), note, language_of(letter_language) if letter_language else None)
    database.prepare()
    database.setup_django()

    def sent(conn: Connection[Any], actor: Actor) -> Act:
        act, done = send_act(conn, number, letter, actor)
        typer.echo(sent_text(done, default_language()))
        return act

    _run(sent)


def _run(verb: Callable[[Connection[Any], Actor], Act]) -> None:
    """The verb in the books, and the act as it is after."""
    from setoff.language import default_language
    from setoff.settlements.commands import actor
    from setoff.site import database

    database.prepare()
    with database.connect() as conn:
        typer.echo(_told(verb(conn, actor()), default_language()))


def _told(act: Act, language: Language) -> str:
    """An act in a line."""
    from setoff.core.money import Money
    from setoff.language import text
    from setoff.reports.cells import term_text

    facts = {"organization": act.organization, "counterparty": act.counterparty, "last": act.last_day}
    state_name = term_text("act-state", act.state, language)
    said = text(language, "act-told", number=act.id, state=state_name, ours=Money(act.our_closing, act.currency), **facts)
    if act.their_closing is not None and act.difference is not None:
        amounts = {"theirs": Money(-act.their_closing, act.currency), "difference": Money(act.difference, act.currency)}
        said += "; " + text(language, "act-told-theirs", **amounts)
    return said + "."


def _print_changes(conn: Connection[Any], act: Act, language: Language) -> None:
    """What the books say now that the act does not."""
    from setoff.core.money import Money
    from setoff.language import text
    from setoff.reports.cells import document_text
    from setoff.reports.report import DocumentName
    from setoff.settlements.acts import changes_since

    if act.signed_on:
        typer.echo(text(language, "act-signed", signed_by=act.signed_by, signed_on=act.signed_on))
    changes = changes_since(conn, act)
    typer.echo(text(language, "act-changed" if changes else "act-unchanged", act=act.id))
    for change in changes:
        amounts = {"before": Money(change.before, act.currency), "after": Money(change.after, act.currency)}
        name = document_text(DocumentName(change.key, change.kind, change.number, change.date), language)
        typer.echo("  " + text(language, "act-change" if change.key else "act-change-opening", name=name, **amounts))


def _check_state(value: str, known: tuple[str, ...]) -> str:
    from setoff.core.errors import DomainError, ErrorCode

    if value not in known:
        raise DomainError(ErrorCode.INVALID_VALUE, field="state", value=value, expected=", ".join(filter(None, known)))
    return value


def _today() -> date:
    from setoff.language.zones import today

    return today()
