"""What an order or a bill plans, as lines of a story."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from setoff.core.money import format_amount
from setoff.scenarios.observed import Connection
from setoff.settlements.orders.standing import planned_parts, related_standings

FIGURES = ("shipped", "paid", "debt", "advance")


def plan_lines(conn: Connection, key: str, wanted: Iterable[str]) -> list[str]:
    """Its planned parts, and of its status and figures those that the story names."""
    found = related_standings(conn, key)
    item = next((item for item in found if item.key == key), None)
    if item is None:
        return []
    named = {line.split()[0] for line in wanted}
    lines = [f"status {item.state}"] if "status" in named else []
    lines += [f"{name} {format_amount(getattr(item, name), item.currency)}" for name in FIGURES if name in named]
    for line in (line for line in wanted if line.startswith("overdue ")):
        day = date.fromisoformat(line.split()[-1])
        overdue = next(late.overdue for late in related_standings(conn, key, day) if late.key == key)
        lines.append(f"overdue {format_amount(overdue, item.currency)} on {day}")
    return lines + [
        f"{part.day.isoformat()} {part.stage.variant} {format_amount(part.amount, item.currency)}"
        for part in planned_parts(conn, found)
        if part.standing.key == key
    ]
