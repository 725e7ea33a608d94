"""What was cleared as chains, and what credit does: worked by hand, then properties."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from setoff.clearing.chains import Chain, chains_of
from setoff.clearing.credit import CurvePoint, credit_curve, credit_needed, discharged
from setoff.clearing.owed_queries import Debt, network_of
from setoff.clearing.solve import clear_network

NAMES = [(letter, letter) for letter in "ABCDE"]


def test_the_largest_amount_first_by_the_shortest_chain() -> None:
    """A-B 30, B-A 10, B-C 20, C-A 20. The largest cleared debt, A to B, is told with B to A (two parties), then with B, C, A."""
    network = network_of("RUB", [Debt(0, 1, 30), Debt(1, 0, 10), Debt(1, 2, 20), Debt(2, 0, 20)], NAMES)
    assert chains_of(network, network.amount) == [Chain(10, (0, 1)), Chain(20, (0, 2, 3))]
    assert chains_of(network, network.amount, most=1) == [Chain(10, (0, 1))]


def test_nothing_cleared_is_no_chain() -> None:
    network = network_of("RUB", [Debt(0, 1, 30)], NAMES)
    assert chains_of(network, np.zeros(1, np.int64)) == []


def test_credit_runs_through_a_chain_of_debts() -> None:
    """A owes B owes C owes D, 100 each: nothing closes, 100 of credit discharges 300; half of it half."""
    network = network_of("RUB", [Debt(0, 1, 100), Debt(1, 2, 100), Debt(2, 3, 100)], NAMES)
    assert credit_needed(network) == 100
    assert credit_curve(network, 0) == [
        CurvePoint(0, 0), CurvePoint(1, 3), CurvePoint(5, 15), CurvePoint(10, 30), CurvePoint(25, 75), CurvePoint(50, 150),
        CurvePoint(100, 300),
    ]  # fmt: skip


def test_the_first_credit_goes_where_it_does_most() -> None:
    """The chain of three debts of 10, and one debt of 100 alone: 10 of credit discharges 30, 20 discharges 40."""
    network = network_of("RUB", [Debt(0, 1, 10), Debt(1, 2, 10), Debt(2, 3, 10), Debt(4, 3, 100)], NAMES)
    assert [discharged(network, credit) for credit in (10, 20, 110)] == [30, 40, 130]


def test_where_everything_closes_no_credit_is_needed() -> None:
    network = network_of("RUB", [Debt(0, 1, 7), Debt(1, 0, 7)], NAMES)
    assert credit_curve(network, 14) == [CurvePoint(0, 14)]


DEBT = st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 1000)).filter(lambda debt: debt[0] != debt[1])


@given(st.lists(DEBT, min_size=1, max_size=25))
def test_chains_tell_all_that_was_cleared_and_the_curve_is_concave(debts: list[tuple[int, int, int]]) -> None:
    network = network_of("RUB", [Debt(*debt) for debt in debts], [(str(number), "") for number in range(7)])
    flow = clear_network(network.debtor, network.creditor, network.amount, len(network.names)).flow
    told = np.zeros(len(flow), np.int64)
    for chain in chains_of(network, flow):
        assert chain.amount > 0
        parties = [int(network.debtor[debt]) for debt in chain.debts]
        assert len(set(parties)) == len(parties)
        assert [int(network.creditor[debt]) for debt in chain.debts] == [*parties[1:], parties[0]]
        told[list(chain.debts)] += chain.amount
    assert told.tolist() == flow.tolist()
    curve = credit_curve(network, int(flow.sum()))
    for (first, low), (second, middle), (third, high) in zip(curve, curve[1:], curve[2:], strict=False):
        assert (middle - low) * (third - second) >= (high - middle) * (second - first)
