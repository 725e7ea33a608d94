"""Real files end to end: loaded, posted, folded, and reported with the figures of their README; loaded again they change nothing."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from setoff.books.audit import Actor
from setoff.books.charts import load_chart
from setoff.core.chart import Role
from setoff.intake.files import Files
from setoff.intake.load import Loaded, Reports, load_files
from setoff.intake.mapping import load_mapping
from setoff.intake.rows import RowFault
from setoff.intake.source import source_of
from setoff.reports.ask import ask

SHARED = Path(os.environ.get("SETOFF_SHARED") or Path(__file__).parents[3] / "shared")
TRADE = SHARED / "samples" / "trade"
Conn = psycopg.Connection[Any]

pytestmark = pytest.mark.skipif(not TRADE.is_dir(), reason="the samples are optional: SETOFF_SHARED or ../shared")


def load(conn: Conn, mapping: str, *files: Path) -> Loaded:
    faults: list[RowFault] = []
    reports = Reports(lambda found: faults.append(found) if isinstance(found, RowFault) else None)
    sources = Files([source_of(file) for file in files], load_mapping(mapping), reports)
    loaded = load_files(conn, sources, reports, Actor("tester", "test"))
    assert loaded.kept and not faults
    return loaded


def closing(conn: Conn, as_of: str, **options: str) -> Decimal:
    """The closing balance of the statement, one currency."""
    given = {name: [value] for name, value in options.items()}
    (section,) = ask(conn, "statement", as_of=as_of, options={**given, "group-by": ["unit"]}).sections
    (row,) = section.rows
    return Decimal(row.closing).scaleb(-2)


def test_ibm_receivables(db: Conn) -> None:
    file = TRADE / "ibm_receivables" / "invoices.csv"
    assert load(db, "ibm_receivables", file).documents == (3318, 0, 0)
    figures = {
        "2012-06-30": ("3639.13", "3182.66", "456.47", "9181-HEKGV", "234.74"),
        "2012-12-31": ("3681.21", "3314.30", "366.91", "4640-FGEJI", "236.38"),
        "2013-06-30": ("3474.90", "3000.53", "474.37", "7938-EVASK", "301.34"),
    }
    for contour in ("reg", "mgmt"):
        for day, (total, not_due, overdue, largest, amount) in figures.items():
            assert closing(db, day, contour=contour) == Decimal(total)
            (section,) = ask(db, "ageing", as_of=day, options={"contour": [contour], "group-by": ["counterparty"]}).sections
            (found,) = section.totals
            columns = [Decimal(part).scaleb(-2) for part in found.row.amounts[:3]]
            assert columns == [Decimal(not_due), Decimal(overdue), Decimal(0)]
            top = max(section.rows, key=lambda row: sum(row.amounts))
            assert (top.counterparty, Decimal(sum(top.amounts)).scaleb(-2)) == (largest, Decimal(amount))
    assert closing(db, "2014-12-31") == 0
    second_quarter = ask(db, "statement", as_of="2013-06-30", options={"from": ["2013-04-01"], "group-by": ["unit"]}).sections[0].rows[0]
    assert (second_quarter.opening, second_quarter.increase, second_quarter.decrease) == (369638, 1343622, 1365770)
    assert load(db, "ibm_receivables", file).documents == (0, 0, 3318)


def test_uci_online_retail(db: Conn) -> None:
    files = sorted((TRADE / "uci_online_retail").glob("*.csv.gz"))
    assert load(db, "uci_online_retail", *files).documents == (15051, 0, 0)
    assert closing(db, "2011-12-31") == Decimal("5761931.38")
    assert closing(db, "2010-12-31") == Decimal("748957.02")
    assert closing(db, "2011-12-31", counterparty="14646") == Decimal("175638.94")


def test_orders_as_sales(db: Conn) -> None:
    assert load(db, "northwind", TRADE / "northwind" / "order-details.csv").documents == (830, 0, 0)
    load(db, "adventureworks", *(TRADE / "adventureworks" / f"web_order_lines_{year}.csv" for year in (2019, 2020)))
    assert closing(db, "2030-12-31", unit="NW") == Decimal("1265793.22")
    sales = [Decimal("4172169.17"), Decimal("6882260.56")]
    assert [closing(db, "2019-12-31", unit="AW"), closing(db, "2020-12-31", unit="AW")] == [sales[0], sum(sales)]
    tax = db.execute(
        """select sum(posting.amount) from posting join account on account.id = posting.credit_account_id
           join unit on unit.id = posting.unit_id where unit.code = 'AW' and account.code = %s""",
        [load_chart("intl").role(Role.VAT_OUTPUT)],
    ).fetchone()
    assert tax == (30904871 + 50980016,)
