"""Acts of reconciliation as pages: drawn up, compared with an uploaded file, agreed, printed; another's act is not seen to be changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from setoff.books.audit import Actor
from setoff.language import LANGUAGES, text
from setoff.settlements.act_queries import act_of
from setoff.settlements.services import unpost_document
from tests.reports import story
from tests.told import BooksOf

SignIn = Callable[..., Client]
ACTOR = Actor("tester", "test")
NEW = {"unit": "MSK", "counterparty": "VEGA", "from": "2025-02-01", "as-of": "2025-03-31"}


@pytest.fixture
def company(books_of: BooksOf) -> psycopg.Connection[Any]:
    """In place of the cast alone, the story of the reports."""
    return books_of(story.tell)


@pytest.fixture
def told(web: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    return web


def drawn_up(client: Client) -> str:
    answer = client.post("/acts/new/", NEW)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def test_from_a_draft_to_an_agreed_act_and_a_back_dated_edit(told: psycopg.Connection[Any], sign_in: SignIn) -> None:
    client = sign_in("accountant")
    address = drawn_up(client)
    number = int(address.strip("/").split("/")[-1])
    file = SimpleUploadedFile("theirs.csv", "дата;документ;дебет;кредит\n05.02.2025;S-2;;650,00\n".encode("cp1251"))
    assert client.post(f"{address}theirs/", {"file": file}).status_code == 302
    shown = client.get(address).content.decode()
    assert "amounts differ" in shown and "only ours" in shown
    assert client.post(f"{address}fill/").status_code == 302
    assert client.post(f"{address}state/", {"state": "agreed"}).status_code == 422
    signed = {"state": "agreed", "signed-by": "B. Petrova", "signed-on": "2025-04-05"}
    refused = client.post(f"{address}state/", signed)  # ours -200; theirs 700 + 650
    assert refused.status_code == 422 and 'name="difference" value="-1550.00"' in refused.content.decode()
    assert 'value="B. Petrova"' in refused.content.decode() and act_of(told, number).state == "draft"
    assert client.post(f"{address}state/", {**signed, "difference": "-650.00"}).status_code == 422
    assert client.post(f"{address}state/", {**signed, "difference": "-1550.00"}).status_code == 302
    assert text("en", "act-agreed-differing") in client.get(address).content.decode()
    assert act_of(told, number).signed_by == "B. Petrova"
    assert text("en", "act-changed-since") not in client.get("/acts/").content.decode()
    unpost_document(told, "sale/MSK/2025/S-2", ACTOR)
    assert text("en", "act-changed-since") in client.get("/acts/?state=agreed").content.decode()
    assert "S-2" in client.get(address).content.decode()
    audited = told.execute("select author, origin from audit where verb = 'act_agreed'").fetchall()
    assert audited == [("accountant", "page")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_every_language_and_as_files(told: psycopg.Connection[Any], sign_in: SignIn, language: Any) -> None:
    client = sign_in("accountant", language)
    address = drawn_up(client)
    assert text(language, "act-put-theirs") in client.get(address).content.decode()
    assert text(language, "menu-acts") in client.get("/acts/").content.decode()
    made = client.get(f"{address}?format=pdf")
    assert (made["Content-Type"], made.content[:5]) == ("application/pdf", b"%PDF-")
    assert b"S-2" in client.get(f"{address}?format=csv").getvalue()


def test_who_may_only_read_changes_nothing(told: psycopg.Connection[Any], sign_in: SignIn) -> None:
    address = drawn_up(sign_in("accountant"))
    viewer = sign_in("viewer")
    assert viewer.get(address).status_code == 200
    assert text("en", "act-put-theirs") not in viewer.get(address).content.decode()
    for verb in ("/acts/new/", f"{address}fill/", f"{address}state/", f"{address}theirs/"):
        assert viewer.post(verb, NEW).status_code == 403
        assert viewer.get(verb).status_code == 405


def test_what_cannot_be_is_refused(told: psycopg.Connection[Any], sign_in: SignIn) -> None:
    client = sign_in("accountant")
    address = drawn_up(client)
    assert client.get("/acts/404/").status_code == 404
    assert client.get("/acts/?state=lost").status_code == 422
    assert client.post("/acts/new/", {**NEW, "counterparty": "NOBODY"}).status_code == 404
    assert client.post(f"{address}theirs/").status_code == 422
    assert client.post(f"{address}theirs/", {"file": SimpleUploadedFile("../x.exe", b"MZ")}).status_code == 422


@pytest.mark.parametrize(("language", "subject"), [("", "Акт сверки"), ("zh", "往来对账单")])
def test_an_act_goes_by_mail(told: psycopg.Connection[Any], sign_in: SignIn, mailoutbox: list[Any], language: str, subject: str) -> None:
    client = sign_in("accountant")
    address = drawn_up(client)
    number = int(address.strip("/").split("/")[-1])
    asked = {"to": "b.petrova@vega.example, finance@vega.example", "note": "До пятницы.", "language": language}
    assert client.post(f"{address}send/", asked).status_code == 302
    (letter,) = mailoutbox
    assert letter.to == ["b.petrova@vega.example", "finance@vega.example"]
    assert letter.subject.startswith(subject) and "До пятницы." in letter.body
    ((name, paper, kind),) = letter.attachments
    assert (name, paper[:5], kind) == (f"act-{number}.pdf", b"%PDF-", "application/pdf")
    assert act_of(told, number).state == "sent"
    (audited,) = told.execute("select author, details from audit where verb = 'send_act'").fetchall()
    assert audited[0] == "accountant" and audited[1]["to"] == letter.to


def test_a_letter_that_cannot_go_changes_nothing(
    told: psycopg.Connection[Any], sign_in: SignIn, mailoutbox: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.core.mail import EmailMessage

    client = sign_in("accountant")
    address = drawn_up(client)
    number = int(address.strip("/").split("/")[-1])
    for wrong in ("", "petrova", "a@b.c\nBcc: x@y.z@", "x@" + ",x@y.zz" * 11):
        assert client.post(f"{address}send/", {"to": wrong}).status_code == 422
    assert sign_in("viewer").post(f"{address}send/", {"to": "x@y.zz"}).status_code == 403

    def refused(_message: EmailMessage) -> int:
        raise ConnectionRefusedError("no mail server")

    monkeypatch.setattr(EmailMessage, "send", refused)
    answer = client.post(f"{address}send/", {"to": "x@y.zz"})
    assert answer.status_code == 422 and "no mail server" in answer.content.decode()
    assert act_of(told, number).state == "draft"
    assert told.execute("select count(*) from audit where verb in ('send_act', 'act_sent')").fetchone() == (0,)
