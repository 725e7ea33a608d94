"""The fold: facts of keys in, lots and allocations out.

A fact of the other sign uses up open lots (named targets first, then the policy's order); what is left opens a lot of
the fact's sign. So a key never holds a debt and an advance at once, and no lot is used beyond its residual. The order of
facts is total, so every machine gets the same result. Spec 1.5, 1.7, 1.11, 2.7.

One function over flat sequences of integers serves both sizes: interpreted it folds the tail of a key when one document is
posted, compiled by numba the same source folds a million facts. Everything is an integer: amounts in minor units (absolute
value, the sign apart), days, ranks, indices.

Values. Part t of a lot with residual r and carrying value c releases c when t = r, else c * t / r half up. The fact that uses it
values the part by cumulative shares of its own book amount, so that its parts always sum to the whole. Money keeps its own
value (the difference to the released value is an exchange difference), everything else takes over the released value.

Revaluation. At a point between facts every open lot of the key's debt sign is worth its residual at the point's rate from then on; lots of
the other sign are advances and keep their value.

Refusals are reported, not raised: a target that found less than it names takes what there is, and the caller decides whether the
document is refused or the target demoted. Worked examples: docs/explanation/fold.md
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from heapq import heappop, heappush
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import numpy as np

Integers: TypeAlias = "Sequence[int] | np.ndarray[Any, Any]"
"""A list of Python integers, or an int64 array."""

NO_DUE: Final = 1 << 40
"""The due day of a lot that has none: after every real day."""
ORDER_MOMENT: Final = 0
ORDER_DUE_DATE: Final = 1
ORDER_LEGAL: Final = 2
ORDERS: Final = {"moment": ORDER_MOMENT, "due_date": ORDER_DUE_DATE, "legal": ORDER_LEGAL}
NO_TARGET: Final = -1

SUM_MAX: Final = 1 << 62
"""Compiled code keeps below it (`multiply_divide`)."""
RULE_BASE: Final = 3
RULE_MOMENT: Final = 4
RULE_LEGAL_PRO_RATA: Final = 7
ONLY_SETTLES: Final = 1
ONLY_OPENS: Final = 2
"""`consume_only` of a fact, 0 for one that may do both."""


class Facts(NamedTuple):
    """Facts of some keys, key after key, each key in total order. Facts of key k are key_start[k]..key_start[k + 1] - 1; targets of fact f
    are target_start[f]..target_start[f + 1] - 1; target t names the facts target_first[t]..target_last[t] of the same
    key (empty when first > last: not there yet) and of them the document line target_line[t] (0 = all)."""

    key_start: Integers
    key_order: Integers
    sign: Integers
    amount: Integers
    book: Integers
    own_value: Integers
    consume_only: Integers
    due: Integers
    rank: Integers
    line: Integers
    target_start: Integers
    target_first: Integers
    target_last: Integers
    target_line: Integers
    target_amount: Integers
    target_rule: Integers
    debt_sign: Integers = ()
    point_start: Integers = ()
    point_before: Integers = ()
    point_rate: Integers = ()
    point_per: Integers = ()
    """Points of revaluation of key k: point_start[k]..point_start[k + 1] - 1, each before the fact point_before (after all facts: that of
    the next key); a residual r is worth r * rate / per, half up. Left out where no key has any."""


class Folded(NamedTuple):
    """By fact: what it opened (0 = nothing), what is left of that, who closed it (-1 = open). Then the allocations in
    order of the settling fact, then the refusals (target NO_TARGET: a fact that only settles had a rest, or one that only opens
    settled something; `found` is the rest), then the lots revalued at a point, by what their value grew."""

    opened: Any
    opened_book: Any
    residual: Any
    residual_book: Any
    closed_by: Any
    settling: Any
    lot: Any
    amount: Any
    lot_book: Any
    own_book: Any
    rule: Any
    refused_fact: Any
    refused_target: Any
    refused_found: Any
    revalued_point: Any
    revalued_lot: Any
    revalued_growth: Any


def multiply_divide(a: int, b: int, c: int) -> tuple[int, int]:
    """Quotient and remainder of a * b / c for 0 <= a, b < 2**62, 0 < c < 2**62, without leaving 64 bits."""
    if a < 2147483648 and b < 2147483648:
        return a * b // c, a * b % c
    quotient = a // c * b
    a %= c
    low, remainder = 0, 0
    for bit in range(62, -1, -1):
        low *= 2
        remainder *= 2
        if remainder >= c:
            remainder -= c
            low += 1
        if (b >> bit) & 1:
            remainder += a
            if remainder >= c:
                remainder -= c
                low += 1
    return quotient + low, remainder


def share_of(amount: int, part: int, whole: int) -> int:
    """amount * part / whole, half up; all not negative."""
    if amount == whole:
        return part
    quotient, remainder = multiply_divide(amount, part, whole)
    return quotient + 1 if remainder >= whole - remainder else quotient


def spread_pro_rata(take: int, residual: Any, group: Any, parts: Any) -> None:
    """Spread `take` over the lots of `group` in proportion to their residuals, by largest remainder, earlier lots first."""
    total = 0
    for lot in group:
        total += residual[lot]
    rest = take
    remainders = [0 for _ in range(len(group))]
    for place in range(len(group)):
        parts[place], remainders[place] = multiply_divide(take, residual[group[place]], total)
        rest -= parts[place]
    while rest > 0:
        best = 0
        for place in range(1, len(group)):
            if remainders[place] > remainders[best]:
                best = place
        parts[best] += 1
        remainders[best] = -1
        rest -= 1


def revalue_lots(
    heap: Any, sign: Any, residual: Any, residual_book: Any, at: tuple[int, int, int, int], revalued: int, out_point: Any, out_lot: Any,
    out_growth: Any,
) -> int:  # fmt: skip
    """Give the open debts of a key their value at a point: its place, rate, per, and the sign of a debt. A rate of 0 is unknown. Returns
    how many lots were revalued so far, or -1 when the outputs are too short."""
    point, rate, per, debt = at
    for _due, _rank, lot in heap:
        if residual[lot] > 0 and sign[lot] == debt:
            worth = share_of(rate, residual[lot], per)
            if worth != residual_book[lot] or rate == 0:
                if revalued == len(out_growth):
                    return -1
                out_point[revalued] = point
                out_lot[revalued] = lot
                out_growth[revalued] = worth - residual_book[lot]
                revalued += 1
                residual_book[lot] = worth
    return revalued


def fold_keys(
    key_start: Any, key_order: Any, sign: Any, amount: Any, book: Any, own_value: Any, consume_only: Any, due: Any, rank: Any,
    line: Any, target_start: Any, target_first: Any, target_last: Any, target_line: Any, target_amount: Any, target_rule: Any,
    debt_sign: Any, point_start: Any, point_before: Any, point_rate: Any, point_per: Any,
    opened: Any, opened_book: Any, residual: Any, residual_book: Any, closed_by: Any, out_settling: Any, out_lot: Any, out_amount: Any,
    out_lot_book: Any, out_own_book: Any, out_rule: Any, out_refused_fact: Any, out_refused_target: Any, out_refused_found: Any,
    out_point: Any, out_revalued: Any, out_growth: Any,
) -> tuple[int, int, int]:  # fmt: skip
    """Fold every key into the output sequences. Returns how many allocations, refusals, revalued lots; or -1 thrice when these are too
    short."""
    count, refusals, revalued = 0, 0, 0
    for key in range(len(key_order)):
        order = key_order[key]
        heap = [(0, 0, 0)]
        heap.pop()
        point = point_start[key]
        for fact in range(key_start[key], key_start[key + 1] + 1):
            while point < point_start[key + 1] and point_before[point] <= fact:
                at = (point, point_rate[point], point_per[point], debt_sign[key])
                revalued = revalue_lots(heap, sign, residual, residual_book, at, revalued, out_point, out_revalued, out_growth)
                if revalued < 0:
                    return -1, -1, -1
                point += 1
            if fact == key_start[key + 1]:
                break
            left = amount[fact]
            given = 0  # book value of the parts used so far
            # Wanted parts: the named targets, then one automatic pass (target == target_start[fact + 1]).
            for target in range(target_start[fact], target_start[fact + 1] + 1):
                automatic = target == target_start[fact + 1]
                wanted = left if automatic else min(left, target_amount[target])
                found = 0
                while wanted > 0:
                    lot = -1
                    rule = RULE_MOMENT + order
                    if automatic:
                        while len(heap) > 0 and residual[heap[0][2]] == 0:
                            heappop(heap)
                        if len(heap) > 0 and sign[heap[0][2]] != sign[fact]:
                            lot = heap[0][2]
                    else:
                        rule = target_rule[target]
                        for other in range(target_first[target], min(target_last[target], fact - 1) + 1):
                            fits = residual[other] > 0 and sign[other] != sign[fact]
                            if fits and (target_line[target] == 0 or line[other] == target_line[target]):
                                same_due = order == ORDER_MOMENT or lot < 0 or due[other] == due[lot]
                                if lot < 0 or (rank[other] < rank[lot] if same_due else due[other] < due[lot]):
                                    lot = other
                    if lot < 0:
                        break
                    group = [lot]
                    parts = [min(wanted, residual[lot])]
                    if automatic and order == ORDER_LEGAL and due[lot] < NO_DUE:
                        group = [0 for _ in range(0)]
                        total = 0
                        while len(heap) > 0 and heap[0][0] == due[lot]:
                            other = heappop(heap)[2]
                            if residual[other] > 0:
                                group.append(other)
                                total += residual[other]
                        for other in group:
                            heappush(heap, (due[other], rank[other], other))
                        parts = [residual[other] for other in group]
                        if wanted < total:
                            spread_pro_rata(wanted, residual, group, parts)
                        if len(group) > 1:
                            rule = RULE_LEGAL_PRO_RATA
                    for place in range(len(group)):
                        lot, part = group[place], parts[place]
                        if part == 0:
                            continue
                        if count == len(out_lot):
                            return -1, -1, -1
                        released = residual_book[lot] if part == residual[lot] else share_of(residual_book[lot], part, residual[lot])
                        residual[lot] -= part
                        residual_book[lot] -= released
                        if residual[lot] == 0:
                            closed_by[lot] = fact
                        left -= part
                        wanted -= part
                        found += part
                        value = share_of(book[fact], amount[fact] - left, amount[fact]) - given
                        given += value
                        out_settling[count] = fact
                        out_lot[count] = lot
                        out_amount[count] = part
                        out_lot_book[count] = released
                        out_own_book[count] = value if own_value[fact] else released
                        out_rule[count] = rule
                        count += 1
                if not automatic and target_rule[target] != RULE_BASE and found < target_amount[target]:
                    if refusals == len(out_refused_fact):
                        return -1, -1, -1
                    out_refused_fact[refusals] = fact
                    out_refused_target[refusals] = target
                    out_refused_found[refusals] = found
                    refusals += 1
            if (consume_only[fact] == ONLY_SETTLES and left > 0) or (consume_only[fact] == ONLY_OPENS and left < amount[fact]):
                if refusals == len(out_refused_fact):
                    return -1, -1, -1
                out_refused_fact[refusals] = fact
                out_refused_target[refusals] = NO_TARGET
                out_refused_found[refusals] = left
                refusals += 1
            if left > 0:
                opened[fact] = residual[fact] = left
                opened_book[fact] = residual_book[fact] = book[fact] - given
                heappush(heap, (rank[fact] if order == ORDER_MOMENT else due[fact], rank[fact], fact))
    return count, refusals, revalued


@lru_cache(maxsize=1)
def compiled_fold() -> Callable[..., tuple[int, int, int]]:
    """`fold_keys` compiled; kept on disk between runs. numba is imported here, so that posting one document never waits for it."""
    import numba

    compiled: dict[str, Any] = {}
    for function in (multiply_divide, share_of, spread_pro_rata, revalue_lots, fold_keys):
        copy = FunctionType(function.__code__, {**globals(), **compiled}, function.__name__)
        copy.__module__ = __name__
        compiled[function.__name__] = numba.njit(cache=True)(copy)
    found: Callable[..., tuple[int, int, int]] = compiled["fold_keys"]
    return found


def fold_few(facts: Facts) -> Folded:
    """Fold sequences of Python integers (lists), interpreted: for the tail of a key."""
    if not facts.point_start:
        facts = facts._replace(debt_sign=[0] * len(facts.key_order), point_start=[0] * len(facts.key_start))
    return _fold(fold_keys, facts, lambda length: [0] * length, lambda length: [-1] * length)


def fold_many(facts: Facts) -> Folded:
    """Fold int64 arrays, compiled: for a bulk import, a rebuild, a report as known at an earlier time. Compiled sums would wrap
    around silently: where 64 bits may not hold those of a key, the interpreter folds."""
    import numpy as np

    arrays = Facts(*(np.ascontiguousarray(column, dtype=np.int64) for column in facts))
    if not len(arrays.point_start):
        arrays = arrays._replace(debt_sign=np.zeros(len(arrays.key_order), np.int64), point_start=np.zeros(len(arrays.key_start), np.int64))
    largest = largest_sum(arrays.amount, arrays.key_start)
    if largest >= SUM_MAX or largest * largest_rate(arrays) >= SUM_MAX:
        folded = fold_few(Facts(*(np.asarray(column).tolist() for column in arrays)))
        return Folded(*(np.array(column, np.int64) for column in folded))
    return _fold(
        compiled_fold(), arrays, lambda length: np.zeros(length, np.int64), lambda length: np.full(length, -1, np.int64)
    )


def largest_sum(values: Any, starts: Any) -> float:
    """The largest of the sums values[starts[i] : starts[i + 1]] of an int64 array, about: as floating point, which does not wrap."""
    import numpy as np

    sums = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
    return float(np.max(np.diff(sums[starts]), initial=0.0))


def largest_rate(facts: Facts) -> float:
    """The highest rate of a point of revaluation, about; 0 without one."""
    import numpy as np

    return float(np.max(np.asarray(facts.point_rate) / np.asarray(facts.point_per), initial=0.0)) if len(facts.point_rate) else 0.0


def _fold(
    function: Callable[..., tuple[int, int, int]], facts: Facts, zeros: Callable[[int], Any], minus_ones: Callable[[int], Any]
) -> Folded:
    length = len(facts.amount)
    room = length + len(facts.target_amount) + 8
    while True:  # equal due dates and points of revaluation can give more rows than there are facts: then once more with more room
        by_fact = [zeros(length) for _ in range(4)] + [minus_ones(length)]
        allocations = [zeros(room) for _ in range(6)]
        refusals = [zeros(room) for _ in range(3)]
        revaluations = [zeros(room) for _ in range(3)]
        count, refused, revalued = function(*facts, *by_fact, *allocations, *refusals, *revaluations)
        if count >= 0:
            return Folded(
                *by_fact, *(column[:count] for column in allocations), *(column[:refused] for column in refusals),
                *(column[:revalued] for column in revaluations),
            )
        room *= 2
