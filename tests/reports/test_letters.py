"""Reports and documents that go to a partner by e-mail: by the page, the API and the command line, in his language, on record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core import mail
from django.test import override_settings

from setoff.access.queries import rights_of, rights_of_owner
from setoff.books.audit import Actor
from setoff.core.errors import DomainError
from setoff.reports import document_paper
from setoff.reports.document_paper import render_document
from setoff.reports.letters import KEEPS_FILES, Asked, Letter, send_document, send_report, sent_text
from setoff.settlements.services import post_document
from setoff.site import database
from setoff.trade.documents import ManualEntry, ManualRow, Side
from tests.access.people import add_user
from tests.reports.story import tell

ACTOR = Actor("anna", "test")
TO = Letter("petrova@vega.example")


@pytest.fixture
def sent(db: psycopg.Connection[Any]) -> Iterator[list[Any]]:
    """The story of the reports, and the letters that were sent."""
    tell(db)
    database.setup_django()
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        mail.outbox = []
        yield mail.outbox


def test_a_statement_goes_to_the_partner_in_his_language(db: psycopg.Connection[Any], sent: list[Any]) -> None:
    asked = Asked("statement", "2025-03-31", {"counterparty": ["VEGA"], "from": ["2025-01-01"], "group-by": ["contract", "document"]})
    done = send_report(db, asked, TO._replace(note="Ждём ответа."), ACTOR, rights_of_owner(db, "anna"))
    (letter,) = sent
    assert letter.to == ["petrova@vega.example"] and "31.03.2025" in letter.subject and "Ждём ответа." in letter.body
    ((name, paper, kind),) = letter.attachments
    assert (name, paper[:5], kind) == (done.file, b"%PDF-", "application/pdf") == ("statement-2025-03-31.pdf", b"%PDF-", "application/pdf")
    query = "select unit.code, details from audit join unit on unit.id = unit_id where verb = 'send_report' order by 1"
    rows = db.execute(query).fetchall()
    assert [row[0] for row in rows] == [code for (code,) in db.execute("select code from unit order by 1")]
    assert rows[0][1]["to"] == ["petrova@vega.example"] and rows[0][1]["report"] == "statement"
    send_report(db, asked._replace(report="ageing", options={"partner": ["VEGA-GROUP"]}), TO._replace(language="zh"), ACTOR,
                rights_of_owner(db, "anna"))  # fmt: skip
    assert "截至" in sent[1].subject


def test_without_a_mail_server_nobody_is_told_that_it_was_sent(db: psycopg.Connection[Any], sent: list[Any], tmp_path: Path) -> None:
    asked = Asked("statement", "2025-03-31", {"counterparty": ["VEGA"]})
    rights = rights_of_owner(db, "anna")
    told = [sent_text(send_report(db, asked, TO, ACTOR, rights), "en")]
    with override_settings(EMAIL_BACKEND=KEEPS_FILES, EMAIL_FILE_PATH=tmp_path):
        told.append(sent_text(send_report(db, asked, TO, ACTOR, rights), "en"))
    assert told == [
        "Sent by e-mail to petrova@vega.example: statement-2025-03-31.pdf",
        "There is no mail server (SETOFF_SMTP_URL): the letter to petrova@vega.example with statement-2025-03-31.pdf is kept as a file "
        "for the administrator",
    ]
    assert len(sent) == 1 and len(list(tmp_path.iterdir())) == 1


def test_nobody_reads_of_others(db: psycopg.Connection[Any], sent: list[Any]) -> None:
    owner = rights_of_owner(db, "anna")
    for options in ({}, {"counterparty": ["VEGA", "METALL"]}, {"counterparty": ["VEGA"], "partner": ["METALL"]}):
        with pytest.raises(DomainError, match=r"^field_missing"):
            send_report(db, Asked("statement", "2025-03-31", options), TO, ACTOR, owner)
    with pytest.raises(DomainError, match=r"^invalid_value"):
        send_report(db, Asked("postings", "2025-03-31", {"counterparty": ["VEGA"]}), TO, ACTOR, owner)
    reader = rights_of(db, add_user(db, "reader", MSK="accountant", SPB="viewer"))
    with pytest.raises(DomainError, match=r"^not_permitted"):
        send_report(db, Asked("statement", "2025-03-31", {"counterparty": ["VEGA"]}), TO, ACTOR, reader)
    send_report(db, Asked("statement", "2025-03-31", {"counterparty": ["VEGA"], "unit": ["MSK"]}), TO, ACTOR, reader)
    assert len(sent) == 1
    (key,) = db.execute("select key from document where kind = 'sale' order by id limit 1").fetchone() or ("",)
    with pytest.raises(DomainError, match=r"^not_permitted"):
        send_document(db, key, TO, ACTOR, rights_of(db, add_user(db, "watcher", MSK="viewer", SPB="viewer")))
    assert db.execute("select count(*) from audit where verb = 'send_document'").fetchone() == (0,)


def test_the_paper_of_a_document_tells_nothing_of_ours(db: psycopg.Connection[Any], sent: list[Any]) -> None:
    document_id, key = db.execute("select id, key from document where kind = 'sale' order by id limit 1").fetchone() or (0, "")
    done = send_document(db, key, TO, ACTOR, rights_of_owner(db, "anna"))
    ((name, paper, _kind),) = sent[0].attachments
    assert name == done.file and paper[:5] == b"%PDF-"
    query = "select details from audit where verb = 'send_document' and document_id = %s"
    assert [row[0] for row in db.execute(query, [document_id])] == [{"to": ["petrova@vega.example"], "language": done.language}]
    shown: list[Any] = []
    plain = document_paper.render_sheaf
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(document_paper, "render_sheaf", lambda sheaf, *rest, **named: shown.append(sheaf) or plain(sheaf, *rest, **named))
        for for_partner in (False, True):
            render_document(db, document_id, "en", printed=date(2025, 4, 1), for_partner=for_partner)
    ours, theirs = ([section["heading"] for section in sheaf.sections] for sheaf in shown)
    assert "Postings" in ours and "Postings" not in theirs and len(theirs) < len(ours)


def test_a_document_of_nobody_in_particular_is_not_sent(db: psycopg.Connection[Any], sent: list[Any]) -> None:
    side = Side(account="91.02")
    entry = ManualEntry(unit="MSK", date="2025-03-31", rows=[ManualRow(debit=side, credit=Side(account="51"), amount="5.00")])
    key = post_document(db, entry, ACTOR).key
    with pytest.raises(DomainError, match=r"^field_missing"):
        send_document(db, key, TO, ACTOR, rights_of_owner(db, "anna"))
    assert sent == []
