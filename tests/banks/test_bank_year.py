"""A year of bank lines with errors of typing: how much is matched right by itself, and that next to nothing is matched wrong."""

from __future__ import annotations

from typing import Any

from tests.banks.bank_year import live, table

VERDICTS = ("right", "wrong", "left")
WRONG_MAX = 0.001
RIGHT_MIN = 0.6
"""Of all lines, with the strangers, charges and namesakes that are left to people on purpose. A year this small has 64 %, larger ones
have more (docs/explanation/banks.md)."""


def test_a_year_of_the_bank(db: Any) -> None:
    judged = live(db, 1600, 5)
    rows = table(judged)
    for what, count, *shares in rows:
        told = (f"{verdict} {share} ({share / count:.2%})" for verdict, share in zip(VERDICTS, shares, strict=True))
        print(f"{what:10} {count:4} ", "  ".join(told))
    _, lines, right, wrong, _ = rows[-1]
    assert lines > 300
    assert wrong <= WRONG_MAX * lines, [(found.row, found.movement) for found in judged if found.verdict == "wrong"]
    assert right >= RIGHT_MIN * lines
