"""A year of bank lines with errors of typing: how much is matched right by itself, and that next to nothing is matched wrong."""

from __future__ import annotations

from typing import Any

from tests.banks.bank_year import live, table

WRONG_MAX = 0.001


def test_a_year_of_the_bank(db: Any) -> None:
    judged = live(db, 1600, 5)
    rows = table(judged)
    for row in rows:
        print(row)
    _, lines, right, wrong, _ = rows[-1]
    assert lines > 300
    assert wrong <= WRONG_MAX * lines, [(found.row, found.movement) for found in judged if found.verdict == "wrong"]
    assert right >= 0.7 * lines
