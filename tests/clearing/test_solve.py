"""The largest circulation: worked by hand, and against two solvers that are not ours."""

from __future__ import annotations

import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.graph.python import min_cost_flow

from setoff.clearing import solve
from setoff.clearing.reduction import reduced, rooms
from setoff.clearing.solve import Cleared, clear_network, clear_with_gains
from setoff.core.errors import DomainError, ErrorCode

Debt = tuple[int, int, int]


def columns(debts: list[Debt]) -> list[np.ndarray]:
    return [np.array([debt[k] for debt in debts], np.int64) for k in range(3)]


def cleared(debts: list[Debt], parties: int) -> Cleared:
    return clear_network(*columns(debts), parties)


def proved(debts: list[Debt], found: Cleared, gains: list[int]) -> int:
    """The gain, when the result is balanced, within the debts, and the levels show that no other gains more."""
    net: dict[int, int] = {}
    for (debtor, creditor, amount), flow in zip(debts, found.flow.tolist(), strict=True):
        assert 0 <= flow <= amount
        net[debtor] = net.get(debtor, 0) + flow
        net[creditor] = net.get(creditor, 0) - flow
    assert set(net.values()) <= {0}
    level = found.levels.tolist()
    bound = sum(amount * max(0, gain + level[a] - level[b]) for (a, b, amount), gain in zip(debts, gains, strict=True))
    total = sum(flow * gain for flow, gain in zip(found.flow.tolist(), gains, strict=True))
    assert total == bound
    return total


@pytest.mark.parametrize(
    ("debts", "flow"),
    [
        ([(0, 1, 50), (1, 0, 30)], [30, 30]),
        ([(0, 1, 100), (1, 2, 70), (2, 0, 90)], [70, 70, 70]),
        ([(0, 1, 100), (1, 2, 70)], [0, 0]),
        # a figure of eight: both loops pass party 0, which owes 10 in either
        ([(0, 1, 10), (1, 0, 10), (0, 2, 10), (2, 0, 5)], [10, 10, 5, 5]),
        # 0 -> 1 can be used once: with the long way round (four debts) rather than with the short one (two)
        ([(0, 1, 5), (1, 0, 5), (1, 2, 5), (2, 3, 5), (3, 0, 5)], [5, 0, 5, 5, 5]),
    ],
)
def test_worked_by_hand(debts: list[Debt], flow: list[int]) -> None:
    found = cleared(debts, 4)
    assert found.flow.tolist() == flow
    assert proved(debts, found, [1] * len(debts)) == sum(flow)


def test_an_empty_network_clears_nothing() -> None:
    assert cleared([], 3).levels.tolist() == [0, 0, 0]


def test_sums_beyond_what_floating_point_holds_are_exact() -> None:
    large = (1 << 60) + 1
    assert cleared([(0, 1, large), (1, 0, large + 1)], 2).flow.tolist() == [large, large]
    with pytest.raises(DomainError) as refused:
        cleared([(0, 1, 1 << 61), (1, 0, 1 << 61)], 2)
    assert refused.value.code is ErrorCode.AMOUNT_TOO_LARGE


NETWORKS = st.integers(2, 8).flatmap(
    lambda parties: st.tuples(
        st.just(parties),
        st.lists(
            st.tuples(st.integers(0, parties - 1), st.integers(0, parties - 1), st.integers(1, 20)).filter(lambda debt: debt[0] != debt[1]),
            min_size=1, max_size=24,
        ),
    )
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(NETWORKS, st.data())
def test_the_total_is_that_of_another_solver(network: tuple[int, list[Debt]], data: st.DataObject) -> None:
    parties, debts = network
    largest = data.draw(st.sampled_from([0, 1, 9, 700, 1 << 40]))
    gains = data.draw(st.one_of(st.just([1] * len(debts)), st.lists(st.integers(0, largest), min_size=len(debts), max_size=len(debts))))
    debtor, creditor, amount = columns(debts)
    found = clear_with_gains(debtor, creditor, amount, np.array(gains, np.int64), parties)
    other = min_cost_flow.SimpleMinCostFlow()
    other.add_arcs_with_capacity_and_unit_cost(debtor, creditor, amount, -np.array(gains, np.int64))
    assert other.solve() == other.OPTIMAL
    assert proved(debts, found, gains) == -other.optimal_cost()


REDUCED = [
    # 0 owes 100 and is owed 90; 1 is owed 100 and owes 70: no more than 70 goes around, and 3 has no way back
    ([(0, 1, 100), (1, 2, 70), (2, 0, 90), (2, 3, 50)], [70, 70, 70, 0]),
    # two rings of two, and a debt between them that is on no ring
    ([(0, 1, 5), (1, 0, 4), (1, 2, 9), (2, 3, 8), (3, 2, 7)], [4, 4, 0, 7, 7]),
    # a ring of one party less than its feeder: 0 is owed 3 by 2 and 4 by 1, so it may still owe 7
    ([(0, 1, 9), (0, 2, 9), (1, 0, 4), (2, 0, 3)], [4, 3, 4, 3]),
]


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize(("debts", "most"), REDUCED)
def test_what_no_ring_can_use_is_cut(debts: list[Debt], most: list[int], fast: bool) -> None:
    debtor, creditor, amount = columns(debts)
    start = np.searchsorted(debtor, np.arange(5)).astype(np.int32)
    found = reduced(debtor.astype(np.int32), creditor.astype(np.int32), amount, start, fast=fast)
    assert found.tolist() == most
    assert amount.tolist() == [debt[2] for debt in debts]


@pytest.mark.parametrize("fast", [False, True])
def test_what_can_move_is_bounded(fast: bool) -> None:
    """A ring 0 -> 1 -> 2 -> 0 at 4, 5 and 6 of 10 each, and 2 -> 3 at 7 of 10, from where nothing goes on: the ring can rise by 4, as its
    third debt, and fall by 4, as its first; the last debt cannot move at all."""
    tail, head = np.array([0, 1, 2, 2]), np.array([1, 2, 0, 3])
    up, down = rooms(tail, head, np.full(4, 10), np.array([4, 5, 6, 7]), 4, fast=fast)
    assert (up.tolist(), down.tolist()) == ([4, 4, 4, 0], [4, 4, 4, 0])


def test_nothing_moves_beyond_its_room() -> None:
    """Against every flow of the same balance, of 200 small networks."""
    generator = np.random.default_rng(5)
    for _ in range(200):
        tail, head = generator.integers(0, 4, (2, 5))
        head = np.where(head == tail, (head + 1) % 4, head)
        capacity = generator.integers(1, 4, 5)
        flow = generator.integers(0, capacity + 1)
        all_flows = np.stack(np.meshgrid(*(np.arange(most + 1) for most in capacity), indexing="ij"), -1).reshape(-1, 5)
        all_nets, net = (
            np.stack([(flows * (tail == place)).sum(-1) - (flows * (head == place)).sum(-1) for place in range(4)], -1)
            for flows in (all_flows, flow)
        )
        same = all_flows[(all_nets == net).all(-1)]
        up, down = rooms(tail, head, capacity, flow, 4, fast=False)
        assert (same <= flow + up).all() and (same >= flow - down).all()
        assert (up <= capacity - flow).all() and (down <= flow).all()


def test_long_rings_need_levels_of_thousands() -> None:
    """1,500 parties in a circle, each of whom owes the next three: what is given up moves hundreds of debts far."""
    generator = np.random.default_rng(3)
    debts = [(party, (party + step) % 1500, int(generator.integers(1, 10**6))) for party in range(1500) for step in (1, 2, 3)]
    found = cleared(debts, 1500)
    proved(debts, found, [1] * len(debts))
    assert int(found.levels.max()) > 300


def random_network(debts: int, parties: int, seed: int) -> list[Debt]:
    generator = np.random.default_rng(seed)
    pairs = generator.integers(0, parties, (debts, 2))
    amounts = generator.integers(1, 10**9, debts)
    return [(int(a), int(b), int(x)) for (a, b), x in zip(pairs, amounts, strict=True) if a != b]


def test_compiled_and_interpreted_code_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    debts = random_network(400, 60, 7)
    few = cleared(debts, 60)
    monkeypatch.setattr(solve, "COMPILED_FROM", 0)
    many = cleared(debts, 60)
    assert few.flow.tolist() == many.flow.tolist()
    assert few.levels.tolist() == many.levels.tolist()
    assert proved(debts, many, [1] * len(debts)) == by_networkx(debts)


def by_networkx(debts: list[Debt]) -> int:
    graph = networkx.DiGraph()
    for debtor, creditor, amount in debts:
        held = graph.get_edge_data(debtor, creditor, {"capacity": 0})["capacity"]
        graph.add_edge(debtor, creditor, capacity=held + amount, weight=-1)
    return -networkx.cost_of_flow(graph, networkx.min_cost_flow(graph))
