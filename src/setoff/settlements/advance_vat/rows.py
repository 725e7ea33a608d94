"""VAT on advances in the ledger: events as postings of the documents that make them (docs/decisions/0026-vat-on-advances.md).

A posting of kind `vat` belongs to the document of its event: the accrual to the one that opened the lot, a deduction to the one that used
it, a decision to itself. It is dated when the event is: an accrual at the end of the last day of its window. Its item is the advance as it
was paid, KEY/LINE, so that the account is told advance by advance. Lines are numbered after all others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

import psycopg

from setoff.core.fact import Rule
from setoff.core.moment import BEGINNING, NEVER
from setoff.settlements.advance_vat.books import Books, Name, Overlay, lot_name, used_name
from setoff.settlements.advance_vat.events import Event, Wait, What, story_of
from setoff.settlements.advance_vat.terms import PAID, RECEIVED, UnitVat, units_with_vat
from setoff.settlements.columns import copy_rows
from setoff.settlements.journal import compare_postings, turnover_change
from setoff.settlements.records import PostingRow, VatWaitRow
from setoff.settlements.writer import DELETE_POSTINGS, columns_of

VAT: Final = "vat"
FIRST_LINE: Final = 1 << 24
"""Of the VAT of a document: after its entries, however many these are."""
DELETE_WAITS = """
  delete from vat_wait using unnest(%s::int8[], %s::int8[], %s::int8[]) gone(unit_id, document_id, ended)
  where (vat_wait.unit_id, vat_wait.document_id, vat_wait.ended) = (gone.unit_id, gone.document_id, gone.ended)"""
WAITS_SQL = f"select {', '.join(VatWaitRow._fields)} from vat_wait where document_id = any(%s)"
TOUCHED = "fold_key.id in (select key_id from touched)"
NAMES_SQL = """
  select lot.unit_id, lot.key_id, lot.document_id, lot.line
  from fold_key join lot on lot.unit_id = fold_key.unit_id and lot.key_id = fold_key.id
  where fold_key.contour = 'reg' and fold_key.unit_id = any(%s) and fold_key.relation = any(%s)
    and sign(lot.amount) = case when debt_sign(fold_key.relation) > 0 then -1 else 1 end and {where}"""
SETTLERS_SQL = """
  select distinct fact.document_id
  from fold_key join fact on fact.reg_key_id = fold_key.id and fact.moment >= %s
  join document on document.id = fact.document_id and document.posted_version_id = fact.version_id
  where fold_key.contour = 'reg' and fold_key.unit_id = any(%s) and fold_key.relation = any(%s) and {where}"""


def rows_of(books: Books, events: Iterable[Event], documents: set[int]) -> list[PostingRow]:
    """The postings of these documents."""
    by_document: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        if event.document_id in documents and event.what != What.PENDING:
            by_document[event.document_id].append(event)
    units = {lot.document_id: lot.unit_id for lot in books.lots.values()}
    rows = []
    for document_id, found in sorted(by_document.items()):
        found.sort(key=lambda event: (event.moment, event.line, event.lot, event.advance, event.what))
        for number, event in enumerate(found):
            unit_id = units[event.lot[0]]
            debit, credit = books.units[unit_id].accounts(event.what, is_received=event.is_received)
            rate = format(Decimal(event.rate).scaleb(-2).normalize(), "f") if event.rate else ""
            item = f"{books.papers[event.advance[0]].key}/{event.advance[1]}"
            rows.append(
                PostingRow(
                    unit_id, document_id, FIRST_LINE + number, event.moment, VAT, debit, None, credit, None, event.amount, None, rate, item,
                )
            )  # fmt: skip
    return rows


class VatChange(NamedTuple):
    """What goes and what comes: postings, and what is kept of what waits for a decision."""

    postings_out: list[PostingRow]
    postings_in: list[PostingRow]
    waits_out: list[VatWaitRow]
    waits_in: list[VatWaitRow]


NO_CHANGE: Final = VatChange([], [], [], [])


def derived(books: Books, names: Iterable[Name], documents: set[int]) -> tuple[list[PostingRow], list[VatWaitRow]]:
    """VAT postings of all documents whose VAT depends on these lots, and what of them waits; `documents` becomes those."""
    books.widen(names, documents)
    books.complete(documents)
    decisions = books.decisions()
    documents |= books.deciders(documents)
    story = story_of(books.advances())
    return rows_of(books, story.events_with(decisions), documents), waits_of(books, story.waits_with(decisions), documents)


def waits_of(books: Books, waits: Iterable[Wait], documents: set[int]) -> list[VatWaitRow]:
    return [VatWaitRow(books.papers[wait.document_id].unit_id, *wait) for wait in waits if wait.document_id in documents]


def vat_effect(conn: psycopg.Connection[Any], overlay: Overlay, named: Sequence[int]) -> VatChange:
    """VAT postings that go and come with an edit of a unit that owes VAT on advances. `named`: documents that the edited document decides
    of, or decided of before."""
    books = Books(conn, units_with_vat(conn), overlay)
    change = overlay.refolded
    names = {lot_name(lot) for lot in (*change.lots_out, *change.lots_in, *change.lots_changed)}
    names |= {used_name(row) for row in (*change.allocations_out, *change.allocations_in) if row.rule != Rule.REVALUED}
    names |= books.opened_by(named) | {used_name(row) for row in books.used_by(named)}
    documents = {overlay.document_id, *named}
    rows, waits = derived(books, names, documents)
    return VatChange(*compare_postings(books.stored(documents), rows), *differing(stored_waits(books, documents), waits))


def differing(stored: Sequence[VatWaitRow], found: Sequence[VatWaitRow]) -> tuple[list[VatWaitRow], list[VatWaitRow]]:
    """Rows to take out and rows to put in."""
    same = set(stored) & set(found)
    return [row for row in stored if row not in same], [row for row in found if row not in same]


def restate_vat(
    conn: psycopg.Connection[Any], *, since: int, until: int = NEVER, touched: bool
) -> tuple[list[PostingRow], list[PostingRow]]:
    """Write the VAT postings of the keys of the table `touched`, or of all, wherever they differ; returns what went and came. `since`: the
    moment from which these keys were folded anew; `until`: postings from then on are left out."""
    change = changed_vat(conn, units_with_vat(conn), since=since, touched=touched)
    change = change._replace(postings_in=[row for row in change.postings_in if row.moment < until])
    write_vat(conn, change)
    return change.postings_out, change.postings_in


def names_of(books: Books, where: str, *values: Any) -> set[Name]:
    """Names of the advances of keys, chosen by a condition on `fold_key` with these values."""
    rows = books.ask(NAMES_SQL.format(where=where), [list(books.units), sorted(RECEIVED | PAID), *values])
    return {(row[0], row[1], row[2], row[3]) for row in rows}


def changed_vat(
    conn: psycopg.Connection[Any], units: dict[int, UnitVat], *, since: int, touched: bool, stored: list[PostingRow] | None = None
) -> VatChange:
    """What goes and comes in these units. `stored`: the rows to compare with, where they are not those of the documents met; then all that
    is kept of these units is compared too."""
    if not units:
        return NO_CHANGE
    where = TOUCHED if touched else "true"
    books = Books(conn, units)
    names = names_of(books, where)
    documents = {row[0] for row in books.ask(SETTLERS_SQL.format(where=where), [since, list(units), sorted(RECEIVED | PAID)])}
    rows, waits = derived(books, names, documents)
    kept = stored_waits(books, documents) if stored is None else waits_of_units(conn, list(units))
    return VatChange(*compare_postings(books.stored(documents) if stored is None else stored, rows), *differing(kept, waits))


def stored_waits(books: Books, documents: Iterable[int]) -> list[VatWaitRow]:
    """What is kept of what waits, or waited, by documents."""
    return [VatWaitRow._make(row) for row in books.ask(WAITS_SQL, [sorted(documents)])]


def waits_of_units(conn: psycopg.Connection[Any], unit_ids: list[int]) -> list[VatWaitRow]:
    """All that is kept of what waits, or waited, in these units."""
    query = f"select {', '.join(VatWaitRow._fields)} from vat_wait where unit_id = any(%s)"
    return [VatWaitRow._make(row) for row in conn.execute(query, [unit_ids], prepare=False)]


def write_vat(conn: psycopg.Connection[Any], change: VatChange) -> None:
    """Never by a statement that was prepared: the tables may be temporary ones of the same names."""
    gone, come = change.postings_out, change.postings_in
    if gone:
        conn.execute(DELETE_POSTINGS, columns_of([(row.unit_id, row.document_id, row.line) for row in gone]), prepare=False)
    copy_rows(conn, come)
    copy_rows(conn, turnover_change(gone, come))
    delete_waits(conn, change.waits_out)
    copy_rows(conn, change.waits_in)


def delete_waits(conn: psycopg.Connection[Any], gone: Sequence[VatWaitRow]) -> None:
    if gone:
        conn.execute(DELETE_WAITS, columns_of([(row.unit_id, row.document_id, row.ended) for row in gone]), prepare=False)


def fill_waits(conn: psycopg.Connection[Any]) -> None:
    """Keep what waits in books that did not keep it yet."""
    change = changed_vat(conn, units_with_vat(conn), since=BEGINNING, touched=False)
    copy_rows(conn, change.waits_in)
