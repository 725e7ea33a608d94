"""`setoff loans accrue`: interest of the loans of a unit at the end of every month up to one."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated

import typer

from setoff.access.commands import acting, say
from setoff.books.commands import LastDay, day_of
from setoff.settlements.commands import DryRun, Quiet, print_changes

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Loans: interest, schedules.")
Unit = Annotated[str, typer.Argument(help="Code of the unit.", show_default=False)]


@app.callback()
def group() -> None:
    """Loans received and granted: their interest month by month."""


@app.command("accrue")
def accrue_interest(
    unit: Unit,
    last_day: LastDay,
    contract: Annotated[list[str] | None, typer.Option(help="Code of a contract; may be repeated. Default: every loan.")] = None,
    dry_run: DryRun = False,
    quiet: Quiet = False,
) -> None:
    """Accrue the interest of every loan at the end of every open month up to that day; said again, add what is missing and put right
    what a later payment or rate changed."""
    from setoff.settlements.loans.accrual import accrue

    with acting() as (conn, actor, rights), conn.transaction(force_rollback=True) if dry_run else nullcontext():
        rights.require("post", unit)
        found = accrue(conn, unit, day_of(last_day), actor, contracts=contract or ())
        say("loans-tried" if dry_run else "loans-accrued", unit=unit, count=len(found.made))
        if not quiet and found.changes:
            print_changes(conn, found.changes)
