"""What every request has in common: sign-in, problems, idempotency, limits, the description and its pages."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.test import Client

from setoff.api import idempotency
from setoff.core.errors import ErrorCode
from tests.api.asking import Api, sale

Company = psycopg.Connection[Any]


def test_nobody_is_told_to_sign_in(web: Company) -> None:
    answer = Client(SERVER_NAME="localhost").get("/api/v1/documents")
    assert (answer.status_code, answer["WWW-Authenticate"], answer.json()["code"]) == (401, "Bearer", "sign_in_required")


def test_a_session_needs_the_token_of_its_page(accountant: Api) -> None:
    strict = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    strict.cookies = accountant.client.cookies
    assert strict.get("/api/v1/documents").status_code == 200
    answer = strict.post("/api/v1/documents", sale("1"), "application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


@pytest.mark.parametrize(
    ("content", "media_type", "status", "code"),
    [
        (b"{", "application/json", 400, "request_unreadable"),
        (b'{"a": "\xff"}', "application/json", 400, "request_unreadable"),
        (b'{"type": "sale", "unit": "\\u0000"}', "application/json", 400, "request_unreadable"),
        (b"[" * 100_000, "application/json", 400, "request_unreadable"),
        (b"{}", "text/plain", 415, "media_type_unsupported"),
        (b"{}", "application/json", 422, "field_missing"),
        (b'{"type": "sole"}', "application/json", 422, "invalid_value"),
        (b'{"type":"sale","unit":"MSK","date":"2026-01-01","counterparty":"V","lines":[],"x":1}', "application/json", 422, "unknown_field"),
        (b" " * ((8 << 20) + 1), "application/json", 413, "request_too_large"),
    ],
)  # fmt: skip
def test_a_body_that_is_wrong_is_told_so(accountant: Api, content: bytes, media_type: str, status: int, code: str) -> None:
    answer = accountant.post("documents", content, content_type=media_type)
    assert (answer.status_code, answer.json()["code"], answer["Content-Type"]) == (status, code, "application/problem+json")


def test_wrong_addresses_and_methods_are_problems(accountant: Api) -> None:
    unknown = accountant.get("nothing/here")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "route_unknown")
    method = accountant.send("DELETE", "documents")
    assert (method.status_code, method["Allow"], method.json()["code"]) == (405, "GET, POST", "method_not_allowed")
    number = accountant.get("documents", limit=0).json()
    assert (number["code"], number["field"]) == ("invalid_value", "limit")
    assert accountant.get("documents", cursor="abc").json()["field"] == "cursor"
    assert accountant.get("documents", number="a\0b").json()["code"] == "invalid_value"


def test_the_same_key_does_it_once(accountant: Api) -> None:
    unnumbered = {**sale("1"), "number": ""}
    first = accountant.post("documents", unnumbered, idempotency_key="k1")
    second = accountant.post("documents", unnumbered, idempotency_key="k1")
    assert first.status_code == 200, first.content
    assert (second.json(), second["Idempotency-Replayed"], second["ETag"]) == (first.json(), "true", first["ETag"])
    assert len(accountant.get("documents").json()["rows"]) == 1
    other = accountant.post("documents", sale("2"), idempotency_key="k1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len(accountant.post("documents", unnumbered, idempotency_key="k2").json()["key"]) > 0
    assert len(accountant.get("documents").json()["rows"]) == 2


def test_what_was_answered_long_ago_is_forgotten(accountant: Api, web: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "FORGET_EVERY", 1)
    accountant.post("documents", sale("1"), idempotency_key="old")
    web.execute("update api_request set recorded_at = recorded_at - interval '73 hours'")
    assert accountant.post("documents", sale("2"), idempotency_key="new").status_code == 200
    assert web.execute("select key from api_request").fetchall() == [("new",)]


def test_a_refused_request_may_be_tried_again_with_its_key(accountant: Api) -> None:
    new = {"type": "counterparty", "code": "NEW", "name": "New"}
    paper = sale("1", counterparty="NEW", contract="", agreement="RETAIL")
    assert accountant.post("documents", paper, idempotency_key="k").status_code == 422
    accountant.put("counterparties", [new])
    assert accountant.post("documents", paper, idempotency_key="k").status_code == 200


def test_the_same_key_at_the_same_moment_does_it_once(sign_in: Callable[[str], Api]) -> None:
    apis = [sign_in("accountant") for _ in range(6)]
    unnumbered = {**sale("1"), "number": ""}
    answers: list[Any] = []
    gate = threading.Barrier(len(apis))

    def ask(api: Api) -> None:
        from django.db import connections

        gate.wait()
        answers.append(api.post("documents", unnumbered, idempotency_key="same"))
        connections.close_all()

    threads = [threading.Thread(target=ask, args=(api,)) for api in apis]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {(answer.status_code, answer.json()["key"]) for answer in answers} == {(200, answers[0].json()["key"])}
    assert len(apis[0].get("documents").json()["rows"]) == 1


def test_an_import_with_a_key_is_answered_again(accountant: Api) -> None:
    import json

    content = json.dumps({**sale("1"), "number": ""}).encode()
    first = accountant.post("imports", content, content_type="application/x-ndjson", idempotency_key="i")
    second = accountant.post("imports", content, content_type="application/x-ndjson", idempotency_key="i")
    assert (first.status_code, second.content) == (200, first.content)
    assert len(accountant.get("documents").json()["rows"]) == 1


def test_who_asks_too_often_is_told_when_to_go_on(accountant: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETOFF_API_REQUESTS_PER_MINUTE", "3")
    answers = [accountant.get("periods") for _ in range(4)]
    if [answer.status_code for answer in answers[1:]] != [200, 200, 429]:  # a minute began in between
        answers = [accountant.get("periods") for _ in range(4)]
    last = answers[-1]
    assert (last.status_code, last.json()["code"]) == (429, "too_many_requests")
    assert 1 <= int(last["Retry-After"]) <= 60
    assert answers[0]["RateLimit-Limit"] == "3"


def test_the_pages_about_the_api(web: Company) -> None:
    client = Client(SERVER_NAME="localhost")
    assert client.get("/api/").json()["versions"][0]["openapi"] == "/api/v1/openapi.json"
    page = client.get("/api/docs").content.decode()
    assert "POST /api/v1/documents" in page
    assert "<script>" not in page
    assert "period_closed" in client.get("/api/errors/").content.decode()
    for code in ErrorCode:
        assert client.get(f"/api/errors/{code.value}").status_code == 200
    assert client.get("/api/errors/nothing").status_code == 404
