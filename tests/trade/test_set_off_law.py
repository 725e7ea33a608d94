"""Since when a set-off works, a row per law and paper."""

from __future__ import annotations

from datetime import date

import pytest

from setoff.trade.set_off_law import Effect, Law, effect_of, law_of

JAN, FEB, MAR, APR = (date(2025, month, 10) for month in (1, 2, 3, 4))


@pytest.mark.parametrize(("chart", "law"), [("ru", "ru"), ("ru-budget", "ru"), ("cn", "cn"), ("intl", "intl"), ("own", "intl")])
def test_the_chart_tells_the_law(chart: str, law: Law) -> None:
    assert law_of(chart) == law


@pytest.mark.parametrize(
    ("law", "one_sided", "due", "expected"),
    [
        ("ru", True, [JAN, FEB], Effect("ru-capable", FEB)),
        ("ru", False, [JAN, FEB], Effect("ru-capable", FEB)),
        ("ru", False, [MAR], Effect("ru-capable", MAR)),
        ("ru", False, [JAN, APR], Effect("agreed", MAR)),
        ("ru", True, [JAN, APR], Effect("ru-capable", APR)),
        ("ru", True, [], Effect("ru-capable", MAR)),
        ("cn", True, [JAN, FEB], Effect("cn-receipt", None)),
        ("cn", False, [JAN, FEB], Effect("agreed", MAR)),
        ("intl", True, [JAN, FEB], Effect("intl-notice", MAR)),
        ("intl", False, [JAN, FEB], Effect("agreed", MAR)),
    ],
)
def test_since_when(law: Law, one_sided: bool, due: list[date], expected: Effect) -> None:
    assert effect_of(law, due, MAR, one_sided=one_sided) == expected


def test_a_notice_that_arrived() -> None:
    assert effect_of("cn", [JAN], MAR, one_sided=True, received=APR) == Effect("cn-receipt", APR)
