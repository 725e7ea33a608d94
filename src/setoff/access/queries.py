"""Reads of people and rules: the rights of one, users, requests that wait, the audit trail."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple

import psycopg

from setoff.access.policies import RELEASE_ORDER
from setoff.access.rights import ALL, OF_THE_INSTALLATION, RIGHTS, Right, Rights
from setoff.core.errors import DomainError, ErrorCode
from setoff.language.zones import zone

USER_SQL: Final = """
  select id, username, name, language, is_administrator from access_user where id = %(user_id)s and is_active"""
UNITS_SQL: Final = """
  select unit.id, unit.code, access_grant.role
  from unit left join access_grant on access_grant.unit_id = unit.id and access_grant.user_id = %(user_id)s
  where access_grant.role is not null or %(is_administrator)s
  order by unit.code"""
OWNER_SQL: Final = "select id, code from unit order by code"
USERS_SQL: Final = """
  select access_user.id, username, name, email, language, time_zone, is_active, is_administrator, last_login,
         coalesce((select array_agg(unit.code || ' ' || role order by unit.code) from access_grant
                   join unit on unit.id = access_grant.unit_id where user_id = access_user.id), '{}')
  from access_user order by username"""
APPROVALS_SQL: Final = """
  select approval.id, unit.code, operation, verb, approval.document_id, document.kind, document.number, document.date, amount_minor,
         approval.currency, reason, requested_by, requested_at, approval.state, decided_by, decided_at, decision_reason,
         document.version_id is distinct from approval.version_id, approval.content, counterparty.name
  from approval join unit on unit.id = approval.unit_id
  left join document on document.unit_id = approval.unit_id and document.id = approval.document_id
  left join counterparty on counterparty.id = document.counterparty_id
  where (%(state)s::text is null or approval.state = %(state)s) and (%(id)s::int8 is null or approval.id = %(id)s)
    and (%(document_id)s::int8 is null or approval.document_id = %(document_id)s)
  order by approval.id desc limit %(limit)s"""
WAITING_SQL: Final = """
  select count(*) from approval where unit_id = any(%(units)s) and state = 'pending' and lower(requested_by) <> lower(%(login)s)"""
AUDIT_SQL: Final = """
  select audit.id, audit.recorded_at, audit.author, audit.origin, audit.verb, unit.code, audit.document_id, document.kind, document.number,
         audit.details
  from audit left join unit on unit.id = audit.unit_id
  left join document on document.unit_id = audit.unit_id and document.id = audit.document_id
  where (%(before)s::int8 is null or audit.id < %(before)s)
    and (%(unit)s::text is null or unit.code = %(unit)s) and (%(author)s::text is null or audit.author = %(author)s)
    and (%(verb)s::text is null or audit.verb = %(verb)s) and (%(origin)s::text is null or audit.origin = %(origin)s)
    and (%(document_id)s::int8 is null or audit.document_id = %(document_id)s)
    and (%(first)s::timestamptz is null or audit.recorded_at >= %(first)s)
    and (%(end)s::timestamptz is null or audit.recorded_at < %(end)s)
  order by audit.id desc limit %(limit)s"""


class UserRow(NamedTuple):
    """`roles`: "UNIT role", a line each."""

    id: int
    login: str
    name: str
    email: str
    language: str
    time_zone: str
    is_active: bool
    is_administrator: bool
    last_login: datetime | None
    roles: list[str]


class ApprovalRow(NamedTuple):
    """A request. Document fields are None when it is about a period. `is_stale`: the document was changed since."""

    id: int
    unit: str
    operation: str
    verb: str
    document_id: int | None
    kind: str | None
    number: str | None
    date: date | None
    amount_minor: int | None
    currency: str
    reason: str
    requested_by: str
    requested_at: datetime
    state: str
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str
    is_stale: bool
    content: str
    counterparty: str | None

    @property
    def status(self) -> str:
        """The status that an order is to have; "" for what is no release of one."""
        return str(json.loads(self.content).get("status", "")) if self.operation == RELEASE_ORDER else ""


class AuditRow(NamedTuple):
    id: int
    recorded_at: datetime
    author: str
    origin: str
    verb: str
    unit: str | None
    document_id: int | None
    kind: str | None
    number: str | None
    details: dict[str, Any]


class AuditFilter(NamedTuple):
    """None = all. `since`, `until`: days of the reader's time zone, both included."""

    unit: str | None = None
    author: str | None = None
    verb: str | None = None
    origin: str | None = None
    document_id: int | None = None
    since: date | None = None
    until: date | None = None


def rights_of(conn: psycopg.Connection[Any], user_id: int) -> Rights:
    """What an active user may do now; `conn` is the owner's. Errors: not_permitted when there is none or he is not active."""
    user = conn.execute(USER_SQL, {"user_id": user_id}).fetchone()
    if user is None:
        raise DomainError(ErrorCode.NOT_PERMITTED, right="read", unit="*")
    found, login, name, language, is_administrator = user
    units: dict[int, frozenset[Right]] = {}
    codes: dict[str, int] = {}
    for unit_id, code, role in conn.execute(UNITS_SQL, {"user_id": found, "is_administrator": is_administrator}):
        units[unit_id] = (RIGHTS[role] if role else frozenset()) | (OF_THE_INSTALLATION if is_administrator else frozenset())
        codes[code] = unit_id
    return Rights(found, login, name, language, units, codes, is_administrator)


def rights_of_owner(conn: psycopg.Connection[Any], login: str) -> Rights:
    """Of whoever works on the machine itself: the rights of the user of that login, or, when there is none, all of them."""
    row = conn.execute("select id from access_user where lower(username) = lower(%s) and is_active", [login]).fetchone()
    if row is not None:
        return rights_of(conn, row[0])
    codes = {code: unit_id for unit_id, code in conn.execute(OWNER_SQL)}
    return Rights(0, login, "", "en", dict.fromkeys(codes.values(), frozenset(ALL)), codes, is_administrator=True)


def users(conn: psycopg.Connection[Any]) -> Sequence[UserRow]:
    return [UserRow._make(row) for row in conn.execute(USERS_SQL)]


def approvals(
    conn: psycopg.Connection[Any], state: str | None = "pending", *, approval_id: int | None = None, document_id: int | None = None,
    limit: int = 500,
) -> Sequence[ApprovalRow]:  # fmt: skip
    """Requests, newest first."""
    asked = {"state": state, "id": approval_id, "document_id": document_id, "limit": limit}
    return [ApprovalRow._make(row) for row in conn.execute(APPROVALS_SQL, asked)]


def approvals_waiting(conn: psycopg.Connection[Any], rights: Rights) -> int:
    """How many requests of others wait for somebody like this person."""
    units = rights.units_with("approve")
    if not units:
        return 0
    row = conn.execute(WAITING_SQL, {"units": list(units), "login": rights.login}).fetchone()
    return int(row[0]) if row else 0


def audit_trail(conn: psycopg.Connection[Any], chosen: AuditFilter, *, before: int | None = None, limit: int = 100) -> Sequence[AuditRow]:
    """Records of the audit trail, newest first; the next page begins `before` the last id of this one."""
    first, end = (_midnight(day) if day else None for day in (chosen.since, chosen.until and chosen.until + timedelta(days=1)))
    asked = {**chosen._asdict(), "first": first, "end": end, "before": before, "limit": limit}
    return [AuditRow._make(row) for row in conn.execute(AUDIT_SQL, asked)]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, zone())
