"""Pictures: exact amounts, round marks, safe names, whole SVG in every language."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setoff.language import LANGUAGES
from setoff.reports.axes import amount_axis, day_marks
from setoff.reports.pictures import (
    SLOTS_MAX,
    WIDTH,
    AgeingBar,
    BalancePoint,
    CashDay,
    ageing_picture,
    balance_picture,
    cash_picture,
)

SVG = "{http://www.w3.org/2000/svg}"
DAY = date(2026, 3, 2)
AMOUNTS = st.integers(-(10**17), 10**17)


def drawn(picture: str) -> ET.Element:
    root = ET.fromstring(picture)
    assert "style" not in picture
    assert root.get("aria-labelledby") == " ".join(str(root[place].get("id")) for place in (0, 1))
    assert [root[0].tag, root[1].tag] == [f"{SVG}title", f"{SVG}desc"]
    return root


def bars(root: ET.Element, kind: str) -> list[str]:
    return [str(found.get("width")) for found in root.iter(f"{SVG}rect") if kind in str(found.get("class"))]


@pytest.mark.parametrize(
    ("low", "high", "currency", "language", "labels", "caption"),
    [
        (0, 123_456_789, "EUR", "en", ["0.0", "0.5", "1.0", "1.5"], "EUR, millions"),
        (-250_00, 900_00, "RUB", "ru", ["-0,5", "0,0", "0,5", "1,0"], "тыс. RUB"),
        (0, 900_00, "RUB", "ru", ["0,0", "0,2", "0,4", "0,6", "0,8", "1,0"], "тыс. RUB"),
        (0, 999_00, "RUB", "zh", ["0", "200", "400", "600", "800", "1,000"], "RUB"),
        (0, 4_500_000_00, "RUB", "ru", ["0", "1", "2", "3", "4", "5"], "млн RUB"),
        (0, 4_500_000_00, "CNY", "zh", ["0", "100", "200", "300", "400", "500"], "万 CNY"),
        (0, 7, "EUR", "en", ["0.00", "0.02", "0.04", "0.06", "0.08"], "EUR"),
        (0, 250_000, "JPY", "en", ["0", "50", "100", "150", "200", "250"], "JPY, thousands"),
        (0, 0, "KWD", "en", ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"], "KWD"),
    ],
)
def test_marks_are_round_and_labels_exact(low: int, high: int, currency: str, language: Any, labels: list[str], caption: str) -> None:
    axis = amount_axis(low, high, currency, language)
    assert (list(axis.labels), axis.caption) == (labels, caption)


@given(AMOUNTS, AMOUNTS, st.sampled_from(["JPY", "RUB", "KWD"]), st.sampled_from(LANGUAGES))
def test_every_amount_lies_within_few_marks(first: int, second: int, currency: str, language: Any) -> None:
    axis = amount_axis(min(first, second), max(first, second), currency, language)
    assert axis.low <= min(first, second, 0) and max(first, second, 0) <= axis.high
    assert 0 in axis.marks
    assert 2 <= len(axis.marks) <= 8
    assert len(set(axis.labels)) == len(axis.labels) == len(axis.marks)


@given(st.dates(date(1901, 1, 1), date(2099, 12, 31)), st.integers(0, 20_000))
def test_days_to_mark_are_few_and_within(first: date, days: int) -> None:
    last = first + timedelta(days=days)
    marks = day_marks(first, last, "en")
    assert len(marks) <= 9
    assert all(first <= day <= last for day, _ in marks)
    assert marks or days < 366


def test_bars_are_in_proportion_and_amounts_exact() -> None:
    given_bars = [AgeingBar("Срок не наступил", 1_000_00, overdue=False), AgeingBar("1–30", 250_01, href="?a=1&b=2"), AgeingBar("31+", 0)]
    picture = ageing_picture(given_bars, "RUB", "ru", name="a")
    root = drawn(picture)
    assert bars(root, "picture-bar") == [f"{WIDTH}", "140", "0"]
    assert "250,01\xa0RUB, 20\xa0%" in picture
    assert [link.get("href") for link in root.iter(f"{SVG}a")] == ["?a=1&b=2"]
    assert "1\xa0250,01\xa0RUB, из них просрочено 250,01\xa0RUB" in str(root[1].text)


def test_a_balance_changes_in_steps() -> None:
    points = [BalancePoint(DAY, 100_00), BalancePoint(DAY + timedelta(10), -50_00), BalancePoint(DAY + timedelta(5), 100_00)]
    root = drawn(balance_picture(points, "EUR", "en", name="b"))
    line = str(next(root.iter(f"{SVG}polyline")).get("points")).split()
    assert len(line) == 5
    assert line[2].split(",")[1] == line[0].split(",")[1] == line[3].split(",")[1] != line[4].split(",")[1]
    assert root[1].text == "-50.00\xa0EUR on 12 Mar 2026; lowest -50.00\xa0EUR, highest 100.00\xa0EUR."


def test_cash_tells_the_lowest_balance() -> None:
    days = [CashDay(DAY + timedelta(1), 500_00, 0), CashDay(DAY, 0, 300_00)]
    root = drawn(cash_picture(days, 100_00, "CNY", "en", name="c"))
    assert root[1].text == "300.00\xa0CNY after 3 Mar 2026; lowest -200.00\xa0CNY on 2 Mar 2026."
    assert (len(bars(root, "picture-in")), len(bars(root, "picture-out"))) == (1, 1)


def test_what_is_planned_stands_at_the_end_of_its_bar() -> None:
    """Of 500 in 200 are planned; of 300 out all; what nobody plans has no such mark."""
    days = [CashDay(DAY, 500_00, 300_00, 200_00, 300_00), CashDay(DAY + timedelta(1), 100_00, 0)]
    picture = cash_picture(days, 0, "CNY", "en", name="c")
    root = drawn(picture)
    planned = [mark for mark in root.iter(f"{SVG}rect") if "picture-planned" in str(mark.get("class"))]
    assert [str(mark.get("class")).split()[-1] for mark in planned] == ["picture-in", "picture-out"]
    solid = next(mark for mark in root.iter(f"{SVG}rect") if str(mark.get("class")) == "picture-bar picture-in")
    assert float(str(solid.get("height"))) == pytest.approx(1.5 * float(str(planned[0].get("height"))), abs=0.3)
    assert picture.count("of it planned: in 200.00\xa0CNY, out 300.00\xa0CNY") == picture.count("of it planned") == 1


def test_many_days_are_shown_by_weeks_and_nothing_is_lost() -> None:
    days = [CashDay(DAY + timedelta(after), 7_00, 1) for after in range(SLOTS_MAX + 1)]
    picture = cash_picture(days, 0, "EUR", "en", name="c")
    assert len(bars(drawn(picture), "picture-in")) == 9
    assert picture.count("in 49.00\xa0EUR, out 0.07\xa0EUR") == 9
    assert "balance 440.37\xa0EUR" in picture


def test_a_day_given_twice_is_one_bar() -> None:
    picture = cash_picture([CashDay(DAY, 1, 0), CashDay(DAY, 2, 4)], 0, "EUR", "en", name="c")
    assert (len(bars(drawn(picture), "picture-in")), "in 0.03\xa0EUR, out 0.04\xa0EUR, balance -0.01" in picture) == (1, True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_and_one_day_are_pictures_too(language: Any) -> None:
    drawn(ageing_picture([], "RUB", language, name="n"))
    drawn(balance_picture([], "RUB", language, name="n"))
    drawn(cash_picture([], 0, "RUB", language, name="n"))
    drawn(balance_picture([BalancePoint(DAY, 0)], "RUB", language, name="n"))
    drawn(cash_picture([CashDay(DAY, 0, 0)], -5, "RUB", language, name="n"))


def test_a_name_is_text_whatever_it_holds() -> None:
    hostile = "</title><script>alert('1')</script>\x00\x1b\"&"
    picture = ageing_picture([AgeingBar(hostile, 5, href='"><script>')], "EUR", "en", name='x" onload="1')
    root = drawn(picture)
    assert "<script" not in picture
    assert root.get("onload") is None
    assert next(root.iter(f"{SVG}text")).text == hostile.replace("\x00", "").replace("\x1b", "")


SUMS = st.integers(0, 10**15)


@given(st.lists(st.builds(CashDay, st.dates(DAY, DAY + timedelta(2_000)), SUMS, SUMS), max_size=90), AMOUNTS)
def test_no_mark_leaves_the_picture(days: list[CashDay], opening: int) -> None:
    root = drawn(cash_picture(days, opening, "RUB", "en", name="c"))
    height = int(str(root.get("viewBox")).split()[3])
    for line in root.iter(f"{SVG}polyline"):
        for corner in str(line.get("points")).split():
            x, y = map(float, corner.split(","))
            assert 0 <= x <= WIDTH and 0 <= y <= height
