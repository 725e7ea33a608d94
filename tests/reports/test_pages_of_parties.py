"""Statement and ageing over everybody, page by page: the same rows and the same totals as in one piece, and totals by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import product
from typing import Any

import psycopg
import pytest

from setoff.reports.ask import ask
from setoff.reports.report import Portion, Report, Total
from setoff.reports.statement import ageing_totals
from tests.reports.story import tell

GROUPS = ("counterparty", "partner,counterparty", "unit,counterparty", "unit,partner,counterparty")
DAYS = [date(2025, 1, 9) + timedelta(days=step) for step in range(0, 90, 11)]


def paged(conn: psycopg.Connection[Any], name: str, as_of: date, options: dict[str, list[str]], rows_max: int) -> list[Report]:
    """Every page of the report."""
    pages: list[Report] = []
    while not pages or pages[-1].following:
        portion = Portion(rows_max, pages[-1].following if pages else None)
        pages.append(ask(conn, name, as_of=as_of.isoformat(), options=options, portion=portion))
    return pages


def totals_of(conn: psycopg.Connection[Any], page: Report) -> Sequence[Total]:
    """Those of a page of ageing on an earlier day are asked for by themselves."""
    if not page.totals_apart:
        return page.sections[0].totals
    assert page.name == "ageing" and not page.sections[0].totals
    return ageing_totals(conn, page.question).sections[0].totals


@pytest.mark.parametrize("name", ["statement", "ageing"])
def test_pages_are_the_whole_report(db: psycopg.Connection[Any], name: str) -> None:
    tell(db)
    extras: list[dict[str, list[str]]] = [{}, {"contour": ["mgmt"]}, {"currency": ["EUR"]}]
    extras.append({"from": ["2025-01-09"]} if name == "statement" else {"side": ["payable"], "buckets": ["5"]})
    pages_seen = 0
    for day, group, extra in product(DAYS, GROUPS, extras):
        options = {"group-by": [group], **extra}
        whole = ask(db, name, as_of=day.isoformat(), options=options).sections[0]
        for rows_max in (1, 3):
            pages = paged(db, name, day, options, rows_max)
            assert [row for page in pages for row in page.sections[0].rows] == whole.rows
            assert all(totals_of(db, page) == whole.totals for page in pages)
            pages_seen = max(pages_seen, len(pages))
    assert pages_seen > 1


def test_totals_of_a_page_by_hand(db: psycopg.Connection[Any]) -> None:
    """Vega bought for 1,200 and 600 and paid 500, 1,000 and 500: 200 too much. Metall sold 3,000 less than was paid in advance or
    more; Berlin owes 600 euros of 1,000, at 98.25."""
    tell(db)
    page = ask(db, "statement", as_of="2025-03-31", options={"from": ["2025-02-01"]}, portion=Portion(1))
    sums = {(total.row.currency, total.row.relation): total.row for total in page.sections[0].totals}
    vega = sums["RUB", "buyer"]
    assert (vega.opening, vega.increase, vega.decrease, vega.closing, vega.debt, vega.advance) == (
        700_00, 600_00, 1_500_00, -200_00, 0, 200_00,
    )  # fmt: skip
    berlin = sums["EUR", "buyer"]
    assert (berlin.opening, berlin.increase, berlin.decrease, berlin.debt, berlin.closing_book) == (0, 1_000_00, 400_00, 600_00, 58_950_00)
    assert len(page.sections[0].rows) == 1 and page.following


def test_what_cannot_be_paged_comes_whole(db: psycopg.Connection[Any]) -> None:
    """One party, other groups, a reserve: whatever the portion says."""
    tell(db)
    for name, options in (
        ("statement", {"counterparty": ["VEGA"]}), ("statement", {"group-by": ["contract"]}), ("ageing", {"reserve": ["0,10,20,50,100"]}),
    ):  # fmt: skip
        given = {key: list(values) for key, values in options.items()}
        whole = ask(db, name, as_of="2025-03-31", options=given)
        portioned = ask(db, name, as_of="2025-03-31", options=given, portion=Portion(1))
        assert portioned.following is None
        assert portioned.sections == whole.sections
