"""`setoff unit-policies show|set`: what a unit decided of what law and practice leave open."""

from __future__ import annotations

from typing import Annotated

import typer

from setoff.access.commands import acting, say

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="What a unit decided of what law and practice leave open.")
Unit = Annotated[str, typer.Argument(help="Code of the unit.", show_default=False)]


@app.command()
def show(unit: Unit) -> None:
    """All policies of a unit: name, value, default, why and by which source."""
    from setoff.language import default_language, text
    from setoff.parties.policies import unit_policies

    language = default_language()
    with acting() as (conn, _actor, rights):
        rights.require("read", unit)
        found = unit_policies(conn, unit)
    for policy in found:
        key = "switch-" + policy.name.replace("_", "-")
        typer.echo(f"{policy.name}\t{policy.value or '-'}\t{policy.default or '-'}\t{text(language, key)}")
        typer.echo(f"  {text(language, key + '-reason')} {text(language, key + '-source')}")


@app.command("set")
def set_policy(
    unit: Unit,
    name: Annotated[str, typer.Argument(help="Name of a policy, as show tells it.", show_default=False)],
    value: Annotated[str, typer.Argument(help='The value; "" is the default again.', show_default=False)],
) -> None:
    """Decide so from now on; what stands in the books stays."""
    from setoff.parties.policies import set_unit_policy

    with acting() as (conn, actor, rights):
        rights.require_administrator()
        changed = set_unit_policy(conn, unit, name, value, actor)
    say("unit-policy-set" if changed else "unit-policy-same", unit=unit)
