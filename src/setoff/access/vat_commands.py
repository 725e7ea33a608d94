"""`setoff vat show|set|rate|decide`: VAT on advances as a unit keeps it, the rate of a contract, and what a person decides."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated, Literal

import typer

from setoff.access.commands import acting, say
from setoff.settlements.commands import DryRun, Key, Quiet, print_changes

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="VAT on advances: how a unit keeps it, and decisions.")
Unit = Annotated[str, typer.Argument(help="Code of the unit.", show_default=False)]


@app.command()
def show(unit: Unit) -> None:
    """How a unit keeps VAT on advances."""
    from setoff.language import default_language, fact_text, text
    from setoff.settlements.advance_vat.services import policy_of

    with acting() as (conn, _actor, _rights):
        policy = policy_of(conn, unit)
    language = default_language()
    since = fact_text(language, "date", policy.since) if policy.since else text(language, "vat-from-the-beginning")
    words = {name: text(language, f"choice-{name}-{value}".replace("_", "-")) for name, value in (
        ("vat-on-advances", policy.window), ("vat-on-set-off", policy.set_off),
    )}  # fmt: skip
    typer.echo(text(language, "vat-policy", unit=unit, window=words["vat-on-advances"], since=since, set_off=words["vat-on-set-off"]))


@app.command("set")
def set_policy(
    unit: Unit,
    window: Annotated[Literal["off", "same_day", "five_days", "tax_period"], typer.Option(help="When an advance has VAT.")] = "same_day",
    since: Annotated[str, typer.Option("--from", help="First day whose advances have it, YYYY-MM-DD. Default: all.")] = "",
    set_off: Annotated[Literal["terminated", "always"], typer.Option(help="Deducted on a set-off between contracts.")] = "terminated",
    dry_run: DryRun = False,
    quiet: Quiet = False,
) -> None:
    """Keep VAT on advances so; what that moves in the books is told."""
    from setoff.settlements.advance_vat.services import Policy, set_vat_policy
    from setoff.trade.fields import day_or_none

    policy = Policy(window, day_or_none(since, "from"), set_off)
    with acting() as (conn, actor, rights), conn.transaction(force_rollback=True) if dry_run else nullcontext():
        rights.require_administrator()
        moved = set_vat_policy(conn, unit, policy, actor)
        say("vat-tried" if dry_run else "vat-set", unit=unit, count=len(moved.changes))
        if not quiet and moved.changes:
            print_changes(conn, moved.changes)


@app.command()
def rate(
    contract: Annotated[str, typer.Argument(help="Code of the contract.", show_default=False)],
    percent: Annotated[str, typer.Argument(help="A percentage, none, or general (that of the day).", show_default=False)],
    dry_run: DryRun = False,
    quiet: Quiet = False,
) -> None:
    """The VAT rate of the advances of a contract, those of the past too."""
    from setoff.settlements.advance_vat.services import set_contract_vat

    with acting() as (conn, actor, rights), conn.transaction(force_rollback=True) if dry_run else nullcontext():
        rights.require_administrator()
        moved = set_contract_vat(conn, contract, "" if percent == "general" else percent, actor)
        say("vat-tried" if dry_run else "vat-set", unit=contract, count=len(moved.changes))
        if not quiet and moved.changes:
            print_changes(conn, moved.changes)


@app.command()
def decide(
    document: Key,
    decision: Annotated[Literal["deduct", "expense"], typer.Argument(help="What becomes of its pending VAT.", show_default=False)],
    day: Annotated[str, typer.Option("--date", help="Day of the decision, YYYY-MM-DD. Default: today.")] = "",
) -> None:
    """Decide the pending VAT of a refund or a set-off: posts a document, which may be unposted. Pending: `setoff report pending-vat`."""
    from datetime import UTC, datetime

    from setoff.access import approvals
    from setoff.settlements.advance_vat.services import decision_on
    from setoff.settlements.commands import print_outcome

    with acting() as (conn, actor, rights):
        said = decision_on(conn, document, decision, day or datetime.now(UTC).date().isoformat())
        outcome = approvals.post(conn, said, actor, rights)
        assert not isinstance(outcome, approvals.Pending), "no policy asks a second person for it"
        print_outcome(conn, outcome, False, "document-changed")
