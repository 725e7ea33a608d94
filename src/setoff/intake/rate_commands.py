"""`setoff rates`: files of central banks into the rate table, and documents stated again by them."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from setoff.access.commands import acting, say
from setoff.settlements.commands import DryRun, Quiet, print_changes


def rates(
    files: Annotated[list[Path], typer.Argument(help="XML or CSV of a central bank.", exists=True, dir_okay=False, show_default=False)],
    dry_run: DryRun = False,
    quiet: Quiet = False,
) -> None:
    """Take in files of rates: Bank of Russia, European Central Bank, China. What was posted by another rate is stated again."""
    from setoff.intake.rate_files import rates_of
    from setoff.settlements.revaluation.rates import take_rates

    found = [rate for file in files for rate in rates_of(file.read_bytes(), file.name)]
    with acting() as (conn, actor, rights), conn.transaction(force_rollback=True) if dry_run else nullcontext():
        rights.require_administrator()
        taken = take_rates(conn, found, actor)
        say("rates-tried" if dry_run else "rates-taken", **{name: getattr(taken, name) for name in taken._fields[:-1]})
        if not quiet and taken.changes:
            print_changes(conn, taken.changes)
