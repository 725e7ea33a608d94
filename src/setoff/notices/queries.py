"""Reads of notices: one, a list, what waits for somebody, what is open between two units, which units there are to write to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.core.errors import DomainError, ErrorCode
from setoff.notices.records import Kept, notice_of
from setoff.trade.documents import BranchNotice
from setoff.trade.notice import sides_of
from setoff.trade.notice_mirror import Open, Side, change_of
from setoff.trade.notice_paper import Status
from setoff.trade.queries import decode_document, load_directory
from setoff.trade.registry import references
from setoff.trade.supply import setting_of

KEPT_SQL: Final = """
  select n.id, n.code, n.sender_unit_id, s.code, n.receiver_unit_id, r.code, n.number, n.date, n.operation, n.nature, n.amount, n.currency,
         n.claims, n.obligations, n.content, n.status, n.author, n.sent_by, n.sent_at, n.decided_by, n.decided_at, n.reason, n.undo_unit_id,
         n.undo_by, n.undo_reason, n.undone_by, n.sender_document_id, n.receiver_document_id
  from branch_notice n join sibling_units() s on s.id = n.sender_unit_id join sibling_units() r on r.id = n.receiver_unit_id"""
LIST_SQL: Final = KEPT_SQL + """
  where (n.sender_unit_id = any(%(units)s) or n.receiver_unit_id = any(%(units)s) and n.status <> 'draft')
    and (%(status)s = '' or n.status = %(status)s)
    and (%(unit)s = '' or %(unit)s in (s.code, r.code))
    and n.date between coalesce(%(first)s::date, '-infinity') and coalesce(%(last)s::date, 'infinity')
  order by n.date desc, n.id desc limit %(limit)s"""
REVERSAL_SQL: Final = KEPT_SQL + " where n.content ->> 'reverses' = %s and n.content ? 'reverses' and n.status <> 'undone'"
WAITING: Final = """
  (n.status = 'sent' and n.receiver_unit_id = any(%(units)s) and lower(%(login)s) not in (lower(n.sent_by), lower(n.author))
   or n.status = 'rejected' and n.sender_unit_id = any(%(units)s)
   or n.status = 'confirmed' and n.undo_unit_id is not null and lower(n.undo_by) <> lower(%(login)s)
      and case when n.undo_unit_id = n.sender_unit_id then n.receiver_unit_id else n.sender_unit_id end = any(%(units)s))"""
WAITING_SQL: Final = KEPT_SQL + f" where {WAITING} order by n.date, n.id"
COUNT_SQL: Final = f"""
  select count(*) from branch_notice n
  where (n.status in ('sent', 'rejected') or n.status = 'confirmed' and n.undo_unit_id is not null) and {WAITING}"""
"""What may wait comes first: there is an index of it."""
OPEN_SQL: Final = """
  select coalesce(sum(case when sender_unit_id = %(unit)s then claims else obligations end), 0)::bigint,
         coalesce(sum(case when sender_unit_id = %(unit)s then obligations else claims end), 0)::bigint
  from branch_notice
  where status = 'confirmed' and date <= %(day)s and code <> %(except)s
    and (sender_unit_id, receiver_unit_id) in ((%(unit)s, %(other)s), (%(other)s, %(unit)s))"""
IMPORTED_SQL: Final = """
  select v.content from document d join version v on v.unit_id = d.unit_id and v.id = d.posted_version_id
  where d.unit_id = %(unit)s and d.kind = 'branch_notice' and d.date <= %(day)s
    and not exists (select from branch_notice n where n.sender_unit_id = d.unit_id and n.sender_document_id = d.id
                                                   or n.receiver_unit_id = d.unit_id and n.receiver_document_id = d.id)"""
UNITS_SQL: Final = "select id, code, name, kind, organization_id, chart, currency from sibling_units()"


class UnitPlace(NamedTuple):
    """A unit that one may write a notice to, or from."""

    id: int
    code: str
    name: str
    kind: str
    organization_id: int
    chart: str
    currency: str


def units_of(conn: Connection[Any]) -> dict[str, UnitPlace]:
    """The units of the organizations one works in, by code."""
    return {row[1]: UnitPlace._make(row) for row in conn.execute(UNITS_SQL).fetchall()}


def find_notice(conn: Connection[Any], code: str, *, lock: bool = False) -> Kept | None:
    row = conn.execute(KEPT_SQL + " where n.code = %s" + (" for update of n" if lock else ""), [code]).fetchone()
    return _kept(row) if row else None


def known_notice(conn: Connection[Any], code: str, *, lock: bool = False) -> Kept:
    """Errors: unknown_reference."""
    found = find_notice(conn, code, lock=lock)
    if found is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="notice", value=code, field="notice")
    return found


def find_reversal(conn: Connection[Any], code: str) -> Kept | None:
    """What takes a notice back, as far as one may see it; one that was undone does not."""
    row = conn.execute(REVERSAL_SQL, [code]).fetchone()
    return _kept(row) if row else None


def notices(
    conn: Connection[Any], units: Sequence[int], *, status: Status | str = "", unit: str = "",
    days: tuple[date | None, date | None] = (None, None), limit: int = 200,
) -> list[Kept]:  # fmt: skip
    """Newest first; drafts of others are left out."""
    asked = {"units": list(units), "status": status, "unit": unit, "first": days[0], "last": days[1], "limit": limit}
    return [_kept(row) for row in conn.execute(LIST_SQL, asked).fetchall()]


def waiting_for(conn: Connection[Any], units: Sequence[int], login: str) -> list[Kept]:
    """What somebody who posts in these units has to look at, oldest first: sent to him, rejected, asked to be undone."""
    return [_kept(row) for row in conn.execute(WAITING_SQL, {"units": list(units), "login": login}).fetchall()]


def waiting_count(conn: Connection[Any], units: Sequence[int], login: str) -> int:
    """How many of them there are; the menu shows it on every page."""
    row = conn.execute(COUNT_SQL, {"units": list(units), "login": login}).fetchone() if units else None
    return int(row[0]) if row else 0


def open_between(conn: Connection[Any], unit: UnitPlace, other: UnitPlace, day: date, *, without: str = "") -> Open:
    """What is open of `unit` with `other` at the end of a day, by confirmed notices (but one) and by documents of notices that were
    imported."""
    asked = {"unit": unit.id, "other": other.id, "day": day, "except": without}
    row = conn.execute(OPEN_SQL, asked).fetchone()
    assert row is not None
    claims, obligations = row
    for (content,) in conn.execute(IMPORTED_SQL, asked).fetchall():
        document = decode_document(content)
        if isinstance(document, BranchNotice) and document.other == other.code:
            setting = setting_of(document, load_directory(conn, references(document)))
            change = change_of(Side(unit.code, sides_of(document, setting), unit.currency), document.nature)
            claims, obligations = claims + change.claims, obligations + change.obligations
    return Open(claims, obligations)


def _kept(row: Any) -> Kept:
    return Kept._make([*row[:14], notice_of(row[14]), *row[15:]])
