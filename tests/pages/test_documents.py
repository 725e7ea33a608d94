"""Documents as pages: the list with its filters, files and saved views; one document; its verbs, shown before they are done."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import psycopg
import pypdf
import pytest
from django.test import Client

from setoff.books.audit import Actor
from setoff.language import LANGUAGES, text
from setoff.reports import portions
from setoff.settlements.services import find_document, post_document, save_document
from setoff.trade.documents import AdjustmentRow, DebtAdjustment
from tests.reports import story
from tests.told import BooksOf

SignIn = Callable[..., Client]
Books = psycopg.Connection[Any]
ACTOR = Actor("tester", "test")


@pytest.fixture
def company(books_of: BooksOf) -> Books:
    """In place of the cast alone, the story of the reports."""
    return books_of(story.tell)


@pytest.fixture
def told(web: Books) -> Books:
    return web


def address(conn: Books, key: str, *more: str) -> str:
    stored = find_document(conn, key)
    assert stored is not None
    return "/".join(["/documents", str(stored.row.id), *more, ""])


def page_of(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content.decode()
    return answer.content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_and_a_document_in_every_language(told: Books, sign_in: SignIn, language: Any) -> None:
    client = sign_in("viewer", language)
    assert text(language, "menu-documents") in page_of(client, "/documents/")
    shown = page_of(client, address(told, "sale/MSK/2025/S-1"))
    assert text(language, "document-story") in shown and "62.01" in shown


def test_a_set_off_has_its_act_and_a_notice(told: Books, sign_in: SignIn) -> None:
    """The advance that METALL has of us against the one that we have of VEGA: a draft prints too, in the language of the partner."""
    rows = [
        AdjustmentRow(side="they_owe_us", counterparty="METALL", contract="SUPPLIER", amount="200.00"),
        AdjustmentRow(side="we_owe_them", counterparty="VEGA", contract="BUYER", amount="200.00"),
    ]
    client = sign_in("viewer")
    for one_sided, title, heading in ((False, "Act (PDF)", "Акт трёхстороннего зачёта"), (True, "Notice (PDF)", "Заявление о зачёте")):
        said = DebtAdjustment(unit="MSK", date="2025-03-31", kind="set_off", rows=rows, one_sided=one_sided)
        key = save_document(told, said, ACTOR).key
        assert title in page_of(client, address(told, key))
        made = client.get(address(told, key, "act"))
        assert made["Content-Type"] == "application/pdf"
        assert heading in " ".join(pypdf.PdfReader(BytesIO(made.content)).pages[0].extract_text().split())
    assert "/act/" not in page_of(client, address(told, "sale/MSK/2025/S-1"))


def test_filters_of_the_address_are_chips_and_count_for_the_totals(told: Books, sign_in: SignIn) -> None:
    shown = page_of(sign_in("viewer"), "/documents/?kind=sale&currency=RUB&from=2025-02-01")
    assert "S-2" in shown and "M-1" in shown and "S-1<" not in shown and "P-2" not in shown
    assert "2 documents, RUB" in shown and "700.00" in shown
    assert 'href="?currency=RUB&amp;kind=sale"' in shown or 'href="?kind=sale&amp;currency=RUB"' in shown


def test_amounts_are_typed_by_the_language(told: Books, sign_in: SignIn) -> None:
    shown = page_of(sign_in("viewer", "ru"), "/documents/?amount-from=1 000,00&amount-to=1.200,00")
    assert "S-1" in shown and "P-2" in shown and "S-2" not in shown


@pytest.mark.parametrize("asked", ["from=2025-02-31", "kind=bill", "unit=NOWHERE", "counterparty=NOBODY", "amount-from=much", "after=x"])
def test_what_cannot_be_asked_is_refused(told: Books, sign_in: SignIn, asked: str) -> None:
    assert sign_in("viewer").get(f"/documents/?{asked}").status_code in (404, 422)


def test_a_file_has_what_is_shown(told: Books, sign_in: SignIn) -> None:
    answer = sign_in("viewer").get("/documents/?kind=purchase&format=csv")
    assert answer["Content-Disposition"].startswith("attachment")
    lines = answer.getvalue().decode("utf-8-sig").splitlines()
    assert any("U-1" in line and "2400.00" in line for line in lines) and not any("S-1" in line for line in lines)


def test_every_form_of_the_file_has_the_whole_filter(told: Books, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portions, "ROWS", 2)
    client = sign_in("viewer")
    lines = [json.loads(line) for line in client.get("/documents/?kind=sale&dir=asc&format=jsonl").getvalue().splitlines()]
    assert [row["document"]["number"] for row in lines if "totals" not in row] == ["S-1", "S-2", "E-1", "M-1"]
    assert [row["totals"]["count"] for row in lines if "totals" in row] == [1, 3]
    assert client.get("/documents/?kind=sale&format=xlsx").getvalue().startswith(b"PK")
    assert client.get("/documents/?kind=sale&format=pdf").content.startswith(b"%PDF")
    monkeypatch.setattr(portions, "ROWS_MAX", 3)
    assert client.get("/documents/?kind=sale&format=pdf").status_code == 422
    asked = "select details->>'format' from audit where verb = 'export_report' order by id"
    assert [row[0] for row in told.execute(asked)] == ["jsonl", "xlsx", "pdf", "pdf"]


def test_views_are_kept_shared_and_forgotten(told: Books, sign_in: SignIn) -> None:
    accountant, viewer = sign_in("accountant"), sign_in("viewer")
    accountant.post("/documents/views/", {"name": "My sales", "query": "kind=sale&after=5.1"})
    accountant.post("/documents/views/", {"name": "Our purchases", "query": "kind=purchase", "shared": "yes"})
    shown = page_of(accountant, "/documents/")
    assert '<a href="?kind=sale">My sales' in shown
    seen = page_of(viewer, "/documents/")
    assert "Our purchases" in seen and "My sales" not in seen
    (number,) = told.execute("select id from saved_view where name = 'Our purchases'").fetchone() or (0,)
    viewer.post(f"/documents/views/{number}/forget/")
    assert "Our purchases" in page_of(accountant, "/documents/")
    accountant.post(f"/documents/views/{number}/forget/")
    assert "Our purchases" not in page_of(accountant, "/documents/")


def test_a_view_shared_in_other_units_is_not_seen(told: Books, sign_in: SignIn) -> None:
    sign_in("accountant").post("/documents/views/", {"name": "Secret", "query": "counterparty=VEGA", "shared": "yes"})
    told.execute("""delete from access_grant where user_id = (select id from access_user where username = 'viewer')
                    and unit_id <> (select id from unit where code = 'SHA')""")
    told.execute("""delete from access_grant where user_id = (select id from access_user where username = 'accountant')
                    and unit_id = (select id from unit where code = 'SHA')""")
    assert "Secret" not in page_of(sign_in("viewer"), "/documents/")


def test_the_explanation_names_what_settled_it(told: Books, sign_in: SignIn) -> None:
    shown = page_of(sign_in("viewer"), address(told, "sale/MSK/2025/S-1"))
    assert "opened a debt" in shown and "Payment from customer P-1" in shown and "Payment from customer P-2" in shown


def test_the_history_shows_what_an_edit_changed(told: Books, sign_in: SignIn) -> None:
    post_document(told, story.sale("2025-01-10", "S-1", "1300.00", "2025-01-31", key="sale/MSK/2025/S-1"), ACTOR)
    shown = page_of(sign_in("viewer"), address(told, "sale/MSK/2025/S-1"))
    assert "Line 1, Amount" in shown and "<del>1200.00</del>" in shown and "<ins>1300.00</ins>" in shown
    moved = page_of(sign_in("viewer"), address(told, "payment_from_customer/MSK/2025/P-2", "moves"))
    assert "Sale S-1" in moved


def test_unposting_is_shown_before_it_is_done(told: Books, sign_in: SignIn) -> None:
    client, place = sign_in("accountant"), address(told, "payment_from_customer/MSK/2025/P-1", "unpost")
    shown = page_of(client, place)
    assert "other documents change with it" in shown and "Payment from customer P-2" in shown and "500.00" in shown
    assert told.execute("select status from document where number = 'P-1'").fetchone() == ("posted",)
    version = shown.partition('name="version" value="')[2].partition('"')[0]
    assert client.post(place, {"version": version}).status_code == 302
    assert told.execute("select status from document where number = 'P-1'").fetchone() == ("unposted",)


def test_what_changed_meanwhile_is_shown_again(told: Books, sign_in: SignIn) -> None:
    answer = sign_in("accountant").post(address(told, "sale/MSK/2025/M-1", "unpost"), {"version": "1"})
    assert answer.status_code == 200 and "Somebody changed" in answer.content.decode()
    assert told.execute("select status from document where number = 'M-1'").fetchone() == ("posted",)


def test_a_refused_verb_says_why_and_the_way_out(told: Books, sign_in: SignIn) -> None:
    told.execute("""insert into period (unit_id, first_day, last_day, state)
                    select id, '2025-01-01', '2025-01-31', 'closed' from unit where code = 'MSK'""")
    shown = page_of(sign_in("accountant"), address(told, "sale/MSK/2025/S-1", "unpost"))
    assert "period_closed" in shown and "reopen the period" in shown
    assert "closed period" in page_of(sign_in("accountant"), address(told, "sale/MSK/2025/S-1"))


def test_marking_and_moving_within_the_day(told: Books, sign_in: SignIn) -> None:
    save_document(told, story.sale("2025-03-16", "D-1", "7.00"), ACTOR)
    client = sign_in("accountant")
    for verb, mark in (("mark", True), ("clear", False)):
        place = address(told, "sale/MSK/2025/D-1", verb)
        version = page_of(client, place).partition('name="version" value="')[2].partition('"')[0]
        client.post(place, {"version": version})
        assert told.execute("select deletion_mark from document where number = 'D-1'").fetchone() == (mark,)
    place = address(told, "sale/MSK/2025/S-2", "reorder")
    version = page_of(client, f"{place}?day-order=70").partition('name="version" value="')[2].partition('"')[0]
    client.post(place, {"version": version, "day-order": "70"})
    assert told.execute("select (moment >> 34) & 511 from document where number = 'S-2'").fetchone() == (70,)
    assert "invalid_value" in page_of(client, f"{place}?day-order=900")
    assert client.get(f"{place}?day-order=x").status_code == 422


def test_who_may_not_is_not_offered_and_refused(told: Books, sign_in: SignIn) -> None:
    client = sign_in("viewer")
    assert "/unpost/" not in page_of(client, address(told, "sale/MSK/2025/S-1"))
    assert client.get(address(told, "sale/MSK/2025/S-1", "unpost")).status_code == 403
    assert sign_in("operator").post(address(told, "sale/MSK/2025/S-1", "unpost"), {"version": "1"}).status_code == 403


def test_the_list_is_walked_by_keys(told: Books, browser_page: Callable[..., Any]) -> None:
    page = browser_page("viewer", "en")
    page.goto("/documents/")
    for key in ("j", "j", "k"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.textContent") == "Sale M-1"
    page.keyboard.press("Enter")
    page.wait_for_url("**/documents/*/")
    assert "M-1" in page.title()


def test_files_are_attached_downloaded_and_removed(told: Books, sign_in: SignIn) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client, place = sign_in("operator"), address(told, "sale/MSK/2025/S-1", "attachments")
    answer = client.post(place, {"file": [SimpleUploadedFile("акт 1.pdf", b"%PDF-1.7 a"), SimpleUploadedFile("b.txt", b"text")]})
    assert answer.status_code == 302
    shown = page_of(client, address(told, "sale/MSK/2025/S-1"))
    assert "акт 1.pdf" in shown and "b.txt" in shown
    (number,) = told.execute("select id from attachment where name = 'акт 1.pdf'").fetchone() or (0,)
    answer = sign_in("viewer").get(f"{place}{number}/")
    assert answer.content == b"%PDF-1.7 a" and answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert sign_in("viewer").post(f"{place}{number}/remove/").status_code == 403
    assert client.post(f"{place}{number}/remove/").status_code == 302
    assert client.get(f"{place}{number}/").status_code == 404
    refused = client.post(place, {"file": [SimpleUploadedFile("c.pdf", b"%PDF-1.7 c"), SimpleUploadedFile("d.pdf", b"MZ\x00\x00")]})
    assert refused.status_code == 422 and "attachment_type_refused" in refused.content.decode()
    assert told.execute("select count(*) from attachment where name = 'c.pdf'").fetchone() == (0,)
