"""The frame of every page: sign-in, language, menu, refusals; and the reports as pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.test import Client

from setoff.language import LANGUAGES, text
from setoff.pages.menu import PLACES
from setoff.reports.registry import REPORTS

SignIn = Callable[..., Client]


def test_every_place_of_the_menu_has_its_own_keys() -> None:
    keys = [place.keys for place in PLACES]
    assert len(set(keys)) == len(keys)
    assert not {first for first in keys if any(other != first and other.startswith(f"{first} ") for other in keys)}


def test_a_stranger_is_asked_to_sign_in(web: psycopg.Connection[Any]) -> None:
    answer = Client(SERVER_NAME="localhost").get("/reports/")
    assert answer.status_code == 302 and answer["Location"].startswith("/account/login/")


def test_what_was_typed_outlives_the_session(web: psycopg.Connection[Any]) -> None:
    typed = {"comment": "<kept>", "lines.0.amount": "12,50", "password": "not this"}
    answer = Client(SERVER_NAME="localhost").post("/entry/sale/?copy=1", typed)
    page = answer.content.decode()
    assert answer.status_code == 403 and 'action="/entry/sale/?copy=1"' in page and 'name="comment" value="&lt;kept&gt;"' in page
    assert 'name="lines.0.amount" value="12,50"' in page and "not this" not in page
    part = Client(SERVER_NAME="localhost").post("/entry/preview/sale/", typed, headers={"hx-request": "true"})
    assert part.status_code == 403 and "<html" not in part.content.decode()


def test_a_form_is_sent_again_after_signing_in_elsewhere(browser_page: Callable[..., Any]) -> None:
    page = browser_page("accountant")
    page.goto("/entry/sale/")
    page.fill("[name=comment]", "still here")
    session = [cookie for cookie in page.context.cookies() if cookie["name"] == "sessionid"]
    page.context.clear_cookies(name="sessionid")
    page.keyboard.press("Control+s")
    page.get_by_role("button", name=text("en", "signed-out-again")).wait_for()
    page.context.add_cookies(session)
    page.context.add_cookies([{"name": "csrftoken", "value": "a" * 32, "url": page.evaluate("location.origin")}])
    page.get_by_role("button", name=text("en", "signed-out-again")).click()
    page.locator("entry-form").wait_for()
    assert page.locator("[name=comment]").input_value() == "still here"


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_speak_the_language_of_the_person(sign_in: SignIn, language: str) -> None:
    answer = sign_in("viewer", language).get("/reports/")
    assert text(language, "page-reports") in answer.content.decode()


def test_every_report_is_a_page(sign_in: SignIn) -> None:
    client = sign_in("viewer")
    names = [name for name, definition in REPORTS.items() if not definition.required]
    assert {name: client.get(f"/reports/{name}/").status_code for name in names} == dict.fromkeys(names, 200)


def test_a_refusal_says_what_and_how_to_mend_it(sign_in: SignIn) -> None:
    answer = sign_in("viewer").get("/reports/statement/?as-of=2026-02-31")
    assert answer.status_code == 422 and "invalid_date" in answer.content.decode()


def test_the_working_day_is_the_day_of_reports(sign_in: SignIn) -> None:
    client = sign_in("viewer")
    client.post("/working-day/", {"day": "2025-03-31", "next": "/reports/statement/"})
    assert "31 Mar 2025" in client.get("/reports/statement/").content.decode()


def test_the_menu_says_every_place_once_and_where_one_is(sign_in: SignIn) -> None:
    """Also on pages that are not ours: settings of signing in, an address that does not exist."""
    for address, here in (("/acts/", "menu-settlements"), ("/account/password/change/", ""), ("/account/sessions/", ""), ("/nowhere/", "")):
        shown = sign_in("administrator").get(address).content.decode()
        assert [shown.count(f'data-key="{place.keys}"') for place in PLACES] == [1] * len(PLACES), address
        marked = re.findall(r'<summary aria-current="true">([^<]+)', shown)
        assert marked == ([text("en", here)] if here else []), address


def test_the_menu_is_a_line_of_groups_that_open_by_keyboard(browser_page: Callable[..., Any]) -> None:
    page = browser_page("administrator", "ru")
    page.goto("/")
    assert page.evaluate("() => new Set([...document.querySelectorAll('.menu > ul > li')].map((item) => item.offsetTop)).size") == 1
    group = page.locator(".menu details.group").first
    group.locator("summary").press("Enter")
    assert group.locator("a").first.is_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert not group.locator("a").first.is_visible() and group.locator("summary").evaluate("said => said === document.activeElement")
    group.locator("summary").click()
    page.locator("main h1").click()
    assert not group.locator("a").first.is_visible()


def test_the_frame_in_a_browser(browser_page: Callable[..., Any]) -> None:
    page = browser_page("viewer", "ru")
    page.goto("/reports/statement/")
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.wait_for_url("**/reports/")
    page.keyboard.press("?")
    assert page.locator("#keys dd").count() > 0
