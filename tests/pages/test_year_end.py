"""The page of the end of a year between units: proposed, left, drafted once, refused in place."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.test import Client

from tests.notices.owing import owe

Web = psycopg.Connection[Any]


@pytest.fixture
def owed(web: Web) -> Web:
    owe(web)
    return web


ASKED = {"organization": "ROMASHKA", "year": "2025", "account": "84", "left-SPB": "50.00"}


def drafts(conn: Web) -> list[tuple[str, str, int]]:
    return conn.execute("select code, status, amount from branch_notice where operation = 'year_end' order by id").fetchall()


def test_what_is_proposed_is_drafted_once(owed: Web, sign_in: Callable[..., Client]) -> None:
    client = sign_in("accountant")
    shown = client.get("/year-end/", ASKED).content.decode()
    assert re.findall(r"<div>([^<]+)</div>", shown) == ["84 / 79.02 300.00"]
    assert 'name="left-SPB" value="50.00"' in shown
    assert drafts(owed) == []
    for _ in range(2):
        answer = client.post("/year-end/", ASKED)
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/year-end/")
        assert drafts(owed) == [("closing/2025/MSK/SPB", "draft", 30_000)]
    again = client.get(answer["Location"]).content.decode()
    assert 'name="left-SPB" value="50.00"' in again


def test_what_is_wrong_is_said_in_place(owed: Web, sign_in: Callable[..., Client]) -> None:
    client = sign_in("accountant")
    for wrong in ({"account": ""}, {"account": "62.01"}, {"year": "twenty"}, {"left-SPB": "350.01"}):
        answer = client.get("/year-end/", {**ASKED, **wrong})
        assert (answer.status_code, 'class="refusal' in answer.content.decode()) == (422, True), wrong
    assert client.get("/year-end/").status_code == 200
    assert sign_in("viewer").get("/year-end/").status_code == 403


def test_the_balance_leads_to_it(owed: Web, sign_in: Callable[..., Client]) -> None:
    page = sign_in("accountant").get("/reports/consolidation/", {"organization": "ROMASHKA", "as-of": "2025-12-31"}).content.decode()
    assert 'href="/year-end/"' in page
    assert "account=79.02" in page and "unit=SPB" in page
