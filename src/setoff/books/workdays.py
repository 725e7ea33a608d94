"""The calendars of organizations: their country and its rule for days off, and the exceptions that people add (core/workdays.py).

Without a calendar of its own an organization keeps that of the country of its chart; the international chart has none: Monday to Friday.
Errors: unknown_reference (organization), invalid_value (country, rule), invalid_date.
"""

from __future__ import annotations

import datetime
from datetime import date
from typing import Any, Final, NamedTuple, get_args

import psycopg

from setoff.books.audit import Actor, record_audit
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.workdays import RULES, Rule, WorkCalendar, countries

OF_CHART: Final = {"ru": "RU", "ru-budget": "RU", "cn": "CN"}
CALENDARS_SQL: Final = """
  select u.id, o.code, o.chart, w.country, w.rule
  from unit u join organization o on o.id = u.organization_id left join work_calendar w on w.organization_id = o.id
  where %(units)s::bigint[] is null or u.id = any(%(units)s)"""
DAYS_SQL: Final = "select country, day, is_working, note from calendar_day where %s in ('', country) order by country, day"
SET_DAY_SQL: Final = """
  insert into calendar_day (country, day, is_working, note) values (%s, %s, %s, %s)
  on conflict (country, day) do update set is_working = excluded.is_working, note = excluded.note
  where (calendar_day.is_working, calendar_day.note) <> (excluded.is_working, excluded.note) returning day"""
SET_SQL: Final = """
  insert into work_calendar (organization_id, country, rule) values (%s, %s, %s)
  on conflict (organization_id) do update set country = excluded.country, rule = excluded.rule
  where (work_calendar.country, work_calendar.rule) <> (excluded.country, excluded.rule) returning organization_id"""


class CalendarDay(NamedTuple):
    """An exception: a day off that is none elsewhere, or a working day that would be a day off."""

    country: str
    day: datetime.date
    is_working: bool
    note: str


def calendar_days(conn: psycopg.Connection[Any], country: str = "") -> list[CalendarDay]:
    """Exceptions of a country, or of all."""
    return [CalendarDay(*row) for row in conn.execute(DAYS_SQL, [country])]


def calendars(conn: psycopg.Connection[Any], units: list[int] | None = None) -> dict[int, WorkCalendar]:
    """The calendar of every unit."""
    exceptions: dict[str, set[tuple[date, bool]]] = {}
    for found in calendar_days(conn):
        exceptions.setdefault(found.country, set()).add((found.day, found.is_working))
    made: dict[int, WorkCalendar] = {}
    for unit_id, _code, chart, country, rule in conn.execute(CALENDARS_SQL, {"units": units}):
        known = OF_CHART.get(chart, "") if country is None else country
        made[unit_id] = WorkCalendar(known, rule or "next", frozenset(exceptions.get(known, ())))
    return made


def set_calendar_day(
    conn: psycopg.Connection[Any], country: str, day: date, actor: Actor, *, is_working: bool | None, note: str = ""
) -> bool:
    """The day is a working day, or a day off, whatever the country is known for; None: as it is known for. False: it was so already."""
    _check_country(country)
    with conn.transaction():
        if is_working is None:
            gone = conn.execute("delete from calendar_day where (country, day) = (%s, %s) returning day", [country, day])
            changed = gone.fetchone() is not None
        else:
            changed = conn.execute(SET_DAY_SQL, [country, day, is_working, note]).fetchone() is not None
        if changed:
            said = "" if is_working is None else "working" if is_working else "off"
            record_audit(conn, actor, "set_calendar_day", country=country, day=day.isoformat(), said=said, note=note)
    return changed


def set_work_calendar(conn: psycopg.Connection[Any], organization: str, country: str, rule: str, actor: Actor) -> bool:
    """The organization keeps this country's days and moves payments by this rule. False: it did already."""
    _check_country(country)
    if rule not in get_args(Rule):
        raise DomainError(ErrorCode.INVALID_VALUE, field="rule", value=rule, expected=", ".join(RULES))
    with conn.transaction():
        row = conn.execute("select id from organization where code = %s", [organization]).fetchone()
        if row is None:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="organization", value=organization, field="organization")
        changed = conn.execute(SET_SQL, [row[0], country, rule]).fetchone() is not None
        if changed:
            record_audit(conn, actor, "set_work_calendar", organization=organization, country=country, rule=rule)
    return changed


def _check_country(country: str) -> None:
    if country and country not in countries():
        raise DomainError(ErrorCode.INVALID_VALUE, field="country", value=country, expected="ISO 3166")
