"""Every page in a real browser, in each language, on a screen or a phone: WCAG 2.2 AA by axe, nothing wider than the screen, no script
error, no text in another language's place. A new page is among them of its own accord when its address has no parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Final

import psycopg
import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from setoff.access.queries import rights_of_owner
from setoff.books.audit import Actor
from setoff.books.services import close_period
from setoff.clearing.rounds.records import NewRound, Options
from setoff.clearing.rounds.services import open_round, solve_round
from setoff.demo.generate import records
from setoff.demo.group import LAST_DAY
from setoff.demo.loans import add_loans
from setoff.pages.menu import PLACES
from setoff.parties.services import save_masters
from setoff.reports.registry import REPORTS
from setoff.settlements.bulk import import_documents
from setoff.trade.documents import Document
from tests.pages.axe import violations

RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DOCUMENTS: Final = 80
VIEWS: Final = (("en", 1280), ("ru", 390), ("zh", 1280))
WIDTHS: Final = (1280, 390)
"""Axe reads a page in the width of its view; that nothing is wider than the screen is measured in both, in each language."""
TOO_WIDE: Final = """() => [
  document.documentElement.scrollWidth - window.innerWidth,
  ...[...document.querySelectorAll('form .grid > .scroll')].map((grid) => grid.scrollWidth - grid.clientWidth)]"""
"""The page, and the grids that are filled in: nobody types into what he does not see."""
DAY: Final = "2025-11-20"
NOT_PAGES: Final = ("api/", "static/", "account/", "pick/", "health", "metrics")


@pytest.fixture
def company(db: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """In place of the cast, the demo group: pages with something on them."""
    made = list(records(DOCUMENTS, 1))
    actor = Actor("demo", "cli")
    save_masters(db, [record for record in made if not isinstance(record, Document)], actor)
    documents = [(row, record) for row, record in enumerate(made) if isinstance(record, Document)]
    import_documents(db, lambda: documents, actor)
    add_loans(db, LAST_DAY, actor)
    open_round(db, NewRound("A-1", date.fromisoformat(DAY), options=Options(needs_consent=False)), actor, rights_of_owner(db, "demo"))
    solve_round(db, "A-1", actor)
    close_period(db, "SPB", date(2024, 12, 31), actor)
    return db


def plain_addresses(patterns: list[Any], before: str = "") -> Iterator[str]:
    """Addresses without parameters."""
    for pattern in patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from plain_addresses(pattern.url_patterns, address)
        elif isinstance(pattern, URLPattern) and not any(mark in address for mark in "<(^$"):
            yield address


def addresses(conn: psycopg.Connection[Any], client: Client) -> list[str]:
    """Everything that can be looked at, and one of each thing with a number or code."""
    plain = [f"/{address}" for address in plain_addresses(get_resolver().url_patterns) if not address.startswith(NOT_PAGES)]
    found = [address for address in plain if is_page(client, address)]
    assert {place.address for place in PLACES if not place.report} <= set(found)
    documents = conn.execute("select distinct on (kind) id from document order by kind, id desc").fetchall()
    (party, code) = conn.execute("select id, code from counterparty order by code limit 1").fetchone() or (0, "")
    found += [f"/documents/{number}/" for (number,) in documents]
    found += [f"/documents/{documents[-1][0]}/unpost/", f"/partners/{party}/"]
    owed = "select u.code, p.code from fold_key k join unit u on u.id = k.unit_id join counterparty p on p.id = k.counterparty_id limit 1"
    found += [f"/set-offs/desk/?unit={unit}&counterparty={other}" for unit, other in conn.execute(owed).fetchall()]
    kinds = (
        "sale", "purchase_correction", "payment_to_supplier", "manual_entry", "set_off", "debt_transfer", "debt_write_off",
        "opening_customer_debts",
    )  # fmt: skip
    found += [reverse("pages:entry-new", args=[kind]) for kind in kinds]
    found += [reverse("pages:entry-edit", args=[documents[0][0]])]
    found += [f"/masters/{tag}/{part}" for tag in ("counterparty", "contract", "rate") for part in ("", "form/")]
    round_id, debt, party_no = conn.execute("select round_id, no, debtor from round_obligation order by no limit 1").fetchone() or (0, 0, 0)
    parts = ("", "parties/", f"parties/{party_no}/", f"why/{debt}/", "do/solve/", f"do/bar/?no={debt}&because=x", "do/final/")
    found += [f"/rounds/{round_id}/{part}" for part in parts] + ["/rounds/new/?code=A-2", "/network/?round=A-1"]
    made = {"url": "https://warehouse.example.com/", "unit": "MSK", "event": "document.posted"}
    assert client.post("/webhooks/", made).status_code == 200
    found += [f"/webhooks/{number}/" for (number,) in conn.execute("select id from webhook").fetchall()]
    found += [reverse("pages:report", args=[name]) for name, definition in REPORTS.items() if not definition.required]
    found += [f"/loans/loan/?unit=MSK&contract={loan}" for (loan,) in conn.execute("select min(code) from loan").fetchall()]
    found += [f"/reports/card/?counterparty={code}", f"/reports/reconciliation-act/?counterparty={code}"]
    return found


def is_page(client: Client, address: str) -> bool:
    """Not a form's target, a file or a part of a page."""
    answer = client.get(address)
    return answer.status_code == 200 and not answer.streaming and b"<html" in answer.content[:200]


@pytest.mark.parametrize(("language", "width"), VIEWS)
def test_every_page(
    company: psycopg.Connection[Any], sign_in: Callable[..., Client], browser_page: Callable[..., Any], language: str, width: int
) -> None:
    wanted = addresses(company, sign_in("administrator", language))
    page = browser_page("administrator", language, width)
    page.goto("/")
    page.evaluate("day => { const box = document.querySelector('.working-day input[name=day]'); box.value = day; }", DAY)
    with page.expect_navigation():
        page.evaluate("() => document.querySelector('.working-day').requestSubmit()")
    problems = []
    for address in wanted:
        answer = page.goto(address)
        assert answer is not None
        if answer.status >= 400:
            problems.append(f"{address}: {answer.status}")
        problems += [f"{address}: {broken}" for broken in violations(page, *RULES)]
        for measured in (*(other for other in WIDTHS if other != width), width):
            page.set_viewport_size({"width": measured, "height": 900})
            if (overflow := max(page.evaluate(TOO_WIDE))) > 1:
                problems.append(f"{address}: {overflow} px wider than a screen of {measured}")
        if page.evaluate("() => document.documentElement.lang").lower()[:2] != language:
            problems.append(f"{address}: the page is not said to be in {language}")
    assert problems == [], "\n".join(problems)
