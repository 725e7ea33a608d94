"""What waits for a decision on VAT, a page at a time: as the whole derivation says it (queries.py), from a small part of the books.

Which documents wait is kept (vat_waits.sql). Read are the advances that those of a page used, whatever used these before, what these come
from, and reversals of the documents; of a document of many lines, as opening balances are, only the lines of these.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

import psycopg

from setoff.core.moment import BEGINNING, NEVER, end_of
from setoff.settlements.advance_vat.books import READ_KINDS, Books, Name, Paper
from setoff.settlements.advance_vat.queries import Pending, pending_vat, told_of
from setoff.settlements.advance_vat.terms import BROUGHT_VAT, RECEIVED, UnitVat, units_with_vat
from setoff.trade.kinds import REVERSIBLE
from setoff.trade.queries import decode_document

WAITING_SQL: Final = """
  select found.document_id, found.moment, used.lots
  from (
    select waiting.* from unnest(%(units)s::int8[]) u(unit_id)
    cross join lateral (
      (select unit_id, moment, document_id from vat_wait
       where vat_wait.unit_id = u.unit_id and ended = %(never)s and moment > %(after)s and moment < %(until)s
       order by moment limit %(most)s)
      union
      (select distinct unit_id, moment, document_id from vat_wait
       where vat_wait.unit_id = u.unit_id and ended >= %(until)s and ended < %(never)s and moment > %(after)s and moment < %(until)s
       order by moment limit %(most)s)) waiting
    order by moment limit %(most)s) found
  join document on document.unit_id = found.unit_id and document.id = found.document_id
  cross join lateral (
    select array_agg(array[lot.unit_id, lot.key_id, lot.document_id, lot.line]) as lots from fact
    join fold_key on fold_key.unit_id = fact.unit_id and fold_key.id = fact.reg_key_id and fold_key.relation = any(%(relations)s)
    cross join lateral (
      select * from allocation
      where allocation.unit_id = fact.unit_id and allocation.key_id = fact.reg_key_id and allocation.moment = document.moment
        and allocation.document_id = document.id and allocation.line = fact.line offset 0) allocation
    join lot on lot.unit_id = allocation.unit_id and lot.key_id = allocation.key_id
     and lot.document_id = allocation.lot_document_id and lot.line = allocation.lot_line and lot.amount < 0
    where fact.unit_id = document.unit_id and fact.version_id = document.posted_version_id) used
  order by found.moment"""
"""Documents that wait at the end of a day: now, and those decided or taken back since. What a document used is looked up for each of its
lines at its own moment (`offset 0`): one that brings debts in has thousands of lines, on keys of many lots."""
LINES_SQL: Final = f"""
  select document.id, document.unit_id, document.key, document.kind,
         case when document.kind = any(%(read)s) or {BROUGHT_VAT} then version.content end,
         (select array_agg(array[met.line, met.nature, met.reg_key_id]) from (
            select fact.line, fact.nature, fact.reg_key_id from fact
            where fact.unit_id = document.unit_id and fact.version_id = document.posted_version_id and fact.line = any(asked.lines)
            union
            select fact.line, fact.nature, fact.reg_key_id from fact
            where fact.unit_id = document.unit_id and fact.version_id = document.posted_version_id and document.kind = any(%(whole)s)) met
          where met.reg_key_id is not null)
  from (select id, array_agg(line) as lines from unnest(%(ids)s::int8[], %(lines)s::int4[]) wanted(id, line) group by id) asked
  join document on document.id = asked.id
  join version on version.unit_id = document.unit_id and version.id = document.posted_version_id"""
SUMS_SQL: Final = """
  select organization.book_currency, sum(vat_wait.amount)::bigint
  from vat_wait join unit on unit.id = vat_wait.unit_id join organization on organization.id = unit.organization_id
  where vat_wait.unit_id = any(%(units)s) and vat_wait.ended >= %(until)s and vat_wait.moment < %(until)s group by 1 order by 1"""

class BooksByLine(Books):
    """Books that read a document line by line as it is met, but adjustments wholly: what these carry or take back depends on all of it."""

    def __init__(self, conn: psycopg.Connection[Any], units: Mapping[int, UnitVat]) -> None:
        super().__init__(conn, units)
        self.lines: set[tuple[int, int]] = set()

    def read_lines(self, lines: Iterable[tuple[int, int]]) -> None:
        unknown = sorted(set(lines) - self.lines)
        if not unknown:
            return
        self.lines.update(unknown)
        ids, numbers = (list(column) for column in zip(*unknown, strict=True))
        asked = {"read": READ_KINDS, "whole": sorted(REVERSIBLE), "ids": ids, "lines": numbers}
        met: set[int] = set()
        for document_id, unit_id, key, kind, content, facts in self.conn.execute(LINES_SQL, asked, prepare=False):
            by_line = {line: (nature, key_id) for line, nature, key_id in facts or ()}
            if document_id in self.papers:
                self.papers[document_id].facts.update(by_line)
            else:
                said = decode_document(content) if content is not None else None
                self.papers[document_id] = Paper(document_id, unit_id, key, kind, said, by_line)
            met |= {key_id for _nature, key_id in by_line.values()}
        self.vat_of(met)


def pending_page(
    conn: psycopg.Connection[Any], unit_ids: list[int], as_of: datetime.date, *, after: int = BEGINNING, limit: int
) -> tuple[list[Pending], int | None]:
    """What waits for a decision on a day, the oldest first, after the document of a moment: whole documents, so many rows or few more. And
    the moment where the next page begins, None when this is all."""
    units = {unit_id: found for unit_id, found in units_with_vat(conn).items() if unit_id in unit_ids}
    asked = {
        "units": list(units), "relations": sorted(RECEIVED), "until": end_of(as_of), "after": after, "never": NEVER, "most": limit + 1,
    }  # fmt: skip
    waiting = conn.execute(WAITING_SQL, asked, prepare=False).fetchall()
    used: dict[int, set[Name]] = {document_id: set(map(tuple, lots or ())) for document_id, _moment, lots in waiting[:limit]}
    cases: dict[int, list[Pending]] = defaultdict(list)
    for case in _derived(conn, units, used, as_of):
        cases[case.document.id].append(case)
    found: list[Pending] = []
    for number, (document_id, moment, _lots) in enumerate(waiting[:limit], start=1):
        found += cases[document_id]
        if len(found) >= limit and number < len(waiting):
            return found, moment
    return found, waiting[limit - 1][1] if len(waiting) > limit else None


def pending_sums(conn: psycopg.Connection[Any], unit_ids: list[int], as_of: datetime.date) -> dict[str, int]:
    """All that waits on a day, by book currency, from what is kept of it."""
    return dict(conn.execute(SUMS_SQL, {"units": unit_ids, "until": end_of(as_of)}).fetchall())


def _derived(
    conn: psycopg.Connection[Any], units: Mapping[int, UnitVat], waiting: Mapping[int, set[Name]], as_of: datetime.date
) -> list[Pending]:
    """What waits of documents, by the lots that each of them used."""
    books = BooksByLine(conn, units)
    books.read_sources(set().union(*waiting.values()))
    books.complete(books.reversals_of(waiting))
    return [case for case in pending_vat(told_of(books, as_of)) if case.document.id in waiting]
