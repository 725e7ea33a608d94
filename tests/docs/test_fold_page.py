"""docs/explanation/fold.md: its tables are what the code makes of its documents, and they say what the specification says."""

from __future__ import annotations

from typing import Any

import pytest

from docs.generate import PART, WORKED, filled

[PAGE] = WORKED


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def tables(page: str) -> list[list[list[str]]]:
    """The generated tables, rows of cells, without their headings."""
    return [
        [[cell.strip() for cell in line.strip("|").split("|")] for line in part[4].strip().splitlines()[2:]] for part in PART.finditer(page)
    ]


def test_the_tables_are_current(server: Any, page: str) -> None:
    assert filled(page) == page, "run: make docs"


def test_the_worked_numbers_of_the_specification(page: str) -> None:
    """2.7: advance 250 at 70.00 = 17 500; shipment 1 000 at 72.00 is 71 500 of revenue and a debt of 54 000; payment 53 625."""
    advance, shipment, payment = tables(page)[0]
    assert advance[3] == "advance: -250.00 EUR = -17 500.00"
    assert shipment[3] == "shipment: 750.00 EUR = 54 000.00"
    assert shipment[4].split("<br>") == ["Dr 62.31 Cr 90.01 71 500.00", "Dr 62.32 Cr 62.31 17 500.00"]
    assert payment[3] == "none"
    assert payment[4].split("<br>") == ["Dr 51 Cr 62.31 53 625.00", "Dr 91.02 Cr 62.31 375.00"]


def test_the_contours_of_the_specification(page: str) -> None:
    """1.9: shipment 500 on O1, payment 300 on O2: management shows both, the books a debt of 200."""
    management, regulated = tables(page)[1:3]
    assert management[-1][3].split("<br>") == ["shipment: 500.00 RUB", "payment: -300.00 RUB"]
    assert regulated[-1][3] == "shipment: 200.00 RUB"


def test_our_choice_binds_management_only(page: str) -> None:
    management, regulated = tables(page)[3:5]
    assert management[-1][2] == "second: 60.00 RUB (internal)"
    assert regulated[-1][2] == "first: 60.00 RUB (moment)"
