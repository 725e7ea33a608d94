"""VAT on advances as it stands: what there is of every advance, and what waits for a decision. Everything is derived from the lots."""

from __future__ import annotations

import datetime
from collections import defaultdict
from typing import Any, NamedTuple

import psycopg

from setoff.core.moment import day_of, end_of
from setoff.settlements.advance_vat.books import Books
from setoff.settlements.advance_vat.events import Event, Wait, What, story_of
from setoff.settlements.advance_vat.rows import names_of
from setoff.settlements.advance_vat.terms import units_with_vat
from setoff.trade.advance_vat import deductible_until

ADDS = {
    What.OPENING: 1, What.ACCRUED: 1, What.DEDUCTED: -1, What.EXPENSED: -1, What.PENDING: 0, What.DEDUCTED_BACK: 1,
    What.EXPENSED_BACK: 1, What.INVOICED: -1, What.RESTORED: 1, What.BROUGHT_IN: -1,
}  # fmt: skip
"""What an event adds to the account of VAT on advances, + debit."""
OF_RECEIVED = (What.OPENING, What.ACCRUED, What.DEDUCTED_BACK, What.EXPENSED_BACK)
OF_PAID = (What.INVOICED, What.BROUGHT_IN)
"""The events by which an advance has VAT."""
ABOUT_SQL = """
  select document.id, document.key, document.kind, document.number, document.date, unit.code, organization.book_currency
  from document join unit on unit.id = document.unit_id join organization on organization.id = unit.organization_id
  where document.id = any(%s)"""
OWNERS_SQL = """
  select fold_key.id, counterparty.code, counterparty.name, coalesce(contract.number, ''), counterparty.id, coalesce(contract.id, 0)
  from fold_key join counterparty on counterparty.id = fold_key.counterparty_id left join contract on contract.id = fold_key.contract_id
  where fold_key.id = any(%s)"""


class About(NamedTuple):
    """A document as reports name it."""

    id: int
    key: str
    kind: str
    number: str
    date: datetime.date
    unit: str
    book_currency: str


class Owner(NamedTuple):
    """Whose advance it is."""

    code: str
    name: str
    contract: str
    counterparty_id: int
    contract_id: int


Place = tuple[int, int, int, tuple[int, int]]
"""Where an event stands among all, as postings do: moment, document, line of its fact, lot."""


class AdvanceVatRow(NamedTuple):
    """An advance and its VAT, minor units of book currency. `is_received`: else paid. `balance`: on its account, + debit; `pending`: the
    part of it that waits for a decision. `arisen`: where its VAT began."""

    document: About
    line: int
    owner: Owner
    is_received: bool
    advance: int
    accrued: int
    deducted: int
    expensed: int
    pending: int
    balance: int
    arisen: Place


class Pending(NamedTuple):
    """VAT that waits for a decision: of which advance, since which document."""

    document: About
    advance: About
    line: int
    owner: Owner
    day: datetime.date
    amount: int
    base: int

    @property
    def until(self) -> datetime.date:
        """The last day on which it can be deducted."""
        return deductible_until(self.day)


class Told(NamedTuple):
    """All that is derived up to a day."""

    events: list[Event]
    owners: dict[tuple[int, int], Owner]  # by document and line of the advance
    sizes: dict[tuple[int, int], int]
    papers: dict[int, About]
    waits: list[Wait]


def told_until(conn: psycopg.Connection[Any], unit_ids: list[int], as_of: datetime.date) -> Told:
    """The events of units up to a day, with the names of what they are about."""
    units = {unit_id: found for unit_id, found in units_with_vat(conn).items() if unit_id in unit_ids}
    books = Books(conn, units)
    if units:
        books.read(names_of(books, "true"))
        books.complete({name[2] for name in books.lots})
    return told_of(books, as_of)


def told_of(books: Books, as_of: datetime.date) -> Told:
    """What these books tell up to a day."""
    until = end_of(as_of)
    then = [
        advance._replace(
            uses=tuple(use for use in advance.uses if use.moment < until),
            invoices=tuple(invoice for invoice in advance.invoices if invoice.moment < until),
        )
        for advance in books.advances()
        if advance.moment < until
    ]
    decided = {document_id: decision for document_id, decision in books.decisions().items() if decision.moment < until}
    story = story_of(then)
    events = [event for event in story.events_with(decided) if event.moment < until]
    owners = {row[0]: Owner._make(row[1:]) for row in books.ask(OWNERS_SQL, [sorted({name[1] for name in books.lots})])}
    ids = {event.document_id for event in events} | {event.advance[0] for event in events} | {name[2] for name in books.lots}
    papers = {row[0]: About._make(row) for row in books.ask(ABOUT_SQL, [sorted(ids)])}
    return Told(
        events,
        {(name[2], name[3]): owners[name[1]] for name in books.lots},
        {advance.name: advance.book for advance in then},
        papers,
        story.waits_with(decided),
    )


def vat_by_advance(told: Told) -> list[AdvanceVatRow]:
    """Every advance that has or had VAT, in the order in which it arose."""
    sums: dict[tuple[int, int], dict[What, int]] = defaultdict(lambda: defaultdict(int))
    received: dict[tuple[int, int], bool] = {}
    arisen: dict[tuple[int, int], Place] = {}
    for event in told.events:
        sums[event.advance][event.what] += event.amount
        received[event.advance] = event.is_received
        place = (event.moment, event.document_id, event.line, event.lot)
        arisen[event.advance] = min(place, arisen.get(event.advance, place))
    rows = []
    for advance, amounts in sums.items():
        balance = sum(ADDS[what] * amount for what, amount in amounts.items())
        into = OF_RECEIVED if received[advance] else OF_PAID
        out = (What.DEDUCTED,) if received[advance] else (What.RESTORED,)
        rows.append(
            AdvanceVatRow(
                told.papers[advance[0]], advance[1], told.owners[advance], received[advance], told.sizes.get(advance, 0),
                sum(amounts[what] for what in into), sum(amounts[what] for what in out), amounts[What.EXPENSED], amounts[What.PENDING],
                balance, arisen[advance],
            )
        )  # fmt: skip
    return sorted(rows, key=lambda row: (row.arisen, row.document.id, row.line))


def pending_vat(told: Told) -> list[Pending]:
    """What waits for a decision, the oldest first."""
    return [
        Pending(
            told.papers[event.document_id], told.papers[event.advance[0]], event.advance[1], told.owners[event.advance],
            day_of(event.moment), event.amount, event.base,
        )
        for event in sorted(told.events, key=lambda event: (event.moment, event.line, event.lot, event.advance))
        if event.what == What.PENDING
    ]  # fmt: skip
