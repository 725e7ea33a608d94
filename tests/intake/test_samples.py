"""Real files end to end as far as records: totals equal the figures that their README states."""

from __future__ import annotations

import csv
import os
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from setoff.intake.convert import ROUNDS_TO_ZERO, Conversion
from setoff.intake.mapping import load_mapping
from setoff.intake.rows import RowFault, SkippedRow
from setoff.intake.source import source_of

SHARED = Path(os.environ.get("SETOFF_SHARED") or Path(__file__).parents[3] / "shared")
TRADE = SHARED / "samples" / "trade"
CENT = Decimal("0.01")

pytestmark = pytest.mark.skipif(not TRADE.is_dir(), reason="the samples are optional: SETOFF_SHARED or ../shared")


def convert(mapping: str, *files: Path) -> tuple[Conversion, list[Any], list[Any], list[RowFault | SkippedRow]]:
    reports: list[RowFault | SkippedRow] = []
    conversion = Conversion(load_mapping(mapping), [source_of(file) for file in files], reports.append)
    masters = [record for _, record in conversion.masters()]
    return conversion, masters, [record for _, record in conversion.documents()], reports


def total(document: Any) -> Decimal:
    return sum((Decimal(line.amount) for line in document.lines), Decimal(0))


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_ibm_receivables() -> None:
    conversion, masters, documents, reports = convert("ibm_receivables", TRADE / "ibm_receivables" / "invoices.csv")
    sales = [found for found in documents if type(found).__name__ == "Sale"]
    payments = [found for found in documents if type(found).__name__ == "Payment"]
    assert not reports
    assert (len(sales), len(payments), conversion.tallies["sale"].imported) == (1659, 1659, Decimal("100025.37"))
    assert conversion.tallies["payment"].imported == Decimal("100025.37")
    assert sum(type(record).__name__ == "Counterparty" for record in masters) == 67
    assert (min(s.date for s in sales), max(s.date for s in sales)) == ("2012-01-03", "2013-12-02")
    assert (min(p.date for p in payments), max(p.date for p in payments)) == ("2012-01-13", "2014-01-08")
    paid = {payment.targets[0].document: payment.date for payment in payments}
    late = [sale for sale in sales if paid[sale.key] > sale.due]
    assert (len(late), sum(map(total, late))) == (542, Decimal("33096.00"))
    still_open = [sale for sale in sales if sale.date <= "2012-12-31" < paid[sale.key]]
    assert (len(still_open), sum(map(total, still_open))) == (64, Decimal("3681.21"))


def test_uci_online_retail() -> None:
    files = sorted((TRADE / "uci_online_retail").glob("*.csv.gz"))
    conversion, masters, documents, reports = convert("uci_online_retail", *files)
    skipped = Counter(report.reason for report in reports if isinstance(report, SkippedRow))
    assert not [report for report in reports if isinstance(report, RowFault)]
    assert skipped == {"zero price: nobody owes anything": 1797, ROUNDS_TO_ZERO: 2}
    sale, credit = conversion.tallies["sale"], conversion.tallies["sale_return"]
    assert sale.exact - credit.exact == Decimal("5761931.382")
    assert sale.imported - credit.imported == Decimal("5761931.38")
    assert (sale.rounded, credit.rounded) == (2, 0)
    assert sum(found.number.startswith("C") for found in documents) == 2554
    assert sum(len(found.lines) for found in documents) == 320705 - 1797 - 2
    named = [found for found in documents if found.counterparty != "NO-ACCOUNT"]
    assert sum(total(found) if found.number[0] != "C" else -total(found) for found in named) == Decimal("4919107.73")
    parties = {record.code for record in masters if type(record).__name__ == "Counterparty"}
    assert parties == {found.counterparty for found in documents}
    months: defaultdict[str, Decimal] = defaultdict(Decimal)
    for found in documents:
        months[found.date[:7]] += total(found) if type(found).__name__ == "Sale" else -total(found)
    assert (months["2010-12"], months["2011-04"], months["2011-08"]) == (
        Decimal("748957.02"), Decimal("493207.12"), Decimal("682680.51"))


def test_northwind() -> None:
    conversion, masters, documents, reports = convert("northwind", TRADE / "northwind" / "order-details.csv")
    exact: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows_of(TRADE / "northwind" / "order-details.csv"):
        exact[row["orderID"]] += Decimal(row["unitPrice"]) * Decimal(row["quantity"]) * (1 - Decimal(row["discount"]))
    assert not reports
    assert conversion.tallies["sale"].exact == sum(exact.values()) == Decimal("1265793.0395")
    assert {found.number: total(found) for found in documents} == {
        number: amount.quantize(CENT, ROUND_HALF_UP) for number, amount in exact.items()}
    assert (len(documents), sum(len(found.lines) for found in documents)) == (830, 2155)
    assert len({found.counterparty for found in documents}) == 89
    assert (min(found.date for found in documents), max(found.date for found in documents)) == ("1996-07-04", "1998-05-06")
    gross = sum(Decimal(line.price) * Decimal(line.quantity) for found in documents for line in found.lines)
    assert gross == Decimal("1354458.59")
    assert sum(type(record).__name__ == "Counterparty" for record in masters) == 91


@pytest.mark.parametrize(
    ("year", "lines", "orders", "net", "tax", "customers"),
    [
        (2019, 1201, 1201, "3863120.2134", "309049.6231", 1201),
        (2020, 2733, 2733, "6372462.1414", "509796.9953", 2733),
        (2021, 28784, 12525, "10692440.0759", "855395.2285", 10492),
    ],
)
def test_adventureworks(year: int, lines: int, orders: int, net: str, tax: str, customers: int) -> None:
    file = TRADE / "adventureworks" / f"web_order_lines_{year}.csv"
    conversion, masters, documents, reports = convert("adventureworks", file)
    tally = conversion.tallies["sale"]
    assert not reports
    assert (tally.exact - tally.exact_vat, tally.exact_vat) == (Decimal(net), Decimal(tax))
    assert (tally.documents, sum(len(found.lines) for found in documents)) == (orders, lines)
    assert sum(type(record).__name__ == "Counterparty" for record in masters) == customers
    exact: defaultdict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for row in rows_of(file):
        sums = exact[row["SalesOrderNumber"]]
        sums[0] += Decimal(row["UnitPrice"]) * Decimal(row["Quantity"]) + Decimal(row["TaxAmount"])
        sums[1] += Decimal(row["TaxAmount"])
    for found in documents:
        amount, vat = exact[found.number]
        assert total(found) == amount.quantize(CENT, ROUND_HALF_UP)
        assert sum(Decimal(line.vat) for line in found.lines) == vat.quantize(CENT, ROUND_HALF_UP)
