"""What a round clears: its eligible debts as a network, solved and spread to the debts by the rules of `clearing/clear.py`.

A debt takes part when it has no hindrance (queries.py: nobody barred it, no party of it refused, enough sides confirmed it). Of the
largest totals of a currency the one that clears the oldest debts is taken, then the one with the fewest partly cleared; debts are named by
where they stand, so nothing depends on the order in which they came. `certificate` is the file that proves the result to an outsider.

`verdict` tells from the levels of the certificate what the rest of the network says about a debt: it must be cleared whole, it cannot be
cleared at all without losing elsewhere, or it stands on the edge, where the rule of order decided.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import Final, Literal, NamedTuple

import msgspec
import polars as pl

from setoff.clearing.choices import Choices
from setoff.clearing.clear import clear
from setoff.clearing.obligations import input_hash, ordered
from setoff.clearing.results import write_result
from setoff.clearing.rounds.records import Obligation, Party, Position

Verdict = Literal["whole", "never", "edge"]
PREFERENCE: Final = Choices(prefer="age")
SCHEMA: Final = {
    "id": pl.String, "debtor": pl.String, "creditor": pl.String, "amount": pl.Int64, "currency": pl.String, "due": pl.Date,
    "number": pl.String, "priority": pl.Int64,
}  # fmt: skip


class Solution(NamedTuple):
    """`cleared` by number of debt; positions of every party and currency with eligible debts; hashes as hexadecimal digits, those of
    `party_hashes` by number of party."""

    cleared: dict[int, int]
    positions: list[Position]
    input_hash: str
    result_hash: str
    party_hashes: dict[int, str]


def solve(parties: Iterable[Party], debts: Iterable[Obligation]) -> Solution:
    """The largest total that can be cleared in every currency while everyone's net position stays as it is."""
    known = {party.no: party for party in parties}
    taken = {debt_id(debt): debt for debt in debts if not debt.hindrance}
    frame = obligations_frame(known, taken)
    numbers = {party.code: party.no for party in known.values()}
    cleared: dict[int, int] = {}
    positions: list[Position] = []
    for outcome in clear(frame, PREFERENCE):
        amounts = {taken[name].no: int(amount) for name, amount in outcome.obligations.select("id", "cleared").iter_rows()}
        levels = {numbers[code]: int(level) for code, level in outcome.parties.select("party", "level").iter_rows()}
        of_currency = [debt for debt in taken.values() if debt.currency == outcome.currency]
        cleared |= amounts
        positions += _positions(outcome.currency, of_currency, amounts, levels)
    solved = [debt._replace(cleared=cleared[debt.no]) for debt in taken.values()]
    return Solution(cleared, positions, input_hash(frame), result_hash(solved), party_hashes(solved))


def certificate(parties: Iterable[Party], debts: Iterable[Obligation]) -> bytes:
    """The result as a file that `setoff clear --verify` checks (clearing/results.py)."""
    known = {party.no: party for party in parties}
    frame = obligations_frame(known, {debt_id(debt): debt for debt in debts if not debt.hindrance})
    file = BytesIO()
    write_result(file, frame, clear(frame, PREFERENCE), PREFERENCE)
    return file.getvalue()


def debt_id(debt: Obligation) -> str:
    """What names a debt whatever its number in the round: unit, document and line of its lots, or its id in its file."""
    if debt.file:
        return f"{debt.file}:{debt.reference}"
    return ">".join(".".join(map(str, lot)) if lot else "" for lot in (debt.debtor_lot, debt.creditor_lot))


def obligations_frame(parties: Mapping[int, Party], debts: Mapping[str, Obligation]) -> pl.DataFrame:
    """The debts as obligations of a network, in their order."""
    rows = [
        (name, parties[debt.debtor].code, parties[debt.creditor].code, debt.amount, debt.currency, debt.due, debt.number, 0)
        for name, debt in debts.items()
    ]
    return ordered(pl.DataFrame(rows, schema=SCHEMA, orient="row"))


def result_hash(debts: Iterable[Obligation]) -> str:
    """sha256 of what is cleared: the same for the same debts in any order."""
    rows = sorted((debt_id(debt), debt.cleared) for debt in debts if debt.cleared)
    return hashlib.sha256(msgspec.json.encode(rows)).hexdigest()


def party_hashes(debts: Iterable[Obligation]) -> dict[int, str]:
    """What is cleared for every party that something is cleared for."""
    of_party: dict[int, list[Obligation]] = defaultdict(list)
    for debt in debts:
        if debt.cleared:
            of_party[debt.debtor].append(debt)
            of_party[debt.creditor].append(debt)
    return {party: result_hash(rows) for party, rows in of_party.items()}


def verdict(debtor_level: int, creditor_level: int) -> Verdict:
    """What the certificate says about a pair, whichever best solution is taken."""
    gain = 1 + debtor_level - creditor_level
    return "whole" if gain > 0 else "never" if gain < 0 else "edge"


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
