"""The page of invoices, and issuing over the API and the command line: shown first, then done, with rights."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.test import Client

from setoff import cli
from setoff.books.audit import Actor
from setoff.settlements.services import post_document
from setoff.trade.documents import Line, Purchase, Sale
from setoff.trade.invoice_documents import InvoiceBase, ReceivedInvoice

Web = psycopg.Connection[Any]
SALE = {"unit": "MSK", "counterparty": "VEGA", "contract": "BUYER"}
PERIOD = {"unit": "MSK", "from": "2025-01-01", "to": "2025-03-31"}
NUMBERS = "select number, date::text, gross, vat from invoice where direction = 'issued' order by number"


@pytest.fixture
def supplied(web: Web) -> Web:
    """Two sales, and two purchases of which one has its invoice."""
    actor = Actor("tester", "test")
    for day, amount in (("2025-02-03", "120"), ("2025-03-04", "240")):
        post_document(web, Sale(**SALE, key=f"sale {day}", date=day, lines=[Line(amount=amount, vat_rate="20")]), actor)
        bought = Purchase(unit="MSK", counterparty="METALL", contract="SUPPLIER", key=f"purchase {day}", date=day,
                          lines=[Line(amount=amount, vat_rate="20")])  # fmt: skip
        post_document(web, bought, actor)
    paper = {"incoming_number": "A-1", "incoming_date": "2025-02-03", "bases": [InvoiceBase(document="purchase 2025-02-03")]}
    post_document(web, ReceivedInvoice(unit="MSK", date="2025-02-10", **paper), actor)
    return web


def content(answer: Any) -> str:
    found: str = answer.content.decode()
    return found


def test_what_is_missing_is_shown_and_issued(supplied: Web, sign_in: Callable[..., Client]) -> None:
    client = sign_in("accountant")
    shown = content(client.get("/invoices/?from=2025-01-01&to=2025-03-31"))
    assert "key=purchase%202025-03-04" in shown and "key=purchase%202025-02-03" not in shown
    tried = content(client.post("/invoices/issue/", {**PERIOD, "every": "yes", "action": "try"}))
    assert "invoices that would be issued: 2" in tried and "000002" in tried
    assert supplied.execute(NUMBERS).fetchall() == []
    answer = client.post("/invoices/issue/", {**PERIOD, "every": "yes", "action": "issue"})
    assert (answer.status_code, answer["Location"]) == (302, "/invoices/?from=2025-01-01&to=2025-03-31")
    assert supplied.execute(NUMBERS).fetchall() == [("000001", "2025-02-03", 12000, 2000), ("000002", "2025-03-04", 24000, 4000)]
    assert client.get("/reports/sales-book/?as-of=2025-03-31").status_code == 200
    assert client.get("/reports/issued-invoices/?as-of=2025-03-31&status=posted").status_code == 200


def test_who_may_not_post_issues_nothing(supplied: Web, sign_in: Callable[..., Client]) -> None:
    assert sign_in("viewer").post("/invoices/issue/", {**PERIOD, "action": "issue"}).status_code in (403, 422)
    assert supplied.execute(NUMBERS).fetchall() == []


def test_a_wrong_period_is_told_above_the_lists(supplied: Web, sign_in: Callable[..., Client]) -> None:
    wrong = sign_in("accountant").post("/invoices/issue/", {**PERIOD, "date": "2024-12-31", "action": "try"})
    assert (wrong.status_code, "invalid_value" in content(wrong)) == (422, True)


def test_over_the_api(supplied: Web, sign_in: Callable[..., Client]) -> None:
    client = sign_in("accountant")
    wanted = {"first": "2025-01-01", "last": "2025-03-31", "date": "2025-03-31", "every": True}
    tried = client.post("/api/v1/invoices/MSK?dry_run=true", wanted, content_type="application/json").json()
    assert (tried["kept"], [item["late"] for item in tried["invoices"]]) == (False, [True, True])
    done = client.post("/api/v1/invoices/MSK", wanted, content_type="application/json").json()
    assert [(item["document"], item["number"], item["gross"], item["vat"], item["operation_code"]) for item in done["invoices"]] == [
        ("sale 2025-02-03", "000001", "120.00", "20.00", "01"), ("sale 2025-03-04", "000002", "240.00", "40.00", "01"),
    ]  # fmt: skip
    book = json.loads(content(client.get("/api/v1/reports/sales-book?as_of=2025-03-31&unit=MSK")))
    assert [row["vat"] for row in book["sections"][0]["rows"]] == ["20.00", "40.00"]


def test_by_the_command_line(supplied: Web, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["invoices", "issue", "MSK", "--from", "2025-01-01", "--to", "2025-03-31", "--all"]) == 0
    said = capsys.readouterr().out
    assert "000001" in said and "invoices issued: 2; refused: 0" in said
    assert len(supplied.execute(NUMBERS).fetchall()) == 2
