"""Thousands of networks from one seed, under everything that can be chosen at once, against another solver.

Exclusions, a minimum amount, caps of parties and of pairs, and a funder hold together; amounts are small, so that ties abound, or near the
largest that are read. The other solver (OR-tools) gets the obligations one by one, as they were drawn.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from ortools.graph.python import min_cost_flow

from setoff.clearing.chains import first_chains
from setoff.clearing.cycles import covered, cycles_of
from setoff.clearing.network import network_of, pairs_of, spread
from setoff.clearing.solve import Integers, clear_with_gains

NETWORKS = 3000


class Drawn(NamedTuple):
    """Obligations of `parties`; those that may take part; caps by party and by pair; what a funder would lend."""

    parties: int
    debtor: Integers
    creditor: Integers
    amount: Integers
    takes_part: Integers
    party_caps: dict[int, int]
    pair_caps: dict[tuple[int, int], int]
    liquidity: int


def drawn(generator: np.random.Generator) -> Drawn:
    parties, size = int(generator.integers(2, 9)), int(generator.integers(1, 30))
    debtor, creditor = generator.integers(0, parties, (2, size))
    unit = 1 if generator.random() < 0.8 else 10**14
    amount = generator.integers(1, 13, size) * unit
    excluded = generator.random(parties) < 0.1
    takes_part = (debtor != creditor) & ~excluded[debtor] & ~excluded[creditor] & (generator.random(size) > 0.1)
    if generator.random() < 0.3:
        takes_part &= amount >= 4 * unit
    capped = np.flatnonzero(generator.random(parties) < 0.2).tolist()
    some = [place for place in range(size) if takes_part[place] and generator.random() < 0.1]
    return Drawn(
        parties, debtor, creditor, amount, np.flatnonzero(takes_part),
        {party: int(generator.integers(0, 20)) * unit for party in capped},
        {(int(debtor[place]), int(creditor[place])): int(generator.integers(0, 15)) * unit for place in some},
        int(generator.integers(1, 30)) * unit if generator.random() < 0.4 else 0,
    )  # fmt: skip


def cleared(case: Drawn) -> Integers:
    """By obligation."""
    order = case.takes_part[np.lexsort((case.creditor[case.takes_part], case.debtor[case.takes_part]))]
    pairs = pairs_of(case.debtor[order], case.creditor[order], case.amount[order])
    network = network_of(pairs, case.parties, party_caps=case.party_caps, pair_caps=case.pair_caps, liquidity=case.liquidity)
    flow = clear_with_gains(network.tail, network.head, network.capacity, network.gain, network.places).flow
    found = np.zeros(len(case.amount), np.int64)
    found[order] = spread(pairs, case.amount[order], flow[: len(pairs.amount)])
    return found


def by_another(case: Drawn) -> int:
    """The largest total: every obligation an arc, into its pair's limit, into its creditor's."""
    solver = min_cost_flow.SimpleMinCostFlow()
    whole = int(case.amount.sum()) + case.liquidity
    pair_place: dict[tuple[int, int], int] = {}
    for party in range(case.parties):
        solver.add_arc_with_capacity_and_unit_cost(2 * party, 2 * party + 1, min(whole, case.party_caps.get(party, whole)), 0)
    for place in case.takes_part.tolist():
        ends = int(case.debtor[place]), int(case.creditor[place])
        if ends not in pair_place:
            pair_place[ends] = 2 * case.parties + 2 + len(pair_place)
            solver.add_arc_with_capacity_and_unit_cost(pair_place[ends], 2 * ends[1], min(whole, case.pair_caps.get(ends, whole)), 0)
        solver.add_arc_with_capacity_and_unit_cost(2 * ends[0] + 1, pair_place[ends], int(case.amount[place]), -1)
    if case.liquidity:
        funder = 2 * case.parties
        solver.add_arc_with_capacity_and_unit_cost(funder, funder + 1, case.liquidity, 0)
        for party in range(case.parties):
            solver.add_arc_with_capacity_and_unit_cost(2 * party + 1, funder, case.liquidity, 0)
            solver.add_arc_with_capacity_and_unit_cost(funder + 1, 2 * party, case.liquidity, 0)
    assert solver.solve() == solver.OPTIMAL
    return -int(solver.optimal_cost())


def test_thousands_of_networks() -> None:
    """The total is the other solver's; nothing else takes part; nothing is cleared beyond its amount; limits hold; without a funder net
    positions stay, and the chains are all of it."""
    generator = np.random.default_rng(20261130)
    some = {"cap": 0, "pair": 0, "funder": 0, "cleared": 0}
    for number in range(NETWORKS):
        case = drawn(generator)
        found = cleared(case)
        assert int(found.sum()) == by_another(case), number
        assert ((found >= 0) & (found <= case.amount)).all() and not np.delete(found, case.takes_part).any(), number
        owing = np.bincount(case.debtor, found, case.parties).astype(np.int64)
        owed = np.bincount(case.creditor, found, case.parties).astype(np.int64)
        assert all(max(owing[party], owed[party]) <= most for party, most in case.party_caps.items()), number
        for (debtor, creditor), most in case.pair_caps.items():
            assert found[(case.debtor == debtor) & (case.creditor == creditor)].sum() <= most, number
        assert np.abs(owing - owed).sum() <= 2 * case.liquidity, number
        if not case.liquidity:
            assert owing.tolist() == owed.tolist(), number
            rings = cycles_of(case.debtor, case.creditor, found, case.parties)
            assert covered(rings, len(found)).tolist() == found.tolist(), number
            sizes = [len(chain.debts) for chain in first_chains(rings, "shortest", len(found))]
            assert sizes == sorted(sizes), number
        some["cap"] += bool(case.party_caps)
        some["pair"] += bool(case.pair_caps)
        some["funder"] += bool(case.liquidity)
        some["cleared"] += bool(found.any())
    assert min(some.values()) > NETWORKS // 4
