"""What a network looks like and what clearing gains: small networks worked by hand, then properties.

The network of most tests, in minor units: A owes B 50, B owes C 30, C owes A 20, C owes D 10, E owes A 5. Only A, B, C close: 20 each.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from setoff.clearing.drawing import NAME_WIDTH, WIDTH, after_picture, before_picture, curve_picture, cut, height_of, places_of
from setoff.clearing.gains import PartyGain, Totals, party_gains, totals, what_stays
from setoff.clearing.liquidity import CurvePoint
from setoff.clearing.network_files import debts_csv, parties_csv
from setoff.clearing.owed_queries import Debt, network_of
from setoff.clearing.picture import CREDITORS, DEBTORS, Arrow, Network, Node, folded, placed
from setoff.clearing.solve import clear_network
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import LANGUAGES, Language

SVG: Final = "{http://www.w3.org/2000/svg}"
NAMES: Final = [(letter, f"Firm {letter}") for letter in "ABCDE"]
DEBTS: Final = [Debt(0, 1, 50), Debt(1, 2, 30), Debt(2, 0, 20), Debt(2, 3, 10), Debt(4, 0, 5)]
CLEARED: Final = np.array([20, 20, 20, 0, 0])


def network() -> Network:
    return network_of("RUB", DEBTS, NAMES)


def test_debts_of_a_pair_are_one_and_parties_without_debts_are_left_out() -> None:
    found = network_of("RUB", [Debt(3, 1, 5), Debt(1, 3, 7), Debt(3, 1, 6)], NAMES)
    assert (found.debtor.tolist(), found.creditor.tolist(), found.amount.tolist()) == ([0, 1], [1, 0], [7, 11])
    assert [code for code, _name in found.names] == ["B", "D"]


def test_sums_beyond_the_solver_are_refused() -> None:
    with pytest.raises(DomainError) as refusal:
        network_of("RUB", [Debt(0, 1, 1 << 61), Debt(1, 0, 1 << 61)], NAMES)
    assert refusal.value.code is ErrorCode.AMOUNT_TOO_LARGE


def test_the_others_are_one_debtor_and_one_creditor() -> None:
    """Sizes: B 80, A 75, C 60, D 10, E 5. Shown: B and A. C owes 30 and is owed 30: a creditor, as D; E is a debtor."""
    found = folded(network(), CLEARED, shown=2)
    assert found.nodes == [
        Node(1, 1, 30, 50, 20), Node(0, 1, 50, 25, 20), Node(DEBTORS, 1, 5, 0, 0), Node(CREDITORS, 2, 30, 40, 20, 10, 0),
    ]  # fmt: skip
    assert found.arrows == [Arrow(1, 0, 50, 20), Arrow(0, 3, 30, 20), Arrow(3, 1, 20, 20), Arrow(2, 1, 5, 0)]


def test_a_side_without_others_has_no_node() -> None:
    assert [node.party for node in folded(network(), CLEARED, shown=4).nodes] == [1, 0, 2, 3, DEBTORS]
    assert [node.party for node in folded(network(), CLEARED, shown=5).nodes] == [1, 0, 2, 3, 4]


def test_debtors_left_creditors_right_the_largest_first() -> None:
    """Net: A -25, B +20, C 0, D +10, E -5; C owes as much as it is owed, so it stands with the creditors."""
    found = folded(network(), CLEARED)
    columns = placed(found)
    assert [NAMES[found.nodes[place].party][0] for place in columns.left] == ["A", "E"]
    assert [NAMES[found.nodes[place].party][0] for place in columns.right] == ["B", "D", "C"]


def test_parties_of_one_component_stand_together() -> None:
    """A with B, C with D, and E, who is folded. D (net 6) stands above B (net 10): it belongs to the larger component."""
    debts = [Debt(0, 1, 9), Debt(2, 3, 20), Debt(3, 2, 15), Debt(4, 3, 1), Debt(4, 1, 1)]
    found = folded(network_of("RUB", debts, NAMES), np.zeros(5, np.int64), shown=4)
    assert [NAMES[found.nodes[place].party][0] for place in placed(found).right] == ["D", "B"]


def test_totals() -> None:
    assert totals(network(), CLEARED) == Totals(115, 60, 5, 3, 5, 1, 2)
    assert totals(network(), CLEARED).left == 55


def test_what_every_party_gains() -> None:
    """Who clears most first, then the largest; what it clears as a debtor it clears as a creditor."""
    assert party_gains(network(), CLEARED) == [
        PartyGain(1, 30, 50, 20), PartyGain(0, 50, 25, 20), PartyGain(2, 30, 30, 20), PartyGain(3, 0, 10, 0), PartyGain(4, 5, 0, 0),
    ]  # fmt: skip
    first = party_gains(network(), CLEARED, first=1)[0]
    assert (first.owes_after, first.owed_after, first.net) == (10, 30, 20)
    assert [gain.party for gain in party_gains(network(), CLEARED, only=np.array([4, 2]))] == [2, 4]


def test_why_debts_stay() -> None:
    """E has no claims, D no debts; what is left of A to B and of B to C could close only together with C to A, which is used up."""
    found = network()
    stays = what_stays(found, *clear_network(found.debtor, found.creditor, found.amount, 5))
    assert [(stay.reason, stay.pairs, stay.amount) for stay in stays] == [
        ("debtor_has_no_claims", 1, 5), ("creditor_has_no_debts", 1, 10), ("used_up", 2, 40),
    ]  # fmt: skip
    assert stays[2].largest == [0, 1]


def test_a_chain_that_leads_nowhere_is_told_by_levels() -> None:
    """Two closed pairs, and one debt from the first to the second: nothing leads back, so clearing it could only cost."""
    found = network_of("RUB", [Debt(0, 1, 5), Debt(1, 0, 5), Debt(2, 3, 5), Debt(3, 2, 5), Debt(0, 2, 7)], NAMES)
    stays = what_stays(found, np.array([5, 0, 5, 5, 5]), np.array([0, 0, 2, 2]))
    assert [(stay.reason, stay.amount) for stay in stays] == [("no_way_back", 7)]


DEBT = st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(1, 10**15)).filter(lambda debt: debt[0] != debt[1])


@settings(deadline=None)
@given(st.lists(DEBT, min_size=1, max_size=30), st.integers(0, 6), st.sampled_from(LANGUAGES))
def test_no_amount_is_lost_and_every_picture_is_whole(debts: list[tuple[int, int, int]], shown: int, language: Language) -> None:
    found = network_of("CNY", [Debt(*debt) for debt in debts], [(str(number), f"<{number}&") for number in range(8)])
    flow, levels = clear_network(found.debtor, found.creditor, found.amount, len(found.names))
    seen, whole = folded(found, flow, shown=shown), totals(found, flow)
    inside = sum(node.inside for node in seen.nodes), sum(node.inside_cleared for node in seen.nodes)
    assert sum(arrow.amount for arrow in seen.arrows) + inside[0] == whole.debts == sum(amount for _, _, amount in debts)
    assert sum(arrow.cleared for arrow in seen.arrows) + inside[1] == whole.cleared
    assert sum(node.net for node in seen.nodes) == 0
    assert sum(stay.amount for stay in what_stays(found, flow, levels)) == whole.left
    assert sum(gain.cleared for gain in party_gains(found, flow)) == whole.cleared
    for drawn in (before_picture(seen, found, language, name="a"), after_picture(seen, found, language, name="b")):
        assert len(ET.fromstring(drawn).findall(f".//{SVG}circle")) == len(seen.nodes)
    for place in places_of(seen):
        assert 0 < place.x < WIDTH and 0 < place.y < height_of(seen)


def test_the_picture_does_not_depend_on_the_order_of_the_input() -> None:
    drawn = [
        before_picture(folded(found, CLEARED), found, "en", name="x")
        for found in (network(), network_of("RUB", list(reversed(DEBTS)), NAMES))
    ]
    assert drawn[0] == drawn[1]


def test_the_widest_arrow_is_the_largest_debt() -> None:
    root = ET.fromstring(before_picture(folded(network(), CLEARED), network(), "en", name="x"))
    arrows = [(group.findtext(f"{SVG}title"), group.find(f"{SVG}path")) for group in root.iter(f"{SVG}g")]
    widths = {told: path.get("stroke-width") for told, path in arrows if path is not None}
    assert widths["Firm A → Firm B: 0.50\N{NO-BREAK SPACE}RUB"] == "12" and widths["Firm C → Firm D: 0.10\N{NO-BREAK SPACE}RUB"] == "2.4"


def test_long_names_are_cut() -> None:
    assert cut("a" * NAME_WIDTH) == "a" * NAME_WIDTH
    assert cut("a" * (NAME_WIDTH + 1)) == "a" * NAME_WIDTH + "…"
    assert cut("海" * NAME_WIDTH) == "海" * (NAME_WIDTH // 2) + "…"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_curve_rises_from_no_credit(language: Language) -> None:
    root = ET.fromstring(curve_picture([CurvePoint(0, 40), CurvePoint(10, 90), CurvePoint(50, 170)], "RUB", language, name="c"))
    heights = [float(circle.get("cy", "")) for circle in root.iter(f"{SVG}circle")]
    assert heights == sorted(heights, reverse=True) and len(set(heights)) == 3


def test_files_have_all_of_it() -> None:
    assert parties_csv(network(), CLEARED, "en").splitlines()[1] == "B,Firm B,0.30,0.10,0.50,0.30,0.20,0.20,RUB"
    assert debts_csv(network(), CLEARED, "en").splitlines()[1] == "A,Firm A,B,Firm B,0.50,0.20,0.30,RUB"
    named = network_of("RUB", [Debt(0, 1, 1)], [("=1", "A"), ("B", "B")])
    assert debts_csv(named, np.zeros(1, np.int64), "en").splitlines()[1].startswith("'=1,A,")
