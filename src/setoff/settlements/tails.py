"""The tail of a fold key: what a refold from a moment on has to know (docs/decisions/0001-shape.md, 6).

A fact at moment m changes no derived row before m. So the tail holds the lots that are open at m or opened later, the
allocations and the facts from m on. All reads are by key and moment; their cost is that of the tail, not of the history.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import psycopg

from setoff.core.fact import FoldKey
from setoff.settlements.keys import KeyTerms
from setoff.settlements.records import AllocationRow, FactRow, LotRow, TargetRow

_TOUCHED = "unnest(%s::int8[], %s::int8[]) touched(key_id, since)"
LOTS_SQL = f"""
  select {", ".join("lot." + name for name in LotRow._fields)}
  from {_TOUCHED} join lot on lot.key_id = touched.key_id and lot.closed_moment >= touched.since
  order by lot.key_id, lot.moment, lot.line"""
ALLOCATIONS_SQL = f"""
  select {", ".join("allocation." + name for name in AllocationRow._fields)}
  from {_TOUCHED} join allocation on allocation.key_id = touched.key_id and allocation.moment >= touched.since"""
FACTS_SQL = " union all ".join(
    f"""
  select touched.key_id, {", ".join("fact." + name for name in FactRow._fields)}
  from {_TOUCHED} join fact on fact.{column} = touched.key_id and fact.moment >= touched.since
  join document on document.id = fact.document_id and document.posted_version_id = fact.version_id"""
    for column in ("reg_key_id", "mgmt_key_id")
)
TARGETS_SQL = " union ".join(
    f"""
  select {", ".join("fact_target." + name for name in TargetRow._fields)}
  from {_TOUCHED} join fact on fact.{column} = touched.key_id and fact.moment >= touched.since
  join document on document.id = fact.document_id and document.posted_version_id = fact.version_id
  join fact_target on fact_target.unit_id = fact.unit_id and fact_target.version_id = fact.version_id and fact_target.line = fact.line"""
    for column in ("reg_key_id", "mgmt_key_id")
) + " order by version_id, line, target_no"
KEYS_SQL = """
  select unit_id, id, contour, relation, counterparty_id, coalesce(contract_id, 0), object, currency, allocation_order,
         coalesce(debt_account_id, 0), coalesce(advance_account_id, 0)
  from fold_key"""
OF_KEYS_SQL = KEYS_SQL + " where id = any(%s)"


class KeyPoint(NamedTuple):
    """A point at which a key is revalued, by a document: a minor unit of its currency is worth rate / per of `quote` (0 / 1: unknown)."""

    moment: int
    document_id: int
    quote: str
    rate: int
    per: int


@dataclass(slots=True)
class Tail:
    """One key from `since` on. Lots, facts and points in total order; `facts` hold the posted versions only."""

    terms: KeyTerms
    since: int
    lots: list[LotRow] = field(default_factory=list)
    allocations: list[AllocationRow] = field(default_factory=list)
    facts: list[FactRow] = field(default_factory=list)
    points: list[KeyPoint] = field(default_factory=list)


Targets = dict[tuple[int, int], list[TargetRow]]  # (version, line) -> targets in order


class AskedTails(NamedTuple):
    """Questions on their way to the server."""

    keys: psycopg.Cursor[Any]
    lots: psycopg.Cursor[Any]
    allocations: psycopg.Cursor[Any]
    facts: psycopg.Cursor[Any]
    targets: psycopg.Cursor[Any]


def ask_tails(conn: psycopg.Connection[Any], since: Mapping[int, int]) -> AskedTails:
    """Ask for the tails of keys from their moments on. The caller holds the locks of the keys."""
    touched = [list(since), list(since.values())]
    return AskedTails(
        conn.execute(OF_KEYS_SQL, [list(since)]),
        conn.execute(LOTS_SQL, touched),
        conn.execute(ALLOCATIONS_SQL, touched),
        conn.execute(FACTS_SQL, touched + touched),
        conn.execute(TARGETS_SQL, touched + touched),
    )


def read_tails(asked: AskedTails, since: Mapping[int, int]) -> tuple[dict[int, KeyTerms], dict[int, Tail], Targets]:
    """Terms and tails of the keys that are stored, and the targets of their facts."""
    terms = terms_of(asked.keys)
    tails = {key_id: Tail(found, since[key_id]) for key_id, found in terms.items()}
    for row in asked.lots:
        tails[row[1]].lots.append(LotRow._make(row))
    for row in asked.allocations:
        tails[row[1]].allocations.append(AllocationRow._make(row))
    for key_id, *row in asked.facts:
        tails[key_id].facts.append(FactRow._make(row))
    for tail in tails.values():
        tail.facts.sort(key=lambda fact: (fact.moment, fact.line))
    targets: Targets = defaultdict(list)
    for row in asked.targets:
        target = TargetRow._make(row)
        targets[target.version_id, target.line].append(target)
    return terms, tails, targets


def terms_of(rows: Iterable[Any]) -> dict[int, KeyTerms]:
    return {
        key_id: KeyTerms(FoldKey(contour, unit_id, *natural), key_id, order, debt, advance)
        for unit_id, key_id, contour, *natural, order, debt, advance in rows
    }


def load_terms(conn: psycopg.Connection[Any], key_ids: list[int]) -> dict[int, KeyTerms]:
    """Terms of stored keys by id."""
    return terms_of(conn.execute(OF_KEYS_SQL, [key_ids])) if key_ids else {}


def load_targets(conn: psycopg.Connection[Any], versions: set[tuple[int, int]]) -> Targets:
    """Targets of the facts of versions (unit, version)."""
    targets: Targets = defaultdict(list)
    query = f"""select {", ".join(TargetRow._fields)} from fact_target
                where (unit_id, version_id) in (select * from unnest(%s::int8[], %s::int8[])) order by version_id, line, target_no"""
    for row in conn.execute(query, [[unit_id for unit_id, _id in versions], [version_id for _unit, version_id in versions]]):
        target = TargetRow._make(row)
        targets[target.version_id, target.line].append(target)
    return targets
