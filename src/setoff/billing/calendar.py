"""Banking days: working days that are no bank holidays (spec 9.4: the order does not define them). Pure."""

from __future__ import annotations

from datetime import date

from setoff.billing.days import IsWorking

SATURDAY = 5


def banking_days(chart: str, bank_holidays: frozenset[date]) -> IsWorking:
    """Monday to Friday, without the holidays named."""
    del chart
    return lambda day: day.weekday() < SATURDAY and day not in bank_holidays
