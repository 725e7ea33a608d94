"""`setoff loans list, accrue, schedule, reschedule`: how the loans of a unit stand, their interest month by month, what is due of
them, and new schedules."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated, Literal

import typer

from setoff.access.commands import acting, say
from setoff.books.commands import LastDay, day_of
from setoff.settlements.commands import DryRun, Quiet, print_changes

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Loans: interest, schedules.")
Unit = Annotated[str, typer.Argument(help="Code of the unit.", show_default=False)]


@app.callback()
def group() -> None:
    """Loans received and granted: their interest month by month."""


@app.command("list")
def list_loans(
    unit: Unit,
    as_of: Annotated[str, typer.Option("--as-of", help="Day, YYYY-MM-DD. Default: today.")] = "",
    output_format: Annotated[Literal["table", "json"], typer.Option("--format")] = "table",
) -> None:
    """List the loans of a unit on a day: terms, what is owed, what is due next, months whose interest is missing."""
    import json

    from setoff.core.money import Money
    from setoff.language import default_language, fact_text, text
    from setoff.language.screen import print_rows
    from setoff.language.zones import today
    from setoff.settlements.loans.overview import loan_rows, stated

    day, language = day_of(as_of) if as_of else today(), default_language()
    with acting() as (conn, _actor, rights):
        rows = loan_rows(conn, [rights.require("read", unit)], day)
    if output_format == "json":
        typer.echo(json.dumps([stated(row) for row in rows], ensure_ascii=False, indent=2))
        return
    keys = (
        "column-contract", "column-counterparty", "loans-what", "field-maturity", "loans-principal-owed", "loans-interest-owed",
        "loans-interest-today", "loans-next", "loans-missing",
    )  # fmt: skip
    shown = [
        (
            row.book.contract_number, row.book.counterparty_name, fact_text(language, "relation", row.book.relation),
            fact_text(language, "date", row.maturity),
            *(
                fact_text(language, "amount", Money(amount, row.book.currency))
                for amount in (row.principal, row.interest, row.standing.owed.interest)
            ),
            fact_text(language, "date", row.next.day) if row.next else "", str(len(row.missing) or ""),
        )
        for row in rows
    ]  # fmt: skip
    print_rows([text(language, key) for key in keys], shown, figures=(4, 5, 6, 8))


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
    from setoff.access.month_ends import accrue_loans

    with acting() as (conn, actor, rights), conn.transaction(force_rollback=True) if dry_run else nullcontext():
        found, waiting = accrue_loans(conn, unit, day_of(last_day), actor, rights, contracts=contract or ())
        say("loans-tried" if dry_run else "loans-accrued", unit=unit, count=len(found.made))
        if waiting:
            say("months-waiting", unit=unit, count=len(waiting))
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


@app.command("reschedule")
def reschedule(
    unit: Unit,
    contract: Annotated[str, typer.Argument(help="Code of the contract.", show_default=False)],
    day: Annotated[str, typer.Argument(help="Day, YYYY-MM-DD, from which on it is so.", show_default=False)],
    dry_run: DryRun = False,
    quiet: Quiet = False,
) -> None:
    """From that day on what is left of a loan is due by its terms: after they were changed, or after an early repayment."""
    from setoff.access.month_ends import schedule_anew
    from setoff.language import default_language, fact_text

    with acting() as (conn, actor, rights), conn.transaction(force_rollback=True) if dry_run else nullcontext():
        found, waiting = schedule_anew(conn, unit, contract, day_of(day), actor, rights)
        if waiting:
            say("months-waiting", unit=unit, count=len(waiting))
            return
        key = "loans-scheduled-so" if found is None else "loans-schedule-tried" if dry_run else "loans-scheduled"
        say(key, contract=contract, date=fact_text(default_language(), "date", day_of(day)))
        if found and not quiet:
            print_changes(conn, found.changes)
