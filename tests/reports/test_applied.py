"""What closed which debt, told by hand from the story (tests/reports/story.py)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import psycopg

from setoff.reports.applied import applied_payments
from setoff.reports.report import Portion
from tests.reports.conftest import Asker


def told(report: Any) -> list[str]:
    return [
        f"{row.date:%d.%m} {row.document.number} -> {row.settlement_document.number} {row.amount} {row.currency} {row.rule}"
        + (f" late {row.overdue_days}" if row.overdue_days else "")
        + (f" fx {row.fx_difference}" if row.fx_difference else "")
        for section in report.sections
        for row in section.rows
    ]


def test_payments_and_advances_close_invoices(report: Asker) -> None:
    found = report("applied-payments")
    assert told(found) == [
        "20.01 P-1 -> S-1 50000 RUB moment",
        "15.02 P-2 -> S-1 70000 RUB moment late 15",
        "15.02 P-2 -> S-2 30000 RUB moment",
        "25.02 R-1 -> U-1 240000 RUB moment",
        "10.03 P-3 -> E-1 40000 EUR moment fx 70000",
        "12.03 P-4 -> S-2 30000 RUB moment late 5",
    ]
    totals = [(total.row.currency, total.row.amount) for total in found.sections[0].totals]
    assert totals == [("EUR", 400_00), ("RUB", 4_200_00)]


def test_an_advance_closes_the_invoice_that_comes_later(report: Asker) -> None:
    found = report("applied-payments", counterparty="VEGA", contour="mgmt", since="2025-03-13")
    assert told(found) == ["15.03 P-4 -> M-1 10000 RUB moment"]


def test_by_period_party_and_kind(report: Asker) -> None:
    found = report("applied-payments", "2025-02-28", since="2025-02-01", counterparty="VEGA")
    assert [row.document.number for row in found.sections[0].rows] == ["P-2", "P-2"]
    only = report("applied-payments", kind="payment_to_supplier")
    assert told(only) == ["25.02 R-1 -> U-1 240000 RUB moment"]
    assert report("applied-payments", "2025-01-15").sections == []


def test_read_page_by_page_it_is_the_same_and_no_document_is_parted(report: Asker, story: psycopg.Connection[Any]) -> None:
    whole, pages, after = report("applied-payments"), [], None
    while True:
        page = applied_payments(story, replace(whole.question, portion=Portion(1, after)))
        pages.append(told(page))
        after = page.following
        if after is None:
            break
    assert [row for page in pages for row in page] == told(whole)
    assert [len(page) for page in pages] == [1, 2, 1, 1, 1]
    assert not page.sections[0].totals
