"""What a round clears: eligible debts merged into pairs, the largest circulation of every currency, spread to the debts again.

A debt takes part when nobody barred it, no party of it refused, enough sides confirmed it, and the options let it (`hindrance`).
Parties stand in the order of their codes and pairs in the order of their parties, so the result does not depend on the order in which
debts came. Within a pair the oldest due day is cleared first, then number, then place. Pure but for the compiled solver.

`why` tells from the levels of the certificate what the rest of the network says about a debt: it must be cleared whole, it cannot be
cleared at all without losing elsewhere, or it stands on the edge, where the rule of order decided.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Literal, NamedTuple

import msgspec
import numpy as np

from setoff.clearing.rounds.records import Obligation, Options, Party, Position
from setoff.clearing.solve import clear_network

Hindrance = Literal["", "mirror", "same_party", "unit_currency", "person", "party_refused", "unconfirmed", "not_due", "below_minimum"]
Verdict = Literal["whole", "never", "edge"]


class Solution(NamedTuple):
    """`cleared` by number of debt; positions of every party and currency with eligible debts; hashes as hexadecimal digits."""

    cleared: dict[int, int]
    positions: list[Position]
    input_hash: str
    result_hash: str


def hindrance(debt: Obligation, parties: Mapping[int, Party], options: Options, as_of: date) -> Hindrance:
    """Why a debt does not take part; "" when it does. The first reason of the order above."""
    if debt.barred:
        return debt.barred
    if "refused" in (parties[debt.debtor].consent, parties[debt.creditor].consent):
        return "party_refused"
    confirmed = bool(debt.debtor_confirmed) + bool(debt.creditor_confirmed)
    if confirmed < {"none": 0, "one": 1, "both": 2}[options.confirmation]:
        return "unconfirmed"
    if options.due_only and debt.due is not None and debt.due > as_of:
        return "not_due"
    return "below_minimum" if debt.amount < options.minimum else ""


def solve(parties: Iterable[Party], debts: Iterable[Obligation], options: Options, as_of: date) -> Solution:
    """The largest total that can be cleared in every currency while everyone's net position stays as it is."""
    known = {party.no: party for party in parties}
    by_currency: dict[str, list[Obligation]] = defaultdict(list)
    for debt in debts:
        if not hindrance(debt, known, options, as_of):
            by_currency[debt.currency].append(debt)
    order = [party.no for party in sorted(known.values(), key=lambda party: party.code)]
    cleared: dict[int, int] = {}
    positions: list[Position] = []
    for currency in sorted(by_currency):
        taken = by_currency[currency]
        amounts, levels = _cleared(taken, order)
        cleared |= amounts
        positions += _positions(currency, taken, amounts, levels)
    taken = [debt._replace(cleared=cleared[debt.no]) for found in by_currency.values() for debt in found]
    return Solution(cleared, positions, _input_hash(known, taken), result_hash(taken))


def result_hash(debts: Iterable[Obligation]) -> str:
    """sha256 of what is cleared: the same for the same debts in any order."""
    rows = sorted((*map(str, _identity(debt)), debt.cleared) for debt in debts if debt.cleared)
    return hashlib.sha256(msgspec.json.encode(rows)).hexdigest()


def verdict(debtor_level: int, creditor_level: int) -> Verdict:
    """What the certificate says about a pair, whichever best solution is taken."""
    gain = 1 + debtor_level - creditor_level
    return "whole" if gain > 0 else "never" if gain < 0 else "edge"


def _cleared(debts: Sequence[Obligation], order: Sequence[int]) -> tuple[dict[int, int], dict[int, int]]:
    """By number of debt and by number of party: the amount, the level."""
    taking_part = {side for debt in debts for side in (debt.debtor, debt.creditor)}
    places = {no: place for place, no in enumerate(no for no in order if no in taking_part)}
    pairs: dict[tuple[int, int], list[Obligation]] = defaultdict(list)
    for debt in debts:
        pairs[places[debt.debtor], places[debt.creditor]].append(debt)
    keys = sorted(pairs)
    debtor, creditor = (np.array([key[side] for key in keys], np.int64) for side in (0, 1))
    amount = np.array([sum(debt.amount for debt in pairs[key]) for key in keys], np.int64)
    found = clear_network(debtor, creditor, amount, len(places))
    amounts: dict[int, int] = {}
    for key, flow in zip(keys, found.flow.tolist(), strict=True):
        for debt in sorted(pairs[key], key=_age):
            amounts[debt.no] = min(debt.amount, flow)
            flow -= amounts[debt.no]
    return amounts, {no: int(found.levels[place]) for no, place in places.items()}


def _age(debt: Obligation) -> tuple[date, str, object]:
    return debt.due or date.min, debt.number, _identity(debt)


def _positions(currency: str, debts: Iterable[Obligation], amounts: Mapping[int, int], levels: Mapping[int, int]) -> list[Position]:
    owes: dict[int, int] = defaultdict(int)
    owed: dict[int, int] = defaultdict(int)
    paid: dict[int, int] = defaultdict(int)
    got: dict[int, int] = defaultdict(int)
    for debt in debts:
        owes[debt.debtor] += debt.amount
        owed[debt.creditor] += debt.amount
        paid[debt.debtor] += amounts[debt.no]
        got[debt.creditor] += amounts[debt.no]
    assert all(paid[no] == got[no] for no in levels), "a set-off leaves every net position as it was"
    return [Position(no, currency, level, owes[no], owed[no], paid[no]) for no, level in sorted(levels.items())]


def _identity(debt: Obligation) -> tuple[object, ...]:
    """What makes a debt the same whatever its number in the round."""
    return (*(debt.creditor_lot or (0, 0, 0)), *(debt.debtor_lot or (0, 0, 0)), debt.file, debt.reference)


def _input_hash(parties: Mapping[int, Party], debts: Iterable[Obligation]) -> str:
    rows = sorted(
        (
            debt.currency, parties[debt.debtor].code, parties[debt.creditor].code, str(debt.due or ""), debt.number, str(debt.amount),
            *map(str, _identity(debt)),
        )
        for debt in debts
    )  # fmt: skip
    return hashlib.sha256(msgspec.json.encode(rows)).hexdigest()
