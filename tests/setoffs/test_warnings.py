"""Legal warnings of a set-off: one row per warning, and every text in every language."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from setoff.language import LANGUAGES, has_text
from setoff.setoffs.warnings import CODES, Bankrupt, Claim, Warned, limitation_ends, warning_text, warnings

DAY = date(2026, 3, 31)


def claim(due: str = "2026-03-01", **fields: Any) -> Claim:
    common: dict[str, Any] = {"side": "they_owe_us", "counterparty": "VEGA", "currency": "RUB", "number": "S-1", "is_advance": False}
    return Claim(due_day=date.fromisoformat(due), **{**common, **fields})


OURS = claim()
THEIRS = claim(side="we_owe_them", number="P-1")


@pytest.mark.parametrize(
    ("claims", "one_sided", "told"),
    [
        ([OURS, THEIRS], False, []),
        ([claim("2026-04-01"), THEIRS], False, [("term_not_come", ("S-1",))]),
        ([OURS, claim("2026-04-01", side="we_owe_them")], False, []),  # our own debt need only be payable
        ([claim("2023-03-30"), THEIRS], False, [("limitation", ("S-1",))]),
        ([claim("2023-03-31"), THEIRS], False, []),
        ([OURS, claim(side="we_owe_them", counterparty="METALL")], False, [("several", ())]),
        ([OURS, claim(side="we_owe_them", counterparty="METALL")], True, [("one_sided", ())]),
        ([OURS, claim(side="we_owe_them", currency="EUR")], False, [("other_kind", ())]),
        ([OURS, claim(side="we_owe_them", is_advance=True, number="CI-1")], False, [("advance", ("CI-1",))]),
        ([claim(is_advance=True), THEIRS], False, [("advance_paid", ("S-1",))]),  # what we paid ahead: another rule of the tax code
    ],
)
def test_what_is_told(claims: list[Claim], one_sided: bool, told: list[tuple[str, tuple[str, ...]]]) -> None:
    found = warnings(claims, "ru", DAY, one_sided=one_sided)
    assert [(warned.code, warned.documents) for warned in found] == told


def test_advances_are_a_matter_of_russian_tax_alone() -> None:
    paid_ahead = [OURS, claim(side="we_owe_them", is_advance=True)]
    assert warnings(paid_ahead, "cn", DAY, one_sided=False) == []


@pytest.mark.parametrize(
    ("since", "told"),
    [("2026-03-31", "insolvency"), ("2026-04-01", "challenge"), ("2026-09-30", "challenge"), ("2026-10-01", "")],
)
def test_bankruptcy_is_told_with_the_party_and_its_day(since: str, told: str) -> None:
    """From its day on the set-off is forbidden or bound; within six months before it (30 September less six months is 30 March, 1 October
    less six is 1 April) it may be challenged."""
    broke = Bankrupt("ООО Вега", date.fromisoformat(since))
    for law in CODES:
        found = warnings([OURS, THEIRS], law, DAY, one_sided=False, bankrupt=[broke])
        assert [(warned.code, warned.parties) for warned in found] == ([(told, (broke,))] if told else [])
        assert all("ООО Вега" in warning_text(language, warned) for warned in found for language in LANGUAGES)


def test_a_leap_day_ends_with_february() -> None:
    assert limitation_ends(date(2024, 2, 29)) == date(2027, 2, 28)


def test_every_warning_has_its_text() -> None:
    wanted = [Warned(code, law).text_key for law, codes in CODES.items() for code in codes]
    assert [(language, key) for language in LANGUAGES for key in wanted if not has_text(language, key)] == []
