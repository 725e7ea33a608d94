"""The books as they were known at an earlier time, and a full refold to compare the stored rows with (spec 1.10, C-4.2.7).

`shadow` lays temporary views of the same names over `document` and the derived tables, for a block: keys that no later version
touches are as stored, the others are folded again from the versions known at that time. Every report then answers "as of D, as known
at K" with the SQL it always has.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

import psycopg
from psycopg import sql

from setoff.books.audit import Actor, record_audit
from setoff.books.charts import load_chart
from setoff.core.moment import BEGINNING, NEVER
from setoff.settlements.advance_vat.rows import restate_vat
from setoff.settlements.document_counts import rebuild_document_counts
from setoff.settlements.keys import KeyTerms, difference_accounts
from setoff.settlements.known_documents import lay_documents
from setoff.settlements.open_sums import rebuild_open_sums
from setoff.settlements.rebuild import KEY_IDS, Ledger, fold_contour, ledger_piece, write_allocations, write_lots, write_postings
from setoff.settlements.records import AllocationRow, LotRow, PostingRow
from setoff.settlements.revaluation.rows import restate_revaluations
from setoff.settlements.tails import KEYS_SQL, terms_of
from setoff.settlements.touched import TOUCHED_TABLE_SQL, touch_linked
from setoff.trade.directory import UnitTerms

DERIVED: Final = ("lot", "allocation", "posting", "turnover", "vat_wait")


def all_terms(conn: psycopg.Connection[Any], condition: str = "") -> dict[int, KeyTerms]:
    """Terms of stored keys by id."""
    return terms_of(conn.execute(KEYS_SQL + condition))


def all_differences(conn: psycopg.Connection[Any]) -> dict[int, tuple[int, int]]:
    """Account ids of exchange gain and loss by unit."""
    query = """select unit.id, unit.code, organization.id, organization.book_currency, organization.chart
               from unit join organization on organization.id = unit.organization_id"""
    return {row[0]: difference_accounts(UnitTerms(row[0], row[1], row[2], row[3], load_chart(row[4]))) for row in conn.execute(query)}


TOUCHED_SQL = """
  insert into touched
  select distinct key_id from later join version using (unit_id, document_id)
  join fact on fact.unit_id = version.unit_id and fact.version_id = version.id
  cross join lateral unnest(array[fact.reg_key_id, fact.mgmt_key_id]) key_id where key_id is not null
  union
  select fact.reg_key_id from later join version using (unit_id, document_id)
  join public.document named on named.key = vat_decided_by(version.content)
  join fact on fact.unit_id = named.unit_id and fact.version_id = named.posted_version_id where fact.reg_key_id is not null
  union
  select fold_key.id from fold_key join unit on unit.id = fold_key.unit_id join organization on organization.id = unit.organization_id
  where fold_key.currency <> organization.book_currency and fold_key.unit_id in (
    select later.unit_id from later join public.document on document.unit_id = later.unit_id and document.id = later.document_id
    where document.kind = 'revaluation')
  on conflict do nothing"""
REPLACED_SQL = """  -- a document that stood on such a key once, and does not any more, is as stored
  create temporary table replaced on commit drop as
  select document_id from later
  union
  select fact.document_id from touched join fact on fact.reg_key_id = touched.key_id
  join document on document.id = fact.document_id and document.posted_version_id = fact.version_id
  union
  select version.document_id from version join public.document named on named.key = vat_decided_by(version.content)
  join fact on fact.unit_id = named.unit_id and fact.version_id = named.posted_version_id join touched on touched.key_id = fact.reg_key_id
  where vat_decided_by(version.content) is not null"""
GONE_SQL = """
  insert into turnover select unit_id, date_trunc('month', moment_date(moment))::date, debit_account_id, credit_account_id, -sum(amount)
  from public.posting where document_id in (select document_id from replaced) group by 1, 2, 3, 4"""
VIEWS_SQL = """
  alter table pg_temp.lot rename to known_lot;
  alter table pg_temp.allocation rename to known_allocation;
  alter table pg_temp.posting rename to known_posting;
  alter table pg_temp.turnover rename to known_turnover;
  create temporary view lot as
    select * from public.lot where key_id not in (select key_id from touched) union all select * from known_lot;
  create temporary view allocation as
    select * from public.allocation where key_id not in (select key_id from touched) union all select * from known_allocation;
  create temporary view posting as
    select * from public.posting where document_id not in (select document_id from replaced) union all select * from known_posting;
  create temporary view turnover as select * from public.turnover union all select * from known_turnover"""


@contextmanager
def shadow(
    conn: psycopg.Connection[Any],
    known_at: datetime,
    *,
    contours: tuple[str, ...] = ("reg", "mgmt"),
    until: int = NEVER,
    open_lots_only: bool = False,
) -> Iterator[None]:
    """Within the block `document`, `lot`, `allocation`, `posting` and `turnover` are as known at `known_at`; the stored rows are
    `public.lot` and so on. Keys that no later version touches are as stored; the others are folded again. `until`: of those only
    facts before that moment; with `open_lots_only` only their lots open then, for ageing. The block is one transaction."""
    with conn.transaction():
        conn.execute("set local client_min_messages = warning")
        lay_documents(conn, known_at)
        conn.execute(TOUCHED_TABLE_SQL)
        conn.execute("delete from touched")
        conn.execute(TOUCHED_SQL)
        touch_linked(conn, BEGINNING)
        conn.execute(REPLACED_SQL)
        conn.execute("analyze touched, replaced")
        create_derived(conn)
        fold_shadow(conn, contours, until, open_lots_only=open_lots_only)
        conn.execute(VIEWS_SQL)
        yield
        conn.execute("drop view pg_temp.document, pg_temp.plan_status, pg_temp.lot, pg_temp.allocation, pg_temp.posting, pg_temp.turnover")
        conn.execute("drop table pg_temp.known_lot, pg_temp.known_allocation, pg_temp.known_posting, pg_temp.known_turnover")
        conn.execute("drop table pg_temp.vat_wait, pg_temp.later, pg_temp.replaced, pg_temp.known_document")


@contextmanager
def refolded(conn: psycopg.Connection[Any]) -> Iterator[None]:
    """Within the block `lot`, `allocation`, `posting` and `turnover` are what a full refold gives; the stored rows are `public.lot` and
    so on. The block is one transaction."""
    with conn.transaction():
        conn.execute("set local client_min_messages = warning")
        create_derived(conn)
        terms = all_terms(conn)
        for contour in ("mgmt", "reg"):
            keys = fold_contour(conn, contour, terms, since=BEGINNING)
            write_lots(conn, keys)
            write_allocations(conn, keys)
        bounds = conn.execute("select coalesce(min(id), 0), coalesce(max(id), -1) from document").fetchone()
        assert bounds is not None
        write_postings(conn, Ledger([ledger_piece(keys, terms, all_differences(conn))]), documents=bounds)
        restate_revaluations(conn, all_differences(conn), touched=False)
        restate_vat(conn, since=BEGINNING, touched=False)
        conn.execute("analyze lot, allocation, posting, turnover")
        yield
        for table in DERIVED:
            conn.execute(sql.SQL("drop table pg_temp.{}").format(sql.Identifier(table)))


def create_derived(conn: psycopg.Connection[Any]) -> None:
    """Empty temporary tables of the derived rows."""
    for table in DERIVED:
        conn.execute(sql.SQL("create temporary table {} (like public.{})").format(*[sql.Identifier(table)] * 2))


def fold_shadow(conn: psycopg.Connection[Any], contours: tuple[str, ...], until: int, *, open_lots_only: bool) -> None:
    """Fill the temporary tables with the touched keys."""
    terms = all_terms(conn, " where id in (select key_id from touched)")
    for contour in contours:
        keys = fold_contour(conn, contour, terms, since=BEGINNING, until=until, touched=(0, KEY_IDS))
        write_lots(conn, keys, open_only=open_lots_only)
        if open_lots_only:
            continue
        write_allocations(conn, keys)
        if contour == "reg":
            write_shadow_postings(conn, Ledger([ledger_piece(keys, terms, all_differences(conn))]), until)
            restate_revaluations(conn, all_differences(conn), touched=True)
            restate_vat(conn, since=BEGINNING, until=until, touched=True)
    conn.execute("create index on lot (key_id, closed_moment)")
    conn.execute("create index on allocation (key_id, lot_document_id, lot_line)")
    conn.execute("create index on posting (unit_id, moment)")
    conn.execute("create index on posting (debit_node_id, moment)")
    conn.execute("create index on posting (credit_node_id, moment)")
    conn.execute("analyze lot, allocation, posting, turnover")


def write_shadow_postings(conn: psycopg.Connection[Any], ledger: Ledger, until: int) -> None:
    """Postings of the replaced documents, and what that means for the turnovers."""
    bounds = conn.execute("select coalesce(min(document_id), 0), coalesce(max(document_id), -1) from replaced").fetchone()
    assert bounds is not None
    conn.execute(GONE_SQL)
    wanted = f"and document.id in (select document_id from replaced) and document.moment < {until}"
    write_postings(conn, ledger, documents=bounds, wanted=wanted)


HASH_SQL: Final = "select row(count(*), coalesce(sum(hash_record_extended(row({}), 0)::numeric), 0)) from {}.{}"
COMPARED: Final = {"lot": LotRow._fields, "allocation": AllocationRow._fields, "posting": PostingRow._fields}
NAMED_BY: Final = {
    "lot": "unit_id, key_id, document_id, line",
    "allocation": "unit_id, key_id, document_id, line, lot_document_id, lot_line, rule",
    "posting": "unit_id, document_id, line",
}


def compare_with_refold(conn: psycopg.Connection[Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Refold everything and compare: ("lot" | "allocation" | "posting", "stored" | "folded", row) for rows that only one of the
    two has. The stored rows are left as they are. Tables of the same number and hash of rows are the same: rows are compared where not."""
    found = []
    with refolded(conn):
        for table, columns in COMPARED.items():
            names = ", ".join(columns)
            same = conn.execute(f"select ({HASH_SQL.format(names, 'public', table)}) = ({HASH_SQL.format(names, 'pg_temp', table)})")
            if same.fetchone() == (True,):
                continue
            for side, first, second in (("stored", "public", "pg_temp"), ("folded", "pg_temp", "public")):
                query = f"select {names} from {first}.{table} except select {names} from {second}.{table} order by 1, 2, 3, 4"
                found += [(table, side, dict(zip(columns, row, strict=True))) for row in conn.execute(query)]
    return found


def refold_all(conn: psycopg.Connection[Any], actor: Actor) -> int:
    """Rebuild the cache: write what a full refold says wherever the stored rows differ; returns how many rows changed. Rows of closed
    periods that differ are refused by the database. Units are locked against posting meanwhile."""
    with conn.transaction():
        conn.execute("select pg_advisory_xact_lock(id) from (select id from unit order by id) units")
        with refolded(conn):
            changed = write_differences(conn)
        changed += rebuild_document_counts(conn)
        rebuild_open_sums(conn)
        conn.execute("insert into refold default values")
        record_audit(conn, actor, "refold", rows=changed)
    return changed


def write_differences(conn: psycopg.Connection[Any]) -> int:
    """Make the stored rows what the shadow says; returns how many rows went out and came in."""
    changed = 0
    for table in ("posting", "allocation", "lot"):
        names = ", ".join(COMPARED[table])
        changed += conn.execute(
            f"""delete from public.{table} where ({NAMED_BY[table]}) in (select {NAMED_BY[table]} from
                (select {names} from public.{table} except select {names} from pg_temp.{table}) differing)"""
        ).rowcount
    for table in ("lot", "allocation", "posting"):
        names = ", ".join(COMPARED[table])
        changed += conn.execute(
            f"""insert into public.{table} ({names})
                select {names} from pg_temp.{table} except select {names} from public.{table}"""
        ).rowcount
    conn.execute("delete from public.turnover")
    conn.execute("insert into public.turnover select * from pg_temp.turnover")
    conn.execute("delete from public.vat_wait")
    conn.execute("insert into public.vat_wait select * from pg_temp.vat_wait")
    return changed
