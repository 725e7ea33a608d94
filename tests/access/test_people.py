"""Users, roles, passwords and tokens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from setoff.access import services, tokens
from setoff.access.queries import rights_of
from setoff.access.services import NewUser
from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.site import database
from tests.access.people import add_user

Db = psycopg.Connection[Any]
GOOD = "верёвка-карниз-42"


def refused(code: ErrorCode) -> Any:
    return pytest.raises(DomainError, match=f"^{code.value}")


@pytest.fixture
def books(company: Db) -> Db:
    database.setup_django()
    return company


def test_a_user_is_added_changed_and_disabled(books: Db, actor: Actor) -> None:
    boss = services.add_user(books, NewUser("boss", is_administrator=True), actor, password=GOOD)
    anna = services.add_user(books, NewUser("anna", "Анна", "anna@example.com", "ru"), actor)
    services.grant_role(books, "Anna", "MSK", "viewer", actor)
    services.grant_role(books, "anna", "MSK", "accountant", actor)
    rights = rights_of(books, anna)
    assert rights.units[rights.unit_codes["MSK"]] == {"read", "draft", "post"}
    services.revoke_role(books, "anna", "MSK", actor)
    assert rights_of(books, anna).units == {}
    services.disable_user(books, "anna", actor)
    with refused(ErrorCode.NOT_PERMITTED):
        rights_of(books, anna)
    with refused(ErrorCode.LAST_ADMINISTRATOR):
        services.disable_user(books, "boss", actor)
    assert rights_of(books, boss).is_administrator
    verbs = [verb for (verb,) in books.execute("select verb from audit where verb like '%user' or verb like '%role' order by id")]
    assert verbs == ["add_user", "add_user", "grant_role", "grant_role", "revoke_role", "change_user"]


@pytest.mark.parametrize(
    ("user", "code"),
    [
        (NewUser("anna"), ErrorCode.REFERENCE_EXISTS),
        (NewUser("ANNA"), ErrorCode.REFERENCE_EXISTS),
        (NewUser("b", email="ANNA@example.com"), ErrorCode.REFERENCE_EXISTS),
        (NewUser("a b"), ErrorCode.INVALID_VALUE),
        (NewUser("a@b"), ErrorCode.INVALID_VALUE),
        (NewUser("b", email="nonsense"), ErrorCode.INVALID_VALUE),
        (NewUser("b", language="de"), ErrorCode.INVALID_VALUE),
    ],
)
def test_what_is_no_user(books: Db, actor: Actor, user: NewUser, code: ErrorCode) -> None:
    services.add_user(books, NewUser("anna", email="anna@example.com"), actor)
    with refused(code):
        services.add_user(books, user, actor)


@pytest.mark.parametrize("password", ["short-1", "password1234", "123456789012", "benedikt-benedikt"])
def test_a_weak_password_is_refused(books: Db, actor: Actor, password: str) -> None:
    with refused(ErrorCode.PASSWORD_WEAK):
        services.add_user(books, NewUser("benedikt-benedikt"), actor, password=password)


def test_a_token_gives_what_its_scopes_leave(books: Db, actor: Actor) -> None:
    rights = rights_of(books, add_user(books, "anna", MSK="accountant", SPB="viewer"))
    made = tokens.create_token(books, rights, "warehouse", ["read", "draft"], actor)
    assert made.token.startswith("setoff_") and len(made.token) == 50
    stored = books.execute("select digest, hint from access_token").fetchone()
    assert stored is not None and made.token.encode() not in stored[0] and stored[1] == made.token[:11]
    found = tokens.rights_of_token(books, made.token)
    assert found.scopes == {"read", "draft"}
    assert found.rights.units == {rights.unit_codes["MSK"]: {"read", "draft"}, rights.unit_codes["SPB"]: {"read"}}
    assert [row.last_used_at is not None for row in tokens.tokens(books, rights.user_id)] == [True]
    tokens.revoke_token(books, rights, made.id, actor)
    with refused(ErrorCode.TOKEN_INVALID):
        tokens.rights_of_token(books, made.token)


def test_a_token_ends(books: Db, actor: Actor) -> None:
    rights = rights_of(books, add_user(books, "anna", MSK="accountant"))
    made = tokens.create_token(books, rights, "old", ["read"], actor, days=1)
    assert made.expires_at > datetime.now(UTC)
    books.execute("update access_token set created_at = now() - interval '3 days', expires_at = now() - interval '1 day'")
    with refused(ErrorCode.TOKEN_EXPIRED):
        tokens.rights_of_token(books, made.token)
    with refused(ErrorCode.TOKEN_INVALID):
        tokens.rights_of_token(books, "setoff_nothing")


def test_the_token_of_a_disabled_user_is_worth_nothing(books: Db, actor: Actor) -> None:
    rights = rights_of(books, add_user(books, "anna", MSK="accountant"))
    made = tokens.create_token(books, rights, "x", ["read"], actor)
    services.disable_user(books, "anna", actor)
    with refused(ErrorCode.TOKEN_INVALID):
        tokens.rights_of_token(books, made.token)


def test_nobody_revokes_anothers_token(books: Db, actor: Actor) -> None:
    anna = rights_of(books, add_user(books, "anna", MSK="accountant"))
    boris = rights_of(books, add_user(books, "boris", MSK="administrator"))
    boss = rights_of(books, add_user(books, "boss", is_administrator=True))
    made = tokens.create_token(books, anna, "x", ["read"], actor)
    with refused(ErrorCode.UNKNOWN_REFERENCE):
        tokens.revoke_token(books, boris, made.id, actor)
    tokens.revoke_token(books, boss, made.id, actor)


@pytest.mark.parametrize(
    ("name", "scopes", "days", "code"),
    [("", ["read"], 1, ErrorCode.FIELD_MISSING), ("x", [], 1, ErrorCode.INVALID_VALUE), ("x", ["fly"], 1, ErrorCode.INVALID_VALUE),
     ("x", ["read"], 0, ErrorCode.INVALID_VALUE), ("x", ["read"], 400, ErrorCode.INVALID_VALUE)],
)  # fmt: skip
def test_what_is_no_token(books: Db, actor: Actor, name: str, scopes: list[str], days: int, code: ErrorCode) -> None:
    rights = rights_of(books, add_user(books, "anna", MSK="accountant"))
    with refused(code):
        tokens.create_token(books, rights, name, scopes, actor, days=days)
