"""How an order or bill stands, on its page: what is shipped, paid, planned, owed; of an order also what its next status waits for."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from psycopg import Connection

from setoff.core.money import Money
from setoff.settlements.orders.basis import missing_for_next
from setoff.settlements.orders.standing import Standing, related_standings, rests


class Amount(NamedTuple):
    """`heading`: key of its text."""

    heading: str
    amount: Money


class Shown(NamedTuple):
    """`state`: its status in words of people; of a bill it follows from its payments."""

    state: str
    amounts: list[Amount]


def standing_of(conn: Connection[Any], key: str, today: date) -> Shown | None:
    """How a posted order or bill stands on a day; None of any other document."""
    related = related_standings(conn, key, today)
    found = next((item for item in related if item.key == key), None)
    if found is None:
        return None
    amounts = _amounts(conn, found, rests(conn, related))
    return Shown(found.state, [Amount(heading, Money(amount, found.currency)) for heading, amount in amounts])


def _amounts(conn: Connection[Any], item: Standing, left: dict[int, int]) -> list[tuple[str, int]]:
    if not item.is_order:
        unpaid = 0 if item.state == "annulled" else max(item.total - item.paid, 0)
        return [("column-paid", item.paid), ("column-unpaid", unpaid), ("column-planned-debt", left[item.version_id])]
    amounts = [
        ("column-shipped", item.shipped), ("column-paid", item.paid), ("column-planned-debt", left[item.version_id]),
        ("column-actual-debt", item.debt), ("column-overdue-debt", item.overdue),
    ]  # fmt: skip
    missing = missing_for_next(conn, item) if item.is_gated else 0
    return [*amounts, ("document-missing-for-next", missing)] if missing else amounts
