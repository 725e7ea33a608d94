"""People of the tests: users in a database, and a connection entered as one."""

from __future__ import annotations

from typing import Any

import psycopg

from setoff.access.entry import enter
from setoff.access.queries import rights_of
from setoff.access.rights import ROLES, Rights


def add_roles(conn: psycopg.Connection[Any]) -> None:
    """A user for each role, called as it, who has it in every unit there is."""
    conn.execute(
        """insert into access_user (password, username, email, name, language, is_active, is_administrator, created_at)
           select '', role, '', initcap(role), 'en', true, role = 'administrator', now() from unnest(%s::text[]) role""",
        [list(ROLES)],
    )
    conn.execute(
        "insert into access_grant (user_id, unit_id, role)"
        " select access_user.id, unit.id, username from access_user, unit where username = any(%s) order by 1, 2",
        [list(ROLES)],
    )


def add_user(conn: psycopg.Connection[Any], login: str, *, is_administrator: bool = False, is_active: bool = True, **roles: str) -> int:
    """The id of a new user with a role in each unit that is named: add_user(conn, "anna", MSK="accountant")."""
    row = conn.execute(
        """insert into access_user (password, username, email, name, language, is_active, is_administrator, created_at)
           values ('!', %s, '', '', 'en', %s, %s, now()) returning id""",
        [login, is_active, is_administrator],
    ).fetchone()
    assert row is not None
    for unit, role in roles.items():
        conn.execute(
            "insert into access_grant (user_id, unit_id, role) select %s, id, %s from unit where code = %s", [row[0], role, unit]
        )
    return int(row[0])


def as_role(conn: psycopg.Connection[Any], login: str, *, is_administrator: bool = False, **roles: str) -> Rights:
    """The rights of a new user, and the connection entered with them."""
    rights = rights_of(conn, add_user(conn, login, is_administrator=is_administrator, **roles))
    enter(conn, rights)
    return rights
