"""`setoff calendar show|day|set`: the days that differ from what a country is known for, and the calendar of an organization."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from setoff.access.commands import acting, say

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Working days: exceptions of a country, an organization's calendar.")
Country = Annotated[str, typer.Argument(help="ISO 3166 code, or none: Monday to Friday.", show_default=False)]


@app.command()
def show(country: Country) -> None:
    """The exceptions of a country, a line each: country, day, working or off, note."""
    from setoff.books.workdays import calendar_days

    with acting() as (conn, _actor, _rights):
        for found in calendar_days(conn, country):
            typer.echo("\t".join((found.country, found.day.isoformat(), "working" if found.is_working else "off", found.note)))


@app.command("day")
def set_day(
    country: Country,
    day: Annotated[str, typer.Argument(help="YYYY-MM-DD.", show_default=False)],
    said: Annotated[Literal["working", "off", "known"], typer.Argument(help="known: as the country is known for.", show_default=False)],
    note: Annotated[str, typer.Option(help="Why.")] = "",
) -> None:
    """A day is a working day or a day off, whatever its country is known for."""
    from setoff.books.workdays import set_calendar_day
    from setoff.trade.fields import day_of

    with acting() as (conn, actor, rights):
        rights.require_administrator()
        is_working = None if said == "known" else said == "working"
        changed = set_calendar_day(conn, _code(country), day_of(day, "day"), actor, is_working=is_working, note=note)
    say("workdays-saved" if changed else "workdays-same")


@app.command("set")
def set_calendar(
    organization: Annotated[str, typer.Argument(help="Code of the organization.", show_default=False)],
    country: Country,
    rule: Annotated[
        Literal["next", "previous", "next_in_month", "same"], typer.Option(help="Where a payment due on a day off goes.")
    ] = "next",
) -> None:
    """An organization keeps the days of a country."""
    from setoff.books.workdays import set_work_calendar

    with acting() as (conn, actor, rights):
        rights.require_administrator()
        changed = set_work_calendar(conn, organization, _code(country), rule, actor)
    say("workdays-saved" if changed else "workdays-same")


def _code(country: str) -> str:
    return "" if country == "none" else country
