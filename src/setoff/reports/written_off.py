"""Debts written off and watched for five years (memo account 007), and the expenses of management that adjustments, the reserve and
interest of loans make (spec 2.10, 2.11). Both read the facts of the documents, so they cannot differ from the settlements.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from itertools import groupby
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.reports.report import NO_DOCUMENT, Column, DocumentName, Note, Question, Report, Section, Total
from setoff.settlements.written_off import Expense, WrittenOff, expenses, written_off

WRITTEN_OFF_COLUMNS: Final = (
    Column("document", "document"),
    Column("unit", named_by="unit"),
    Column("memo", optional=True),
    Column("counterparty", named_by="counterparty"),
    Column("contract", named_by="contract", optional=True),
    Column("reason", "term", vocabulary="choice-reason"),
    Column("paper", heading="reason-paper", optional=True),
    Column("amount", "money", heading="written-off-amount"),
    Column("kept_until", "date"),
    Column("returned", "money", heading="returned-amount"),
    Column("left", "money", heading="written-off-left"),
    Column("state", "term", vocabulary="written-off"),
    Column("currency"),
)
EXPENSE_COLUMNS: Final = (
    Column("document", "document"),
    Column("unit", named_by="unit"),
    Column("item", heading="expense-item"),
    Column("department"),
    Column("analytics", heading="expense-analytics"),
    Column("account"),
    Column("counterparty", optional=True),
    Column("amount", "money", heading="expense-amount"),
    Column("currency"),
)


class WrittenOffRow(NamedTuple):
    document: DocumentName
    unit: str
    memo: str
    counterparty: str
    contract: str
    reason: str
    paper: str
    amount: int
    kept_until: datetime.date | None
    returned: int
    left: int
    state: str
    currency: str


class ExpenseRow(NamedTuple):
    document: DocumentName
    unit: str
    item: str
    department: str
    analytics: str
    account: str
    counterparty: str
    amount: int
    currency: str


def written_off_debts(conn: Connection[Any], question: Question) -> Report:
    """What stands on the memo account at the end of a day, and what left it: paid after all, or five years over."""
    found = [_written_off_row(line) for line in written_off(conn, question.scope, question.as_of)]
    totals = []
    for currency in sorted({row.currency for row in found}):
        sums = [row for row in found if row.currency == currency]
        total = WrittenOffRow(
            NO_DOCUMENT, "", "", "", "", "", "", sum(row.amount for row in sums), None, sum(row.returned for row in sums),
            sum(row.left for row in sums), "", currency,
        )  # fmt: skip
        totals.append(Total("total-in", total, {"currency": currency}))
    return Report("written-off-debts", question, WRITTEN_OFF_COLUMNS, [Section(found, totals)] if found else [], of_contour=False)


def _written_off_row(line: WrittenOff) -> WrittenOffRow:
    return WrittenOffRow(
        DocumentName(line.key, line.kind, line.number, line.date), line.unit, line.memo, line.counterparty, line.contract, line.reason,
        line.paper, line.amount, line.kept_until, line.returned, line.left, line.state, line.currency,
    )  # fmt: skip


def management_expenses(conn: Connection[Any], question: Question) -> Report:
    """By expense item, in the order of the documents; incomes are below zero."""
    found = expenses(conn, question.scope, question.contour, question.since, question.as_of)
    rows = sorted((_expense_row(line) for line in found), key=lambda row: row.item)
    sections = []
    for item, of_item in groupby(rows, key=lambda row: row.item):
        group = list(of_item)
        sums: dict[str, int] = defaultdict(int)
        for row in group:
            sums[row.currency] += row.amount
        totals = [
            Total("total-in", ExpenseRow(NO_DOCUMENT, "", item, "", "", "", "", amount, currency), {"currency": currency})
            for currency, amount in sorted(sums.items())
        ]
        sections.append(Section(group, totals, heading=Note("expense-item", {"item": item})))
    return Report("management-expenses", question, EXPENSE_COLUMNS, sections)


def _expense_row(line: Expense) -> ExpenseRow:
    return ExpenseRow(
        DocumentName(line.key, line.kind, line.number, line.date), line.unit, line.item, line.department, line.analytics, line.account,
        line.counterparty, line.amount, line.currency,
    )  # fmt: skip
