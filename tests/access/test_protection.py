"""The database itself: what a person may not see or change he cannot reach by any SQL under the role of the application."""

from __future__ import annotations

from typing import Any, LiteralString

import psycopg
import pytest

from setoff.access import protection
from setoff.access.entry import enter, leave
from setoff.access.protection import CLOSED, PROTECTED, ROLE
from setoff.access.rights import RIGHTS, Rights, Role
from setoff.books.audit import Actor, record_audit
from setoff.books.services import close_period
from setoff.settlements.services import post_document, save_document
from setoff.trade.documents import Payment, Sale, SupplyLine
from tests.access.people import as_role

Db = psycopg.Connection[Any]
TABLES_SQL = """
  select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1"""


def test_every_table_is_protected_or_closed(db: Db) -> None:
    """A new table needs a line in access/protection.py."""
    tables = {name for (name,) in db.execute(TABLES_SQL)}
    unknown = {name for name in tables if name not in PROTECTED and not name.startswith(CLOSED)}
    assert unknown == set()
    assert set(PROTECTED) <= tables
    watched = {name for (name,) in db.execute("select relname from pg_class where relrowsecurity")}
    assert watched == set(PROTECTED)
    reach = "select relname from pg_class where oid = any(%s::regclass[]) and has_any_column_privilege(%s, oid, 'select,insert,update')"
    closed = sorted(tables - set(PROTECTED))
    assert db.execute(reach, [closed, ROLE]).fetchall() == []


def test_no_view_goes_around_the_policies(db: Db) -> None:
    assert db.execute("select viewname from pg_views where schemaname = 'public'").fetchall() == []


def test_functions_of_the_owner_are_known(db: Db) -> None:
    """Each asks for the right itself."""
    found = {name for (name,) in db.execute("select proname from pg_proc where pronamespace = 'public'::regnamespace and prosecdef")}
    assert found == {"next_numbers", "cover_audit", "audit_findings"}
