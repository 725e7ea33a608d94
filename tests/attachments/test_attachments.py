"""Files kept with documents: attached, listed, read back, removed; nothing of them is ever changed."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import psycopg
import pytest

from setoff.attachments import services
from setoff.attachments.queries import Owner, attachment, attachments_of, content_of, of_document
from setoff.attachments.services import attach_file, remove_attachment
from setoff.books.audit import Actor
from setoff.cli import run
from setoff.core.errors import DomainError, ErrorCode
from setoff.settlements.services import post_document
from tests.reports.story import sale

Books = psycopg.Connection[Any]
PDF = b"%PDF-1.7\nthe paper"


@pytest.fixture
def document(company: Books, actor: Actor) -> Owner:
    return of_document(post_document(company, sale("2025-01-10", "S-1", "1200.00"), actor).document_id)


def test_a_file_is_kept_as_it_came(company: Books, document: Owner, actor: Actor) -> None:
    number = attach_file(company, document, "акт.pdf", PDF, actor)
    (found,) = attachments_of(company, document)
    assert (found.id, found.name, found.size, found.sha256) == (number, "акт.pdf", len(PDF), hashlib.sha256(PDF).hexdigest())
    assert content_of(company, document, number) == PDF
    verb, details = company.execute("select verb, details from audit order by id desc limit 1").fetchone() or ("", {})
    assert (verb, details["sha256"]) == ("attach", found.sha256)


def test_the_same_file_twice_is_refused_another_content_is_not(company: Books, document: Owner, actor: Actor) -> None:
    attach_file(company, document, "a.pdf", PDF, actor)
    with pytest.raises(DomainError) as refusal:
        attach_file(company, document, "a.pdf", PDF, actor)
    assert refusal.value.code == ErrorCode.ATTACHMENT_EXISTS
    attach_file(company, document, "a.pdf", PDF + b"2", actor)
    assert len(attachments_of(company, document)) == 2


def test_a_removed_file_is_kept_but_not_shown(company: Books, document: Owner, actor: Actor) -> None:
    number = attach_file(company, document, "a.pdf", PDF, actor)
    remove_attachment(company, document, number, actor)
    assert attachments_of(company, document) == []
    with pytest.raises(DomainError) as refusal:
        attachment(company, document, number)
    assert refusal.value.code == ErrorCode.UNKNOWN_REFERENCE
    assert company.execute("select content, removed_by from attachment").fetchone() == (PDF, "tester")
    attach_file(company, document, "a.pdf", PDF, actor)


def test_too_many_and_to_nothing(company: Books, document: Owner, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DomainError) as refusal:
        attach_file(company, of_document(999), "a.pdf", PDF, actor)
    assert refusal.value.code == ErrorCode.UNKNOWN_REFERENCE
    monkeypatch.setattr(services, "COUNT_MAX", 1)
    attach_file(company, document, "a.pdf", PDF, actor)
    with pytest.raises(DomainError) as refusal:
        attach_file(company, document, "b.pdf", PDF, actor)
    assert refusal.value.code == ErrorCode.TOO_MANY_ATTACHMENTS


@pytest.mark.parametrize("change", ["update attachment set content = 'x'", "update attachment set name = 'x'", "delete from attachment"])
def test_the_database_keeps_what_was_attached(company: Books, document: Owner, actor: Actor, change: str) -> None:
    attach_file(company, document, "a.pdf", PDF, actor)
    with pytest.raises(psycopg.Error) as refusal:
        company.execute(change)
    assert refusal.value.sqlstate == "SE001"


def test_the_commands(company: Books, document: Owner, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(PDF)
    key = "sale/MSK/2025/S-1"
    assert run(["attach", key, str(paper)]) == 0
    assert run(["attachments", key, "--save-to", str(tmp_path / "out")]) == 0
    number = attachments_of(company, document)[0].id
    assert f"{number}\tpaper.pdf\tapplication/pdf" in capsys.readouterr().out
    assert (tmp_path / "out" / f"{number}-paper.pdf").read_bytes() == PDF
    assert run(["attachments", key, "--remove", str(number)]) == 0 and attachments_of(company, document) == []
    assert run(["attach", key, str(tmp_path / "absent.pdf")]) == 1
