"""How a party pays, reckoned by hand and against the plain definition."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from setoff.settlements.habits import Paid, habits, punctuality, quarter_of, trend

DAY = date(2025, 3, 31)


def paid(days_late: int, amount: int, on: date = DAY) -> Paid:
    return Paid(on - timedelta(days=days_late), on, amount)


def test_the_example_of_the_module() -> None:
    found = punctuality([paid(10, 100), paid(0, 300)])
    assert (found.days_late, found.days_late_max, found.on_time_pct) == (Decimal("2.5"), 10, 75)


def test_paying_early_does_not_make_up_for_paying_late() -> None:
    assert punctuality([paid(10, 100), paid(-10, 100)]).days_late == Decimal("5.0")


def test_nothing_paid_tells_nothing() -> None:
    assert habits([], DAY) is None


def test_quarters_stand_in_order() -> None:
    found = habits([paid(0, 5, date(2025, 4, 1)), paid(3, 5, date(2025, 1, 31)), paid(1, 5, date(2025, 3, 31))], DAY)
    assert found is not None
    assert [(quarter.since, quarter.amount_minor) for quarter in found.quarters] == [(date(2025, 1, 1), 10), (date(2025, 4, 1), 5)]


def test_the_trend_compares_half_years() -> None:
    long_ago = DAY - timedelta(days=200)
    assert trend([paid(5, 1), paid(9, 1, long_ago)], DAY) == "faster"
    assert trend([paid(9, 1), paid(5, 1, long_ago)], DAY) == "slower"
    assert trend([paid(5, 1), paid(5, 1, long_ago)], DAY) == "steady"
    assert trend([paid(5, 1)], DAY) == trend([paid(5, 1, long_ago)], DAY) == "unknown"
    assert trend([paid(5, 1), paid(9, 1, DAY - timedelta(days=365))], DAY) == "unknown"


def test_a_quarter_begins_in_january_april_july_october() -> None:
    assert {quarter_of(date(2025, month, 28)) for month in range(1, 13)} == {date(2025, month, 1) for month in (1, 4, 7, 10)}


@given(st.lists(st.tuples(st.integers(-400, 400), st.integers(1, 10**15)), min_size=1))
def test_averages_are_the_plain_definition(parts: list[tuple[int, int]]) -> None:
    found = punctuality([paid(*part) for part in parts])
    whole = sum(amount for _days, amount in parts)
    average = Fraction(sum(max(days, 0) * amount for days, amount in parts), whole)
    assert abs(Fraction(found.days_late) - average) <= Fraction(1, 20)
    assert abs(Fraction(sum(amount for days, amount in parts if days <= 0) * 100, whole) - found.on_time_pct) <= Fraction(1, 2)
