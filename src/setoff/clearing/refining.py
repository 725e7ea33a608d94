"""The best flow of ways with gains of any size: first in coarse steps of the gains, then in finer ones over what these leave open.

    best_flow(ways, places) -> Best(flow, levels, stopped)

Gains are rounded to a step, 256 days say. What that solves (`primal_dual.py`) is the start of the next, a quarter as coarse (Edmonds and
Karp 1972, Röck 1980); and most of it is no question any more: a part whose slack is many steps stays as it is, full or empty. Such parts
are taken out, ways that then meet alone are joined (`joining.py`), and the next step has a third of the places and a quarter of the parts.

That parts far from the border stay as they are is a guess. So whatever the finer steps find is held against the levels of all parts of the
step before; where one contradicts, it is solved again with parts twice as far taken in, in the end with all of them.
What is given back is proved by its levels.

Sums of capacities stay below 2**62, as `solve.py` demands.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from setoff.clearing.joining import Integers, Joined, Ways
from setoff.clearing.work import DIGIT_BITS, Work
from setoff.core.errors import InvariantViolation

COMPILED_FROM: Final = 3000
"""Parts from which on compiled code is quicker than the interpreter, which has nothing to load."""
NEAR: Final = 4
"""Steps of slack within which a part is looked at in the next finer step."""


class Best(NamedTuple):
    """By way: what it carries, and whether nothing else was possible. By place: its level. Where something was possible, a part that is
    not full has gain + level(tail) - level(head) of 0 or less, and one that is not empty of 0 or more."""

    flow: Integers
    levels: Integers
    stopped: NDArray[np.bool_]


def best_flow(ways: Ways, places: int) -> Best:
    """Of all flows that leave every place's balance as it is, one with the largest sum of gains. Errors: InvariantViolation."""
    nothing = np.zeros(places, np.int64)
    if not ways.gain.any():
        return Best(ways.flow, nothing, np.zeros(len(ways.flow), bool))
    largest, shift = int(np.abs(ways.gain).max()), 0
    while largest >> shift:
        shift += DIGIT_BITS
    best = _joined(ways, nothing, shift, span=places, fast=len(ways.gain) >= COMPILED_FROM)
    moved = best.flow - ways.flow
    net = np.zeros(places, np.int64)
    np.add.at(net, ways.tail, moved)
    np.subtract.at(net, ways.head, moved)
    if net.any() or not _is_proved(ways, best):
        raise InvariantViolation("clearing is not proved")
    return best


def _joined(ways: Ways, levels: Integers, shift: int, *, span: int, fast: bool) -> Best:
    """The best flow, begun with levels in steps of 2**shift. `span`: of how many places a way between two can consist."""
    joined = Joined(ways, len(levels), fast=fast)
    kernel, ends = joined.kernel(), joined.ends
    before = levels << shift
    exact = before.copy()
    flow = kernel.flow
    if len(flow):
        found = _stepped(kernel, levels[ends], shift, span=span, fast=fast)
        if shift:
            found = _refined(kernel, found, shift, fast=fast)
        flow = found.flow
        exact[ends] = found.levels
    carried, stopped = joined.parted(flow, exact, before)
    return Best(carried, exact, stopped)


def _stepped(ways: Ways, levels: Integers, shift: int, *, span: int, fast: bool) -> Best:
    """The best flow of rounded gains, and levels in the same steps. Neighbours of one rounded gain are one part."""
    gain = (ways.gain + ((1 << shift) >> 1)) >> shift
    first = np.ones(len(gain), bool)
    first[1:] = gain[1:] != gain[:-1]
    first[ways.start[:-1]] = True
    start = np.flatnonzero(first)
    gain = gain[start]
    way = ways.of_parts()[start]
    coarse = ways._replace(
        start=np.append(np.searchsorted(start, ways.start[:-1]), len(start)).astype(np.int32),
        capacity=np.add.reduceat(ways.capacity, start), gain=gain,
    )  # fmt: skip
    largest = max(int(np.abs(gain).max()), int(np.abs(levels).max()) // max(1, span))
    work = Work(ways.tail[way], ways.head[way], coarse.capacity, largest, len(levels), fast=fast, span=span)
    work.set_gain(gain)
    work.set_flow(coarse.flow_of_parts(ways.flow), levels)
    if not work.improve():
        raise InvariantViolation("clearing found no way")
    return Best(np.add.reduceat(work.flow(), coarse.start[:-1]), work.levels(), np.zeros(len(ways.flow), bool))


def _refined(ways: Ways, coarse: Best, shift: int, *, fast: bool) -> Best:
    """The best flow, begun with that of rounded gains."""
    rough = coarse.levels << shift
    way = ways.of_parts()
    slack = ways.gain + rough[ways.tail[way]] - rough[ways.head[way]]
    del way
    near, farthest = NEAR << shift, int(np.abs(slack).max())
    while near < farthest and 4 * np.count_nonzero(np.abs(slack) <= near) < 3 * len(slack):  # else there is little to leave out
        found = _inside(ways, coarse, slack, (near, shift), fast=fast)
        if _is_proved(ways, found):
            return found
        near *= 2
    finer = shift - DIGIT_BITS
    found = _stepped(ways._replace(flow=coarse.flow), coarse.levels << DIGIT_BITS, finer, span=len(rough), fast=fast)
    return _refined(ways, found, finer, fast=fast) if finer else found


def _inside(ways: Ways, coarse: Best, slack: Integers, step: tuple[int, int], *, fast: bool) -> Best:
    """The same where parts whose slack is beyond the first number of `step` stay full or empty; whether that was right is not known."""
    near, shift = step
    inside = np.abs(slack) <= near
    counts = np.add.reduceat(inside, ways.start[:-1], dtype=np.int32)
    flow = np.add.reduceat(np.where(slack > near, ways.capacity, 0), ways.start[:-1])
    some = np.flatnonzero(counts)
    if not len(some):
        return Best(flow, coarse.levels << shift, coarse.stopped)
    start = np.concatenate(([0], np.cumsum(counts[some]))).astype(np.int32)
    begun = coarse.flow[some] - flow[some]
    kept = Ways(ways.tail[some], ways.head[some], start, begun, ways.capacity[inside], ways.gain[inside])
    del inside, counts, start, begun
    best = _joined(kept, coarse.levels << DIGIT_BITS, shift - DIGIT_BITS, span=len(coarse.levels), fast=fast)
    flow[some] += best.flow
    return Best(flow, best.levels, coarse.stopped)


def _is_proved(ways: Ways, best: Best) -> bool:
    """Whether every part that could carry something else carries what its slack demands."""
    way = ways.of_parts()
    carried = ways.flow_of_parts(best.flow)
    slack = ways.gain + best.levels[ways.tail[way]] - best.levels[ways.head[way]]
    holds = (carried >= np.where(slack > 0, ways.capacity, 0)) & (carried <= np.where(slack < 0, 0, ways.capacity))
    sums = np.add.reduceat(ways.capacity, ways.start[:-1])
    return bool((holds | best.stopped[way]).all() and (best.flow >= 0).all() and (best.flow <= sums).all())
