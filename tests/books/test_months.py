"""Days split into whole months and days: nothing twice, nothing left out, as few days as possible."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from setoff.books.months import Stretch, stretches

DAYS = st.dates(date(2020, 1, 1), date(2023, 12, 31))


def test_a_year_and_some_days() -> None:
    assert stretches(date(2025, 1, 15), date(2025, 4, 3)) == [
        Stretch(date(2025, 1, 15), date(2025, 2, 1), whole_months=False),
        Stretch(date(2025, 2, 1), date(2025, 4, 1), whole_months=True),
        Stretch(date(2025, 4, 1), date(2025, 4, 3), whole_months=False),
    ]


def test_from_the_beginning_to_a_month_end_reads_months_only() -> None:
    assert stretches(None, date(2025, 4, 1)) == [Stretch(None, date(2025, 4, 1), whole_months=True)]


def test_inside_a_month_reads_days_only() -> None:
    assert stretches(date(2025, 4, 2), date(2025, 4, 9)) == [Stretch(date(2025, 4, 2), date(2025, 4, 9), whole_months=False)]


@given(DAYS, DAYS)
def test_stretches_adjoin_and_cover(first: date, before: date) -> None:
    found = stretches(first, before)
    if first >= before:
        assert found == []
        return
    assert found[0].first == first
    assert found[-1].before == before
    for one, next_one in pairwise(found):
        assert one.before == next_one.first
    for stretch in found:
        assert stretch.first is not None
        assert stretch.first < stretch.before
        if stretch.whole_months:
            assert stretch.first.day == stretch.before.day == 1
    days = sum((stretch.before - (stretch.first or first)).days for stretch in found if not stretch.whole_months)
    assert days <= 60
    assert sum(((stretch.before - (stretch.first or first)) for stretch in found), timedelta()) == before - first
