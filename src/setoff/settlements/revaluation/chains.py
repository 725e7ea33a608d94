"""What a revaluation makes of lots, without folding their keys again.

It moves values, never what settles what; and what a fact opens is a share of its own value (fold.py), so the value of a lot depends on its
own uses and points alone. From the first of the two moments on each lot that was open there goes through its uses and points once more:
the work is that of the debts which a month's end meets, however much follows in their keys.

Where one fact uses a lot by two targets of the same document, the stored row does not say how it was divided: those keys are folded.
Errors: rate_missing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import psycopg

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Rule
from setoff.core.moment import NEVER, day_of
from setoff.settlements.fold import share_of
from setoff.settlements.journal import load_folds
from setoff.settlements.keys import KeyTerms
from setoff.settlements.records import AllocationRow, LotRow
from setoff.settlements.refold import Refolded
from setoff.settlements.revaluation.points import Point
from setoff.settlements.tails import KeyPoint, load_terms

OPEN_LOTS: Final = """
  fold_key join unit on unit.id = fold_key.unit_id join organization on organization.id = unit.organization_id
  join lot on lot.key_id = fold_key.id and lot.unit_id = fold_key.unit_id and lot.closed_moment > %(since)s and lot.moment < %(until)s
   and (lot.amount > 0) = (debt_sign(fold_key.relation) > 0)"""
OF_UNIT: Final = "where fold_key.unit_id = %(unit_id)s and fold_key.currency <> organization.book_currency"
LOTS_SQL: Final = f"""
  select {", ".join("lot." + name for name in LotRow._fields)} from {OPEN_LOTS} {OF_UNIT}
  order by lot.key_id, lot.moment, lot.line"""
USES_SQL: Final = f"""
  select {", ".join("allocation." + name for name in AllocationRow._fields)}, coalesce(fact.own_value, false),
         allocation.rule < {Rule.MOMENT:d} and (
           select count(*) > 1 from fact_target target
           where target.unit_id = fact.unit_id and target.version_id = fact.version_id and target.line = fact.line
             and target.document_id = allocation.lot_document_id)
  from {OPEN_LOTS}
  join allocation on allocation.key_id = lot.key_id and allocation.lot_document_id = lot.document_id
   and allocation.lot_line = lot.line and allocation.moment >= %(since)s
  left join document on document.unit_id = allocation.unit_id and document.id = allocation.document_id
  left join fact on fact.unit_id = document.unit_id and fact.version_id = document.posted_version_id and fact.line = allocation.line
   and allocation.rule <> {Rule.REVALUED:d}
  {OF_UNIT}
  order by allocation.moment, allocation.line, allocation.rule"""


class Use(NamedTuple):
    """A stored allocation. `is_own`: its fact is worth what it says itself; `is_split`: two targets of it name the lot's document."""

    row: AllocationRow
    is_own: bool
    is_split: bool


class Chains(NamedTuple):
    """What changes of the lots, the terms of their keys, and the keys that are to be folded instead."""

    refolded: Refolded
    terms: dict[int, KeyTerms]
    left_out: set[int]


def revalued_chains(conn: psycopg.Connection[Any], unit_id: int, points: Sequence[Point], moments: tuple[int, int]) -> Chains:
    """`points`: those of the unit from the first of these moments on, as they are to be; lots open at neither moment stay as they are.
    The caller has locked the unit."""
    place = {"unit_id": unit_id, "since": min(moments), "until": max(moments)}
    lots = [LotRow._make(row) for row in conn.execute(LOTS_SQL, place)]
    uses: dict[tuple[int, int, int], list[Use]] = defaultdict(list)
    left_out = set()
    for *values, is_own, is_split in conn.execute(USES_SQL, place):
        row = AllocationRow._make(values)
        uses[row.key_id, row.lot_document_id, row.lot_line].append(Use(row, is_own, bool(is_split)))
        if is_split:
            left_out.add(row.key_id)
    terms = load_terms(conn, sorted({lot.key_id for lot in lots}))
    of_key = {key_id: [found for point in points if (found := point.of(known.key)) is not None] for key_id, known in terms.items()}
    refolded = Refolded([], [], [], [], [], {}, [])
    for lot in lots:
        if lot.key_id not in left_out:
            _compare(lot, uses[lot.key_id, lot.document_id, lot.line], of_key[lot.key_id], terms[lot.key_id], refolded)
    now = {row.name: row for row in refolded.allocations_in if row.rule != Rule.REVALUED and terms[row.key_id].key.contour == "reg"}
    refolded.folds.update(load_folds(conn, {(row.key_id, row.document_id) for row in now.values()}, now))
    return Chains(refolded, terms, left_out)


def _compare(lot: LotRow, uses: Sequence[Use], points: Sequence[KeyPoint], terms: KeyTerms, outcome: Refolded) -> None:
    """The rows of a lot as they are to be against those that are stored."""
    left, book, first = abs(lot.residual), abs(lot.residual_book), NEVER
    revalued: dict[int, AllocationRow] = {}
    settled: list[Use] = []
    for use in uses:
        left, book = left + use.row.amount, book + use.row.lot_book
        if use.row.rule == Rule.REVALUED:
            revalued[use.row.document_id] = use.row
        else:
            settled.append(use)
    if not uses or lot.used_moment < uses[0].row.moment:
        first = lot.used_moment  # before the first of the two moments, or never
    open_at = [point for point in points if lot.moment < point.moment < lot.closed_moment]
    place = 0
    for following in (*settled, None):
        while place < len(open_at) and (following is None or open_at[place].moment < following.row.moment):
            point, place = open_at[place], place + 1
            worth = worth_at(point, left, terms)
            if worth != book:
                name = (lot.document_id, lot.line)
                row = AllocationRow(lot.unit_id, lot.key_id, point.moment, point.document_id, 1, *name, 0, book - worth, 0, Rule.REVALUED)
                book, first = worth, min(first, point.moment)
                if revalued.get(point.document_id) == row:
                    del revalued[point.document_id]
                else:
                    outcome.allocations_in.append(row)
        if following is not None:
            row, part = following.row, following.row.amount
            released = book if part == left else share_of(book, part, left)
            left, book, first = left - part, book - released, min(first, row.moment)
            if released != row.lot_book:
                outcome.allocations_out.append(row)
                outcome.allocations_in.append(row._replace(lot_book=released, own_book=row.own_book if following.is_own else released))
    outcome.allocations_out.extend(revalued.values())
    if (abs(lot.residual_book), lot.used_moment) != (book, first):
        outcome.lots_changed.append(lot._replace(residual_book=book if lot.amount > 0 else -book, used_moment=first))


def worth_at(point: KeyPoint, left: int, terms: KeyTerms) -> int:
    """What is left of a debt at a point in book currency. Errors: rate_missing."""
    if point.rate == 0:
        day = day_of(point.moment)
        raise DomainError(ErrorCode.RATE_MISSING, currency=terms.key.currency, quote=point.quote, date=day, field="rates")
    return share_of(point.rate, left, point.per)


def joined(chains: Refolded, folded: Refolded) -> Refolded:
    """Both as one."""
    return Refolded(
        [*chains.lots_out, *folded.lots_out], [*chains.lots_in, *folded.lots_in], [*chains.lots_changed, *folded.lots_changed],
        [*chains.allocations_out, *folded.allocations_out], [*chains.allocations_in, *folded.allocations_in], chains.folds | folded.folds,
        [*chains.refusals, *folded.refusals],
    )  # fmt: skip
