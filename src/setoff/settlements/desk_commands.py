"""`setoff allocate`: the allocation desk from the command line."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated

import typer


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
    from setoff.core.errors import DomainError, ErrorCode
    from setoff.core.money import Money
    from setoff.language import default_language, fact_text, text
    from setoff.settlements.allocate import allocate, named_puts, put_of
    from setoff.settlements.commands import actor, print_changes
    from setoff.settlements.desk import propose
    from setoff.settlements.desk_queries import Pair, Side, desk
    from setoff.site import database

    language = default_language()
    database.prepare()
    with database.connect() as conn:
        row = conn.execute("select id from unit where code = %s", [unit]).fetchone()
        if row is None:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="unit", value=unit, field="unit")
        pair = Pair(relation, currency)
        if put:
            puts = named_puts(conn, row[0], counterparty, pair, put)
        else:
            side = desk(conn, row[0], counterparty, contract).get(pair, Side([], []))
            matches = propose(side.debts, side.money)
            puts = [put_of(side.money[match.money], side.debts[match.debt], match.amount) for match in matches]
            for match in matches:
                debt, money = side.debts[match.debt], side.money[match.money]
                reason = text(language, "rule-" + match.rule.name.lower().replace("_", "-"))
                amount = fact_text(language, "amount", Money(match.amount, currency))
                names = [f"{fact_text(language, 'kind', item.kind)} {item.number}" for item in (money, debt)]
                typer.echo(f"{names[0]} -> {names[1]}: {amount} ({reason})")
        if not puts:
            typer.echo(text(language, "desk-nothing"))
            return
        with nullcontext() if post else conn.transaction(force_rollback=True):
            done = allocate(conn, puts, currency, actor(), named_by="payer" if payer else "internal", consent=consent)
            typer.echo(text(language, "desk-done" if post else "desk-tried", count=len(done.payments)))
            print_changes(conn, done.changes)

