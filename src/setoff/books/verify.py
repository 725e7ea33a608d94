"""`setoff verify`: is what was closed still what it was? Names every row that changed and every link that does not hold.

1. The chain of each unit: every link has the hash of its own columns, the hash of the link before, the next number; the rows of
   a closing sum to its hash; the audit trail knows no link that is gone; the state of each period is that of its newest link.
2. The audit records that each link covers: altered, missing, and added (said to be older than a link that did not see them).
3. The rows of every closed period, compared with the newest closing: altered, missing, added.

Reads only. Speed: a scan of the ledger tables for each closed period.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final, NamedTuple

import psycopg
from psycopg.pq import TransactionStatus

from setoff.books.seals import FIRST_HASH, LINK_TEXT, ROWS_HASH, SESSION, Period, differences

PERIODS_SQL: Final = """
  select period.unit_id, unit.code, period.first_day, period.last_day, period.state,
         period.last_day = min(period.last_day) over (partition by period.unit_id)
  from period join unit on unit.id = period.unit_id
  where %(unit)s::text is null or unit.code = %(unit)s order by unit.code, period.last_day"""
LINKS_SQL: Final = f"""
  with rows as (
    select unit_id, sequence, count(*) as found, {ROWS_HASH} as hash from seal_row group by unit_id, sequence)
  select unit.code, seal.last_day, seal.sequence, seal.action,
         seal.hash = seal.own_hash as is_itself,
         seal.previous_hash = lag(seal.hash, 1, %(first)s) over chain
           and seal.sequence = lag(seal.sequence, 1, 0) over chain + 1 as follows,
         seal.action <> 'close' or (seal.row_count, seal.rows_hash)
           = (coalesce(rows.found, 0), coalesce(rows.hash, sha256(''::bytea))) as has_its_rows
  from (select *, {LINK_TEXT} as own_hash from seal) seal join unit on unit.id = seal.unit_id
  left join rows on rows.unit_id = seal.unit_id and rows.sequence = seal.sequence
  where %(unit)s::text is null or unit.code = %(unit)s
  window chain as (partition by seal.unit_id order by seal.sequence)
  order by unit.code, seal.sequence"""
STATES_SQL: Final = """
  select unit.code, period.last_day, period.state, link.action
  from period join unit on unit.id = period.unit_id
  left join lateral (select action from seal where seal.unit_id = period.unit_id and seal.last_day = period.last_day
                     order by sequence desc limit 1) link on true
  where (%(unit)s::text is null or unit.code = %(unit)s)
    and period.state <> case link.action when 'close' then 'closed' when 'seal' then 'sealed' else 'open' end
  order by 1, 2"""
GONE_SQL: Final = """
  select unit.code, (audit.details ->> 'last_day')::date, audit.details ->> 'seal'
  from audit join unit on unit.id = audit.unit_id
  where audit.verb in ('close_period', 'seal_period', 'reopen_period') and (%(unit)s::text is null or unit.code = %(unit)s)
    and not exists (select from seal where seal.unit_id = audit.unit_id and seal.hash = decode(audit.details ->> 'seal', 'hex'))
  order by audit.id"""
AUDIT_SQL: Final = """
  select unit.code, found.last_day, found.what, found.audit_id, found.verb, found.day, found.sequence
  from unit cross join lateral audit_findings(unit.id) found
  where %(unit)s::text is null or unit.code = %(unit)s
  order by unit.code, found.audit_id nulls first"""
DOCUMENTS_SQL: Final = "select id, kind, number, date from document where id = any(%s)"


class Finding(NamedTuple):
    """What does not hold. `what`: altered, missing, added (a row); link_altered, link_broken, rows_altered (a link of the
    chain), link_missing (one that the audit trail knows), state_differs (a period); audit_altered, audit_missing, audit_added (an audit
    record, `kind` its verb), audit_link (the covered hashes of a link)."""

    unit: str
    period: date
    what: str
    relation: str
    kind: str
    number: str
    date: date | None
    row: str


def verify(conn: psycopg.Connection[Any], unit: str | None = None) -> list[Finding]:
    """Everything that is not as it was closed, of one unit (by code) or of all; empty when all holds. On a connection that is
    not in a transaction all of it is read from one snapshot."""
    is_alone = conn.info.transaction_status == TransactionStatus.IDLE
    with conn.transaction():
        if is_alone:
            conn.execute("set transaction isolation level repeatable read")
        conn.execute(SESSION)
        found = [*chain_findings(conn, unit), *audit_findings(conn, unit)]
        for row in conn.execute(PERIODS_SQL, {"unit": unit}).fetchall():
            period = Period._make(row)
            if period.state != "open":
                found.extend(row_findings(conn, period))
    return found


def chain_findings(conn: psycopg.Connection[Any], unit: str | None) -> Iterator[Finding]:
    links = conn.execute(LINKS_SQL, {"unit": unit, "first": FIRST_HASH})
    for code, last_day, sequence, action, is_itself, follows, has_its_rows in links.fetchall():
        for holds, what in ((is_itself, "link_altered"), (follows, "link_broken"), (has_its_rows, "rows_altered")):
            if not holds:
                yield Finding(code, last_day, what, "seal", "", "", None, f"{sequence} {action}")
    for code, last_day, link in conn.execute(GONE_SQL, {"unit": unit}).fetchall():
        yield Finding(code, last_day, "link_missing", "seal", "", "", None, link)
    for code, last_day, state, action in conn.execute(STATES_SQL, {"unit": unit}).fetchall():
        yield Finding(code, last_day, "state_differs", "period", "", "", None, f"{state} / {action or ''}")


def audit_findings(conn: psycopg.Connection[Any], unit: str | None) -> Iterator[Finding]:
    for code, last_day, what, audit_id, verb, day, sequence in conn.execute(AUDIT_SQL, {"unit": unit}).fetchall():
        if audit_id is None:
            yield Finding(code, last_day, "audit_link", "audit", "", "", None, str(sequence))
        else:
            yield Finding(code, last_day, f"audit_{what}", "audit", verb or "", "", day, str(audit_id))


def row_findings(conn: psycopg.Connection[Any], period: Period) -> Iterator[Finding]:
    found = differences(conn, period)
    names = {row[0]: row[1:] for row in conn.execute(DOCUMENTS_SQL, [[item.document_id for item in found]])}
    for item in found:
        kind, number, day = names.get(item.document_id, ("", f"id {item.document_id}", None))
        yield Finding(period.unit, period.last_day, item.what, item.relation, kind, number, day, item.row_key)
