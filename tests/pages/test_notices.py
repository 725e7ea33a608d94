"""The pages of notices: from a template to the books of both units, by two people; what is refused stands on the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.test import Client

from setoff.access.queries import rights_of_owner
from setoff.books.audit import Actor
from setoff.notices import services
from tests.access.people import add_user
from tests.notices.owing import owe, share

Web = psycopg.Connection[Any]
SignIn = Callable[..., Client]
COSTS = {"unit": "MSK", "template": "costs", "other": "SPB", "date": "2025-02-10", "number": "7", "amount-share": "350,00"}
KEY = "notice/MSK/2025/7"
MENDED = {
    "key": KEY, "unit": "MSK", "receiver": "SPB", "date": "2025-02-10", "number": "7", "nature": "obligation", "operation": "costs",
    "comment": "mended", "sender_rows[0].debit": "79.02", "sender_rows[0].credit": "26", "sender_rows[0].amount": "300.00",
    "sender_rows[0].flow": "expenses", "receiver_rows[0].debit": "26", "receiver_rows[0].credit": "79.02",
    "receiver_rows[0].amount": "300.00",
}  # fmt: skip


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
    assert 'name="sender_rows[0].debit" value="79.02"' in mend and "boris rejected it: not 350" in mend
    refused = anna.post("/notices/edit/", {**MENDED, "receiver_rows[0].amount": "300.01"})
    assert refused.status_code == 422 and "one_sided_30404" in refused.content.decode()
    wrong = anna.post("/notices/edit/", {**MENDED, "receiver_rows[0].debit": "26.99"}).content.decode()
    assert 'id="e-receiver_rows[0].debit"' in wrong and 'value="26.99"' in wrong
    assert anna.post("/notices/edit/", {**MENDED, "do": "post"}).status_code == 302
    assert anna.get("/notices/edit/", {"notice": KEY}).status_code == 422  # it was sent
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


def test_a_notice_is_written_row_by_row(units: Web, sign_in: SignIn) -> None:
    """Without a template; the other unit's rows are made from the sender's; what is not changed stays."""
    anna = sign_in("anna")
    assert 'data-grid="receiver_rows"' in anna.get("/notices/edit/", {"unit": "MSK"}).content.decode()
    said = {name: value for name, value in MENDED.items() if not name.startswith("receiver_rows")} | {"key": "", "number": "8"}
    filled = anna.post("/notices/edit/", {**said, "do": "fill"}).content.decode()
    assert 'name="receiver_rows[0].debit" value="26"' in filled and 'name="receiver_rows[0].credit" value="79.02"' in filled
    assert status(units) is None
    assert anna.post("/notices/edit/", {**MENDED, "key": "", "number": "8", "do": "save"}).status_code == 302
    (content,) = units.execute("select content from branch_notice where code = 'notice/MSK/2025/8'").fetchone() or ({},)
    assert content["sender_rows"] == [{"debit": "79.02", "credit": "26", "amount": "300.00", "flow": "expenses"}]
    assert anna.get("/notices/edit/", {"unit": "SPB"}).status_code == 404


def test_accounts_are_found_as_notices_write_them(units: Web, sign_in: SignIn) -> None:
    client = sign_in("accountant")
    for unit, typed, first in (
        ("MSK", "79.02", "79.02"), ("LYC", "30404", "2 30404 000"), ("LYC", "40110 18", "2 40110 180"),
        ("LYC", "4 40110 155", "4 40110 155"), ("LYC", "4 10960", "4 10960 000"), ("MSK", "2 40110 130", None), ("NONE", "79", None),
    ):  # fmt: skip
        found = client.get("/pick/whole_account/", {"q": typed, "unit": unit}).content.decode()
        assert next(iter(re.findall(r'data-value="([^"]*)"', found)), None) == first, typed


def test_a_confirmed_notice_is_reversed_and_both_lead_to_one_another(units: Web, sign_in: SignIn) -> None:
    found, anna = owe(units, share(key="n")), sign_in("anna")
    assert 'action="/notices/reverse/"' in anna.get("/notices/one/", {"notice": "n"}).content.decode()
    said = {"notice": "n", "date": "2025-03-05", "because": "borne by the head office"}
    assert anna.post("/notices/reverse/", {**said, "because": ""}).status_code == 422
    answer = anna.post("/notices/reverse/", said)
    assert (answer.status_code, answer["Location"]) == (302, "/notices/one/?notice=n%2Freversal")
    back, forth = (anna.get("/notices/one/", {"notice": code}).content.decode() for code in ("n/reversal", "n"))
    assert f"Takes back notice {found.number} of 10 Feb 2025" in back
    assert 'href="/notices/one/?notice=n/reversal"' in forth
    assert anna.post("/notices/send/", {"notice": "n/reversal"}).status_code == 302
    again = anna.get("/notices/one/", {"notice": "n"}).content.decode()
    assert 'action="/notices/reverse/"' not in again and 'action="/notices/undo/"' not in again


def test_the_menu_and_today_count_what_waits(units: Web, sign_in: SignIn) -> None:
    boris = sign_in("boris")
    assert "notice waits for you" not in boris.get("/").content.decode()
    rights = rights_of_owner(units, "owner")
    services.save_notice(units, share(), Actor("anna", "test"), rights)
    services.send_notice(units, "share", Actor("anna", "test"), rights)
    today = boris.get("/").content.decode()
    assert '<a class="big" href="/notices/">1 notice waits for you</a>' in today
    assert len(re.findall(r'Notices between units <span class="badge warn">1</span></a>', today)) == 1
    assert "notice waits for you" not in sign_in("anna").get("/").content.decode()
    assert "notice waits for you" not in sign_in("viewer").get("/").content.decode()


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
