"""What a solved network says of one debt: must it be cleared as far as it is, could less or more of it be cleared just as well?

    judged(solved, debt) -> Judged(less, more, ...)

By levels alone when 1 + level(debtor) - level(creditor) is not 0. When it is 0 both may be or not: another set-off, equally large, clears
more of the debt exactly when amounts can be shifted around a ring through it that costs nothing; the ring is found, or the parties that
can be reached on the way are known. Then their levels can all be one higher, the levels still prove the total, and of the debt itself they
say: each unit more of it costs at least one elsewhere (or each unit less). So every answer is either a set-off or levels:

    for any set-off g of this network        total(g) <= total - |1 + level(debtor) - level(creditor)| * (units of the debt more, or less)

which anyone can add up: total = sum over the other debts of amount * max(0, 1 + levels) + cleared of this debt * (1 + levels).
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np

from setoff.clearing.solve import Integers, Sides


class Solved(NamedTuple):
    """Arcs with what is cleared of them, and levels by place, which prove that no circulation has a larger sum of gain * flow."""

    tail: Sides
    head: Sides
    capacity: Integers
    gain: Integers
    flow: Integers
    levels: Integers

    @property
    def slack(self) -> Integers:
        found: Integers = self.gain + self.levels[self.tail] - self.levels[self.head]
        return found


class Judged(NamedTuple):
    """`less`, `more`: there is an equally large set-off with less, or more, of the debt. `less_levels`, `more_levels`: the levels that
    prove it where there is none. `less_instead`: arcs of which the set-off with less clears more; `more_instead`: of which that with more
    clears less."""

    less: bool
    more: bool
    less_levels: Integers
    more_levels: Integers
    less_instead: list[int]
    more_instead: list[int]


def judged(solved: Solved, debt: int) -> Judged:
    """Exact: see above."""
    slack, levels = solved.slack, solved.levels
    less, more = _Sought(False, levels, []), _Sought(False, levels, [])
    if slack[debt] == 0:
        tail, head = int(solved.tail[debt]), int(solved.head[debt])
        ways = _ways(solved, slack, debt)
        if solved.flow[debt] > 0:
            less = _sought(ways, levels, tail, head)
        if solved.flow[debt] < solved.capacity[debt]:
            more = _sought(ways, levels, head, tail)
    return Judged(
        less.found, more.found, less.levels, more.levels,
        [arc for arc, is_more in less.around if is_more], [arc for arc, is_more in more.around if not is_more],
    )  # fmt: skip


class _Sought(NamedTuple):
    """Whether there is a way, the levels that prove it when there is none, and the arcs along it, with whether they are cleared more."""

    found: bool
    levels: Integers
    around: list[tuple[int, bool]]


class _Ways(NamedTuple):
    """Ways that cost nothing, by the place they leave: `arc` can be cleared more (`is_more`) or less along them."""

    start: list[int]
    other: list[int]
    arc: list[int]
    is_more: list[bool]


def _ways(solved: Solved, slack: Integers, debt: int) -> _Ways:
    free = np.flatnonzero(slack == 0)
    free = free[free != debt]
    more = free[solved.flow[free] < solved.capacity[free]]
    less = free[solved.flow[free] > 0]
    source = np.concatenate((solved.tail[more], solved.head[less]))
    target = np.concatenate((solved.head[more], solved.tail[less]))
    order = np.argsort(source, kind="stable")
    start = np.concatenate(([0], np.cumsum(np.bincount(source, minlength=len(solved.levels)))))
    arc = np.concatenate((more, less))[order]
    return _Ways(start.tolist(), target[order].tolist(), arc.tolist(), (order < len(more)).tolist())


def _sought(ways: _Ways, levels: Integers, first: int, last: int) -> _Sought:
    """A way from one place to the other; if there is none, the levels of all places that can be reached are one higher."""
    came: dict[int, int] = {first: -1}
    source: dict[int, int] = {}
    waiting = deque([first])
    while waiting:
        place = waiting.popleft()
        for at in range(ways.start[place], ways.start[place + 1]):
            other = ways.other[at]
            if other not in came:
                came[other], source[other] = at, place
                waiting.append(other)
        if last in came:
            return _Sought(True, levels, _back(ways, came, source, last))
    raised = levels.copy()
    raised[list(came)] += 1
    return _Sought(False, raised, [])


def _back(ways: _Ways, came: dict[int, int], source: dict[int, int], last: int) -> list[tuple[int, bool]]:
    around = []
    place = last
    while came[place] >= 0:
        around.append((ways.arc[came[place]], ways.is_more[came[place]]))
        place = source[place]
    return around[::-1]
