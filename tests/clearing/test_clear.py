"""Obligations in, set-offs out: worked by hand, with every choice; and against another solver on networks drawn at random."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.graph.python import min_cost_flow

from setoff.clearing import forest, solve
from setoff.clearing.certificate import verify
from setoff.clearing.choices import Cap, Choices
from setoff.clearing.clear import Outcome, clear
from setoff.clearing.results import write_result
from setoff.core.errors import DomainError, ErrorCode
from tests.clearing.made import made, rows

TRIANGLE = ("A B 100 2026-01-10", "B C 70 2026-02-01", "C A 90")
DAY = date(2026, 2, 10)


def cleared_of(outcomes: list[Outcome]) -> dict[str, int]:
    """What is cleared, by id, in minor units; what is not cleared at all is left out."""
    frame = pl.concat([outcome.obligations.select("id", "cleared") for outcome in outcomes])
    return {str(name): int(amount) for name, amount in frame.sort("id").iter_rows() if amount}


def cleared(*lines: str, **choices: Any) -> dict[str, int]:
    return cleared_of(clear(made(*lines), Choices(**choices)))


def test_a_triangle_clears_its_smallest_debt() -> None:
    assert cleared(*TRIANGLE) == {"1": 7000, "2": 7000, "3": 7000}


def test_parallel_obligations_are_cleared_by_due_date_then_number_then_id() -> None:
    records = [
        {"id": "4", "debtor": "A", "creditor": "B", "amount": "10", "currency": "EUR"},
        {"id": "3", "debtor": "A", "creditor": "B", "amount": "10", "currency": "EUR", "due": "2026-01-02", "number": "8"},
        {"id": "2", "debtor": "A", "creditor": "B", "amount": "10", "currency": "EUR", "due": "2026-01-02", "number": "7"},
        {"id": "1", "debtor": "A", "creditor": "B", "amount": "10", "currency": "EUR", "due": "2026-01-02", "number": "8"},
        {"id": "5", "debtor": "B", "creditor": "A", "amount": "25", "currency": "EUR"},
    ]
    for amount, expected in (("25", {"2": 1000, "1": 1000, "3": 500}), ("31", {"2": 1000, "1": 1000, "3": 1000, "4": 100})):
        records[4]["amount"] = amount
        assert cleared_of(clear(rows(records).obligations, Choices())) == {**expected, "5": int(amount) * 100}


def test_currencies_stay_apart() -> None:
    assert cleared("A B 100", "B A 50:JPY", "A B 70:JPY") == {"2": 50, "3": 50}


def test_of_equal_totals_the_older_debt_is_cleared() -> None:
    """A can pass its 10 through B or through C; the debt to C is older."""
    network = ("A B 10 2026-03-01", "A C 10 2026-01-01", "B D 10", "C D 10", "D A 10")
    assert cleared(*network) == {"2": 1000, "4": 1000, "5": 1000}
    assert sum(cleared(*network, prefer="none").values()) == 3000


def test_of_equal_totals_the_higher_priority_is_cleared() -> None:
    records = [
        {"id": f"{a}{b}", "debtor": a, "creditor": b, "amount": "10", "currency": "EUR", "priority": str(rank)}
        for a, b, rank in [("A", "B", 5), ("A", "C", 1), ("B", "D", 0), ("C", "D", 3), ("D", "A", 0)]
    ]
    assert cleared_of(clear(rows(records).obligations, Choices(prefer="priority"))) == {"AB": 1000, "BD": 1000, "DA": 1000}


def test_half_cleared_pairs_form_no_ring() -> None:
    """Two ways for 12 of D's money, 10 wide each: not 6 and 6, but one full and the other for the rest."""
    found = cleared("A B 10", "A C 10", "B D 10", "C D 10", "D A 12", prefer="none")
    assert sorted(found.values()) == [200, 200, 1000, 1000, 1200]


@pytest.mark.parametrize(
    ("choices", "reasons", "expected"),
    [
        ({}, {}, {"1": 7000, "2": 7000, "3": 7000}),
        ({"parties_excluded": frozenset("B")}, {"1": "party_excluded", "2": "party_excluded"}, {}),
        ({"obligations_excluded": frozenset("3")}, {"3": "obligation_excluded"}, {}),
        ({"consents": frozenset("ABC")}, {}, {"1": 7000, "2": 7000, "3": 7000}),
        ({"consents": frozenset("AB")}, {"2": "no_consent", "3": "no_consent"}, {}),
        ({"consents": frozenset("AB"), "obligations_consented": frozenset("23")}, {}, {"1": 7000, "2": 7000, "3": 7000}),
        ({"as_of": DAY, "only_due": True}, {"3": "not_due"}, {}),
        ({"as_of": DAY, "age_days_min": 10}, {"2": "too_young", "3": "too_young"}, {}),
        ({"amount_min": "70.01"}, {"2": "below_minimum"}, {}),
        ({"caps": (Cap("B", "", "30"),)}, {}, {"1": 3000, "2": 3000, "3": 3000}),
        ({"caps": (Cap("C", "A", "45.50", "EUR"),)}, {}, {"1": 4550, "2": 4550, "3": 4550}),
        ({"caps": (Cap("C", "A", "1", "USD"),)}, {}, {"1": 7000, "2": 7000, "3": 7000}),
        # 20 lent to C pay A, who pays B, who keeps them: A's and C's debts of 90 are discharged whole, with 70 of the ring
        ({"liquidity": "20"}, {}, {"1": 9000, "2": 7000, "3": 9000}),
        # with 30, B keeps 30: A borrows the last 10 itself
        ({"liquidity": "30"}, {}, {"1": 10000, "2": 7000, "3": 9000}),
    ],
)  # fmt: skip
def test_choices(choices: dict[str, Any], reasons: dict[str, str], expected: dict[str, int]) -> None:
    outcomes = clear(made(*TRIANGLE), Choices(**choices))
    excluded = outcomes[0].obligations.filter(pl.col("excluded") != "")
    assert dict(excluded.select("id", "excluded").iter_rows()) == reasons
    assert cleared_of(outcomes) == expected


def test_choices_that_mean_nothing_are_refused() -> None:
    for choices, code in (
        (Choices(only_due=True), ErrorCode.FIELD_MISSING),
        (Choices(parties_excluded=frozenset("X")), ErrorCode.UNKNOWN_REFERENCE),
        (Choices(obligations_excluded=frozenset("9")), ErrorCode.UNKNOWN_REFERENCE),
        (Choices(caps=(Cap("A", "Z", "1"),)), ErrorCode.UNKNOWN_REFERENCE),
    ):
        with pytest.raises(DomainError) as refused:
            clear(made(*TRIANGLE), choices)
        assert refused.value.code is code


def test_the_funder_pays_a_chain_of_debts_from_end_to_end() -> None:
    """A owes B owes C owes D, 10 each, and no ring: 4 lent to A discharge 12, and D has the 4."""
    (outcome,) = clear(made("A B 10", "B C 10", "C D 10"), Choices(liquidity="4", funder="Bank"))
    assert (outcome.cleared, outcome.bound) == (1200, 1200)
    funded = outcome.parties.filter((pl.col("borrowed") > 0) | (pl.col("paid") > 0))
    assert funded.select("party", "borrowed", "paid").rows() == [("A", 400, 0), ("D", 0, 400)]


PARTIES = "ABCDEF"


@st.composite
def networks(draw: st.DrawFn) -> tuple[list[dict[str, Any]], Choices]:
    """Up to twenty obligations of six parties, and choices of every kind."""
    size = draw(st.integers(1, 20))
    amounts = st.integers(1, 30) | st.integers(10**14, 10**15)
    records = [
        {
            "id": f"i{number:02d}", "debtor": draw(st.sampled_from(PARTIES)), "creditor": draw(st.sampled_from(PARTIES)),
            "amount": draw(amounts), "currency": draw(st.sampled_from(["JPY", "JPY", "KRW"])),
            "due": (date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 5)))).isoformat() if draw(st.booleans()) else "",
            "number": draw(st.sampled_from(["", "7", "8"])), "priority": draw(st.integers(0, 2)),
        }
        for number in range(size)
    ]  # fmt: skip
    there = sorted({record[side] for record in records for side in ("debtor", "creditor")})
    some = st.sets(st.sampled_from(there), max_size=2).map(frozenset)
    caps = draw(st.lists(st.builds(
        Cap, st.sampled_from(there), st.sampled_from(["", *there]), st.integers(0, 40).map(str), st.sampled_from(["", "JPY"])
    ), max_size=3))  # fmt: skip
    choices = Choices(
        as_of=date(2026, 1, 4), only_due=draw(st.booleans()), parties_excluded=draw(st.just(frozenset()) | some),
        obligations_excluded=draw(st.just(frozenset()) | st.sets(st.sampled_from([r["id"] for r in records]), max_size=3).map(frozenset)),
        consents=draw(st.none() | st.sets(st.sampled_from(there), min_size=min(2, len(there))).map(frozenset)),
        amount_min=draw(st.sampled_from(["", "10"])), age_days_min=draw(st.sampled_from([0, 1])),
        caps=tuple(cap for cap in caps if cap.party != cap.creditor), liquidity=draw(st.sampled_from(["", "", "5", "1000000"])),
        prefer=draw(st.sampled_from(["age", "priority", "none"])),
    )  # fmt: skip
    return records, choices


def total_by_another(outcome: Outcome) -> int:
    """The largest total of one currency, by OR-tools, over what takes part: built anew from the outcome's own rows."""
    rows = outcome.obligations.filter(pl.col("excluded") == "")
    names = outcome.parties["party"].to_list()
    inside = {name: 2 * place for place, name in enumerate(names)}
    solver = min_cost_flow.SimpleMinCostFlow()

    def arc(tail: int, head: int, capacity: int, cost: int) -> None:
        solver.add_arc_with_capacity_and_unit_cost(tail, head, capacity, cost)

    whole = int(rows["amount"].sum()) + outcome.liquidity
    party_caps = {cap["party"]: int(cap["amount"]) for cap in outcome.caps if not cap["creditor"]}
    pair_caps = {(cap["party"], cap["creditor"]): int(cap["amount"]) for cap in outcome.caps if cap["creditor"]}
    for name in names:
        arc(inside[name], inside[name] + 1, party_caps.get(name, whole), 0)
    for debtor, creditor, amount in rows.group_by("debtor", "creditor").agg(pl.col("amount").sum()).iter_rows():
        arc(inside[debtor] + 1, inside[creditor], min(amount, pair_caps.get((debtor, creditor), amount)), -1)
    if outcome.liquidity:
        hub = 2 * len(names)
        arc(hub, hub + 1, outcome.liquidity, 0)
        for name in names:
            arc(inside[name] + 1, hub, outcome.liquidity, 0)
            arc(hub + 1, inside[name], outcome.liquidity, 0)
    assert solver.solve() == solver.OPTIMAL
    return -int(solver.optimal_cost())


@settings(max_examples=250, deadline=None)
@given(networks(), st.randoms(use_true_random=False))
def test_any_network(tmp_path_factory: pytest.TempPathFactory, network: tuple[list[dict[str, Any]], Choices], shuffled: Any) -> None:
    """The total is another solver's; the file is proved; the order of the input does not matter; what is excluded is not touched."""
    records, choices = network
    obligations = rows(records).obligations
    outcomes = clear(obligations, choices)
    for outcome in outcomes:
        assert outcome.cleared == outcome.bound == total_by_another(outcome)
        excluded = outcome.obligations.filter(pl.col("excluded") != "")
        assert excluded["cleared"].sum() == 0
    path = tmp_path_factory.getbasetemp() / "result.jsonl"
    first = written(path, obligations, outcomes, choices)
    assert verify(path).faults == []
    again = list(records)
    shuffled.shuffle(again)
    other = rows(again).obligations
    assert written(path, other, clear(other, choices), choices) == first


def written(path: Path, obligations: pl.DataFrame, outcomes: list[Outcome], choices: Choices) -> bytes:
    with path.open("wb") as file:
        write_result(file, outcomes, choices)
    return path.read_bytes()


@settings(max_examples=150, deadline=None)
@given(networks())
def test_the_preferred_is_the_heaviest_of_the_largest(network: tuple[list[dict[str, Any]], Choices]) -> None:
    """Against one circulation whose gains put the total far above every weight; without caps and funder, so that it is simply built."""
    records, _ = network
    for outcome in clear(rows(records).obligations, Choices(prefer="priority")):
        part = outcome.obligations.filter(pl.col("excluded") == "")
        if part["amount"].sum() > 10**6:
            continue
        names = outcome.parties["party"].to_list()
        debtor, creditor = (np.array([names.index(name) for name in part[side]], np.int64) for side in ("debtor", "creditor"))
        gains = 1000 + part["priority"].to_numpy().astype(np.int64)
        best = solve.clear_with_gains(debtor, creditor, part["amount"].to_numpy(), gains, len(names)).flow
        assert int((part["cleared"].to_numpy() * gains).sum()) == int((best * gains).sum())


def test_compiled_and_interpreted_shifting_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(11)
    tail, head = generator.integers(0, 12, (2, 60))
    tail, head = tail[tail != head], head[tail != head]
    capacity = generator.integers(2, 50, len(tail))
    flow = capacity // 2
    few = forest.without_rings(tail, head, capacity, flow, 12)
    monkeypatch.setattr(forest, "COMPILED_FROM", 0)
    many = forest.without_rings(tail, head, capacity, flow, 12)
    assert few.tolist() == many.tolist()
    between = (few > 0) & (few < capacity)
    assert between.sum() < 12
    for side in (tail, head):
        assert np.bincount(side, minlength=12).sum() == len(tail)
    balance = np.bincount(tail, few, 12) - np.bincount(head, few, 12)
    assert balance.tolist() == (np.bincount(tail, flow, 12) - np.bincount(head, flow, 12)).tolist()
