"""Why an obligation was cleared or not: every answer, worked by hand; then every answer of networks drawn at random, proved."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ortools.graph.python import min_cost_flow

from setoff.clearing.choices import Cap, Choices
from setoff.clearing.clear import Outcome, clear
from setoff.clearing.summary import why_lines
from setoff.clearing.why import PROVED, Case, case_of, proof_of, why
from setoff.core.errors import DomainError
from setoff.language import LANGUAGES
from tests.clearing.made import made

# A owes B 100 and B owes A 60: the 60 are full in any case. C has no claims. D's way is one of two: the older goes first.
NETWORK = ("A B 100", "B A 60", "C A 10", "A A 1", "D E 10 2026-01-01", "D F 10 2026-02-01", "E G 10", "F G 10", "G D 10", "A D 5")


@pytest.mark.parametrize(
    ("obligation", "answer"),
    [
        ("2", "always"), ("3", "no_claims"), ("4", "excluded"), ("5", "chosen"), ("6", "behind"), ("1", "most_pair"), ("9", "always"),
        ("10", "no_chain"),
    ],
)  # fmt: skip
def test_answers(obligation: str, answer: str) -> None:
    assert why(clear(made(*NETWORK), Choices()), obligation).answer == answer


def test_what_would_be_cleared_instead_is_told() -> None:
    """D's 10 go by E, the older way; they could as well go by F."""
    outcomes = clear(made(*NETWORK), Choices())
    assert set(why(outcomes, "5").instead) == {("D", "F"), ("F", "G")}
    assert set(why(outcomes, "6").instead) == {("D", "E"), ("E", "G")}


def test_what_an_older_obligation_of_the_pair_took_is_told() -> None:
    """A owes B 6 and then 5, B owes A 6: all 6 are the older one's. Of 8 the younger has 2."""
    for back, answers in (("6", ["always", "queued"]), ("8", ["always", "most"])):
        outcomes = clear(made("A B 6 2026-01-01", "A B 5 2026-02-01", f"B A {back}"), Choices())
        assert [why(outcomes, name).answer for name in "12"] == answers
    assert why(outcomes, "2")[6:9] == (200, 1100, 800)


def test_a_debt_that_would_cost_more_elsewhere_is_never_cleared() -> None:
    """B's 10 for C go around A, B, C, D; A's debt to C would leave B and its debts out: two fewer for one."""
    outcomes = clear(made("A B 10", "B C 10", "C D 10", "D A 10", "A C 10"), Choices())
    found = why(outcomes, "5")
    assert (found.answer, found.slack) == ("never", -1)
    assert why(outcomes, "1").answer == "always"


def test_the_creditor_may_owe_nobody() -> None:
    assert why(clear(made("A B 10", "B A 5", "A C 5"), Choices()), "3").answer == "no_debts"


def test_a_cap_that_is_reached_is_the_answer() -> None:
    outcomes = clear(made(*NETWORK), Choices(caps=(Cap("A", "", "5"), Cap("D", "E", "3"))))
    assert [why(outcomes, name).answer for name in ("1", "2", "5")] == ["capped", "capped", "capped"]
    assert [why(outcomes, name)[9:11] for name in ("1", "5")] == [(500, "A"), (300, "")]
    with pytest.raises(DomainError, match="unknown_reference"):
        why(outcomes, "99")


def test_short_chains_are_an_answer() -> None:
    outcomes = clear(made(*NETWORK), Choices(cycle_max=2))
    assert [why(outcomes, name).answer for name in ("2", "5")] == ["short_full", "short"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_has_words(language: Any) -> None:
    """Without the marks that a missing name leaves."""
    for choices in (Choices(), Choices(caps=(Cap("A", "", "5"), Cap("D", "E", "3"))), Choices(cycle_max=2)):
        outcomes = clear(made(*NETWORK, "A B 1", "B H 1"), choices)
        for number in range(1, 13):
            lines = list(why_lines(why(outcomes, str(number)), str(number), language))
            assert len(lines) >= 2 and not any("{" in line or "clear-why" in line for line in lines)


LINE = st.tuples(st.sampled_from("ABCDE"), st.sampled_from("ABCDE"), st.integers(1, 12), st.integers(1, 5))
CHOICES = st.builds(
    Choices,
    liquidity=st.sampled_from(["", "", "5"]),
    caps=st.lists(st.builds(Cap, st.sampled_from("ABCDE"), st.just(""), st.integers(0, 15).map(str)), max_size=2).map(tuple),
    prefer=st.sampled_from(["age", "none"]),
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(LINE, min_size=1, max_size=14), CHOICES)
def test_every_answer_is_proved(lines: list[tuple[str, str, int, int]], choices: Choices) -> None:
    """By its levels, added up here; and by another solver, which is asked for one unit less, or more, of the pair."""
    debts = made(*(f"{debtor} {creditor} {amount}:JPY 2026-01-0{day}" for debtor, creditor, amount, day in lines))
    there = {name for line in lines for name in line[:2]}
    choices = Choices(liquidity=choices.liquidity, caps=tuple(cap for cap in choices.caps if cap.party in there), prefer=choices.prefer)
    (outcome,) = clear(debts, choices)
    case = case_of(outcome)
    for row in outcome.obligations.iter_rows(named=True):
        found = why([outcome], row["id"])
        assert (found.answer == "excluded") == (row["debtor"] == row["creditor"])
        if found.answer != "excluded":
            prove(outcome, case, found)


def prove(outcome: Outcome, case: Case, found: Any) -> None:
    place = {name: number for number, name in enumerate(case.names)}
    ends = (case.pairs.debtor == place[found.debtor]) & (case.pairs.creditor == place[found.creditor])
    own = int(np.flatnonzero(ends)[0])
    flow = int(case.solved.flow[own])
    if found.answer in PROVED:
        assert added_up(case, own, proof_of(case, own, found.answer)) == outcome.cleared
        assert found.slack > 0 if found.answer == "always" else found.slack < 0
    most = int(case.solved.capacity[own])
    if found.answer == "always":
        assert largest(case, own, 0, flow - 1) < outcome.cleared
    elif found.answer == "chosen":
        assert largest(case, own, 0, flow - 1) == outcome.cleared
    elif found.answer in ("shared", "behind"):
        assert largest(case, own, flow + 1, most) == outcome.cleared
    elif flow < most:
        assert largest(case, own, flow + 1, most) < outcome.cleared


def added_up(case: Case, own: int, levels: Any) -> int:
    """What no set-off exceeds that clears as much of this pair as the result does."""
    solved = case.solved
    slack = solved.gain + levels[solved.tail] - levels[solved.head]
    others = sum(int(most) * max(0, int(each)) for arc, (most, each) in enumerate(zip(solved.capacity, slack, strict=True)) if arc != own)
    return others + int(solved.flow[own]) * int(slack[own])


def largest(case: Case, own: int, least: int, most: int) -> int:
    """The largest total of a set-off that clears between `least` and `most` of the pair; -1 when there is none. By OR-tools: the least is
    taken out of the debtor's supply and the creditor's need."""
    solver = min_cost_flow.SimpleMinCostFlow()
    solved = case.solved
    for arc, (tail, head, room, gain) in enumerate(zip(solved.tail, solved.head, solved.capacity, solved.gain, strict=True)):
        capacity = most - least if arc == own else int(room)
        solver.add_arc_with_capacity_and_unit_cost(int(tail), int(head), capacity, -int(gain))
    solver.set_node_supply(int(solved.head[own]), least)
    solver.set_node_supply(int(solved.tail[own]), -least)
    return least - int(solver.optimal_cost()) if solver.solve() == solver.OPTIMAL else -1
