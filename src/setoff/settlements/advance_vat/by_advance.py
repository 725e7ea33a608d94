"""VAT by advance, a page at a time: as the whole derivation says it (queries.py), from a small part of the books.

Advances come in the order in which their VAT arose, which is that of its postings: a page reads so many of these, derives the advances that
they name, and shows each where its first posting stands. Sums are those of the postings.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import psycopg

from setoff.core.moment import BEGINNING, end_of
from setoff.settlements.advance_vat.books import Books, Name
from setoff.settlements.advance_vat.events import What
from setoff.settlements.advance_vat.queries import ADDS, OF_PAID, OF_RECEIVED, AdvanceVatRow, Told, told_of, vat_by_advance
from setoff.settlements.advance_vat.rows import names_of
from setoff.settlements.advance_vat.terms import PAID, RECEIVED, UnitVat, units_with_vat
from setoff.settlements.advance_vat.waiting import BooksByLine, pending_sums

Position = tuple[int, int, int]
"""Of a posting in the total order: moment, document, line."""
START: Final[Position] = (BEGINNING, 0, 0)
ARISEN_SQL: Final = """
  select found.* from unnest(%(units)s::int8[]) u(unit_id)
  cross join lateral (
    select posting.moment, posting.document_id, posting.line, posting.unit_id, posting.item from posting
    where posting.unit_id = u.unit_id and posting.kind = 'vat' and posting.moment >= %(moment)s and posting.moment < %(until)s
      and (posting.moment, posting.document_id, posting.line) > (%(moment)s, %(document)s, %(line)s)
      and (posting.debit_account_id = any(%(received)s::int8[]) or posting.credit_account_id = any(%(paid)s::int8[]))
    order by posting.moment, posting.document_id, posting.line limit %(most)s) found
  order by found.moment, found.document_id, found.line limit %(most)s"""
"""Postings by which an advance has VAT."""
SHOWN_SQL: Final = """
  select item from posting
  where unit_id = %s and document_id = %s and line <= %s and moment = %s and kind = 'vat' and item = any(%s)"""
NAMED_SQL: Final = """
  select fact.unit_id, fact.reg_key_id, fact.document_id, fact.line, document.key
  from unnest(%s::text[], %s::int4[]) named(key, line) join document on document.key = named.key
  join fact on fact.unit_id = document.unit_id and fact.version_id = document.posted_version_id and fact.line = named.line
  where fact.reg_key_id is not null"""
FIRSTS_SQL: Final = """
  select first.unit_id, first.key_id, first.document_id, first.line from document
  cross join lateral (
    select lot.* from fact join fold_key on fold_key.unit_id = fact.unit_id and fold_key.id = fact.reg_key_id
    join lot on lot.unit_id = fact.unit_id and lot.key_id = fact.reg_key_id and lot.document_id = document.id and lot.line = fact.line
    where fact.unit_id = document.unit_id and fact.version_id = document.posted_version_id and fold_key.relation = any(%s)
      and sign(lot.amount) = case when debt_sign(fold_key.relation) > 0 then -1 else 1 end
    order by fact.line limit 1) first
  where document.id = any(%s)"""
SUMS_SQL: Final = """
  select unit_id, debit_account_id, credit_account_id, sum(amount)::bigint from posting
  where unit_id = any(%s) and kind = 'vat' and moment < %s group by 1, 2, 3"""


class Sums(NamedTuple):
    """Of all advances received, or paid, minor units: as of one advance (`AdvanceVatRow`)."""

    accrued: int
    deducted: int
    expensed: int
    pending: int
    balance: int


class Posted(NamedTuple):
    """A posting by which an advance has VAT; `item`: the advance, KEY/LINE."""

    moment: int
    document_id: int
    line: int
    unit_id: int
    item: str

    @property
    def position(self) -> Position:
        return self[:3]


def told_of_parties(
    conn: psycopg.Connection[Any], unit_ids: list[int], as_of: datetime.date, counterparties: Sequence[int], contracts: Sequence[int]
) -> Told:
    """What is derived up to a day of the advances of these counterparties and contracts (none named: of all), and of what these meet."""
    books = Books(conn, units_of(conn, unit_ids))
    if books.units:
        asked = {"counterparty_id": list(counterparties), "contract_id": list(contracts)}
        wanted = {column: ids for column, ids in asked.items() if ids}
        where = " and ".join(f"fold_key.{column} = any(%s)" for column in wanted)
        read_advances(books, names_of(books, where or "true", *wanted.values()))
    return told_of(books, as_of)


def advance_page(
    conn: psycopg.Connection[Any], unit_ids: list[int], as_of: datetime.date, *, after: Position | None, limit: int
) -> tuple[list[AdvanceVatRow], Position | None]:
    """The next advances that have or had VAT up to a day, in the order in which it arose: at most so many, fewer where it arose in parts.
    And the position where the next page begins, None when this is all."""
    units = units_of(conn, unit_ids)
    place = after or START
    while units:
        asked = dict(zip(("moment", "document", "line"), place, strict=True)) | {
            "units": list(units), "until": end_of(as_of), "most": limit + 1,
            "received": sorted({unit.accounts(What.ACCRUED, is_received=True)[0] for unit in units.values()}),
            "paid": sorted({unit.accounts(What.INVOICED, is_received=False)[1] for unit in units.values()}),
        }  # fmt: skip
        posted = [Posted._make(row) for row in conn.execute(ARISEN_SQL, asked, prepare=False)]
        found = _begun(conn, units, posted[:limit], place, as_of)
        if len(posted) <= limit:
            return found, None
        place = posted[limit - 1].position
        if found:
            return found, place
    return [], None


def advance_sums(conn: psycopg.Connection[Any], unit_ids: list[int], as_of: datetime.date) -> dict[tuple[str, str], Sums]:
    """What there is up to a day, by book currency and side: advances received or paid."""
    units = units_of(conn, unit_ids)
    fields = {unit_id: _fields(unit) for unit_id, unit in units.items()}
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(Sums._fields, 0))
    for unit_id, debit, credit, amount in conn.execute(SUMS_SQL, [list(units), end_of(as_of)], prepare=False):
        side, field, sign = fields[unit_id][debit, credit]
        sums = found[units[unit_id].book_currency, side]
        sums[field] += amount
        sums["balance"] += sign * amount
    for currency, amount in pending_sums(conn, list(units), as_of).items():
        found[currency, "received"]["pending"] = amount
    return {name: Sums(**sums) for name, sums in found.items()}


def units_of(conn: psycopg.Connection[Any], unit_ids: list[int]) -> dict[int, UnitVat]:
    """Those of these units that owe VAT on advances."""
    return {unit_id: found for unit_id, found in units_with_vat(conn).items() if unit_id in unit_ids}


def read_advances(books: Books, names: set[Name]) -> None:
    """Read advances as they were paid, all that becomes of them, what else is met on the way, and of each document its first advance: an
    invoice that names no line is on that one."""
    books.widen(names, set())
    books.read_sources(set(books.lots))
    later = sorted({name[2] for name in books.lots if name[3] > 1})
    if later:
        books.read_sources(set(books.ask(FIRSTS_SQL, [sorted(RECEIVED | PAID), later])))


def _begun(
    conn: psycopg.Connection[Any], units: dict[int, UnitVat], posted: Sequence[Posted], after: Position, as_of: datetime.date
) -> list[AdvanceVatRow]:
    """The advances whose first posting is among these."""
    begun: dict[str, Posted] = {}
    for posting in posted:
        begun.setdefault(posting.item, posting)
    if posted and posted[0].position[:2] == after[:2]:  # of one document: some of its postings stand on the page before
        shown = [posted[0].unit_id, after[1], after[2], after[0], list(begun)]
        for (item,) in conn.execute(SHOWN_SQL, shown, prepare=False):
            begun.pop(item, None)
    if not begun:
        return []
    items = [item.rpartition("/") for item in begun]
    books = BooksByLine(conn, units)
    named = books.ask(NAMED_SQL, [[key for key, _, _line in items], [int(line) for _key, _, line in items]]).fetchall()
    read_advances(books, {tuple(row[:4]) for row in named})
    begins = {item: posting.position[:2] for item, posting in begun.items()}
    return [row for row in vat_by_advance(told_of(books, as_of)) if begins.get(f"{row.document.key}/{row.line}") == row.arisen[:2]]


def _fields(unit: UnitVat) -> dict[tuple[int, int], tuple[str, str, int]]:
    """By the accounts of a posting: the side of its advance, what it adds to, and its sign on the account."""
    found = {}
    for is_received in (True, False):
        into = OF_RECEIVED if is_received else OF_PAID
        out = {What.DEDUCTED: "deducted", What.EXPENSED: "expensed"} if is_received else {What.RESTORED: "deducted"}
        for what, field in (dict.fromkeys(into, "accrued") | out).items():
            found[unit.accounts(what, is_received=is_received)] = ("received" if is_received else "paid", field, ADDS[what])
    return found
