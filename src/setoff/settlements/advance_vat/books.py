"""The advances of some lots, read from the books: with the documents that opened and used them, and with what an edit is about to change.

What an edit changes is not written yet when its effect is told (`edits.py`), so it lies over the stored rows (`Overlay`). Names of tables
stand without a schema, so that a refold into temporary tables reads those.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import psycopg

from setoff.core.fact import ONLY_OPENS, Nature
from setoff.core.moment import day_of
from setoff.core.money import parse_amount
from setoff.settlements.advance_vat.cases import NONE, brought_vat, case_of, origin_of, vat_words
from setoff.settlements.advance_vat.events import Advance, Case, Decision, Invoice, Origin, Use, window_closes
from setoff.settlements.advance_vat.terms import BROUGHT_VAT, KeyVat, UnitVat, keys_with_vat
from setoff.settlements.keys import KeyTerms
from setoff.settlements.records import AllocationRow, FactRow, LotRow, PostingRow
from setoff.settlements.refold import Refolded
from setoff.settlements.tails import load_terms
from setoff.trade.documents import AdvanceVat, AnyDocument, DebtAdjustment
from setoff.trade.invoice_documents import InvoiceSum, ReceivedInvoice
from setoff.trade.invoice_sums import stated_sums
from setoff.trade.kinds import REVERSIBLE
from setoff.trade.queries import decode_document

Name = tuple[int, int, int, int]
"""A lot: unit, key, document, line."""
READ_KINDS: Final = sorted({*REVERSIBLE, "refund_to_customer", "other_party_out"})
"""Whose words decide what becomes of the VAT; of all others the nature of their facts does."""
WANTED: Final = "unnest(%s::int8[], %s::int8[], %s::int8[], %s::int4[]) wanted(unit_id, key_id, document_id, line)"
LOTS_SQL = f"""
  select {", ".join("lot." + name for name in LotRow._fields)} from {WANTED}
  join lot on (lot.unit_id, lot.key_id, lot.document_id, lot.line) = (wanted.unit_id, wanted.key_id, wanted.document_id, wanted.line)"""
USES_SQL = f"""
  select {", ".join("allocation." + name for name in AllocationRow._fields)} from {WANTED}
  join allocation on allocation.unit_id = wanted.unit_id and allocation.key_id = wanted.key_id
   and allocation.lot_document_id = wanted.document_id and allocation.lot_line = wanted.line"""
USED_SQL = f"""
  select {", ".join("allocation." + name for name in AllocationRow._fields)}
  from unnest(%s::int8[], %s::int8[], %s::int8[]) wanted(unit_id, key_id, document_id)
  join allocation on allocation.unit_id = wanted.unit_id and allocation.key_id = wanted.key_id
   and allocation.document_id = wanted.document_id"""
PAPERS_SQL = f"""
  select document.id, document.unit_id, document.key, document.kind,
         case when document.kind = any(%s) or {BROUGHT_VAT} then version.content end,
         (select array_agg(array[fact.line, fact.nature, fact.reg_key_id] order by fact.line) from fact
          where fact.unit_id = document.unit_id and fact.version_id = document.posted_version_id and fact.reg_key_id is not null)
  from document join version on version.unit_id = document.unit_id and version.id = document.posted_version_id
  where document.id = any(%s)"""
STORED_SQL = f"""
  select {", ".join(PostingRow._fields)} from posting
  where (unit_id, document_id) in (select unit_id, id from document where id = any(%s)) and kind = 'vat' order by document_id, line"""
DECISIONS_SQL = """
  select document.id, document.moment, said.content from vat_decisions_naming(%s) said
  join document on document.unit_id = said.unit_id and document.id = said.document_id and document.posted_version_id = said.version_id"""
DECIDERS_SQL = """
  select document.id from vat_decisions_naming((select array_agg(named.key) from document named where named.id = any(%s))) said
  join document on document.unit_id = said.unit_id and document.id = said.document_id and document.posted_version_id = said.version_id"""
REVERSALS_SQL = """
  select document.id from reversals_naming(%s) said
  join document on document.unit_id = said.unit_id and document.id = said.document_id and document.posted_version_id = said.version_id"""


class Paper(NamedTuple):
    """A posted document. `document` where its words matter; `facts`: line -> (nature, regulated key)."""

    id: int
    unit_id: int
    key: str
    kind: str
    document: AnyDocument | None
    facts: dict[int, tuple[int, int]]


class Said(NamedTuple):
    """A decision or an invoice (`document_id`) that names a document; `sums` of an invoice that is a paper of its own."""

    moment: int
    document_id: int
    named: int
    words: AdvanceVat
    sums: tuple[InvoiceSum, ...] = ()


class Overlay(NamedTuple):
    """An edit that is not written yet: the document as it is to be (None: taken out of the books) and what was refolded."""

    document_id: int
    unit_id: int
    moment: int
    key: str
    kind: str
    document: AnyDocument | None
    facts: Sequence[FactRow]
    refolded: Refolded
    terms: Mapping[int, KeyTerms]

    @property
    def paper(self) -> Paper | None:
        if self.document is None:
            return None
        facts = {fact.line: (fact.nature, fact.reg_key_id) for fact in self.facts if fact.reg_key_id is not None}
        return Paper(self.document_id, self.unit_id, self.key, self.kind, self.document, facts)


def used_name(row: AllocationRow) -> Name:
    return row.unit_id, row.key_id, row.lot_document_id, row.lot_line


def use_name(row: AllocationRow) -> tuple[int, ...]:
    return row.key_id, row.document_id, row.line, row.lot_document_id, row.lot_line, row.rule


def lot_name(row: LotRow) -> Name:
    return row.unit_id, row.key_id, row.document_id, row.line


class Books:
    """What was read so far. `lots` are advances whose key has VAT on advances; others are asked for in vain."""

    def __init__(self, conn: psycopg.Connection[Any], units: Mapping[int, UnitVat], overlay: Overlay | None = None) -> None:
        self.conn, self.units, self.overlay = conn, units, overlay
        self.keys: dict[int, KeyVat | None] = {}
        self.lots: dict[Name, LotRow] = {}
        self.uses: dict[Name, list[AllocationRow]] = {}
        self.papers: dict[int, Paper] = {}
        self.asked: set[Name] = set()
        self.reversed_parts: dict[int, list[tuple[int, ...]]] = {}

    def ask(self, query: str, parameters: Sequence[Any]) -> psycopg.Cursor[Any]:
        """Without an edit the tables may be temporary ones of the same names, which a statement prepared before would pass by."""
        return self.conn.execute(query, parameters, prepare=None if self.overlay else False)

    # keys and documents

    def vat_of(self, key_ids: Iterable[int]) -> None:
        """Read the rules of keys."""
        unknown = set(key_ids) - self.keys.keys()
        if unknown:
            over = self.overlay.terms if self.overlay else {}
            terms = [over[key_id] for key_id in unknown if key_id in over]
            terms += load_terms(self.conn, sorted(unknown - over.keys())).values()
            self.keys |= dict.fromkeys(unknown)
            self.keys |= keys_with_vat(self.conn, terms, self.units)

    def read_papers(self, document_ids: Iterable[int]) -> None:
        unknown = set(document_ids) - self.papers.keys()
        if self.overlay is not None and self.overlay.document_id in unknown:
            unknown.discard(self.overlay.document_id)
            if (own := self.overlay.paper) is not None:
                self.papers[own.id] = own
        if unknown:
            for document_id, unit_id, key, kind, content, facts in self.ask(PAPERS_SQL, [READ_KINDS, sorted(unknown)]):
                said = decode_document(content) if content is not None else None
                by_line = {line: (nature, key_id) for line, nature, key_id in facts or ()}
                self.papers[document_id] = Paper(document_id, unit_id, key, kind, said, by_line)
        self.vat_of(key_id for document_id in document_ids if (paper := self.papers.get(document_id)) for _, key_id in paper.facts.values())

    def read_lines(self, lines: Iterable[tuple[int, int]]) -> None:
        """Read the documents of these lines (document, line)."""
        self.read_papers({document_id for document_id, _line in lines})

    # lots

    def read(self, names: Iterable[Name]) -> None:
        """Read these lots with their uses, and the documents of both."""
        names = set(names) - self.asked
        self.asked |= names
        self.vat_of({name[1] for name in names})
        names = {name for name in names if self.keys[name[1]] is not None}
        if not names:
            return
        columns = [list(column) for column in zip(*names, strict=True)]
        for values in self.ask(LOTS_SQL, columns):
            lot = LotRow._make(values)
            self.lots[lot_name(lot)] = lot
        uses: dict[Name, dict[tuple[int, ...], AllocationRow]] = defaultdict(dict)
        for values in self.ask(USES_SQL, columns):
            row = AllocationRow._make(values)
            uses[used_name(row)][row.document_id, row.line, row.rule] = row
        if self.overlay is not None:
            self.lay_over(names, uses)
        for name in names & self.lots.keys():
            key = self.keys[name[1]]
            if key is None or (self.lots[name].amount > 0) != (key.sign > 0):
                del self.lots[name]  # a debt
            else:
                self.uses[name] = sorted(uses[name].values(), key=lambda row: (row.moment, row.document_id, row.line))
        found = names & self.lots.keys()
        self.read_lines({name[2:] for name in found} | {(row.document_id, row.line) for name in found for row in self.uses[name]})

    def lay_over(self, names: set[Name], uses: dict[Name, dict[tuple[int, ...], AllocationRow]]) -> None:
        """The lots and uses as they are after the edit."""
        assert self.overlay is not None
        change = self.overlay.refolded
        for lot in change.lots_out:
            if lot_name(lot) in names:
                self.lots.pop(lot_name(lot), None)
        for lot in (*change.lots_in, *change.lots_changed):
            if lot_name(lot) in names:
                self.lots[lot_name(lot)] = lot
        for row in change.allocations_out:
            uses[used_name(row)].pop((row.document_id, row.line, row.rule), None)
        for row in change.allocations_in:
            uses[used_name(row)][row.document_id, row.line, row.rule] = row

    def opened_by(self, document_ids: Iterable[int], natures: frozenset[int] | None = None) -> set[Name]:
        """Names of the lots that facts of documents may have opened."""
        self.read_papers(document_ids)
        return {
            (paper.unit_id, key_id, paper.id, line)
            for document_id in document_ids
            if (paper := self.papers.get(document_id)) is not None
            for line, (nature, key_id) in paper.facts.items()
            if self.keys.get(key_id) is not None and (natures is None or nature in natures)
        }

    def used_by(self, document_ids: Iterable[int], *, everywhere: bool = False) -> list[AllocationRow]:
        """What documents used, of keys with VAT on advances or everywhere in the regulated contour."""
        self.read_papers(document_ids)
        wanted = {
            (paper.unit_id, key_id, paper.id)
            for document_id in document_ids
            if (paper := self.papers.get(document_id)) is not None
            for _nature, key_id in paper.facts.values()
            if everywhere or self.keys.get(key_id) is not None
        }
        if not wanted:
            return []
        columns = [list(column) for column in zip(*wanted, strict=True)]
        found = {use_name(row): row for values in self.ask(USED_SQL, columns) if (row := AllocationRow._make(values))}
        if self.overlay is not None:
            for row in self.overlay.refolded.allocations_out:
                found.pop(use_name(row), None)
            for row in self.overlay.refolded.allocations_in:
                if (row.unit_id, row.key_id, row.document_id) in wanted:
                    found[use_name(row)] = row
        return list(found.values())

    def reversals_of(self, document_ids: Iterable[int]) -> set[int]:
        """Posted reversals of the adjustments among these documents."""
        keys = [paper.key for document_id in document_ids if (paper := self.papers.get(document_id)) and paper.kind in REVERSIBLE]
        found = {row[0] for row in self.ask(REVERSALS_SQL, [keys])} if keys else set()
        if self.overlay is not None:
            found.discard(self.overlay.document_id)
            said = self.overlay.document
            if isinstance(said, DebtAdjustment) and said.reverses in keys:
                found.add(self.overlay.document_id)
        return found

    def stored(self, document_ids: Iterable[int]) -> list[PostingRow]:
        """The VAT postings of documents as they stand."""
        return [PostingRow._make(row) for row in self.ask(STORED_SQL, [sorted(document_ids)])]

    # what the rules are asked

    def widen(self, names: Iterable[Name], documents: set[int]) -> set[int]:
        """Read lots and whatever depends on them: the lots to which they are carried, and those that a reversal opens again. `documents`
        becomes all whose VAT may change with them."""
        documents.update(self.overlay_owners(set(names)))
        self.read(names)
        frontier = set(names)
        while frontier:
            self.read(frontier)
            met = {name[2] for name in frontier} | {row.document_id for name in frontier for row in self.uses.get(name, ())}
            documents |= met
            self.read_papers(met)
            known = [self.papers[document_id] for document_id in met & self.papers.keys()]
            carriers = {paper.id for paper in known if paper.kind == "debt_transfer"}
            again = self.opened_by(carriers, frozenset({Nature.TRANSFER})) | self.opened_by(self.reversals_of(met))
            frontier = again - self.asked
        return documents

    def overlay_owners(self, names: set[Name]) -> set[int]:
        """Documents that used these lots before the edit."""
        if self.overlay is None:
            return set()
        return {row.document_id for row in self.overlay.refolded.allocations_out if used_name(row) in names} | {self.overlay.document_id}

    def complete(self, documents: Iterable[int]) -> None:
        """Read all lots that documents opened or used, so that all their events are known, and what those lots come from."""
        documents = set(documents)
        self.read_sources(self.opened_by(documents) | {used_name(row) for row in self.used_by(documents)})

    def read_sources(self, names: set[Name]) -> None:
        """Read lots, and what they come from."""
        while names:
            self.read(names)
            sources: set[int] = set()
            for name in names & self.lots.keys():
                origin = self.origin(self.lots[name])
                sources |= {origin.source[0]} if origin.source else set()
            names = {used_name(row) for row in self.used_by(sources)} - self.asked

    def origin(self, lot: LotRow) -> Origin:
        paper = self.papers.get(lot.document_id)
        if paper is None or lot.line not in paper.facts:
            return NONE
        said = paper.document
        if isinstance(said, DebtAdjustment) and said.reverses:
            parts = self.parts_reversed(said.reverses, lot.document_id)
            return Origin("reversed", parts[lot.line - 1]) if lot.line <= len(parts) and parts[lot.line - 1][2] else NONE
        found = origin_of(said, lot.document_id, lot.line, paper.facts[lot.line][0])
        key = self.keys[lot.key_id]
        is_before = key is not None and key.unit.since is not None and day_of(lot.moment) < key.unit.since
        return NONE if is_before and found.kind in ("paid", "opening") else found

    def parts_reversed(self, key: str, reversal_id: int) -> list[tuple[int, ...]]:
        """The parts of lots that an adjustment used, as its reversal has a fact for each: document, line, document and line of the lot."""
        if reversal_id not in self.reversed_parts:
            self.reversed_parts[reversal_id] = self._parts(key)
        return self.reversed_parts[reversal_id]

    def _parts(self, key: str) -> list[tuple[int, ...]]:
        row = self.ask("select id from document where key = %s", [key]).fetchone()
        if row is None:
            return []
        rows = self.used_by([row[0]], everywhere=True)
        ranks = {lot_name(lot): lot.rank for lot in self.lots.values()}
        unknown = [used_name(found) for found in rows if used_name(found) not in ranks]
        if unknown:
            columns = [list(column) for column in zip(*unknown, strict=True)]
            ranks |= {lot_name(lot): lot.rank for values in self.ask(LOTS_SQL, columns) if (lot := LotRow._make(values))}
        parts = [(found.line, ranks.get(used_name(found), 0), found.lot_document_id, found.lot_line) for found in rows]
        facts = self.papers[row[0]].facts.items() if row[0] in self.papers else ()
        opened = [(line, 0, 0, 0) for line, (nature, _key) in facts if nature in ONLY_OPENS]
        return [(row[0], line, document_id, lot_line) for line, _rank, document_id, lot_line in sorted(parts + opened)]

    def advances(self) -> list[Advance]:
        """What was read, as the rules see it."""
        invoices = self.invoices()
        return [self.advance(lot, invoices.get((lot.document_id, lot.line), ())) for lot in self.lots.values()]

    def advance(self, lot: LotRow, invoices: Sequence[Invoice]) -> Advance:
        key = self.keys[lot.key_id]
        assert key is not None
        books: dict[tuple[int, int, int], int] = defaultdict(int)
        for row in self.uses[lot_name(lot)]:
            books[row.moment, row.document_id, row.line] += row.lot_book
        uses = tuple(Use(*fact, book, self.case(fact[1], fact[2], key)) for fact, book in books.items())
        opened, paper = day_of(lot.moment).toordinal(), self.papers.get(lot.document_id)
        return Advance(
            lot.key_id, lot.document_id, lot.line, lot.moment, opened, abs(lot.book), key.is_received, key.rate_on(day_of(lot.rank)),
            window_closes(opened, key.unit.window), self.origin(lot), uses, tuple(invoices),
            brought_vat(paper.document if paper else None, lot.line, key.unit.book_currency),
        )  # fmt: skip

    def case(self, document_id: int, line: int, key: KeyVat) -> Case:
        paper = self.papers[document_id]
        return case_of(paper.document, line, paper.facts[line][0], deducts_set_off=key.unit.deducts_set_off)

    def said(self) -> list[Said]:
        """Decisions on documents that were read, and invoices on their advances, in their order."""
        ids = {paper.key: paper.id for paper in self.papers.values()}
        rows = self.ask(DECISIONS_SQL, [sorted(ids)]).fetchall() if ids else []
        found = [(document_id, moment, decode_document(content)) for document_id, moment, content in rows]
        if self.overlay is not None:
            found = [row for row in found if row[0] != self.overlay.document_id]
            if self.overlay.document is not None:
                found.append((self.overlay.document_id, self.overlay.moment, self.overlay.document))
        return sorted(
            (
                Said(moment, document_id, ids[words.document], words, tuple(said.sums) if isinstance(said, ReceivedInvoice) else ())
                for document_id, moment, said in found
                if (words := vat_words(said)) is not None and words.document in ids and "reg" in words.contours
            ),
            key=lambda said: (said.moment, said.document_id, said.named),
        )

    def deciders(self, document_ids: Iterable[int]) -> set[int]:
        """The posted documents that decide of these, or invoice them, whether they are posted or not."""
        return {row[0] for row in self.ask(DECIDERS_SQL, [sorted(document_ids)])}

    def decisions(self) -> dict[int, Decision]:
        """By the document that they decide; the first one counts."""
        found: dict[int, Decision] = {}
        for moment, document_id, decided, said, _sums in self.said():
            if said.decision != "invoice":
                found.setdefault(decided, Decision(moment, document_id, said.decision == "expense"))
        return found

    def invoices(self) -> dict[tuple[int, int], list[Invoice]]:
        """By document and line of the advance."""
        lines: dict[int, list[LotRow]] = defaultdict(list)
        for lot in self.lots.values():
            lines[lot.document_id].append(lot)
        found: dict[tuple[int, int], list[Invoice]] = defaultdict(list)
        for moment, document_id, advance, said, sums in self.said():
            if said.decision == "invoice" and lines[advance]:
                line = said.line or min(lot.line for lot in lines[advance])
                currency = self.units[lines[advance][0].unit_id].book_currency
                vat = sum(item.vat for item in stated_sums(sums, currency)) if sums else parse_amount(said.vat, currency)
                found[advance, line].append(Invoice(moment, document_id, vat))
        return found
