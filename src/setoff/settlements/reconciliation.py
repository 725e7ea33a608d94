"""Which line of their books is which line of ours (spec 6.5). Pure: no database, no words.

Their debit mirrors our credit. Passes, each over what the passes before left:
1. the same number and the mirrored amount;
2. the same number and the same direction with another amount: a difference. The direction keeps a sale 1 from a payment 1;
3. the mirrored amount, not more than `DAYS_APART` days apart, whatever the numbers.
Within a pass the nearest dates are matched first, then earlier lines; a line is matched once.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from typing import Final, NamedTuple

DAYS_APART: Final = 7


class SideLine(NamedTuple):
    """A line of one side's books as that side writes it; minor units."""

    date: datetime.date
    number: str
    debit: int
    credit: int


class Pair(NamedTuple):
    """Places of two lines that are the same document; None: the other side has no such line."""

    ours: int | None
    theirs: int | None


def comparable(number: str) -> str:
    """The letters and digits of a number, case folded: "INV-007/a" and "inv 007 A" are the same."""
    return "".join(character for character in number.casefold() if character.isalnum())


def matched(ours: Sequence[SideLine], theirs: Sequence[SideLine]) -> list[Pair]:
    """Every line of both sides once: ours in their order, then what only they have in its order."""
    mirrored = [line._replace(debit=line.credit, credit=line.debit) for line in theirs]
    found: dict[int, int] = {}
    for key, days in ((_number_and_amount, None), (_number_and_direction, None), (_amount, DAYS_APART)):
        _match(ours, mirrored, key, days, found)
    taken = set(found.values())
    pairs = [Pair(place, found.get(place)) for place in range(len(ours))]
    return pairs + [Pair(None, place) for place in range(len(theirs)) if place not in taken]


def _match(
    ours: Sequence[SideLine],
    mirrored: Sequence[SideLine],
    key: Callable[[SideLine], Hashable],
    days: int | None,
    found: dict[int, int],
) -> None:
    """Add to `found` (our place -> their place) the free lines with the same key, nearest dates first."""
    taken = set(found.values())
    by_key: dict[Hashable, list[int]] = defaultdict(list)
    for place, line in enumerate(mirrored):
        if place not in taken:
            by_key[key(line)].append(place)
    candidates = []
    for place, line in enumerate(ours):
        if place in found or key(line) is None:
            continue
        for other in by_key.get(key(line), ()):
            apart = abs((line.date - mirrored[other].date).days)
            if days is None or apart <= days:
                candidates.append((apart, place, other))
    for _, place, other in sorted(candidates):
        if place not in found and other not in taken:
            found[place] = other
            taken.add(other)


def _number_and_amount(line: SideLine) -> Hashable:
    number = comparable(line.number)
    return (number, line.debit - line.credit) if number else None


def _number_and_direction(line: SideLine) -> Hashable:
    number = comparable(line.number)
    return (number, line.debit >= line.credit) if number else None


def _amount(line: SideLine) -> Hashable:
    return line.debit - line.credit
