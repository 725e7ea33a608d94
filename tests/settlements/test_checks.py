"""Every control check: silent on sound books, and it sees the error that is planted in the tables for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_args

import psycopg
import pytest

from setoff.core.errors import DomainError, ErrorCode
from setoff.language import LANGUAGES, has_text
from setoff.parties.records import Relation
from setoff.settlements import keys
from setoff.settlements.checks import all_checks, choose_checks, first_divergence, run_check, run_checks
from setoff.site import database
from setoff.trade.terms import LOAN_INTEREST
from tests.settlements import ledger
from tests.settlements.ledger import BANK
from tests.settlements.planted_rows import NO_CONSTRAINTS, ORDER, PLANTED

Db = psycopg.Connection[Any]
PLANTED_AS_IT_HAPPENS = {"C-4.5.4b.list", "C-4.5.4c.list"}
"""Not by a row: tests/settlements/test_planted.py enters what a person would."""
OF_BOTH = ("C-BR-2", "C-BR-5", "C-BR-5.list")
"""What is wrong between two units is told to both."""


@pytest.fixture(scope="module")
def story(server: str) -> Iterator[Db]:
    with database.throwaway(), database.connect() as conn:
        ledger.write_ledger(conn)
        conn.autocommit = False
        yield conn
        conn.rollback()


@pytest.fixture
def books(story: Db) -> Iterator[Db]:
    """The same books for every test: what a test does is rolled back."""
    yield story
    story.rollback()


def plant(conn: Db, statement: str) -> None:
    conn.execute(NO_CONSTRAINTS)
    conn.execute("set local session_replication_role = replica")
    conn.execute(statement)
    conn.execute("set local session_replication_role = origin")


def test_sound_books_pass_every_check(books: Db) -> None:
    assert {result.check.code: result.rows for result in run_checks(books) if result.rows} == {}


@pytest.mark.parametrize(("code", "statement"), [(code, statement) for code, several in PLANTED.items() for statement in several])
def test_a_planted_error_is_seen(books: Db, code: str, statement: str) -> None:
    plant(books, statement)
    (check,) = [check for check in all_checks() if check.code == code]
    rows = run_check(books, check)
    assert rows
    assert {row.unit for row in rows} == {"MSK"}
    assert all(row.expected != row.actual or check.state == "list" or code == "I1" for row in rows)
    if code not in OF_BOTH:
        assert run_check(books, check, 2) == []  # the other unit has none


def test_an_order_is_not_listed_for_what_is_asked_later(books: Db) -> None:
    plant(books, ORDER.format(variant="prepayment", status="processing"))
    assert run_checks(books, ["C-ORD"])[0].rows == []


def test_every_check_has_its_planted_error() -> None:
    assert {check.code for check in all_checks()} == set(PLANTED) | PLANTED_AS_IT_HAPPENS


@pytest.mark.parametrize(
    ("code", "statement", "document"),
    [
        ("C-4.2", "update posting set amount = 11000 where document_id = 1 and line = 1", "sale/MSK/2025/1"),
        ("C-4.2", "update posting set amount = 9000 where document_id = 2", "payment_from_customer/MSK/2025/2"),
        ("C-4.2", "delete from allocation where document_id = 3", "payment_from_customer/MSK/2025/3"),
        ("I3", "update fact set change = -9000 where version_id = 2", "payment_from_customer/MSK/2025/2"),
        ("I3", "update lot set amount = amount - 1 where document_id = 3", "payment_from_customer/MSK/2025/3"),
        ("C-4.4", "update fact set mgmt_key_id = null where version_id = 2", "payment_from_customer/MSK/2025/2"),
        ("C-4.3b", "update lot set closed_moment = 9223372036854775807 where document_id = 1", "payment_from_customer/MSK/2025/3"),
        ("C-4.3a", f"update posting set debit_account_id = {BANK}, debit_node_id = null where document_id = 1 and line = 1",
         "payment_from_customer/MSK/2025/2"),
        ("C-4.2.6", "update allocation set amount = 12000 where document_id = 2", "sale/MSK/2025/1"),
    ],
)  # fmt: skip
def test_the_first_divergence_is_found(books: Db, code: str, statement: str, document: str) -> None:
    plant(books, statement)
    (check,) = [check for check in all_checks() if check.code == code]
    row = run_check(books, check)[0]
    assert first_divergence(books, check, row).document == document


def test_of_many_days_the_first_is_found(books: Db) -> None:
    """Forty sales on forty days; one posting of the seventeenth is short."""
    for number in range(10, 50):
        ledger.write(books, ledger.sale(number, date.fromordinal(date(2025, 3, 1).toordinal() + number)))
    plant(books, "update posting set amount = amount - 5 where document_id = 26 and line = 1")
    (check,) = choose_checks(["C-4.2"])
    (row,) = run_check(books, check)
    assert row.difference == -5
    assert first_divergence(books, check, row).document == "sale/MSK/2025/26"


def test_checks_are_chosen_by_code() -> None:
    assert [check.code for check in choose_checks(["c-4.4", "i9"])] == ["C-4.4", "C-4.4.list", "I9"]
    with pytest.raises(DomainError) as caught:
        choose_checks(["C-99"])
    assert caught.value.code == ErrorCode.UNKNOWN_REFERENCE


def test_every_check_is_told_in_every_language() -> None:
    missing = [
        (language, check.text_key + part)
        for check in all_checks()
        for language in LANGUAGES
        for part in ("", "-reason", "-mend")
        if not has_text(language, check.text_key + part)
    ]
    assert missing == []


def test_every_check_has_its_line_in_how_it_comes_about() -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "checks.md").read_text(encoding="utf-8")
    assert [check.code for check in all_checks() if f"`{check.code}`" not in page] == []


def test_the_sign_of_a_debt_is_the_same_in_sql(books: Db) -> None:
    for relation in (*get_args(Relation), LOAN_INTEREST):
        assert books.execute("select debt_sign(%s)", [relation]).fetchone() == (keys.debt_sign(relation),)


def test_codes_are_of_the_specification() -> None:
    own = r"C-BR-[1-5]a?|C-DOCUMENTS|C-NETTING|C-OPEN|C-ORD|C-TURNOVER|C-VAT"
    known = rf"(C-[0-4](\.\d)*[a-d]?|{own}|C-INV(-1[ab]?|-2[abc]?|-3|-BOOK)?|I\d+)(\.list)?"
    assert all(re.fullmatch(known, check.code) for check in all_checks())
