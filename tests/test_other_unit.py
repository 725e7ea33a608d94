"""Somebody who reads one unit asks for another's data by every address there is, on pages and by the API, and gets none of it.

Every address is asked with the ids, keys and codes of the other unit in its path and in its query. A new address is asked by itself: a
parameter of a path that is not known here fails the test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import msgspec
import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from setoff.access import approvals
from setoff.access.policies import set_policy
from setoff.access.queries import rights_of, rights_of_owner
from setoff.books.audit import Actor
from setoff.books.services import close_period
from setoff.clearing.rounds.records import NewRound
from setoff.clearing.rounds.services import open_round
from setoff.settlements.services import post_document
from setoff.trade.documents import Line, Payment, Sale
from tests.access.people import add_user
from tests.pages.conftest import Company, sign_in, web

__all__ = ["sign_in", "web"]
SECRET: Final = "Тайна-77431"
"""Stands in the other unit's data and nowhere else."""
FOREIGN: Final = ("SHA", "HONGYUAN", "上海宏远", "CN-BUYER", SECRET)
OWN_WORDS: Final = re.compile(r"SHA256|SHA-256|sha256")
NOT_ASKED: Final = ("account/", "api/docs", "language/", "working-day/")
"""Of sign-in and of the browser: no data of the books."""


@pytest.fixture
def other(web: Company, actor: Actor) -> dict[str, Any]:
    """What there is of Shanghai: a posted sale, a payment that waits for approval, a round of set-off whose code is that which addresses
    are asked with, a closed month."""
    terms = {"unit": "SHA", "counterparty": "HAIDA", "contract": "CN-BUYER"}
    sold = post_document(web, Sale(key=f"{SECRET}-sale", number=SECRET, date="2025-01-10", lines=[Line(amount="100")], **terms), actor)
    set_policy(web, "payment", actor, unit="SHA")
    carl = rights_of(web, add_user(web, "carl", SHA="controller"))
    paid = Payment(key=f"{SECRET}-paid", number=f"{SECRET}-2", kind="refund_to_customer", date="2025-02-10", amount="5", **terms)
    pending = approvals.post(web, paid, Actor("carl", "page"), carl)
    assert isinstance(pending, approvals.Pending)
    close_period(web, "SHA", date(2025, 1, 31), actor)
    opened = open_round(web, NewRound("CN-BUYER", date(2025, 1, 31), ("SHA",)), actor, rights_of_owner(web, "tester"))
    add_user(web, "mara", MSK="administrator")
    number = {"document_id": sold.document_id, "approval_id": pending.approval_id, "round_id": opened.id, "no": 1, "verb": "bar"}
    return {**number, "key": f"{SECRET}-sale", "unit": "SHA", "code": "CN-BUYER"}


@pytest.fixture
def mara(other: dict[str, Any]) -> Client:
    """May do everything in Moscow, and nothing elsewhere."""
    from django.contrib.auth import get_user_model

    client = Client(SERVER_NAME="localhost", raise_request_exception=True)
    client.force_login(get_user_model().objects.get(username="mara"))
    return client


def routes(patterns: list[Any] | None = None, before: str = "") -> Iterator[str]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = before + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield path


def address(route: str, other: dict[str, Any]) -> str:
    """The address with the other unit's names in it."""

    def named(found: re.Match[str]) -> str:
        kind, name = found[1] or "str:", found[2]
        if name in other:
            return str(other[name])
        if kind == "int:":
            return str(other["document_id"])
        return {"last_day": "2025-01-31", "day": "2025-01-31", "unit": "SHA", "contract": "CN-BUYER"}.get(name, str(other["key"]))

    return "/" + re.sub(r"<(\w+:)?(\w+)>", named, route).rstrip("$")


def leaked(response: Any, asked: str) -> list[str]:
    """Words of the other unit in an answer that were not asked with: an answer may repeat what it was asked for."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    text = OWN_WORDS.sub("", body.decode("utf-8", "replace"))
    return [word for word in FOREIGN if word not in asked and re.search(rf"(?<![\w-]){re.escape(word)}(?![\w])", text)]


def asked_routes() -> list[str]:
    return [route for route in routes() if not route.startswith(NOT_ASKED)]


def test_by_every_address(mara: Client, other: dict[str, Any]) -> None:
    found = []
    for route in asked_routes():
        path = address(route, other)
        for query in ("", "unit=MSK"):
            response = mara.get(f"{path}?{query}" if query else path)
            if words := leaked(response, path):
                found.append((path, query, response.status_code, words))
            if response.status_code >= 500:
                found.append((path, query, response.status_code, []))
    assert found == []


def test_what_is_named_by_the_other_unit_is_not_there(mara: Client, other: dict[str, Any]) -> None:
    """An address with its id in the path answers as if there was none."""
    for path in (f"/rounds/{other['round_id']}/", "/api/v1/rounds/CN-BUYER", "/network/?round=CN-BUYER",
                 f"/documents/{other['document_id']}/", f"/approvals/{other['approval_id']}/", f"/documents/by-key/?key={other['key']}",
                 f"/api/v1/documents/{other['key']}", f"/api/v1/explanations/{other['key']}", "/audit/?unit=SHA"):  # fmt: skip
        assert mara.get(path).status_code == 404, path


QUERIES: Final = (
    "unit=SHA", "contract=CN-BUYER", "q=Тайна", "number=Тайна-77431", "counterparty=HAIDA", "text=CN-BUYER", "organization=HONGYUAN",
)  # fmt: skip


def test_by_every_filter(mara: Client, other: dict[str, Any]) -> None:
    found = []
    for route in asked_routes():
        if "<" in route:
            continue
        for query in QUERIES:
            response = mara.get(f"/{route.rstrip('$')}?{query}")
            if words := leaked(response, query):
                found.append((route, query, response.status_code, words))
            if response.status_code >= 500:
                found.append((route, query, response.status_code, []))
    assert found == []


def test_nothing_of_it_is_changed(mara: Client, other: dict[str, Any], web: Company) -> None:
    """Every address is sent a form and a record; the other unit is as it was."""
    tables = (
        "document", "version", "lot", "posting", "period", "approval", "contract", "unit", "organization", "clearing_round",
        "round_obligation",
    )  # fmt: skip

    def standing() -> dict[str, list[Any]]:
        found = {}
        for table in tables:
            column = {"clearing_round": "true", "round_obligation": "true",
                      "unit": "code = 'SHA'", "organization": "code = 'HONGYUAN'", "contract": "code like 'CN-%%'"}.get(
                table, "unit_id = (select id from unit where code = 'SHA')"
            )
            found[table] = web.execute(f"select * from {table} where {column} order by 1, 2").fetchall()
        return found

    before = standing()
    form = {"unit": "SHA", "last-day": "2025-01-31", "reason": "x", "key": other["key"], "contract": "CN-BUYER", "consent": "yes"}
    sale = Sale(key=other["key"], unit="SHA", date="2025-03-01", counterparty="HAIDA", contract="CN-BUYER", lines=[Line(amount="1")])
    for route in asked_routes():
        path = address(route, other)
        if route.startswith("api/"):
            for method in (mara.post, mara.put, mara.delete):
                assert method(path, msgspec.json.encode(sale), content_type="application/json").status_code < 500, path
        else:
            for action in ("reopen", "approve", "refuse", "post", "delete"):
                assert mara.post(path, {**form, "action": action}).status_code < 500, path
    assert standing() == before


def test_who_may_read_it_finds_it_by_the_same_addresses(sign_in: Any, other: dict[str, Any]) -> None:
    """Else the tests above would pass where nothing is shown to anybody."""
    client = sign_in("administrator")
    paths = [address(route, other) for route in asked_routes()]
    answers = [client.get(path) for path in paths]
    read = [response for response in answers if response.status_code != 405]
    assert sum(response.status_code == 200 for response in answers) > len(read) // 2
    assert sum(bool(leaked(response, "")) for response in answers if response.status_code == 200) > 10
