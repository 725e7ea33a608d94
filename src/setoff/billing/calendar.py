"""Banking days: working days of the organization's calendar on which banks are not closed (spec 9.4: the order does not define them).
Pure."""

from __future__ import annotations

from datetime import date

from setoff.billing.days import IsWorking
from setoff.core.workdays import WorkCalendar, is_working


def banking_days(calendar: WorkCalendar, bank_holidays: frozenset[date] = frozenset()) -> IsWorking:
    """Working days, without the bank holidays named."""
    return lambda day: day not in bank_holidays and is_working(day, calendar)
