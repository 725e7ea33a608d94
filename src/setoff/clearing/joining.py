"""Ways that meet where nothing else meets are joined to one: fewer ways and places, and the same best flows.

A way carries a flow from its tail to its head, in parts: so much of each gain, the heaviest first. The flow may change as long as every
place keeps its balance. So

    a place of one way          its flow cannot change
    a place of two ways         what changes on one changes on the other: they become one way, whose gains are the sums of theirs
    a way back to its own tail  carries its parts of gains above 0

again and again, until every place left has three ways or more, or there is no room for more parts (any number of joints is right).
`joined_once` is a pass in which no way is joined twice, so that a chain of n ways takes log n passes. `parted` undoes all, the last first:
flows, and levels between those of the ends.

    joined = Joined(ways, places, fast=True)
    joined.kernel(), joined.ends      what is left, and its places
    joined.parted(flow, level, ...)   of the ways that were given
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from setoff.clearing.compiled import compiled

Integers = NDArray[np.int64]
Numbers = NDArray[np.int32]
STOPPED: Final = 0
LIVE: Final = 1
JOINED: Final = 2
FAR: Final = 1 << 60
"""Above every level."""


class Ways(NamedTuple):
    """By way: its ends, where its parts begin (and where the last end), and what it carries. By part: how much, and its gain, falling."""

    tail: Numbers
    head: Numbers
    start: Numbers
    flow: Integers
    capacity: Integers
    gain: Integers

    def of_parts(self) -> Numbers:
        """By part, its way."""
        return np.repeat(np.arange(len(self.flow), dtype=np.int32), np.diff(self.start))

    def flow_of_parts(self, flow: Integers) -> Integers:
        """By part, what it carries when the ways carry this: the heaviest first."""
        before: Integers = np.cumsum(self.capacity) - self.capacity
        way = self.of_parts()
        before -= before[self.start[:-1]][way]
        return np.clip(flow[way] - before, 0, self.capacity, out=before)


class Table(NamedTuple):
    """By way, given ones first: ends, its parts first..last - 1, what it carries of its whole, and whether that can still change (`state`).
    Of a joined way: the two it stands for, as number + 1, negative where they run against it, and what they carry when it carries nothing;
    of a place of one way (`head`) that way alone. By part: how much, and its gain."""

    tail: Any
    head: Any
    first: Any
    last: Any
    flow: Any
    whole: Any
    state: Any
    one: Any
    other: Any
    one_from: Any
    other_from: Any
    capacity: Any
    gain: Any


class Meeting(NamedTuple):
    """By place: how many ways meet there, and two of them."""

    count: Any
    one: Any
    other: Any


class Joined:
    """Ways between places 0..places-1, joined as far as they can be."""

    def __init__(self, ways: Ways, places: int, *, fast: bool) -> None:
        self._fast = fast
        self._given = len(ways.flow)
        self._places = places
        whole = np.add.reduceat(ways.capacity, ways.start[:-1])
        least = self._given + places  # every place is removed once
        parts = len(ways.gain) * 3 // 2 + 8
        sides = (ways.tail, ways.head, ways.start[:-1], ways.start[1:])
        columns: list[NDArray[Any]] = [filled(side, least, np.int32) for side in sides]
        columns += [filled(ways.flow, least, np.int64), filled(whole, least, np.int64)]
        columns.append(filled(np.full(self._given, LIVE), least, np.int8))
        columns += [np.zeros(least, kind) for kind in (np.int32, np.int32, np.int64, np.int64)]
        columns += [filled(column, parts, np.int64) for column in (ways.capacity, ways.gain)]
        self._table = Table(*map(self._column, columns))
        self._size = self._column(np.array([self._given, len(ways.gain)]))
        meeting = Meeting(*map(self._column, np.zeros((3, places), np.int32)))
        once = compiled_joining()[0] if fast else joined_once
        while once(self._table, meeting, self._size):
            pass
        self.ends = self._ends()

    def _column(self, column: NDArray[Any]) -> Any:
        return column if self._fast else column.tolist()

    def _live(self) -> Integers:
        """The ways that are left, by tail."""
        state = np.asarray(self._table.state)[: self._size[0]]
        live = np.flatnonzero(state == LIVE)
        return live[np.argsort(np.asarray(self._table.tail)[live], kind="stable")]

    def _ends(self) -> Integers:
        live = self._live()
        used = np.zeros(self._places, bool)
        for side in (self._table.tail, self._table.head):
            used[np.asarray(side)[live]] = True
        return np.flatnonzero(used)

    def kernel(self) -> Ways:
        """The ways that are left, by tail, between places that are numbered by their place in `ends`."""
        live = self._live()
        number = np.zeros(self._places, np.int32)
        number[self.ends] = np.arange(len(self.ends))
        tail, head, first, last, flow = (np.asarray(column)[live] for column in self._table[:5])
        counts = last - first
        start = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
        part = np.arange(start[-1]) + np.repeat(first - start[:-1], counts)
        capacity, gain = (np.asarray(column)[part] for column in self._table[-2:])
        return Ways(number[tail], number[head], start, flow, capacity, gain)

    def parted(self, flow: Integers, level: Integers, before: Integers) -> tuple[Integers, NDArray[np.bool_]]:
        """What every given way carries when those of the kernel carry this, and which of them have stopped. `level`, by place, holds those
        of `ends` and gets all others: as far from their neighbours' as `before`, where the flow allows it."""
        state = self._table.state
        for way, carried in zip(self._live().tolist(), flow.tolist(), strict=True) if not self._fast else ():
            self._table.flow[way] = carried
        if self._fast:
            self._table.flow[self._live()] = flow
            compiled_joining()[1](self._table, level, before, self._given, self._size)
        else:
            levels = level.tolist()
            parted(self._table, levels, before.tolist(), self._given, self._size)
            level[:] = levels
        return np.array(self._table.flow[: self._given], np.int64), np.array(state[: self._given]) == STOPPED


def filled(column: NDArray[Any], length: int, kind: type[np.generic]) -> NDArray[Any]:
    """The column, and zeros behind it."""
    found = np.zeros(length, kind)
    found[: len(column)] = column
    return found


def joined_once(table: Table, meeting: Meeting, size: Any) -> bool:
    """One pass. `size`: how many ways and parts there are. Whether anything changed."""
    count, one, other = meeting.count, meeting.one, meeting.other
    for place in range(len(count)):
        count[place] = 0
    for way in range(size[0]):
        if table.state[way] == LIVE:
            for place in (table.tail[way], table.head[way]):
                count[place] += 1
                other[place] = one[place]
                one[place] = way
    changed = False
    for place in range(len(count)):
        if count[place] == 1 and table.state[one[place]] == LIVE:
            stop(table, place, one[place], size)
            changed = True
        elif count[place] == 2 and table.state[one[place]] == LIVE and table.state[other[place]] == LIVE:
            changed = join(table, place, one[place], other[place], size) or changed
    return changed


def stop(table: Table, place: int, way: int, size: Any) -> None:
    """The only way of the place cannot change."""
    table.state[way] = STOPPED
    table.state[size[0]] = STOPPED
    table.head[size[0]] = place
    table.one[size[0]] = way + 1
    size[0] += 1


def join(table: Table, place: int, one: int, other: int, size: Any) -> bool:
    """Both ways of the place become one, from the far end of the first to that of the other. False when there is no room for its parts."""
    parts = table.last[one] - table.first[one] + table.last[other] - table.first[other]
    if size[1] + parts > len(table.capacity):
        return False
    along, beyond = table.head[one] == place, table.tail[other] == place
    carried = table.flow[one] if along else table.whole[one] - table.flow[one]
    onward = table.flow[other] if beyond else table.whole[other] - table.flow[other]
    least = max(0, onward - carried)
    whole = min(table.whole[other], table.whole[one] - carried + onward) - least
    table.state[one] = JOINED
    table.state[other] = JOINED
    way = size[0]
    size[0] += 1
    table.tail[way] = table.tail[one] if along else table.head[one]
    table.head[way] = table.head[other] if beyond else table.tail[other]
    table.one[way] = one + 1 if along else -one - 1
    table.other[way] = other + 1 if beyond else -other - 1
    table.one_from[way] = least + carried - onward
    table.other_from[way] = least
    table.flow[way] = onward - least
    table.whole[way] = whole
    table.first[way] = size[1]
    add_parts(table, way, size)
    table.last[way] = size[1]
    table.state[way] = LIVE if whole > 0 else STOPPED
    if table.tail[way] == table.head[way]:
        table.state[way] = JOINED
        table.flow[way] = 0
        for part in range(table.first[way], table.last[way]):
            if table.gain[part] > 0:
                table.flow[way] += table.capacity[part]
    return True


def add_parts(table: Table, way: int, size: Any) -> None:
    """The parts of both ways side by side, their gains added."""
    capacity, gain = table.capacity, table.gain
    one, other = abs(table.one[way]) - 1, abs(table.other[way]) - 1
    step, other_step = 1 if table.one[way] > 0 else -1, 1 if table.other[way] > 0 else -1
    part = table.first[one] if step > 0 else table.last[one] - 1
    other_part = table.first[other] if other_step > 0 else table.last[other] - 1
    used, other_used, rest = table.one_from[way], table.other_from[way], table.whole[way]
    at = size[1]
    while rest > 0:
        room, other_room = capacity[part] - used, capacity[other_part] - other_used
        if room <= 0:
            used = -room
            part += step
        elif other_room <= 0:
            other_used = -other_room
            other_part += other_step
        else:
            much = min(room, other_room, rest)
            both = step * gain[part] + other_step * gain[other_part]
            if at > size[1] and gain[at - 1] == both:
                capacity[at - 1] += much
            else:
                capacity[at] = much
                gain[at] = both
                at += 1
            used += much
            other_used += much
            rest -= much
    size[1] = at


def bounds(table: Table, way: int, place: int, level: Any) -> tuple[int, int]:
    """Between what the level of the place lies, by what a way of it carries and by the level of the other end."""
    rest = table.flow[way]
    least, most = -FAR, FAR
    for part in range(table.first[way], table.last[way]):
        if rest > 0:
            most = table.gain[part]
        if rest < table.capacity[part]:
            least = table.gain[part]
            break
        rest -= table.capacity[part]
    if table.head[way] == place:
        return level[table.tail[way]] + least, level[table.tail[way]] + most
    return level[table.head[way]] - most, level[table.head[way]] - least


def parted(table: Table, level: Any, before: Any, given: int, size: Any) -> None:
    """What the given ways carry, and the levels of the places between. What was joined to a way that stopped has stopped."""
    for way in range(size[0] - 1, given - 1, -1):
        one, other = abs(table.one[way]) - 1, abs(table.other[way]) - 1
        if other < 0:
            place = table.head[way]
            end = table.tail[one] if table.head[one] == place else table.head[one]
            least, most = bounds(table, one, place, level)
            level[place] = min(max(before[place] + level[end] - before[end], least), most)
            continue
        carried, onward = table.flow[way] + table.one_from[way], table.flow[way] + table.other_from[way]
        table.flow[one] = carried if table.one[way] > 0 else table.whole[one] - carried
        table.flow[other] = onward if table.other[way] > 0 else table.whole[other] - onward
        if table.state[way] == STOPPED:
            table.state[one] = STOPPED
            table.state[other] = STOPPED
        place = table.head[one] if table.one[way] > 0 else table.tail[one]
        tail, head = table.tail[way], table.head[way]
        least, most = bounds(table, one, place, level)
        other_least, other_most = bounds(table, other, place, level)
        about = before[place] + (level[tail] - before[tail] + level[head] - before[head]) // 2
        level[place] = min(max(about, least, other_least), most, other_most)


@lru_cache(maxsize=1)
def compiled_joining() -> tuple[Any, Any]:
    """`joined_once` and `parted`, compiled."""
    found = compiled((stop, add_parts, join, joined_once, bounds, parted))
    return found[3], found[5]
