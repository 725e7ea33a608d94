"""The journal: postings of changed documents, derived again and compared with the stored ones.

A document's postings depend on its entries and on how its facts were folded in the regulated contour, nothing else. So after a
refold only documents whose lots or allocations changed are posted again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import psycopg

from setoff.core.fact import Nature
from setoff.core.moment import day_of
from setoff.settlements.keys import KeyTerms
from setoff.settlements.postings import KINDS, Folds, Posted, post_few
from setoff.settlements.records import AllocationRow, EntryRow, FactRow, PostingRow, TurnoverRow, numbers
from setoff.settlements.refold import FactFold, Part


class Stated(NamedTuple):
    """What a posted document says to the regulated contour."""

    unit_id: int
    document_id: int
    moment: int
    facts: list[FactRow]  # in line order, those with a regulated key
    entries: list[EntryRow]


FACTS_SQL = f"""
  select {", ".join("fact." + name for name in FactRow._fields)}
  from fact join document on document.id = fact.document_id and document.posted_version_id = fact.version_id
   and document.unit_id = fact.unit_id
  where (fact.unit_id, fact.version_id) in (select unit_id, posted_version_id from document where id = any(%s::int8[]))
    and fact.reg_key_id is not null
  order by fact.document_id, fact.line"""
ENTRIES_SQL = f"""
  select document.id, document.moment, {", ".join("entry." + name for name in EntryRow._fields)}
  from document join entry on entry.unit_id = document.unit_id and entry.version_id = document.posted_version_id
  where document.id = any(%s::int8[]) order by document.id, entry.line"""
POSTINGS_SQL = f"""
  select {", ".join(PostingRow._fields)} from posting
  where (unit_id, document_id) in (select unit_id, id from document where id = any(%s::int8[])) and kind not in ('revaluation', 'vat')
  order by document_id, line"""
STORED_FOLDS_SQL = """
  select lot.key_id, lot.document_id, lot.line, abs(lot.amount), abs(lot.book), null::int8, 0, 0, 0,
         0 lot_document_id, 0 lot_line, 0 rule
  from lot join unnest(%s::int8[], %s::int8[]) wanted(key_id, document_id)
    on lot.key_id = wanted.key_id and lot.document_id = wanted.document_id
  union all
  select allocation.key_id, allocation.document_id, allocation.line, 0, 0, lot.node_id, allocation.amount, allocation.lot_book,
         allocation.own_book, allocation.lot_document_id, allocation.lot_line, allocation.rule
  from allocation join unnest(%s::int8[], %s::int8[]) wanted(key_id, document_id)
    on allocation.key_id = wanted.key_id and allocation.document_id = wanted.document_id
  join lot on lot.unit_id = allocation.unit_id and lot.key_id = allocation.key_id
   and lot.document_id = allocation.lot_document_id and lot.line = allocation.lot_line
  order by lot_document_id, lot_line, rule"""


def load_stated(conn: psycopg.Connection[Any], document_ids: Sequence[int]) -> dict[int, Stated]:
    """The posted statements of documents. Documents that are not posted are absent."""
    stated: dict[int, Stated] = {}
    if document_ids:
        ids = numbers(document_ids)
        facts = conn.execute(FACTS_SQL, [ids])
        entries = conn.execute(ENTRIES_SQL, [ids])
        for document_id, moment, *row in entries:
            entry = EntryRow._make(row)
            stated.setdefault(document_id, Stated(entry.unit_id, document_id, moment, [], [])).entries.append(entry)
        for values in facts:
            fact = FactRow._make(values)
            stated.setdefault(fact.document_id, Stated(fact.unit_id, fact.document_id, fact.moment, [], [])).facts.append(fact)
    return stated


def load_postings(conn: psycopg.Connection[Any], document_ids: Sequence[int]) -> list[PostingRow]:
    """Stored postings, but those of revaluations and of VAT on advances (revaluation/rows.py, advance_vat/rows.py)."""
    return [PostingRow._make(row) for row in conn.execute(POSTINGS_SQL, [numbers(document_ids)])]


def load_folds(
    conn: psycopg.Connection[Any], wanted: set[tuple[int, int]], now: Mapping[tuple[int, ...], AllocationRow] | None = None
) -> dict[tuple[int, int, int], FactFold]:
    """Stored folds of (key, document) pairs outside the refolded tails. `now`: allocations of them, by name, that have other values."""
    folds: dict[tuple[int, int, int], FactFold] = {}
    if wanted:
        pairs = [numbers(column) for column in zip(*wanted, strict=True)]
        for key_id, document_id, line, opened, opened_book, lot_node, *part, lot_document, lot_line, rule in conn.execute(
            STORED_FOLDS_SQL, pairs + pairs
        ):
            name = (key_id, document_id, line)
            if now and (row := now.get((*name, lot_document, lot_line, rule))) is not None:
                part = [row.amount, row.lot_book, row.own_book]
            fold = folds.get(name, FactFold(0, 0, []))
            if lot_node is None:
                folds[name] = fold._replace(opened=opened, opened_book=opened_book)
            else:
                fold.parts.append(Part(lot_node, *part))
                folds[name] = fold
    return folds


def derive_postings(
    stated: Sequence[Stated],
    folds: Mapping[tuple[int, int, int], FactFold],
    terms: Mapping[int, KeyTerms],
    differences: Mapping[int, tuple[int, int]],
) -> list[PostingRow]:
    """Postings of documents. `differences`: account ids of exchange gain and loss by unit."""
    columns: dict[str, list[int]] = {name: [] for name in Folds._fields}
    columns["fact_start"].append(0)
    columns["entry_start"].append(0)
    columns["allocation_start"].append(0)
    for document in stated:
        places = {}
        for fact in document.facts:
            places[fact.line] = len(columns["sign"])
            add_fact(columns, fact, folds, terms, differences[fact.unit_id])
        for entry in document.entries:
            columns["debit_fact"].append(places[entry.debit_fact] if entry.debit_fact else -1)
            columns["debit_account"].append(entry.debit_account_id or 0)
            columns["credit_fact"].append(places[entry.credit_fact] if entry.credit_fact else -1)
            columns["credit_account"].append(entry.credit_account_id or 0)
            columns["stated"].append(entry.amount)
            columns["follows"].append(places[entry.follows] if entry.follows else -1)
        columns["fact_start"].append(len(columns["sign"]))
        columns["entry_start"].append(len(columns["stated"]))
    entries = [entry for document in stated for entry in document.entries]
    return posting_rows(stated, entries, post_few(Folds(**columns)))


def add_fact(
    columns: dict[str, list[int]],
    fact: FactRow,
    folds: Mapping[tuple[int, int, int], FactFold],
    terms: Mapping[int, KeyTerms],
    difference: tuple[int, int],
) -> None:
    assert fact.reg_key_id is not None
    fold, key = folds[fact.reg_key_id, fact.document_id, fact.line], terms[fact.reg_key_id]
    columns["sign"].append(1 if fact.change > 0 else -1)
    columns["amount"].append(abs(fact.change))
    columns["book"].append(abs(fact.book))
    columns["opened"].append(fold.opened)
    columns["opened_book"].append(fold.opened_book)
    columns["supply"].append(fact.nature == Nature.SUPPLY)
    columns["node"].append(fact.node_id)
    columns["positive"].append(key.positive_account)
    columns["negative"].append(key.negative_account)
    columns["debt"].append(key.debt_account)
    columns["gain"].append(difference[0])
    columns["loss"].append(difference[1])
    for part in fold.parts:
        columns["part"].append(part.amount)
        columns["lot_node"].append(part.lot_node)
        columns["lot_book"].append(part.lot_book)
        columns["own_book"].append(part.own_book)
    columns["allocation_start"].append(len(columns["part"]))


def posting_rows(stated: Sequence[Stated], entries: Sequence[EntryRow], posted: Posted) -> list[PostingRow]:
    rows: list[PostingRow] = []
    line, before = 0, -1
    for number, kind, debit, debit_node, credit, credit_node, amount, settlement, entry in zip(*posted, strict=True):
        line = line + 1 if number == before else 1
        before = number
        document = stated[number]
        vat_rate, item = (entries[entry].vat_rate, entries[entry].item) if entry >= 0 else ("", "")
        has_node = debit_node or credit_node
        rows.append(
            PostingRow(
                document.unit_id, document.document_id, line, document.moment, KINDS[kind], debit, debit_node or None, credit,
                credit_node or None, amount, settlement if has_node else None, vat_rate, item,
            )
        )
    return rows


def turnover_change(removed: Sequence[PostingRow], added: Sequence[PostingRow]) -> list[TurnoverRow]:
    """What the change of postings means for the monthly turnovers of account pairs."""
    sums: dict[tuple[Any, ...], int] = defaultdict(int)
    for rows, sign in ((removed, -1), (added, 1)):
        for row in rows:
            sums[row.unit_id, day_of(row.moment).replace(day=1), row.debit_account_id, row.credit_account_id] += sign * row.amount
    return [TurnoverRow._make((*name, amount)) for name, amount in sums.items() if amount]


def compare_postings(stored: Sequence[PostingRow], derived: Sequence[PostingRow]) -> tuple[list[PostingRow], list[PostingRow]]:
    """Rows to take out and rows to put in."""
    kept = set(stored) & set(derived)
    return [row for row in stored if row not in kept], [row for row in derived if row not in kept]
