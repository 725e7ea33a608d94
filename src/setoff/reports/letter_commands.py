"""`setoff send`: papers to a partner by e-mail. Who acts is SETOFF_USER, else the login of the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from setoff.access.commands import acting
from setoff.reports.commands import Codes, Currencies, Texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from setoff.reports.letters import Letter, Sent

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Papers to a partner by e-mail: reports and documents.")
To = Annotated[list[str], typer.Option(help="Address; may be repeated.", show_default=False)]
Word = Annotated[str, typer.Option(help="A word of your own in the letter.")]
LetterLanguage = Annotated[Literal["", "en", "ru", "zh"], typer.Option("--language", help="Default: the partner's.")]


@app.command("report")
def report(
    name: Annotated[str, typer.Argument(help="statement, card, ageing or reconciliation-act.", show_default=False)],
    to: To,
    counterparty: Annotated[str, typer.Option(help="Code of the counterparty.")] = "",
    partner: Annotated[str, typer.Option(help="Code of the partner, in place of a counterparty.")] = "",
    as_of: Annotated[str, typer.Option("--as-of", help="Last day of the report, YYYY-MM-DD. Default: today.")] = "",
    since: Annotated[str, typer.Option("--from", help="First day of the period. Default: from the beginning.")] = "",
    organization: Codes = None,
    unit: Codes = None,
    contract: Codes = None,
    currency: Currencies = None,
    group_by: Annotated[Texts, typer.Option(help="unit, counterparty, contract, object, document.")] = None,
    side: Annotated[str, typer.Option(help="Ageing of what they owe us (receivable) or what we owe (payable).")] = "",
    note: Word = "",
    letter_language: LetterLanguage = "",
) -> None:  # fmt: skip
    """What a report says of a partner, as PDF in his language."""
    from setoff.language.zones import today
    from setoff.reports.letters import Asked, send_report

    given = {
        "counterparty": [counterparty], "partner": [partner], "from": [since], "organization": organization or [], "unit": unit or [],
        "contract": contract or [], "currency": currency or [], "group-by": group_by or [], "side": [side],
    }  # fmt: skip
    asked = Asked(name, as_of or today().isoformat(), {option: values for option, values in given.items() if any(values)})
    _sent(lambda conn, letter, actor, rights: send_report(conn, asked, letter, actor, rights), to, note, letter_language)


@app.command("document")
def document(
    key: Annotated[str, typer.Argument(help="Key of the document.", show_default=False)],
    to: To,
    note: Word = "",
    letter_language: LetterLanguage = "",
) -> None:
    """The paper of a document: of a set-off the act or the notice, of any other its print without what is ours alone."""
    from setoff.reports.letters import send_document

    _sent(lambda conn, letter, actor, rights: send_document(conn, key, letter, actor, rights), to, note, letter_language)


def _sent(send: Callable[[Any, Letter, Any, Any], Sent], to: list[str], note: str, letter_language: str) -> None:
    from setoff.language import default_language, language_of
    from setoff.reports.letters import Letter, sent_text
    from setoff.site import database

    letter = Letter(" ".join(to), note, language_of(letter_language) if letter_language else None)
    with acting() as (conn, actor, rights):
        database.setup_django()
        done = send(conn, letter, actor, rights)
    typer.echo(sent_text(done, default_language()))
