"""What can be set off: the list, its filters, its totals and its file."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.test import Client

from setoff.books.audit import Actor
from setoff.language import LANGUAGES, text
from setoff.settlements.services import post_document
from setoff.trade.documents import Line, Purchase, Sale

SignIn = Callable[..., Client]
Books = psycopg.Connection[Any]
DAY = "2026-03-31"


@pytest.fixture
def both_ways(web: Books, actor: Actor) -> Books:
    """HAIDA owes Shanghai 130 and is owed 40; METALL owes Moscow 75 and is owed 90; BERLIN owes Moscow EUR 20, which nothing meets."""
    haida, metall = {"unit": "SHA", "counterparty": "HAIDA"}, {"unit": "MSK", "counterparty": "METALL"}
    sold = (("late", "100", "2026-02-28"), ("soon", "30", "2026-04-10"))
    for key, amount, due in sold:
        post_document(web, Sale(key=key, date="2026-02-01", due=due, contract="CN-BUYER", lines=[Line(amount=amount)], **haida), actor)
    ours = Purchase(key="ours", date="2026-03-20", due="2026-04-01", contract="CN-SUPPLIER", lines=[Line(amount="40")], **haida)
    post_document(web, ours, actor)
    post_document(web, Purchase(key="steel", date="2026-03-01", contract="SUPPLIER", lines=[Line(amount="90")], **metall), actor)
    post_document(web, Sale(key="scrap", date="2026-03-01", agreement="RETAIL", lines=[Line(amount="75")], **metall), actor)
    berlin = Sale(key="wine", unit="MSK", date="2026-03-01", counterparty="BERLIN", contract="BUYER-EUR", lines=[Line(amount="20")])
    post_document(web, berlin, actor)
    return web


def at(client: Client, address: str) -> str:
    client.post("/working-day/", {"day": DAY, "next": "/"})
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def names(shown: str) -> list[str]:
    """The counterparties of the rows, in order."""
    return re.findall(r"by-code/\?counterparty=(\w+)", shown.split("<tbody>")[1].split("</tbody>")[0]) if "<tbody>" in shown else []


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_sides_and_what_can_be_set_off(both_ways: Books, sign_in: SignIn, language: Any) -> None:
    shown = at(sign_in("viewer", language), "/set-offs/")
    assert text(language, "set-offs-title") in shown and names(shown) == ["HAIDA", "METALL"]
    for figure in ("130.00", "40.00", "75.00", "90.00"):
        assert f'value="{figure}"' in shown
    assert 'value="20.00"' not in shown


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("currency=CNY", ["HAIDA"]), ("unit=MSK", ["METALL"]), ("q=металл", ["METALL"]), ("q=nobody", []), ("least=50", ["METALL"]),
        ("least=40", ["HAIDA", "METALL"]), ("days=30", ["HAIDA", "METALL"]), ("days=31", ["HAIDA"]), ("sort=age", ["HAIDA", "METALL"]),
        ("sort=party", ["METALL", "HAIDA"]), ("page=7", ["HAIDA", "METALL"]),
    ],
)  # fmt: skip
def test_filters_stand_in_the_address(both_ways: Books, sign_in: SignIn, query: str, found: list[str]) -> None:
    """HAIDA's oldest debt fell due on 28 February: 31 days. METALL's is of 1 March: 30 days."""
    assert names(at(sign_in("viewer"), f"/set-offs/?{query}")) == found


def test_totals_are_of_the_whole_filter(both_ways: Books, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("setoff.pages.set_offs.PAGE_ROWS", 1)
    shown = at(sign_in("viewer"), "/set-offs/")
    foot = shown.split("<tfoot>")[1]
    assert names(shown) == ["HAIDA"] and 'value="40.00"' in foot and 'value="75.00"' in foot
    assert names(at(sign_in("viewer"), "/set-offs/?page=2")) == ["METALL"]


def test_the_file_has_what_is_shown(both_ways: Books, sign_in: SignIn) -> None:
    rows = at(sign_in("viewer"), "/set-offs/?currency=RUB&format=csv").splitlines()
    assert rows[1:] == ["АО «Металлсервис»,METALL,75.00,RUB,75.00,90.00,2026-03-01,30,MSK"]


@pytest.mark.parametrize("query", ["sort=x", "days=-1", "days=abc", "least=abc"])
def test_a_bad_filter_is_refused(both_ways: Books, sign_in: SignIn, query: str) -> None:
    assert sign_in("viewer").get(f"/set-offs/?{query}").status_code == 422
