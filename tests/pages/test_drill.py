"""A figure always opens its list: every link of a report leads to a page that has the figure."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import psycopg
import pytest
from django.test import Client

from setoff.settlements.services import post_document
from tests.reports.story import ACTOR, sale, tell
from tests.told import BooksOf

SignIn = Callable[..., Client]
DAY = "as-of=2025-02-28"
FIGURE = re.compile(r'<td class="figure[^"]*"><a href="([^"]*)">(?:<data[^>]*>)?([^<]*)')


@pytest.fixture
def company(books_of: BooksOf) -> psycopg.Connection[Any]:
    return books_of(tell_with_another)


def tell_with_another(conn: psycopg.Connection[Any]) -> None:
    """The story of the reports, and a debt under another contract."""
    tell(conn)
    post_document(conn, sale("2025-01-02", "S-0", "75.00", "2025-01-03", contract="BUYER-2"), ACTOR)


@pytest.fixture
def client(web: psycopg.Connection[Any], sign_in: SignIn) -> Client:
    return sign_in("viewer")


@pytest.mark.parametrize(
    "address",
    [
        f"/reports/ageing/?{DAY}", f"/reports/ageing/?{DAY}&side=payable", f"/reports/ageing/?{DAY}&group-by=partner",
        f"/reports/ageing/?{DAY}&group-by=contract", f"/reports/ageing/?{DAY}&group-by=unit&buckets=10",
        f"/reports/ageing/?{DAY}&group-by=document", f"/reports/ageing/?{DAY}&contour=mgmt",
        f"/reports/statement/?{DAY}&from=2025-02-01", f"/reports/statement/?{DAY}&group-by=contract&contour=mgmt",
        "/reports/turnover-balance/?as-of=2025-03-31&from=2025-03-01", "/reports/account-analysis/?as-of=2025-03-31&account=62",
    ],
)  # fmt: skip
def test_the_list_behind_a_figure_has_the_figure(client: Client, address: str) -> None:
    found = FIGURE.findall(client.get(address).content.decode())
    assert found
    for link, figure in found:
        answer = client.get(unescape(link))
        assert answer.status_code == 200, link
        assert figure in answer.content.decode(), (link, figure)


def test_every_figure_of_a_partner_opens_its_items(client: Client) -> None:
    page = client.get(f"/partners/by-code/?counterparty=VEGA&{DAY}", follow=True).content.decode()
    links = re.findall(r'<a href="(/lots/[^"]*)"><data[^>]*>([^<]*)', page)
    assert len(links) >= 4
    for link, figure in links:
        assert figure in client.get(unescape(link)).content.decode(), link


def test_a_bar_opens_its_items(client: Client) -> None:
    page = client.get(f"/partners/by-code/?counterparty=VEGA&{DAY}", follow=True).content.decode()
    bars = re.findall(r'<a href="(/lots/[^"]*)"><title>([^<]*): ([\d.,]+)', page)
    assert len(bars) == 5
    for link, _label, amount in bars:
        listed = client.get(unescape(link)).content.decode()
        assert amount in listed if amount != "0.00" else "<table" not in listed


def test_parties_and_contracts_of_a_statement_open_their_pages(client: Client) -> None:
    told = client.get(f"/reports/statement/?{DAY}&group-by=counterparty&group-by=contract").content.decode()
    links = re.findall(r'<td class="text">(?:<row-parts>.*?</row-parts> )?<a href="([^"]*)">', told)
    assert any("/partners/by-code/" in link for link in links) and any("/reports/card/" in link for link in links)
    assert all(client.get(unescape(link), follow=True).status_code == 200 for link in links)


def test_postings_between_two_accounts(client: Client) -> None:
    told = client.get("/reports/postings/?as-of=2025-03-31&account=62&corresponding=51").content.decode()
    assert "P-1" in told and "S-2" not in told


def test_open_items_page_by_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("setoff.reports.open_lots.PAGE", 1)
    address, seen = f"/lots/?{DAY}", []
    while address:
        told = client.get(address).content.decode()
        seen += re.findall(r'by-key/\?key=([^"&]*)', told)
        following = re.search(r'rel="next"[^>]*href="([^"]*)"', told)
        address = "/lots/" + unescape(following[1]) if following else ""
    assert len(seen) == len(set(seen)) > 2


@pytest.mark.parametrize("asked", ["days=x", "days=1-2-3", "side=both", "what=money", "after=1"])
def test_what_makes_no_sense_is_refused(client: Client, asked: str) -> None:
    assert client.get(f"/lots/?{asked}").status_code == 422


@pytest.mark.parametrize("file", ["csv", "jsonl", "xlsx", "pdf"])
def test_open_items_as_a_file(client: Client, file: str) -> None:
    answer = client.get(f"/lots/?{DAY}&format={file}")
    assert answer.status_code == 200 and b"".join(answer) and "open-lots" in answer["Content-Disposition"]


def test_open_items_as_known_earlier(client: Client, web: psycopg.Connection[Any]) -> None:
    row = web.execute("select max(recorded_at) from version").fetchone()
    assert row is not None
    post_document(web, sale("2025-02-27", "S-LATE", "33.00"), ACTOR)
    assert "S-LATE" in client.get(f"/lots/?{DAY}").content.decode()
    assert "S-LATE" not in client.get("/lots/", {"as-of": "2025-02-28", "known-at": row[0].isoformat()}).content.decode()


@pytest.mark.parametrize("name", ["journal", "postings"])
def test_journals_are_read_page_by_page(client: Client, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    whole = client.get(f"/reports/{name}/?as-of=2025-03-31").content.decode()
    monkeypatch.setattr("setoff.pages.reports.ROWS", 3)
    address, rows, pages = f"/reports/{name}/?as-of=2025-03-31", 0, 0
    while address:
        told = client.get(address).content.decode()
        rows, pages = rows + told.count('<tr class="level-'), pages + 1
        following = re.search(r'rel="next"[^>]*href="([^"]*)"', told)
        address = f"/reports/{name}/{unescape(following[1])}" if following else ""
    assert pages > 2 and rows == whole.count('<tr class="level-')


def test_a_long_report_says_what_is_cut_and_keeps_its_totals(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("setoff.pages.reports.ROWS", 2)
    told = client.get("/reports/statement/?as-of=2025-03-31&group-by=document").content.decode()
    assert "Rows 1 to 2 of" in told and "<tfoot>" in told
    assert "Rows 3 to 4 of" in client.get("/reports/statement/?as-of=2025-03-31&group-by=document&page=2").content.decode()


def test_of_large_books_the_frame_comes_first(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("setoff.pages.reports.LARGE", -2)
    address = f"/reports/ageing/?{DAY}&group-by=contract"
    frame = client.get(address).content.decode()
    assert 'hx-trigger="load"' in frame and "<table" not in frame
    part = client.get(address, HTTP_HX_REQUEST="true", HTTP_HX_TARGET="answer").content.decode()
    assert "<table" in part and "<html" not in part
    assert "<table" in client.get(f"{address}&now=yes").content.decode()


@pytest.mark.parametrize("name", ["statement", "ageing"])
def test_of_large_books_everybody_comes_a_page_at_a_time(client: Client, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """With the totals of all; those of ageing at a day before the last come after its rows."""
    whole = client.get(f"/reports/{name}/?as-of=2025-12-31").content.decode()
    monkeypatch.setattr("setoff.pages.reports.LARGE", -2)
    monkeypatch.setattr("setoff.pages.reports.PARTIES", 1)
    address, rows, pages = f"/reports/{name}/?as-of=2025-12-31", 0, 0
    while address:
        told = client.get(address).content.decode()
        assert re.findall("<tfoot>.*?</tfoot>", told, re.S) == re.findall("<tfoot>.*?</tfoot>", whole, re.S)
        rows, pages = rows + told.count('<tr class="level-'), pages + 1
        following = re.search(r'rel="next"[^>]*href="([^"]*)"', told)
        address = f"/reports/{name}/{unescape(following[1])}" if following else ""
    assert pages > 1 and rows == whole.count('<tr class="level-')
    past = client.get(f"/reports/{name}/?as-of=2025-02-01").content.decode()
    assert "<table" in past and ("<tfoot" in past) == (name == "statement") == ("totals=yes" not in past)
    totals = client.get(f"/reports/{name}/?as-of=2025-02-01&totals=yes").content.decode()
    assert "<tfoot" in totals and ("<!doctype" in totals.lower()) == (name == "statement")


def test_of_large_books_a_difference_of_contours_comes_a_page_at_a_time(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its totals come after the rows of each page, and are those of all."""
    asked = "/reports/contour-difference/?as-of=2025-12-31&all=yes&now=yes"
    whole = client.get(asked).content.decode()
    figures = figures_below(whole)
    monkeypatch.setattr("setoff.pages.reports.LARGE", -2)
    monkeypatch.setattr("setoff.pages.reports.PARTIES", 1)
    address, rows, pages = asked, 0, 0
    while address:
        told = client.get(address).content.decode()
        assert "<tfoot" not in told and "totals=yes" in told
        rows, pages = rows + told.count('<tr class="level-'), pages + 1
        following = re.search(r'rel="next"[^>]*href="([^"]*)"', told)
        address = f"/reports/contour-difference/{unescape(following[1])}" if following else ""
    assert pages > 1 and rows == whole.count('<tr class="level-')
    totals = client.get(f"{asked}&totals=yes").content.decode()
    assert figures_below(totals) == figures and "600.00" in figures


def figures_below(told: str) -> list[str]:
    """Of the totals of a table."""
    return re.findall('class="figure">([^<]*)', "".join(re.findall("<tfoot>.*?</tfoot>", told, re.S)))


def test_ageing_has_its_bars(client: Client) -> None:
    told = client.get(f"/reports/ageing/?{DAY}").content.decode()
    assert 'class="picture picture-of-ageing"' in told and '<a href="/lots/' in told
