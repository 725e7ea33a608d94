"""How a party pays: days late, the share on time, and whether that changes. Pure: no database, no clock, no words.

A part of a debt is late by the days from its due day to the day it was paid; paid on the due day, before it or in advance it is late by 0.
Averages weigh by amount: a large invoice paid late says more than a small one. Currencies and sides are never mixed.

    100 paid 10 days late, 300 on time: 2.5 days late on average, 75 % on time

The trend compares the half year up to the day with the half year before it; less than a day of change is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal, NamedTuple

HALF_YEAR: Final = timedelta(days=182)
Trend = Literal["faster", "slower", "steady", "unknown"]


class Paid(NamedTuple):
    """A part of a debt that was paid."""

    due: date
    paid_on: date
    amount_minor: int

    @property
    def days_late(self) -> int:
        return max((self.paid_on - self.due).days, 0)


class Punctuality(NamedTuple):
    """Of some payments: how much, how late on average and at most, what part of it on time. `since`: the first day of the quarter."""

    since: date | None
    amount_minor: int
    days_late: Decimal
    days_late_max: int
    on_time_pct: int


class Habits(NamedTuple):
    """`quarters`: oldest first, those with payments."""

    whole: Punctuality
    quarters: tuple[Punctuality, ...]
    trend: Trend


def habits(paid: Sequence[Paid], as_of: date) -> Habits | None:
    """None when nothing was paid."""
    if not paid:
        return None
    by_quarter: dict[date, list[Paid]] = {}
    for part in paid:
        by_quarter.setdefault(quarter_of(part.paid_on), []).append(part)
    quarters = tuple(punctuality(parts, since) for since, parts in sorted(by_quarter.items()))
    return Habits(punctuality(paid), quarters, trend(paid, as_of))


def punctuality(paid: Iterable[Paid], since: date | None = None) -> Punctuality:
    """Errors: a ZeroDivisionError for no payments at all."""
    parts = list(paid)
    amount = sum(part.amount_minor for part in parts)
    late = sum(part.amount_minor * part.days_late for part in parts)
    on_time = sum(part.amount_minor for part in parts if not part.days_late)
    average = (Decimal(late) / amount).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return Punctuality(since, amount, average, max(part.days_late for part in parts), (200 * on_time + amount) // (2 * amount))


def trend(paid: Iterable[Paid], as_of: date) -> Trend:
    """Whether the last half year was paid faster or slower than the one before."""
    middle, first = as_of - HALF_YEAR, as_of - 2 * HALF_YEAR
    parts = list(paid)
    last = [part for part in parts if part.paid_on > middle]
    before = [part for part in parts if first < part.paid_on <= middle]
    if not last or not before:
        return "unknown"
    change = punctuality(last).days_late - punctuality(before).days_late
    if abs(change) < 1:
        return "steady"
    return "slower" if change > 0 else "faster"


def quarter_of(day: date) -> date:
    """Its first day."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
