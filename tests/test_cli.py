"""The command line: what it lists, how it refuses, that it is quick."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from typing import Any

import psycopg
import pytest
import typer

from setoff import cli
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import Money
from setoff.language import LANGUAGES, Language, has_text


def refuse(error: DomainError) -> Callable[[], None]:
    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_can_be_loaded_and_has_a_line_of_help(name: str) -> None:
    found = cli.load(cli.COMMANDS[name])
    assert isinstance(found, typer.Typer) or callable(found)
    assert all(has_text(language, f"command-{name}") for language in LANGUAGES)


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--help"]) == 0
    listed = capsys.readouterr().out
    assert all(f"  {name} " in listed for name in cli.COMMANDS)


@pytest.mark.parametrize("arguments", [["--version"], ["--lang", "ru", "--version"]])
def test_the_version_needs_no_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.setenv("SETOFF_LANG", "en")
    assert cli.run(arguments) == 0
    assert capsys.readouterr().out == f"setoff {metadata.version('setoff')}\n"


def test_help_imports_no_command() -> None:
    program = (
        "import sys; from setoff import cli; cli.run(['--help']);"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'django', 'psycopg', 'numpy', 'polars', 'numba', 'xlsxwriter'}))"
    )
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert printed.splitlines()[-1] == "[]"


def test_wrong_usage_ends_with_2() -> None:
    assert cli.run(["no-such-command"]) == 2
    assert cli.run(["report"]) == 2


@pytest.mark.parametrize("arguments", [["--lang", "ru", "report", "x"], ["report", "--lang=ru", "x"], ["report", "x", "--lang", "ru"]])
def test_the_language_may_be_named_anywhere(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.setenv("SETOFF_LANG", "en")
    assert cli.choose_language(arguments) == ["report", "x"]
    assert cli.default_language() == "ru"


def test_after_two_dashes_everything_is_an_argument(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETOFF_LANG", "en")
    assert cli.choose_language(["x", "--", "--lang", "ru"]) == ["x", "--", "--lang", "ru"]


def test_a_language_that_is_none_of_ours_is_refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETOFF_LANG", "en")
    assert cli.run(["--lang", "de", "report"]) == 1
    told = capsys.readouterr().err
    assert told.startswith('invalid_value: "de" is not allowed here.')
    assert "\n  Allowed: en, ru, zh\n" in told


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "en",
            [
                "period_closed: This would change a closed period. The books are open from —; concerned: 7.",
                "  Field: date",
                "  - document 7, period 2026-01, before 5.00\xa0EUR, after —",
                "  How to mend it: Date the document in an open period, or reopen the period.",
            ],
        ),
        (
            "zh",
            [
                "period_closed: 此操作将改变已结账期间。账簿自 — 起开放；涉及：7。",
                "  字段：date",
                "  - 单据 7, 期间 2026-01, 变更前 5.00\xa0EUR, 变更后 —",
                "  改正方法：将单据日期改到未结账期间，或反结账。",
            ],
        ),
    ],
)
def test_a_refusal_prints_its_code_text_field_rows_and_how_to_mend_it(language: Language, expected: list[str]) -> None:
    rows = [{"document": "7", "period": "2026-01", "before": Money(500, "EUR"), "after": None}]
    error = DomainError(ErrorCode.PERIOD_CLOSED, documents="7", field="date", rows=rows)
    assert list(cli.refusal_lines(language, error)) == expected


def test_a_refusal_ends_with_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SETOFF_LANG", "en")
    monkeypatch.setattr(cli, "load", lambda _: refuse(DomainError(ErrorCode.CONTRACT_REQUIRED)))
    assert cli.run(["report"]) == 1
    assert capsys.readouterr().err.splitlines()[0] == "contract_required: A contract is needed here."


def test_a_lost_connection_is_told_and_a_bug_is_not_hidden(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def lost() -> None:
        raise psycopg.OperationalError("the server closed the connection")

    def bug() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(cli, "load", lambda _: lost)
    assert cli.run(["report"]) == 1
    assert "the server closed the connection" in capsys.readouterr().err
    monkeypatch.setattr(cli, "load", lambda _: bug)
    with pytest.raises(ZeroDivisionError):
        cli.run(["report"])


def test_an_unreachable_database_is_a_refusal_of_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETOFF_DATABASE_URL", "postgresql://nobody:secret@127.0.0.1:1/books")
    command: list[Any] = [sys.executable, "-c", "from setoff.cli import main; main()", "report", "statement", "--lang", "en"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith("database_unreachable: The database 127.0.0.1/books cannot be reached:")
    assert "secret" not in ended.stderr
