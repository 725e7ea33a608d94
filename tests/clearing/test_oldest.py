"""Of the largest totals the oldest, in thousands of networks from one seed, under everything that can be chosen at once.

The other solver (OR-tools) gets the obligations one by one, each worth more than all days of a ring, and its days. Its total and its sum of
days times cleared amounts must be ours. Days are few, so that ties abound, or as many as a year has.
"""

from __future__ import annotations

import numpy as np
from ortools.graph.python import min_cost_flow

from setoff.clearing.network import network_of, pairs_of, spread
from setoff.clearing.preference import preferred
from setoff.clearing.solve import Integers, clear_with_gains
from tests.clearing.test_many_networks import Drawn, drawn

NETWORKS = 2000


def cleared(case: Drawn, days: Integers) -> Integers:
    """By obligation."""
    some = case.takes_part
    order = some[np.lexsort((-days[some], case.creditor[some], case.debtor[some]))]
    pairs = pairs_of(case.debtor[order], case.creditor[order], case.amount[order])
    network = network_of(pairs, case.parties, party_caps=case.party_caps, pair_caps=case.pair_caps, liquidity=case.liquidity)
    solved = clear_with_gains(network.tail, network.head, network.capacity, network.gain, network.places)
    flow = preferred(network, solved, pairs, lambda: (case.amount[order], days[order]))
    found = np.zeros(len(case.amount), np.int64)
    found[order] = spread(pairs, case.amount[order], flow[: len(pairs.amount)])
    return found


def by_another(case: Drawn, days: Integers) -> tuple[int, int]:
    """Total, and days times amounts: every obligation an arc, into its pair's limit, into its creditor's."""
    solver = min_cost_flow.SimpleMinCostFlow()
    whole = int(case.amount.sum()) + case.liquidity
    more_than_a_ring = 4 * (len(case.amount) + 1) * (int(days.max()) + 1)

    def arc(tail: int, head: int, capacity: int, gain: int) -> int:
        return int(solver.add_arc_with_capacity_and_unit_cost(tail, head, capacity, -gain))

    for party in range(case.parties):
        arc(2 * party, 2 * party + 1, min(whole, case.party_caps.get(party, whole)), 0)
    pair_place: dict[tuple[int, int], int] = {}
    arcs = {}
    for place in case.takes_part.tolist():
        ends = int(case.debtor[place]), int(case.creditor[place])
        if ends not in pair_place:
            pair_place[ends] = 2 * case.parties + 2 + len(pair_place)
            arc(pair_place[ends], 2 * ends[1], min(whole, case.pair_caps.get(ends, whole)), 0)
        arcs[place] = arc(2 * ends[0] + 1, pair_place[ends], int(case.amount[place]), more_than_a_ring + int(days[place]))
    if case.liquidity:
        funder = 2 * case.parties
        arc(funder, funder + 1, case.liquidity, 0)
        for party in range(case.parties):
            arc(2 * party + 1, funder, case.liquidity, 0)
            arc(funder + 1, 2 * party, case.liquidity, 0)
    assert solver.solve() == solver.OPTIMAL
    flows = {place: int(solver.flow(number)) for place, number in arcs.items()}
    return sum(flows.values()), sum(int(days[place]) * flow for place, flow in flows.items())


def test_the_oldest_of_the_largest_in_thousands_of_networks() -> None:
    generator = np.random.default_rng(20261201)
    younger = 0
    for number in range(NETWORKS):
        case = drawn(generator)
        days = generator.integers(0, int(generator.choice([2, 4, 365])), len(case.amount))
        found = cleared(case, days)
        assert (int(found.sum()), sum((found.astype(object) * days).tolist())) == by_another(case, days), number
        assert ((found >= 0) & (found <= case.amount)).all() and not np.delete(found, case.takes_part).any(), number
        youngest = cleared(case, int(days.max()) - days)
        assert youngest.sum() == found.sum()
        younger += sum((youngest.astype(object) * days).tolist()) < sum((found.astype(object) * days).tolist())
    assert younger > NETWORKS // 4
