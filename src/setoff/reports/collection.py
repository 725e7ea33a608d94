"""Collection days (spec 6.7): after how many days of sales, at the pace of a period, what customers owe would be sold once more.

    collection days = (receivables + notes receivable) * days / sales

Receivables and notes are the balances at the end of the period, sales what was sold on account in it with VAT, less what came back: all of
them as the books have them, in book currency. Corrections of sales of closed years are no sales of the period.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.books.charts import account_id, load_chart
from setoff.books.ledger_queries import account_turnovers, correspondences
from setoff.books.months import month_after, month_of
from setoff.core.chart import CurrencyClass, Role
from setoff.reports.report import Column, Note, Question, Report, Section

OF_CUSTOMERS: Final = ("buyer", "commission_agent")
"""Relations with those who owe for what was sold."""
MONTHS: Final = 12
"""So many months are told where no first day is asked for."""
CONTRACT_ACCOUNTS_SQL: Final = """
  select distinct organization.chart, contract.debt_account
  from contract join organization on organization.id = contract.organization_id
  where contract.organization_id in (select organization_id from unit where id = any(%s))
    and contract.relation = any(%s) and contract.debt_account <> ''"""
CHARTS_SQL: Final = """
  select distinct organization.chart from unit join organization on organization.id = unit.organization_id where unit.id = any(%s)"""
COLUMNS: Final = (
    Column("first", "date", heading="period_first"),
    Column("last", "date", heading="period_last"),
    Column("receivables", "money", shows_zero=True),
    Column("notes", "money", heading="notes_receivable", optional=True),
    Column("sales", "money", heading="sales_on_account", shows_zero=True),
    Column("daily_sales", "money"),
    Column("collection_days", "decimal"),
    Column("currency"),
)


class CollectionRow(NamedTuple):
    """The whole period, or a month of it (`level` 1). `daily_sales` and `collection_days` None: nothing was sold."""

    first: datetime.date
    last: datetime.date
    receivables: int
    notes: int
    sales: int
    daily_sales: int | None
    collection_days: Decimal | None
    currency: str
    level: int


class Accounts(NamedTuple):
    """Ids of the accounts that are read; `sold`: codes of those that stand against receivables when something is sold."""

    receivables: tuple[int, ...]
    notes: tuple[int, ...]
    sold: frozenset[str]


class _Amounts:
    """Of one group: what there was before the first month; how balances changed in each, and what was sold."""

    def __init__(self) -> None:
        self.before = dict.fromkeys(("receivables", "notes"), 0)
        self.changes: dict[tuple[str, date], int] = defaultdict(int)
        self.sales: dict[date, int] = defaultdict(int)

    def balances(self, name: str, months: list[tuple[date, date]]) -> list[int]:
        """At the end of each month."""
        return list(accumulate((self.changes[name, first] for first, _last in months), initial=self.before[name]))[1:]


def collection_days(conn: Connection[Any], question: Question) -> Report:
    """A section for each currency and group: the whole period, then its months. Where no first day is asked for, of the last twelve
    months."""
    question = replace(question, since=question.since or twelve_months_before(question.as_of))
    accounts = accounts_of(conn, question.scope.units)
    months = list(months_between(question.since or question.as_of, question.as_of))
    groups: dict[tuple[str, str, str], _Amounts] = defaultdict(_Amounts)
    _read(conn, question, accounts.receivables, "receivables", months, groups, sold=accounts.sold)
    if accounts.notes and not (question.group_by or question.scope.counterparties or question.scope.contracts):
        _read(conn, question, accounts.notes, "notes", months, groups)
    heading = "analysis-heading-group" if question.group_by else "analysis-heading"
    sections = []
    for (currency, counterparty, contract), amounts in sorted(groups.items()):
        names = Note(heading, {"currency": currency, "group": ", ".join(filter(None, (counterparty, contract)))})
        sections.append(Section(_rows(amounts, months, currency), heading=names))
    return Report("collection-days", question, COLUMNS, sections, of_contour=False)


def twelve_months_before(day: date) -> date:
    """The first day of the eleventh month before the one of a day; the calendar's own first when there is no earlier one."""
    month = max(day.year * MONTHS + day.month - MONTHS, MONTHS)
    return date(month // MONTHS, month % MONTHS + 1, 1)


def months_between(first: date, last: date) -> Iterator[tuple[date, date]]:
    """The months of a period, the first and the last as far as they belong to it."""
    while first <= last:
        if month_of(first) == month_of(date.max):
            yield first, last
            return
        following = month_after(first)
        yield first, min(following - timedelta(days=1), last)
        first = following


def accounts_of(conn: Connection[Any], units: tuple[int, ...]) -> Accounts:
    """Of the charts of these units, and of contracts that have accounts of their own."""
    receivables: set[int] = set()
    notes: set[int] = set()
    sold: set[str] = set()
    for (name,) in conn.execute(CHARTS_SQL, [list(units)]):
        chart = load_chart(name)
        pairs = (chart.pair(relation, settled_in) for relation in OF_CUSTOMERS for settled_in in CurrencyClass)
        receivables |= {account_id(name, pair.debt) for pair in pairs}
        notes |= {account_id(name, chart.roles[role]) for role in (Role.NOTES_RECEIVABLE,) if role in chart.roles}
        sold |= {chart.role(Role.REVENUE), *([chart.role(Role.VAT_OUTPUT)] if chart.sales_vat == "beside" else ())}
    for name, code in conn.execute(CONTRACT_ACCOUNTS_SQL, [list(units), list(OF_CUSTOMERS)]):
        receivables.add(account_id(name, code))
    return Accounts(tuple(sorted(receivables)), tuple(sorted(notes)), frozenset(sold))


def _read(
    conn: Connection[Any], question: Question, accounts: tuple[int, ...], name: str, months: list[tuple[date, date]],
    groups: dict[tuple[str, str, str], _Amounts], *, sold: frozenset[str] = frozenset(),
) -> None:  # fmt: skip
    """The balances of accounts; what stands against them on the accounts `sold` is sales. Each month is read by itself."""
    scope, start = question.scope._replace(accounts=accounts), months[0][0]
    if start > date.min:
        for held in account_turnovers(conn, scope, None, start - timedelta(days=1), group_by=question.group_by):
            groups[held.currency, held.counterparty, held.contract].before[name] += held.opening + held.debit - held.credit
    for first, last in months:
        for line in correspondences(conn, scope, first, last, group_by=question.group_by):
            amounts = groups[line.currency, line.counterparty, line.contract]
            amounts.changes[name, first] += line.debit - line.credit
            if line.account in sold:
                amounts.sales[first] += line.debit - line.credit


def _rows(amounts: _Amounts, months: list[tuple[date, date]], currency: str) -> list[CollectionRow]:
    balances = zip(amounts.balances("receivables", months), amounts.balances("notes", months), strict=True)
    by_month = [
        _row(month, (receivables, notes, amounts.sales[month[0]]), currency, 1)
        for month, (receivables, notes) in zip(months, balances, strict=True)
    ]
    end = by_month[-1]
    whole = _row((months[0][0], end.last), (end.receivables, end.notes, sum(row.sales for row in by_month)), currency, 0)
    return [whole, *by_month]


def _row(period: tuple[date, date], sums: tuple[int, int, int], currency: str, level: int) -> CollectionRow:
    (first, last), (receivables, notes, sales) = period, sums
    days = (last - first).days + 1
    if sales <= 0:
        return CollectionRow(first, last, receivables, notes, sales, None, None, currency, level)
    daily = int((Decimal(sales) / days).quantize(Decimal(1), ROUND_HALF_UP))
    found = (Decimal((receivables + notes) * days) / sales).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return CollectionRow(first, last, receivables, notes, sales, daily, found, currency, level)
