"""Which line of their books is which line of ours (spec 6.5). Pure: no database, no words.

Their debit mirrors our credit. Passes, each over what the passes before left:
1. the same number and the mirrored amount;
2. a number typed differently (zeros or letters before it, one letter wrong) and the mirrored amount, at most `NEAR_DAYS` apart;
3. the same number and the same direction with another amount: a difference. The direction keeps a sale 1 from a payment 1;
4. the mirrored amount, not more than `DAYS_APART` days apart, whatever the numbers;
5. a number typed differently and the same direction with another amount, at most `DAYS_APART` days apart: a difference;
6. the same or nearly the same number and the same amount on the same side, at most `DAYS_APART` apart: written on the wrong side;
7. one line that is the sum of two to `PARTS_MAX` lines of the other, all at most `DAYS_APART` from it, when there is one such set.
Within a pass the nearest dates are matched first, then earlier lines; a line is matched once.
"""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from itertools import combinations
from typing import Final, Literal, NamedTuple

from rapidfuzz.distance import OSA

DAYS_APART: Final = 7
NEAR_DAYS: Final = 14
PARTS_MAX: Final = 4
PARTS_CHOICE_MAX: Final = 14
"""Of how many lines near a day a sum is looked for."""
NEAR_LENGTH: Final = 5
"""A shorter number with one letter wrong is another number."""
_TOLD: Final = re.compile(
    r"(?:№|\bno\.?|#|单号[：:]?|编号[：:]?)\s*([\w/.-]*\w)|([\w/-]*\d[\w/-]*),?\s+(?:от|of|dated)\s+\d", re.IGNORECASE
)
"""A number within words, told by its sign before it or by the date after it."""
_DIGITS: Final = re.compile(r"\d+")

How = Literal["number", "amount", "swapped", "parts", "alone"]


class SideLine(NamedTuple):
    """A line of one side's books as that side writes it; minor units."""

    date: datetime.date
    number: str
    debit: int
    credit: int

    @property
    def net(self) -> int:
        """What it adds to the debt to the side that wrote it."""
        return self.debit - self.credit


class Match(NamedTuple):
    """Places of lines that are the same business. One each; several of one side when `how` is parts; none of a side when alone."""

    ours: tuple[int, ...]
    theirs: tuple[int, ...]
    how: How


def comparable(number: str) -> str:
    """The letters and digits of a number, case folded: "INV-007/a" and "inv 007 A" are the same. Of words with a number in them,
    the number: "Sale No. 7 of 31.03.2026"."""
    told = _TOLD.search(number)
    return "".join(character for character in (told[1] or told[2] if told else number).casefold() if character.isalnum())


def is_near(one: str, other: str) -> bool:
    """Whether two numbers may be one, typed differently: "INV-0012" and "12", "2025/118" and "2025/181"."""
    first, second = comparable(one), comparable(other)
    if not first or not second:
        return False
    ends = [[run.lstrip("0") for run in _DIGITS.findall(number)[-1:]] for number in (first, second)]
    if ends[0] == ends[1] != [] and (first.isdigit() or second.isdigit()):
        return True
    return min(len(first), len(second)) >= NEAR_LENGTH and OSA.distance(first, second, score_cutoff=1) <= 1


def matched(ours: Sequence[SideLine], theirs: Sequence[SideLine]) -> list[Match]:
    """Every line of both sides once: ours in their order, then what only they have in its order."""
    mirrored = [line._replace(debit=line.credit, credit=line.debit) for line in theirs]
    found: dict[int, tuple[int, How]] = {}
    _match(ours, mirrored, _Pass(_number_and_amount, None, "number"), found)
    _match(ours, mirrored, _Pass(_amount, NEAR_DAYS, "number", numbers_near=True), found)
    _match(ours, mirrored, _Pass(_number_and_direction, None, "number"), found)
    _match(ours, mirrored, _Pass(_amount, DAYS_APART, "amount"), found)
    _match(ours, mirrored, _Pass(_direction, DAYS_APART, "number", numbers_near=True), found)
    _match(ours, theirs, _Pass(_amount, DAYS_APART, "swapped", numbers_near=True), found)
    single = {place: Match((place,), (other,), how) for place, (other, how) in found.items()}
    parts = _parts(ours, mirrored, found)
    of_parts = {match.ours[0]: match for match in parts}
    in_parts = {place for match in parts for place in match.ours}
    taken = {other for other, _ in found.values()} | {other for match in parts for other in match.theirs}
    matches = []
    for place in range(len(ours)):
        if place in single or place in of_parts:
            matches.append(single.get(place) or of_parts[place])
        elif place not in in_parts:
            matches.append(Match((place,), (), "alone"))
    return matches + [Match((), (place,), "alone") for place in range(len(theirs)) if place not in taken]


class _Pass(NamedTuple):
    """Lines with the same key (None: no key), at most so many days apart, are the same line."""

    key: Callable[[SideLine], Hashable]
    days: int | None
    how: How
    numbers_near: bool = False


def _match(ours: Sequence[SideLine], others: Sequence[SideLine], rule: _Pass, found: dict[int, tuple[int, How]]) -> None:
    """Add to `found` (our place -> their place) the free lines that the rule makes one, nearest dates first."""
    taken = {other for other, _ in found.values()}
    by_key: dict[Hashable, list[int]] = defaultdict(list)
    for place, line in enumerate(others):
        if place not in taken:
            by_key[rule.key(line)].append(place)
    candidates = []
    for place, line in enumerate(ours):
        if place in found or rule.key(line) is None:
            continue
        for other in by_key.get(rule.key(line), ()):
            apart = abs((line.date - others[other].date).days)
            is_close = rule.days is None or apart <= rule.days
            if is_close and (not rule.numbers_near or is_near(line.number, others[other].number)):
                candidates.append((apart, place, other))
    for _, place, other in sorted(candidates):
        if place not in found and other not in taken:
            found[place] = (other, rule.how)
            taken.add(other)


def _number_and_amount(line: SideLine) -> Hashable:
    number = comparable(line.number)
    return (number, line.net) if number else None


def _number_and_direction(line: SideLine) -> Hashable:
    number = comparable(line.number)
    return (number, line.debit >= line.credit) if number else None


def _direction(line: SideLine) -> Hashable:
    return line.debit >= line.credit


def _amount(line: SideLine) -> Hashable:
    return line.net


def _parts(ours: Sequence[SideLine], mirrored: Sequence[SideLine], found: dict[int, tuple[int, How]]) -> list[Match]:
    """Lines of one side that are the sum of several of the other, over what is free on both sides."""
    free_ours = [place for place in range(len(ours)) if place not in found]
    taken = {other for other, _ in found.values()}
    free_theirs = [place for place in range(len(mirrored)) if place not in taken]
    matches = []
    for place in list(free_ours):
        parts = _sum_of(ours[place], mirrored, free_theirs)
        if parts:
            matches.append(Match((place,), parts, "parts"))
            free_ours.remove(place)
            free_theirs = [other for other in free_theirs if other not in parts]
    for other in list(free_theirs):
        parts = _sum_of(mirrored[other], ours, free_ours)
        if parts:
            matches.append(Match(parts, (other,), "parts"))
            free_ours = [place for place in free_ours if place not in parts]
    return matches


def _sum_of(whole: SideLine, lines: Sequence[SideLine], free: Sequence[int]) -> tuple[int, ...]:
    """The only smallest set of lines of the same direction near the day that sums to it; empty when there is none or a choice."""
    near = [
        place for place in free
        if abs((lines[place].date - whole.date).days) <= DAYS_APART and 0 < lines[place].net * whole.net < whole.net * whole.net
    ]  # fmt: skip
    nearest = sorted(near, key=lambda place: (abs((lines[place].date - whole.date).days), place))[:PARTS_CHOICE_MAX]
    for size in range(2, PARTS_MAX + 1):
        sets = [chosen for chosen in combinations(sorted(nearest), size) if sum(lines[place].net for place in chosen) == whole.net]
        if sets:
            return sets[0] if len(sets) == 1 else ()
    return ()
