"""`setoff check`, `setoff period` and `setoff verify` as a person types them."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from setoff import cli
from tests.settlements import ledger
from tests.told import BooksOf

Db = psycopg.Connection[Any]


@pytest.fixture
def books(books_of: BooksOf) -> Db:
    return books_of(ledger.write_ledger)


def test_sound_books_pass(books: Db, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["check"]) == 0
    assert "checks passed" in capsys.readouterr().out


def test_a_broken_law_is_told_with_its_first_document(books: Db, capsys: pytest.CaptureFixture[str]) -> None:
    ledger.tamper(books, "update posting set amount = 11000 where document_id = 1 and line = 1")
    assert cli.run(["check", "--code", "C-4.2", "--first-divergence", "--lang", "ru"]) == 1
    printed = capsys.readouterr().out
    assert "62.01 BUYER" in printed
    assert "-10,00 RUB" in printed
    assert "10.01.2025" in printed


def test_a_list_is_no_error(books: Db, capsys: pytest.CaptureFixture[str]) -> None:
    ledger.tamper(books, "update lot set residual = 100, residual_book = 100, closed_moment = 9223372036854775807 where document_id = 1")
    assert cli.run(["check", "--code", "C-4.1b", "--format", "json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["code"], told["state"], told["rows"][0]["key"], told["rows"][0]["actual"]) == ("C-4.1b.list", "list", "BUYER", "100")


def test_an_unknown_check_or_unit_is_refused(books: Db, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["check", "--code", "C-99"]) == 1
    assert cli.run(["check", "--unit", "NOWHERE"]) == 1
    assert capsys.readouterr().err.count("unknown_reference") == 2


def test_a_period_is_closed_sealed_reopened_and_verified(books: Db, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, ends in (
        (["period", "close", "MSK", "2025-01-31"], 0),
        (["period", "close", "MSK", "31.01.2025"], 1),
        (["period", "reopen", "MSK", "2025-01-31"], 2),
        (["period", "reopen", "MSK", "2025-01-31", "--reason", "late invoice"], 0),
        (["period", "close", "MSK", "2025-01-31", "--reason", "late invoice entered"], 0),
        (["period", "seal", "MSK", "2025-01-31"], 0),
        (["period", "reopen", "MSK", "2025-01-31", "--reason", "late invoice"], 1),
        (["verify"], 0),
    ):
        assert cli.run(arguments) == ends, arguments
    capsys.readouterr()
    assert cli.run(["period", "list", "--format", "json"]) == 0
    (period,) = json.loads(capsys.readouterr().out)
    assert (period["unit"], period["last_day"], period["state"]) == ("MSK", "2025-01-31", "sealed")
    assert cli.run(["period", "list"]) == 0
    assert period["hash"] in capsys.readouterr().out
    assert cli.run(["period", "reopen", "MSK", "2025-01-31", "--reason", "court order", "--sealed"]) == 0


@pytest.mark.parametrize(("language", "told"), [("en", "altered: posting 1 of sale 1"), ("ru", "изменено: posting 1"), ("zh", "已改动：")])
def test_verify_names_the_row(books: Db, capsys: pytest.CaptureFixture[str], language: str, told: str) -> None:
    assert cli.run(["period", "close", "MSK", "2025-01-31"]) == 0
    ledger.tamper(books, "update posting set amount = 11000 where document_id = 1 and line = 1")
    assert cli.run(["verify", "--lang", language]) == 1
    assert told in capsys.readouterr().out
    assert cli.run(["verify", "--format", "json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)
    assert (finding["what"], finding["relation"], finding["number"], finding["row"]) == ("altered", "posting", "1", "1")
