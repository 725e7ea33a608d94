"""A day of work from end to end, in a real browser, in each language, by people who sign in as people do: an accountant sells, looks why,
changes the past, takes money in, allocates it, reconciles and prints; the controller closes the month and finds it whole."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.contrib.auth.hashers import make_password

from setoff.language import LANGUAGES, Language, text

Company = psycopg.Connection[Any]
PASSWORD = "a day of honest work"


class Person:
    """Somebody in front of a browser of his own."""

    def __init__(self, page: Any, name: str, language: Language) -> None:
        self.page = page
        page.goto("/account/login/")
        page.fill("input[name=login]", name)
        page.fill("input[name=password]", PASSWORD)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.title().startswith(text(language, "today-title"))

    def pick(self, field: str, words: str, code: str) -> None:
        """Type into a field that finds, and take what it found."""
        box = self.page.locator(f"pick-field:has([name='{field}']) [role=combobox]").first
        box.focus()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(words)
        self.page.locator(f"[role=option][data-value='{code}'][aria-selected=true]").wait_for()
        self.page.keyboard.press("Enter")

    def posted(self) -> str:
        """Post what the form says, by its key; the address of the document."""
        self.page.locator("#entry-preview table").first.wait_for()
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_url(re.compile(r"/documents/\d+/$"))
        return str(self.page.url)


@pytest.fixture
def person(web: Company, chromium: Any, live_server: str) -> Callable[[str, Language], Person]:
    from django.contrib.auth import get_user_model

    users = get_user_model().objects
    contexts = []

    def signed_in(name: str, language: Language) -> Person:
        users.filter(username=name).update(password=make_password(PASSWORD), language=language)
        context = chromium.new_context(base_url=live_server, viewport={"width": 1280, "height": 900})
        contexts.append(context)
        return Person(context.new_page(), name, language)

    return signed_in


def sell(accountant: Person, day: str, number: str, amount: str) -> str:
    page = accountant.page
    page.goto("/entry/sale/")
    accountant.pick("unit", "msk", "MSK")
    page.fill("input[name=date]", day)
    page.fill("input[name=number]", number)
    accountant.pick("counterparty", "7702070139", "VEGA")
    accountant.pick("contract", "buyer", "BUYER")
    page.fill("[name='lines[0].name']", "Болты")
    page.fill("[name='lines[0].amount']", amount)
    page.keyboard.press("Tab")
    return accountant.posted()


def paid(accountant: Person, day: str, amount: str) -> str:
    page = accountant.page
    page.goto("/entry/payment_from_customer/")
    accountant.pick("unit", "msk", "MSK")
    page.fill("input[name=date]", day)
    page.fill("input[name=amount]", amount)
    accountant.pick("counterparty", "вега", "VEGA")
    accountant.pick("contract", "buyer", "BUYER")
    page.keyboard.press("Tab")
    return accountant.posted()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_day(web: Company, person: Callable[[str, Language], Person], language: Language) -> None:
    accountant = person("accountant", language)
    page = accountant.page
    sale = sell(accountant, "2025-03-03", "S-1", "1200")
    paid(accountant, "2025-03-05", "500")
    assert page.locator("a[href*='/documents/']", has_text="S-1").count() > 0, "the page says what the payment settled"

    page.goto(re.sub(r"/documents/(\d+)/$", r"/entry/document/\1/", sale))  # the past changes: the sale was of 300
    page.fill("[name='lines[0].amount']", "300")
    page.keyboard.press("Tab")
    page.locator("#entry-preview .changed").first.wait_for()
    assert "000001" in page.locator("#entry-preview").inner_text(), "the payment that loses its debt is named before anything is done"
    accountant.posted()
    left = "select residual from lot join fold_key k on k.id = key_id where contour = 'reg' and residual <> 0"
    assert web.execute(left).fetchall() == [(-20000,)], "what is paid too much is an advance"

    page.goto("/partners/")
    page.get_by_role("link", name="ООО «Вега»").first.click()
    page.wait_for_load_state()
    assert page.locator("svg.picture").count() > 0

    draw_up(accountant)
    assert page.locator("a[href*='format=pdf']").count() == 1
    assert page.context.request.get(page.url + "?format=pdf").body()[:5] == b"%PDF-"

    controller = person("controller", language)
    controller.page.goto("/periods/")
    form = controller.page.locator("form", has=controller.page.locator("input[name=unit][value=MSK]")).first
    form.locator("input[name=last-day]").fill("2025-03-31")
    form.get_by_role("button", name=text(language, "periods-close"), exact=True).click()
    controller.page.locator(".notice.success").wait_for()
    controller.page.goto("/periods/verify/")
    assert controller.page.locator(".notice.success").count() == 1

    page.goto(re.sub(r"/documents/(\d+)/$", r"/entry/document/\1/", sale))  # and now it is too late
    page.fill("[name='lines[0].amount']", "400")
    page.keyboard.press("Tab")
    page.locator("#entry-preview .refusal").wait_for()
    assert "period_closed" in page.locator("#entry-preview").inner_text()


def draw_up(accountant: Person) -> None:
    """An act of March with the partner, as it is printed."""
    page = accountant.page
    page.goto("/acts/")
    form = page.locator("form[action='/acts/new/']")
    form.locator("select[name=unit]").select_option("MSK")
    accountant.pick("counterparty", "вега", "VEGA")
    form.locator("input[name=from]").fill("2025-03-01")
    form.locator("input[name=as-of]").fill("2025-03-31")
    form.locator("button.primary").click()
    page.wait_for_url(re.compile(r"/acts/\d+/$"))
