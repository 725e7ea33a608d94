"""A notice on paper: two copies, both sides, form 0504805 where it is Russian."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import psycopg
import pypdf
import pytest

from setoff.access.queries import rights_of_owner
from setoff.books.audit import Actor
from setoff.language import LANGUAGES, Language, text
from setoff.notices import services
from setoff.notices.filling import Filled, notice_from
from setoff.notices.paper import render_notice
from setoff.notices.records import Kept
from setoff.notices.templates import ours
from setoff.parties.records import Unit
from setoff.parties.services import save_masters

Db = psycopg.Connection[Any]
OWNER = Actor("owner", "test")


@pytest.fixture
def sent(company: Db) -> Kept:
    """Operation 1.2 of the institution: the head office has a row of its own that the branch has not."""
    save_masters(company, [Unit(code="FIL", organization="LYCEUM", name="Филиал", kind="branch")], OWNER)
    filled = Filled("2025-02-10", {"own": "90000.00", "of_branch": "18000.00"}, "LYC", "FIL", number="17", comment="#panic")
    rights = rights_of_owner(company, "owner")
    found = services.save_notice(company, notice_from(company, ours("ru-budget")["1.2"], filled), OWNER, rights)
    return services.send_notice(company, found.code, OWNER, rights)


def pages(made: bytes) -> list[str]:
    """The text of each page, without spaces: where a line breaks is not what is tested."""
    return ["".join(page.extract_text().split()) for page in pypdf.PdfReader(BytesIO(made)).pages]


def test_two_copies_of_the_form(company: Db, sent: Kept) -> None:
    made = pages(render_notice(company, sent, printed=date(2025, 2, 11)))
    assert len(made) == 2
    for said in (
        "Извещение № 17 от 10.02.2025", "0504805", "ГБУ «Лицей»", "1.2. Начислен НДС", "Налоговая декларация", "#panic",
        "2 30404 000", "2 40110 130", "18 000,00", "Восемнадцать тысяч рублей 00 копеек", "Главный бухгалтер", "Составил owner",
    ):  # fmt: skip
        assert all("".join(said.split()) in page for page in made), said
    assert "Экземпляр1:отправителю" in made[0] and "Экземпляр2:получателю" in made[1]
    assert made[0].count("90000,00") == 1 and made[0].count("18000,00") == 4  # two rows, two sums of what moved


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_content_in_every_language(company: Db, sent: Kept, language: Language) -> None:
    made = pages(render_notice(company, sent, printed=date(2025, 2, 11), language=language))
    assert len(made) == 2 and ("0504805" in made[0]) is (language == "ru")
    for key in ("notices-paper-copy-sender", "choice-flow-income", "nature-obligation"):
        assert "".join(text(language, key).split()) in made[0]
