"""`setoff round choose`: the choices of a round changed while it is not posted. A part of `setoff round`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
import typer

from setoff.clearing.rounds.paper_commands import Code, known, parsed_day
from setoff.clearing.rounds.saying import say_round

if TYPE_CHECKING:
    from setoff.clearing.rounds.records import Options

Words = list[str] | None


def choose(
    code: Code,
    as_of: Annotated[str, typer.Option("--as-of", help="Another day; debts of our books are collected again.")] = "",
    law: Annotated[Literal["", "ru", "cn", "intl"], typer.Option(help="Another law.", show_default=False)] = "",
    confirmation: Annotated[Literal["", "none", "one", "both"], typer.Option(help="How many sides must confirm a debt.",
                                                                             show_default=False)] = "",
    due_only: Annotated[bool | None, typer.Option("--due-only/--not-due-too", help="Only debts that are due, or not due ones too.",
                                                  show_default=False)] = None,
    min_age: Annotated[int | None, typer.Option("--min-age", min=0, help="Only what has been due for so many days.",
                                                show_default=False)] = None,
    min_amount: Annotated[str | None, typer.Option("--min-amount", help="Only debts of at least this amount of their currency.",
                                                   show_default=False)] = None,
    exclude: Annotated[Words, typer.Option(help="Codes of parties that take no part, in place of those before; '' for none.")] = None,
    cap: Annotated[Words, typer.Option(help="PARTY=AMOUNT, DEBTOR>CREDITOR=AMOUNT, in place of those before; '' for none.")] = None,
    max_cycle: Annotated[int | None, typer.Option("--max-cycle", min=0, help="Only rings of at most so many parties; 0 of any length.",
                                                  show_default=False)] = None,
    prefer: Annotated[Literal["", "age", "priority", "none"], typer.Option(help="Which of equal totals.", show_default=False)] = "",
    one_sided: Annotated[bool | None, typer.Option("--one-sided/--by-act", help="A notice, or an act that all sign.",
                                                   show_default=False)] = None,
    without_consent: Annotated[bool | None, typer.Option("--without-consent/--with-consent", help="Whether outsiders must agree.",
                                                         show_default=False)] = None,
) -> None:  # fmt: skip
    """Change the choices of a round that is not posted; those that are not named stay. Then it is solved again."""
    from setoff.access.commands import acting
    from setoff.clearing.rounds.choosing import Chosen, change_choices
    from setoff.clearing.rules import cap_of

    said: dict[str, Any] = {
        "confirmation": confirmation or None, "due_only": due_only, "age_days_min": min_age, "minimum": min_amount, "cycle_max": max_cycle,
        "excluded": None if exclude is None else tuple(filter(None, exclude)), "prefer": prefer or None, "one_sided": one_sided,
        "caps": None if cap is None else tuple(map(cap_of, filter(None, cap))),
        "needs_consent": None if without_consent is None else not without_consent,
    }  # fmt: skip
    day = parsed_day(as_of, "as-of") if as_of else None
    with acting() as (conn, actor, rights):
        found = known(conn, code, rights, "draft")
        options: Options = msgspec.structs.replace(found.options, **{name: value for name, value in said.items() if value is not None})
        say_round(conn, change_choices(conn, code, Chosen(options, day, law or None), actor))
