"""What a run of set-offs takes, and what the filters of the proposal desk leave in sight."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.test import Client

from setoff.books.audit import Actor
from setoff.settlements.services import post_document
from setoff.trade.documents import Line, Payment, Purchase
from tests.setoffs.debts import tell_of_three
from tests.told import BooksOf

Books = psycopg.Connection[Any]
DAY = "2026-03-31"
METALL = "unit=MSK&counterparty=METALL&currency=RUB"


@pytest.fixture
def company(books_of: BooksOf, actor: Actor) -> Books:
    """METALL owes 75 and is owed 90; beside it stand 30 that we paid it ahead."""
    books = books_of(tell_of_three, actor)
    party = {"unit": "MSK", "counterparty": "METALL", "contract": "OTHER-SUPPLIER"}
    post_document(books, Payment(key="ahead", kind="payment_to_supplier", date="2026-03-10", amount="30", **party), actor)
    return books


def test_a_run_sets_off_what_the_list_shows_and_no_advance(web: Books, sign_in: Callable[..., Client]) -> None:
    """15 more of the 90 could meet the advance: it stays one."""
    client = sign_in("accountant")
    client.post("/working-day/", {"day": DAY, "next": "/"})
    assert 'value="75.00"' in client.get("/set-offs/").content.decode()
    done = client.post("/set-offs/run/", {"row": "MSK\tMETALL\tRUB"}).content.decode()
    assert 'value="75.00"' in done and 'value="90.00"' not in done
    left = client.get(f"/set-offs/items/?{METALL}").json()
    assert [(row[8], row[11]) for row in left["they"]] == [("3000", True)] and [row[8] for row in left["we"]] == ["1500"]


def test_filters_of_the_desk(web: Books, browser_page: Callable[..., Any], actor: Actor) -> None:
    """Due is what is due on the day of the set-off, that day included; a purchase is found by the number that the supplier gave it."""
    bolts = Purchase(
        key="bolts", unit="MSK", date="2026-03-02", due=DAY, counterparty="METALL", contract="SUPPLIER", incoming_number="MS-901",
        lines=[Line(amount="10")],
    )  # fmt: skip
    post_document(web, bolts, actor)
    page = browser_page("accountant", "en")
    page.goto(f"/set-offs/desk/?{METALL}")
    page.wait_for_selector("set-off-desk.ready")
    page.locator(".set-off-form input[name=date]").fill(DAY)
    page.locator(".set-off-form input[name=date]").blur()

    def shown(they: int, we: int) -> None:
        page.wait_for_function(
            "([they, we]) => document.querySelectorAll('.they .desk-row').length === they"
            " && document.querySelectorAll('.we .desk-row').length === we", arg=[they, we],
        )  # fmt: skip

    shown(2, 2)
    page.locator("input[name=debts]").check()
    shown(1, 2)
    page.locator("input[name=text]").fill("ms-901")
    shown(0, 1)
    page.locator("[data-act=all]").click()
    page.locator("input[name=due]").check()
    shown(2, 2)
    page.locator(".set-off-form input[name=date]").fill("2026-03-30")
    page.locator(".set-off-form input[name=date]").blur()
    shown(2, 1)
