"""Why one obligation was cleared, in part, or not at all: read from the certificate.

    excluded         it took no part (the reason of `choices.py` follows)
    always           every largest set-off clears it in full
    chosen           cleared in full, and an equally large set-off could do without some of it: it was preferred
    no_claims        nobody who takes part owes its debtor anything: there is nothing to set off with
    no_debts         its creditor owes nobody who takes part: there is nothing to set off against
    no_chain         no chain of debts leads from its creditor back to its debtor
    capped           a limit, of its debtor, of its creditor or of their pair, is used up
    never            no largest set-off clears any of it: what it would clear costs more elsewhere
    queued           no largest set-off clears more of the pair, and older obligations of the pair come first
    most             cleared in part: no largest set-off clears more of the pair (most_pair: the same, of all there is of the pair)
    shared, behind   cleared in part, or not at all: an equally large set-off clears more of it; others were preferred
    short            only chains of at most so many parties were asked for, and those found hold no more of it
    short_full       the same, and they clear it in full

always, never, queued and most are proved by levels, which the answer has; chosen, shared and behind by another set-off
(`judging.py`). Within a pair of debtor and creditor obligations are cleared in their order, the oldest first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from setoff.clearing.clear import Outcome, numbered
from setoff.clearing.judging import Judged, Solved, judged
from setoff.clearing.network import Network, Pairs, network_of, pairs_of
from setoff.clearing.picture import Network as Debts
from setoff.clearing.solve import Cleared, Integers
from setoff.core.errors import DomainError, ErrorCode

INSTEAD_MAX: Final = 3
Caps = tuple[dict[int, int], dict[tuple[int, int], int]]
"""Of parties, and of debtors and creditors, by their places."""
PROVED: Final = ("always", "never", "queued", "most", "most_pair")
"""Answers that levels prove."""


class Why(NamedTuple):
    """The answer, and what it is read from. Amounts in minor units; `pair_amount` and `pair_cleared` are of all obligations of the debtor
    to the creditor that take part. `limit` and `limited` (the party; "" the pair): of a cap. `instead`: debtors and creditors whose
    debts an equally large set-off would clear more, or less, in its place. Levels: those that prove the answer."""

    answer: str
    excluded: str
    currency: str
    debtor: str
    creditor: str
    amount: int
    cleared: int
    pair_amount: int = 0
    pair_cleared: int = 0
    limit: int = 0
    limited: str = ""
    cycle_max: int = 0
    instead: tuple[tuple[str, str], ...] = ()
    debtor_level: int = 0
    creditor_level: int = 0

    @property
    def slack(self) -> int:
        return 1 + self.debtor_level - self.creditor_level


def why(outcomes: Iterable[Outcome], obligation: str) -> Why:
    """By its id, else by its number where only one has it. Errors: unknown_reference, invalid_value (several have that number)."""
    told = list(outcomes)
    if not any((outcome.rows("id")["id"] == obligation).any() for outcome in told):
        obligation = _numbered(told, obligation)
    for outcome in told:
        rows = pl.concat([part.filter(pl.col("id") == obligation) for part in outcome.rows.parts()])
        if not rows.is_empty():
            row = rows.row(0, named=True)
            said = Why("", row["excluded"], outcome.currency, row["debtor"], row["creditor"], row["amount"], row["cleared"])
            return said._replace(answer="excluded") if row["excluded"] else _answered(outcome, said)
    raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="obligation", value=obligation)


def _numbered(outcomes: Iterable[Outcome], number: str) -> str:
    """The id of the obligation that has this number."""
    found = [str(name) for outcome in outcomes for name in outcome.rows("number", "id").filter(pl.col("number") == number)["id"]]
    if len(found) > 1:
        raise DomainError(ErrorCode.INVALID_VALUE, field="--why", value=number, expected=", ".join(found[:5]))
    return found[0] if found and number else number


def _answered(outcome: Outcome, said: Why) -> Why:
    case = case_of(outcome)
    place = {name: number for number, name in enumerate(case.names)}
    return answered(case, (place[said.debtor], place[said.creditor]), said, outcome.cycle_max)


def answered(case: Case, ends: tuple[int, int], said: Why, cycle_max: int) -> Why:
    """What is said of an obligation that takes part, with its answer. `ends`: places of its debtor and its creditor."""
    own = int(np.flatnonzero((case.pairs.debtor == ends[0]) & (case.pairs.creditor == ends[1]))[0])
    said = said._replace(pair_amount=int(case.pairs.amount[own]), pair_cleared=int(case.solved.flow[own]), cycle_max=cycle_max)
    if cycle_max:
        return said._replace(answer="short_full" if said.cleared == said.amount else "short")
    told = told_of(case, own, said)
    if told.answer == "most" and said.amount == said.pair_amount:
        told = told._replace(answer="most_pair")  # nothing comes before it
    return _with_levels(case, own, told)


def pair_why(network: Debts, result: Cleared, ends: tuple[int, int]) -> Why:
    """Of a network of pairs (`picture.py`), all that one party owes another. Errors: unknown_reference when it owes it nothing."""
    pairs = pairs_of(network.debtor, network.creditor, network.amount)
    codes = [code for code, _ in network.names]
    found = np.flatnonzero((pairs.debtor == ends[0]) & (pairs.creditor == ends[1]))
    if not len(found):
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="obligation", value=" > ".join(codes[end] for end in ends), field="creditor")
    own = int(found[0])
    arcs = network_of(pairs, len(codes), party_caps={}, pair_caps={}, liquidity=0)
    solved = Solved(arcs.tail, arcs.head, arcs.capacity, arcs.gain, result.flow, result.levels)
    case = Case([name or code for code, name in network.names], pairs, arcs, solved, {}, 0)
    amount, cleared = int(pairs.amount[own]), int(result.flow[own])
    debtor, creditor = (case.names[end] for end in ends)
    said = Why("", "", network.currency, debtor, creditor, amount, cleared, pair_amount=amount, pair_cleared=cleared)
    told = told_of(case, own, said)
    return _with_levels(case, own, told._replace(answer="most_pair") if told.answer == "most" else told)


class Case(NamedTuple):
    """A result as a solved network: the first arcs are the pairs."""

    names: list[str]
    pairs: Pairs
    network: Network
    solved: Solved
    party_caps: dict[int, int]
    liquidity: int


class Stand(NamedTuple):
    """By party: its level as creditor and as debtor, what it borrowed from the funder and paid it. Then the funder's limit and levels."""

    level: Integers
    level_out: Integers
    lent: Integers
    paid: Integers
    liquidity: int = 0
    funder_levels: tuple[int, int] = (0, 0)


def case_of(outcome: Outcome) -> Case:
    rows = outcome.rows("debtor", "creditor", "amount", "cleared", "excluded").filter(pl.col("excluded") == "")
    names = outcome.parties["party"].to_list()
    kind = pl.Enum(names)
    debtor, creditor = (rows[side].cast(kind).to_physical().to_numpy().astype(np.int64) for side in ("debtor", "creditor"))
    pairs = pairs_of(debtor, creditor, rows["amount"].to_numpy())
    cleared = rows["cleared"].to_numpy()
    cleared = np.add.reduceat(cleared, pairs.start) if len(cleared) else cleared
    level, level_out, lent, paid = (outcome.parties[name].to_numpy() for name in ("level", "level_out", "borrowed", "paid"))
    stand = Stand(level, level_out, lent, paid, outcome.liquidity, outcome.funder_levels)
    return case_made(names, pairs, cleared, numbered(outcome.caps, names, outcome.currency), stand)


def case_made(names: list[str], pairs: Pairs, cleared: Integers, caps: Caps, stand: Stand) -> Case:
    """`cleared`: by pair. `names` of the parties, by which answers call them."""
    network = network_of(pairs, len(names), party_caps=caps[0], pair_caps=caps[1], liquidity=stand.liquidity)
    flow = np.zeros(len(network.tail), np.int64)
    flow[: len(pairs.amount)] = cleared
    levels = np.zeros(network.places, np.int64)
    levels[network.out], levels[: len(names)] = stand.level_out, stand.level
    _through(network, pairs, flow, stand.lent, stand.paid)
    if network.funder_in >= 0:
        levels[[network.funder_in, network.funder_out]] = stand.funder_levels
    solved = Solved(network.tail, network.head, network.capacity, network.gain, flow, levels)
    return Case(names, pairs, network, solved, caps[0], stand.liquidity)


def _through(network: Network, pairs: Pairs, flow: Integers, lent: Integers, paid: Integers) -> None:
    """What runs through capped parties and the funder."""
    held = len(pairs.amount)
    given = paid.copy()
    np.add.at(given, pairs.debtor, flow[:held])
    capped = slice(held, held + len(network.capped))
    flow[capped] = given[network.capped]
    if network.funder_in >= 0:
        party_of = np.full(network.places, -1, np.int64)
        party_of[network.out] = np.arange(len(paid))
        inward, outward = network.head == network.funder_in, network.tail == network.funder_out
        flow[inward], flow[outward] = paid[party_of[network.tail[inward]]], lent[network.head[outward]]
        flow[(network.tail == network.funder_in) & (network.head == network.funder_out)] = lent.sum()


def told_of(case: Case, own: int, said: Why) -> Why:
    """The answer for an obligation of a pair, or for the pair itself; not of a result with short chains only."""
    found = judged(case.solved, own)
    if said.cleared == said.amount:
        if found.less:
            return said._replace(answer="chosen", instead=_names(case, found.less_instead))
        return said._replace(answer="always")
    without = "" if case.liquidity else _without_chain(case.pairs, own)
    if without:
        return said._replace(answer=without)
    if found.more:
        return said._replace(answer="shared" if said.cleared else "behind", instead=_names(case, found.more_instead))
    limited = _limited(case, own)
    if limited:
        return said._replace(answer="capped", limited=limited[0], limit=limited[1])
    if said.cleared:
        return said._replace(answer="most")
    return said._replace(answer="queued" if said.pair_cleared else "never")


def _with_levels(case: Case, own: int, said: Why) -> Why:
    levels = proof_of(case, own, said.answer)
    return said._replace(debtor_level=int(levels[case.solved.tail[own]]), creditor_level=int(levels[case.solved.head[own]]))


def proof_of(case: Case, own: int, answer: str) -> Integers:
    """Levels by place that prove the answer."""
    found: Judged = judged(case.solved, own)
    return found.less_levels if answer == "always" else found.more_levels


def _names(case: Case, arcs: Iterable[int]) -> tuple[tuple[str, str], ...]:
    held = len(case.pairs.amount)
    debts = [arc for arc in arcs if arc < held][:INSTEAD_MAX]
    return tuple((case.names[int(case.pairs.debtor[debt])], case.names[int(case.pairs.creditor[debt])]) for debt in debts)


def _limited(case: Case, own: int) -> tuple[str, int] | None:
    """The party (or "" for the pair) whose cap is used up, and the cap."""
    debtor, creditor = int(case.pairs.debtor[own]), int(case.pairs.creditor[own])
    flow, most = int(case.solved.flow[own]), int(case.solved.capacity[own])
    if flow == most < case.pairs.amount[own]:
        return "", most
    arcs = {int(party): len(case.pairs.amount) + place for place, party in enumerate(case.network.capped)}
    for party in (debtor, creditor):
        if party in arcs and case.solved.flow[arcs[party]] >= case.party_caps[party]:
            return case.names[party], case.party_caps[party]
    return None


def _without_chain(pairs: Pairs, own: int) -> str:
    """Why there is no chain at all; "" when there is one."""
    debtor, creditor = int(pairs.debtor[own]), int(pairs.creditor[own])
    if not (pairs.creditor == debtor).any():
        return "no_claims"
    if not (pairs.debtor == creditor).any():
        return "no_debts"
    parties = int(max(pairs.debtor.max(), pairs.creditor.max())) + 1
    order = np.argsort(pairs.debtor, kind="stable")
    start = np.concatenate(([0], np.cumsum(np.bincount(pairs.debtor, minlength=parties)))).tolist()
    other = pairs.creditor[order].tolist()
    seen = {creditor}
    waiting = deque([creditor])
    while waiting:
        party = waiting.popleft()
        for at in range(start[party], start[party + 1]):
            if other[at] == debtor:
                return ""
            if other[at] not in seen:
                seen.add(other[at])
                waiting.append(other[at])
    return "no_chain"
