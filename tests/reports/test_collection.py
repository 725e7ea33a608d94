"""Collection days, worked by hand: (receivables + notes receivable) / average daily sales."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import psycopg

from setoff.books.audit import Actor
from setoff.reports.ask import ask
from setoff.reports.collection import months_between, twelve_months_before
from setoff.reports.files import render_json
from setoff.settlements.services import post_document
from setoff.trade.documents import Line, ManualEntry, ManualRow, Payment, Purchase, Sale, SaleCorrection, Side

OURS = {"unit": "AMS", "counterparty": "OSTSEE", "contract": "NL-BUYER"}
THEIRS = {"unit": "SHA", "counterparty": "HAIDA", "contract": "CN-BUYER"}
FIELDS = ("first", "last", "receivables", "notes", "sales", "daily_sales", "collection_days")


def told(conn: psycopg.Connection[Any], as_of: str, **options: str) -> list[list[tuple[Any, ...]]]:
    """Of every section the whole period and its months."""
    given = {name.replace("since", "from").replace("_", "-"): [value] for name, value in options.items()}
    found = json.loads(render_json(ask(conn, "collection-days", as_of=as_of, options=given), "en"))
    return [[tuple(row[name] for name in FIELDS) for row in section["rows"]] for section in found["sections"]]


def test_by_month_and_whole(company: psycopg.Connection[Any], actor: Actor) -> None:
    """In January 310 are sold in 31 days, 10 a day, and 100 come; 90 of the debt become a note: 120 + 90 are 21 days of sales. In February
    280 in 28 days: 400 + 90 are 49 days. In half of March nothing. Of the whole 590 in 74 days: 490 * 74 / 590 = 61.46 days."""
    post_document(company, Sale(**OURS, date="2025-01-10", lines=[Line(amount="310", vat_rate="20")]), actor)
    post_document(company, Payment(kind="payment_from_customer", **OURS, date="2025-01-20", amount="100"), actor)
    note = ManualRow(debit=Side(account="1120"), credit=Side(counterparty="OSTSEE", contract="NL-BUYER"), amount="90")
    post_document(company, ManualEntry(unit="AMS", date="2025-01-31", rows=[note]), actor)
    post_document(company, Sale(**OURS, date="2025-02-05", lines=[Line(amount="280")]), actor)
    supplied = {"unit": "AMS", "counterparty": "BERLIN", "contract": "NL-SUPPLIER"}
    post_document(company, Purchase(**supplied, date="2025-02-06", lines=[Line(amount="7")]), actor)
    whole = ("2025-01-01", "2025-03-15", "400.00", "90.00", "590.00", "7.97", "61.5")
    january = ("2025-01-01", "2025-01-31", "120.00", "90.00", "310.00", "10.00", "21.0")
    february = ("2025-02-01", "2025-02-28", "400.00", "90.00", "280.00", "10.00", "49.0")
    march = ("2025-03-01", "2025-03-15", "400.00", "90.00", "0.00", None, None)
    assert told(company, "2025-03-15", since="2025-01-01") == [[whole, january, february, march]]
    [[of_party, *_months]] = told(company, "2025-02-28", since="2025-01-01", counterparty="OSTSEE")
    assert of_party == ("2025-01-01", "2025-02-28", "400.00", "0.00", "590.00", "10.00", "40.0")
    assert told(company, "2025-02-28", since="2025-01-01", group_by="counterparty")[0][0] == of_party


def test_tax_beside_the_revenue_is_part_of_sales_and_a_correction_is_taken_off(company: psycopg.Connection[Any], actor: Actor) -> None:
    """1,000 with 130 of tax, of which a correction takes 226 in the same month: 904 in 30 days are owed: 30 days."""
    sold, less = [Line(amount="1130", vat_rate="13")], [Line(amount="226", vat_rate="13")]
    post_document(company, Sale(**THEIRS, key="sold", date="2025-06-03", lines=sold), actor)
    post_document(company, SaleCorrection(unit="SHA", base="sold", date="2025-06-20", direction="down", lines=less), actor)
    [[whole, june]] = told(company, "2025-06-30", since="2025-06-01")
    assert whole == june == ("2025-06-01", "2025-06-30", "904.00", "0.00", "904.00", "30.13", "30.0")


def test_periods() -> None:
    assert twelve_months_before(date(2025, 12, 31)) == date(2025, 1, 1)
    assert twelve_months_before(date(2025, 3, 15)) == date(2024, 4, 1)
    assert twelve_months_before(date(1, 5, 9)) == date(1, 1, 1)
    assert list(months_between(date(2025, 1, 30), date(2025, 3, 2))) == [
        (date(2025, 1, 30), date(2025, 1, 31)), (date(2025, 2, 1), date(2025, 2, 28)), (date(2025, 3, 1), date(2025, 3, 2)),
    ]  # fmt: skip
    assert list(months_between(date(9999, 12, 2), date.max)) == [(date(9999, 12, 2), date.max)]
