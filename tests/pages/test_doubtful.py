"""The page of doubtful debts: the table of a month, the reserve looked at and posted; the reports behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.test import Client

from setoff.books.audit import Actor
from setoff.settlements.services import post_document
from setoff.trade.documents import Line, Sale

Web = psycopg.Connection[Any]
COUNT = "select count(*) from document where kind = 'doubtful_reserve'"
SAID = {"unit": "MSK", "last-day": "2025-03-31", "department": "Sales"}


def owe(web: Web) -> None:
    """1 000.00, 80 days overdue at the end of March."""
    common: dict[str, Any] = {"unit": "MSK", "counterparty": "VEGA", "contract": "BUYER", "lines": [Line(amount="1000")]}
    post_document(web, Sale(date="2025-01-05", due="2025-01-10", key="old", **common), Actor("tester", "test"))


def content(answer: Any) -> str:
    found: str = answer.content.decode()
    return found


def test_a_month_is_looked_at_and_then_posted(web: Web, sign_in: Callable[..., Client]) -> None:
    owe(web)
    client = sign_in("accountant")
    shown = content(client.get("/doubtful/?last-day=2025-03-15"))  # the end of its month
    assert 'value="1000.00"' in shown and 'value="500.00"' in shown and "46–90 days, 50%" in shown
    assert 'value="500.00"' in content(client.post("/doubtful/accrue/", {**SAID, "action": "try"}))
    assert web.execute(COUNT).fetchone() == (0,)
    assert client.post("/doubtful/accrue/", {**SAID, "action": "post"}).status_code == 302
    assert web.execute(COUNT).fetchone() == (1,)
    again = content(client.get("/doubtful/?last-day=2025-03-31"))
    assert "The reserve of the month is posted" in again
    assert sign_in("viewer").post("/doubtful/accrue/", {**SAID, "action": "post"}).status_code == 403
    assert 'name="action"' not in content(sign_in("viewer").get("/doubtful/"))
    assert client.get("/doubtful/?last-day=x").status_code == 422


def test_large_books_show_a_unit_at_a_time_and_a_page_of_its_debtors(
    web: Web, sign_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of 1 000.00 is reserved of Vega and of 4 000.00 of Sirius: the larger one comes first."""
    owe(web)
    common: dict[str, Any] = {"unit": "MSK", "counterparty": "SIRIUS", "contract": "BUYER-DUE", "lines": [Line(amount="4000")]}
    post_document(web, Sale(date="2025-01-05", due="2025-01-10", key="more", **common), Actor("tester", "test"))
    client = sign_in("accountant")
    whole = content(client.get("/doubtful/?last-day=2025-03-31"))
    assert "unit=SPB" not in whole and ">SPB" in whole
    monkeypatch.setattr("setoff.pages.doubtful.is_large", lambda _request: True)
    monkeypatch.setattr("setoff.pages.doubtful.ROWS", 1)
    monkeypatch.setattr("setoff.pages.doubtful.FEW", 1)
    assert content(client.get("/doubtful/?last-day=2025-03-31")).count("<section") == 1 < whole.count("<section")
    first = content(client.get("/doubtful/?last-day=2025-03-31&unit=MSK"))
    assert "unit=MSK&amp;after=1" in first and 'value="2500.00"' in first  # the total reserve of both
    assert "Сириус" in first and "Вега" not in first
    second = content(client.get("/doubtful/?last-day=2025-03-31&unit=MSK&after=1"))
    assert "Вега" in second and "Сириус" not in second and 'value="2500.00"' in second
    assert client.get("/doubtful/?unit=MSK&after=x").status_code == 422


def test_the_reports_behind_it(web: Web, sign_in: Callable[..., Client]) -> None:
    owe(web)
    client = sign_in("accountant")
    client.post("/doubtful/accrue/", {**SAID, "action": "post"})
    assert client.get("/reports/written-off-debts/?as-of=2025-12-31").status_code == 200
    found = content(client.get("/reports/management-expenses/?as-of=2025-12-31"))
    assert "VEGA/BUYER" in found and "Вега" in found and "500.00" in found
