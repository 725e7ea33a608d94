"""`setoff period list|close|seal|reopen` and `setoff verify`."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    import psycopg

    from setoff.books.audit import Actor
    from setoff.books.seals import Period
    from setoff.books.verify import Finding
    from setoff.language import Language

period = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Periods of the books: close in order, seal, reopen with a reason.")

Unit = Annotated[str, typer.Argument(help="Code of the unit.", show_default=False)]
LastDay = Annotated[str, typer.Argument(help="Last day of the period, YYYY-MM-DD: the end of a month.", show_default=False)]
OutputFormat = Annotated[Literal["table", "json"], typer.Option("--format")]


@period.command("list")
def list_periods(
    unit: Annotated[str, typer.Option(help="Code of the unit.")] = "", output_format: OutputFormat = "table"
) -> None:
    """Periods with their state and their newest seal."""
    from setoff.books.queries import periods
    from setoff.language import default_language, fact_text, text
    from setoff.language.screen import print_rows
    from setoff.site import database

    language = default_language()
    database.prepare()
    with database.connect() as conn:
        found = periods(conn, unit or None)
    if output_format == "json":
        rows = [{**row._asdict(), "hash": row.hash.hex() if row.hash else None} for row in found]
        typer.echo(json.dumps(rows, default=str, ensure_ascii=False, indent=2))
        return
    told = [
        (
            row.unit, fact_text(language, "date", row.first_day), fact_text(language, "date", row.last_day),
            fact_text(language, "state", row.state), "" if row.row_count is None else str(row.row_count), row.author or "",
            row.hash.hex() if row.hash else "",
        )
        for row in found
    ]  # fmt: skip
    titles = [text(language, f"period-{heading}") for heading in ("unit", "first-day", "last-day", "state", "rows", "author", "seal")]
    print_rows(titles, told, figures=(4,))


@period.command()
def close(unit: Unit, last_day: LastDay, reason: Annotated[str, typer.Option(help="Kept with the seal.")] = "") -> None:
    """Close the period that ends on a day: nothing dated in it changes any more, and its rows are hashed."""
    from setoff.books.services import close_period

    change("period-closed", lambda conn, actor: close_period(conn, unit, day_of(last_day), actor, reason))


@period.command()
def seal(unit: Unit, last_day: LastDay, reason: Annotated[str, typer.Option(help="Kept with the seal.")] = "") -> None:
    """Make a closed period final."""
    from setoff.books.services import seal_period

    change("period-sealed", lambda conn, actor: seal_period(conn, unit, day_of(last_day), actor, reason))


def verify_books(unit: str, output_format: str) -> None:
    """Tells every row of a closed period that is not as it was closed. Ends with 1 when there is one."""
    from setoff.books import verify as verification
    from setoff.books.queries import periods
    from setoff.language import default_language, fact_text, text
    from setoff.site import database

    language = default_language()
    database.prepare()
    with database.connect() as conn:
        found = verification.verify(conn, unit or None)
        closed = [row for row in periods(conn, unit or None) if row.state != "open"]
    if output_format == "json":
        typer.echo(json.dumps([item._asdict() for item in found], default=str, ensure_ascii=False, indent=2))
    else:
        for item in found:
            typer.echo(finding_text(language, item))
        if found:
            typer.echo(text(language, "verify-failed", count=len(found)))
        else:
            rows = sum(row.row_count or 0 for row in closed)
            typer.echo(text(language, "verify-passed", periods=len(closed), rows=rows))
            for row in {row.unit: row for row in closed}.values():
                seal_hash = row.hash.hex() if row.hash else ""
                typer.echo(text(language, "verify-head", unit=row.unit, date=fact_text(language, "date", row.last_day), seal=seal_hash))
    if found:
        raise typer.Exit(1)


def finding_text(language: Language, item: Finding) -> str:
    """One line: what is wrong, of which document, in which period."""
    from setoff.language import text

    return text(
        language, f"verify-{item.what.replace('_', '-')}", unit=item.unit, period=item.period, relation=item.relation, kind=item.kind,
        number=item.number, date=item.date, row=item.row,
    )  # fmt: skip


def change(message: str, verb: Callable[[psycopg.Connection[Any], Actor], Period]) -> None:
    from setoff.books.audit import Actor
    from setoff.language import default_language, text
    from setoff.site import database

    database.prepare()
    with database.connect() as conn:
        found = verb(conn, Actor(getpass.getuser(), "cli"))
    typer.echo(text(default_language(), message, unit=found.unit, first_day=found.first_day, last_day=found.last_day))


def day_of(typed: str) -> date:
    """Errors: invalid_date."""
    from setoff.core.errors import DomainError, ErrorCode

    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise DomainError(ErrorCode.INVALID_DATE, value=typed, field="last_day") from None
