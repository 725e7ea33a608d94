"""Entering the books as somebody: a connection that sees and changes what one person may.

    enter(conn, rights)   from here on the connection works with a person's rights
    leave(conn)           it is the owner's again: what a pool does before it hands the connection to the next
    also_in(conn, units)  for a while it works in these units too: what a verb of two units needs that one person has agreed to and another
                          completes (an inter-branch notice)

The connection takes the role `setoff_application`, which owns nothing; the rights are settings of the session, read by the policies of the
tables (protection.py). Nothing set = no rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg

from setoff.access.protection import ROLE
from setoff.access.rights import Rights

ENTER_SQL: Final = """
  select set_config('role', %(role)s, false), set_config('setoff.units', %(units)s, false),
         set_config('setoff.write_units', %(write_units)s, false),
         set_config('setoff.post_units', %(post_units)s, false), set_config('setoff.close_units', %(close_units)s, false),
         set_config('setoff.approve_units', %(approve_units)s, false),
         set_config('setoff.user', %(user)s, false), set_config('setoff.is_administrator', %(is_administrator)s, false)"""
NOBODY: Final = {
    "role": "none", "units": "", "write_units": "", "post_units": "", "close_units": "", "approve_units": "",
    "user": "", "is_administrator": "",
}  # fmt: skip


def enter(conn: psycopg.Connection[Any], rights: Rights) -> None:
    """The connection works with these rights until it is left or entered by another."""
    settings = {
        "role": ROLE,
        "units": _listed(rights.units_with("read")),
        "write_units": _listed(rights.units_with("draft")),
        "post_units": _listed(rights.units_with("post")),
        "close_units": _listed(rights.units_with("close")),
        "approve_units": _listed(rights.units_with("approve")),
        "user": str(rights.user_id),
        "is_administrator": "yes" if rights.is_administrator else "",
    }
    conn.execute(ENTER_SQL, settings)


def leave(conn: psycopg.Connection[Any]) -> None:
    """The connection works for nobody in particular: with the rights of its own login."""
    conn.execute(ENTER_SQL, NOBODY)


WIDER_SQL: Final = """
  select set_config(name, concat_ws(',', nullif(current_setting(name, true), ''), %(units)s::text), true)
  from unnest(array['setoff.units', 'setoff.write_units', 'setoff.post_units']) name"""
SETTINGS_SQL: Final = """
  select current_setting('setoff.units', true), current_setting('setoff.write_units', true), current_setting('setoff.post_units', true)"""
NARROW_SQL: Final = """
  select set_config('setoff.units', %s, true), set_config('setoff.write_units', %s, true), set_config('setoff.post_units', %s, true)"""


@contextmanager
def also_in(conn: psycopg.Connection[Any], unit_ids: Iterable[int]) -> Iterator[None]:
    """In one transaction: the connection reads, writes and posts in these units too, in the same name. What fails leaves nothing, the
    wider rights neither. The caller has looked whether both sides agreed."""
    with conn.transaction():
        before = conn.execute(SETTINGS_SQL).fetchone()
        assert before is not None
        conn.execute(WIDER_SQL, {"units": _listed(unit_ids)})
        yield
        conn.execute(NARROW_SQL, [setting or "" for setting in before])


def _listed(unit_ids: Iterable[int]) -> str:
    return ",".join(str(unit_id) for unit_id in unit_ids)
