"""The people of the demo group: one for each role, in every unit, with one password that only the owner of this data folder can read."""

from __future__ import annotations

import secrets
from typing import Any

import psycopg

from setoff.access.rights import ROLES
from setoff.access.services import NewUser, add_user, grant_role
from setoff.books.audit import Actor
from setoff.site import database
from setoff.site.secret_file import kept_secret

ACTOR = Actor("demo", "cli")


def add_people(conn: psycopg.Connection[Any]) -> None:
    """Users named like the roles, unless there are users already."""
    if conn.execute("select from access_user limit 1").fetchone():
        return
    database.setup_django()  # it hashes passwords
    units = [code for (code,) in conn.execute("select code from unit order by code").fetchall()]
    for role in ROLES:
        user = NewUser(role, name=role.title(), email=f"{role}@example.org", is_administrator=role == "administrator")
        add_user(conn, user, ACTOR, password=password())
        for unit in units:
            grant_role(conn, role, unit, role, ACTOR)


def password() -> str:
    """The same for all of them: made at first use, kept in the data folder, readable by its owner alone."""
    return kept_secret("demo_password", lambda: "-".join(secrets.token_hex(2) for _ in range(4)))
