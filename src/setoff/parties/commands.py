"""`setoff contracts ...`: contracts about to end, the status of many, contracts made from agreements."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from setoff.parties.contract_status import Status

if TYPE_CHECKING:
    from setoff.books.audit import Actor
    from setoff.parties.contract_status import StatusChanges

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Contracts: about to end, status of many, made from an agreement.")
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change; keep nothing.")]


def actor() -> Actor:
    import getpass

    from setoff.books.audit import Actor

    return Actor(getpass.getuser(), "cli")


@app.command("expiring")
def list_expiring(
    within: Annotated[int, typer.Option(help="Days from --as-of; contracts that have ended are listed too.", min=0, max=3650)] = 30,
    as_of: Annotated[str, typer.Option("--as-of", help="Day to count from, YYYY-MM-DD. Default: today.")] = "",
    codes: Annotated[bool, typer.Option("--codes", help="Codes alone, one a line, for set-status.")] = False,
) -> None:
    """Active contracts that end soon, with what is open on them."""


    from setoff.core.errors import DomainError, ErrorCode
    from setoff.core.money import format_amount
    from setoff.parties.expiring import expiring_contracts
    from setoff.site import database

    try:
        day = date.fromisoformat(as_of) if as_of else datetime.now(UTC).date()
        until = day + timedelta(days=within)
    except (ValueError, OverflowError):
        raise DomainError(ErrorCode.INVALID_DATE, field="as-of", value=as_of) from None
    database.prepare()
    with database.connect() as conn:
        units = [row[0] for row in conn.execute("select id from unit")]
        for row in expiring_contracts(conn, until, units):
            if codes:
                typer.echo(row.code)
                continue
            owed, owing = format_amount(row.owed, row.currency), format_amount(row.owing, row.currency)
            typer.echo(
                f"{row.valid_to}\t{row.code}\t{row.number}\t{row.counterparty}\t{row.manager}\t+{owed}\t-{owing}\t{row.currency}"
            )


@app.command("set-status")
def set_status(
    status: Annotated[Status, typer.Argument(help="draft, active or closed.", show_default=False)],
    codes: Annotated[list[str], typer.Argument(help="Codes of contracts.", show_default=False)],
    consent: Annotated[bool, typer.Option("--consent", help="Close also what is not settled; the audit trail keeps it.")] = False,
    skip_refused: Annotated[bool, typer.Option("--skip-refused", help="Change the others when some are refused; else none.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Give contracts a status. Prints what becomes of each, and why one is refused."""
    from setoff.parties.contract_status import set_contract_status
    from setoff.site import database

    database.prepare()
    with database.connect() as conn:
        done = set_contract_status(conn, codes, status, actor(), consent=consent, skip_refused=skip_refused, dry_run=dry_run)
    _tell(done)
    if done.refused and not (done.kept or dry_run):
        raise typer.Exit(1)


def _tell(done: StatusChanges) -> None:
    from setoff.language import default_language, error_text, text

    language = default_language()
    for row in done.rows:
        said = error_text(language, row.error) if row.error else text(language, f"status-{row.outcome}")
        typer.echo(f"{row.code}\t{row.number}\t{said}")
    typer.echo(text(language, "status-kept" if done.kept else "status-not-kept"))


@app.command("from-agreement")
def from_agreement(
    agreement: Annotated[str, typer.Argument(help="Code of the agreement.", show_default=False)],
    code: Annotated[str, typer.Option(help="Code of the new contract.", show_default=False)],
    number: Annotated[str, typer.Option(help="Its number.", show_default=False)],
    organization: Annotated[str, typer.Option(help="Code of our organization.", show_default=False)],
    counterparty: Annotated[str, typer.Option(help="Code of the other party.", show_default=False)],
    day: Annotated[str, typer.Option("--date", help="Date of the contract, YYYY-MM-DD. Default: today.")] = "",
    dry_run: DryRun = False,
) -> None:
    """Make a contract from an agreement: it takes its currency, stages, manager and validity. Prints it as JSON."""
    import msgspec

    from setoff.parties.from_agreement import make_contract
    from setoff.parties.records import Contract
    from setoff.site import database

    said = Contract(
        code=code, number=number, organization=organization, counterparty=counterparty, currency="",
        date=day or datetime.now(UTC).date().isoformat(),
    )  # fmt: skip
    database.prepare()
    with database.connect() as conn:
        made = make_contract(conn, agreement, said, actor(), dry_run=dry_run)
    typer.echo(msgspec.json.encode(made).decode())
