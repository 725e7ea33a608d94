"""`setoff reserve show|accrue`: the reserve for doubtful debts at the end of a month."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated

import typer

from setoff.access.commands import acting, say
from setoff.books.commands import LastDay, day_of
from setoff.settlements.commands import DryRun, Quiet, print_changes

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Reserve for doubtful debts: what the debts ask for, and accruing it.")
Unit = Annotated[str, typer.Argument(help="Code of the unit.", show_default=False)]


@app.command()
def show(unit: Unit, last_day: LastDay) -> None:
    """What the debts ask for at a month end, debtor by debtor: overdue, reserve by age, reserve so far, change."""
    from setoff.language import default_language, fact_text, money_text, text
    from setoff.language.screen import print_rows
    from setoff.settlements.doubtful import OF_TRADE, doubtful_month
    from setoff.settlements.limitation import limitations

    with acting() as (conn, _actor, rights):
        rights.require("read", unit)
        month = doubtful_month(conn, unit, day_of(last_day))
        limits = limitations(conn, month.unit, month.day, [row.counterparty for row in month.rows], OF_TRADE)
    language, currency = default_language(), month.unit.book_currency
    keys = ("doubtful-debtor", "field-doubtful-debt", "doubtful-wanted", "doubtful-kept", "doubtful-change", "doubtful-limitation")
    titles = [text(language, key) for key in keys]
    rows = [
        [
            row.debtor, *(money_text(language, amount, currency) for amount in (sum(row.debts[1:]), row.wanted, row.kept, row.change)),
            fact_text(language, "date", limit.ends) if (limit := limits.get((row.counterparty, row.contract))) else "",
        ]
        for row in month.rows
    ]  # fmt: skip
    print_rows(titles, rows, figures=(1, 2, 3, 4))


@app.command()
def accrue(
    unit: Unit,
    last_day: LastDay,
    department: Annotated[str, typer.Option(help="Department of the expense. Default: the unit.")] = "",
    item: Annotated[str, typer.Option(help="Expense item. Default: reserve for doubtful debts.")] = "",
    dry_run: DryRun = False,
    quiet: Quiet = False,
) -> None:
    """Make the reserve what the debts ask for at a month end; said again, it changes nothing, or puts right what has changed since."""
    from setoff.access.month_ends import accrue_doubtful
    from setoff.language import default_language, fact_text, text

    language, day = default_language(), day_of(last_day)
    with acting() as (conn, actor, rights), conn.transaction(force_rollback=True) if dry_run else nullcontext():
        said = item or text(language, "reserve-item")
        found, waiting = accrue_doubtful(conn, unit, day, actor, rights, item=said, department=department or unit)
        if waiting:
            say("months-waiting", unit=unit, count=len(waiting))
            return
        key = "reserve-same" if found is None else "reserve-tried" if dry_run else "reserve-made"
        say(key, unit=unit, date=fact_text(language, "date", day), count=found.debtors if found else 0)
        if found and not quiet:
            print_changes(conn, found.changes)
