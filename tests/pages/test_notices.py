"""The pages of notices: from a template to the books of both units, by two people; what is refused stands on the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.test import Client

from setoff.notices.lines import read_rows, row_line
from setoff.trade.notice_documents import NoticeRow
from tests.access.people import add_user

Web = psycopg.Connection[Any]
SignIn = Callable[..., Client]
COSTS = {"unit": "MSK", "template": "costs", "other": "SPB", "date": "2025-02-10", "number": "7", "amount-share": "350,00"}
KEY = "notice/MSK/2025/7"


@pytest.fixture
def units(web: Web) -> Web:
    """anna posts in MSK, boris in SPB."""
    add_user(web, "anna", MSK="accountant")
    add_user(web, "boris", SPB="accountant")
    return web


def status(web: Web) -> Any:
    return web.execute("select status, sent_by, decided_by from branch_notice").fetchone()


def test_a_notice_goes_from_one_unit_to_the_other(units: Web, sign_in: SignIn) -> None:
    anna, boris = sign_in("anna"), sign_in("boris")
    form = anna.get("/notices/new/", {"unit": "MSK", "template": "costs"}).content.decode()
    assert 'name="amount-share"' in form and '<option value="SPB"' in form
    preview = anna.post("/notices/new/", {**COSTS, "action": "preview"}).content.decode()
    assert preview.count('value="350.00"') == 2 and status(units) is None
    assert anna.post("/notices/new/", {**COSTS, "action": "send"}).status_code == 302
    assert status(units) == ("sent", "anna", "")
    assert f"notice={KEY}" in boris.get("/notices/").content.decode().replace("%2F", "/")
    shown = boris.get("/notices/one/", {"notice": KEY}).content.decode()
    assert 'action="/notices/confirm/"' in shown and 'action="/notices/recall/"' not in shown
    assert 'action="/notices/confirm/"' not in anna.get("/notices/one/", {"notice": KEY}).content.decode()
    assert boris.post("/notices/reject/", {"notice": KEY, "because": ""}).status_code == 422
    assert boris.post("/notices/reject/", {"notice": KEY, "because": "not 350"}).status_code == 302
    mend = anna.get("/notices/edit/", {"notice": KEY}).content.decode()
    assert "79.02 / 26  350.00 for expenses" in mend and "boris rejected it: not 350" in mend
    lines = {"sender_rows": "79.02 / 26  300.00 for expenses", "receiver_rows": "26 / 79.02  300.01"}
    said = {"notice": KEY, "date": "2025-02-10", "nature": "obligation", "operation": "costs", "comment": "mended"}
    refused = anna.post("/notices/edit/", {**said, **lines})
    assert refused.status_code == 422 and "one_sided_30404" in refused.content.decode()
    assert anna.post("/notices/edit/", {**said, **lines, "receiver_rows": "26 / 79.02  300.00"}).status_code == 302
    assert anna.post("/notices/send/", {"notice": KEY}).status_code == 302
    assert boris.post("/notices/confirm/", {"notice": KEY}).status_code == 302
    assert status(units) == ("confirmed", "anna", "boris")
    assert units.execute("select distinct amount from posting").fetchall() == [(300_00,)]
    both = anna.get("/notices/one/", {"notice": KEY}).content.decode()
    (own,) = re.findall(r'href="(/documents/\d+/)"', both)  # of her own unit; the other she may not read
    page = anna.get(own).content.decode()
    assert f"notice={KEY}" in page.replace("%2F", "/") and "79.02" in page
    assert anna.post("/notices/undo/", {"notice": KEY, "because": "twice"}).status_code == 302
    assert boris.post("/notices/undo/", {"notice": KEY}).status_code == 302
    assert status(units)[0] == "undone"


def test_refusals_stand_on_the_page(units: Web, sign_in: SignIn) -> None:
    anna = sign_in("anna")
    paid = {**COSTS, "template": "paid-by-head-office", "amount-paid": "5.00", "action": "preview"}
    found = anna.post("/notices/new/", paid)
    assert found.status_code == 422 and "payment_moves_away_from_zero" in found.content.decode()
    found = anna.post("/notices/new/", {**COSTS, "amount-share": "", "action": "save"})
    assert found.status_code == 422 and "amounts.share" in found.content.decode()
    assert anna.get("/notices/new/", {"unit": "SPB"}).status_code == 404
    assert anna.get("/notices/new/", {"unit": "MSK", "template": "none"}).status_code == 404
    assert "The other unit drafts this notice" in anna.get("/notices/new/", {"unit": "MSK", "template": "paid-by-branch"}).content.decode()
    assert anna.get("/notices/one/", {"notice": "none"}).status_code == 404
    assert anna.post("/notices/new/", {**COSTS, "action": "save"}).status_code == 302
    assert sign_in("boris").get("/notices/one/", {"notice": KEY}).status_code == 404  # a draft
    assert anna.post("/notices/drop/", {"notice": KEY}).status_code == 302 and status(units) is None


def test_a_local_entry_is_tried_and_posted(units: Web, sign_in: SignIn) -> None:
    client = sign_in("accountant")
    said = {"unit": "LYC", "template": "1.1", "date": "2025-02-10", "amount-income": "590.00", "contract-buyer": "LYCEUM-BUYER"}
    tried = client.post("/notices/new/", {**said, "action": "preview"}).content.decode()
    assert "2 20531 560" in tried and units.execute("select count(*) from document").fetchone() == (0,)
    assert client.post("/notices/new/", {**said, "action": "post"}).status_code == 302
    assert units.execute("select kind, status, total from document").fetchall() == [("local_entry", "posted", 590_00)]
    derived = client.get("/notices/new/", {"unit": "LYC", "template": "5.7"}).content.decode()
    assert "Nothing is entered here" in derived


def test_a_row_is_read_as_it_is_written() -> None:
    row = NoticeRow(
        debit="2 30404 000", credit="2 20631 660", amount="30000.00", contract="K-7", flow="expenses", claim="claims", item="pumps"
    )
    line = "2 30404 000 / 2 20631 660  30000.00 with K-7 for expenses on claims : pumps"
    assert row_line(row) == line and read_rows(f"\n{line}\n\n", "rows") == [row]
    assert read_rows("51 / 79.02  1,5", "rows") == [NoticeRow(debit="51", credit="79.02", amount="1.5")]
