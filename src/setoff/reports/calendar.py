"""The payment calendar as a report, and what it expected against what came (spec 6.8)."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from datetime import datetime as instant
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.core.moment import NEVER, end_of
from setoff.intake.export import snapshot
from setoff.language.zones import zone
from setoff.reports.pictures import CashDay
from setoff.reports.report import NO_DOCUMENT, Column, CurrencyCash, DocumentName, Note, Question, Report, Section, Total
from setoff.settlements.known import shadow
from setoff.settlements.known_documents import is_changed_since
from setoff.settlements.orders.calendar import Asked, CashRow, Flow, flows
from setoff.settlements.orders.calendar_page import CalendarPage, CashSection, calendar_page, whole_calendar
from setoff.settlements.orders.money import Moved, money_by_account, money_moved, money_now

CALENDAR_COLUMNS: Final = (
    Column("day", "date", heading="expected-on"),
    Column("due", "date"),
    Column("source", "term", vocabulary="cash-source"),
    Column("document", "document", undated=True),
    Column("counterparty", named_by="counterparty"),
    Column("contract", optional=True, named_by="contract"),
    Column("bank_account", optional=True),
    Column("probability", "count"),
    Column("incoming", "money"),
    Column("outgoing", "money"),
    Column("balance", "money", shows_zero=True),
    Column("currency"),
)
COMPARED_COLUMNS: Final = (
    Column("day", "date"),
    Column("expected_in", "money"),
    Column("actual_in", "money"),
    Column("difference_in", "money"),
    Column("expected_out", "money"),
    Column("actual_out", "money"),
    Column("difference_out", "money"),
    Column("currency"),
)
NAMES_SQL: Final = """
  select d.id, d.key, d.kind, d.number, d.date, cp.name from document d left join counterparty cp on cp.id = d.counterparty_id
  where d.id = any(%s)"""
PARTIES_SQL: Final = "select id, name from counterparty where id = any(%s)"
CONTRACTS_SQL: Final = "select id, number from contract where id = any(%s)"
PERIOD_DAYS: Final = 30
BY_WEEK_FROM: Final = 62
"""Longer periods are compared week by week."""


class CashLine(NamedTuple):
    day: datetime.date
    due: datetime.date
    source: str
    document: DocumentName
    counterparty: str
    contract: str
    bank_account: str
    probability: int
    incoming: int
    outgoing: int
    balance: int
    currency: str


class CashTotal(NamedTuple):
    incoming: int | None
    outgoing: int | None
    balance: int
    currency: str


class ComparedLine(NamedTuple):
    """Differences are what came less what was expected."""

    day: datetime.date | None
    expected_in: int
    actual_in: int
    difference_in: int
    expected_out: int
    actual_out: int
    difference_out: int
    currency: str


def asked_of(question: Question, today: date, until: date) -> Asked:
    """The calendar that a question is about."""
    return Asked(question.scope, today, until, NEVER, question.bank_accounts, question.known_at is not None)


def payment_calendar(conn: Connection[Any], question: Question) -> Report:
    """Every amount expected from the report's date on, so many days ahead, with a running balance for each bank account and currency.
    A portion is read from sums that are kept, unless a party, a contract or an earlier knowledge is asked about."""
    today = question.as_of
    until = min(today, date.max - timedelta(days=question.within)) + timedelta(days=question.within)
    asked = asked_of(question, today, until)
    if question.portion and asked.is_summed:
        skipped = max(question.portion.after[0], 0) if question.portion.after else 0
        with snapshot(conn):
            openings = _openings(conn, question, today)
            page = calendar_page(conn, asked, skipped=skipped, rows_max=question.portion.rows_max)
    else:
        openings = _openings(conn, question, today)
        page = whole_calendar(conn, asked)
    names = _Names(conn, (row for section in page.sections for row in section.rows))
    sections = [_section(found, names, openings.get((found.currency, found.bank_account))) for found in page.sections]
    following = (page.following, 0, 0) if page.following else None
    return Report(
        "payment-calendar", question, CALENDAR_COLUMNS, sections, of_contour=False, following=following, cash=_cash(page, openings, today)
    )  # fmt: skip


def _cash(page: CalendarPage, openings: Mapping[tuple[str, str], int], today: date) -> list[CurrencyCash]:
    """What the picture shows: money by day in each currency, all bank accounts that have any together."""
    drawn = []
    for currency in sorted({found.currency for found in page.days}):
        days = {found.day: CashDay(found.day, *found[2:]) for found in page.days if found.currency == currency}
        opening = sum(openings.get(account, 0) for account in page.accounts if account[0] == currency)
        drawn.append(CurrencyCash(currency, opening, [days.get(day, CashDay(day, 0, 0)) for day in sorted({today, *days})]))
    return drawn


def _openings(conn: Connection[Any], question: Question, today: date) -> dict[tuple[str, str], int]:
    """What there is to begin with; where a party or contract is asked about, a balance would mean nothing."""
    if question.scope.counterparties or question.scope.contracts:
        return {}
    whole = money_now(conn, question.scope.units, today, is_known_then=question.known_at is not None)
    by_account = money_by_account(conn, question.scope.units, today, is_known_then=question.known_at is not None)
    books = [row[0] for row in conn.execute(
        "select distinct o.book_currency from unit u join organization o on o.id = u.organization_id where u.id = any(%s)",
        [list(question.scope.units)],
    )]  # fmt: skip
    found = {(currency, ""): amount for currency, amount in whole.items() if currency not in books}
    if len(books) == 1:
        found |= {(books[0], account): amount for account, amount in by_account.items()}
    else:
        found |= {(currency, ""): whole.get(currency, 0) for currency in books}
    return found


class _Names:
    """Names of documents, parties and contracts of the rows, a query for each."""

    def __init__(self, conn: Connection[Any], rows: Iterable[CashRow]) -> None:
        found = list(rows)
        self.documents = {
            row[0]: DocumentName(*row[1:5]) for row in conn.execute(NAMES_SQL, [sorted({row.document_id for row in found})])
        }
        self.parties = dict(conn.execute(PARTIES_SQL, [sorted({row.counterparty_id for row in found})]).fetchall())
        contracts = sorted({row.contract_id for row in found if row.contract_id})
        self.contracts = dict(conn.execute(CONTRACTS_SQL, [contracts]).fetchall())


def _section(found: CashSection, names: _Names, opening: int | None) -> Section:
    currency, account = found.currency, found.bank_account
    balance, lines = (opening or 0) + found.before, []
    for row in found.rows:
        balance += row.in_minor - row.out_minor
        lines.append(
            CashLine(
                row.day, row.due, row.source, names.documents.get(row.document_id, NO_DOCUMENT), names.parties.get(row.counterparty_id, ""),
                names.contracts.get(row.contract_id or 0, ""), row.bank_account, row.probability, row.in_minor, row.out_minor, balance,
                currency,
            )
        )  # fmt: skip
    total = CashTotal(found.in_minor, found.out_minor, (opening or 0) + found.in_minor - found.out_minor, currency)
    before = [] if opening is None else [Total("opening", CashTotal(None, None, opening, currency))]
    heading = Note("bank-account", {"account": account, "currency": currency}) if account else None
    return Section(lines, [Total("total-in", total, {"currency": currency})], before, heading)


def expected_actual(conn: Connection[Any], question: Question) -> Report:
    """For a past period: what the calendar, as it was known on the evening before, expected on each day, and what came. What was overdue
    then was expected on the first day. Long periods are compared by week."""
    last = question.as_of
    first = max(question.since or date.fromordinal(max(last.toordinal() - PERIOD_DAYS, 1)), date.min + timedelta(days=1))
    eve = first - timedelta(days=1)
    known_at = instant.combine(eve, time.max, zone())
    asked = Asked(question.scope, first, last, end_of(eve), question.bank_accounts, is_known_then=True)  # shadowed, where known_at is asked
    expected = flows(conn, asked)[0] if question.known_at is not None else expected_then(conn, asked, known_at)
    moved = money_moved(conn, question.scope, first, last, question.bank_accounts)
    sections = compared(expected, moved, first, 7 if (last - first).days >= BY_WEEK_FROM else 1)
    return Report("expected-actual", question, COMPARED_COLUMNS, sections, of_contour=False)


def expected_then(conn: Connection[Any], asked: Asked, known_at: instant) -> list[Flow]:
    """What was expected as known at an instant. Where nothing was recorded since, the books are read as they are."""
    with snapshot(conn):
        if not is_changed_since(conn, known_at):
            return flows(conn, asked._replace(is_known_then=False))[0]
    with shadow(conn, known_at, contours=("mgmt",), until=asked.before):
        return flows(conn, asked)[0]


def compared(expected: Iterable[Flow], moved: Iterable[Moved], first: date, days_each: int) -> list[Section]:
    """A section for each currency, a row for each day (or week, by its first day) on which money was expected or came."""
    sums: dict[str, dict[date, list[int]]] = defaultdict(dict)

    def slot(day: date, currency: str) -> list[int]:
        start = first + timedelta(days=(day - first).days // days_each * days_each)
        return sums[currency].setdefault(start, [0, 0, 0, 0])

    for flow in expected:
        held = slot(flow.day, flow.currency)
        held[0] += flow.in_minor
        held[2] += flow.out_minor
    for money in moved:
        held = slot(money.day, money.currency)
        held[1] += money.in_minor
        held[3] += money.out_minor
    sections = []
    for currency, days in sorted(sums.items()):
        lines = [_compared(day, amounts, currency) for day, amounts in sorted(days.items())]
        whole = [sum(amounts[place] for amounts in days.values()) for place in range(4)]
        sections.append(Section(lines, [Total("total-in", _compared(None, whole, currency), {"currency": currency})]))
    return sections


def _compared(day: date | None, amounts: list[int], currency: str) -> ComparedLine:
    expected_in, actual_in, expected_out, actual_out = amounts
    return ComparedLine(
        day, expected_in, actual_in, actual_in - expected_in, expected_out, actual_out, actual_out - expected_out, currency
    )
