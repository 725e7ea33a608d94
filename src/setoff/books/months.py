"""How a stretch of days splits into whole months, whose turnover is kept, and days, whose postings are read."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple


class Stretch(NamedTuple):
    """Half-open `[first, before)`; `first` None = from the beginning. Whole months start and end on the first of a month."""

    first: date | None
    before: date
    whole_months: bool


def month_of(day: date) -> date:
    return day.replace(day=1)


def month_after(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def stretches(first: date | None, before: date) -> list[Stretch]:
    """The days `[first, before)` as at most three adjoining stretches: days, whole months, days. None is empty."""
    if first is not None and first >= before:
        return []
    last_cut = month_of(before)
    first_cut = None if first is None else first if first.day == 1 else month_after(first)
    if first_cut is not None and first_cut > last_cut:
        return [Stretch(first, before, whole_months=False)]
    found = []
    if first is not None and first != first_cut:
        assert first_cut is not None
        found.append(Stretch(first, first_cut, whole_months=False))
    if first_cut is None or first_cut < last_cut:
        found.append(Stretch(first_cut, last_cut, whole_months=True))
    if last_cut < before:
        found.append(Stretch(last_cut, before, whole_months=False))
    return found
