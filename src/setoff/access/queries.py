"""Reads of people: the rights of one."""

from __future__ import annotations

from typing import Any, Final

import psycopg

from setoff.access.rights import OF_THE_INSTALLATION, RIGHTS, Right, Rights
from setoff.core.errors import DomainError, ErrorCode

USER_SQL: Final = """
  select id, username, name, language, is_administrator from access_user where id = %(user_id)s and is_active"""
UNITS_SQL: Final = """
  select unit.id, unit.code, access_grant.role
  from unit left join access_grant on access_grant.unit_id = unit.id and access_grant.user_id = %(user_id)s
  where access_grant.role is not null or %(is_administrator)s
  order by unit.code"""


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
