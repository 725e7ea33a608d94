"""The total order of facts (spec 1.8): moment = (date, day_order, entry_no), packed into one BIGINT.

    days since 2000-01-01 (20 bits, signed) | day_order (9 bits, 0..511) | entry_no (34 bits)

so that SQL, numpy and Python compare moments as integers and get the same order everywhere. `entry_no` is the
document's id: given at first save, never reused, kept on edit. Errors: InvariantViolation outside the ranges.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, NamedTuple

from setoff.core.errors import InvariantViolation

EPOCH: Final = date(2000, 1, 1)
EPOCH_ORDINAL: Final = EPOCH.toordinal()
ENTRY_BITS: Final = 34
ORDER_BITS: Final = 9
DAY_SHIFT: Final = ENTRY_BITS + ORDER_BITS
FIRST_DAY: Final = EPOCH - timedelta(days=1 << 19)
LAST_DAY: Final = EPOCH + timedelta(days=(1 << 20) - 2)
"""No document is dated before or after (years 564 to 4870): moments of these days and of the next fit, and BEGINNING is before all."""
BEGINNING: Final = -(1 << 62)
NEVER: Final = (1 << 63) - 1
"""A moment after every other: the closing moment of a lot that is still open."""


class Moment(NamedTuple):
    date: date
    day_order: int
    entry_no: int

    def pack(self) -> int:
        if not 0 <= self.day_order < 1 << ORDER_BITS or not 0 <= self.entry_no < 1 << ENTRY_BITS:
            raise InvariantViolation(f"moment out of range: {self}")
        days = self.date.toordinal() - EPOCH_ORDINAL
        return (days << DAY_SHIFT) | (self.day_order << ENTRY_BITS) | self.entry_no


def start_of(day: date) -> int:
    """The first moment of a day: `moment < start_of(day + 1)` means "on or before the day". NEVER after the last day."""
    return min((day.toordinal() - EPOCH_ORDINAL) << DAY_SHIFT, NEVER)


def end_of(day: date) -> int:
    """The first moment after a day; NEVER after the last day."""
    return min((day.toordinal() - EPOCH_ORDINAL + 1) << DAY_SHIFT, NEVER)


def day_of(moment: int) -> date:
    return EPOCH + timedelta(days=moment >> DAY_SHIFT)
