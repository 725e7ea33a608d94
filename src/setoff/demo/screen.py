"""What `setoff demo` shows: for each organization who owes whom, since when, and what the books say; then the checks' verdict.

Every figure comes from the reports; this page only picks the largest rows and the totals.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from psycopg import Connection
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from setoff.language import Language, text
from setoff.language.screen import print_whole
from setoff.reports.ask import ask
from setoff.reports.cells import cell_text, heading_text
from setoff.reports.report import Column, Report
from setoff.settlements.checks import run_checks
from setoff.settlements.keys import debt_sign

LARGEST: Final = 5
NUMERIC: Final = ("money", "count")
TRIAL_SIDES: Final = ("opening_debit", "opening_credit", "turnover_debit", "turnover_credit", "closing_debit", "closing_credit")
NEXT_STEPS: Final = (
    "setoff report statement --organization {organization} --as-of {day}",
    "setoff report card --counterparty {counterparty} --as-of {day}",
    "setoff report ageing --as-of {day} --group-by document --format xlsx --out ageing.xlsx",
    "setoff explain {document}",
    "setoff check",
    "setoff import --help",
)


class House(NamedTuple):
    code: str
    name: str
    book_currency: str


def show(conn: Connection[Any], language: Language, console: Console) -> None:
    """The whole page, as of the date of the newest document."""
    row = conn.execute("select max(date), count(*) from document where status = 'posted'").fetchone()
    assert row is not None
    day, documents = row
    if day is None:
        console.print(text(language, "demo-nothing"))
        return
    houses = [House(*found) for found in conn.execute("select code, name, book_currency from organization order by id")]
    console.print(Text(text(language, "demo-title", documents=documents, organizations=len(houses), day=day), style="bold"))
    for house in houses:
        show_house(conn, house, day, language, console)
    show_verdict(conn, language, console)
    show_next_steps(conn, houses[0], day, language, console)


def show_verdict(conn: Connection[Any], language: Language, console: Console) -> None:
    """Whether every law holds. Lists of data that a person may want to look at are left to `setoff check`."""
    laws = [result for result in run_checks(conn) if result.check.state == "error"]
    failed = [result.check.code for result in laws if result.rows]
    console.print()
    if failed:
        console.print(Text(text(language, "demo-checks-failed", failed=len(failed), checks=len(laws)), style="bold red"))
    else:
        console.print(Text(text(language, "demo-checks-passed", checks=len(laws)), style="green"))


def show_house(conn: Connection[Any], house: House, day: date, language: Language, console: Console) -> None:
    options = {"organization": [house.code]}
    statement = ask(conn, "statement", as_of=day.isoformat(), options=options, language=language)
    console.print()
    heading = Text(f"{house.name} · {house.book_currency}", style="bold")
    console.print(heading)
    console.print("═" * heading.cell_len)
    for sign, side in ((1, "demo-they-owe"), (-1, "demo-we-owe")):
        rows = [row for row in statement.sections[0].rows if debt_sign(row.relation) == sign and row.debt]
        rows.sort(key=lambda row: (-abs(row.closing_book), row.counterparty, row.currency))
        if rows:
            title = text(language, side, shown=min(LARGEST, len(rows)), all=len({row.counterparty for row in rows}))
            columns = _picked(statement, "counterparty", "currency", "debt", "advance", "closing_book")
            _print(console, title, columns, rows[:LARGEST], language)
    receivable = ask(conn, "ageing", as_of=day.isoformat(), options=options, language=language)
    payable = ask(conn, "ageing", as_of=day.isoformat(), options=options | {"side": ["payable"]}, language=language)
    totals = [total.row for report in (receivable, payable) for total in report.sections[0].totals]
    if totals:
        ages = [column.key for column in receivable.columns if column.kind == "money"]
        columns = _picked(receivable, "relation", "currency", *ages)
        _print(console, text(language, "demo-ageing", day=day), columns, totals, language)
    books = ask(conn, "turnover-balance", as_of=day.isoformat(), options=options, language=language)
    columns = _picked(books, "currency", *TRIAL_SIDES)
    title = text(language, "demo-trial-balance", accounts=len([row for row in books.sections[0].rows if row.level == 0]))
    _print(console, title, columns, [total.row for total in books.sections[0].totals], language)


def show_next_steps(conn: Connection[Any], house: House, day: date, language: Language, console: Console) -> None:
    row = conn.execute(
        "select counterparty.code, document.key from document join counterparty on counterparty.id = document.counterparty_id"
        " where document.status = 'posted' and document.kind = 'payment_from_customer' order by document.moment desc limit 1"
    ).fetchone()
    counterparty, document = row or ("CODE", "KEY")
    console.print()
    console.print(Text(text(language, "demo-next"), style="bold"))
    for step in NEXT_STEPS:
        command = step.format(organization=house.code, counterparty=counterparty, document=document, day=day.isoformat())
        console.print(Text(f"  {command}"), soft_wrap=True)


def _picked(report: Report, *keys: str) -> list[Column]:
    """Columns of the report by key, in this order."""
    columns = {column.key: column for column in report.columns}
    return [columns[key] for key in keys]


def _print(console: Console, title: str, columns: Sequence[Column], rows: Sequence[Any], language: Language) -> None:
    table = Table(
        title=title, title_justify="left", title_style="italic", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False,
        padding=(0, 1, 0, 0))
    for column in columns:
        numeric = column.kind in NUMERIC
        table.add_column(heading_text(column, language), justify="right" if numeric else "left", no_wrap=numeric, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell_text(column, row, language)) for column in columns))
    console.print()
    print_whole(table, console)
