"""Reports of single documents: settlement card (6.3), journal of settlements (6.10)."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from psycopg import Connection

from setoff.core.fact import Rule
from setoff.core.money import digits_of
from setoff.reports.report import NO_DOCUMENT, Column, DocumentName, Note, Question, Report, Section, Total
from setoff.settlements import card_queries
from setoff.settlements.card_queries import CardAllocation, CardFact, KeyBalance
from setoff.settlements.journal_queries import journal as journal_lines
from setoff.trade.terms import debt_sign


class CardRow(NamedTuple):
    """Level 0 is a fact; level 1 an allocation of it, whose `settlement_document` is the document of the lot it used."""

    level: int
    date: datetime.date | None
    document: DocumentName
    contract: str
    object: str
    settlement_document: DocumentName
    due: datetime.date | None
    increase: int | None
    decrease: int | None
    balance: int | None
    debt: int | None
    advance: int | None
    rate: Decimal | None
    book: int | None
    book_balance: int | None
    allocated: int | None
    rule: str
    fx_difference: int | None
    currency: str
    book_currency: str


CARD_COLUMNS = (
    Column("date", "date"),
    Column("document", "document", undated=True),
    Column("contract", optional=True, named_by="contract"),
    Column("object", "object", optional=True),
    Column("settlement_document", "document"),
    Column("due", "date", optional=True),
    Column("increase", "money"),
    Column("decrease", "money"),
    Column("allocated", "money", optional=True),
    Column("rule", "term", vocabulary="rule", optional=True),
    Column("balance", "money", shows_zero=True),
    Column("debt", "money", repeats="balance"),
    Column("advance", "money", optional=True),
    Column("rate", "decimal", optional=True),
    Column("book", "money", currency="book_currency", beside="currency"),
    Column("fx_difference", "money", currency="book_currency", optional=True),
    Column("book_balance", "money", currency="book_currency", beside="currency", shows_zero=True),
)


class RunningBalance:
    """The balance of a card's keys while its facts go by. A key holds a debt or an advance, never both, so the keys are kept
    apart and only the three sums are shown."""

    def __init__(self, relation: str) -> None:
        self.sign = debt_sign(relation)
        self.keys: dict[int, int] = defaultdict(int)
        self.net = self.debt = self.advance = self.book = 0

    def add(self, key_id: int, change: int, book: int) -> None:
        before = self.keys[key_id] * self.sign
        self.keys[key_id] += change
        after = self.keys[key_id] * self.sign
        self.net += change
        self.debt += max(after, 0) - max(before, 0)
        self.advance += max(-after, 0) - max(-before, 0)
        self.book += book

    def row(self, currency: str, book_currency: str) -> CardRow:
        return CardRow(
            0, None, NO_DOCUMENT, "", "", NO_DOCUMENT, None, None, None, self.net, self.debt, self.advance, None, None,
            self.book, None, "", None, currency, book_currency,
        )  # fmt: skip


def card(conn: Connection[Any], question: Question) -> Report:
    """A section for every counterparty, relation and currency: the opening balance, a row per fact with the balance after it,
    below it a row per lot it used, turnovers, the closing balance."""
    arguments = (conn, question.scope, question.contour, question.since, question.as_of)
    allocations: dict[tuple[int, int, int], list[CardAllocation]] = defaultdict(list)
    with card_queries.joins_as_written(conn):
        used, stated = card_queries.card_allocations(*arguments), card_queries.card_facts(*arguments)
    for allocation in used:
        allocations[allocation.key_id, allocation.document_id, allocation.line].append(allocation)
    balances: dict[tuple[str, str, str, str], RunningBalance] = {}
    facts: dict[tuple[str, str, str, str], list[CardFact]] = defaultdict(list)
    if question.since:
        before = date.fromordinal(question.since.toordinal() - 1)
        for key in card_queries.key_balances(conn, question.scope, question.contour, before):
            balances.setdefault(_card_group(key), RunningBalance(key.relation)).add(key.key_id, key.net, key.net_book)
    for fact in stated:
        facts[_card_group(fact)].append(fact)
    sections = []
    for group in sorted(balances.keys() | facts.keys()):
        balance = balances.get(group) or RunningBalance(group[1])
        sections.append(_card_section(group, balance, facts[group], allocations))
    return Report("card", question, CARD_COLUMNS, sections)


def _card_group(found: KeyBalance | CardFact) -> tuple[str, str, str, str]:
    return found.counterparty, found.relation, found.currency, found.book_currency


def _card_section(
    group: tuple[str, str, str, str],
    balance: RunningBalance,
    facts: Sequence[CardFact],
    allocations: dict[tuple[int, int, int], list[CardAllocation]],
) -> Section:
    counterparty, relation, currency, book_currency = group
    opening = balance.row(currency, book_currency)
    rows = []
    for fact in facts:
        used = allocations.get((fact.key_id, fact.document_id, fact.line), [])
        direction = 1 if fact.change > 0 or (fact.change == 0 and debt_sign(fact.relation) < 0) else -1
        book = fact.opened_book + direction * sum(allocation.lot_book for allocation in used)
        balance.add(fact.key_id, fact.change, book)
        rows.append(_fact_row(fact, balance.row(currency, book_currency), book))
        rows += [_allocation_row(allocation, direction, currency, book_currency) for allocation in used]
    closing = balance.row(currency, book_currency)
    turnover = closing._replace(
        balance=None, debt=None, advance=None, book_balance=None,
        increase=sum(row.increase or 0 for row in rows), decrease=sum(row.decrease or 0 for row in rows),
        book=sum(row.book or 0 for row in rows), fx_difference=sum(row.fx_difference or 0 for row in rows),
    )  # fmt: skip
    return Section(
        rows,
        heading=Note("card-heading", {"counterparty": counterparty, "relation": relation, "currency": currency}),
        opening=[Total("opening", opening)],
        totals=[Total("turnover", turnover), Total("closing", closing)],
    )


def _fact_row(fact: CardFact, after: CardRow, book: int) -> CardRow:
    document = DocumentName(fact.key, fact.kind, fact.number, fact.date)
    own_lot = document._replace(number=fact.label) if fact.label else document
    rate = fact.rate.quantize(Decimal("0.0001")) if fact.rate is not None else None
    if fact.currency != fact.book_currency and fact.change:
        scale = digits_of(fact.book_currency) - digits_of(fact.currency)
        rate = (Decimal(fact.stated_book) / fact.change).scaleb(-scale).quantize(Decimal("0.0001"))
    return after._replace(
        date=fact.date, document=document, contract=fact.contract, object=fact.object, rate=rate, book=book,
        settlement_document=own_lot if fact.opened else NO_DOCUMENT, due=fact.due if fact.opened else None,
        increase=max(fact.change, 0), decrease=max(-fact.change, 0),
    )  # fmt: skip


def _allocation_row(found: CardAllocation, direction: int, currency: str, book_currency: str) -> CardRow:
    """A gain is positive: money came in above the carrying value of a claim, or went out below that of a liability."""
    lot = DocumentName(found.key, found.kind, found.number, found.date)
    return CardRow(
        1, None, NO_DOCUMENT, "", "", lot, None, None, None, None, None, None, None, None, None, found.amount,
        Rule(found.rule).name.lower(), -direction * found.difference, currency, book_currency,
    )  # fmt: skip


class JournalRow(NamedTuple):
    """A document of the journal, or of that of adjustments, which tells more (`reports/adjustments.py`). `difference`: of a set-off what
    they owe less what we owe. `notice`: of a one-sided set-off how its notice stands: prepared (not in the books), sent, received."""

    date: datetime.date | None
    document: DocumentName
    unit: str
    counterparties: str
    amount: int
    currency: str
    difference: int | None
    status: str
    author: str
    base: str
    comment: str
    book_currency: str = ""
    organization: str = ""
    notice: str = ""
    received: datetime.date | None = None


JOURNAL_COLUMNS = (
    Column("date", "date"),
    Column("document", "document", undated=True),
    Column("unit", named_by="unit"),
    Column("counterparties"),
    Column("amount", "money"),
    Column("currency"),
    Column("difference", "money", currency="book_currency", heading="sides_difference", optional=True),
    Column("status", "term", vocabulary="state"),
    Column("author"),
    Column("base", optional=True),
    Column("comment", optional=True),
)


def journal(conn: Connection[Any], question: Question) -> Report:
    """Documents that touch settlements, in the total order."""
    page = question.portion
    lines = journal_lines(
        conn, question.scope, question.since, question.as_of, kinds=question.kinds, statuses=question.statuses,
        after=page.after if page else None, limit=page.rows_max + 1 if page else None,
    )  # fmt: skip
    shown = lines[: page.rows_max] if page else lines
    rows = [
        JournalRow(
            line.date, DocumentName(line.key, line.kind, line.number, line.date), line.unit, line.counterparties, line.total,
            line.currency, line.difference, line.status, line.author, line.base, line.comment, line.book_currency,
        )
        for line in shown
    ]  # fmt: skip
    following = (shown[-1].moment, shown[-1].document_id, 0) if len(lines) > len(shown) else None
    return Report("journal", question, JOURNAL_COLUMNS, [Section(rows)], of_contour=False, following=following)
