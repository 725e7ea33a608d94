"""One debt in two books of ours is one debt: claims of one unit are paired with the debts that another unit's books hold against it.

Pairs are looked for in passes, the surest first: the same amount and due day; the same amount; then what is left, oldest due day
first, parts against parts. What finds no pair is returned too: the difference between the two books, which takes no part until
somebody explains it. Pure.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Sequence
from datetime import date
from typing import NamedTuple


class BookDebt(NamedTuple):
    """An open lot of one unit. `place` is its place in whatever list the caller keeps."""

    place: int
    amount: int
    due: date
    number: str


class Pair(NamedTuple):
    """A claim and the debt that mirrors it, `amount` of both; None: no such side."""

    claim: int | None
    debt: int | None
    amount: int


def pairs_of(claims: Sequence[BookDebt], debts: Sequence[BookDebt]) -> list[Pair]:
    """Every claim and debt is used up exactly; the amount that both books agree on is min(sum of claims, sum of debts)."""
    found: list[Pair] = []
    left_claims, left_debts = sorted(claims, key=_order), sorted(debts, key=_order)
    same: tuple[Callable[[BookDebt], Hashable], ...] = (lambda item: (item.amount, item.due), lambda item: item.amount)
    for key in same:
        waiting: dict[Hashable, deque[BookDebt]] = defaultdict(deque)
        for debt in left_debts:
            waiting[key(debt)].append(debt)
        unpaired = []
        for claim in left_claims:
            if queue := waiting[key(claim)]:
                found.append(Pair(claim.place, queue.popleft().place, claim.amount))
            else:
                unpaired.append(claim)
        left_claims, left_debts = unpaired, sorted((debt for queue in waiting.values() for debt in queue), key=_order)
    return found + _parts(left_claims, left_debts)


def _parts(claims: Sequence[BookDebt], debts: Sequence[BookDebt]) -> list[Pair]:
    found: list[Pair] = []
    own, theirs = deque(claims), deque(debts)
    while own and theirs:
        amount = min(own[0].amount, theirs[0].amount)
        found.append(Pair(own[0].place, theirs[0].place, amount))
        for queue in (own, theirs):
            first = queue.popleft()
            if first.amount > amount:
                queue.appendleft(first._replace(amount=first.amount - amount))
    found += [Pair(claim.place, None, claim.amount) for claim in own]
    return found + [Pair(None, debt.place, debt.amount) for debt in theirs]


def _order(item: BookDebt) -> tuple[date, str, int]:
    return item.due, item.number, item.place
