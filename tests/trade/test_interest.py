"""Interest by day: figures worked by hand, and a sum that does not depend on how the time is cut."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setoff.core.interest import DayCount, Moved, RateFrom, Stretch, exact_interest, rounded, shares, stretches

BEGIN = date(2023, 12, 20)


def rate(percent: str, since: date = date.min) -> RateFrom:
    return RateFrom(since, Decimal(percent))


def told(found: list[Stretch]) -> list[str]:
    return [f"{one.first} {one.last} {one.principal} {one.percent} {one.year_days}" for one in found]


def test_the_day_after_is_the_first_and_the_last_day_counts() -> None:
    moves = [Moved(date(2025, 3, 10), 100_000_000), Moved(date(2025, 3, 20), -40_000_000)]
    found = stretches(moves, [rate("12")], "actual", date(2025, 3, 1), date(2025, 3, 31))
    assert told(found) == ["2025-03-11 2025-03-20 100000000 12 365", "2025-03-21 2025-03-31 60000000 12 365"]
    assert rounded(exact_interest(found)) == 328_767 + 216_986  # 3 287.671 and 2 169.863: 5 457.534
    assert shares(found) == [328_767, 216_986]


def test_a_rate_holds_from_its_own_day_and_a_year_has_its_own_days() -> None:
    rates = [rate("10"), rate("20", date(2024, 1, 3))]
    found = stretches([Moved(date(2023, 12, 30), 36_600)], rates, "actual", date(2023, 12, 1), date(2024, 1, 4))
    assert told(found) == [
        "2023-12-31 2023-12-31 36600 10 365", "2024-01-01 2024-01-02 36600 10 366", "2024-01-03 2024-01-04 36600 20 366",
    ]  # fmt: skip
    assert exact_interest(found) == Fraction(36_600, 3650) + 20 + 40


@pytest.mark.parametrize(("count", "interest"), [("actual", "1000"), ("365", "200000/200"), ("360", "73000/72")])
def test_the_contract_may_fix_the_days_of_the_year(count: DayCount, interest: str) -> None:
    found = stretches([Moved(date(2025, 3, 1), 36_500)], [rate("10")], count, date(2025, 3, 1), date(2025, 6, 9))
    assert exact_interest(found) == Fraction(interest)  # 100 days of 10 a day; of 365/36 a day


def test_what_bears_nothing_is_left_out() -> None:
    moves = [Moved(date(2025, 3, 10), 500), Moved(date(2025, 3, 12), -700), Moved(date(2025, 3, 20), 300)]
    found = stretches(moves, [rate("0"), rate("10", date(2025, 3, 12))], "actual", date(2025, 3, 1), date(2025, 3, 31))
    assert told(found) == ["2025-03-12 2025-03-12 500 10 365", "2025-03-21 2025-03-31 100 10 365"]
    assert stretches(moves, [rate("10", date(2026, 1, 1))], "actual", date(2025, 3, 1), date(2025, 3, 31)) == []
    assert stretches(moves, [rate("10")], "actual", date(2025, 4, 1), date(2025, 3, 31)) == []
    assert shares([]) == []


moves = st.lists(
    st.builds(Moved, st.integers(0, 500).map(lambda days: BEGIN + timedelta(days)), st.integers(-(10**9), 10**9)), max_size=8
)
rates = st.lists(st.tuples(st.integers(1, 500), st.decimals("0", "40", places=2)), max_size=4, unique_by=lambda row: row[0]).map(
    lambda rows: [rate("10"), *(RateFrom(BEGIN + timedelta(days), percent) for days, percent in sorted(rows))]
)


@given(moves, rates, st.sampled_from(("actual", "365", "360")), st.sets(st.integers(1, 499), max_size=20))
def test_the_sum_does_not_depend_on_how_the_time_is_cut(
    moved: list[Moved], rated: list[RateFrom], count: DayCount, cuts: set[int]
) -> None:
    last = BEGIN + timedelta(500)
    whole = exact_interest(stretches(moved, rated, count, BEGIN, last))
    starts = [BEGIN, *(BEGIN + timedelta(cut) for cut in sorted(cuts))]
    ends = [*(start - timedelta(1) for start in starts[1:]), last]
    parts = [stretches(moved, rated, count, first, end) for first, end in zip(starts, ends, strict=True)]
    assert sum(map(exact_interest, parts)) == whole
    documents = [rounded(exact_interest(part)) for part in parts]
    assert abs(sum(documents) - whole) <= Fraction(len(documents), 2)
    for part, document in zip(parts, documents, strict=True):
        assert sum(shares(part)) == document
        assert all(abs(share - one.exact) < 1 for share, one in zip(shares(part), part, strict=True))


@given(moves, rates, st.sampled_from(("actual", "365", "360")))
def test_it_is_the_sum_of_every_single_day(moved: list[Moved], rated: list[RateFrom], count: DayCount) -> None:
    """The naive way: each day by itself, by what was owed at the end of the day before."""
    total = Fraction(0)
    for number in range(1, 120):
        day = BEGIN + timedelta(number)
        owed = sum(move.change for move in moved if move.day < day)
        percent = [row.percent for row in rated if row.since <= day][-1]
        year = {"365": 365, "360": 360}.get(count, 366 if day.year == 2024 else 365)
        total += Fraction(max(owed, 0)) * Fraction(percent) / 100 / year
    assert exact_interest(stretches(moved, rated, count, BEGIN + timedelta(1), BEGIN + timedelta(119))) == total
