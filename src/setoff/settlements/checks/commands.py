"""`setoff check`: run the control checks and tell what they found."""

from __future__ import annotations

import getpass
import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    import psycopg

    from setoff.language import Language
    from setoff.settlements.checks import Result, Row

SHOWN = 20
"""Rows of one check that the table shows; JSON has all."""


def check(
    code: Annotated[list[str] | None, typer.Option(help="Only this check (C-4.2, I9 ...); may be repeated.")] = None,
    unit: Annotated[str, typer.Option(help="Code of the unit; all by default.")] = "",
    first: Annotated[bool, typer.Option("--first-divergence", help="Find the document where each error first arose.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the results for the page of checks, unit by unit.")] = False,
    output_format: Annotated[Literal["table", "json"], typer.Option("--format")] = "table",
) -> None:
    """Run the control checks. Ends with 1 when a law is broken; lists of things to look at do not count."""
    from setoff.language import default_language
    from setoff.settlements.checks import Result, first_divergence, run_checks
    from setoff.site import database

    language = default_language()
    database.prepare()
    with database.connect() as conn:
        results = run_checks(conn, code or [], unit or None)
        if keep:
            keep_results(conn, results, unit)
        if first:
            results = [Result(item.check, [first_divergence(conn, item.check, row) for row in item.rows]) for item in results]
    if output_format == "json":
        typer.echo(json_text(results, language))
    else:
        print_results(results, language)
    if broken(results):
        raise typer.Exit(1)


def keep_results(conn: psycopg.Connection[Any], results: list[Result], unit: str) -> None:
    """Each of these checks is run and kept in the unit, or in every one."""
    from setoff.books.audit import Actor
    from setoff.settlements.checks.results import keep_check

    actor = Actor(getpass.getuser(), "cli")
    codes = [unit] if unit else [code for (code,) in conn.execute("select code from unit order by code").fetchall()]
    for item in results:
        keep_check(conn, item.check.code, codes, actor)


def broken(results: list[Result]) -> list[Result]:
    """The checks of state error that found rows."""
    return [item for item in results if item.rows and item.check.state == "error"]


def json_text(results: list[Result], language: Language) -> str:
    from setoff.language import text

    told = [
        {
            "code": item.check.code,
            "state": item.check.state,
            "title": text(language, item.check.text_key),
            "rows": [row._asdict() for row in item.rows],
        }
        for item in results
    ]
    return json.dumps(told, default=str, ensure_ascii=False, indent=2)


def print_results(results: list[Result], language: Language) -> None:
    """A line a check; under it the rows it found, why that matters and what to do."""
    from rich.console import Console
    from rich.table import Table

    from setoff.language import text

    console = Console(highlight=False, emoji=False, soft_wrap=True)
    console.width = max(console.width, 160)
    for item in results:
        state = "ok" if not item.rows else item.check.state
        console.print(f"{item.check.code:13} {text(language, f'checks-{state}'):9} {text(language, item.check.text_key)}", markup=False)
        if not item.rows:
            continue
        table = Table(box=None, padding=(0, 2, 0, 2))
        for heading in ("unit", "key", "expected", "actual", "difference", "document"):
            is_amount = heading in ("expected", "actual", "difference")
            table.add_column(text(language, f"checks-{heading}"), justify="right" if is_amount else "left", no_wrap=True)
        for row in item.rows[:SHOWN]:
            table.add_row(*cells(row, language))
        console.print(text(language, f"{item.check.text_key}-reason"), markup=False)
        console.print(table, soft_wrap=False)
        if len(item.rows) > SHOWN:
            console.print(text(language, "checks-more", count=len(item.rows) - SHOWN))
        console.print(text(language, "checks-do", mend=text(language, f"{item.check.text_key}-mend")), markup=False)
    failed = len(broken(results))
    console.print(text(language, "checks-failed", count=failed) if failed else text(language, "checks-passed", count=len(results)))


def cells(row: Row, language: Language) -> list[str]:
    from setoff.language import fact_text, money_text

    def shown(value: str | int | None) -> str:
        if value is None:
            return ""
        return money_text(language, int(value), row.currency) if row.currency else str(value)

    document = ""
    if row.document is not None:
        document = f"{fact_text(language, 'kind', row.kind)} {row.number} {fact_text(language, 'date', row.date)}"
    difference = f"{shown(row.difference)} {row.currency}" if row.currency else shown(row.difference)
    return [row.unit or "", row.key, shown(row.expected), shown(row.actual), difference, document]
