"""What every answer tells the browser; whether the server is well; its figures; and what it refuses to read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.test import Client

from setoff.core.errors import DomainError, ErrorCode
from setoff.site import database, health
from setoff.site.headers import HEADERS, POLICY

Db = psycopg.Connection[Any]
PAGES = Path(__file__).parent.parent.parent / "src" / "setoff" / "pages"


@pytest.fixture
def client(web: Db) -> Client:
    return Client(SERVER_NAME="localhost", raise_request_exception=False)


@pytest.mark.parametrize("path", ["/account/login/", "/", "/nowhere", "/static/setoff/setoff.css", "/health/live"])
def test_every_answer_has_the_headers(client: Client, path: str) -> None:
    answer = client.get(path)
    for name, value in HEADERS.items():
        assert answer.headers[name] == value, name
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-ID"])
    answer.close()


def test_nothing_inline_may_run() -> None:
    assert "unsafe" not in POLICY and "script-src" not in POLICY and "style-src" not in POLICY
    assert POLICY.startswith("default-src 'self';") and "frame-ancestors 'none'" in POLICY


def test_no_page_of_ours_has_anything_inline() -> None:
    """The policy would stop it silently."""
    inline = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|<style\b|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)
    found = [
        f"{path.name}: {match.group()}"
        for path in PAGES.rglob("*.html")
        for match in inline.finditer(re.sub(r"\{%.*?%\}|<script[^>]*type=\"application/json\"[^>]*>", "", path.read_text(encoding="utf-8")))
    ]
    assert found == []


def test_answers_of_the_books_are_not_kept(sign_in: Callable[..., Client]) -> None:
    answer = sign_in("accountant").get("/")
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]


def test_cookies_are_for_the_server_alone(client: Client) -> None:
    from django.conf import settings

    assert settings.SESSION_COOKIE_HTTPONLY and settings.SESSION_COOKIE_SAMESITE == "Lax"
    assert client.get("/account/login/").cookies["csrftoken"]["samesite"] == "Lax"


def test_a_form_without_its_token_is_refused(web: Db, sign_in: Callable[..., Client]) -> None:
    strict = Client(enforce_csrf_checks=True, SERVER_NAME="localhost")
    strict.cookies = sign_in("accountant").cookies
    assert strict.post("/working-day/", {"day": "2026-01-01"}).status_code == 403


def test_another_host_is_refused(web: Db) -> None:
    assert Client(SERVER_NAME="evil.example").get("/account/login/").status_code == 400


def test_by_https_cookies_and_browsers_are_told_so(web: Db, settings_of: Callable[[dict[str, str]], dict[str, Any]]) -> None:
    found = settings_of({"SETOFF_HTTPS": "yes"})
    assert found["SESSION_COOKIE_SECURE"] and found["CSRF_COOKIE_SECURE"] and found["SECURE_SSL_REDIRECT"]
    assert found["SECURE_HSTS_SECONDS"] == 365 * 24 * 3600
    found = settings_of({"SETOFF_HTTPS": "no"})
    assert not (found["SESSION_COOKIE_SECURE"] or found["SECURE_HSTS_SECONDS"] or found["SECURE_SSL_REDIRECT"])


@pytest.fixture
def settings_of() -> Callable[[dict[str, str]], dict[str, Any]]:
    """Django's settings in a process with these variables."""
    import os
    import subprocess
    import sys

    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS", "SECURE_SSL_REDIRECT")
    program = f"import json; from setoff.site import settings; print(json.dumps({{name: getattr(settings, name) for name in {names}}}))"

    def asked(variables: dict[str, str]) -> dict[str, Any]:
        environment = {**os.environ, **variables}
        run = subprocess.run([sys.executable, "-W", "ignore", "-c", program], env=environment, capture_output=True, text=True, check=True)
        found: dict[str, Any] = json.loads(run.stdout)
        return found

    return asked


def test_it_lives_and_is_ready(client: Client) -> None:
    assert client.get("/health/live").json() == {"state": "ok"}
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"state": "ok", "database": "ok", "disk": "ok"})
    assert Client(SERVER_NAME="10.1.2.3").get("/health/ready").status_code == 200, "who looks after it knows no name"


def test_it_is_not_ready_without_its_tables(client: Client, web: Db) -> None:
    web.execute("delete from django_migrations where app = 'settlements' and name = '0004_bases'")
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["database"]) == (503, "migrations")
    assert client.get("/health/live").status_code == 200


def test_it_is_not_ready_with_tables_of_a_newer_version(client: Client, web: Db) -> None:
    web.execute("insert into django_migrations (app, name, applied) values ('settlements', '0999_later', now())")
    assert client.get("/health/ready").json()["database"] == "database_newer"


def test_it_is_not_ready_without_a_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_address: str | None = None) -> None:
        raise DomainError(ErrorCode.DATABASE_UNREACHABLE, address="", reason="")

    monkeypatch.setattr(database, "connect", gone)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["database"]) == (503, "database_unreachable")


def test_it_is_not_ready_with_a_full_disk(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "MEBIBYTE", 1 << 60)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["disk"]) == (503, "full")


def test_figures_are_for_who_knows_the_token(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get("/metrics").status_code == 404
    monkeypatch.setenv("SETOFF_METRICS_TOKEN", "a-long-enough-token")
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer another-token-altogether"}).status_code == 404
    client.get("/account/login/?next=/partners/7707083893")
    answer = client.get("/metrics", headers={"Authorization": "Bearer a-long-enough-token"})
    told = answer.content.decode()
    assert answer.status_code == 200
    assert 'setoff_request_seconds_count{method="GET",route="account/login/",status="200"}' in told
    assert "setoff_database_up 1.0" in told and "setoff_disk_free_bytes" in told
    assert re.search(r"^setoff_document_versions_total 0\.0$", told, re.MULTILINE)
    assert "7707083893" not in told


def test_refusals_are_counted_by_code(sign_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETOFF_METRICS_TOKEN", "a-long-enough-token")
    client = sign_in("accountant")
    assert client.get("/reports/no-such-report/").status_code == 404
    told = client.get("/metrics", headers={"Authorization": "Bearer a-long-enough-token"}).content.decode()
    assert re.search(r'setoff_refusals_total\{code="report_unknown"\} [1-9]', told)


def test_a_body_that_is_too_large_is_refused_before_it_is_read(sign_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETOFF_UPLOAD_MIB", "1")
    client = sign_in("accountant")
    answer = client.post("/working-day/", data=b"x" * (1 << 20) + b"y", content_type="text/plain", headers={"Accept-Language": "zh"})
    assert answer.status_code == 413
    assert answer.content.decode().startswith("upload_too_large: 发送的内容超过 1 MiB。")
    assert client.post("/working-day/", {"day": ""}).status_code == 302
