"""Reports of the books: turnover balance sheet (6.1), account analysis (6.2), journal of postings.

A balance is expanded over the analytics asked for: each group stands on the side of its own balance, and the account's row is
the sum of its groups. Without analytics the account stands on one side. Debit and credit of every pair of columns are equal
in both cases, since expanding adds the same amount to both sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from psycopg import Connection

from setoff.books import ledger_queries as queries
from setoff.books.ledger_queries import AccountTurnover, Correspondence
from setoff.core.moment import day_of
from setoff.reports.report import Column, DocumentName, Note, Question, Report, Section, Total
from setoff.settlements.account_queries import DocumentTurnover, document_turnovers


class TurnoverRow(NamedTuple):
    level: int
    currency: str
    unit: str
    account: str
    account_name: str
    counterparty: str
    contract: str
    object: str
    document: DocumentName
    opening_debit: int
    opening_credit: int
    turnover_debit: int
    turnover_credit: int
    closing_debit: int
    closing_credit: int


SIDES = ("opening_debit", "opening_credit", "turnover_debit", "turnover_credit", "closing_debit", "closing_credit")
ANALYTICS = (
    Column("unit", optional=True),
    Column("counterparty", optional=True),
    Column("contract", optional=True),
    Column("object", "object", optional=True),
    Column("document", "document", heading="settlement_document", optional=True),
)
NO_DOCUMENT = DocumentName("", "", "", None)


def _row(found: AccountTurnover | DocumentTurnover, level: int) -> TurnoverRow:
    document = NO_DOCUMENT
    if isinstance(found, DocumentTurnover):
        document = DocumentName(found.key, found.kind, found.number, found.date)
    closing = found.opening + found.debit - found.credit
    return TurnoverRow(
        level, found.currency, found.unit, found.account, found.account_name, found.counterparty, found.contract, found.object,
        document, max(found.opening, 0), max(-found.opening, 0), found.debit, found.credit, max(closing, 0),
        max(-closing, 0),
    )  # fmt: skip


def _sum(rows: Iterable[TurnoverRow], like: TurnoverRow) -> TurnoverRow:
    """`like` at level 0 without analytics, with the sums of `rows`."""
    sums = [sum(amounts) for amounts in zip(*(row[-len(SIDES) :] for row in rows), strict=True)]
    return TurnoverRow(0, like.currency, "", like.account, like.account_name, "", "", "", NO_DOCUMENT, *sums)


def _turnovers(conn: Connection[Any], question: Question) -> Sequence[AccountTurnover | DocumentTurnover]:
    """Rows by currency, chart and account. By settlement document, the settlement accounts are told lot by lot."""
    arguments = (conn, question.scope, question.since, question.as_of)
    group_by = [name for name in question.group_by if name != "document"]
    found = queries.account_turnovers(*arguments, group_by=group_by, language=question.language)
    if len(group_by) == len(question.group_by):
        return found
    by_document: dict[tuple[str, str, str], list[DocumentTurnover]] = {}
    for row in document_turnovers(*arguments, group_by=group_by, language=question.language):
        by_document.setdefault((row.currency, row.account, row.account_name), []).append(row)
    told: list[AccountTurnover | DocumentTurnover] = []
    for name, rows in groupby(found, key=lambda row: (row.currency, row.account, row.account_name)):
        told += by_document.get(name) or rows
    return told


def turnover_balance(conn: Connection[Any], question: Question) -> Report:
    found = _turnovers(conn, question)
    rows: list[TurnoverRow] = []
    totals = []
    for currency, of_currency in groupby(found, key=lambda row: row.currency):
        accounts = []
        for _, of_account in groupby(of_currency, key=lambda row: (row.account, row.account_name)):
            groups = [_row(row, level=1) for row in of_account]
            accounts.append(_sum(groups, groups[0]))
            rows.append(accounts[-1])
            if any(group[2] or any(group[5:8]) or group.document.key for group in groups):
                rows.extend(groups)
        totals.append(Total("total-in", _sum(accounts, accounts[0]), {"currency": currency}))
    amounts = [Column(side, "money") for side in SIDES]
    columns = [Column("account"), Column("account_name"), *ANALYTICS, Column("currency"), *amounts]
    return Report("turnover-balance", question, columns, [Section(rows, totals)])


class AnalysisRow(NamedTuple):
    currency: str
    account: str
    account_name: str
    debit: int
    credit: int


ANALYSIS_COLUMNS = (
    Column("account", heading="corresponding_account"),
    Column("account_name"),
    Column("debit", "money"),
    Column("credit", "money"),
)


def _balance(label: str, currency: str, amount: int) -> Total:
    return Total(label, AnalysisRow(currency, "", "", max(amount, 0), max(-amount, 0)))


def account_analysis(conn: Connection[Any], question: Question) -> Report:
    """A section for each currency and group of analytics: opening, turnover with every corresponding account, closing."""
    arguments = (conn, question.scope, question.since, question.as_of)
    balances: dict[tuple[str, str, str], list[int]] = {}
    for row in queries.account_turnovers(*arguments, group_by=question.group_by):
        sums = balances.setdefault((row.currency, row.counterparty, row.contract), [0, 0, 0])
        for place, amount in enumerate((row.opening, row.debit, row.credit)):
            sums[place] += amount
    lines: dict[tuple[str, str, str], list[Correspondence]] = {}
    for line in queries.correspondences(*arguments, group_by=question.group_by, language=question.language):
        lines.setdefault((line.currency, line.counterparty, line.contract), []).append(line)
    sections = []
    heading = "analysis-heading-group" if question.group_by else "analysis-heading"
    for group, (opening, debit, credit) in sorted(balances.items()):
        currency, counterparty, contract = group
        found = lines.get(group, [])
        sections.append(
            Section(
                [AnalysisRow(currency, line.account, line.account_name, line.debit, line.credit) for line in found],
                heading=Note(heading, {"currency": currency, "group": _side(counterparty, contract)}),
                opening=[_balance("opening", currency, opening)],
                totals=[
                    Total("turnover", AnalysisRow(currency, "", "", debit, credit)),
                    _balance("closing", currency, opening + debit - credit),
                ],
            )
        )
    return Report("account-analysis", question, ANALYSIS_COLUMNS, sections)


class PostingRow(NamedTuple):
    date: Any
    document: DocumentName
    line: int
    posting_kind: str
    debit_account: str
    debit_analytics: str
    credit_account: str
    credit_analytics: str
    amount: int
    currency: str
    settlement_amount: int | None
    settlement_currency: str | None
    vat_rate: str
    item: str


POSTING_COLUMNS = (
    Column("date", "date"),
    Column("document", "document", undated=True),
    Column("line", "count"),
    Column("posting_kind", "term", vocabulary="posting-kind"),
    Column("debit_account"),
    Column("debit_analytics", optional=True),
    Column("credit_account"),
    Column("credit_analytics", optional=True),
    Column("amount", "money"),
    Column("currency"),
    Column("settlement_amount", "money", currency="settlement_currency", beside="currency"),
    Column("settlement_currency", currency="settlement_currency", beside="currency"),
    Column("vat_rate", optional=True),
    Column("item", optional=True),
)


def _side(*names: str) -> str:
    return ", ".join(name for name in names if name)


def postings(conn: Connection[Any], question: Question) -> Report:
    """Every posting of the period, in the total order. A page of them has no totals: those of a page would mislead."""
    page = question.portion
    lines = queries.postings(
        conn, question.scope, question.since, question.as_of, after=page.after if page else None, limit=page.rows_max + 1 if page else None
    )
    shown = lines[: page.rows_max] if page else lines
    rows = [
        PostingRow(
            day_of(line.moment), DocumentName(line.key, line.kind, line.number, line.date), line.line, line.posting_kind,
            line.debit_account, _side(line.debit_party, line.debit_contract), line.credit_account,
            _side(line.credit_party, line.credit_contract), line.amount, line.book_currency,
            line.settlement_amount if line.settlement_currency else None, line.settlement_currency, line.vat_rate, line.item,
        )
        for line in shown
    ]  # fmt: skip
    following = (shown[-1].moment, shown[-1].document_id, shown[-1].line) if len(lines) > len(shown) else None
    is_whole = following is None and (page is None or page.after is None)
    return Report(
        "postings", question, POSTING_COLUMNS, [Section(rows, _sums_by_currency(rows) if is_whole else [])], following=following
    )


def _sums_by_currency(rows: Sequence[PostingRow]) -> list[Total]:
    sums: dict[str, int] = {}
    for row in rows:
        sums[row.currency] = sums.get(row.currency, 0) + row.amount
    return [Total("total-in", _Amount(amount, currency), {"currency": currency}) for currency, amount in sorted(sums.items())]


class _Amount(NamedTuple):
    amount: int
    currency: str
