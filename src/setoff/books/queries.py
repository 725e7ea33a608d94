"""Reads of the books: up to when they are closed, and the list of periods."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import psycopg

from setoff.core.moment import end_of

CLOSED_SQL = "select unit_id, max(last_day) from period where unit_id = any(%s) and state <> 'open' group by unit_id"
PERIODS_SQL = """
  select unit.code, period.first_day, period.last_day, period.state, link.sealed_at, link.author, link.row_count, link.hash
  from period join unit on unit.id = period.unit_id
  left join lateral (select * from seal where seal.unit_id = period.unit_id and seal.last_day = period.last_day
                     order by sequence desc limit 1) link on true
  where %(unit)s::text is null or unit.code = %(unit)s
  order by unit.code, period.last_day"""
BORDERS_SQL = """
  select max(last_day) filter (where state <> 'open'), max(last_day),
         (select min(moment_date(moment)) from version where version.unit_id = %(unit)s)
  from period where unit_id = %(unit)s"""

UNCONFIRMED_SQL = """
  select number from branch_notice
  where date <= %(last_day)s
    and (status = 'sent' and %(unit)s in (sender_unit_id, receiver_unit_id) or status = 'rejected' and sender_unit_id = %(unit)s)
  order by date, id"""
OPEN_FROM_SQL = """
  select coalesce((select max(last_day) + 1 from period where unit_id = %(unit)s and state <> 'open'),
                  (select moment_date(min(moment)) from document where unit_id = %(unit)s))"""


UNITS_SQL = """
  select unit.id, unit.code, unit.name, unit.kind, organization.code, organization.chart, organization.book_currency,
         unit.vat_on_advances, unit.vat_on_set_off
  from unit join organization on organization.id = unit.organization_id
  where unit.id = any(%s) order by organization.code, unit.kind <> 'head_office', unit.code"""
BESIDE_SQL = """
  select code from sibling_units()
  where not id = any(%(units)s) and organization_id in (select organization_id from unit where id = any(%(units)s)) order by code"""


class UnitPolicy(NamedTuple):
    """How a unit keeps its books: the chart and currency of its organization, and its own settings."""

    id: int
    code: str
    name: str
    kind: str
    organization: str
    chart: str
    book_currency: str
    vat_on_advances: str
    vat_on_set_off: str

    @property
    def settings(self) -> tuple[str, str]:
        return self.vat_on_advances, self.vat_on_set_off


class PeriodRow(NamedTuple):
    """A period with the newest link of its chain of seals; the link's fields are None before the first closing."""

    unit: str
    first_day: date
    last_day: date
    state: str
    sealed_at: datetime | None
    author: str | None
    row_count: int | None
    hash: bytes | None


class Borders(NamedTuple):
    """Last day that is closed, last day of any period, first day of any document of a unit."""

    closed: date | None
    known: date | None
    first_document: date | None


def closed_until(conn: psycopg.Connection[Any], unit_ids: Iterable[int]) -> dict[int, int]:
    """The first moment that is open, of each unit that has closed anything: everything before it is closed."""
    return {unit_id: end_of(last_day) for unit_id, last_day in conn.execute(CLOSED_SQL, [list(unit_ids)])}


def unconfirmed_notices(conn: psycopg.Connection[Any], unit_id: int, last_day: date) -> list[str]:
    """Numbers of the notices of a unit, dated up to a day, that were sent and not confirmed, or came back rejected."""
    return [row[0] for row in conn.execute(UNCONFIRMED_SQL, {"unit": unit_id, "last_day": last_day}).fetchall()]


def closed_year(conn: psycopg.Connection[Any], unit_id: int) -> int:
    """The last year that is closed to its last day; 0 when there is none."""
    closed = borders(conn, unit_id).closed
    return 0 if closed is None else (closed + timedelta(days=1)).year - 1


def borders(conn: psycopg.Connection[Any], unit_id: int) -> Borders:
    row = conn.execute(BORDERS_SQL, {"unit": unit_id}).fetchone()
    return Borders(*row) if row else Borders(None, None, None)


def open_from(conn: psycopg.Connection[Any], unit_id: int) -> date | None:
    """The first day that is not closed: after what is, or that of the first document; None when there is neither."""
    row = conn.execute(OPEN_FROM_SQL, {"unit": unit_id}).fetchone()
    return row[0] if row else None


def periods(conn: psycopg.Connection[Any], unit: str | None = None) -> list[PeriodRow]:
    """Periods of a unit (by code) or of all, in order."""
    return [PeriodRow._make(row) for row in conn.execute(PERIODS_SQL, {"unit": unit})]


def unit_policies(conn: psycopg.Connection[Any], unit_ids: Iterable[int]) -> list[UnitPolicy]:
    """These units: head offices before branches."""
    return [UnitPolicy._make(row) for row in conn.execute(UNITS_SQL, [list(unit_ids)])]


def units_beside(conn: psycopg.Connection[Any], unit_ids: Iterable[int]) -> list[str]:
    """Codes of the other units of these units' organizations, also of those that one may not read."""
    return [row[0] for row in conn.execute(BESIDE_SQL, {"units": list(unit_ids)})]
