"""`setoff invoices issue`: the invoices that are missing in a period. The register and the books are reports."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated

import typer

from setoff.access.commands import acting, say
from setoff.settlements.commands import DryRun, Quiet

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Tax invoices: issue those that are missing.")


@app.callback()
def group() -> None:
    """Tax invoices: issue those that are missing. The register and the books: setoff report issued-invoices, sales-book and so on."""


@app.command()
def issue(
    unit: Annotated[str, typer.Argument(help="Code of the unit.", show_default=False)],
    since: Annotated[str, typer.Option("--from", help="First day of the documents, YYYY-MM-DD.")],
    until: Annotated[str, typer.Option("--to", help="Last day of the documents, YYYY-MM-DD.")],
    day: Annotated[str, typer.Option("--date", help="Day of all invoices. Default: each that of its document.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Also documents from before the first invoice of the unit.")] = False,
    at_most: Annotated[int, typer.Option("--at-most", help="So many of them.", min=1)] = 10_000,
    dry_run: DryRun = False,
    quiet: Quiet = False,
) -> None:
    """Issue an invoice for every supply, correction and advance that has none; numbers follow one another. Prints one line for each."""
    from setoff.settlements.invoices.services import Period, issue_invoices
    from setoff.trade.fields import day_of, day_or_none

    wanted = Period(unit, day_of(since, "from"), day_of(until, "to"), day_or_none(day, "date"), at_most)
    with acting() as (conn, actor, rights), conn.transaction(force_rollback=True) if dry_run else nullcontext():
        rights.require("post", unit)
        issued = refused = 0
        for item in issue_invoices(conn, wanted, actor, every=every):
            issued += item.refusal is None
            refused += item.refusal is not None
            if not quiet or item.refusal is not None:
                typer.echo(line_of(item))
        say("invoices-tried" if dry_run else "invoices-issued", unit=unit, count=issued, refused=refused)
    if refused:
        raise typer.Exit(1)


def line_of(item: object) -> str:
    """What became of a document: its invoice, or why there is none."""
    from setoff.core.money import Money
    from setoff.language import default_language, error_text, fact_text, text
    from setoff.settlements.invoices.services import Issued

    assert isinstance(item, Issued)
    language, about = default_language(), item.wanting.document
    names = {"kind": about.kind, "number": about.number, "day": about.date}
    if item.refusal is not None:
        return text(language, "invoices-line-refused", reason=error_text(language, item.refusal), **names)
    late = text(language, "invoices-line-late") if item.is_late else ""
    line = text(
        language, "invoices-line", invoice=item.number, date=item.date, amount=Money(item.gross, item.currency),
        vat=fact_text(language, "vat", Money(item.vat, item.currency)), **names,
    )  # fmt: skip
    return f"{line} {late}".rstrip()
