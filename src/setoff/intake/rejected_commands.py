"""`setoff rejected`: rows that imports refused and nobody dealt with yet: see them, try them again, drop them.

Who acts is SETOFF_USER, else the login of the machine.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from setoff.access.commands import acting, say

if TYPE_CHECKING:
    from setoff.intake.rejected import RejectedRow
    from setoff.language import Language

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Rows that imports refused: see them, try them again, drop them.")
RowId = Annotated[int, typer.Argument(help="Number of the row in the list.", show_default=False)]


@app.command("list")
def listed(
    state: Annotated[Literal["open", "handled", "dropped"], typer.Option(help="Rows in this state.")] = "open",
    unit: Annotated[str, typer.Option(help="Only rows of this unit.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 200,
    output_format: Annotated[Literal["table", "json"], typer.Option("--format")] = "table",
) -> None:
    """The refused rows that one may see, oldest first."""
    from setoff.intake.rejected import rejected_rows
    from setoff.intake.rejected_told import told_row
    from setoff.language import default_language

    language = default_language()
    with acting() as (conn, _actor, rights):
        found = rejected_rows(conn, rights, state=state, unit=unit, limit=limit)
    if output_format == "json":
        typer.echo(json.dumps([told_row(language, row) for row in found], ensure_ascii=False, indent=2))
        return
    if not found:
        say("rejected-none")
    for row in found:
        typer.echo(_line(language, row))


@app.command()
def retry(
    row: RowId,
    mended: Annotated[
        Path | None,
        typer.Option(help="File of what the row is to say instead: a line of JSON for each record.", exists=True, dir_okay=False),
    ] = None,
    consent: Annotated[bool, typer.Option("--consent", help="Close contracts that are not settled; take in what limits forbid.")] = False,
    fill_contracts: Annotated[
        bool, typer.Option("--fill-contracts", help="Give a document that leaves its contract out the only one that fits.")
    ] = False,
) -> None:
    """Import the row again, as it came or mended. Ends with 1 when it is still refused."""
    from setoff.intake.retry import retry_rejected
    from setoff.intake.screen import fault_line
    from setoff.language import default_language

    said = mended.read_text(encoding="utf-8") if mended else ""
    with acting() as (conn, actor, rights):
        done = retry_rejected(conn, row, actor, rights, mended=said, consent=consent, fill_contracts=fill_contracts)
    if done.refused:
        for found in done.refused:
            typer.echo(fault_line(default_language(), found), err=True)
        raise typer.Exit(1)
    say("rejected-accepted", file=done.row.file, row=done.row.row)


@app.command()
def drop(row: RowId, because: Annotated[str, typer.Option(help="Why, for the record.", show_default=False)]) -> None:
    """Take the row out of the queue: it is not to come."""
    from setoff.intake.rejected import drop_rejected

    with acting() as (conn, actor, rights):
        found = drop_rejected(conn, row, actor, rights, because=because)
    say("rejected-dropped", file=found.file, row=found.row)


def _line(language: Language, row: RejectedRow) -> str:
    """ "7  MSK  sales.jsonl, row 12: ..." on one line."""
    from setoff.intake.screen import fault_line

    return "  ".join(filter(None, [str(row.id), row.unit, fault_line(language, row.fault), row.reason]))
