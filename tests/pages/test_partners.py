"""Partners: the list with its sorting, search and pages, and the page of one with its tabs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.test import Client

from setoff.books.audit import Actor
from setoff.language import LANGUAGES, text
from setoff.parties.services import save_masters
from setoff.settlements.services import post_document
from tests.cast import MASTERS
from tests.reports.story import ACTOR, payment, sale, tell
from tests.told import BooksOf

Company = psycopg.Connection[Any]
SignIn = Callable[..., Client]
DAY = "as-of=2025-03-31"
SORTS = ("overdue", "they-owe", "we-owe", "overdue-payable", "advance-received", "advance-paid", "net", "days", "name")
TABS = ("open", "card", "statement", "documents", "contracts", "habits")


@pytest.fixture
def company(books_of: BooksOf, actor: Actor, request: pytest.FixtureRequest) -> Company:
    """The cast, and the story of the reports where a test asks for it."""
    return books_of(tell) if "story" in request.fixturenames else books_of(save_masters, MASTERS, actor)


@pytest.fixture
def story(web: Company) -> Company:
    return web


def id_of(conn: Company, code: str, table: str = "counterparty") -> int:
    row = conn.execute(f"select id from {table} where code = %s", [code]).fetchone()
    assert row is not None
    return int(row[0])


def names_on(client: Client, address: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/partners/\d+/[^"]*">([^<]*)</a>', client.get(address).content.decode())


def test_the_list_shows_both_sides_of_a_currency(story: Company, sign_in: SignIn) -> None:
    told = sign_in("viewer").get(f"/partners/?{DAY}&currency=RUB").content.decode()
    assert "ООО «Вега»" in told and ">200.00<" in told and ">600.00<" in told and "Berliner" not in told


@pytest.mark.parametrize("sort", SORTS)
def test_page_after_page_every_party_stands_once(
    story: Company, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr("setoff.pages.partners.PAGE", 1)
    client, found, after = sign_in("viewer"), [], ""
    while True:
        told = client.get("/partners/", {"as-of": "2025-02-12", "currency": "RUB", "sort": sort, "after": after}).content.decode()
        found += re.findall(r'<th scope="row"><a href="/partners/(\d+)/', told)
        following = re.search(r'href="[^"]*after=([^"&]*)[^"]*"[^>]*rel="next"', told)
        if following is None:
            break
        after = following[1].replace("%2C", ",")
    assert len(found) == len(set(found)) and str(id_of(story, "VEGA")) in found


def test_the_largest_debt_stands_first(story: Company, sign_in: SignIn) -> None:
    post_document(story, sale("2025-03-20", "S-8", "90.00", contract="BUYER-LEGAL", party="SIRIUS"), ACTOR)
    post_document(story, sale("2025-03-21", "S-9", "5000.00"), ACTOR)
    assert names_on(sign_in("viewer"), f"/partners/?{DAY}&currency=RUB&sort=they-owe")[:2] == ["ООО «Вега»", "ООО «Сириус»"]


@pytest.mark.parametrize("said", ["вега", "VEG", "7702070139", "ооо вег", "7702"])
def test_a_party_is_found_by_parts(story: Company, sign_in: SignIn, said: str) -> None:
    assert names_on(sign_in("viewer"), f"/partners/?{DAY}&q={said}") == ["ООО «Вега»"]


def test_nothing_found_says_what_to_do(story: Company, sign_in: SignIn) -> None:
    told = sign_in("viewer").get(f"/partners/?{DAY}&q=zzz").content.decode()
    assert text("en", "party-none-found", said="zzz").replace('"', "&quot;") in told


def test_empty_books_say_what_to_do(sign_in: SignIn) -> None:
    assert text("en", "party-none") in sign_in("viewer").get("/partners/").content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tab", TABS)
def test_every_tab_in_every_language(story: Company, sign_in: SignIn, language: str, tab: str) -> None:
    answer = sign_in("viewer", language).get(f"/partners/{id_of(story, 'VEGA')}/?{DAY}&tab={tab}")
    assert answer.status_code == 200 and text(language, f"party-tab-{tab}") in answer.content.decode()


def test_a_tab_alone_is_a_part(story: Company, sign_in: SignIn) -> None:
    address = f"/partners/{id_of(story, 'VEGA')}/?{DAY}&tab=card"
    told = sign_in("viewer").get(address, HTTP_HX_REQUEST="true", HTTP_HX_TARGET="tab").content.decode()
    assert "<html" not in told and "S-2" in told


def test_a_group_is_the_sum_of_its_members(story: Company, sign_in: SignIn) -> None:
    post_document(story, sale("2025-03-20", "S-8", "90.00", contract="BUYER-LEGAL", party="SIRIUS"), ACTOR)
    told = sign_in("viewer").get(f"/partners/groups/{id_of(story, 'VEGA-GROUP', 'partner')}/?{DAY}").content.decode()
    assert "−110.00" in told and "ООО «Сириус»" in told


def test_the_page_as_known_earlier(story: Company, sign_in: SignIn) -> None:
    row = story.execute("select max(recorded_at) from version").fetchone()
    assert row is not None
    post_document(story, payment("2025-03-30", "P-7", "70.00"), Actor("tester", "test"))
    address = f"/partners/{id_of(story, 'VEGA')}/?{DAY}"
    client = sign_in("viewer")
    assert "−270.00" in client.get(address).content.decode()
    known = client.get(address, {"known-at": row[0].isoformat(), "as-of": "2025-03-31"}).content.decode()
    assert "−200.00" in known and "−270.00" not in known


@pytest.mark.parametrize("asked", ["contour=x", "as-of=2025-02-30", "tab=x"])
def test_what_makes_no_sense_is_refused(story: Company, sign_in: SignIn, asked: str) -> None:
    assert sign_in("viewer").get(f"/partners/{id_of(story, 'VEGA')}/?{asked}").status_code == 422


def test_an_unknown_partner_is_not_found(story: Company, sign_in: SignIn) -> None:
    client = sign_in("viewer")
    assert client.get("/partners/999999/").status_code == client.get("/partners/groups/999999/").status_code == 404
