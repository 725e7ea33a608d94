"""What waits for a decision on VAT, a page at a time: as the whole derivation says it (queries.py), from a small part of the books.

Looked at are posted documents of the kinds that leave VAT to a person and have used an advance received, the oldest first, by an index of
their own (vat_waiting.sql). Read are the advances that they used, whatever used these before, what these come from, and reversals of the
documents; of a document of many lines, as opening balances are, only the lines of these.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import psycopg

from setoff.core.moment import BEGINNING, end_of
from setoff.settlements.advance_vat.books import READ_KINDS, Books, Name, Paper
from setoff.settlements.advance_vat.queries import Pending, pending_vat, told_of
from setoff.settlements.advance_vat.terms import BROUGHT_VAT, RECEIVED, UnitVat, units_with_vat
from setoff.trade.kinds import ADJUSTMENT, KINDS, PAYMENT, REVERSIBLE
from setoff.trade.queries import decode_document
from setoff.trade.terms import RELATIONS

SAY_IT: Final = frozenset({"payment_from_customer", "debt_transfer", "debt_write_off", "debt_accrual", "advance_offset"})
"""Kinds that by their time of day would be among `UNDECIDED`, but use no advance received in the regulated contour, or say themselves what
becomes of its VAT."""
UNDECIDED: Final = sorted(
    {
        name for name, kind in KINDS.items()
        if kind.day_order in (PAYMENT, ADJUSTMENT) and not RECEIVED.isdisjoint(RELATIONS.get(name, ()))
    } - SAY_IT | {"opening_customer_debts", "opening_other_debts"}
)  # fmt: skip
"""Kinds that may use an advance received and leave its VAT to a person: money given back, set-offs, entries by hand, debts brought in. The
index `document_undecided` has them (vat_waiting.sql)."""
CANDIDATES_SQL: Final = f"""
  select found.* from unnest(%(units)s::int8[]) u(unit_id)
  cross join lateral (
    select u.unit_id, document.id, document.moment, document.key, used.lots from document
    cross join lateral (
      select array_agg(array[lot.key_id, lot.document_id, lot.line]) as lots from fact
      join fold_key on fold_key.unit_id = fact.unit_id and fold_key.id = fact.reg_key_id and fold_key.relation = any(%(relations)s)
      cross join lateral (
        select * from allocation
        where allocation.unit_id = fact.unit_id and allocation.key_id = fact.reg_key_id and allocation.moment = document.moment
          and allocation.document_id = document.id and allocation.line = fact.line offset 0) allocation
      join lot on lot.unit_id = allocation.unit_id and lot.key_id = allocation.key_id
       and lot.document_id = allocation.lot_document_id and lot.line = allocation.lot_line and lot.amount < 0
      where fact.unit_id = document.unit_id and fact.version_id = document.posted_version_id) used
    where document.unit_id = u.unit_id and document.moment > %(after)s and document.moment < %(until)s
      and document.status = 'posted' and document.kind in ({", ".join(f"'{kind}'" for kind in UNDECIDED)}) and used.lots is not null
    order by document.moment limit %(most)s) found
  order by found.moment limit %(most)s"""
"""What a document used is looked up for each of its lines at its own moment (`offset 0`): one that brings debts in has thousands of
lines, on keys of many lots."""
DECIDED_SQL: Final = """
  select vat_decided_by(said.content), min(document.moment) from vat_decisions_naming(%(keys)s) said
  join document on document.unit_id = said.unit_id and document.id = said.document_id and document.posted_version_id = said.version_id
  where said.content::jsonb ->> 'decision' <> 'invoice' and coalesce(said.content::jsonb -> 'contours' @> '["reg"]', true)
    and document.moment < %(until)s
  group by 1"""
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
PORTION: Final = 60
"""Documents whose VAT is derived together, and how many are looked at first, at most `MANY`."""
MANY: Final = 1_000


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
    found: list[Pending] = []
    for case in _pending(conn, unit_ids, as_of, after):
        if len(found) >= limit and case.document.id != found[-1].document.id:
            row = conn.execute("select moment from document where id = %s", [found[-1].document.id]).fetchone()
            return found, row[0] if row else None
        found.append(case)
    return found, None


def pending_sums(conn: psycopg.Connection[Any], unit_ids: list[int], as_of: datetime.date) -> dict[str, int]:
    """All that waits on a day, by book currency, from what is kept of it."""
    return dict(conn.execute(SUMS_SQL, {"units": unit_ids, "until": end_of(as_of)}).fetchall())


def _pending(conn: psycopg.Connection[Any], unit_ids: list[int], as_of: datetime.date, after: int) -> Iterator[Pending]:
    """Case by case. The more documents turn out not to wait, the more are looked at together."""
    units = {unit_id: found for unit_id, found in units_with_vat(conn).items() if unit_id in unit_ids}
    asked: dict[str, Any] = {"units": list(units), "relations": sorted(RECEIVED), "until": end_of(as_of), "most": PORTION}
    while units:
        candidates = conn.execute(CANDIDATES_SQL, asked | {"after": after}, prepare=False).fetchall()
        keys = [row[3] for row in candidates]
        decided = dict(conn.execute(DECIDED_SQL, {"keys": keys, "until": asked["until"]}).fetchall()) if keys else {}
        waiting = [
            (document_id, {(unit_id, *lot) for lot in lots})
            for unit_id, document_id, moment, key, lots in candidates
            if decided.get(key, BEGINNING) <= moment
        ]
        for start in range(0, len(waiting), PORTION):
            yield from _derived(conn, units, dict(waiting[start : start + PORTION]), as_of)
        if len(candidates) < asked["most"]:
            return
        after, asked["most"] = candidates[-1][2], min(asked["most"] * 2, MANY)


def _derived(
    conn: psycopg.Connection[Any], units: Mapping[int, UnitVat], waiting: Mapping[int, set[Name]], as_of: datetime.date
) -> list[Pending]:
    """What waits of documents, by the lots that each of them used."""
    books = BooksByLine(conn, units)
    books.read_sources(set().union(*waiting.values()))
    books.complete(books.reversals_of(waiting))
    return [case for case in pending_vat(told_of(books, as_of)) if case.document.id in waiting]
