"""What only a browser shows: the search as one types, tabs in place, groups that open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from playwright.sync_api import expect

from setoff.settlements.services import post_document
from tests.reports.story import ACTOR, DOCUMENTS

Open = Callable[..., Any]


@pytest.fixture
def page(web: psycopg.Connection[Any], browser_page: Open) -> Any:
    for document in DOCUMENTS:
        post_document(web, document, ACTOR)
    opened = browser_page("viewer", "ru")
    opened.goto("/reports/statement/?as-of=2025-03-31&group-by=counterparty")
    return opened


def test_a_group_opens_in_place_and_closes(page: Any) -> None:
    opener = page.locator("row-parts a").first
    opener.focus()
    page.keyboard.press("Enter")
    page.locator("tr.nested table").wait_for()
    assert opener.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Enter")
    assert page.locator("tr.nested").is_hidden() and opener.get_attribute("aria-expanded") == "false"


def test_the_list_follows_what_is_typed_and_tabs_change_in_place(page: Any) -> None:
    page.goto("/partners/?as-of=2025-03-31")
    page.keyboard.press("/")
    page.keyboard.type("мет")
    expect(page.locator("#parties tbody:last-child tr")).to_have_count(1)
    page.locator("#parties tbody:last-child th a").first.click()
    page.wait_for_url("**/partners/*/?contour*")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("2")
    page.wait_for_url("**tab=card**")
