"""The verbs on periods: close, seal, reopen. One transaction each, with a link in the chain of seals and an audit record.

Periods of a unit follow one another from its first document on and are made when they are closed; they end with a month. They
close in order and reopen in reverse order. A closed period may be reopened with a reason; a sealed one is final, unless the
reason is given to `reopen_sealed_period`.

Locks: the unit's lock, exclusive; every posting holds it shared, so a closing sees all of them or keeps them out.
An unconfirmed notice between units, dated in the period, keeps it open (spec 2.13).
Errors: unknown_reference, period_not_contiguous, period_state, period_altered, notices_unconfirmed, invalid_value, field_missing.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, NoReturn

import psycopg

from setoff.books.audit import Actor, record_audit
from setoff.books.months import month_after
from setoff.books.queries import borders, unconfirmed_notices
from setoff.books.seals import Period, differences, write_link
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.moment import LAST_DAY

PERIOD_SQL = """
  select period.unit_id, unit.code, period.first_day, period.last_day, period.state,
         period.last_day = (select min(other.last_day) from period other where other.unit_id = period.unit_id)
  from period join unit on unit.id = period.unit_id where period.unit_id = %s and period.last_day = %s"""
NEIGHBOURS_SQL = """
  select max(last_day) filter (where last_day < %(last_day)s and state = 'open'), max(last_day) filter (where state <> 'open')
  from period where unit_id = %(unit_id)s"""


def close_period(conn: psycopg.Connection[Any], unit: str, last_day: date, actor: Actor, reason: str = "") -> Period:
    """The period that ends with `last_day` is closed and its rows are hashed. It begins after the one before it; the first
    begins with the month of the unit's first document. Nothing dated in it, or before it, changes any more."""
    if last_day > LAST_DAY:
        raise DomainError(ErrorCode.INVALID_DATE, field="last_day", value=str(last_day))
    if (last_day + timedelta(days=1)).day != 1:
        raise DomainError(ErrorCode.INVALID_VALUE, field="last_day", value=last_day, expected=month_after(last_day) - timedelta(days=1))
    with conn.transaction():
        unit_id = lock_unit(conn, unit)
        period = known_period(conn, unit_id, last_day)
        if period is None:
            period = add_period(conn, unit_id, last_day)
        if period.state != "open":
            refuse_state(period)
        earlier, _closed = neighbours(conn, period)
        if earlier is not None:
            refuse_order(unit, last_day, earlier)
        waiting = unconfirmed_notices(conn, unit_id, last_day)
        if waiting:
            raise DomainError(ErrorCode.NOTICES_UNCONFIRMED, unit=unit, period=last_day, notices=", ".join(waiting))
        return change_state(conn, period, "closed", actor, reason)


def seal_period(conn: psycopg.Connection[Any], unit: str, last_day: date, actor: Actor, reason: str = "") -> Period:
    """The closed period becomes final. One with rows that are not as they were closed is refused: period_altered."""
    with conn.transaction():
        unit_id = lock_unit(conn, unit)
        period = known_period(conn, unit_id, last_day)
        if period is None:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="period", value=str(last_day), field="last_day")
        if period.state != "closed":
            refuse_state(period)
        found = differences(conn, period)
        if found:
            raise DomainError(ErrorCode.PERIOD_ALTERED, unit=unit, period=last_day, count=len(found))
        return change_state(conn, period, "sealed", actor, reason)


def reopen_period(conn: psycopg.Connection[Any], unit: str, last_day: date, actor: Actor, reason: str) -> Period:
    """The closed period takes changes again, until it is closed anew. A sealed one is refused."""
    return reopen(conn, unit, last_day, actor, reason, ("closed",))


def reopen_sealed_period(conn: psycopg.Connection[Any], unit: str, last_day: date, actor: Actor, reason: str) -> Period:
    """The same for a period that is closed or sealed: overrides what was meant to be final, and says so in the audit."""
    return reopen(conn, unit, last_day, actor, reason, ("closed", "sealed"))


def reopen(
    conn: psycopg.Connection[Any], unit: str, last_day: date, actor: Actor, reason: str, allowed: tuple[str, ...]
) -> Period:
    if not reason.strip():
        raise DomainError(ErrorCode.FIELD_MISSING, field="reason")
    with conn.transaction():
        unit_id = lock_unit(conn, unit)
        period = known_period(conn, unit_id, last_day)
        if period is None:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="period", value=str(last_day), field="last_day")
        if period.state not in allowed:
            refuse_state(period)
        _earlier, closed = neighbours(conn, period)
        if closed is not None and closed > last_day:
            refuse_order(unit, last_day, closed)
        return change_state(conn, period, "open", actor, reason)


def change_state(conn: psycopg.Connection[Any], period: Period, state: str, actor: Actor, reason: str) -> Period:
    action = {"closed": "close", "sealed": "seal", "open": "reopen"}[state]
    link = write_link(conn, period, action, actor.author, reason)
    conn.execute("update period set state = %s where unit_id = %s and last_day = %s", [state, period.unit_id, period.last_day])
    record_audit(
        conn, actor, f"{action}_period", unit_id=period.unit_id, last_day=str(period.last_day), was=period.state, reason=reason,
        seal=link.hex(),
    )  # fmt: skip
    return period._replace(state=state)


def lock_unit(conn: psycopg.Connection[Any], unit: str) -> int:
    """The id of a unit, its lock taken for this transaction alone."""
    row = conn.execute("select id from unit where code = %s", [unit]).fetchone()
    if row is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="unit", value=unit, field="unit")
    conn.execute("select pg_advisory_xact_lock(%s)", [row[0]])
    return int(row[0])


def known_period(conn: psycopg.Connection[Any], unit_id: int, last_day: date) -> Period | None:
    row = conn.execute(PERIOD_SQL, [unit_id, last_day]).fetchone()
    return Period._make(row) if row else None


def add_period(conn: psycopg.Connection[Any], unit_id: int, last_day: date) -> Period:
    found = borders(conn, unit_id)
    if found.known is not None:
        first_day = found.known + timedelta(days=1)
    else:
        first_day = min(found.first_document or last_day, last_day).replace(day=1)
    if first_day > last_day:
        raise DomainError(ErrorCode.PERIOD_NOT_CONTIGUOUS, period=last_day, other=found.known)
    conn.execute("insert into period values (%s, %s, %s, 'open')", [unit_id, first_day, last_day])
    period = known_period(conn, unit_id, last_day)
    assert period is not None
    return period


def neighbours(conn: psycopg.Connection[Any], period: Period) -> tuple[date | None, date | None]:
    """Last day of the newest earlier period that is open, and of the newest of all that is not."""
    row = conn.execute(NEIGHBOURS_SQL, {"unit_id": period.unit_id, "last_day": period.last_day}).fetchone()
    return row if row else (None, None)


def refuse_state(period: Period) -> NoReturn:
    raise DomainError(ErrorCode.PERIOD_STATE, unit=period.unit, period=period.last_day, state=period.state)


def refuse_order(unit: str, last_day: date, other: date) -> NoReturn:
    raise DomainError(ErrorCode.PERIOD_NOT_CONTIGUOUS, unit=unit, period=last_day, other=other)
