"""`setoff billing`: bill by a price list, undo it, see who has not paid, quote an invoice in another currency, begin with a sample."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from setoff.access.commands import acting, say
from setoff.language.zones import today
from setoff.settlements.commands import DryRun

if TYPE_CHECKING:
    from setoff.billing.services import Wanted

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Bill by a price list: preview, run, undo.")
Unit = Annotated[str, typer.Argument(help="Code of the unit.", show_default=False)]
List = Annotated[str, typer.Argument(help="Code of the price list.", show_default=False)]
Kind = Annotated[
    Literal["month", "operations", "prepayment"],
    typer.Option("--kind", help="Month charges, operations, or bills for what prepaid operations wait for."),
]
First = Annotated[str, typer.Option("--from", help="First day of the services; of month charges a day of the month.", show_default=False)]
Last = Annotated[str, typer.Option("--to", help="Last day of the services. Default: the day of issue.", show_default=False)]
Issued = Annotated[str, typer.Option("--date", help="Date of the invoices. Default: today.", show_default=False)]
Format = Annotated[Literal["table", "json"], typer.Option("--format")]
RunNumber = Annotated[int, typer.Argument(help="Number of the run.", show_default=False)]


@app.command()
def preview(
    unit: Unit, price_list: List, kind: Kind = "month", first: First = "", last: Last = "", issued: Issued = "",
    output_format: Format = "table",
) -> None:  # fmt: skip
    """Show the invoices that would be issued; keep nothing."""
    from setoff.billing import services
    from setoff.billing.telling import told_draft
    from setoff.language import default_language

    wanted = _wanted(unit, price_list, kind, (first, last, issued))
    with acting() as (conn, _actor, rights):
        drafts = services.preview(conn, wanted, rights)
    told = [told_draft(draft, default_language()) for draft in drafts]
    if output_format == "json":
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    if not told:
        say("billing-none")
    for draft in told:
        _print_draft(draft)


@app.command()
def run(
    unit: Unit, price_list: List, kind: Kind = "month", first: First = "", last: Last = "", issued: Issued = "", dry_run: DryRun = False,
    output_format: Format = "table",
) -> None:  # fmt: skip
    """Issue the invoices: post them one after another. What is billed already is left alone."""
    from contextlib import nullcontext

    from setoff.billing import services

    wanted = _wanted(unit, price_list, kind, (first, last, issued))
    with acting() as (conn, actor, rights), conn.transaction(force_rollback=True) if dry_run else nullcontext():
        number = services.start_run(conn, wanted, actor, rights)
        _bill(conn, number, (actor, rights), output_format, dry_run=dry_run)


@app.command("continue")
def go_on(number: RunNumber, output_format: Format = "table") -> None:
    """Take up a run that was stopped."""
    with acting() as (conn, actor, rights):
        _bill(conn, number, (actor, rights), output_format, dry_run=False)


@app.command()
def undo(number: RunNumber, dry_run: DryRun = False) -> None:
    """Take every invoice of a run out of the books again, or none."""
    from contextlib import nullcontext

    from setoff.billing.services import undo_run

    with acting() as (conn, actor, rights), conn.transaction(force_rollback=True) if dry_run else nullcontext():
        count = undo_run(conn, number, actor, rights)
        say("billing-undone", run=number, count=count)


@app.command()
def runs(output_format: Format = "table") -> None:
    """What was billed, newest first."""
    from setoff.billing import queries
    from setoff.billing.telling import told_run

    with acting() as (conn, _actor, rights):
        told = [told_run(found) for found in queries.runs(conn, rights.units_with("read"))]
    columns = ("run", "unit", "price_list", "kind", "first", "last", "issued_on", "invoices", "amount", "currency", "undone_by")
    _print(told, output_format, columns)


@app.command()
def unpaid(unit: Unit, price_list: List, output_format: Format = "table") -> None:
    """Invoices that are not paid, and since when services may be suspended for them."""
    from setoff.billing.queries import unpaid_invoices
    from setoff.billing.telling import told_unpaid

    with acting() as (conn, _actor, rights):
        told = [told_unpaid(row) for row in unpaid_invoices(conn, rights.require("read", unit), price_list)]
    _print(told, output_format, ("number", "issued_on", "contract", "counterparty", "amount", "currency", "suspended_from"))


@app.command()
def quote(
    document: Annotated[str, typer.Argument(help="Key of the invoice.", show_default=False)],
    currency: Annotated[str, typer.Option("--currency", help="Currency it is paid in.")] = "EUR",
    paid_on: Annotated[str, typer.Option("--date", help="Day of the payment. Default: today.", show_default=False)] = "",
    output_format: Format = "table",
) -> None:
    """What pays an invoice in another currency, at the rate of the invoice's date; as JSON with the payment that closes it."""
    import msgspec

    from setoff.billing import paying
    from setoff.core.money import Money, format_amount

    with acting() as (conn, _actor, rights):
        found = paying.quote(conn, document, currency, _day(paid_on, "date"), rights)
    if output_format == "json":
        amount = format_amount(found.amount, found.currency)
        said = {"document": found.invoice, "amount": amount, "currency": found.currency, "payment": msgspec.to_builtins(found.payment)}
        typer.echo(json.dumps(said, ensure_ascii=False, indent=2))
        return
    total, amount_due = Money(found.total, found.book_currency), Money(found.amount, found.currency)
    say("billing-quote", number=found.number, total=total, amount=amount_due, rate=found.rate, date=found.issued_on)


@app.command("tariff-changes")
def tariff_changes(
    price_list: List,
    currency: Annotated[str, typer.Option("--currency", help="The currency whose rate counts.")] = "USD",
    on: Annotated[str, typer.Option("--date", help="Day of the notice. Default: today.", show_default=False)] = "",
    output_format: Format = "table",
) -> None:
    """From when changed tariffs may hold under each contract: at once where the rate fell by more than the list allows."""
    from setoff.billing import paying

    with acting() as (conn, _actor, rights):
        changes = paying.tariff_changes(conn, price_list, currency, _day(on, "date"), rights)
    told = [
        {
            "contract": change.contract, "name": change.name, "rate_then": _number(change.at_contract), "rate_now": _number(change.now),
            "limit": _number(change.limit), "at_once": change.at_once, "earliest": change.earliest.isoformat(),
        }
        for change in changes
    ]  # fmt: skip
    _print(told, output_format, ("contract", "name", "rate_then", "rate_now", "limit", "earliest"))


@app.command()
def template(
    name: Annotated[Literal["depository", "saas"], typer.Argument(help="Which sample.", show_default=False)],
    organization: Annotated[str, typer.Argument(help="Code of the organization.", show_default=False)],
    code: Annotated[str, typer.Option("--code", help="Code of the price list. Default: the name of the sample.")] = "",
    valid_from: Annotated[str, typer.Option("--from", help="First day, YYYY-MM-DD. Default: that of the sample.")] = "",
    currency: Annotated[str, typer.Option("--currency", help="Default: that of the sample.")] = "",
) -> None:
    """Print a sample price list as a record for `setoff import`: change its figures, then import it."""
    import msgspec

    from setoff.billing.samples import sample
    from setoff.language import default_language

    record = sample(name, organization, language=default_language(), code=code, valid_from=valid_from, currency=currency)
    typer.echo(msgspec.json.encode(record).decode())


def _wanted(unit: str, price_list: str, kind: Literal["month", "operations", "prepayment"], said: tuple[str, str, str]) -> Wanted:
    from setoff.billing.days import month_of
    from setoff.billing.services import wanted_of

    first, last, issued = said
    issued_on = _day(issued, "date")
    begins = _day(first, "from") if first else month_of(month_of(issued_on).fromordinal(month_of(issued_on).toordinal() - 1))
    return wanted_of(unit, price_list, kind, (begins, _day(last, "to") if last else issued_on), issued_on)


def _day(said: str, field: str) -> date:
    from setoff.reports.ask import parse_day

    return parse_day(said, field) if said else today()


def _bill(conn: Any, number: int, who: tuple[Any, Any], output_format: str, *, dry_run: bool) -> None:
    """With a bar where a person looks on, and a line for each. Ends with 1 when one was refused."""
    from rich.console import Console
    from rich.progress import track

    from setoff.billing.services import bill_each
    from setoff.billing.telling import told_result
    from setoff.language import default_language, text

    language = default_language()
    count, done = bill_each(conn, number, *who)
    console = Console(stderr=True)
    results = list(track(done, text(language, "menu-billing"), count, console=console, disable=not console.is_terminal))
    told = [told_result(result, language) for result in results]
    if output_format == "json":
        typer.echo(json.dumps({"run": number, "kept": not dry_run, "invoices": told}, ensure_ascii=False, indent=2))
    else:
        say("billing-dry-run" if dry_run else "billing-run-started", run=number)
        for row in told:
            state = text(language, f"billing-{row['state']}")
            why = f" ({row['text']})" if row["text"] else ""
            typer.echo(f"{row['contract']} {row['counterparty']} {row['number']}: {row['amount']} {row['currency']}, {state}{why}")
        counts = {name: sum(result.state == name for result in results) for name in ("posted", "waits", "refused")}
        say("billing-finished", **counts)
    if any(result.state == "refused" for result in results):
        raise typer.Exit(1)


def _print_draft(draft: dict[str, Any]) -> None:
    typer.echo(f"{draft['contract']} {draft['counterparty']}: {draft['amount']} {draft['currency']}, {_title('due')} {draft['due']}")
    for charge in draft["charges"]:
        vat = f" + {charge['vat']}" if charge["vat_rate"] else ""
        typer.echo(f"  {charge['name']}: {charge['net']}{vat}")
    for refused in draft["refused"]:
        typer.echo(f"  - {refused['what']}: {refused['text']}")
    for note in draft["notes"]:
        typer.echo(f"  * {note}")


def _title(name: str) -> str:
    from setoff.language import default_language, has_text, text

    language = default_language()
    said = name.replace("_", "-")
    own = {
        "run": "column-number", "unit": "field-unit", "kind": "billing-kind", "first": "billing-first", "last": "billing-last",
        "issued-on": "billing-run-issued", "invoices": "billing-run-invoices", "amount": "field-amount", "currency": "field-currency",
        "undone-by": "billing-undo", "number": "field-number", "contract": "field-contract", "counterparty": "field-counterparty",
        "name": "field-counterparty", "limit": "billing-rate-limit",
    }.get(said, f"billing-{said}")  # fmt: skip
    return text(language, own if has_text(language, own) else "field-number")


def _number(value: Any) -> str:
    return "" if value is None else format(value.normalize(), "f")


def _print(told: Sequence[dict[str, Any]], output_format: str, columns: Sequence[str]) -> None:
    from setoff.language.screen import print_rows

    if output_format == "json":
        typer.echo(json.dumps(list(told), ensure_ascii=False, indent=2))
        return
    figures = [place for place, name in enumerate(columns) if name in ("amount", "invoices", "rate_then", "rate_now", "limit")]
    print_rows([_title(name) for name in columns], [[str(row[name]) for name in columns] for row in told], figures=figures)
