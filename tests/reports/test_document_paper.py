"""A document on paper: what it says, its postings, why its amounts went where they did; drafts too."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import msgspec
import psycopg
import pypdf
import pytest

from setoff.cli import run
from setoff.core.errors import DomainError
from setoff.language import LANGUAGES, has_text, text
from setoff.reports.document_paper import render_document
from setoff.reports.said import ELSEWHERE
from setoff.settlements.services import post_document, save_document
from setoff.trade import documents
from setoff.trade.documents import Line, Sale, SaleCorrection
from tests.reports.story import ACTOR, sale

DAY = date(2026, 3, 31)


@pytest.fixture
def books(story: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    return story


def read(made: bytes) -> str:
    """Without spaces: where a line breaks is not what is tested."""
    return "".join("".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(made)).pages).split())


def missing(made: bytes, *said: str) -> list[str]:
    found = read(made)
    return [part for part in said if "".join(part.split()) not in found]


def test_what_a_payment_says_and_does(books: psycopg.Connection[Any]) -> None:
    (document_id,) = books.execute("select id from document where number = 'P-2'").fetchone() or (0,)
    made = render_document(books, document_id, "ru", printed=DAY)
    expected = [
        "Оплата от покупателя P-2 от 15.02.2025",
        "ООО «Ромашка»",
        "Контрагент: ООО «Вега»",
        "Сумма: 1 000,00 RUB",
        "Состояние: проведён",
        "Проводки",
        "62.01",
        "700,00 RUB зачтено по документу Реализация S-1",
        "300,00 RUB зачтено по документу Реализация S-2",
        "Составил",
    ]
    assert not missing(made, *expected)


def test_lines_of_a_draft_and_names_that_are_never_source(books: psycopg.Connection[Any]) -> None:
    name = '#panic("x") *bold* $x$'
    draft = Sale(unit="MSK", date="2025-03-20", number="D-1", counterparty="VEGA", contract="BUYER", comment=name,
                 lines=[Line(amount="120.00", kind="services", vat_rate="20", name=name)])  # fmt: skip
    made = render_document(books, save_document(books, draft, ACTOR).document_id, "en", printed=DAY)
    assert not missing(made, "Sale D-1 of 20 Mar 2025", name, "120.00", "20.00", "Status: draft")
    assert missing(made, text("en", "explain-postings")) and missing(made, text("en", "document-story"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_the_story(books: psycopg.Connection[Any], language: Any) -> None:
    post_document(books, SaleCorrection(unit="MSK", date="2025-03-21", number="K-1", base="sale/MSK/2025/S-1", direction="up",
                                        lines=[Line(amount="60.00", kind="services", vat_rate="20")]), ACTOR)  # fmt: skip
    post_document(books, sale("2025-03-22", "堃-7", "5.00"), ACTOR)
    for document_id, number in books.execute("select distinct on (kind) id, number from document order by kind, id desc").fetchall():
        made = render_document(books, document_id, language, printed=DAY)
        assert not missing(made, number, text(language, "print-signatures"))
        assert made == render_document(books, document_id, language, printed=DAY)


def test_every_field_of_every_document_has_a_label() -> None:
    structures = [found for found in vars(documents).values() if isinstance(found, type) and issubclass(found, msgspec.Struct)]
    labels = {
        f"said-{field.name.replace('_', '-')}"
        for structure in structures
        for field in msgspec.structs.fields(structure)
        if not (issubclass(structure, documents.Document) and field.name in ELSEWHERE)
    }
    assert len(structures) > 20 and "said-side" in labels
    assert [(language, label) for language in LANGUAGES for label in sorted(labels) if not has_text(language, label)] == []


def test_the_command(books: psycopg.Connection[Any], tmp_path: Any) -> None:
    out = tmp_path / "sale.pdf"
    assert run(["explain", "sale/MSK/2025/S-1", "--format", "pdf", "--out", str(out)]) == 0
    assert not missing(out.read_bytes(), "Sale S-1 of 10 Jan 2025")


def test_no_such_document(db: psycopg.Connection[Any]) -> None:
    with pytest.raises(DomainError) as refused:
        render_document(db, 404, "en", printed=DAY)
    assert refused.value.code.value == "unknown_reference"
