"""People and rules over the API: users, roles, tokens, policies, what waits for a second person, the audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal

import msgspec
from ninja import Router
from pydantic import Field

from setoff.access import approvals, policies, queries, services, tokens
from setoff.access.services import NewUser
from setoff.api.answers import Said
from setoff.api.call import NDJSON, Answer, Call, Code, Cursor, Day, DryRun, Limit, Stream
from setoff.api.cursors import cursor_after, values_of
from setoff.api.endpoint import endpoint
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import format_amount
from setoff.reports.ask import parse_day
from setoff.settlements.services import Outcome

router: Final = Router()
Number = Annotated[int, Field(ge=1, le=(1 << 63) - 1, description="Number of the record.")]
Login = Annotated[str, Field(max_length=64, description="Name at sign-in.")]
States = Literal["pending", "approved", "refused", "withdrawn", "superseded"]
LISTED: Final = "audit"


class UserWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new user. Without password he sets one by the link of a password reset."""

    login: str
    name: str = ""
    email: str = ""
    language: Literal["en", "ru", "zh"] = "en"
    time_zone: str = ""
    administrator: bool = False
    password: str = ""


class UserChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of a user. Without `language` or `time_zone` (a name as Asia/Vladivostok, empty: that of the settings) they stay."""

    name: str
    email: str
    administrator: bool
    active: bool
    language: Literal["", "en", "ru", "zh"] = ""
    time_zone: str | None = None


class Password(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At least 12 characters, and none of the common ones."""

    password: Annotated[str, msgspec.Meta(min_length=1)]


class RoleWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The role in the unit."""

    role: Literal["viewer", "operator", "accountant", "controller", "administrator"]


class TokenWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token of one's own: what for, how far it reaches, how long it lives."""

    name: str
    scopes: Annotated[list[Literal["read", "draft", "post", "import", "administer"]], msgspec.Meta(min_length=1)]
    days: Annotated[int, msgspec.Meta(ge=1, le=366)] = 90


class PolicyWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which operation needs a second person: in a unit or in all, above a limit in a currency or always."""

    operation: Literal["payment", "write_off", "set_off", "release_order", "reopen_period"]
    unit: str = ""
    limit: str = ""
    currency: str = ""
    active: bool = True


class Because(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why."""

    reason: str = ""


class UserAnswer(Said):
    """A user. `roles`: "UNIT role"."""

    login: str
    name: str
    email: str
    language: str
    time_zone: str
    active: bool
    administrator: bool
    roles: list[str]


class TokenAnswer(Said):
    """A token; `token` itself is told once, when it is made."""

    id: int
    login: str
    name: str
    hint: str
    scopes: list[str]
    expires_at: str
    last_used_at: str | None
    valid: bool


class MadeAnswer(Said):
    """The new token, told this once."""

    id: int
    token: str
    expires_at: str


class PolicyAnswer(Said):
    """A policy; `unit` null: of all units; `limit` null: any amount."""

    operation: str
    unit: str | None
    limit: str | None
    currency: str
    active: bool


class ApprovalAnswer(Said):
    """A request for a second person. `stale`: the document was changed since."""

    id: int
    unit: str
    operation: str
    verb: str
    number: str | None
    date: str | None
    amount: str | None
    currency: str
    reason: str
    requested_by: str
    requested_at: str
    state: str
    decided_by: str | None
    decision_reason: str
    stale: bool


class DecisionAnswer(Said):
    """What was decided; `changes`: how many rows of the books changed, or would."""

    id: int
    state: str
    changes: int


class AuditAnswer(Said):
    """Who did what, when, from where."""

    id: int
    recorded_at: str
    author: str
    origin: str
    verb: str
    unit: str | None
    document: int | None
    number: str | None
    details: dict[str, Any]


class AuditPage(Said):
    """Records, newest first; `next` begins the next page, empty at the end."""

    rows: list[AuditAnswer]
    next: str


@endpoint(router, "GET", "/users", tag="people", answer=list[UserAnswer])
def list_users(call: Call) -> Any:
    """Users with their roles, for administrators."""
    call.rights.require_administrator()
    return [
        UserAnswer(
            login=row.login, name=row.name, email=row.email, language=row.language, time_zone=row.time_zone, active=row.is_active,
            administrator=row.is_administrator, roles=row.roles,
        )
        for row in queries.users(call.conn)
    ]  # fmt: skip


@endpoint(router, "POST", "/users", tag="people", body=UserWanted, answer=UserAnswer, status=201)
def add_user(call: Call, body: UserWanted) -> Any:
    """Add a user."""
    call.rights.require_administrator()
    new = NewUser(body.login, body.name, body.email, body.language, body.administrator, body.time_zone)
    services.add_user(call.conn, new, call.actor, password=body.password)
    return _user(call, body.login)


@endpoint(router, "PUT", "/users/{login}", tag="people", body=UserChange, answer=UserAnswer)
def change_user(call: Call, body: UserChange, login: Login) -> Any:
    """Change what is known of a user; one who is not active cannot sign in."""
    call.rights.require_administrator()
    services.change_user(
        call.conn, login, call.actor, name=body.name, email=body.email, is_administrator=body.administrator, is_active=body.active,
        language=body.language, time_zone=body.time_zone,
    )  # fmt: skip
    return _user(call, login)


@endpoint(router, "POST", "/users/{login}/disable", tag="people", answer=UserAnswer)
def disable_user(call: Call, login: Login) -> Any:
    """The user cannot sign in any more; what he did keeps his name."""
    call.rights.require_administrator()
    services.disable_user(call.conn, login, call.actor)
    return _user(call, login)


@endpoint(router, "PUT", "/users/{login}/password", tag="people", body=Password, answer=UserAnswer)
def set_password(call: Call, body: Password, login: Login) -> Any:
    """Set a user's password."""
    call.rights.require_administrator()
    services.set_password(call.conn, login, body.password, call.actor)
    return _user(call, login)


@endpoint(router, "PUT", "/users/{login}/roles/{unit}", tag="people", body=RoleWanted, answer=UserAnswer)
def grant_role(call: Call, body: RoleWanted, login: Login, unit: Code) -> Any:
    """Give a user a role in a unit, in place of another he had there."""
    call.rights.require_administrator()
    services.grant_role(call.conn, login, unit, body.role, call.actor)
    return _user(call, login)


@endpoint(router, "DELETE", "/users/{login}/roles/{unit}", tag="people", answer=UserAnswer)
def revoke_role(call: Call, login: Login, unit: Code) -> Any:
    """Take a user's role in a unit away."""
    call.rights.require_administrator()
    services.revoke_role(call.conn, login, unit, call.actor)
    return _user(call, login)


@endpoint(router, "GET", "/tokens", tag="people", answer=list[TokenAnswer])
def list_tokens(call: Call) -> Any:
    """One's own tokens; an administrator's list has everybody's."""
    found = tokens.tokens(call.conn, None if call.rights.is_administrator else call.rights.user_id)
    return [
        TokenAnswer(
            id=row.id, login=row.login, name=row.name, hint=row.hint, scopes=row.scopes, expires_at=row.expires_at.isoformat(),
            last_used_at=row.last_used_at.isoformat() if row.last_used_at else None, valid=row.is_valid,
        )
        for row in found
    ]  # fmt: skip


@endpoint(router, "POST", "/tokens", tag="people", body=TokenWanted, answer=MadeAnswer, status=201)
def create_token(call: Call, body: TokenWanted) -> Any:
    """Make a token of one's own. A token makes no other: that takes a person who signed in."""
    if not call.is_person:
        raise DomainError(ErrorCode.NOT_PERMITTED, right="administer", unit="*")
    made = tokens.create_token(call.conn, call.rights, body.name, body.scopes, call.actor, days=body.days)
    return MadeAnswer(id=made.id, token=made.token, expires_at=made.expires_at.isoformat())


@endpoint(router, "POST", "/tokens/{number}/revoke", tag="people", answer=None, status=204)
def revoke_token(call: Call, number: Number) -> Any:
    """The token is worth nothing any more."""
    tokens.revoke_token(call.conn, call.rights, number, call.actor)
    return Answer(status=204)


@endpoint(router, "GET", "/policies", tag="people", answer=list[PolicyAnswer])
def list_policies(call: Call) -> Any:
    """Which operations need a second person."""
    return [_policy(row) for row in policies.policies(call.conn) if row.unit is None or row.unit in call.rights.unit_codes]


@endpoint(router, "PUT", "/policies", tag="people", body=PolicyWanted, answer=list[PolicyAnswer])
def set_policy(call: Call, body: PolicyWanted) -> Any:
    """Demand a second person for an operation, or no longer."""
    call.rights.require_administrator()
    policies.set_policy(
        call.conn, body.operation, call.actor, unit=body.unit, limit=body.limit, currency=body.currency, is_active=body.active
    )
    return [_policy(row) for row in policies.policies(call.conn)]


@endpoint(router, "GET", "/approvals", tag="people", answer=list[ApprovalAnswer])
def list_approvals(call: Call, state: States = "pending") -> Any:
    """Requests, newest first, of the units that one may read."""
    return [_approval(row) for row in queries.approvals(call.conn, state)]


@endpoint(router, "POST", "/approvals/{number}/approve", tag="people", body=Because, answer=DecisionAnswer)
def approve(call: Call, body: Because, number: Number, dry_run: DryRun = False) -> Any:
    """Do what was asked for. Nobody approves his own."""
    if dry_run:
        done = approvals.foreseen(call.conn, number, call.actor, call.rights)
    else:
        done = approvals.approve(call.conn, number, call.actor, call.rights, reason=body.reason)
    changes = len(done.changes) if isinstance(done, Outcome) else 0
    return DecisionAnswer(id=number, state="pending" if dry_run else "approved", changes=changes)


@endpoint(router, "POST", "/approvals/{number}/refuse", tag="people", body=Because, answer=DecisionAnswer)
def refuse(call: Call, body: Because, number: Number) -> Any:
    """Do not do what was asked for; say why."""
    approvals.refuse(call.conn, number, call.actor, call.rights, reason=body.reason)
    return DecisionAnswer(id=number, state="refused", changes=0)


@endpoint(router, "POST", "/approvals/{number}/withdraw", tag="people", body=Because, answer=DecisionAnswer)
def withdraw(call: Call, body: Because, number: Number) -> Any:
    """Take one's own request back."""
    approvals.withdraw(call.conn, number, call.actor, reason=body.reason)
    return DecisionAnswer(id=number, state="withdrawn", changes=0)


@endpoint(router, "GET", "/audit", tag="people", answer=AuditPage, media=(NDJSON,))
def audit_trail(
    call: Call,
    unit: Code = "",
    author: Code = "",
    verb: Code = "",
    since: Day = "",
    until: Day = "",
    limit: Limit = 100,
    cursor: Cursor = "",
) -> Any:
    """The audit trail of one's units, newest first. With `Accept: application/x-ndjson` all of it, one record to a line."""
    if unit:
        call.rights.require("read", unit)
    first, last = (parse_day(day, name) if day else None for day, name in ((since, "since"), (until, "until")))
    chosen = queries.AuditFilter(unit or None, author or None, verb or None, since=first, until=last)
    if call.wants(NDJSON):
        return Stream(_audit_lines(call, chosen))
    before = values_of(cursor, LISTED, int)[0] if cursor else None
    rows = queries.audit_trail(call.conn, chosen, before=before, limit=limit + 1)
    more = cursor_after(LISTED, [rows[limit - 1].id]) if len(rows) > limit else ""
    return AuditPage(rows=[_record(row) for row in rows[:limit]], next=more)


def _audit_lines(call: Call, chosen: queries.AuditFilter) -> Iterator[bytes]:
    before: int | None = None
    while rows := queries.audit_trail(call.conn, chosen, before=before, limit=1_000):
        for row in rows:
            yield msgspec.json.encode(_record(row)) + b"\n"
        before = rows[-1].id


def _user(call: Call, login: str) -> UserAnswer:
    row = next(row for row in queries.users(call.conn) if row.login.lower() == login.lower())
    return UserAnswer(
        login=row.login, name=row.name, email=row.email, language=row.language, time_zone=row.time_zone, active=row.is_active,
        administrator=row.is_administrator, roles=row.roles,
    )  # fmt: skip


def _policy(row: policies.PolicyRow) -> PolicyAnswer:
    limit = None if row.limit_minor is None else format_amount(row.limit_minor, row.currency)
    return PolicyAnswer(operation=row.operation, unit=row.unit, limit=limit, currency=row.currency, active=row.is_active)


def _approval(row: queries.ApprovalRow) -> ApprovalAnswer:
    return ApprovalAnswer(
        id=row.id, unit=row.unit, operation=row.operation, verb=row.verb, number=row.number,
        date=row.date.isoformat() if row.date else None,
        amount=None if row.amount_minor is None else format_amount(row.amount_minor, row.currency), currency=row.currency,
        reason=row.reason, requested_by=row.requested_by, requested_at=row.requested_at.isoformat(), state=row.state,
        decided_by=row.decided_by, decision_reason=row.decision_reason, stale=row.is_stale,
    )  # fmt: skip


def _record(row: queries.AuditRow) -> AuditAnswer:
    return AuditAnswer(
        id=row.id, recorded_at=row.recorded_at.isoformat(), author=row.author, origin=row.origin, verb=row.verb, unit=row.unit,
        document=row.document_id, number=row.number, details=row.details,
    )  # fmt: skip
