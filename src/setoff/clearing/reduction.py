"""What no circulation can use is cut before it is solved: it changes no result.

    capacities   through a party goes no more than it owes, and no more than it is owed: every debt is cut to the smaller of what comes to
                 its debtor and what leaves its creditor, and again, until nothing changes or often enough (any number of passes is right)
    components   a debt on no ring goes: its debtor and creditor are in different strongly connected parts (Tarjan 1972)

Levels of what is left are not those of the whole: they are raised until they hold for every debt (`primal_dual.raised`). That ends, since
what is largest in the reduced network is largest in the whole one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from setoff.clearing.compiled import compiled

PASSES_MAX: Final = 50

Integers = NDArray[np.int64]
Numbers = NDArray[np.int32]
Sides = NDArray[np.integer[Any]]


def reduced(debtor: Numbers, creditor: Numbers, amount: Integers, start: Numbers, *, fast: bool) -> Integers:
    """What can at most be cleared of every debt; debts stand by debtor, those of party p from start[p] on."""
    parties = len(start) - 1
    if not fast:
        few = amount.tolist()
        columns = debtor.tolist(), creditor.tolist(), few
        tighten(*columns, [0] * parties, [0] * parties, PASSES_MAX)
        part = [-1] * parties
        number, low, stack, call = ([0] * parties for _ in range(4))
        components(start.tolist(), creditor.tolist(), few, part, number, low, stack, call, start.tolist())
        inside = [most if part[a] == part[b] else 0 for a, b, most in zip(*columns, strict=True)]
        tighten(*columns[:2], inside, [0] * parties, [0] * parties, PASSES_MAX)
        return np.array(inside, np.int64)
    run_tighten, run_components, _ = compiled_reduction()
    most = amount.copy()
    sums = np.zeros((2, parties), np.int64)
    run_tighten(debtor, creditor, most, sums[0], sums[1], PASSES_MAX)
    parts = np.full(parties, -1, np.int32)
    run_components(start, creditor, most, parts, *np.zeros((4, parties), np.int32), start.copy())
    most[parts[debtor] != parts[creditor]] = 0
    run_tighten(debtor, creditor, most, sums[0], sums[1], PASSES_MAX)
    return most


def tighten(debtor: Any, creditor: Any, most: Any, owes: Any, owed: Any, passes: int) -> None:
    for party in range(len(owes)):
        owes[party] = 0
        owed[party] = 0
    for debt in range(len(most)):
        owes[debtor[debt]] += most[debt]
        owed[creditor[debt]] += most[debt]
    changed = True
    while changed and passes > 0:
        changed = False
        passes -= 1
        for debt in range(len(most)):
            if most[debt] > 0:
                held = min(most[debt], owed[debtor[debt]], owes[creditor[debt]])
                if held < most[debt]:
                    owes[debtor[debt]] -= most[debt] - held
                    owed[creditor[debt]] -= most[debt] - held
                    most[debt] = held
                    changed = True


def rooms(tail: Sides, head: Sides, capacity: Integers, flow: Integers, places: int, *, fast: bool) -> tuple[Integers, Integers]:
    """By arc: by how much its flow can at most rise, and fall, when every place keeps its balance."""
    columns = (tail, head, capacity - flow, flow.copy(), *np.zeros((2, places), np.int64))
    if fast:
        compiled_reduction()[2](*columns, PASSES_MAX)
        return columns[2], columns[3]
    few: tuple[Any, ...] = (*(column.tolist() for column in columns), PASSES_MAX)
    narrow(*few)
    return np.array(few[2], np.int64), np.array(few[3], np.int64)


def narrow(tail: Any, head: Any, up: Any, down: Any, inward: Any, outward: Any, passes: int) -> None:
    """What moves over an arc must go on at its head and come from somewhere at its tail, over other arcs. `inward`: by how much what comes
    to a place can rise, less what leaves it can fall; `outward`: the other way."""
    for place in range(len(inward)):
        inward[place] = 0
        outward[place] = 0
    for arc in range(len(up)):
        inward[head[arc]] += up[arc]
        outward[tail[arc]] += up[arc]
        inward[tail[arc]] += down[arc]
        outward[head[arc]] += down[arc]
    changed = True
    while changed and passes > 0:
        changed = False
        passes -= 1
        for arc in range(len(up)):
            if up[arc] + down[arc] > 0:
                one, other = tail[arc], head[arc]
                more = up[arc] - max(0, min(up[arc], inward[one] - down[arc], outward[other] - down[arc]))
                up[arc] -= more
                inward[other] -= more
                outward[one] -= more
                less = down[arc] - max(0, min(down[arc], outward[one] - up[arc], inward[other] - up[arc]))
                down[arc] -= less
                inward[one] -= less
                outward[other] -= less
                if more + less > 0:
                    changed = True


def components(start: Any, creditor: Any, most: Any, part: Any, number: Any, low: Any, stack: Any, call: Any, at: Any) -> None:
    """`part` by party, -1 before; `number` is 0 before. Depth first without recursion: `call` are the parties being looked at, `at` the
    next debt of each."""
    top, count, parts = 0, 0, 0
    for root in range(len(part)):
        if number[root] != 0:
            continue
        depth = 0
        call[0] = root
        while depth >= 0:
            party = call[depth]
            if number[party] == 0:
                count += 1
                number[party] = count
                low[party] = count
                stack[top] = party
                top += 1
            deeper = False
            while at[party] < start[party + 1] and not deeper:
                other = creditor[at[party]]
                if most[at[party]] > 0 and number[other] == 0:
                    depth += 1
                    call[depth] = other
                    deeper = True
                else:
                    if most[at[party]] > 0 and part[other] < 0:
                        low[party] = min(low[party], low[other])
                    at[party] += 1
            if deeper:
                continue
            if low[party] == number[party]:
                while part[party] < 0:
                    top -= 1
                    part[stack[top]] = parts
                parts += 1
            depth -= 1


@lru_cache(maxsize=1)
def compiled_reduction() -> list[Any]:
    """`tighten`, `components` and `narrow` compiled."""
    return compiled((tighten, components, narrow))
