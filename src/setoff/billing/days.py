"""Days of billing: when an invoice is issued, when it is due, since when services may be suspended (spec 5: D2, D3, D5, D10).

A banking day is a working day that is no bank holiday (spec 9.4). Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

IsWorking = Callable[[date], bool]
"""Whether a day is one on which work, or banking, is done."""
DAY = timedelta(days=1)


class Window(NamedTuple):
    """The first and the last day of an issue in time."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def last_day_of(month: date) -> date:
    return next_month(month) - DAY


def month_count(first: date, last: date) -> int:
    """Calendar months that a span touches: every one is charged in full (D1)."""
    return (last.year * 12 + last.month) - (first.year * 12 + first.month) + 1


def after_days(day: date, days: int, is_working: IsWorking) -> date:
    """So many working days later, counted from the day after."""
    while days:
        day += DAY
        days -= is_working(day)
    return day


def issue_window(month: date, issue_days: int, is_working: IsWorking, *, in_advance: bool) -> Window:
    """When the invoice for a month is issued: from the first day of the next month to a working day of it; in advance: from the first day
    of the month before to that working day of the month itself."""
    billed = month if in_advance else next_month(month)
    last = after_days(billed - DAY, issue_days, is_working)
    return Window(month_of(billed - DAY) if in_advance else billed, last)


def suspended_from(issued_on: date, days: int) -> date:
    """The first day on which services may be suspended while an invoice is not credited: 30 days, from day 31 on."""
    return issued_on + timedelta(days=days + 1)


def months_later(day: date, months: int) -> date:
    """The same day so many months later; the last of a shorter month."""
    month = day.replace(day=1)
    for _ in range(months):
        month = next_month(month)
    return min(month.replace(day=1) + timedelta(days=day.day - 1), last_day_of(month))
