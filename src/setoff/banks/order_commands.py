"""`setoff bank rules|rule|drop-rule|balance|debts|pay`: added to the commands of banks/commands.py."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from setoff.banks.commands import NO_UNITS, AccountName, OneUnit, OutputFormat, Units, actor, bank, books, echo_json, print_rows

if TYPE_CHECKING:
    import psycopg

    from setoff.banks.matching import Ours

Account = Annotated[str, typer.Option("--account", help="Name or number of the account of ours.")]
Day = Annotated[str, typer.Option(help="YYYY-MM-DD.")]


@bank.command("rules")
def list_rules(unit: Units = NO_UNITS, output_format: OutputFormat = "table") -> None:
    """Your rules, in the order in which they are tried."""
    import msgspec

    from setoff.banks.queries import bank_rules
    from setoff.banks.screen import RULE_HEADINGS, rule_cells
    from setoff.language import default_language

    with books() as conn:
        rows = bank_rules(conn, unit)
    if output_format == "json":
        echo_json([{"id": row.id, **msgspec.structs.asdict(row.record)} for row in rows])
    else:
        print_rows(RULE_HEADINGS, [rule_cells(row, default_language()) for row in rows], ("rule",))


@bank.command("rule")
def add_rule(
    pattern: Annotated[str, typer.Argument(help="Words that stand in the field; * stands for any text between.", show_default=False)],
    unit: OneUnit,
    kind: Annotated[str, typer.Option(help="Kind of the payment, or ignore.")],
    field: Annotated[str, typer.Option(help="purpose, name, account or tax_id.")] = "purpose",
    direction: Annotated[str, typer.Option(help="in, out or any.")] = "any",
    counterparty: str = "",
    contract: str = "",
    ledger_account: Annotated[str, typer.Option(help="Account of the chart, for kinds other_in and other_out.")] = "",
    item: str = "",
    reason: Annotated[str, typer.Option(help="Why nothing is booked (kind ignore).")] = "",
) -> None:
    """Add a rule: which lines are what. It goes before what is found otherwise."""
    from setoff.banks import services
    from setoff.banks.records import BankRule
    from setoff.language import default_language, text

    record = BankRule(unit, field, pattern, kind, direction, counterparty, contract, ledger_account, item, reason)
    with books() as conn:
        rule = services.add_rule(conn, record, actor())
    typer.echo(text(default_language(), "bank-rule-added", rule=rule))


@bank.command("drop-rule")
def drop_rule(rule: Annotated[int, typer.Argument(help="Number of the rule.", show_default=False)]) -> None:
    """Take a rule away. What it proposed and was confirmed stays."""
    from setoff.banks import services

    with books() as conn:
        services.drop_rule(conn, rule, actor())


def account_of_ours(conn: psycopg.Connection[Any], name: str) -> Ours:
    """The account by name or number; the only one needs no name. Errors: unknown_reference, field_missing."""
    from setoff.banks.known import accounts_of_ours
    from setoff.core.errors import DomainError, ErrorCode

    found = [ours for ours in accounts_of_ours(conn) if name in ("", ours.name, ours.number)]
    if len(found) == 1:
        return found[0]
    if not name:
        raise DomainError(ErrorCode.FIELD_MISSING, field="--account")
    raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="bank_account", value=name, field="--account")


@bank.command("balance")
def balance(account: AccountName = "", since: Day = "", until: Day = "", output_format: OutputFormat = "table") -> None:
    """Compare the balance of the bank with that of the books, day by day."""
    from setoff.banks.balances import compared_balances
    from setoff.banks.screen import BALANCE_HEADINGS, balance_cells
    from setoff.language import default_language, text
    from setoff.reports.ask import parse_day

    language = default_language()
    first, last = (parse_day(day, name) if day else None for day, name in ((since, "since"), (until, "until")))
    with books() as conn:
        found = compared_balances(conn, account_of_ours(conn, account), first, last)
    if found is None:
        typer.echo(text(language, "bank-no-balance"))
        return
    if output_format == "json":
        echo_json(found.days)
        return
    print_rows(BALANCE_HEADINGS, [balance_cells(day, found.currency, language) for day in found.days], BALANCE_HEADINGS[1:])
    key = "bank-diverges" if found.diverges_on else "bank-agrees"
    typer.echo(text(language, key, date=found.diverges_on))


@bank.command("debts")
def list_debts(account: AccountName = "", until: Day = "", output_format: OutputFormat = "table") -> None:
    """What we owe in the currency of an account, the earliest due first."""
    from setoff.banks.payables import payables
    from setoff.core.money import Money
    from setoff.language import default_language, fact_text
    from setoff.reports.ask import parse_day

    language = default_language()
    with books() as conn:
        rows = payables(conn, account_of_ours(conn, account), parse_day(until, "until") if until else None)
    if output_format == "json":
        echo_json(rows)
        return
    cells = [
        (
            row.name, row.contract_number, row.number, fact_text(language, "date", row.date), fact_text(language, "date", row.due),
            fact_text(language, "amount", Money(row.amount, row.currency)), row.document,
        )
        for row in rows
    ]  # fmt: skip
    print_rows(("name", "contract", "number", "date", "due", "amount", "document"), cells, ("amount",))


@bank.command("pay")
def pay(
    out: Annotated[Path, typer.Option(help="File of the orders for the bank.", dir_okay=False)],
    documents: Annotated[list[str] | None, typer.Argument(help="Keys of debts to pay, or of payments saved before.")] = None,
    account: Account = "",
    due: Annotated[str, typer.Option(help="Pay all that is due by this day, YYYY-MM-DD.")] = "",
    day: Annotated[str, typer.Option(help="Day of the orders, YYYY-MM-DD. Default: today.")] = "",
    order_format: Annotated[Literal["", "1c", "pain001"], typer.Option(help="Default: by the account.")] = "",
) -> None:
    """Save payments of these debts as drafts and write the orders for the bank."""
    from setoff.banks.payables import Choice, draft_payments, payables, ready_to_order, write_orders
    from setoff.language import default_language, text
    from setoff.reports.ask import parse_day

    now = datetime.now(UTC).astimezone()
    paid_on = parse_day(day, "day") if day else now.date()
    with books() as conn, conn.transaction():
        ours = account_of_ours(conn, account)
        known = conn.execute("select key from document where key = any(%s) and kind = 'payment_to_supplier'", [documents or []])
        saved = {key for (key,) in known}
        choices = [Choice(key) for key in documents or () if key not in saved]
        if due:
            choices += [Choice(debt.document, debt.line) for debt in payables(conn, ours, parse_day(due, "due"))]
        keys = [*(key for key in documents or () if key in saved), *draft_payments(conn, ours, choices, paid_on, actor())]
        ready = ready_to_order(conn, keys)
        if ready or not keys:
            made = write_orders(conn, ready, now, actor(), form=order_format or None)
            out.write_bytes(made.content)
            typer.echo(text(default_language(), "bank-orders-written", count=len(made.orders), file=str(out)))
    for key in (key for key in keys if key not in ready):
        typer.echo(f"{key}: {text(default_language(), 'bank-orders-wait', count=1)}")
