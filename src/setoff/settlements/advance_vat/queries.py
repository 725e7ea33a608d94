"""VAT on advances as it stands: what there is of every advance, and what waits for a decision. Everything is derived from the lots.

What waits is also told a page at a time: only documents of the kinds that leave VAT to a person are looked at, the oldest first, and of the
books what they opened and used.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import psycopg

from setoff.core.moment import BEGINNING, day_of, end_of
from setoff.settlements.advance_vat.books import Books
from setoff.settlements.advance_vat.events import Event, What, events_of
from setoff.settlements.advance_vat.rows import names_of
from setoff.settlements.advance_vat.terms import units_with_vat
from setoff.trade.kinds import ADJUSTMENT, KINDS, PAYMENT

ADDS = {
    What.OPENING: 1, What.ACCRUED: 1, What.DEDUCTED: -1, What.EXPENSED: -1, What.PENDING: 0, What.DEDUCTED_BACK: 1,
    What.EXPENSED_BACK: 1, What.INVOICED: -1, What.RESTORED: 1,
}  # fmt: skip
"""What an event adds to the account of VAT on advances, + debit."""
ABOUT_SQL = """
  select document.id, document.key, document.kind, document.number, document.date, unit.code, organization.book_currency
  from document join unit on unit.id = document.unit_id join organization on organization.id = unit.organization_id
  where document.id = any(%s)"""
OWNERS_SQL = """
  select fold_key.id, counterparty.code, counterparty.name, coalesce(contract.number, ''), counterparty.id, coalesce(contract.id, 0)
  from fold_key join counterparty on counterparty.id = fold_key.counterparty_id left join contract on contract.id = fold_key.contract_id
  where fold_key.id = any(%s)"""


UNDECIDED: Final = sorted(
    {name for name, kind in KINDS.items() if kind.day_order in (PAYMENT, ADJUSTMENT)} - {"payment_from_customer", "payment_to_supplier"}
    | {"opening_customer_debts", "opening_other_debts"}
)
"""Kinds that may use an advance received and be no supply: money given back, adjustments, entries by hand, debts brought in."""
CANDIDATES_SQL: Final = """
  select id, moment, key from document
  where unit_id = any(%(units)s) and kind = any(%(kinds)s) and status = 'posted' and moment > %(after)s and moment < %(until)s
  order by moment"""
DECIDED_SQL: Final = """
  select vat_decided_by(said.content), min(document.moment) from vat_decisions_naming(%(keys)s) said
  join document on document.unit_id = said.unit_id and document.id = said.document_id and document.posted_version_id = said.version_id
  where said.content::jsonb ->> 'decision' <> 'invoice' and coalesce(said.content::jsonb -> 'contours' @> '["reg"]', true)
    and document.moment < %(until)s
  group by 1"""
PORTION: Final = 60
"""Documents whose VAT is derived together."""


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


class AdvanceVatRow(NamedTuple):
    """An advance and its VAT, minor units of book currency. `is_received`: else paid. `balance`: on its account, + debit; `pending`: the
    part of it that waits for a decision."""

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


class Pending(NamedTuple):
    """VAT that waits for a decision: of which advance, since which document."""

    document: About
    advance: About
    line: int
    owner: Owner
    day: datetime.date
    amount: int
    base: int


class Told(NamedTuple):
    """All that is derived up to a day."""

    events: list[Event]
    owners: dict[tuple[int, int], Owner]  # by document and line of the advance
    sizes: dict[tuple[int, int], int]
    papers: dict[int, About]


def told_until(conn: psycopg.Connection[Any], unit_ids: list[int], as_of: datetime.date) -> Told:
    """The events of units up to a day, with the names of what they are about."""
    units = {unit_id: found for unit_id, found in units_with_vat(conn).items() if unit_id in unit_ids}
    books = Books(conn, units)
    if units:
        books.read(names_of(books, "true"))
        books.complete({name[2] for name in books.lots})
    return _told(books, as_of)


def _told(books: Books, as_of: datetime.date) -> Told:
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
    events = [event for event in events_of(then, decided) if event.moment < until]
    owners = {row[0]: Owner._make(row[1:]) for row in books.ask(OWNERS_SQL, [sorted({name[1] for name in books.lots})])}
    ids = {event.document_id for event in events} | {event.advance[0] for event in events} | {name[2] for name in books.lots}
    papers = {row[0]: About._make(row) for row in books.ask(ABOUT_SQL, [sorted(ids)])}
    return Told(
        events,
        {(name[2], name[3]): owners[name[1]] for name in books.lots},
        {advance.name: advance.book for advance in then},
        papers,
    )


def pending_page(
    conn: psycopg.Connection[Any], unit_ids: list[int], as_of: datetime.date, *, after: int = BEGINNING, limit: int
) -> tuple[list[Pending], int | None]:
    """What waits for a decision on a day, the oldest first, after the document of a moment: whole documents, so many rows or few more. And
    the moment where the next page begins, None when this is all."""
    found: list[Pending] = []
    for case in _pending(conn, unit_ids, as_of, after):
        if len(found) >= limit and case.document.id != found[-1].document.id:
            row = conn.execute("select moment from document where id = %s", [found[-1].document.id]).fetchone()
            return found, row[0] if row else None
        found.append(case)
    return found, None


def pending_sums(conn: psycopg.Connection[Any], unit_ids: list[int], as_of: datetime.date) -> dict[str, int]:
    """All of it by book currency."""
    sums: dict[str, int] = defaultdict(int)
    for case in _pending(conn, unit_ids, as_of, BEGINNING):
        sums[case.document.book_currency] += case.amount
    return dict(sorted(sums.items()))


def _pending(conn: psycopg.Connection[Any], unit_ids: list[int], as_of: datetime.date, after: int) -> Iterator[Pending]:
    units = {unit_id: found for unit_id, found in units_with_vat(conn).items() if unit_id in unit_ids}
    names = {"units": list(units), "kinds": UNDECIDED, "after": after, "until": end_of(as_of)}
    candidates = conn.execute(CANDIDATES_SQL, names).fetchall() if units else []
    keys = [key for _id, _moment, key in candidates]
    decided = dict(conn.execute(DECIDED_SQL, {"keys": keys, "until": names["until"]}).fetchall()) if keys else {}
    waiting = [document_id for document_id, moment, key in candidates if decided.get(key, BEGINNING) <= moment]
    for start in range(0, len(waiting), PORTION):
        documents = set(waiting[start : start + PORTION])
        books = Books(conn, units)
        books.complete(documents)
        books.complete(books.reversals_of(documents))
        yield from (case for case in pending_vat(_told(books, as_of)) if case.document.id in documents)


def vat_by_advance(told: Told) -> list[AdvanceVatRow]:
    """Every advance that has or had VAT, in the order of their documents."""
    sums: dict[tuple[int, int], dict[What, int]] = defaultdict(lambda: defaultdict(int))
    received: dict[tuple[int, int], bool] = {}
    for event in told.events:
        sums[event.advance][event.what] += event.amount
        received[event.advance] = event.is_received
    rows = []
    for advance, amounts in sums.items():
        balance = sum(ADDS[what] * amount for what, amount in amounts.items())
        into = (What.OPENING, What.ACCRUED, What.DEDUCTED_BACK, What.EXPENSED_BACK) if received[advance] else (What.INVOICED,)
        out = (What.DEDUCTED,) if received[advance] else (What.RESTORED,)
        rows.append(
            AdvanceVatRow(
                told.papers[advance[0]], advance[1], told.owners[advance], received[advance], told.sizes.get(advance, 0),
                sum(amounts[what] for what in into), sum(amounts[what] for what in out), amounts[What.EXPENSED], amounts[What.PENDING],
                balance,
            )
        )  # fmt: skip
    return sorted(rows, key=lambda row: (row.document.date, row.document.id, row.line))


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
