"""The page of billing: preview, a run in parts, its undoing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.test import Client

from setoff.books.audit import Actor
from setoff.parties.records import ServiceOperation
from setoff.parties.services import save_masters
from tests.billing.served import RECORDS

Web = psycopg.Connection[Any]
SignIn = Callable[..., Client]
ASKED = {
    "unit": "MSK", "price-list": "depository", "kind": "month", "first": "2026-01-01", "last": "2026-01-31", "issued": "2026-02-03",
}  # fmt: skip


@pytest.fixture
def served(web: Web) -> Web:
    save_masters(web, RECORDS, Actor("tester", "test"))
    return web


def sales(web: Web) -> Any:
    return web.execute("select count(*) from document where kind = 'sale' and status = 'posted'").fetchone()


def test_a_run_goes_in_parts_and_is_undone(served: Web, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    client = sign_in("accountant")
    shown = client.get("/billing/", ASKED).content.decode()
    assert shown.count("854.00") >= 2 and "Post 2 invoices" in shown and sales(served) == (0,)
    monkeypatch.setattr("setoff.pages.progress.AT_ONCE_SECONDS", 0.0)
    first = client.post("/billing/run/", ASKED).content.decode()
    rest = dict(re.findall(r'name="(\w+)" value="([^"]*)"', first))
    assert (sales(served), rest["posted"], rest["after"]) == ((1,), "1", "BUYER")
    assert "Posted: 2." in client.post("/billing/run/", rest).content.decode()
    assert sales(served) == (2,)
    after = client.get("/billing/", ASKED).content.decode()
    assert "There is nothing to bill." in after and "key=billing/MSK/BUYER/2026-01" in after
    assert client.post("/billing/undo/", {"run": rest["run"]}).status_code == 302
    assert sales(served) == (0,)
    again = client.post("/billing/undo/", {"run": rest["run"]})
    assert again.status_code == 422 and "was undone" in again.content.decode()


def test_bills_for_prepayment_are_made_and_undone(served: Web, sign_in: SignIn) -> None:
    prepaid = ServiceOperation(
        code="OP-2", unit="MSK", date="2026-01-21", accounts=["D-1"], tariff="fax", quantity="5", estimate="30000.00", prepaid=True
    )
    save_masters(served, [prepaid], Actor("tester", "test"))
    client, asked = sign_in("accountant"), {**ASKED, "kind": "prepayment"}
    assert client.get("/billing/", asked).content.decode().count("30,000.00") >= 2
    made = client.post("/billing/run/", asked).content.decode()
    bills = "select status, total from document where kind = 'customer_bill'"
    assert ("Posted: 1." in made, served.execute(bills).fetchall()) == (True, [("posted", 3000000)])
    shown = client.get("/billing/", asked).content.decode()
    assert "There is nothing to bill." in shown and "bills for prepayment</td>" in shown
    run = re.search(r'name="run" value="(\d+)"', shown)
    assert run is not None
    assert client.post("/billing/undo/", {"run": run[1]}).status_code == 302
    assert served.execute(bills).fetchall() == [("unposted", 3000000)]


def test_who_may_only_read_sees_and_does_nothing(served: Web, sign_in: SignIn) -> None:
    client = sign_in("viewer")
    assert "Post 2 invoices" not in client.get("/billing/", ASKED).content.decode()
    assert client.post("/billing/run/", ASKED).status_code == 403
    assert sales(served) == (0,)


def test_what_is_typed_wrong_is_told(served: Web, sign_in: SignIn) -> None:
    client = sign_in("accountant")
    for wrong in ({"issued": "2026-02-30"}, {"price-list": "nowhere"}, {"kind": "years"}, {"unit": "NOWHERE"}):
        assert client.get("/billing/", ASKED | wrong).status_code == 422, wrong
    early = client.get("/billing/", ASKED | {"first": "2011-06-01", "issued": "2011-07-01"})
    assert early.status_code == 422 and "tariff_missing" in early.content.decode()
    assert served.execute("select count(*) from billing_run").fetchone() == (0,)


def test_records_of_billing_have_forms(served: Web, sign_in: SignIn) -> None:
    client = sign_in("operator")
    for address in (
        "/masters/price_list/form/?code=depository&valid_from=2012-01-01", "/masters/service_account/form/?code=D-1",
        "/masters/service_operation/form/?code=OP-1", "/masters/price_list/", "/masters/service_account/", "/masters/service_operation/",
        "/masters/price_list/form/",
    ):  # fmt: skip
        assert client.get(address).status_code == 200, address
