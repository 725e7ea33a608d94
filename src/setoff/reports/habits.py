"""How a party pays: what was paid in two years, how late, and whether that changes; by side, currency and quarter."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.reports.report import Column, Question, Report, Section
from setoff.settlements.habits import Habits, Paid, Punctuality, habits
from setoff.settlements.party_queries import Discharge, discharges

HABIT_DAYS: Final = 730
COLUMNS: Final = (
    Column("side", "term", vocabulary="side"),
    Column("currency"),
    Column("quarter", "date"),
    Column("amount", "money", heading="paid"),
    Column("days_late", "decimal"),
    Column("days_late_max", "count"),
    Column("on_time", "count"),
    Column("trend", "term", vocabulary="party-trend"),
)


class HabitRow(NamedTuple):
    """All of a side and currency, or one quarter of it (`level` 1). `on_time`: per cent of the amount; `trend` of the whole alone."""

    side: str
    currency: str
    quarter: datetime.date | None
    amount: int
    days_late: Decimal
    days_late_max: int
    on_time: int
    trend: str
    level: int


def payment_habits(conn: Connection[Any], question: Question) -> Report:
    """The whole of each side and currency, and its quarters, oldest first."""
    paid = discharges(conn, question.scope, question.contour, habits_from(question.as_of), question.as_of)
    rows = []
    for (is_payable, currency), found in told(paid, question.as_of):
        side = "payable" if is_payable else "receivable"
        rows.append(_row(side, currency, found.whole, found.trend))
        rows += [_row(side, currency, quarter, "") for quarter in found.quarters]
    return Report("payment-habits", question, COLUMNS, [Section(rows)] if rows else [])


def told(paid: Sequence[Discharge], as_of: date) -> list[tuple[tuple[bool, str], Habits]]:
    """Habits of each side and currency, theirs first."""
    sides: dict[tuple[bool, str], list[Paid]] = {}
    for part in paid:
        sides.setdefault((part.is_payable, part.currency), []).append(Paid(part.due, part.paid_on, part.amount))
    found = ((key, habits(parts, as_of)) for key, parts in sorted(sides.items()))
    return [(key, habit) for key, habit in found if habit is not None]


def habits_from(as_of: date) -> date:
    """The first day that tells of habits; the calendar's own first when there is no earlier one."""
    return date.fromordinal(max(as_of.toordinal() - HABIT_DAYS, 1))


def _row(side: str, currency: str, found: Punctuality, trend: str) -> HabitRow:
    return HabitRow(
        side, currency, found.since, found.amount_minor, found.days_late, found.days_late_max, found.on_time_pct, trend,
        0 if found.since is None else 1,
    )  # fmt: skip
