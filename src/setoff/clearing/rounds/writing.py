"""Writes of a round: rows in one statement each, as row-level security lets COPY not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import polars as pl
from psycopg import Connection

from setoff.clearing.rounds.records import Obligation, Party, Position

PARTY_SQL: Final = """
  insert into round_party (round_id, no, code, name, tax_id, kpp, language, unit_id)
  select %s, * from unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[])"""
OBLIGATION_SQL: Final = """
  insert into round_obligation (round_id, no, debtor, creditor, currency, amount, number, date, due, file, reference,
    creditor_unit_id, creditor_document_id, creditor_line, debtor_unit_id, debtor_document_id, debtor_line,
    creditor_confirmed, debtor_confirmed, barred, barred_because, cleared, priority)
  select %s, * from unnest(%s::int[], %s::int[], %s::int[], %s::text[], %s::bigint[], %s::text[], %s::date[], %s::date[], %s::text[],
    %s::text[], %s::bigint[], %s::bigint[], %s::int[], %s::bigint[], %s::bigint[], %s::int[], %s::text[], %s::text[], %s::text[],
    %s::text[], %s::bigint[], %s::int[])"""
POSITION_SQL: Final = """
  insert into round_position (round_id, party, currency, level, owes, owed, cleared, level_out, at_cap)
  select %s, * from unnest(%s::int[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::boolean[])"""
OUTSIDE_SQL: Final = """
  insert into round_obligation (round_id, no, debtor, creditor, currency, amount, number, due, file, reference, priority, barred)
  select %(round)s, %(after)s + found.place, found.debtor, found.creditor, found.currency, found.amount, found.number, found.due, %(file)s,
         found.reference, found.priority, case when found.debtor = found.creditor then 'same_party' else '' end
  from unnest(%(id)s::text[], %(debtor_no)s::int[], %(creditor_no)s::int[], %(currency)s::text[], %(amount)s::bigint[],
    %(number)s::text[], %(due)s::date[], %(priority)s::int[])
    with ordinality found(reference, debtor, creditor, currency, amount, number, due, priority, place)"""
ROWS_AT_ONCE: Final = 50_000
CLEARED_SQL: Final = """
  update round_obligation o set cleared = coalesce(found.amount, 0)
  from round_obligation old left join unnest(%(numbers)s::int[], %(amounts)s::bigint[]) found(no, amount) on found.no = old.no
  where old.round_id = %(round)s and o.round_id = old.round_id and o.no = old.no and o.cleared <> coalesce(found.amount, 0)"""


RESULTS_SQL: Final = """
  update round_party p set result_hash = coalesce(found.hash, '')
  from round_party old left join unnest(%(numbers)s::int[], %(hashes)s::text[]) found(no, hash) on found.no = old.no
  where old.round_id = %(round)s and p.round_id = old.round_id and p.no = old.no and p.result_hash <> coalesce(found.hash, '')"""


def insert_parties(conn: Connection[Any], round_id: int, parties: Iterable[Party]) -> None:
    _insert(conn, PARTY_SQL, round_id, [party[:7] for party in parties])


def insert_obligations(conn: Connection[Any], round_id: int, debts: Iterable[Obligation]) -> None:
    absent = (None, None, None)
    _insert(
        conn, OBLIGATION_SQL, round_id,
        [(*debt[:10], *(debt.creditor_lot or absent), *(debt.debtor_lot or absent), *debt[12:18]) for debt in debts],
    )  # fmt: skip


def insert_outside(conn: Connection[Any], round_id: int, debts: pl.DataFrame, *, file: str, after: int) -> None:
    """Debts of a file (outside.py), numbered after `after`."""
    columns = ("id", "debtor_no", "creditor_no", "currency", "amount", "number", "due", "priority")
    for start in range(0, len(debts), ROWS_AT_ONCE):
        part = debts.slice(start, ROWS_AT_ONCE)
        conn.execute(
            OUTSIDE_SQL, {"round": round_id, "file": file, "after": after + start, **{name: part[name].to_list() for name in columns}}
        )


def replace_positions(conn: Connection[Any], round_id: int, positions: Iterable[Position]) -> None:
    conn.execute("delete from round_position where round_id = %s", [round_id])
    _insert(conn, POSITION_SQL, round_id, list(positions))


def write_cleared(conn: Connection[Any], round_id: int, cleared: pl.DataFrame) -> None:
    """Every debt of the round has the amount that is named in the columns no and cleared, or none."""
    conn.execute(CLEARED_SQL, {"round": round_id, "numbers": cleared["no"].to_list(), "amounts": cleared["cleared"].to_list()})


def write_results(conn: Connection[Any], round_id: int, hashes: Mapping[int, str]) -> None:
    """Every party has the hash of what is cleared for it, or none."""
    conn.execute(RESULTS_SQL, {"round": round_id, "numbers": list(hashes), "hashes": list(hashes.values())})


def _insert(conn: Connection[Any], query: str, round_id: int, rows: Sequence[Sequence[Any]]) -> None:
    if rows:
        conn.execute(query, [round_id, *(list(column) for column in zip(*rows, strict=True))])
