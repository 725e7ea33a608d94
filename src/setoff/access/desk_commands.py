"""`setoff allocate`: the allocation desk from the command line."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated, Any

import typer

from setoff.access.commands import acting

if TYPE_CHECKING:
    import psycopg

    from setoff.settlements.allocate import Put
    from setoff.settlements.desk_queries import Pair


def allocate(
    counterparty: Annotated[str, typer.Option("--counterparty", help="Code of the counterparty.", show_default=False)],
    unit: Annotated[str, typer.Option("--unit", help="Code of the unit.", show_default=False)],
    currency: Annotated[str, typer.Option("--currency", help="Settlement currency.", show_default=False)],
    relation: Annotated[str, typer.Option("--relation", help="Relation: buyer, supplier ...")] = "buyer",
    contract: Annotated[str, typer.Option("--contract", help="Only this contract (code).")] = "",
    put: Annotated[list[str] | None, typer.Option("--put", help="PAYMENT=DOCUMENT:AMOUNT, by keys; several are allowed.")] = None,
    payer: Annotated[bool, typer.Option("--payer", help="The payer named it: binds both contours.")] = False,
    post: Annotated[bool, typer.Option("--post", help="Do it; without, the effect is only shown.")] = False,
    consent: Annotated[bool, typer.Option("--consent", help="Cut down targets of later documents where they no longer fit.")] = False,
) -> None:
    """Put free money to open debts: as proposed, or as named by --put. Shows what changes; --post does it."""
    from setoff.access import approvals as gate
    from setoff.language import default_language, text
    from setoff.settlements.allocate import named_put, wanted_puts
    from setoff.settlements.commands import print_changes
    from setoff.settlements.desk_queries import Pair

    language = default_language()
    with acting() as (conn, actor, rights):
        unit_id = rights.require("post" if post else "read", unit)
        pair = Pair(relation, currency)
        if put:
            puts = wanted_puts(conn, unit_id, counterparty, pair, map(named_put, put))
        else:
            puts = _proposed(conn, unit_id, counterparty, pair, contract)
        if not puts:
            typer.echo(text(language, "desk-nothing"))
            return
        with nullcontext() if post else conn.transaction(force_rollback=True):
            done, waiting = gate.allocate(
                conn, puts, currency, actor, rights, named_by="payer" if payer else "internal", consent=consent
            )
            typer.echo(text(language, "desk-done" if post else "desk-tried", count=len(done.payments) - len(waiting)))
            for pending in waiting:
                typer.echo(text(language, "approval-asked", number=pending.number))
            print_changes(conn, done.changes)


def _proposed(conn: psycopg.Connection[Any], unit_id: int, counterparty: str, pair: Pair, contract: str) -> list[Put]:
    """What fits, told as it is found."""
    from setoff.core.money import Money
    from setoff.language import default_language, fact_text, text
    from setoff.settlements.allocate import put_of
    from setoff.settlements.desk import propose
    from setoff.settlements.desk_queries import Side, desk

    language = default_language()
    side = desk(conn, unit_id, counterparty, contract).get(pair, Side([], []))
    matches = propose(side.debts, side.money)
    for match in matches:
        debt, money = side.debts[match.debt], side.money[match.money]
        reason = text(language, "rule-" + match.rule.name.lower().replace("_", "-"))
        amount = fact_text(language, "amount", Money(match.amount, pair.currency))
        names = [f"{fact_text(language, 'kind', item.kind)} {item.number}" for item in (money, debt)]
        typer.echo(f"{names[0]} -> {names[1]}: {amount} ({reason})")
    return [put_of(side.money[match.money], side.debts[match.debt], match.amount) for match in matches]
