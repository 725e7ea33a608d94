"""Interest of a loan by day (spec 2.10): the principal of every day at the rate of that day.

    interest = principal * rate % / days of the year * days

The first day is the day after the money came, the last day counts: a day bears interest on what was owed at the end of the day before. A
rate holds from its own day on. The year has 365 days, 366 in a leap year (each day by its own year), or what the contract says: 365 or
360 always. What one document says is summed up exactly and rounded once, half up to the minor unit; so however a time is cut into n
documents, their sum differs from the exact interest by no more than n halves of a minor unit, in sum and at every cut.
Worked: docs/explanation/loans.md
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor, lcm
from typing import Final, Literal, NamedTuple

from setoff.core.money import split

DayCount = Literal["actual", "365", "360"]
DAY: Final = timedelta(days=1)
HALF: Final = Fraction(1, 2)


class Moved(NamedTuple):
    """The principal grew (or fell, below zero) on a day: minor units."""

    day: date
    change: int


class RateFrom(NamedTuple):
    """Per cent a year from a day on."""

    since: date
    percent: Decimal


class Stretch(NamedTuple):
    """Days, both included, with one principal (minor units, above zero), one rate (per cent a year) and one length of the year."""

    first: date
    last: date
    principal: int
    percent: Decimal
    year_days: int

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def exact(self) -> Fraction:
        """Minor units, not rounded."""
        return Fraction(self.principal * self.days) * Fraction(self.percent) / (100 * self.year_days)


def year_days(day: date, count: DayCount) -> int:
    if count == "actual":
        return 366 if isleap(day.year) else 365
    return int(count)


def stretches(moves: Iterable[Moved], rates: Sequence[RateFrom], count: DayCount, first: date, last: date) -> list[Stretch]:
    """The days from one to another that bear interest, in order. `rates` ascend; days before the first of them bear none."""
    found = sorted(moves)
    cuts = {first}
    cuts |= {move.day + DAY for move in found if first <= move.day + DAY <= last}
    cuts |= {rate.since for rate in rates if first <= rate.since <= last}
    if count == "actual":
        cuts |= {date(year, 1, 1) for year in range(first.year + 1, last.year + 1)}
    starts = sorted(cuts) if first <= last else []
    made: list[Stretch] = []
    for place, start in enumerate(starts):
        end = starts[place + 1] - DAY if place + 1 < len(starts) else last
        principal = sum(move.change for move in found if move.day < start)
        percent = next((rate.percent for rate in reversed(rates) if rate.since <= start), Decimal(0))
        if principal > 0 and percent > 0:
            made.append(Stretch(start, end, principal, percent, year_days(start, count)))
    return made


def exact_interest(found: Iterable[Stretch]) -> Fraction:
    """Minor units, not rounded."""
    return sum((stretch.exact for stretch in found), Fraction(0))


def rounded(amount: Fraction) -> int:
    """Half up; amounts are not below zero."""
    return floor(amount + HALF)


def shares(found: Sequence[Stretch]) -> list[int]:
    """The interest of each stretch as it is printed: they sum to what the document says, by largest remainder."""
    exact = [stretch.exact for stretch in found]
    if not any(exact):
        return [0] * len(exact)
    scale = lcm(*(amount.denominator for amount in exact))
    return split(rounded(sum(exact, Fraction(0))), [int(amount * scale) for amount in exact])
