"""Today, the lists behind its figures, the checks and the periods."""

from __future__ import annotations

import json
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
from setoff.trade.documents import CustomerOrder, Line, Purchase, Sale
from tests import cast
from tests.told import BooksOf

SignIn = Callable[..., Client]
DAY = "2026-03-31"


@pytest.fixture
def company(books_of: BooksOf, actor: Actor) -> psycopg.Connection[Any]:
    return books_of(tell, actor)


def tell(web: psycopg.Connection[Any], actor: Actor) -> None:
    """The cast. HAIDA owes 100 since February and 30 from April 10 on; we owe it 40, due tomorrow."""
    save_masters(web, cast.MASTERS, actor)
    terms = {"unit": "SHA", "counterparty": "HAIDA"}
    sold = {**terms, "contract": "CN-BUYER"}
    post_document(web, Sale(key="late", date="2026-02-01", due="2026-02-28", lines=[Line(amount="100")], **sold), actor)
    post_document(web, Sale(key="soon", date="2026-03-20", due="2026-04-10", lines=[Line(amount="30")], **sold), actor)
    bought = [Line(amount="40")]
    post_document(web, Purchase(key="ours", date="2026-03-20", due="2026-04-01", contract="CN-SUPPLIER", lines=bought, **terms), actor)


@pytest.fixture
def owed(web: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    return web


def at(client: Client, address: str) -> str:
    client.post("/working-day/", {"day": DAY, "next": "/"})
    answer = client.get(address)
    assert answer.status_code == 200
    return b"".join(answer).decode()


def test_figures_open_their_lists(owed: psycopg.Connection[Any], sign_in: SignIn) -> None:
    client = sign_in("viewer")
    shown = at(client, "/")
    assert '<data value="100.00">' in shown and '<data value="40.00">' in shown
    address = "/open/?side=receivable&what=debt&days=overdue&currency=CNY"
    assert address.replace("&", "&amp;") in shown
    late = at(client, address)
    assert late.count('class="figure negative">31<') == 1 and ">100.00<" in late and ">30.00<" not in late


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_orders_plan_stands_beside_what_is_owed(owed: psycopg.Connection[Any], sign_in: SignIn, actor: Actor, language: str) -> None:
    """70 planned for 10 April, on which 30 are owed: the day has 30, and 70 planned; what is planned for July is too far away."""
    assert text(language, "today-planned-note") not in at(sign_in("viewer", language), "/")
    order = {"unit": "SHA", "counterparty": "HAIDA", "contract": "CN-BUYER", "date": "2026-03-30"}
    for key, amount, wanted in (("near", "70", "2026-04-10"), ("far", "5", "2026-07-01")):
        post_document(owed, CustomerOrder(key=key, lines=[Line(amount=amount)], desired=wanted, **order), actor)
    shown = at(sign_in("viewer", language), "/")
    assert text(language, "today-planned-note") in shown
    table = shown.split("</thead>")[1].split("</table>")[0]
    assert re.findall(r'value="([0-9.]+)"', table) == ["40.00", "30.00", "70.00"]  # 40 of ours on 1 April
    assert "/reports/expected-actual/?currency=CNY" in shown


def test_what_can_be_set_off(owed: psycopg.Connection[Any], sign_in: SignIn) -> None:
    shown = at(sign_in("viewer"), "/")
    assert '<a class="big" href="/set-offs/?currency=CNY"><data value="40.00">' in shown


def test_a_list_goes_on_where_its_page_ended(owed: psycopg.Connection[Any], sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("setoff.pages.open_items.PAGE_ROWS", 1)
    client = sign_in("viewer")
    first = at(client, "/open/?currency=CNY")
    after = first.split("after=")[1].split('"')[0]
    second = at(client, f"/open/?currency=CNY&after={after}")
    assert ">100.00<" in first.split("<tfoot>")[0] and ">100.00<" not in second and ">30.00<" in second


def test_the_file_of_a_list_has_all_of_it(owed: psycopg.Connection[Any], sign_in: SignIn) -> None:
    rows = at(sign_in("viewer"), "/open/?currency=CNY&days=overdue&format=csv").splitlines()
    assert rows[2] == "Side: they owe us; What: debt; Due: overdue; Currency: CNY"
    assert rows[3] == "Document,Counterparty,Contract,Unit,Due,Days overdue,Amount,Currency"
    rows = at(sign_in("viewer"), "/open/?currency=CNY&format=csv").splitlines()
    assert [row.split(",")[-2] for row in rows[4:]] == ["100.00", "30.00", "130.00"]
    lines = [json.loads(line) for line in at(sign_in("viewer"), "/open/?currency=CNY&format=jsonl").splitlines()]
    assert [line["amount"] for line in lines[:2]] == ["100.00", "30.00"] and lines[2]["totals"]["amount"] == "130.00"


def test_a_file_of_many_parts_has_every_row_once(owed: psycopg.Connection[Any], sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = at(sign_in("viewer"), "/open/?currency=CNY&format=csv")
    monkeypatch.setattr("setoff.reports.open_now.ROWS", 1)
    assert at(sign_in("viewer"), "/open/?currency=CNY&format=csv") == whole


@pytest.mark.parametrize("address", ["/open/?after=x", "/open/?side=left", "/open/?days=2026-02-30", "/checks/C-99/"])
def test_a_bad_address_is_refused(sign_in: SignIn, address: str) -> None:
    assert sign_in("viewer").get(address).status_code in (404, 422)


@pytest.mark.parametrize("language", LANGUAGES)
def test_checks_are_run_and_kept(owed: psycopg.Connection[Any], sign_in: SignIn, language: str) -> None:
    client = sign_in("accountant", language)
    assert text(language, "checks-not-run") in at(client, "/checks/")
    answer = client.post("/checks/C-4.2/run/", headers={"HX-Request": "true"})
    assert answer.status_code == 200 and text(language, "checks-ok") in answer.content.decode()
    owed.execute("alter table posting disable trigger user")
    owed.execute("update posting set amount = amount + 1 where document_id = (select id from document where key = 'late')")
    answer = client.post("/checks/C-4.2/run/", headers={"HX-Request": "true"})
    assert "/documents/by-key/?key=late" in answer.content.decode()
    assert "/checks/C-4.2/" in at(client, "/")


def test_who_may_only_read_runs_no_check(sign_in: SignIn) -> None:
    assert sign_in("viewer").post("/checks/C-4.2/run/").status_code == 403


def test_a_period_is_closed_sealed_and_reopened(owed: psycopg.Connection[Any], sign_in: SignIn) -> None:
    client = sign_in("controller")
    change = {"unit": "SHA", "last-day": "2026-02-28"}
    assert sign_in("accountant").post("/periods/change/", {**change, "action": "close"}).status_code == 403
    for action, state in (("close", "closed"), ("seal", "sealed"), ("reopen-sealed", "open")):
        assert client.post("/periods/change/", {**change, "action": action, "reason": "once more"}).status_code == 302
        assert owed.execute("select state from period").fetchone() == (state,)
    assert "once more" not in at(client, "/periods/verify/")
    assert client.post("/periods/change/", {**change, "action": "x"}).status_code == 422


def test_a_refused_period_keeps_the_reason_typed(owed: psycopg.Connection[Any], sign_in: SignIn) -> None:
    client = sign_in("controller")
    change = {"unit": "SHA", "last-day": "2026-02-28"}
    assert client.post("/periods/change/", {**change, "action": "close"}).status_code == 302
    refused = client.post("/periods/change/", {**change, "action": "close", "reason": "a late invoice"})
    assert refused.status_code == 422 and 'role="alert"' in refused.content.decode()
    assert refused.content.decode().count('value="a late invoice"') == 1
    assert "a late invoice" not in at(client, "/periods/")
    assert owed.execute("select state from period").fetchone() == ("closed",)
