"""Writing what a refold changed: deletes and updates by key, inserts by array, all in the pipeline of one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from setoff.settlements.journal import turnover_change
from setoff.settlements.records import AllocationRow, LotRow, PostingRow, insert_rows, numbers
from setoff.settlements.refold import Refolded

DELETE_LOTS = """
  delete from lot using unnest(%s::int8[], %s::int8[], %s::int8[], %s::int4[]) gone(unit_id, key_id, document_id, line)
  where (lot.unit_id, lot.key_id, lot.document_id, lot.line) = (gone.unit_id, gone.key_id, gone.document_id, gone.line)"""
CHANGE_LOTS = """
  update lot set residual = now.residual, residual_book = now.residual_book, used_moment = now.used_moment,
         closed_moment = now.closed_moment
  from unnest(%s::int8[], %s::int8[], %s::int8[], %s::int4[], %s::int8[], %s::int8[], %s::int8[], %s::int8[])
       now(unit_id, key_id, document_id, line, residual, residual_book, used_moment, closed_moment)
  where (lot.unit_id, lot.key_id, lot.document_id, lot.line) = (now.unit_id, now.key_id, now.document_id, now.line)"""
DELETE_ALLOCATIONS = """
  delete from allocation using unnest(%s::int8[], %s::int8[], %s::int8[], %s::int4[], %s::int8[], %s::int4[], %s::int2[])
         gone(unit_id, key_id, document_id, line, lot_document_id, lot_line, rule)
  where (allocation.unit_id, allocation.key_id, allocation.document_id, allocation.line, allocation.lot_document_id,
         allocation.lot_line, allocation.rule)
      = (gone.unit_id, gone.key_id, gone.document_id, gone.line, gone.lot_document_id, gone.lot_line, gone.rule)"""
DELETE_POSTINGS = """
  delete from posting using unnest(%s::int8[], %s::int8[], %s::int4[]) gone(unit_id, document_id, line)
  where (posting.unit_id, posting.document_id, posting.line) = (gone.unit_id, gone.document_id, gone.line)"""


def columns_of(rows: Sequence[tuple[int, ...]]) -> list[str]:
    """The columns of rows of whole numbers, as arrays."""
    return [numbers(column) for column in zip(*rows, strict=True)]


def write_refolded(
    conn: psycopg.Connection[Any], refolded: Refolded, postings_out: Sequence[PostingRow], postings_in: Sequence[PostingRow]
) -> None:
    """Replace the derived rows that changed. Lots go in before the allocations that use them, and out after."""
    if postings_out:
        conn.execute(DELETE_POSTINGS, columns_of([(row.unit_id, row.document_id, row.line) for row in postings_out]))
    if refolded.allocations_out:
        names = [
            (row.unit_id, row.key_id, row.document_id, row.line, row.lot_document_id, row.lot_line, row.rule)
            for row in refolded.allocations_out
        ]
        conn.execute(DELETE_ALLOCATIONS, columns_of(names))
    if refolded.lots_out:
        conn.execute(DELETE_LOTS, columns_of([(row.unit_id, row.key_id, row.document_id, row.line) for row in refolded.lots_out]))
    if refolded.lots_changed:
        changed = [
            (row.unit_id, row.key_id, row.document_id, row.line, row.residual, row.residual_book, row.used_moment,
             row.closed_moment)
            for row in refolded.lots_changed
        ]
        conn.execute(CHANGE_LOTS, columns_of(changed))
    insert_rows(conn, refolded.lots_in)
    insert_rows(conn, refolded.allocations_in)
    insert_rows(conn, postings_in)
    insert_rows(conn, turnover_change(postings_out, postings_in))


def moments_changed(refolded: Refolded, postings: Sequence[PostingRow]) -> list[tuple[int, int, int]]:
    """(unit, moment, document) of every derived row that comes or goes: what a closed period may refuse."""
    rows: list[LotRow | AllocationRow | PostingRow] = [
        *refolded.lots_out, *refolded.lots_in, *refolded.allocations_out, *refolded.allocations_in, *postings
    ]  # fmt: skip
    return sorted({(row.unit_id, row.moment, row.document_id) for row in rows})
