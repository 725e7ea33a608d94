"""Obligations in, set-offs out: every currency apart.

Who stays out is marked (`choices.py`), the rest becomes a network (`network.py`), which is solved (`solve.py`); among the largest totals
the preferred one is taken (`preference.py`), and what is cleared of every pair is spread over its obligations. Each step tells its name
to `tell`, for whoever watches.

Errors: those of `choices.py`; amount_too_large (a currency's sum beyond 2**62 minor units).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import polars as pl

from setoff.clearing.choices import Choices, with_reasons
from setoff.clearing.cycles import cycles_of
from setoff.clearing.network import Network, Pairs, network_of, pairs_of, spread, sum_of
from setoff.clearing.preference import preferred
from setoff.clearing.solve import SUM_MAX, Cleared, Integers, clear_with_gains
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import format_amount, parse_amount

Tell = Callable[[str, str], None]
"""Told the step and the currency."""


class Outcome(NamedTuple):
    """What came out in one currency. `obligations` with excluded and cleared (minor units); `parties` with level (as creditor),
    level_out (as debtor: another one under a cap), borrowed from the funder and paid to the funder."""

    currency: str
    obligations: pl.DataFrame
    parties: pl.DataFrame
    debt: int
    eligible: int
    cleared: int
    bound: int
    pairs: int
    caps: list[dict[str, str]]
    liquidity: int
    cycle_max: int
    funder_levels: tuple[int, int]


def clear(obligations: pl.DataFrame, choices: Choices, tell: Tell = lambda _step, _currency: None) -> list[Outcome]:
    """Ordered obligations (`obligations.py`), cleared as far as the choices allow; by currency."""
    marked = with_reasons(obligations, choices)
    found = []
    for (currency,), frame in marked.group_by(["currency"], maintain_order=True):
        found.append(_clear_currency(str(currency), frame, choices, tell))
    return found


def _clear_currency(currency: str, frame: pl.DataFrame, choices: Choices, tell: Tell) -> Outcome:
    amount = frame["amount"].to_numpy()
    debt = sum_of(amount)
    if debt >= SUM_MAX:
        raise DomainError(ErrorCode.AMOUNT_TOO_LARGE, field="amount", value=debt, currency=currency)
    names = sorted(set(frame["debtor"].unique()) | set(frame["creditor"].unique()))
    kind = pl.Enum(names)
    taking_part = (frame["excluded"] == "").to_numpy()
    debtor, creditor = (frame[side].cast(kind).to_physical().to_numpy().astype(np.int64)[taking_part] for side in ("debtor", "creditor"))
    tell("merge", currency)
    pairs = pairs_of(debtor, creditor, amount[taking_part])
    liquidity = parse_amount(choices.liquidity, currency) if choices.liquidity else 0
    caps = _caps_of(currency, names, choices)
    network = _network(pairs, names, caps, currency, liquidity)
    tell("solve", currency)
    solved = clear_with_gains(network.tail, network.head, network.capacity, network.gain, network.places)
    tell("prefer", currency)
    flow = preferred(network, solved, pairs, amount[taking_part], _weights(frame.filter(pl.col("excluded") == ""), choices))
    if choices.cycle_max:
        flow = _short(pairs, flow, len(names), choices)
    tell("spread", currency)
    cleared = np.zeros(len(frame), np.int64)
    cleared[taking_part] = spread(pairs, amount[taking_part], flow[: len(pairs.amount)])
    return Outcome(
        currency=currency,
        obligations=frame.with_columns(pl.Series("cleared", cleared)),
        parties=_parties(names, network, solved, flow),
        debt=debt,
        eligible=sum_of(amount[taking_part]),
        cleared=int(cleared.sum()),
        bound=int(solved.flow[: len(pairs.amount)].sum()),
        caps=caps,
        pairs=len(pairs.amount),
        liquidity=liquidity,
        cycle_max=choices.cycle_max,
        funder_levels=(int(solved.levels[network.funder_in]), int(solved.levels[network.funder_out])) if liquidity else (0, 0),
    )


def _short(pairs: Pairs, flow: Integers, parties: int, choices: Choices) -> Integers:
    """What rings of at most so many parties cover of it. Errors: invalid_value (with a funder, whose money runs along open chains)."""
    if choices.liquidity:
        raise DomainError(ErrorCode.INVALID_VALUE, field="--max-cycle", value=choices.cycle_max, expected="0")
    rings = cycles_of(pairs.debtor, pairs.creditor, flow[: len(pairs.amount)], parties, longest=choices.cycle_max)
    covered = np.zeros(len(flow), np.int64)
    np.add.at(covered, rings.arcs, np.repeat(rings.amount, np.diff(rings.start)))
    return covered


def _network(pairs: Pairs, names: list[str], caps: list[dict[str, str]], currency: str, liquidity: int) -> Network:
    number = {name: place for place, name in enumerate(names)} if caps else {}
    party_caps: dict[int, int] = {}
    pair_caps: dict[tuple[int, int], int] = {}
    for cap in caps:
        most = parse_amount(cap["amount"], currency)
        if cap["creditor"]:
            pair_caps[number[cap["party"]], number[cap["creditor"]]] = most
        else:
            party_caps[number[cap["party"]]] = most
    return network_of(pairs, len(names), party_caps=party_caps, pair_caps=pair_caps, liquidity=liquidity)


def _caps_of(currency: str, names: list[str], choices: Choices) -> list[dict[str, str]]:
    """The caps that bind in this currency: of a party or pair that has several, the smallest."""
    there = set(names)
    least: dict[tuple[str, str], int] = {}
    for cap in choices.caps:
        most = cap.minor(currency)
        if most is not None and cap.party in there and (not cap.creditor or cap.creditor in there):
            least[cap[:2]] = min(most, least.get(cap[:2], most))
    return [
        {"party": party, "creditor": creditor, "amount": format_amount(most, currency)} for (party, creditor), most in sorted(least.items())
    ]


def _weights(frame: pl.DataFrame, choices: Choices) -> Integers:
    """What an obligation is preferred by: days before the latest due date (none without a date), or its priority."""
    if choices.prefer == "age":
        latest = pl.col("due").max()
        return frame.select((latest - pl.col("due")).dt.total_days().fill_null(0)).to_series().to_numpy().astype(np.int64)
    if choices.prefer == "priority":
        return frame["priority"].to_numpy().astype(np.int64)
    return np.zeros(len(frame), np.int64)


def _parties(names: list[str], network: Network, solved: Cleared, flow: Integers) -> pl.DataFrame:
    """Levels, and what the funder lent and got; a loan that comes straight back is none."""
    borrowed, paid = np.zeros(len(names), np.int64), np.zeros(len(names), np.int64)
    if network.funder_in >= 0:
        inward = (network.head == network.funder_in)
        outward = (network.tail == network.funder_out)
        place_of = np.full(network.places, -1, np.int64)
        place_of[network.out] = np.arange(len(names))
        paid[place_of[network.tail[inward]]] = flow[inward]
        borrowed[network.head[outward]] = flow[outward]
        both = np.minimum(borrowed, paid)
        borrowed -= both
        paid -= both
    return pl.DataFrame({
        "party": names,
        "level": solved.levels[: len(names)],
        "level_out": solved.levels[network.out],
        "borrowed": borrowed,
        "paid": paid,
    })
