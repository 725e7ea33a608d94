"""The log says what happened and not to whom: after a day's work and some failures nobody's data is in it."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.test import Client

from setoff.settlements.services import post_document
from setoff.site import logs
from setoff.site.environment import read
from tests import cast
from tests.reports.story import ACTOR, DOCUMENTS

Db = psycopg.Connection[Any]
PRIVATE = (
    "Вега", "VEGA", "Группа", "7702070139", "Металлсервис", "1200", "1 200", "ромашка", "BUYER", "S-1", "as_of", "2026-07", "secret-word",
    "accountant", "anna@example.com", "password", "203.0.113.7",
)  # fmt: skip


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the loggers write, as the server sets them up."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure(read((("SETOFF_LOG_LEVEL", "debug"),)))
    logging.captureWarnings(False)
    output = io.StringIO()
    root.handlers[0].setStream(output)  # type: ignore[attr-defined]
    yield output
    root.handlers[:] = before
    root.setLevel(level)


def lines(output: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.getvalue().splitlines()]


FIGURES = re.compile(r'"time":"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+\+00:00"|"request_id":"[0-9a-f]{32}"|"duration_ms":[0-9.]+')


def without_figures(told: str) -> str:
    """Without the clock and the ids of requests, where they are nothing else: any four digits may stand in them by chance."""
    return FIGURES.sub("", told)


def test_nobodys_data_is_in_the_log(
    web: Db, sign_in: Callable[..., Client], written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    for document in DOCUMENTS:
        post_document(web, document, ACTOR)
    stranger = Client(SERVER_NAME="localhost", REMOTE_ADDR="203.0.113.7")
    stranger.post("/account/login/", {"login": "accountant", "password": "secret-word"})
    stranger.post("/account/login/", {"login": "anna@example.com", "password": "secret-word"})
    stranger.get("/documents/S-1/")
    Client(SERVER_NAME="7702070139.example").get("/partners/Вега")
    client = sign_in("accountant", "ru")
    client.raise_request_exception = False
    for path in (
        "/", "/reports/statement/?counterparty=VEGA&as_of=2026-07-01", "/reports/card/?counterparty=7702070139", "/documents/?q=Вега+1200",
        "/pick/counterparties/?q=Металлсервис", "/open/?counterparty=VEGA", "/reports/no-such/?counterparty=VEGA",
        "/partners/Вега/7702070139",
    ):  # fmt: skip
        client.get(path)
    client.post("/working-day/", {"day": "2026-07-45"})
    for problem in (ValueError("ООО «Вега», 1200.00"), psycopg.errors.UniqueViolation("Key (tax_id)=(7702070139) already exists")):
        monkeypatch.setattr("setoff.pages.page.require_somewhere", lambda *_a, problem=problem: (_ for _ in ()).throw(problem))
        assert client.get("/?q=VEGA").status_code == 500

    told = without_figures(written.getvalue())
    assert [word for word in PRIVATE if word.lower() in told.lower()] == []
    assert "?" not in told.replace("(?P", "")
    found = lines(written)
    requests = [line for line in found if line["event"] == "request"]
    assert len(requests) >= 12
    assert {line["route"] for line in requests} >= {"account/login/", "", "none"}
    assert all(set(line) <= {"time", "level", "logger", "event", "error", "stack", *logs.FIELDS} for line in found)
    user_id = web.execute("select id from access_user where username = 'accountant'").fetchone()
    assert user_id and user_id[0] in {line.get("user_id") for line in requests}
    assert "report_unknown" in {line.get("refusal") for line in requests}
    failed = [line for line in found if "error" in line]
    assert {"builtins.ValueError", "psycopg.errors.UniqueViolation"} <= {kind for line in failed for kind in line["error"]}
    assert any("page.py" in place for line in failed for place in line["stack"])


def test_the_names_looked_for_are_those_of_the_cast() -> None:
    """Else the test above would look for nothing."""
    assert cast.VEGA.tax_id in PRIVATE and cast.VEGA.code in PRIVATE
    assert "Вега" in cast.VEGA.name and "Металлсервис" in cast.METALL.name
    assert any(getattr(document, "number", "") == "S-1" for document in DOCUMENTS)


def test_messages_of_libraries_are_written_without_what_was_filled_in(written: io.StringIO) -> None:
    logging.getLogger("django.request").warning("%s: %s", "Not Found", "/partners/7702070139")
    logging.getLogger("psycopg.pool").warning("no connection for user anna@example.com")
    logging.getLogger("gunicorn.error").error("Error handling request %s", "/?q=Вега")
    logging.getLogger("gunicorn.error").info("Listening at: %s", "http://127.0.0.1:8000")
    assert [line["event"] for line in lines(written)] == [
        "%s: %s", "psycopg.pool", "Error handling request %s", "Listening at: http://127.0.0.1:8000",
    ]  # fmt: skip


def test_a_line_for_a_person(written: io.StringIO) -> None:
    root = logging.getLogger()
    root.handlers[0].setFormatter(logs.TextLines())
    logging.getLogger("setoff.request").info("request", extra={"route": "reports/", "status": 200})
    assert written.getvalue().endswith(" info request logger=setoff.request route=reports/ status=200\n")


def test_a_request_keeps_the_id_that_the_proxy_gave(web: Db) -> None:
    client = Client(SERVER_NAME="localhost")
    assert client.get("/health/live", headers={"X-Request-ID": "abcdef0123456789"}).headers["X-Request-ID"] == "abcdef0123456789"
    for bad in ("x", "a b c d e f g h", "<script>alert</script>", "x" * 65):
        assert client.get("/health/live", headers={"X-Request-ID": bad}).headers["X-Request-ID"] != bad


def test_every_answer_to_a_request_is_found_by_its_id(web: Db, written: io.StringIO) -> None:
    answer = Client(SERVER_NAME="localhost").get("/account/login/")
    assert [line["request_id"] for line in lines(written) if line["event"] == "request"] == [answer.headers["X-Request-ID"]]
