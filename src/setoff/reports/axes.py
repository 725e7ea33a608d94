"""Axes of a picture: round amounts and days to mark, and their labels by language. Whole numbers only.

Marks are 1, 2 or 5 times a power of ten minor units apart, zero among them, so that a label is exact. Labels share one scale
(thousands, millions; in Chinese ten thousands, hundred millions), which stands once, with the currency, above the axis.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final, NamedTuple

from setoff.core.money import digits_of
from setoff.language import MONTHS, SEPARATORS, Language, text

SPACES_MAX: Final = 5
"""Of the span of the amounts; marks that reach beyond them may add one at each end."""
DAYS_MARKED_MAX: Final = 7
SCALES: Final = {"en": (9, 6, 3), "ru": (9, 6, 3), "zh": (8, 4)}
"""Powers of ten that have a word, largest first."""
SHORT_DAY: Final = {"en": "{0.day} {1}", "ru": "{0:%d.%m}", "zh": "{0.month}月{0.day}日"}
SHORT_MONTH: Final = {"en": "{1} {0.year}", "ru": "{0:%m.%Y}", "zh": "{0.year}年{0.month}月"}
_STEPS: Final = (1, 2, 5)
_MONTH_STEPS: Final = (1, 2, 3, 6, 12, 24, 60, 120)


class AmountAxis(NamedTuple):
    """`marks` ascending, the first not above the smallest amount, the last not below the largest; `labels` beside them."""

    marks: tuple[int, ...]
    labels: tuple[str, ...]
    caption: str

    @property
    def low(self) -> int:
        return self.marks[0]

    @property
    def high(self) -> int:
        return self.marks[-1]


def amount_axis(low: int, high: int, currency: str, language: Language) -> AmountAxis:
    """Marks around zero and both amounts."""
    digits = digits_of(currency)
    low, high = min(low, 0), max(high, 0)
    if low == high:
        high = 10**digits
    step, zeros = _step(high - low)
    marks = tuple(range(low // step * step, -(-high // step) * step + 1, step))
    largest = max(abs(marks[0]), abs(marks[-1]))
    scale = next((power for power in SCALES[language] if largest >= 10 ** (power + digits)), 0)
    exponent = scale + digits
    labels = tuple(_label(mark, exponent, max(exponent - zeros, 0), language) for mark in marks)
    caption = text(language, f"picture-scale-{scale}", currency=currency) if scale else currency
    return AmountAxis(marks, labels, caption)


def _step(span: int) -> tuple[int, int]:
    """The smallest round step that covers the span in no more than `SPACES_MAX`, and how many zeros it ends with."""
    zeros = 0
    while True:
        for first in _STEPS:
            step = first * 10**zeros
            if step * SPACES_MAX >= span:
                return step, zeros
        zeros += 1


def _label(mark: int, exponent: int, decimals: int, language: Language) -> str:
    """`mark` / 10^exponent with so many decimals, which it has exactly."""
    grouping, point = SEPARATORS[language]
    shown = abs(mark) // 10 ** (exponent - decimals)
    whole, fraction = divmod(shown, 10**decimals)
    digits = f"{whole:,}".replace(",", grouping)
    sign = "-" if mark < 0 else ""
    return f"{sign}{digits}{point}{fraction:0{decimals}d}" if decimals else f"{sign}{digits}"


def day_marks(first: date, last: date, language: Language) -> list[tuple[date, str]]:
    """Days to mark from the first to the last: single days, Mondays, or first days of months, seven at most."""
    span = (last - first).days
    if span < DAYS_MARKED_MAX:
        return [(first + timedelta(days), _short(SHORT_DAY, first + timedelta(days), language)) for days in range(span + 1)]
    for weeks in (1, 2):
        if span < 7 * weeks * DAYS_MARKED_MAX:
            monday = first + timedelta(-first.weekday() % 7)
            days = range(0, (last - monday).days + 1, 7 * weeks)
            return [(monday + timedelta(after), _short(SHORT_DAY, monday + timedelta(after), language)) for after in days]
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    step = next((step for step in _MONTH_STEPS if months <= step * DAYS_MARKED_MAX), _MONTH_STEPS[-1])
    return [(day, _short(SHORT_MONTH, day, language)) for day in _first_days(first, last, step)]


def _first_days(first: date, last: date, step: int) -> Iterator[date]:
    """First days of months within the days, every `step` months of the calendar."""
    month = first.year * 12 + first.month - 1 + (first.day > 1)
    month += -month % step
    while date(month // 12, month % 12 + 1, 1) <= last:
        yield date(month // 12, month % 12 + 1, 1)
        month += step


def _short(forms: dict[str, str], day: date, language: Language) -> str:
    return forms[language].format(day, MONTHS[day.month - 1])
