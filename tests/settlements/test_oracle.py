"""The oracle itself against numbers worked by hand in the specification."""

from __future__ import annotations

from datetime import date
from typing import Any

from setoff.core.errors import ErrorCode
from setoff.core.fact import Rule
from tests.oracle import Picture, PlainAllocation, PlainFact, PlainTarget, fold_plainly


def fact(document: int, change: int, book: int | None = None, **more: Any) -> PlainFact:
    return PlainFact(document, 1, document, change, change if book is None else book, rank=document, **more)


def residuals(picture: Picture) -> list[tuple[int, int, int]]:
    return [(lot.document, lot.residual, lot.residual_book) for lot in picture.lots if lot.residual]


def test_an_advance_is_taken_over_at_its_carrying_value():
    """2.7 worked, without the month end: advance 250 EUR at 70, shipment 1 000 at 72, payment 750 at 71.50."""
    facts = [
        fact(1, -25000, -1750000),
        fact(2, 100000, 7200000, own_value=False),
        fact(3, -75000, -5362500),
    ]
    picture = fold_plainly(facts, "moment", "reg")
    assert picture.allocations == [
        PlainAllocation(2, 1, 1, 1, 25000, 1750000, 1750000, Rule.MOMENT),
        PlainAllocation(3, 1, 2, 1, 75000, 5400000, 5362500, Rule.MOMENT),
    ]
    assert [(lot.amount, lot.book) for lot in picture.lots] == [(-25000, -1750000), (75000, 5400000)]
    assert residuals(picture) == []


def test_the_rest_of_a_payment_is_an_advance():
    picture = fold_plainly([fact(1, 50000), fact(2, -70000)], "moment", "reg")
    assert residuals(picture) == [(2, -20000, -20000)]


def test_law_shares_equal_due_dates_by_largest_remainder():
    due = date(2026, 2, 1)
    facts = [fact(1, 100, due=due), fact(2, 200, due=due), fact(3, 500), fact(4, -100)]
    picture = fold_plainly(facts, "legal", "reg")
    assert [(row.lot_document, row.amount, row.rule) for row in picture.allocations] == [
        (1, 33, Rule.LEGAL_PRO_RATA),
        (2, 67, Rule.LEGAL_PRO_RATA),
    ]


def test_our_own_choice_binds_only_the_management_contour():
    facts = [fact(1, 100), fact(2, 100), fact(3, -60, targets=(PlainTarget(2, 60, Rule.INTERNAL),))]
    assert residuals(fold_plainly(facts, "moment", "mgmt")) == [(1, 100, 100), (2, 40, 40)]
    assert residuals(fold_plainly(facts, "moment", "reg")) == [(1, 40, 40), (2, 100, 100)]


def test_refusals_tell_balance_amount_and_excess():
    target = (PlainTarget(1, 150, Rule.PAYER),)
    refusal = fold_plainly([fact(1, 100), fact(2, -150, targets=target)], "moment", "reg").refusal
    assert refusal is not None
    assert refusal.code == ErrorCode.ALLOCATION_EXCEEDS_BALANCE
    assert (refusal.balance, refusal.amount, refusal.excess) == (100, 150, 50)
    refusal = fold_plainly([fact(2, -150, targets=target)], "moment", "reg").refusal
    assert refusal is not None and (refusal.code, refusal.balance) == (ErrorCode.TARGET_IN_FUTURE, 0)
    refusal = fold_plainly([fact(1, -100), fact(2, 150, consume_only=True)], "moment", "reg").refusal
    assert refusal is not None and refusal.code == ErrorCode.REFUND_EXCEEDS_ADVANCE


def test_a_correction_takes_what_is_open_of_its_base_and_the_rest_is_an_advance():
    facts = [fact(1, 100), fact(2, -80), fact(3, -50, own_value=False, targets=(PlainTarget(1, 50, Rule.BASE),))]
    picture = fold_plainly(facts, "moment", "reg")
    assert picture.allocations[-1] == PlainAllocation(3, 1, 1, 1, 20, 20, 20, Rule.BASE)
    assert residuals(picture) == [(3, -30, -30)]
