"""`setoff loans accrue, schedule`: interest of the loans of a unit month by month, and what is due of them."""

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


@app.command("schedule")
def show_schedule(
    unit: Unit,
    contract: Annotated[str, typer.Argument(help="Code of the contract.", show_default=False)],
    as_of: Annotated[str, typer.Option("--as-of", help="Day, YYYY-MM-DD. Default: today.")] = "",
) -> None:
    """Show what a loan owes on a day, and what is due after it."""
    from setoff.core.errors import DomainError, ErrorCode
    from setoff.core.money import Money
    from setoff.language import default_language, fact_text, text
    from setoff.language.screen import print_rows
    from setoff.language.zones import today
    from setoff.settlements.loans.queries import loan_books
    from setoff.settlements.loans.standing import standing_of

    day, language = day_of(as_of) if as_of else today(), default_language()
    with acting() as (conn, _actor, rights):
        books = loan_books(conn, [rights.require("read", unit)], [contract])
    if not books:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="loan", value=contract, field="contract")
    book = books[0]
    standing = standing_of(book, day)
    costs, interest, principal = (fact_text(language, "amount", Money(amount, book.currency)) for amount in standing.owed)
    say("loans-owed", contract=contract, day=fact_text(language, "date", day), costs=costs, interest=interest, principal=principal)
    rows = [
        (fact_text(language, "date", due.day), *(fact_text(language, "amount", Money(amount, book.currency)) for amount in due[1:]))
        for due in standing.due
    ]
    print_rows([text(language, f"loans-{heading}") for heading in ("due", "principal", "interest", "left")], rows, figures=(1, 2, 3))
