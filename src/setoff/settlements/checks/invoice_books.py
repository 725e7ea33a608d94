"""C-INV-BOOK: the books of sales and purchases beside the ledger, by quarter (spec 6.9).

Expected is what the ledger has: VAT accrued on the account of VAT (sales), VAT deducted there (purchases), from the turnovers between
accounts. Actual is the sum of the book by the day of its VAT in the ledger. They differ while documents have no invoice, and where an
invoice differs from its document; postings by hand between these accounts count as what the ledger has.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

import psycopg

from setoff.books.charts import account_id, load_chart
from setoff.core.chart import ADVANCE_VAT_ROLES, Chart, Role
from setoff.settlements.checks import Check, Row
from setoff.settlements.invoices.missing import begun
from setoff.settlements.invoices.queries import Asked, Book, advances_moved
from setoff.trade.invoice import quarter_of

UNITS_SQL: Final = """
  select unit.id, unit.code, organization.chart, organization.book_currency
  from unit join organization on organization.id = unit.organization_id where %(unit)s::bigint is null or unit.id = %(unit)s order by 1"""
TURNOVER_SQL: Final = """
  select extract(year from month)::int, extract(quarter from month)::int, sum(turnover.amount)::bigint
  from turnover join account other on other.id = {other}_account_id
  where turnover.unit_id = %s and {own}_account_id = any(%s) and (other.id = any(%s) or other.is_settlement and %s) and month >= %s
  group by 1, 2"""
LINES_SQL: Final = """
  select extract(year from booked)::int, extract(quarter from booked)::int, sum(vat)::bigint
  from invoice_line where unit_id = %s and book = %s and booked >= %s group by 1, 2"""
Sums = dict[tuple[int, int], int]


def tie_rows(conn: psycopg.Connection[Any], unit_id: int | None) -> list[Row]:
    """Quarters in which a book differs from the ledger, since the first invoice of the unit."""
    rows = []
    units = conn.execute(UNITS_SQL, {"unit": unit_id}).fetchall()
    since = begun(conn, [row[0] for row in units])
    for number, code, chart, currency in units:
        days = since.get(number)
        if days and days.issued:
            rows += _differing(conn, (number, code, currency), load_chart(chart), "sales", days.issued)
        if days and days.received:
            rows += _differing(conn, (number, code, currency), load_chart(chart), "purchases", days.received)
    return rows


def _differing(conn: psycopg.Connection[Any], unit: tuple[int, str, str], chart: Chart, book: Book, day: date) -> list[Row]:
    number, code, currency = unit
    first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    expected, actual = ledger_vat(conn, number, chart, book, first), book_vat(conn, number, book, first)
    return [
        Row(
            code, f"{book} {year}-Q{quarter}", str(expected.get((year, quarter), 0)), str(actual.get((year, quarter), 0)),
            actual.get((year, quarter), 0) - expected.get((year, quarter), 0), currency, None, None, None, date(year, quarter * 3 - 2, 1),
            None,
        )
        for year, quarter in sorted(expected.keys() | actual.keys())
        if expected.get((year, quarter), 0) != actual.get((year, quarter), 0)
    ]  # fmt: skip


def ledger_vat(conn: psycopg.Connection[Any], unit_id: int, chart: Chart, book: Book, first: date) -> Sums:
    """VAT of a book as the ledger has it, by quarter from a day on."""
    output = [chart.role(Role.VAT_OUTPUT)]
    inputs = [chart.role(Role.VAT_INPUT_GOODS), chart.role(Role.VAT_INPUT_SERVICES)]
    advances = [chart.role(role) for role in (Role.VAT_ON_ADVANCES_RECEIVED, Role.VAT_ON_ADVANCES_PAID)] if _owes(chart) else []
    waiting, inside = chart.input_vat == "waiting", chart.sales_vat == "inside"
    if book == "sales":
        sources = [*advances, *(inputs if waiting else ())]
        sources += [chart.role(Role.VAT_ON_SALES), chart.role(Role.PRIOR_EXPENSE)] if inside else []
        into = _turnover(conn, unit_id, chart, ("credit", output, sources, not inside), first)
        return _less(into, _turnover(conn, unit_id, chart, ("debit", output, (), not inside), first))
    if waiting:
        decrease = chart.role(Role.VAT_ON_DECREASE)
        sources = [*advances, *inputs, *([decrease] if [decrease] != output else [])]
        return _turnover(conn, unit_id, chart, ("debit", output, sources, False), first)
    into = _turnover(conn, unit_id, chart, ("debit", inputs, (), True), first)
    return _less(into, _turnover(conn, unit_id, chart, ("credit", inputs, (), True), first))


def _owes(chart: Chart) -> bool:
    return chart.roles.keys() >= ADVANCE_VAT_ROLES


def _less(into: Sums, out: Sums) -> Sums:
    return {quarter: into.get(quarter, 0) - out.get(quarter, 0) for quarter in into.keys() | out.keys()}


def _turnover(
    conn: psycopg.Connection[Any], unit_id: int, chart: Chart, wanted: tuple[str, Iterable[str], Iterable[str], bool], first: date
) -> Sums:
    """Turnover of accounts on a side, against others and, where wanted, against settlements."""
    own, accounts, others, of_settlements = wanted
    query = TURNOVER_SQL.format(own=own, other="credit" if own == "debit" else "debit")
    ids = [sorted({account_id(chart.name, code) for code in codes}) for codes in (accounts, others)]
    rows = conn.execute(query, [unit_id, *ids, of_settlements, first])
    return {(year, quarter): amount for year, quarter, amount in rows}


def book_vat(conn: psycopg.Connection[Any], unit_id: int, book: Book, first: date) -> Sums:
    """VAT of a book by the quarter of the ledger: its invoices, and the VAT of advances that came back."""
    sums: Sums = {(year, quarter): vat for year, quarter, vat in conn.execute(LINES_SQL, [unit_id, book, first])}
    for day, amount in advances_moved(conn, Asked(book, (unit_id,), first, date.max)):
        sums[quarter_of(day)] = sums.get(quarter_of(day), 0) + amount
    return sums


INVOICE_CHECKS: Final = (
    Check(
        "C-INV-BOOK.list", "list", "6.9", "none",
        "The books of sales and purchases have, quarter by quarter, the VAT that the ledger accrued and deducted.", "", tie_rows,
    ),
)  # fmt: skip
