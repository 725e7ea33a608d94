"""Roles and rights: what each role may do, what an administrator of the installation may, and what a token leaves of it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from setoff.access.entry import enter, leave
from setoff.access.queries import rights_of
from setoff.access.rights import RIGHTS, ROLES, Rights
from setoff.core.errors import DomainError, ErrorCode
from tests.access.people import add_user

ANNA = Rights(1, "anna", "Anna", "en", {1: RIGHTS["accountant"], 2: RIGHTS["viewer"]}, {"MSK": 1, "SPB": 2}, is_administrator=False)


def test_a_higher_role_may_do_all_that_a_lower_one_may() -> None:
    assert all(RIGHTS[lower] < RIGHTS[higher] for lower, higher in pairwise(ROLES))


def test_what_one_may_do_depends_on_the_unit() -> None:
    assert ANNA.may("post", 1)
    assert not ANNA.may("post", 2)
    assert not ANNA.may("read", 3)
    assert ANNA.units_with("read") == (1, 2)
    assert ANNA.units_with("post") == (1,)
    assert ANNA.require("post", "MSK") == ANNA.require("read", 1) == 1


@pytest.mark.parametrize(
    ("right", "unit", "code"),
    [
        ("post", "SPB", ErrorCode.NOT_PERMITTED),
        ("post", 2, ErrorCode.NOT_PERMITTED),
        ("read", "SHA", ErrorCode.UNKNOWN_REFERENCE),
        ("post", 3, ErrorCode.UNKNOWN_REFERENCE),
    ],
)
def test_what_one_may_not_do_is_refused(right: Any, unit: str | int, code: ErrorCode) -> None:
    """A unit that one may not read is refused in the words of one that does not exist."""
    with pytest.raises(DomainError) as refusal:
        ANNA.require(right, unit)
    assert refusal.value.code == code


def test_administering_takes_an_administrator() -> None:
    with pytest.raises(DomainError) as refusal:
        ANNA.require_administrator()
    assert refusal.value.code == ErrorCode.NOT_PERMITTED
    ANNA._replace(is_administrator=True).require_administrator()


def test_scopes_only_take_away() -> None:
    reading = ANNA._replace(is_administrator=True).limited_to(["read"])
    assert reading.units == {1: {"read"}, 2: {"read"}}
    assert not reading.is_administrator
    assert ANNA.limited_to(["post"]).units == {}
    assert ANNA.limited_to(["read", "post", "approve"]).units == {1: {"read", "post"}, 2: {"read"}}


def test_rights_come_from_grants(company: Any) -> None:
    anna, boss = add_user(company, "anna", MSK="accountant"), add_user(company, "boss", is_administrator=True, MSK="controller")
    gone = add_user(company, "gone", is_active=False)
    rights = rights_of(company, anna)
    msk = rights.unit_codes["MSK"]
    assert (rights.login, rights.units, rights.is_administrator) == ("anna", {msk: RIGHTS["accountant"]}, False)
    rights = rights_of(company, boss)
    assert sorted(rights.unit_codes) == ["AMS", "LYC", "MSK", "SHA", "SPB"]
    assert rights.units[msk] == RIGHTS["controller"] | {"administer"}
    assert rights.units[rights.unit_codes["SHA"]] == {"read", "administer"}
    for user_id in (gone, 0):
        with pytest.raises(DomainError):
            rights_of(company, user_id)


def test_a_connection_is_entered_and_left(company: Any) -> None:
    settings = "select current_setting('setoff.units'), current_setting('setoff.write_units'), current_setting('setoff.user')"
    enter(company, ANNA)
    assert company.execute(settings).fetchone() == ("1,2", "1", "1")
    leave(company)
    assert company.execute(settings).fetchone() == ("", "", "")
