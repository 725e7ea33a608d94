"""`setoff bank ...`: accounts, lines, proposals, rules, balances, payment orders; and `setoff import` for files of banks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from setoff.intake.commands import import_files as import_records

if TYPE_CHECKING:
    import psycopg

    from setoff.banks.claims import Confirmed, Proposed
    from setoff.banks.services import Imported
    from setoff.books.audit import Actor

bank = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Bank statements: whose the lines are, and payment orders.")
OutputFormat = Annotated[Literal["table", "json"], typer.Option("--format")]
Units = Annotated[list[str], typer.Option("--unit", help="Code of a unit; may be repeated. Default: all.")]
OneUnit = Annotated[str, typer.Option("--unit", help="Code of the unit.")]
AccountName = Annotated[str, typer.Option("--account", help="Name or number of an account of ours. Default: all.")]
LineId = Annotated[int, typer.Argument(help="Number of the line.", show_default=False)]
LineIds = Annotated[list[int], typer.Argument(help="Numbers of the lines.", show_default=False)]
NO_UNITS: list[str] = []
NO_LINES: list[int] = []


@wraps(import_records)
def import_files(files: list[Path], **options: Any) -> None:
    """Bring records in: documents and master data, from JSON Lines or from tables with a mapping; and statements of banks."""
    from setoff.banks.formats import HEAD_BYTES, recognise_format

    statements = []
    for path in files:
        if path.is_file():
            with path.open("rb") as stream:
                if recognise_format(stream.read(HEAD_BYTES)):
                    statements.append(path)
    if statements:
        import_statement_files(statements, dry_run=bool(options.get("dry_run")))
    others = [path for path in files if path not in statements]
    if others or not statements:
        import_records(others, **options)


def import_statement_files(paths: Sequence[Path], *, dry_run: bool) -> None:
    """Lines of the statements are in, and proposed. Prints what came and what is proposed."""
    from setoff.banks.claims import propose_lines
    from setoff.banks.services import import_statements
    from setoff.language import default_language, text
    from setoff.site import database

    database.prepare()
    with database.connect() as conn, conn.transaction(force_rollback=dry_run):
        for path in paths:
            for imported in import_statements(conn, path.read_bytes(), path.name, actor("import")):
                _tell_imported(imported)
        proposed = propose_lines(conn)
    _tell_proposed(proposed)
    if dry_run:
        typer.echo(text(default_language(), "import-would"))


def _tell_imported(imported: Imported) -> None:
    from setoff.banks.telling import finding_text
    from setoff.language import default_language, text

    language = default_language()
    statement = imported.statement
    key = "bank-imported-before" if imported.was_known else "bank-imported"
    typer.echo(
        text(
            language, key, account=imported.account, since=statement.first_day, until=statement.last_day, new=imported.new_lines,
            known=imported.known_lines,
        )
    )  # fmt: skip
    for finding in statement.findings:
        typer.echo("  ! " + finding_text(language, finding))


def _tell_proposed(proposed: Proposed) -> None:
    from setoff.language import default_language, text

    typer.echo(text(default_language(), "bank-proposed", **proposed._asdict()))


def actor(origin: str = "cli") -> Actor:
    import getpass

    from setoff.books.audit import Actor

    return Actor(getpass.getuser(), origin)


@contextmanager
def books() -> Iterator[psycopg.Connection[Any]]:
    from setoff.site import database

    database.prepare()
    with database.connect() as conn:
        yield conn


def print_rows(headings: Sequence[str], rows: Sequence[Sequence[Any]], numeric: Sequence[str] = ()) -> None:
    from setoff.language import default_language, screen, text

    titles = [text(default_language(), f"bank-{heading}") for heading in headings]
    figures = [place for place, heading in enumerate(headings) if heading in numeric]
    screen.print_rows(titles, [[str(cell) for cell in row] for row in rows], figures=figures)


def echo_json(rows: Sequence[Any]) -> None:
    typer.echo(json.dumps([row if isinstance(row, dict) else row._asdict() for row in rows], default=str, ensure_ascii=False, indent=2))


@bank.command("account")
def save_account(
    number: Annotated[str, typer.Argument(help="IBAN or number of the account.", show_default=False)],
    unit: OneUnit,
    currency: Annotated[str, typer.Option(help="Currency of the account.")],
    name: Annotated[str, typer.Option(help="How payments call it (field bank_account). Default: the number.")] = "",
    bic: str = "",
    bank_name: Annotated[str, typer.Option("--bank", help="Name of the bank.")] = "",
    correspondent: Annotated[str, typer.Option(help="The bank's own account at the central bank (Russia).")] = "",
) -> None:
    """Add an account of ours, or change what is said of it."""
    from setoff.banks import services
    from setoff.banks.records import BankAccount
    from setoff.language import default_language, text

    with books() as conn:
        services.save_account(conn, BankAccount(unit, number, currency, name, bic, bank_name, correspondent), actor())
    typer.echo(text(default_language(), "bank-account-saved", account=name or number))


@bank.command("party-account")
def save_party_account(
    counterparty: Annotated[str, typer.Argument(help="Code of the counterparty.", show_default=False)],
    number: Annotated[str, typer.Argument(help="IBAN or number of its account.", show_default=False)],
    unit: OneUnit,
    bic: str = "",
    bank_name: Annotated[str, typer.Option("--bank", help="Name of the bank.")] = "",
    correspondent: str = "",
) -> None:
    """Say where a party is paid; lines from that account are its."""
    from setoff.banks import services
    from setoff.banks.records import CounterpartyAccount
    from setoff.language import default_language, text

    with books() as conn:
        services.save_party_account(conn, CounterpartyAccount(unit, counterparty, number, bic, bank_name, correspondent), actor())
    typer.echo(text(default_language(), "bank-account-saved", account=number))


@bank.command("accounts")
def list_accounts(unit: Units = NO_UNITS, output_format: OutputFormat = "table") -> None:
    """Our accounts with the newest balance of the bank and what waits."""
    from setoff.banks.queries import bank_accounts
    from setoff.core.money import Money
    from setoff.language import ABSENT, default_language, fact_text

    language = default_language()
    with books() as conn:
        rows = bank_accounts(conn, unit)
    if output_format == "json":
        echo_json(rows)
        return
    cells = [
        (
            row.unit, row.name, row.number, fact_text(language, "date", row.last_day),
            ABSENT if row.balance is None else fact_text(language, "amount", Money(row.balance, row.currency)), row.proposed, row.unclaimed,
        )
        for row in rows
    ]  # fmt: skip
    headings = ("unit", "account", "number", "until", "balance", "proposed-count", "unclaimed")
    print_rows(headings, cells, headings[4:])


@bank.command("lines")
def list_lines(
    unit: Units = NO_UNITS,
    account: AccountName = "",
    state: Annotated[list[str], typer.Option(help="pending, unclaimed, proposed, booked, ignored; may be repeated.")] = NO_UNITS,
    words: Annotated[str, typer.Option(help="Words of the name or the purpose.")] = "",
    output_format: OutputFormat = "table",
) -> None:
    """Lines with what is proposed and why. By default those that wait."""
    from setoff.banks.queries import LineFilter, bank_lines
    from setoff.banks.screen import LINE_HEADINGS, line_cells
    from setoff.language import default_language

    language = default_language()
    chosen: Any = state or (["unclaimed", "proposed", "pending"] if not words else [])
    with books() as conn:
        rows = bank_lines(conn, LineFilter(units=unit, account=account, states=chosen, words=words))
    if output_format == "json":
        echo_json(rows)
        return
    print_rows(LINE_HEADINGS, [line_cells(row, language) for row in rows], ("line", "amount", "confidence"))


@bank.command("propose")
def propose(unit: Units = NO_UNITS, account: AccountName = "") -> None:
    """Propose again whose the open lines are, by the books as they are now."""
    from setoff.banks.claims import propose_lines

    with books() as conn:
        _tell_proposed(propose_lines(conn, unit, account))


@bank.command("confirm")
def confirm(
    lines: LineIds = NO_LINES,
    sure: Annotated[bool, typer.Option("--sure", help="All that are sure enough to need no look.")] = False,
    unit: Units = NO_UNITS,
    account: AccountName = "",
) -> None:
    """Book the payments proposed for these lines."""
    from setoff.banks.claims import confirm_lines, sure_lines

    with books() as conn:
        ids = [*lines, *(sure_lines(conn, unit, account) if sure else ())]
        done = confirm_lines(conn, ids, actor())
    _tell_confirmed(done)


def _tell_confirmed(done: Sequence[Confirmed]) -> None:
    from setoff.language import default_language, error_text, mend_text, text

    language = default_language()
    for found in done:
        if found.refusal is not None:
            typer.echo(text(language, "bank-refused", line=found.line_id), err=True)
            typer.echo(f"  {found.refusal.code.value}: {error_text(language, found.refusal)}", err=True)
            typer.echo(f"  {text(language, 'refusal-mend', mend=mend_text(language, found.refusal))}", err=True)
    booked = sum(found.refusal is None for found in done)
    typer.echo(text(language, "bank-confirmed", count=booked))
    if booked < len(done):
        raise typer.Exit(1)


@bank.command("unconfirm")
def unconfirm(line: LineId) -> None:
    """Take the payment of a line out of the books again."""
    from setoff.access.approvals import Pending
    from setoff.banks.claims import unconfirm_line
    from setoff.language import default_language, text

    with books() as conn:
        outcome = unconfirm_line(conn, line, actor())
    if isinstance(outcome, Pending):
        typer.echo(text(default_language(), "bank_line_pending", line=line, number=outcome.approval_id))
    else:
        typer.echo(text(default_language(), "bank-unconfirmed", line=line, number=outcome.number))


@bank.command("assign")
def assign(
    line: LineId,
    counterparty: Annotated[str, typer.Argument(help="Code of the counterparty.", show_default=False)],
    contract: Annotated[str, typer.Option(help="Code of the contract.")] = "",
) -> None:
    """Say whose a line is; what it settles is proposed and printed as JSON."""
    import msgspec

    from setoff.banks.claims import assign_line

    with books() as conn:
        typer.echo(msgspec.json.encode(assign_line(conn, line, counterparty, actor(), contract=contract)).decode())


@bank.command("claim")
def claim(line: LineId, file: Annotated[str, typer.Argument(help="File with the payment as JSON (- = standard input).")]) -> None:
    """Say what a line is: a payment as JSON, of the line's amount and direction."""
    import msgspec

    from setoff.banks.claims import claim_line
    from setoff.core.errors import DomainError, ErrorCode
    from setoff.settlements.commands import document_of
    from setoff.trade.documents import Payment

    payment = document_of(file)
    if not isinstance(payment, Payment):
        raise DomainError(ErrorCode.INVALID_VALUE, field="type", value=file, expected="payment")
    with books() as conn:
        typer.echo(msgspec.json.encode(claim_line(conn, line, payment, actor())).decode())


@bank.command("ignore")
def ignore(lines: LineIds, reason: Annotated[str, typer.Option(help="Why nothing is booked.")]) -> None:
    """Book nothing of these lines."""
    from setoff.banks.claims import ignore_line

    with books() as conn, conn.transaction():
        for line in lines:
            ignore_line(conn, line, reason, actor())


@bank.command("restore")
def restore(lines: LineIds) -> None:
    """Open ignored lines again, and forget what was said of open ones."""
    from setoff.banks.claims import restore_line

    with books() as conn, conn.transaction():
        for line in lines:
            restore_line(conn, line, actor())
