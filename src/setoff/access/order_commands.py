"""`setoff orders status`: an order or bill in another status. Lists of them are reports."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated

import typer

from setoff.access.commands import acting, told
from setoff.settlements.commands import DryRun, Key, Quiet

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Orders and bills: their status.")


@app.callback()
def group() -> None:
    """Orders and bills: their status. Lists: setoff report orders, setoff report bills."""


@app.command("status")
def set_order_status(
    key: Key,
    status: Annotated[
        str, typer.Argument(help="Orders: approval, processing, shipment, closed. Bills: issued, annulled.", show_default=False)
    ],
    day: Annotated[str, typer.Option("--approved", help="Day of approval, YYYY-MM-DD. Default: today.")] = "",
    dry_run: DryRun = False,
    consent: Annotated[bool, typer.Option("--consent", help="Also where its stages are not paid; the audit trail keeps it.")] = False,
    quiet: Quiet = False,
) -> None:
    """Give an order or bill another status. Refused while the stages before it are not paid, with what is required, paid and missing."""
    from setoff.access.order_status import set_status
    from setoff.language.zones import today
    from setoff.trade.fields import day_of

    approved = day_of(day, "approved") if day else today()
    with acting() as (conn, actor, rights), conn.transaction(force_rollback=True) if dry_run else nullcontext():
        told(conn, set_status(conn, key, status, approved, actor, rights, consent=consent), quiet=quiet, dry_run=dry_run)
