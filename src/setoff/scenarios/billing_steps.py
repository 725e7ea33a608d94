"""Steps of a story about billing by a price list: a run, and its undoing. What is refused of a run is the refusal of its step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from setoff.access.queries import rights_of_owner
from setoff.billing import services
from setoff.billing.paying import quote
from setoff.billing.queries import runs
from setoff.books.audit import Actor
from setoff.scenarios.format import Step
from setoff.scenarios.observed import Connection
from setoff.settlements.services import post_document

Play = Callable[[Connection, Step, Actor], None]


def bill(conn: Connection, step: Step, actor: Actor) -> None:
    """Bill the price list that the step names: `kind`, `first`, `last`, `date` of the invoices."""
    said = step.fields
    issued = date.fromisoformat(said["date"])
    first = date.fromisoformat(said["first"])
    last = date.fromisoformat(said.get("last", said["date"]))
    rights = rights_of_owner(conn, "scenario")
    unit = said.get("unit") or min(rights.unit_codes)
    wanted = services.wanted_of(unit, step.subject, said.get("kind", "month"), (first, last), issued)
    number = services.start_run(conn, wanted, actor, rights)
    refusals = [result.refusal for result in services.bill_each(conn, number, actor, rights)[1] if result.refusal]
    left_out = [found.error for draft in services.preview(conn, wanted, rights) for found in draft.refused]
    for refusal in (*refusals, *left_out):
        raise refusal


def undo_bill(conn: Connection, step: Step, actor: Actor) -> None:
    """Undo the last run of the price list."""
    rights = rights_of_owner(conn, "scenario")
    number = next(run.id for run in runs(conn, rights.units_with("read")) if run.price_list == step.subject)
    services.undo_run(conn, number, actor, rights)


def pay_quote(conn: Connection, step: Step, actor: Actor) -> None:
    """Pay the invoice that the step names in another currency, with the amount quoted for it."""
    day, currency = date.fromisoformat(step.fields["date"]), step.fields["currency"]
    found = quote(conn, step.subject, currency, day, rights_of_owner(conn, "scenario"))
    post_document(conn, found.payment, actor)


STEPS: Final[Mapping[str, Play]] = {"bill": bill, "undo_bill": undo_bill, "pay_quote": pay_quote}
