"""Pickers: options by what is typed and by the fields beside; and the combobox in a browser, by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.test import Client

from setoff.books.audit import Actor
from setoff.language import LANGUAGES, text
from setoff.settlements.services import post_document, save_document
from setoff.trade.documents import Line, OpeningBalance, OpeningRow, Payment, Sale

SignIn = Callable[..., Client]
Company = psycopg.Connection[Any]


def values(client: Client, what: str, **query: Any) -> list[str]:
    answer = client.get(f"/pick/{what}/", query)
    assert answer.status_code == 200
    return re.findall(r'data-value="([^"]*)"', answer.content.decode())


FOUND = [
    ("counterparty", "сириус", "SIRIUS"),
    ("partner", "вега", "VEGA-GROUP"),
    ("contract", "BUYER-EUR", "BUYER-EUR"),
    ("agreement", "розн", "RETAIL"),
    ("unit", "моск", "MSK"),
    ("organization", "lyc", "LYCEUM"),
    ("account", "62.01", "62.01"),
    ("currency", "eur", "EUR"),
]


def test_records_are_found(sign_in: SignIn) -> None:
    client = sign_in("viewer")
    assert [(what, said, values(client, what, q=said)[0]) for what, said, _first in FOUND] == FOUND


def test_the_fields_beside_narrow_it(sign_in: SignIn) -> None:
    client = sign_in("viewer")
    assert values(client, "contract", counterparty="METALL", kind="purchase") == ["OTHER-SUPPLIER", "SUPPLIER"]
    assert values(client, "contract", counterparty="METALL", kind="sale") == []
    assert "62.01" not in values(client, "account", q="62", unit="MSK", plain="yes")
    assert all(not code.startswith("62.") for code in values(client, "account", q="62.01", unit="SHA"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_found_is_said(sign_in: SignIn, language: str) -> None:
    answer = sign_in("viewer", language).get("/pick/counterparty/", {"q": "нет такого"})
    assert text(language, "pick-nothing") in answer.content.decode()


def test_one_code_gives_its_name(sign_in: SignIn) -> None:
    client = sign_in("viewer")
    assert values(client, "counterparty", code="VEGA") == ["VEGA"]
    assert values(client, "counterparty", code="VEG") == []


def test_documents_open_items_and_orders(sign_in: SignIn, web: Company, actor: Actor) -> None:
    lines = [Line(amount="120.00", vat_rate="20")]
    sale = Sale(unit="MSK", date="2025-03-01", counterparty="SIRIUS", contract="BUYER-ORDERS", order="A-17", lines=lines)
    made = post_document(web, sale, actor)
    save_document(web, Sale(unit="MSK", date="2025-03-02", counterparty="VEGA", contract="BUYER", lines=lines), actor)
    post_document(
        web, Payment(unit="MSK", date="2025-03-05", kind="payment_from_customer", counterparty="VEGA", contract="BUYER", amount="10"), actor
    )
    client = sign_in("viewer")
    assert values(client, "document", counterparty="SIRIUS") == [made.key]
    assert values(client, "document", q=made.number.lstrip("0"), **{"of-kind": "sale"})[-1] == made.key
    assert values(client, "base", kind="sale_correction") == [made.key]
    assert values(client, "target", counterparty="SIRIUS", kind="payment_from_customer", unit="MSK") == [made.key]
    assert values(client, "target", counterparty="SIRIUS", kind="payment_to_supplier") == []
    assert values(client, "order", counterparty="SIRIUS", q="17") == ["A-17"]


def test_an_advance_and_the_debt_it_goes_to_are_not_offered_for_one_another(sign_in: SignIn, web: Company, actor: Actor) -> None:
    """Of an advance that is a row of several, its own line is filled in, beside the line of the debt."""
    party = {"counterparty": "SIRIUS", "contract": "BUYER-INVOICES"}
    rows = [OpeningRow(**party, number=number, date="2024-12-20", amount="50") for number in ("A-1", "A-2")]
    brought = OpeningBalance(key="brought", unit="MSK", date="2025-01-01", kind="customer_advances", rows=rows)
    post_document(web, brought, actor)
    post_document(web, Sale(key="sold", unit="MSK", date="2025-03-01", **party, lines=[Line(amount="70")]), actor)
    client = sign_in("viewer")
    assert values(client, "advance", counterparty="SIRIUS") == ["brought", "brought"]
    assert values(client, "debt", counterparty="SIRIUS") == ["sold"]
    shown = client.get("/pick/advance/", {"counterparty": "SIRIUS", "q": "A-2"}).content.decode()
    assert re.findall(r'data-fill-(\w+)="([^"]+)"', shown) == [("amount", "50.00"), ("advance_line", "2")]


def test_an_unknown_picker_is_refused(sign_in: SignIn) -> None:
    assert sign_in("viewer").get("/pick/secrets/").status_code == 404


def test_the_combobox_by_keyboard(browser_page: Callable[..., Any]) -> None:
    page = browser_page("viewer")
    page.goto("/reports/card/")
    field = page.get_by_role("combobox", name="Counterparty")
    field.focus()
    page.keyboard.type("вега 7702")
    page.locator("[role=option][data-value=VEGA][aria-selected=true]").wait_for()
    assert field.get_attribute("aria-expanded") == "true"
    active = page.locator(f"#{field.get_attribute('aria-activedescendant')}")
    assert active.get_attribute("data-value") == "VEGA"
    page.keyboard.press("Enter")
    assert field.input_value() == "ООО «Вега»"
    assert page.locator("input[type=hidden][name=counterparty]").input_value() == "VEGA"
    page.keyboard.press("Enter")
    page.wait_for_url("**counterparty=VEGA**")
    page.locator("details.filters > summary").click()
    field = page.get_by_role("combobox", name="Counterparty")
    field.focus()
    page.keyboard.type("сир")
    page.locator("[role=option]").first.wait_for()
    page.keyboard.press("Escape")
    assert field.input_value() == "ООО «Вега»"


def test_what_was_used_comes_first_and_typed_codes_are_taken(browser_page: Callable[..., Any]) -> None:
    page = browser_page("viewer")
    page.goto("/reports/card/")
    field = page.get_by_role("combobox", name="Counterparty")
    field.focus()
    page.keyboard.type("сириус")
    page.locator("[role=option]").first.wait_for()
    page.keyboard.press("Tab")
    assert field.input_value() == "ООО «Сириус»"
    field.fill("")
    page.wait_for_function("() => document.querySelectorAll('[role=option]').length > 1")
    assert page.locator("[role=option]").first.get_attribute("data-value") == "SIRIUS"
    field.fill("METALL")
    page.keyboard.press("Escape")
    field.fill("METALL")
    field.blur()
    page.wait_for_function("() => document.querySelector('input[type=hidden][name=counterparty]').value === 'METALL'")
