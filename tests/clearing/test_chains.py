"""What was cleared as chain documents, and what credit does: worked by hand, then properties."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from setoff.clearing.chains import Chain, chain_record, chain_rows, chains_of, first_chains
from setoff.clearing.choices import Cap, Choices
from setoff.clearing.clear import clear
from setoff.clearing.cycles import cycles_of
from setoff.clearing.liquidity import CurvePoint, curve, curve_of
from setoff.clearing.network import Pairs, pairs_of
from setoff.clearing.owed_queries import Debt, network_of
from tests.clearing.made import made

NAMES = [(letter, letter) for letter in "ABCDE"]


def pairs(*debts: Debt) -> tuple[Pairs, int]:
    network = network_of("RUB", debts, NAMES)
    return pairs_of(network.debtor, network.creditor, network.amount), len(network.names)


def test_the_first_chains_in_either_order() -> None:
    """A-B 30, B-A 10, B-C 20, C-A 20: A to B to A clears 10, A, B, C and back 20."""
    network = network_of("RUB", [Debt(0, 1, 30), Debt(1, 0, 10), Debt(1, 2, 20), Debt(2, 0, 20)], NAMES)
    rings = cycles_of(network.debtor, network.creditor, network.amount, 3)
    assert first_chains(rings, "shortest", 9) == [Chain(10, (0, 1)), Chain(20, (0, 2, 3))]
    assert first_chains(rings, "largest", 1) == [Chain(20, (0, 2, 3))]


def test_chain_documents_share_the_obligations_the_short_chains_first() -> None:
    """What A owes B, 20 and then 15, goes 10 with B to A, and 25 around C: 10 of the older, then its other 10 and the 15."""
    (outcome,) = clear(made("A B 20 2026-01-01", "A B 15 2026-02-01", "B A 10", "B C 25", "C A 25"), Choices())
    found = [(chain.amount, [(part.id, part.amount) for part in chain.parts]) for chain in chains_of(outcome)]
    assert found == [(1000, [("1", 1000), ("3", 1000)]), (2500, [("1", 1000), ("2", 1500), ("4", 2500), ("5", 2500)])]


def test_a_funder_is_a_party_of_its_chains() -> None:
    """10 lent to A pay B, who pays C, who pays them back: no obligation of the funder, one of the others each."""
    (outcome,) = clear(made("A B 10", "B C 10"), Choices(liquidity="10"))
    (chain,) = chains_of(outcome, "Bank")
    assert (chain.parties, chain.amount) == (4, 1000)
    assert [part[:3] for part in chain.parts] == [("A", "B", "1"), ("B", "C", "2"), ("C", "Bank", ""), ("Bank", "A", "")]
    assert [debt["obligations"] for debt in chain_record(chain)["debts"]][2:] == [[], []]
    assert list(chain_rows(chain))[2] == ("1", "4", "EUR", "10.00", "C", "Bank", "", "", "", "10.00")


def test_short_chains_with_a_funder_count_it_as_a_party() -> None:
    """The money of the chain above goes around four parties; of at most three only what B and D owe one another is left."""
    debts = made("A B 10", "B C 10", "B D 7", "D B 8")
    for longest, expected in ((4, 3400), (3, 1400), (2, 1400)):
        (outcome,) = clear(debts, Choices(liquidity="10", cycle_max=longest))
        assert (outcome.cleared, outcome.bound) == (expected, 3400)


def test_two_parties_are_all_that_two_can_set_off() -> None:
    """The largest circulation goes around A, B, C and leaves B to A alone; of two parties 6 can be set off against 6, not found in it."""
    (outcome,) = clear(made("A B 6", "B A 6", "B C 6", "C D 6", "D A 6"), Choices(cycle_max=2))
    assert (outcome.cleared, outcome.bound) == (1200, 2400)


def test_nothing_cleared_is_no_chain() -> None:
    (outcome,) = clear(made("A B 30"), Choices())
    assert list(chains_of(outcome)) == []


def test_credit_runs_through_a_chain_of_debts() -> None:
    """A owes B owes C owes D, 100 each: nothing closes, 100 of credit discharges 300; half of it half."""
    assert curve_of(*pairs(Debt(0, 1, 100), Debt(1, 2, 100), Debt(2, 3, 100))) == [
        CurvePoint(0, 0), CurvePoint(1, 3), CurvePoint(5, 15), CurvePoint(10, 30), CurvePoint(25, 75), CurvePoint(50, 150),
        CurvePoint(100, 300),
    ]  # fmt: skip


def test_the_first_credit_goes_where_it_does_most() -> None:
    """The chain of three debts of 10, and one debt of 100 alone: 10 of credit discharges 30, each unit more one."""
    points = curve_of(*pairs(Debt(0, 1, 10), Debt(1, 2, 10), Debt(2, 3, 10), Debt(4, 3, 100)))
    assert points == [CurvePoint(0, 0), CurvePoint(1, 3), CurvePoint(2, 6), CurvePoint(6, 18), *(
        CurvePoint(credit, credit + 20) for credit in (11, 28, 55, 110)
    )]  # fmt: skip


def test_where_everything_closes_no_credit_is_needed() -> None:
    assert curve_of(*pairs(Debt(0, 1, 7), Debt(1, 0, 7))) == [CurvePoint(0, 14)]


def test_caps_hold_for_the_curve_too() -> None:
    """B may clear 4 at most: of the chain A, B, C 8 can be discharged, and credit beyond 4 does nothing."""
    points = curve(made("A B 10", "B C 10"), Choices(caps=(Cap("B", "", "4"),)))["EUR"]
    assert points[-1] == CurvePoint(1000, 800)


DEBT = st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 1000)).filter(lambda debt: debt[0] != debt[1])


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(DEBT, min_size=1, max_size=25))
def test_the_curve_is_concave(debts: list[tuple[int, int, int]]) -> None:
    network = network_of("RUB", [Debt(*debt) for debt in debts], [(str(number), "") for number in range(7)])
    points = curve_of(pairs_of(network.debtor, network.creditor, network.amount), len(network.names))
    for (first, low), (second, middle), (third, high) in zip(points, points[1:], points[2:], strict=False):
        assert (middle - low) * (third - second) >= (high - middle) * (second - first)


LINE = st.tuples(st.sampled_from("ABCDE"), st.sampled_from("ABCDE"), st.integers(1, 50), st.integers(1, 9))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(LINE, min_size=1, max_size=25), st.sampled_from(["", "20"]))
def test_chain_documents_are_what_is_cleared_of_every_obligation(lines: list[tuple[str, str, int, int]], liquidity: str) -> None:
    """And each closes: whoever is owed by one owes the next."""
    debts = made(*(f"{debtor} {creditor} {amount} 2026-01-0{day}" for debtor, creditor, amount, day in lines))
    (outcome,) = clear(debts, Choices(liquidity=liquidity))
    told: dict[str, int] = {}
    sizes = []
    for chain in chains_of(outcome):
        ends = list(dict.fromkeys((part.debtor, part.creditor) for part in chain.parts))
        assert [creditor for _, creditor in ends] == [debtor for debtor, _ in (*ends[1:], ends[0])]
        assert len({debtor for debtor, _ in ends}) == len(ends) == chain.parties
        sizes.append(chain.parties)
        for end in ends:
            assert sum(part.amount for part in chain.parts if part[:2] == end) == chain.amount
        for part in chain.parts:
            told[part.id] = told.get(part.id, 0) + part.amount
    told.pop("", None)
    assert sizes == sorted(sizes)
    assert told == {name: amount for name, amount in outcome.obligations.select("id", "cleared").iter_rows() if amount}
