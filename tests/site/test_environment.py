"""Settings are read and checked in one place; each is documented, in three languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from setoff import cli
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import LANGUAGES, text
from setoff.site.environment import OF_TESTS, SETTINGS, environment, read, unknown

SOURCE = Path(__file__).parent.parent.parent / "src" / "setoff"


def test_without_any_variable_everything_has_a_value() -> None:
    found = read(())
    assert found.allowed_hosts == ("localhost", "127.0.0.1", "[::1]")
    assert (found.https, found.trusted_networks, found.trusts_unix) == (False, (), False)
    assert (found.log_format, found.log_level, found.metrics_token) == ("json", "info", "")


def test_what_is_given_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "SETOFF_ALLOWED_HOSTS": "books.example.com, .example.org",
        "SETOFF_HTTPS": "yes",
        "SETOFF_TRUSTED_PROXY": "127.0.0.1, 10.0.0.0/8, unix",
        "SETOFF_UPLOAD_MIB": "64",
        "SETOFF_METRICS_TOKEN": "t" * 16,
        "SETOFF_LOG_FORMAT": "",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    found = environment()
    assert found.allowed_hosts == ("books.example.com", ".example.org")
    assert found.https and found.trusts_unix
    assert [str(network) for network in found.trusted_networks] == ["127.0.0.1/32", "10.0.0.0/8"]
    assert (found.upload_mib_max, found.metrics_token, found.log_format) == (64, "t" * 16, "json")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SETOFF_ALLOWED_HOSTS", "*"),
        ("SETOFF_ALLOWED_HOSTS", "https://books.example.com"),
        ("SETOFF_ALLOWED_HOSTS", "books.example.com:8000"),
        ("SETOFF_ALLOWED_HOSTS", ","),
        ("SETOFF_HTTPS", "maybe"),
        ("SETOFF_TRUSTED_PROXY", "proxy.local"),
        ("SETOFF_TRUSTED_PROXY", "0.0.0.0/0"),
        ("SETOFF_TRUSTED_PROXY", "::/0"),
        ("SETOFF_SECRET_KEY", "short"),
        ("SETOFF_METRICS_TOKEN", "guess"),
        ("SETOFF_UPLOAD_MIB", "0"),
        ("SETOFF_UPLOAD_MIB", "many"),
        ("SETOFF_UPLOAD_MIB", "-1"),
        ("SETOFF_STATEMENT_SECONDS", "1.5"),
        ("SETOFF_LOCK_SECONDS", "601"),
        ("SETOFF_DISK_MIB", "0"),
        ("SETOFF_LOG_FORMAT", "xml"),
        ("SETOFF_LOG_LEVEL", "loud"),
        ("SETOFF_LANG", "de"),
        ("SETOFF_DATABASE_URL", "http://example.com"),
    ],
)
def test_a_wrong_value_is_refused(name: str, value: str) -> None:
    with pytest.raises(DomainError) as refused:
        read(((name, value),))
    assert refused.value.code is ErrorCode.SETTING_INVALID
    assert refused.value.facts["setting"] == name


def test_a_secret_is_not_shown() -> None:
    for setting in SETTINGS:
        if setting.is_secret:
            with pytest.raises(DomainError) as refused:
                read(((setting.name, "gu:ess"),))
            assert "gu:ess" not in str(refused.value)


def test_the_server_does_not_start_with_a_wrong_value(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SETOFF_HTTPS", "maybe")
    monkeypatch.setenv("SETOFF_LANG", "ru")
    assert cli.run(["serve"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("setting_invalid: Настройка SETOFF_HTTPS не может иметь значение «maybe».")
    assert "Допустимо: yes или no." in told


def test_a_misspelt_variable_is_found() -> None:
    assert unknown({"SETOFF_ALOWED_HOSTS": "x", "SETOFF_HTTPS": "no", "PATH": "x"}) == [("SETOFF_ALOWED_HOSTS", "SETOFF_ALLOWED_HOSTS")]


def test_every_setting_is_told_in_every_language() -> None:
    for setting in SETTINGS:
        for language in LANGUAGES:
            assert text(language, setting.text_key) and text(language, f"{setting.text_key}-form")


def test_every_variable_that_the_source_reads_is_a_setting() -> None:
    named = {name for path in SOURCE.rglob("*.py") for name in re.findall(r"\bSETOFF_[A-Z_]+[A-Z]\b", path.read_text(encoding="utf-8"))}
    assert named - {setting.name for setting in SETTINGS} - set(OF_TESTS) == set()
