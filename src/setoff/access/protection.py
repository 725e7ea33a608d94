"""Row-level security: what the database itself lets a person see and change, table by table.

Whoever works on pages or through the API reaches the books under the role `setoff_application` (entry.py), which owns nothing. Every
table has its line in PROTECTED or is closed to the role (CLOSED); a test fails for one that has neither. Rights are settings of the
session, looked at once per query (a scalar subquery, so that indexes serve); nothing set = no rows. The owner of the tables, who
migrates, backs up and runs the command line, is not restricted.

    protect(conn)       the role exists, and this version's policies and grants stand in the database
    is_protected(conn)  whether they do

Decision and reasons: docs/decisions/0011-people-and-rights.md. Errors: role_missing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, Final, LiteralString, NamedTuple

import psycopg
from psycopg import sql

from setoff.core.errors import DomainError, ErrorCode

ROLE: Final = "setoff_application"


class Protection(NamedTuple):
    """Conditions on a row: who may read it, who may insert it, who may change it, who may delete it. Empty = nobody. `readable`: the
    only columns that may be read; empty = all."""

    read: LiteralString
    insert: LiteralString = ""
    update: LiteralString = ""
    delete: LiteralString = ""
    readable: LiteralString = ""


def _units(setting: LiteralString) -> LiteralString:
    return "((select string_to_array(current_setting('setoff." + setting + "', true), ',')::bigint[])::bigint[])"


READ: Final = "unit_id = any " + _units("units")
WRITE: Final = "unit_id = any " + _units("write_units")
POST: Final = "unit_id = any " + _units("post_units")
CLOSE: Final = "unit_id = any " + _units("close_units")
APPROVE: Final = "unit_id = any " + _units("approve_units")
ADMINISTRATOR: Final = "(select current_setting('setoff.is_administrator', true)) = 'yes'"
SIGNED_IN: Final = "(select current_setting('setoff.user', true)) <> ''"
WRITES_SOMEWHERE: Final = "(select current_setting('setoff.write_units', true)) <> ''"
ORGANIZATIONS: Final = "((select array(select organization_id from unit where id = any " + _units("units") + "))::bigint[])"
WRITE_ORGANIZATIONS: Final = "((select array(select organization_id from unit where id = any " + _units("write_units") + "))::bigint[])"
OWN: Final = "user_id = (select nullif(current_setting('setoff.user', true), '')::bigint)"
OWN_USER: Final = "id = (select nullif(current_setting('setoff.user', true), '')::bigint)"

OWN_OR_ADMINISTRATOR: Final[LiteralString] = "(" + OWN + " or " + ADMINISTRATOR + ")"
FOLDED: Final = Protection(READ, POST, POST, POST)
POST_OR_CLOSE: Final[LiteralString] = "(" + POST + " or " + CLOSE + ")"
KEPT: Final = Protection(READ, WRITE, WRITE, WRITE)
STATED: Final = Protection(READ, POST)
SHARED: Final = Protection(SIGNED_IN, WRITES_SOMEWHERE, WRITES_SOMEWHERE)
READ_ROUND: Final = "units <@ " + _units("units")
WRITE_ROUND: Final = "units <@ " + _units("write_units")
OF_ROUND: Final[LiteralString] = "round_id = any ((select array(select id from clearing_round))::bigint[])"
"""The subquery sees the rounds that the person sees."""
WRITE_OF_ROUND: Final[LiteralString] = "round_id = any ((select array(select id from clearing_round where " + WRITE_ROUND + "))::bigint[])"
KEPT_IN_ROUND: Final = Protection(OF_ROUND, WRITE_OF_ROUND, WRITE_OF_ROUND, WRITE_OF_ROUND)
NOT_POSTED: Final[LiteralString] = "(status <> 'posted' or " + POST + ")"
PROTECTED: Final[dict[LiteralString, Protection]] = {
    # what was said, and what follows
    "document": Protection(READ, WRITE + " and " + NOT_POSTED, WRITE + " and " + NOT_POSTED),
    "version": Protection(READ, WRITE + " and (not posted or " + POST + ")"),
    "node": STATED,
    "fold_key": STATED,
    "fact": STATED,
    "fact_target": STATED,
    "entry": STATED,
    "lot": FOLDED,
    "allocation": FOLDED,
    "posting": FOLDED,
    "turnover": FOLDED,
    "vat_wait": FOLDED,
    "plan": Protection(READ, POST, POST),
    "plan_stage": STATED,
    "plan_status": STATED,
    "plan_use": STATED,
    # periods, seals, the audit trail
    "period": Protection(READ, CLOSE, CLOSE),
    "seal": Protection(READ, CLOSE),
    "seal_row": Protection(READ, CLOSE),
    "seal_audit": Protection(READ),
    "audit": Protection(
        "(" + READ + " or unit_id is null and " + ADMINISTRATOR + ")", "(unit_id is null and " + SIGNED_IN + " or " + READ + ")"
    ),
    # master data: what belongs to a unit's organization, and what all share
    "organization": Protection(
        "(id = any " + ORGANIZATIONS + " or " + ADMINISTRATOR + ")", ADMINISTRATOR, ADMINISTRATOR
    ),
    "unit": Protection("(id = any " + _units("units") + " or " + ADMINISTRATOR + ")", ADMINISTRATOR, ADMINISTRATOR),
    "contract": Protection(
        "organization_id = any " + ORGANIZATIONS, "organization_id = any " + WRITE_ORGANIZATIONS,
        "organization_id = any " + WRITE_ORGANIZATIONS,
    ),
    "contract_file": Protection(
        "organization_id = any " + ORGANIZATIONS, "organization_id = any " + WRITE_ORGANIZATIONS,
        "organization_id = any " + WRITE_ORGANIZATIONS,
    ),
    "price_list": Protection(
        "organization_id = any " + ORGANIZATIONS, "organization_id = any " + WRITE_ORGANIZATIONS,
        "organization_id = any " + WRITE_ORGANIZATIONS,
    ),
    "loan": Protection(
        "organization_id = any " + ORGANIZATIONS, "organization_id = any " + WRITE_ORGANIZATIONS,
        "organization_id = any " + WRITE_ORGANIZATIONS,
    ),
    "service_account": Protection(READ, WRITE, WRITE),
    "service_operation": Protection(READ, WRITE, WRITE),
    "billing_run": Protection(READ, POST, POST),
    "billed_charge": Protection(READ, POST, delete=POST),
    "billed_prepayment": Protection(READ, POST, delete=POST),
    "partner": SHARED,
    "counterparty": SHARED,
    "agreement": SHARED,
    "rate": SHARED,
    "work_calendar": Protection("(organization_id = any " + ORGANIZATIONS + " or " + ADMINISTRATOR + ")", ADMINISTRATOR, ADMINISTRATOR),
    "calendar_day": Protection(SIGNED_IN, ADMINISTRATOR, ADMINISTRATOR, ADMINISTRATOR),
    "chart": Protection(SIGNED_IN),
    "account": Protection(SIGNED_IN),
    # what the bank says, what checks found, sums of documents (triggers write them)
    "bank_account": KEPT,
    "bank_statement": KEPT,
    "bank_line": KEPT,
    "bank_rule": KEPT,
    "party_account": KEPT,
    "check_result": Protection(READ, READ, READ, READ),
    "document_count": FOLDED,
    "open_day": Protection(READ),
    "open_party": Protection(READ),
    "open_money": Protection(READ),
    "money_day": Protection(READ),
    "settled_day": Protection(READ),
    "settled_party": Protection(READ),
    "refold": Protection(SIGNED_IN, SIGNED_IN),
    "reconciliation_act": KEPT,
    "notice_receipt": Protection(READ, POST, POST),
    "attachment": KEPT,
    "invoice": FOLDED,
    "invoice_sum": FOLDED,
    "invoice_base": FOLDED,
    "invoice_line": FOLDED,
    # rounds of set-off: they belong to several units, and need the right in all of them
    "clearing_round": Protection(READ_ROUND, WRITE_ROUND, WRITE_ROUND),
    "round_party": KEPT_IN_ROUND,
    "round_obligation": KEPT_IN_ROUND,
    "round_position": KEPT_IN_ROUND,
    "round_document": KEPT_IN_ROUND,
    # notices between two units: the sender writes, both read what was sent, the receiver decides
    "branch_notice": Protection(
        "(sender_unit_id = any " + _units("units") + " or status <> 'draft' and receiver_unit_id = any " + _units("units") + ")",
        "sender_unit_id = any " + _units("write_units"),
        "(sender_unit_id = any " + _units("write_units") + " or status <> 'draft' and receiver_unit_id = any " + _units("post_units") + ")",
        "sender_unit_id = any " + _units("write_units") + " and status in ('draft', 'rejected')",
    ),
    "notice_template": Protection(
        "organization_id = any " + ORGANIZATIONS, "organization_id = any " + WRITE_ORGANIZATIONS,
        "organization_id = any " + WRITE_ORGANIZATIONS, "organization_id = any " + WRITE_ORGANIZATIONS,
    ),
    # rows that imports refused: of their unit; where none is known, of who imported them
    "rejected_row": Protection(
        "(" + READ + " or unit_id is null and " + OWN_OR_ADMINISTRATOR + ")", "(" + WRITE + " or unit_id is null and " + OWN + ")",
        "(" + WRITE + " or unit_id is null and " + OWN_OR_ADMINISTRATOR + ")",
    ),
    # pages: filters that people keep, forms that were sent
    "saved_view": Protection("(" + OWN + " or is_shared and user_id in (select user_id from access_grant))", OWN, OWN, OWN),
    "sent_form": Protection(OWN, OWN, OWN, OWN),
    # requests and webhooks of the API
    "api_request": Protection(OWN, OWN, OWN, OWN),
    "webhook": Protection(OWN_OR_ADMINISTRATOR, OWN, OWN_OR_ADMINISTRATOR, OWN_OR_ADMINISTRATOR),
    "webhook_event": Protection(READ),
    "webhook_delivery": Protection(READ, READ, READ),
    "webhook_attempt": Protection(READ, READ),
    # people
    "access_user": Protection(
        "(" + OWN_USER + " or " + ADMINISTRATOR + ")", ADMINISTRATOR, ADMINISTRATOR,
        readable="id username email name language time_zone is_active is_administrator created_at last_login",
    ),
    "access_token": Protection(OWN_OR_ADMINISTRATOR, OWN, OWN_OR_ADMINISTRATOR),
    "policy": Protection(SIGNED_IN, ADMINISTRATOR, ADMINISTRATOR),
    "approval": Protection(READ, POST_OR_CLOSE, POST_OR_CLOSE + " or " + APPROVE),
    "access_grant": Protection("(" + READ + " or " + OWN_OR_ADMINISTRATOR + ")", ADMINISTRATOR, ADMINISTRATOR, ADMINISTRATOR),
}  # fmt: skip
CLOSED: Final = (
    "account_", "api_rate", "auth_", "django_", "invoice_number", "mfa_", "protection", "site_cache", "usersessions_",
)  # fmt: skip
"""Beginnings of the names of tables that the role cannot reach at all: sign-in is the owner's business."""
OWNERS_FUNCTIONS: Final[tuple[LiteralString, ...]] = ("next_numbers(bigint, text, bigint, bigint)", "rebuild_open_sums()")
"""Functions that need what the role may not do: they ask for the right themselves, or only derive anew what the books say."""


def digest() -> str:
    return hashlib.sha256("\n".join(statement for statement in _statements()).encode()).hexdigest()


def is_protected(conn: psycopg.Connection[Any]) -> bool:
    """Whether the role exists and the policies are those of this version. A database that was restored from its rows alone tells the
    digest and lacks the policies: they are counted."""
    query = "select to_regrole(%s) is not null, to_regclass('protection') is not null"
    if conn.execute(query, [ROLE]).fetchone() != (True, True):
        return False
    policies = sum(statement.startswith("create policy") for statement in _statements())
    query = """
      select (select digest from protection),
             (select count(*) from pg_policy p join pg_class c on c.oid = p.polrelid
              where c.relnamespace = 'public'::regnamespace and c.relrowsecurity and starts_with(p.polname::text, 'may_'))"""
    return conn.execute(query).fetchone() == (digest(), policies)


def protect(conn: psycopg.Connection[Any]) -> None:
    """The role exists; policies and grants are replaced by those of this version, in one transaction. Errors: role_missing."""
    with conn.transaction():
        _make_role(conn)
        old = conn.execute("select tablename, policyname from pg_policies where schemaname = 'public' and starts_with(policyname, 'may_')")
        for table, policy in old.fetchall():
            conn.execute(sql.SQL("drop policy {} on {}").format(sql.Identifier(policy), sql.Identifier(table)))
        for statement in _statements():
            conn.execute(statement)
        conn.execute("delete from protection")
        conn.execute("insert into protection values (%s)", [digest()])


def _make_role(conn: psycopg.Connection[Any]) -> None:
    """Roles belong to the whole server: another database, or another process just now, may have made it."""
    try:
        with conn.transaction():
            if conn.execute("select to_regrole(%s) is null", [ROLE]).fetchone() == (True,):
                conn.execute(sql.SQL("create role {} nologin").format(sql.Identifier(ROLE)))
    except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
        pass
    except psycopg.errors.InsufficientPrivilege as problem:
        raise DomainError(ErrorCode.ROLE_MISSING, role=ROLE, owner=conn.info.user) from problem
    if conn.execute("select pg_has_role(current_user, %s, 'set')", [ROLE]).fetchone() == (False,):
        try:
            with conn.transaction():
                conn.execute(sql.SQL("grant {} to current_user").format(sql.Identifier(ROLE)))
        except psycopg.errors.InsufficientPrivilege as problem:
            raise DomainError(ErrorCode.ROLE_MISSING, role=ROLE, owner=conn.info.user) from problem


def _statements() -> Iterator[LiteralString]:
    yield "grant usage on schema public to setoff_application"
    yield "revoke all on all tables in schema public from setoff_application"
    yield "grant usage on all sequences in schema public to setoff_application"
    for table, found in PROTECTED.items():
        yield "alter table " + table + " enable row level security"
        yield from _policies(table, found)
    for function in OWNERS_FUNCTIONS:
        yield "alter function " + function + " security definer set search_path = public, pg_temp"


def _policies(table: LiteralString, found: Protection) -> Iterator[LiteralString]:
    readable = " (" + ", ".join(found.readable.split()) + ")" if found.readable else ""
    yield "grant select" + readable + " on " + table + " to setoff_application"
    yield "create policy may_read on " + table + " for select using (" + found.read + ")"
    if found.insert:
        yield "grant insert on " + table + " to setoff_application"
        yield "create policy may_insert on " + table + " for insert with check (" + found.insert + ")"
    if found.update:
        yield "grant update on " + table + " to setoff_application"
        yield "create policy may_update on " + table + " for update using (" + found.update + ")"
    if found.delete:
        yield "grant delete on " + table + " to setoff_application"
        yield "create policy may_delete on " + table + " for delete using (" + found.delete + ")"
