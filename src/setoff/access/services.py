"""The verbs on people: add, change, disable, grant, revoke, set a password. One transaction each, with an audit record.

Whoever calls has the rights asked for (`rights.require_administrator()`), or is the machine's owner. Nobody is deleted. The last
administrator who is active stays one. Errors: unknown_reference, reference_exists, invalid_value, field_missing, password_weak,
last_administrator.
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

import psycopg

from setoff.access.rights import ROLES
from setoff.books.audit import Actor, record_audit
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import LANGUAGES
from setoff.language.zones import is_zone

LOGIN: Final = re.compile(r"[^\s@/]{1,64}")
EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+")
NO_PASSWORD: Final = "!"  # noqa: S105 - Django's mark of a user who cannot sign in by password


class NewUser(NamedTuple):
    login: str
    name: str = ""
    email: str = ""
    language: str = "en"
    is_administrator: bool = False
    time_zone: str = ""


def add_user(conn: psycopg.Connection[Any], user: NewUser, actor: Actor, *, password: str = "") -> int:
    """The id of the new user. Without password he signs in by the link of a password reset."""
    _require_sound(user)
    with conn.transaction():
        try:
            with conn.transaction():
                row = conn.execute(
                    """insert into access_user
                         (password, username, email, name, language, time_zone, is_active, is_administrator, created_at)
                       values (%s, %s, %s, %s, %s, %s, true, %s, clock_timestamp()) returning id""",
                    [_hashed(password, user.login), user.login, user.email, user.name, user.language, user.time_zone,
                     user.is_administrator],
                ).fetchone()
        except psycopg.errors.UniqueViolation as problem:
            field = "email" if "email" in (problem.diag.constraint_name or "") else "login"
            raise DomainError(ErrorCode.REFERENCE_EXISTS, kind="user", value=getattr(user, field), field=field) from None
        assert row is not None
        record_audit(conn, actor, "add_user", user=user.login, administrator=user.is_administrator)
    return int(row[0])


def change_user(
    conn: psycopg.Connection[Any], login: str, actor: Actor, *, name: str, email: str, is_administrator: bool, is_active: bool,
    language: str = "", time_zone: str | None = None,
) -> None:  # fmt: skip
    """What is known of a user; no language and None as time zone: those he has. One who is not active cannot
    sign in, nor can his tokens."""
    with conn.transaction():
        user_id = user_of(conn, login)
        asked = "select name, email, is_administrator, is_active, language, time_zone from access_user where id = %s"
        before = conn.execute(asked, [user_id]).fetchone()
        assert before is not None
        kept_zone = before[5] if time_zone is None else time_zone
        after = (name, email, is_administrator, is_active, language or before[4], kept_zone)
        _require_sound(NewUser(login, name, email, after[4], time_zone=kept_zone))
        if before == after:
            return
        try:
            with conn.transaction():
                conn.execute(
                    """update access_user set name = %s, email = %s, is_administrator = %s, is_active = %s, language = %s, time_zone = %s
                       where id = %s""",
                    [*after, user_id],
                )
        except psycopg.errors.UniqueViolation:
            raise DomainError(ErrorCode.REFERENCE_EXISTS, kind="user", value=email, field="email") from None
        left = conn.execute("select exists (select from access_user where is_administrator and is_active)").fetchone()
        if left == (False,) and before[2] and before[3]:
            raise DomainError(ErrorCode.LAST_ADMINISTRATOR, user=login)
        named = zip(("name", "email", "administrator", "active", "language", "time_zone"), before, after, strict=True)
        fields = [field for field, old, new in named if old != new]
        record_audit(conn, actor, "change_user", user=login, fields=fields, administrator=is_administrator, active=is_active)


def disable_user(conn: psycopg.Connection[Any], login: str, actor: Actor) -> None:
    """The user cannot sign in any more; what he did keeps his name."""
    user_id = user_of(conn, login)
    row = conn.execute("select name, email, is_administrator from access_user where id = %s", [user_id]).fetchone()
    assert row is not None
    change_user(conn, login, actor, name=row[0], email=row[1], is_administrator=row[2], is_active=False)


def grant_role(conn: psycopg.Connection[Any], login: str, unit: str, role: str, actor: Actor) -> None:
    """The user has this role in the unit, in place of another he may have had there."""
    if role not in ROLES:
        raise DomainError(ErrorCode.INVALID_VALUE, field="role", value=role, expected=", ".join(ROLES))
    with conn.transaction():
        user_id, unit_id = user_of(conn, login), unit_of(conn, unit)
        conn.execute(
            """insert into access_grant (user_id, unit_id, role) values (%s, %s, %s)
               on conflict (user_id, unit_id) do update set role = excluded.role""",
            [user_id, unit_id, role],
        )
        record_audit(conn, actor, "grant_role", unit_id=unit_id, user=login, role=role)


def revoke_role(conn: psycopg.Connection[Any], login: str, unit: str, actor: Actor) -> None:
    """The user has no role in the unit. Errors: unknown_reference when he had none."""
    with conn.transaction():
        user_id, unit_id = user_of(conn, login), unit_of(conn, unit)
        gone = conn.execute("delete from access_grant where user_id = %s and unit_id = %s returning role", [user_id, unit_id]).fetchone()
        if gone is None:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="role", value=f"{login} / {unit}", field="unit")
        record_audit(conn, actor, "revoke_role", unit_id=unit_id, user=login, role=gone[0])


def set_password(conn: psycopg.Connection[Any], login: str, password: str, actor: Actor) -> None:
    """The user signs in with this password from now on. Errors: password_weak."""
    with conn.transaction():
        user_id = user_of(conn, login)
        conn.execute("update access_user set password = %s where id = %s", [_hashed(password, login), user_id])
        record_audit(conn, actor, "set_password", user=login)


def user_of(conn: psycopg.Connection[Any], login: str) -> int:
    row = conn.execute("select id from access_user where lower(username) = lower(%s)", [login]).fetchone()
    if row is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="user", value=login, field="login")
    return int(row[0])


def unit_of(conn: psycopg.Connection[Any], unit: str) -> int:
    row = conn.execute("select id from unit where code = %s", [unit]).fetchone()
    if row is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="unit", value=unit, field="unit")
    return int(row[0])


def _require_sound(user: NewUser) -> None:
    if not LOGIN.fullmatch(user.login):
        raise DomainError(ErrorCode.INVALID_VALUE, field="login", value=user.login, expected="1..64, without spaces, @ and /")
    if user.email and not EMAIL.fullmatch(user.email):
        raise DomainError(ErrorCode.INVALID_VALUE, field="email", value=user.email, expected="name@example.com")
    if user.language not in LANGUAGES:
        raise DomainError(ErrorCode.INVALID_VALUE, field="language", value=user.language, expected=", ".join(LANGUAGES))
    if user.time_zone and not is_zone(user.time_zone):
        raise DomainError(ErrorCode.INVALID_VALUE, field="time_zone", value=user.time_zone, expected="Europe/Moscow")


def _hashed(password: str, login: str) -> str:
    """Django's hash of a password that keeps its rules (settings.AUTH_PASSWORD_VALIDATORS); without password, none."""
    if not password:
        return NO_PASSWORD
    from django.contrib.auth.hashers import make_password
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from setoff.access.models import User

    try:
        validate_password(password, User(username=login))
    except ValidationError as weak:
        raise DomainError(ErrorCode.PASSWORD_WEAK, reason=" ".join(weak.messages), field="password") from None
    return make_password(password)
