"""`setoff revalue`: debts in foreign currency at the end of every month up to one."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from setoff.access.commands import acting, say
from setoff.books.commands import LastDay, day_of
from setoff.core.errors import DomainError, ErrorCode
from setoff.settlements.commands import DryRun, Quiet, print_changes

if TYPE_CHECKING:
    from setoff.settlements.revaluation.services import Typed


def revalue(
    unit: Annotated[str, typer.Argument(help="Code of the unit.", show_default=False)],
    last_day: LastDay,
    rate: Annotated[list[str] | None, typer.Option(help="A rate typed for that day: EUR=71.20, or JPY=61.23/100 for a hundred.")] = None,
    dry_run: DryRun = False,
    quiet: Quiet = False,
) -> None:
    """Revalue debts in foreign currency at the end of every month up to that day; said again, put right what a corrected
    rate changes."""
    from setoff.settlements.revaluation import services
    from setoff.settlements.revaluation.months import old_rates

    typed = typed_rates(rate or [])
    with acting() as (conn, actor, rights), conn.transaction(force_rollback=True) if dry_run else nullcontext():
        rights.require("post", unit)
        found = services.revalue(conn, unit, day_of(last_day), actor, typed)
        say("revaluation-tried" if dry_run else "revaluation-made", unit=unit, count=len(found.made))
        for day, old in old_rates(conn, rights.unit_codes[unit], day_of(last_day)):
            say("revaluation-old-rate", unit=unit, day=day, currency=old.currency, date=old.date)
        if not quiet and found.changes:
            print_changes(conn, found.changes)


def typed_rates(said: list[str]) -> dict[str, Typed]:
    """Errors: invalid_value."""
    from setoff.settlements.revaluation.services import Typed

    typed = {}
    for text in said:
        currency, equals, number = text.partition("=")
        if not equals:
            raise DomainError(ErrorCode.INVALID_VALUE, field="rate", value=text, expected="EUR=71.20")
        rate, _slash, nominal = number.partition("/")
        typed[currency] = Typed(rate, nominal or "1")
    return typed
