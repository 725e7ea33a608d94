"""An order goes on from its page, as its stages are paid; the payment calendar is drawn, with its figures beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg
import pytest
from django.test import Client

from setoff.books.audit import Actor
from setoff.books.services import close_period
from setoff.books.verify import verify
from setoff.language import LANGUAGES, text
from setoff.settlements.services import find_document, post_document
from setoff.trade.documents import CustomerOrder, Line, Purchase
from setoff.trade.order_documents import OrderStage

SignIn = Callable[..., Client]
Books = psycopg.Connection[Any]
STAGES = [OrderStage(variant="prepayment", percent="40", base="order", days=2), OrderStage(variant="credit", percent="60", days=9)]

FORM = "0b8f7a52-93c1-4c5e-9d0e-2f6a1d7c4b11"


@pytest.fixture
def ordered(web: Books, actor: Actor) -> str:
    """The page of an order of 50.00: 20.00 before it is shipped, on the 5th; the rest on the 12th; we owe 7.00 on the 6th."""
    said = CustomerOrder(
        key="O1", number="1", date="2025-03-03", unit="MSK", counterparty="SIRIUS", contract="BUYER-ORDERS", lines=[Line(amount="50")],
        stages=STAGES,
    )  # fmt: skip
    post_document(web, said, actor)
    bought = Purchase(unit="MSK", date="2025-03-03", counterparty="METALL", lines=[Line(amount="7")], due="2025-03-06")
    post_document(web, bought, actor)
    stored = find_document(web, "O1")
    assert stored is not None
    return f"/documents/{stored.row.id}/"


def status_of(books: Books) -> Any:
    return books.execute("select status from plan where key = 'O1' and is_newest").fetchone()


def test_an_order_goes_on_from_its_page(web: Books, ordered: str, sign_in: SignIn) -> None:
    client = sign_in("accountant")
    shown = client.get(ordered).content.decode()
    links = re.findall(rf'href="{ordered}status/\?status=(\w+)"', shown)
    assert links == ["processing", "shipment", "closed"]
    card = shown[shown.index('id="standing-title"') :]
    amounts = re.findall(r"\d+\.\d\d", re.sub(r"<[^>]*>", " ", card[: card.index("</section>")]))
    assert amounts == ["0.00", "0.00", "50.00", "0.00", "0.00", "20.00"]
    assert "prepayment before shipment" in shown and "date of the order" in shown and "by-key/?key=order" not in shown
    assert "/status/?status=" not in sign_in("viewer").get(ordered).content.decode()
    assert sign_in("viewer").get(f"{ordered}status/?status=closed").status_code == 403
    tried = client.get(f"{ordered}status/?status=processing").content.decode()
    version = re.search(r'name="version" value="(\d+)"', tried)
    assert version is not None and status_of(web) == ("approval",)
    asked = {"version": version[1], "status": "processing"}
    assert client.post(f"{ordered}status/", asked).status_code == 302
    assert status_of(web) == ("processing",)


def test_what_is_missing_is_said_and_consent_lets_it_through(web: Books, ordered: str, sign_in: SignIn) -> None:
    client = sign_in("accountant")
    refused = client.get(f"{ordered}status/?status=shipment").content.decode()
    assert "prepayment_missing" in refused and "20.00" in refused and 'name="version"' not in refused
    assert text("en", "preview-consent-gate") in refused
    tried = client.get(f"{ordered}status/?status=shipment&consent=yes").content.decode()
    version = re.search(r'name="version" value="(\d+)"', tried)
    assert version is not None
    asked = {"version": version[1], "status": "shipment"}
    assert client.post(f"{ordered}status/", asked).status_code == 422
    assert client.post(f"{ordered}status/", {**asked, "consent": "yes"}).status_code == 302
    assert status_of(web) == ("shipment",)


def test_an_order_of_a_closed_period_goes_on_from_its_page(web: Books, ordered: str, sign_in: SignIn, actor: Actor) -> None:
    close_period(web, "MSK", date(2025, 3, 31), actor)
    client = sign_in("accountant")
    tried = client.get(f"{ordered}status/?status=processing").content.decode()
    version = re.search(r'name="version" value="(\d+)"', tried)
    assert version is not None
    assert client.post(f"{ordered}status/", {"version": version[1], "status": "processing"}).status_code == 302
    assert (status_of(web), verify(web)) == (("processing",), [])
    shown = client.get(ordered).content.decode()
    assert re.findall(rf'href="{ordered}status/\?status=(\w+)"', shown) == ["shipment", "closed", "approval"]
    assert "period_closed" in client.get(f"{ordered}unpost/").content.decode()


def test_the_form_lets_a_sale_through_too(ordered: str, sign_in: SignIn) -> None:
    typed = {
        "unit": "MSK", "date": "2025-03-04", "counterparty": "SIRIUS", "contract": "BUYER-ORDERS", "order": "O1",
        "lines[0].kind": "goods", "lines[0].amount": "50",
        "form": FORM,
    }  # fmt: skip
    told = sign_in("accountant").post("/entry/preview/sale/", typed).content.decode()
    assert "order_not_released" in told and text("en", "preview-consent-gate") in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_calendar_is_in_the_menu_and_drawn(ordered: str, sign_in: SignIn, language: Any) -> None:
    shown = sign_in("viewer", language).get("/reports/payment-calendar/?as-of=2025-03-03&within=20").content.decode()
    assert 'href="/reports/payment-calendar/"' in shown and 'href="/reports/orders/"' in shown
    assert text(language, "menu-payment-calendar") in shown and 'class="picture picture-of-cash"' in shown
    figures = shown[shown.index("<figure") : shown.index("</figure>")]
    days = re.findall(r"<tr><td class=\"date\">.*?</tr>", figures, re.DOTALL)
    amounts = [re.findall(r"-?\d+[.,]\d\d", re.sub(r"<[^>]*>", " ", day).replace("\N{MINUS SIGN}", "-")) for day in days]
    assert [found[-1].replace(",", ".") for found in amounts] == ["0.00", "20.00", "13.00", "43.00"]


def test_bank_accounts_of_contracts_are_chosen(web: Books, ordered: str, sign_in: SignIn) -> None:
    web.execute("update contract set bank_account = '40702810900000000001' where code = 'BUYER-ORDERS'")
    shown = sign_in("viewer").get("/reports/payment-calendar/?as-of=2025-03-03&bank-account=40702810900000000001").content.decode()
    assert '<option value="40702810900000000001" selected>' in shown
