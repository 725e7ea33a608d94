"""The loops of `work.py`: shortest distances, the ways that cost nothing, what moves along them, and levels for what was cut.

A debt `a` from u to v with gain g has the slack  g[a] + level[u] - level[v].  It may be cleared in full where that is above 0, not at all
where it is below, and anything where it is 0: a *free* debt. This holds at every step. What does not hold before the end is the
balance: some parties clear more as debtors than as creditors (an excess), others less. The excess moves along ways: over a debt, by
clearing less of it, or back over a debt owed to the party, by clearing more of that one.

    refit        after new gains: debts with a slack are filled or emptied, which makes excesses
    distances    every party's distance, in gains given up, to one that lacks something; levels fall by it, so excess can move freely
    free_ways    the free debts alone, in a small graph of their own, both ways
    settle       as much excess as possible moves through it: push and relabel, by hops (Goldberg and Tarjan 1988; global relabelling)

until nothing is left over. Every party's excess goes to what is nearest to it, not only that of the nearest party, so a network of a
million obligations takes some ten rounds. Everything is an integer; one source for a few debts, interpreted, and for many, compiled.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple


class Debts(NamedTuple):
    """Debts stand by debtor: those of party p are start[p]..start[p + 1] - 1. Those owed to p are `owed` of owed_start[p]..., with their
    debtors beside them."""

    start: Any
    creditor: Any
    owed_start: Any
    owed: Any
    debtor: Any
    amount: Any


class State(NamedTuple):
    """By debt: gain, what is cleared. By place of `Debts.owed`: the gain again. By party: level, excess, and room to work in."""

    gain: Any
    owed_gain: Any
    flow: Any
    level: Any
    excess: Any
    far: Any
    before: Any
    after: Any
    bucket: Any
    hop: Any
    current: Any
    queue: Any
    queued: Any


class Free(NamedTuple):
    """Ways over free debts: those out of party p are start[p]..start[p + 1] - 1; `mate` is the same debt the other way. `debt` is -1 for
    ways back."""

    start: Any
    target: Any
    mate: Any
    room: Any
    debt: Any


RELABEL_EVERY: Final = 4
"""Hops are counted anew after looks at one in so many of the free ways and parties."""


def refit(debts: Debts, state: State, factor: int) -> None:
    """Levels times the factor, for gains that are larger by it; what the slacks then demand."""
    level, flow, excess = state.level, state.flow, state.excess
    for party in range(len(level)):
        level[party] *= factor
    for party in range(len(level)):
        for debt in range(debts.start[party], debts.start[party + 1]):
            other = debts.creditor[debt]
            slack = state.gain[debt] + level[party] - level[other]
            if slack != 0:
                more = (debts.amount[debt] if slack > 0 else 0) - flow[debt]
                flow[debt] += more
                excess[party] += more
                excess[other] -= more


def balance(debts: Debts, state: State, free: Free) -> bool:
    """Rounds until no party has an excess. False when one has no way at all to what is lacking, which cannot be."""
    while True:
        left = distances(debts, state)
        if left <= 0:
            return left == 0
        free_ways(debts, state, free)
        settle(state, free)
        for way in range(free.start[len(state.level)]):
            if free.debt[way] >= 0:
                state.flow[free.debt[way]] = free.room[way]


def distances(debts: Debts, state: State) -> int:
    """Levels fall by how far every party is from one that lacks something; farther than any excess is as far as that one. How many
    parties have an excess; -1 when one is nowhere near."""
    level, flow, excess, far = state.level, state.flow, state.excess, state.far
    before, after, bucket = state.before, state.after, state.bucket
    start, creditor, owed_start, owed, debtor = debts.start, debts.creditor, debts.owed_start, debts.owed, debts.debtor
    gain, owed_gain, amount = state.gain, state.owed_gain, debts.amount
    none, size = len(level), len(bucket)
    waiting = 0
    for at in range(size):
        bucket[at] = none
    for party in range(none):
        far[party] = size
        if excess[party] < 0:
            place_at(far, before, after, bucket, party, 0)
        elif excess[party] > 0:
            waiting += 1
    found = waiting
    at = 0
    while waiting > 0:
        while at < size and bucket[at] == none:
            at += 1
        if at == size:
            return -1
        party = bucket[at]
        bucket[at] = after[party]
        if excess[party] > 0:
            waiting -= 1
        here = at - level[party]
        for place in range(owed_start[party], owed_start[party + 1]):
            other = debtor[place]
            if far[other] > at:
                distance = here + owed_gain[place] + level[other]
                if distance < far[other] and flow[owed[place]] > 0:
                    place_at(far, before, after, bucket, other, distance)
        for debt in range(start[party], start[party + 1]):
            other = creditor[debt]
            if far[other] > at:
                distance = here - gain[debt] + level[other]
                if distance < far[other] and flow[debt] < amount[debt]:
                    place_at(far, before, after, bucket, other, distance)
    for party in range(none):
        level[party] -= min(far[party], at)
    return found


def place_at(far: Any, before: Any, after: Any, bucket: Any, party: int, distance: int) -> None:
    """The party stands in the bucket of that distance."""
    old = far[party]
    if old < len(bucket):
        if bucket[old] == party:
            bucket[old] = after[party]
        else:
            after[before[party]] = after[party]
            before[after[party]] = before[party]
    far[party] = distance
    after[party] = bucket[distance]
    before[bucket[distance]] = party
    bucket[distance] = party


def free_ways(debts: Debts, state: State, free: Free) -> None:
    """The free debts, both ways, by party."""
    level, gain, flow, amount = state.level, state.gain, state.flow, debts.amount
    first, creditor = debts.start, debts.creditor
    start, target, mate, room, over = free.start, free.target, free.mate, free.room, free.debt
    parties = len(level)
    for party in range(parties + 1):
        start[party] = 0
    for party in range(parties):
        for debt in range(first[party], first[party + 1]):
            if gain[debt] + level[party] == level[creditor[debt]]:
                start[party] += 1
                start[creditor[debt]] += 1
    total = 0
    for party in range(parties + 1):
        total += start[party]
        start[party] = total
    for party in range(parties):
        for debt in range(first[party], first[party + 1]):
            other = creditor[debt]
            if gain[debt] + level[party] == level[other]:
                start[party] -= 1
                start[other] -= 1
                way, back = start[party], start[other]
                target[way], target[back] = other, party
                mate[way], mate[back] = back, way
                room[way], room[back] = flow[debt], amount[debt] - flow[debt]
                over[way], over[back] = debt, -1


def count_hops(state: State, free: Free) -> int:
    """Hops over free ways to what lacks something; parties with an excess that get there wait in the queue. How many."""
    excess, hop, queue, queued, current = state.excess, state.hop, state.queue, state.queued, state.current
    start, target, mate, room = free.start, free.target, free.mate, free.room
    parties = len(hop)
    first, last, waiting = 0, 0, 0
    for party in range(parties):
        current[party] = start[party]
        hop[party] = parties
        if excess[party] < 0:
            hop[party] = 0
            queue[last] = party
            last += 1
        elif excess[party] > 0:
            waiting += 1
    while first < last and waiting > 0:
        party = queue[first]
        first += 1
        next_hop = hop[party] + 1
        for way in range(start[party], start[party + 1]):
            other = target[way]
            if hop[other] == parties and room[mate[way]] > 0:
                hop[other] = next_hop
                queue[last] = other
                last += 1
        if excess[party] > 0:
            waiting -= 1
            if waiting == 0:  # the rest is at least so far
                for other in range(parties):
                    hop[other] = min(hop[other], next_hop)
    last = 0
    for party in range(parties):
        queued[party] = 0
        if excess[party] > 0 and hop[party] < parties:
            queue[last] = party
            queued[party] = 1
            last += 1
    return last


def settle(state: State, free: Free) -> None:
    """No excess is left that free ways lead to what is lacking. A party's excess goes to those one hop nearer, as far as there is room;
    what is left of it waits, one hop more than the nearest it has a way to."""
    excess, hop, queue, queued, current = state.excess, state.hop, state.queue, state.queued, state.current
    start, target, mate, room = free.start, free.target, free.mate, free.room
    parties, size = len(hop), len(queue)
    looks_max = (start[parties] + parties) // RELABEL_EVERY
    first, last = 0, 1
    while first != last:
        first, last = 0, count_hops(state, free)
        looks = 0
        while first != last and looks <= looks_max:
            party = queue[first]
            first = first + 1 if first + 1 < size else 0
            queued[party] = 0
            nearer, rest = hop[party] - 1, excess[party]
            way, end = current[party], start[party + 1]
            while way < end and rest > 0:
                other = target[way]
                if room[way] > 0 and hop[other] == nearer:
                    moved = min(room[way], rest)
                    room[way] -= moved
                    room[mate[way]] += moved
                    excess[other] += moved
                    rest -= moved
                    if excess[other] > 0 and queued[other] == 0:
                        queue[last] = other
                        queued[other] = 1
                        last = last + 1 if last + 1 < size else 0
                if rest > 0:
                    way += 1
            current[party] = way
            excess[party] = rest
            if rest > 0:
                nearest = parties - 1
                for way in range(start[party], end):
                    if room[way] > 0:
                        nearest = min(nearest, hop[target[way]])
                looks += end - start[party]
                hop[party] = nearest + 1
                current[party] = start[party]
                if nearest + 1 < parties:
                    queue[last] = party
                    queued[party] = 1
                    last = last + 1 if last + 1 < size else 0


def raise_levels(debts: Debts, state: State) -> None:
    """Levels rise until the slack of every debt allows what is cleared of it. It ends when the flow is the best there is."""
    level, flow, queue, queued = state.level, state.flow, state.queue, state.queued
    size = len(queue)
    first, last = 0, len(level)
    for party in range(last):
        queue[party] = party
        queued[party] = 1
    while first != last:
        party = queue[first]
        first = first + 1 if first + 1 < size else 0
        queued[party] = 0
        for debt in range(debts.start[party], debts.start[party + 1]):
            other = debts.creditor[debt]
            least = level[party] + state.gain[debt]
            if level[other] < least and flow[debt] < debts.amount[debt]:
                level[other] = least
                last = enqueued(state, other, last)
        for place in range(debts.owed_start[party], debts.owed_start[party + 1]):
            other = debts.debtor[place]
            least = level[party] - state.owed_gain[place]
            if level[other] < least and flow[debts.owed[place]] > 0:
                level[other] = least
                last = enqueued(state, other, last)


def enqueued(state: State, party: int, last: int) -> int:
    if state.queued[party] == 0:
        state.queued[party] = 1
        state.queue[last] = party
        last = last + 1 if last + 1 < len(state.queue) else 0
    return last
