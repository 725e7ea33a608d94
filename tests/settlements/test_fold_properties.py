"""The fold against the naive oracle, and the laws that hold for any facts (spec 1.5, 1.11).

Hypothesis writes the facts of some keys: debts and advances, instalments, openings with older dates, foreign currency, named
targets that exist, that do not, and that ask too much. Small amounts, so that roundings and ties are frequent.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from setoff.core.errors import ErrorCode
from setoff.core.fact import Rule
from setoff.core.money import share_half_up
from setoff.settlements.fold import NO_DUE, NO_TARGET, ORDERS, Facts, Folded, fold_few, fold_many
from tests.oracle import PlainAllocation, PlainFact, PlainTarget, fold_plainly

Key = tuple[str, list[PlainFact]]  # allocation order and facts in total order

FIRST_DAY = date(2026, 1, 1)


@st.composite
def keys(draw: st.DrawFn) -> Key:
    rate = draw(st.sampled_from([None, (7, 3), (1, 3), (7213, 100)]))  # book units for settlement units
    facts: list[PlainFact] = []
    for document in range(1, draw(st.integers(1, 10)) + 1):
        sign = draw(st.sampled_from([1, -1]))
        opening = draw(st.integers(0, 3)) == 0
        own_value = rate is None or draw(st.booleans())
        for line in range(1, draw(st.integers(1, 3)) + 1):
            amount = draw(st.integers(1, 60))
            facts.append(
                PlainFact(
                    document,
                    line,
                    moment=document,
                    rank=draw(st.integers(-5, 0)) if opening else document,
                    change=sign * amount,
                    book=sign * (amount if rate is None else max(1, share_half_up(amount, *rate))),
                    own_value=own_value,
                    consume_only=(only := draw(st.integers(0, 15))) == 0,
                    open_only=only == 1,
                    due=draw(st.one_of(st.none(), st.integers(0, 3).map(lambda day: FIRST_DAY + timedelta(day)))),
                    targets=draw(targets_before(document, amount)),
                )
            )
    return draw(st.sampled_from(list(ORDERS))), facts


@st.composite
def targets_before(draw: st.DrawFn, document: int, amount: int) -> tuple[PlainTarget, ...]:
    """Now and then named targets, mostly earlier documents, whose amounts sum to the fact's amount at most."""
    if draw(st.integers(0, 3)):
        return ()
    result = []
    for _ in range(draw(st.integers(1, 3))):
        if amount == 0:
            break
        part = draw(st.integers(1, amount))
        amount -= part
        named = draw(st.integers(1, document - 1)) if document > 1 and draw(st.integers(0, 9)) else 99
        rule = draw(st.sampled_from([Rule.PAYER, Rule.INTERNAL, Rule.BASE, Rule.BASE]))
        result.append(PlainTarget(named, part, rule, draw(st.sampled_from([0, 0, 1, 2]))))
    return tuple(result)


def columns(keys: list[Key], contour: str) -> Facts:
    """The oracle's facts as the fold's flat columns."""
    table: dict[str, list[int]] = {name: [] for name in Facts._fields}
    table["key_start"].append(0)
    table["target_start"].append(0)
    for order, facts in keys:
        base = len(table["amount"])
        for fact in facts:
            table["sign"].append(1 if fact.change > 0 else -1)
            table["amount"].append(abs(fact.change))
            table["book"].append(abs(fact.book))
            table["own_value"].append(int(fact.own_value))
            table["consume_only"].append(2 if fact.open_only else int(fact.consume_only))
            table["due"].append(fact.due.toordinal() if fact.due else NO_DUE)
            table["rank"].append(fact.rank + 10)
            table["line"].append(fact.line)
            for target in targets_of(fact, contour):
                places = [base + place for place, other in enumerate(facts) if other.document == target.document]
                table["target_first"].append(places[0] if places else 1)
                table["target_last"].append(places[-1] if places else 0)
                table["target_line"].append(target.line)
                table["target_amount"].append(target.amount)
                table["target_rule"].append(int(target.rule))
            table["target_start"].append(len(table["target_amount"]))
        table["key_order"].append(ORDERS[order])
        table["key_start"].append(len(table["amount"]))
    return Facts(**table)


def targets_of(fact: PlainFact, contour: str) -> list[PlainTarget]:
    return [target for target in fact.targets if contour == "mgmt" or target.rule != Rule.INTERNAL]


def compare(keys: list[Key], contour: str, fold: Callable[[Facts], Folded]) -> None:
    """Lots, allocations and the first refusal of every key are the oracle's."""
    folded = fold(columns(keys, contour))
    all_facts = [fact for _, facts in keys for fact in facts]
    base = 0
    for order, facts in keys:
        picture = fold_plainly(facts, order, contour)
        mine = range(base, base + len(facts))
        refusals = [place for place, fact in enumerate(folded.refused_fact) if fact in mine]
        if picture.refusal is not None:
            assert refusals, f"the oracle refuses: {picture.refusal}"
            assert_refusal(folded, refusals[0], picture.refusal, all_facts, contour)
        else:
            assert not refusals
            assert_rows(folded, mine, picture, all_facts)
        base += len(facts)


def assert_refusal(folded: Folded, place: int, refusal, all_facts: list[PlainFact], contour: str) -> None:
    fact = all_facts[folded.refused_fact[place]]
    assert (fact.document, fact.line) == (refusal.document, refusal.line)
    if refusal.code in (ErrorCode.REFUND_EXCEEDS_ADVANCE, ErrorCode.RECEIVER_HAS_OPPOSITE_SIGN):
        assert folded.refused_target[place] == NO_TARGET
        assert folded.refused_found[place] == refusal.excess
    else:
        assert folded.refused_target[place] != NO_TARGET
        assert folded.refused_found[place] == refusal.balance


def assert_rows(folded: Folded, mine: range, picture, all_facts: list[PlainFact]) -> None:
    lots = [
        (
            all_facts[place].document, all_facts[place].line,
            *(sign_of(all_facts[place]) * column[place] for column in folded[:4]), name_of(all_facts, folded.closed_by[place]),
        )
        for place in mine
        if folded.opened[place]
    ]
    assert lots == [
        (lot.document, lot.line, lot.amount, lot.book, lot.residual, lot.residual_book, lot.closer) for lot in picture.lots
    ]
    rows = zip(folded.settling, folded.lot, folded.amount, folded.lot_book, folded.own_book, folded.rule, strict=True)
    allocations = [
        PlainAllocation(*name_of(all_facts, settling), *name_of(all_facts, lot), amount, lot_book, own_book, Rule(rule))
        for settling, lot, amount, lot_book, own_book, rule in rows
        if settling in mine
    ]
    assert sorted(allocations) == sorted(picture.allocations)


def sign_of(fact: PlainFact) -> int:
    return 1 if fact.change > 0 else -1


def name_of(facts: list[PlainFact], place: int) -> tuple[int, int] | None:
    return None if place < 0 else (facts[place].document, facts[place].line)


@settings(max_examples=400, deadline=None)
@given(st.lists(keys(), min_size=1, max_size=3), st.sampled_from(["reg", "mgmt"]))
def test_the_fold_is_the_oracle(several: list[Key], contour: str):
    compare(several, contour, fold_few)


def test_the_compiled_fold_is_the_oracle_too():
    """One large table of random keys, folded at once by the compiled function."""
    draw = random.Random(20260101)
    compare([random_key(draw) for _ in range(1500)], "mgmt", fold_many)


def random_key(draw: random.Random) -> Key:
    rate = draw.choice([None, (7, 3), (7213, 100)])
    facts = []
    for document in range(1, draw.randint(2, 14)):
        sign = draw.choice([1, -1])
        for line in range(1, draw.choice([2, 2, 3])):
            amount = draw.randint(1, 10**draw.randint(1, 9))
            named = document > 1 and draw.random() < 0.2
            target = PlainTarget(draw.randint(1, max(1, document - 1)), draw.randint(1, amount), Rule.BASE)
            facts.append(
                PlainFact(
                    document, line, document, sign * amount,
                    sign * (amount if rate is None else max(1, share_half_up(amount, *rate))),
                    rank=document, own_value=draw.random() < 0.5,
                    due=draw.choice([None, *(FIRST_DAY + timedelta(day) for day in range(3))]),
                    targets=(target,) if named else (),
                )
            )
    return draw.choice(list(ORDERS)), facts


@settings(max_examples=150, deadline=None)
@given(st.lists(keys(), min_size=2, max_size=4), st.data())
def test_any_subset_of_keys_folds_to_the_same_rows(several: list[Key], data: st.DataObject):
    together = rows_by_key(several)
    chosen = data.draw(st.lists(st.sampled_from(range(len(several))), unique=True, min_size=1))
    assert rows_by_key([several[index] for index in chosen]) == [together[index] for index in chosen]


def rows_by_key(several: list[Key]) -> list[list[tuple[object, ...]]]:
    """Per key: by fact its lot, then the allocations, places counted from the key's first fact."""
    table = columns(several, "mgmt")
    folded = fold_few(table)
    result = []
    for start, end in zip(table.key_start, table.key_start[1:], strict=False):
        lots = [tuple(column[place] for column in folded[:4]) for place in range(start, end)]
        allocations = [
            (settling - start, lot - start, *rest)
            for settling, lot, *rest in zip(*folded[5:11], strict=True)
            if start <= settling < end
        ]
        result.append([*lots, *allocations])
    return result


@settings(max_examples=300, deadline=None)
@given(keys())
def test_lots_sum_to_facts_and_have_one_sign(key: Key):
    """I3, I4 and, where settlement and book currency are one, I5."""
    _order, facts = key
    folded = fold_few(columns([key], "mgmt"))
    signed = [sign_of(fact) * residual for fact, residual in zip(facts, folded.residual, strict=True)]
    assert sum(signed) == sum(fact.change for fact in facts)
    assert not (any(amount > 0 for amount in signed) and any(amount < 0 for amount in signed))
    assert all(0 <= residual <= opened for residual, opened in zip(folded.residual, folded.opened, strict=True))
    if all(fact.change == fact.book for fact in facts):
        assert folded.residual == folded.residual_book and folded.amount == folded.lot_book == folded.own_book


def test_instalments_of_a_named_document_are_taken_in_allocation_order():
    """1.7: line 0 of a target means the lots of that document in allocation order, an opening's rows by original date."""
    facts = [
        PlainFact(1, 1, 1, 100, 100, rank=-1),
        PlainFact(1, 2, 1, 100, 100, rank=-3),
        PlainFact(2, 1, 2, -50, -50, rank=2, targets=(PlainTarget(1, 50, Rule.PAYER),)),
    ]
    compare([("moment", facts)], "reg", fold_few)
    assert list(fold_few(columns([("moment", facts)], "reg")).residual) == [100, 50, 0]


@pytest.mark.parametrize("order", list(ORDERS))
def test_a_long_chain_of_halves_keeps_every_kopeck(order: str):
    """A lot of 1 is revalued through ninety partial payments; the values given away sum to what it carried."""
    facts = [PlainFact(1, 1, 1, 10_000, 712_345, rank=1)]
    facts += [PlainFact(number, 1, number, -111, -8_000, rank=number) for number in range(2, 92)]
    folded = fold_few(columns([(order, facts)], "reg"))
    assert sum(folded.lot_book) + folded.residual_book[0] == 712_345
    assert sum(folded.amount) + folded.residual[0] == 10_000
