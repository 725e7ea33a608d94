"""The chain of seals: what a closed period holds is hashed row by row, so that `verify` can name any row that changed.

A closing writes the sha256 of every row of the period to `seal_row` and of these to a link in the unit's chain (`seal`); each
link holds the hash of the one before. A row belongs to the period of its moment; the first period also holds what precedes it.
Rows that later documents may still change are hashed without what changes: lots without residual, residual_book, used_moment and
closed_moment. Drafts that were never posted are not sealed. Documents in other periods, and their later versions, do not touch
a seal.

Every link, of whatever action, also covers the audit records since the one before (settlements/audit_chain.sql): those of its unit, and
those of no unit that no other unit's link covered.

What `verify` can and cannot tell: docs/explanation/seals.md
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final, NamedTuple

import psycopg

from setoff.core.moment import NEVER, end_of, start_of

FIRST_MOMENT: Final = -NEVER - 1
FIRST_HASH: Final = bytes(32)


class Relation(NamedTuple):
    """A table under seal: whose document a row is, the rest of its key, the columns that may never change, which rows."""

    source: str
    document: str
    key: str
    moment: str
    columns: str
    which: str = "true"


WAS_POSTED = """(r.posted or exists (select from version earlier where earlier.unit_id = r.unit_id
    and earlier.document_id = r.document_id and earlier.version_no < r.version_no and earlier.posted))"""
VERSION_OF = "join version v on v.unit_id = r.unit_id and v.id = r.version_id"
RELATIONS: Final = {
    "document": Relation(
        "document r", "r.id", "''", "r.moment",
        "kind number year key date moment counterparty_id contract_id currency total posted_version_id",
        "r.status = 'posted'",
    ),
    "version": Relation(
        "version r", "r.document_id", "r.id::text", "r.moment",
        "document_id version_no recorded_at author action posted moment content content_hash facts_hash",
        WAS_POSTED,
    ),
    "fact": Relation(
        "fact r", "r.document_id", "concat_ws('/', r.version_id, r.line)", "r.moment",
        "document_id moment rank node_id reg_key_id mgmt_key_id nature change book own_value consume_only due label",
    ),
    "fact_target": Relation(
        f"fact_target r {VERSION_OF}", "v.document_id", "concat_ws('/', r.version_id, r.line, r.target_no)", "v.moment",
        "document_id document_line amount rule demoted",
    ),
    "entry": Relation(
        f"entry r {VERSION_OF}", "v.document_id", "concat_ws('/', r.version_id, r.line)", "v.moment",
        "debit_fact debit_account_id credit_fact credit_account_id amount follows vat_rate item",
    ),
    "lot": Relation(
        "lot r", "r.document_id", "concat_ws('/', r.key_id, r.line)", "r.moment", "node_id moment rank due amount book"
    ),
    "allocation": Relation(
        "allocation r", "r.document_id", "concat_ws('/', r.key_id, r.line, r.lot_document_id, r.lot_line, r.rule)", "r.moment",
        "moment amount lot_book own_book",
    ),
    "posting": Relation(
        "posting r", "r.document_id", "r.line::text", "r.moment",
        "moment kind debit_account_id debit_node_id credit_account_id credit_node_id amount settlement_amount vat_rate item",
    ),
}  # fmt: skip


def _hashed(name: str, relation: Relation) -> str:
    columns = ", ".join("r." + column for column in relation.columns.split())
    return f"""
  select '{name}'::text as relation, {relation.document} as document_id, ({relation.key}) collate "C" as row_key,
         sha256(convert_to(row({columns})::text, 'UTF8')) as sha256
  from {relation.source}
  where r.unit_id = %(unit_id)s and {relation.moment} >= %(since)s and {relation.moment} < %(until)s
    and {relation.which}"""


HASHED_SQL: Final = " union all ".join(_hashed(name, relation) for name, relation in RELATIONS.items())
WRITE_ROWS_SQL: Final = f"""
  insert into seal_row (unit_id, sequence, relation, document_id, row_key, sha256)
  select %(unit_id)s, %(sequence)s, * from ({HASHED_SQL}) hashed"""
ROWS_HASH: Final = """sha256(coalesce(string_agg(sha256, ''::bytea order by relation collate "C", document_id, row_key), ''))"""
DIGEST_SQL: Final = f"""
  select count(*), {ROWS_HASH}
  from seal_row where unit_id = %(unit_id)s and sequence = %(sequence)s"""
LINK_COLUMNS: Final = """unit_id, sequence, first_day, last_day, action, row_count, rows_hash, previous_hash, sealed_at, author,
    reason"""
AUDIT_COLUMNS: Final = "audit_count, audit_hash, audit_running, audit_until"
LINK_TEXT: Final = f"""sha256(convert_to(
    case when audit_hash is null then row({LINK_COLUMNS})::text else row({LINK_COLUMNS}, {AUDIT_COLUMNS})::text end, 'UTF8'))"""
COVER_SQL: Final = "select * from cover_audit(%(unit_id)s, %(sequence)s::int)"
WRITE_LINK_SQL: Final = f"""
  insert into seal ({LINK_COLUMNS}, {AUDIT_COLUMNS}, hash)
  select *, {LINK_TEXT}
  from (values (%(unit_id)s::bigint, %(sequence)s::int, %(first_day)s::date, %(last_day)s::date, %(action)s::text,
                %(row_count)s::bigint, %(rows_hash)s::bytea, %(previous_hash)s::bytea, clock_timestamp(), %(author)s::text,
                %(reason)s::text, %(audit_count)s::bigint, %(audit_hash)s::bytea, %(audit_running)s::bigint[],
                %(audit_until)s::timestamptz))
       link({LINK_COLUMNS}, {AUDIT_COLUMNS})
  returning hash"""
LAST_LINK_SQL: Final = "select sequence, hash from seal where unit_id = %s order by sequence desc limit 1"
LAST_CLOSE_SQL: Final = """
  select sequence, row_count, rows_hash from seal where unit_id = %s and last_day = %s and action = 'close'
  order by sequence desc limit 1"""
COMPARE_SQL: Final = f"""
  select relation, document_id, row_key,
         case when sealed.sha256 is null then 'added' when now.sha256 is null then 'missing' else 'altered' end
  from (select * from seal_row where unit_id = %(unit_id)s and sequence = %(sequence)s) sealed
  full join ({HASHED_SQL}) now using (relation, document_id, row_key)
  where sealed.sha256 is distinct from now.sha256
  order by 2, 1, 3"""
SESSION: Final = """
  set local timezone = 'UTC'; set local datestyle = 'ISO, YMD'; set local bytea_output = 'hex'; set local work_mem = '64MB'"""


class Period(NamedTuple):
    unit_id: int
    unit: str
    first_day: date
    last_day: date
    state: str
    is_first: bool

    def moments(self) -> dict[str, int]:
        since = FIRST_MOMENT if self.is_first else start_of(self.first_day)
        return {"unit_id": self.unit_id, "since": since, "until": end_of(self.last_day)}


class Difference(NamedTuple):
    """A row that is not as it was sealed. `what`: altered, missing, added."""

    relation: str
    document_id: int
    row_key: str
    what: str


def write_link(conn: psycopg.Connection[Any], period: Period, action: str, author: str, reason: str) -> bytes:
    """Append a link to the unit's chain; its hash. A close writes the hashes of the rows, a seal repeats those of the close.
    The caller holds the unit's exclusive lock."""
    conn.execute(SESSION)
    last = conn.execute(LAST_LINK_SQL, [period.unit_id]).fetchone() or (0, FIRST_HASH)
    names = {**period.moments(), "sequence": last[0] + 1}
    row_count, rows_hash = 0, b""
    if action == "close":
        conn.execute(WRITE_ROWS_SQL, names)
        row_count, rows_hash = conn.execute(DIGEST_SQL, names).fetchone() or (0, b"")
    elif action == "seal":
        closed = conn.execute(LAST_CLOSE_SQL, [period.unit_id, period.last_day]).fetchone()
        assert closed is not None
        _sequence, row_count, rows_hash = closed
    covered = conn.execute(COVER_SQL, names).fetchone()
    assert covered is not None
    link = {
        **names, **dict(zip(AUDIT_COLUMNS.split(", "), covered, strict=True)),
        "first_day": period.first_day, "last_day": period.last_day, "action": action, "row_count": row_count,
        "rows_hash": rows_hash, "previous_hash": last[1], "author": author, "reason": reason,
    }  # fmt: skip
    written = conn.execute(WRITE_LINK_SQL, link).fetchone()
    assert written is not None
    return bytes(written[0])


def differences(conn: psycopg.Connection[Any], period: Period) -> list[Difference]:
    """Rows of a closed period that are not as its newest closing found them."""
    conn.execute(SESSION)
    close = conn.execute(LAST_CLOSE_SQL, [period.unit_id, period.last_day]).fetchone()
    if close is None:
        return []
    return [Difference._make(row) for row in conn.execute(COMPARE_SQL, {**period.moments(), "sequence": close[0]})]
