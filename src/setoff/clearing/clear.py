"""Obligations in, set-offs out: every currency apart.

Who stays out is marked (`choices.py`), the rest becomes a network (`network.py`), which is solved (`solve.py`); among the largest totals
the preferred one is taken (`preference.py`), and what is cleared of every pair is spread over its obligations. Each step tells its name
to `tell`, for whoever watches.

Errors: those of `choices.py`; amount_too_large (a currency's sum beyond 2**62 minor units).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from setoff.clearing.choices import Choices, with_reasons
from setoff.clearing.cycles import covered, cycles_of
from setoff.clearing.held import Held, Rows
from setoff.clearing.network import Network, Pairs, network_of, pairs_of, spread, sum_of
from setoff.clearing.preference import Weights, preferred
from setoff.clearing.solve import SUM_MAX, Cleared, Integers, clear_with_gains
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import format_amount, parse_amount

LONG_AGO: Final = -(1 << 30)
"""Before every due date."""
Tell = Callable[[str, str], None]
"""Told the step and the currency."""


class Outcome(NamedTuple):
    """What came out in one currency. `rows`: its obligations, with excluded and cleared (minor units); `parties` with level (as creditor),
    level_out (as debtor: another one under a cap), borrowed from the funder and paid to the funder."""

    currency: str
    rows: Rows
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

    @property
    def obligations(self) -> pl.DataFrame:
        """All of its rows, in memory."""
        return self.rows()


def clear(obligations: pl.DataFrame | Held, choices: Choices, tell: Tell = lambda _step, _currency: None) -> list[Outcome]:
    """Ordered obligations (`obligations.py`), cleared as far as the choices allow; by currency. What is put away of them is read when it
    is needed: while a network is solved nothing of it stands in memory."""
    given = obligations if isinstance(obligations, Held) else Held.of(obligations)
    del obligations
    held = Held({**given.columns, "excluded": [with_reasons(given.frame(), choices)["excluded"]]}, given.height)
    outcomes = []
    for currency, at, count in runs_of(held.column("currency")):
        outcome, cleared = _clear_currency(currency, Rows(held, at, count), choices, tell)
        held.columns.setdefault("cleared", []).append(cleared)
        outcomes.append(outcome)
    held.put_away()
    return outcomes


def runs_of(currencies: pl.Series) -> list[tuple[str, int, int]]:
    """Currencies, of which the rows are neighbours: where each begins, and how many."""
    runs = [(run["value"], run["len"]) for run in currencies.rle().to_list()]
    ends = np.cumsum([count for _, count in runs]).tolist()
    return [(currency, end - count, count) for (currency, count), end in zip(runs, ends, strict=True)]


def by_currency(obligations: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """The rows of every currency, which are neighbours: looked at, not copied."""
    for currency, at, count in runs_of(obligations["currency"]):
        yield currency, obligations.slice(at, count)


class Prepared(NamedTuple):
    """One currency, ready to be solved. Parties by their place in `names`, in the order of their letters; `takes_part` by obligation;
    `debt` of all."""

    names: pl.Series
    takes_part: NDArray[np.bool_]
    debt: int
    pairs: Pairs
    caps: list[dict[str, str]]
    party_caps: dict[int, int]
    pair_caps: dict[tuple[int, int], int]

    def network(self, liquidity: int) -> Network:
        return network_of(self.pairs, len(self.names), party_caps=self.party_caps, pair_caps=self.pair_caps, liquidity=liquidity)


def prepared(currency: str, frame: pl.DataFrame, choices: Choices) -> Prepared:
    """Marked obligations of one currency (`with_reasons`), merged by pairs, with the caps that bind. Errors: amount_too_large."""
    debt = sum_of(frame["amount"].to_numpy())
    if debt >= SUM_MAX:
        raise DomainError(ErrorCode.AMOUNT_TOO_LARGE, field="amount", value=debt, currency=currency)
    names = pl.concat([frame[side].unique().cast(pl.String) for side in ("debtor", "creditor")]).unique().sort()
    takes_part = (frame["excluded"] == "").to_numpy()
    listed = names.to_list() if choices.caps else []
    caps = caps_of(currency, listed, choices)
    party_caps, pair_caps = numbered(caps, listed, currency)
    kind = pl.Enum(names)
    amount = of_those(frame["amount"], takes_part)
    debtor, creditor = (of_those(frame[side].cast(kind).to_physical(), takes_part) for side in ("debtor", "creditor"))
    pairs = pairs_of(debtor, creditor, amount)
    return Prepared(names, takes_part, debt, pairs, caps, party_caps, pair_caps)


def of_those(column: pl.Series, takes_part: NDArray[np.bool_]) -> NDArray[Any]:
    """Of the obligations that take part; where all do, a look at the column itself."""
    return column.to_numpy() if takes_part.all() else column.filter(pl.Series(takes_part)).to_numpy()


def _clear_currency(currency: str, rows: Rows, choices: Choices, tell: Tell) -> tuple[Outcome, pl.Series]:
    """The outcome, and what is cleared of every obligation, which its rows do not have yet."""
    tell("merge", currency)
    case = prepared(currency, rows("debtor", "creditor", "amount", "excluded"), choices)
    liquidity = liquidity_of(choices, currency)
    network = case.network(liquidity)
    tell("solve", currency)
    solved = clear_with_gains(network.tail, network.head, network.capacity, network.gain, network.places)
    tell("prefer", currency)

    def weighed() -> tuple[Integers, Weights]:
        columns = rows("amount", "due", "priority")
        return of_those(columns["amount"], case.takes_part), _weights(columns, case.takes_part, choices)

    flow = preferred(network, solved, case.pairs, weighed)
    if choices.cycle_max:
        flow = short(network, case, flow, choices.cycle_max)
    tell("spread", currency)
    debts = len(case.pairs.amount)
    cleared = spread(case.pairs, of_those(rows("amount")["amount"], case.takes_part), flow[:debts])
    if not case.takes_part.all():
        some, cleared = cleared, np.zeros(rows.height, np.int64)
        cleared[case.takes_part] = some
    outcome = Outcome(
        currency=currency,
        rows=rows,
        parties=_parties(case.names, network, solved, flow),
        debt=case.debt,
        eligible=sum_of(case.pairs.amount),
        cleared=int(flow[:debts].sum()),
        bound=int(solved.flow[:debts].sum()),
        caps=case.caps,
        pairs=debts,
        liquidity=liquidity,
        cycle_max=choices.cycle_max,
        funder_levels=(int(solved.levels[network.funder_in]), int(solved.levels[network.funder_out])) if liquidity else (0, 0),
    )
    return outcome, pl.Series("cleared", cleared)


def short(network: Network, case: Prepared, flow: Integers, longest: int) -> Integers:
    """Rings of at most so many parties; a funder is one of them. Of two ways the one that clears more: rings within the largest
    circulation, or, where only debts limit them, rings of the debts as they are. Of two parties the latter are all there can be."""
    held = len(case.pairs.amount)
    debtor, creditor, amount, arc = with_funder(network, flow, len(case.names), held)
    best = np.zeros(len(flow), np.int64)
    best[arc] = covered(cycles_of(debtor, creditor, amount, len(case.names) + 1, longest=longest), len(arc))
    if not case.party_caps and network.funder_in < 0:
        rings = cycles_of(case.pairs.debtor, case.pairs.creditor, network.capacity[:held], len(case.names), longest=longest)
        other = covered(rings, held)
        if other.sum() > best[:held].sum():
            best[:held] = other
    return best


def with_funder(network: Network, flow: Integers, parties: int, held: int) -> tuple[Integers, Integers, Integers, Integers]:
    """Debtors, creditors, cleared amounts and arcs, the funder being one party more: whoever pays it is its debtor. What it lends a
    party that pays it back at once is nothing."""
    place_of = np.full(network.places, -1, np.int64)
    place_of[: parties] = np.arange(parties)
    place_of[network.out] = np.arange(parties)
    arc = np.flatnonzero((np.arange(len(flow)) < held) | (network.head == network.funder_in) | (network.tail == network.funder_out))
    if network.funder_in < 0:
        arc = np.arange(held)
    else:
        place_of[[network.funder_in, network.funder_out]] = parties
    debtor, creditor, amount = place_of[network.tail[arc]], place_of[network.head[arc]], flow[arc].copy()
    paid, lent = np.zeros(parties + 1, np.int64), np.zeros(parties + 1, np.int64)
    own = arc >= held
    np.add.at(paid, debtor[own], amount[own])
    np.add.at(lent, creditor[own], amount[own])
    both = np.minimum(paid, lent)
    both[parties] = 0
    amount[own] -= both[np.minimum(debtor[own], creditor[own])]
    return debtor, creditor, amount, arc


def liquidity_of(choices: Choices, currency: str) -> int:
    """What a funder would lend. Errors: invalid_amount, amount_not_positive."""
    if not choices.liquidity:
        return 0
    found = parse_amount(choices.liquidity, currency)
    if found < 0:
        raise DomainError(ErrorCode.AMOUNT_NOT_POSITIVE, field="--liquidity", value=choices.liquidity)
    return found


def numbered(caps: list[dict[str, str]], names: list[str], currency: str) -> tuple[dict[int, int], dict[tuple[int, int], int]]:
    number = {name: place for place, name in enumerate(names)} if caps else {}
    party_caps: dict[int, int] = {}
    pair_caps: dict[tuple[int, int], int] = {}
    for cap in caps:
        most = parse_amount(cap["amount"], currency)
        if cap["creditor"]:
            pair_caps[number[cap["party"]], number[cap["creditor"]]] = most
        else:
            party_caps[number[cap["party"]]] = most
    return party_caps, pair_caps


def caps_of(currency: str, names: list[str], choices: Choices) -> list[dict[str, str]]:
    """The caps that bind in this currency: of a party or pair that has several, the smallest."""
    there = set(names)
    least: dict[tuple[str, str], int] = {}
    for cap in choices.caps:
        most = cap.minor(currency)
        if most is not None and most < 0:
            raise DomainError(ErrorCode.AMOUNT_NOT_POSITIVE, field="--cap", value=cap.amount)
        if most is not None and cap.party in there and (not cap.creditor or cap.creditor in there):
            least[cap[:2]] = min(most, least.get(cap[:2], most))
    return [
        {"party": party, "creditor": creditor, "amount": format_amount(most, currency)} for (party, creditor), most in sorted(least.items())
    ]


def _weights(frame: pl.DataFrame, takes_part: NDArray[np.bool_], choices: Choices) -> Weights:
    """What an obligation that takes part is preferred by: days before the latest due date (none without a date), or its priority."""
    if choices.prefer == "age":
        days = of_those(frame["due"].to_physical().fill_null(LONG_AGO), takes_part)
        latest = int(days.max(initial=LONG_AGO))
        return np.where(days == LONG_AGO, 0, latest - days)
    if choices.prefer == "priority":
        return of_those(frame["priority"], takes_part)
    return np.zeros(int(takes_part.sum()), np.int8)


def _parties(names: pl.Series, network: Network, solved: Cleared, flow: Integers) -> pl.DataFrame:
    """Levels, and what the funder lent and got; a loan that comes straight back is none."""
    borrowed, paid = np.zeros(len(names) + 1, np.int64), np.zeros(len(names) + 1, np.int64)
    held = int(network.gain.sum())
    debtor, creditor, amount, arc = with_funder(network, flow, len(names), held)
    own = arc >= held
    np.add.at(paid, debtor[own], amount[own])
    np.add.at(borrowed, creditor[own], amount[own])
    return pl.DataFrame({
        "party": names,
        "level": solved.levels[: len(names)],
        "level_out": solved.levels[network.out],
        "borrowed": borrowed[:-1],
        "paid": paid[:-1],
    })
