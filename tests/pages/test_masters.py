"""Master records: the form is the record, doubts are shown first, many contracts change at once, and only who may."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
import psycopg
import pytest
from django.test import Client

from setoff.books.audit import Actor
from setoff.language import LANGUAGES, has_text, text
from setoff.pages.forms.records import BY_ADMINISTRATORS, RECORDS
from setoff.pages.forms.typed import content_of, typed_from, typed_of
from setoff.parties.doubts import tax_number_is_sound
from setoff.parties.queries import every_master
from setoff.settlements.services import post_document
from setoff.trade.documents import Line, Sale
from tests import cast
from tests.pages.test_forms import posted, structure_names

SignIn = Callable[..., Client]
Company = psycopg.Connection[Any]
PARTY = {"code": "NEW", "name": "ООО «Новая»", "tax_id": "7707083893", "language": "ru", "is_resident": "yes"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_record_survives_its_form(language: Any) -> None:
    for record in cast.MASTERS:
        kind, layout = RECORDS[str(record.__struct_config__.tag)]
        typed = typed_of(posted(typed_from(record, layout, language), layout), layout)
        assert msgspec.convert(content_of(typed, layout, language), kind) == record


DECIDED_ELSEWHERE = {"policies"}
"""On a page of their own; a form that does not say them leaves them as they are."""


@pytest.mark.parametrize("tag", RECORDS)
def test_every_field_of_a_record_has_its_place_and_words(tag: str) -> None:
    kind, layout = RECORDS[tag]
    assert set(structure_names(kind)) - DECIDED_ELSEWHERE == set(layout.names())
    for language in LANGUAGES:
        for field in (*layout.fields, *(column for grid in layout.grids for column in grid.columns)):
            assert has_text(language, field.label_key), field.label_key


@pytest.mark.parametrize("language", LANGUAGES)
def test_lists_and_forms_are_pages(sign_in: SignIn, language: str) -> None:
    administrator, operator = sign_in("administrator", language), sign_in("operator", language)
    for tag in RECORDS:
        assert administrator.get(f"/masters/{tag}/").status_code == 200, tag
        is_own = tag in BY_ADMINISTRATORS
        page = (administrator if is_own else operator).get(f"/masters/{tag}/form/").content.decode()
        assert text(language, "masters-save") in page, tag


def test_a_party_is_entered_and_changed(sign_in: SignIn, web: Company) -> None:
    client = sign_in("operator")
    assert client.post("/masters/counterparty/form/", PARTY).status_code == 302
    page = client.get("/masters/counterparty/form/?code=NEW").content.decode()
    before = re.search(r'name="before" value="(\w+)"', page)
    assert before is not None and "ООО «Новая»" in page
    changed = PARTY | {"name": "ООО «Новейшая»", "code": "OTHER", "agreed": "yes", "before": before[1]}
    assert client.post("/masters/counterparty/form/?code=NEW", changed).status_code == 302
    assert web.execute("select name from counterparty where code = 'NEW'").fetchone() == ("ООО «Новейшая»",)
    answer = client.post("/masters/counterparty/form/?code=NEW", changed | {"name": "ООО «Чужая»"})
    assert answer.status_code == 409 and text("en", "master-changed") in answer.content.decode()


def test_a_code_that_is_taken_is_refused_at_its_field(sign_in: SignIn, web: Company) -> None:
    answer = sign_in("operator").post("/masters/counterparty/form/", PARTY | {"code": "VEGA"})
    assert answer.status_code == 422 and 'id="e-code"' in answer.content.decode()
    assert web.execute("select name from counterparty where code = 'VEGA'").fetchone() == ("ООО «Вега»",)


@pytest.mark.parametrize(
    ("changed", "doubt"),
    [
        ({"tax_id": "7707083894"}, "fails its check digits"),
        ({"tax_id": "7702070139"}, "has the same tax number"),
        ({"tax_id": "", "name": "OOO «Сириус»".replace("OOO", "ООО") + "."}, "nearly the same name"),
    ],
)
def test_doubts_are_shown_first(sign_in: SignIn, web: Company, changed: dict[str, str], doubt: str) -> None:
    client = sign_in("operator")
    answer = client.post("/masters/counterparty/form/", PARTY | changed)
    assert answer.status_code == 409 and doubt in answer.content.decode()
    assert web.execute("select 1 from counterparty where code = 'NEW'").fetchone() is None
    assert client.post("/masters/counterparty/form/", PARTY | changed | {"agreed": "yes"}).status_code == 302


@pytest.mark.parametrize(
    ("tax_id", "sound"),
    [("7707083893", True), ("7707083894", False), ("500100732259", True), ("91310000132222222A", False), ("DE136695976", True),
     ("DE136695977", False), ("ZZ1", None), ("12-345", None), ("", None)],
)  # fmt: skip
def test_tax_numbers_are_checked_where_their_rule_is_known(tax_id: str, sound: bool | None) -> None:
    assert tax_number_is_sound(tax_id) is sound


def test_many_contracts_get_a_status_at_once(sign_in: SignIn, web: Company) -> None:
    client = sign_in("operator")
    chosen = {"code": ["BUYER", "BUYER-2"], "status": "closed"}
    assert text("en", "status-changed") in client.post("/masters/contract/status/", chosen).content.decode()  # what would become of them
    assert web.execute("select count(*) from contract where status = 'closed' and code in ('BUYER', 'BUYER-2')").fetchone() == (0,)
    unknown = client.post("/masters/contract/status/", {"code": ["BUYER", "NOBODY"], "status": "closed", "do": "apply"})
    assert unknown.status_code == 409 and "NOBODY" in unknown.content.decode()
    assert client.post("/masters/contract/status/", chosen | {"do": "apply"}).status_code == 302
    assert web.execute("select count(*) from contract where status = 'closed' and code in ('BUYER', 'BUYER-2')").fetchone() == (2,)
    assert client.post("/masters/contract/status/", {"code": ["BUYER"], "status": "burnt"}).status_code == 422


def test_contracts_that_end_soon(sign_in: SignIn, web: Company) -> None:
    client = sign_in("viewer")
    client.post("/working-day/", {"day": "2025-06-10", "next": "/"})
    page = client.get("/masters/contract/?ends-within=30").content.decode()
    assert "BUYER-SHORT" in page and "BUYER-LEGAL" not in page


def test_who_may_not_is_refused(sign_in: SignIn, web: Company) -> None:
    assert sign_in("viewer").post("/masters/counterparty/form/", PARTY | {"agreed": "yes"}).status_code == 403
    assert sign_in("accountant").get("/masters/unit/form/").status_code == 403
    assert sign_in("accountant").get("/masters/secrets/").status_code == 404
    records = list(every_unit(web))
    sign_in("administrator").post("/masters/unit/form/", {"code": "KZN", "name": "Казань", "organization": "ROMASHKA", "kind": "branch"})
    assert len(list(every_unit(web))) == len(records) + 1


def every_unit(conn: Company) -> list[Any]:
    with conn.transaction():
        return list(every_master(conn, cast.Unit))


def test_a_rate_that_moves_documents_is_agreed_to(sign_in: SignIn, web: Company, actor: Actor) -> None:
    """10 EUR sold on 5 April at the rate of March, 98.25; by a rate of 1 April they are worth 1 012.50. Only an administrator may."""
    lines = [Line(amount="10", kind="services")]
    sale = Sale(key="S", unit="MSK", date="2025-04-05", counterparty="BERLIN", contract="BUYER-EUR", lines=lines)
    post_document(web, sale, actor)
    worth = "select distinct residual_book from lot join document on document.id = document_id where key = 'S'"
    sent = {"currency": "EUR", "quote": "RUB", "date": "2025-04-01", "rate": "101,25"}
    assert sign_in("accountant", "ru").post("/masters/rate/form/", sent).status_code == 403
    client = sign_in("administrator", "ru")
    tried = client.post("/masters/rate/form/", sent)
    assert tried.status_code == 409 and text("ru", "masters-rate-moves", restated=1, count=1) in tried.content.decode()
    assert web.execute(worth).fetchall() == [(982_50,)]
    assert client.post("/masters/rate/form/", {**sent, "agreed": "yes"}).status_code == 302
    assert web.execute(worth).fetchall() == [(1012_50,)]


def test_a_rate_is_known_by_its_day(sign_in: SignIn, web: Company) -> None:
    client = sign_in("administrator", "ru")
    sent = {"currency": "EUR", "quote": "RUB", "date": "2025-04-01", "rate": "101,25"}
    assert client.post("/masters/rate/form/", sent).status_code == 302
    row = web.execute("select rate from rate where currency = 'EUR' and quote = 'RUB' and date = %s", [date(2025, 4, 1)]).fetchone()
    assert row is not None and str(row[0]) == "101.25"
    assert client.get("/masters/rate/form/?currency=EUR&quote=RUB&date=2025-04-01").status_code == 200
    assert client.get("/masters/rate/form/?currency=EUR&quote=RUB&date=never").status_code == 404


def test_a_contract_is_made_from_its_agreement_and_keeps_files(sign_in: SignIn, web: Company) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = sign_in("operator")
    agreement = {"code": "W", "name": "W", "currency": "EUR", "manager": "Orlova", "uses_contracts": "yes", "status": "active"}
    assert client.post("/masters/agreement/form/", agreement).status_code == 302
    assert text("en", "masters-from-agreement") in client.get("/masters/agreement/form/?code=W").content.decode()
    form = client.get("/masters/contract/form/?agreement=W").content.decode()
    assert 'value="Orlova"' in form and 'value="EUR"' in form
    assert client.get("/masters/contract/form/?agreement=RETAIL").status_code == 422  # settles without contracts
    sent = client.post("/contract-files/?code=BUYER", {"file": SimpleUploadedFile("signed.txt", b"signed")})
    assert sent.status_code == 302 and "signed.txt" in client.get("/masters/contract/form/?code=BUYER").content.decode()
    number = web.execute("select id from contract_file").fetchone()
    assert number is not None and client.get(f"/contract-files/{number[0]}/?code=BUYER").content == b"signed"
    assert client.post(f"/contract-files/{number[0]}/remove/?code=BUYER").status_code == 302
    assert client.get(f"/contract-files/{number[0]}/?code=BUYER").status_code == 404
