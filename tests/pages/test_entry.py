"""Entry: what a form keeps, what it refuses and where, what it shows before, and that it says a thing once."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.test import Client

from setoff.books.audit import Actor
from setoff.language import LANGUAGES, text
from setoff.settlements.services import find_document, post_document, unpost_document
from setoff.trade.documents import Line, Payment, PaymentTarget, Sale
from setoff.trade.kinds import KINDS
from setoff.trade.queries import decode_document

SignIn = Callable[..., Client]
Company = psycopg.Connection[Any]


def sale_form(**changed: str) -> dict[str, str]:
    return {
        "form": str(uuid4()), "version": "0", "unit": "MSK", "date": "2025-03-10", "number": "S-1", "counterparty": "VEGA",
        "contract": "BUYER", "contours": "reg mgmt", "prices_include_vat": "yes", "lines[0].name": "Болты", "lines[0].kind": "goods",
        "lines[0].quantity": "3", "lines[0].price": "400,00", "lines[0].vat_rate": "20",
    } | changed  # fmt: skip


def shown_values(answer: Any) -> dict[str, str]:
    page = re.sub(r"<template.*?</template>", "", answer.content.decode(), flags=re.DOTALL)  # rows to be made
    return dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page))


def sale(company: Company, actor: Actor, number: str, day: str, amount: str) -> int:
    lines = [Line(amount=amount, kind="services")]
    document = Sale(unit="MSK", date=day, number=number, counterparty="VEGA", contract="BUYER", lines=lines)
    return post_document(company, document, actor).document_id


def payment(company: Company, actor: Actor, number: str, day: str, amount: str, **named: Any) -> int:
    document = Payment(
        unit="MSK", date=day, number=number, kind="payment_from_customer", counterparty="VEGA", contract="BUYER", amount=amount, **named
    )
    return post_document(company, document, actor).document_id


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_its_form(sign_in: SignIn, language: str) -> None:
    client = sign_in("accountant", language)
    for kind in KINDS:
        page = client.get(f"/entry/{kind}/").content.decode()
        assert text(language, "entry-post") in page and 'name="unit" value="AMS"' in page, kind


def test_a_sale_is_posted_as_typed(sign_in: SignIn, web: Company) -> None:
    answer = sign_in("accountant", "ru").post("/entry/sale/", sale_form(do="post"))
    stored = find_document(web, "sale/MSK/2025/S-1")
    assert stored is not None and stored.row.status == "posted" and stored.row.total == 1200_00
    assert answer.status_code == 302 and answer["Location"] == f"/documents/{stored.row.id}/"
    assert web.execute("select author, action from version where document_id = %s", [stored.row.id]).fetchall() == [("accountant", "post")]


def test_a_draft_is_kept_and_changes_nothing(sign_in: SignIn, web: Company) -> None:
    client = sign_in("operator")
    client.post("/entry/sale/", sale_form(do="save"))
    stored = find_document(web, "sale/MSK/2025/S-1")
    assert stored is not None and stored.row.status == "draft"
    assert client.post("/entry/sale/", sale_form(do="post", number="S-2")).status_code == 422
    assert find_document(web, "sale/MSK/2025/S-2") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_stands_at_its_field_and_nothing_is_lost(sign_in: SignIn, language: str) -> None:
    sent = sale_form(do="post", **{"lines[1].amount": "12 яблок", "comment": "как есть", "lines[1].name": "Гайки"})
    answer = sign_in("accountant", language).post("/entry/sale/", sent)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'id="e-lines[1].amount"' in page and "как есть" in page
    values = shown_values(answer)
    for name in ("unit", "date", "number", "counterparty", "lines[0].price", "lines[1].amount", "lines[1].name"):
        assert values[name] == sent[name]


def test_a_refusal_without_a_field_stands_above(sign_in: SignIn, web: Company, actor: Actor) -> None:
    sale(web, actor, "S-1", "2025-03-01", "100")
    page = sign_in("accountant").post("/entry/sale/", sale_form(do="post", **{"lines[0].price": ""})).content.decode()
    assert 'id="e-lines[0].amount"' in page


def test_a_form_sent_twice_says_it_once(sign_in: SignIn, web: Company) -> None:
    client = sign_in("accountant")
    sent = sale_form(do="post", number="")
    first, second = client.post("/entry/sale/", sent), client.post("/entry/sale/", sent)
    assert first["Location"] == second["Location"]
    assert web.execute("select count(*) from document").fetchone() == (1,)


def test_two_presses_at_once_say_it_once(sign_in: SignIn, web: Company) -> None:
    sent = sale_form(do="post", number="")
    places: list[str] = []
    clients = [sign_in("accountant"), sign_in("accountant")]

    def press(client: Client) -> None:
        from django.db import connections

        places.append(client.post("/entry/sale/", sent)["Location"])
        connections.close_all()

    threads = [threading.Thread(target=press, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(places)) == 1 and web.execute("select count(*) from document").fetchone() == (1,)


def test_an_edit_shows_and_keeps_what_stands(sign_in: SignIn, web: Company, actor: Actor) -> None:
    document_id = sale(web, actor, "S-7", "2025-03-01", "100.00")
    client = sign_in("accountant", "ru")
    answer = client.get(f"/entry/document/{document_id}/")
    values = shown_values(answer)
    assert values["lines[0].amount"] == "100,00" and values["counterparty"] == "VEGA" and values["version"] == "1"
    sent = values | {"prices_include_vat": "yes", "lines[0].kind": "services", "contours": "reg mgmt"}
    assert client.post(f"/entry/document/{document_id}/", sent | {"lines[0].amount": "250", "do": "post"}).status_code == 302
    assert web.execute("select total from document where id = %s", [document_id]).fetchone() == (250_00,)


def test_nobody_writes_over_anothers_edit(sign_in: SignIn, web: Company, actor: Actor) -> None:
    document_id = sale(web, actor, "S-7", "2025-03-01", "100.00")
    client = sign_in("accountant")
    sent = shown_values(client.get(f"/entry/document/{document_id}/")) | {"lines[0].kind": "services", "do": "post"}
    sale(web, actor, "S-7", "2025-03-01", "300.00")
    answer = client.post(f"/entry/document/{document_id}/", sent | {"lines[0].amount": "150"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "edited_meanwhile" in page and "tester" in page and 'value="150"' in page
    assert web.execute("select total from document where id = %s", [document_id]).fetchone() == (300_00,)


def test_a_posted_document_is_not_for_an_operator(sign_in: SignIn, web: Company, actor: Actor) -> None:
    document_id = sale(web, actor, "S-7", "2025-03-01", "100.00")
    assert sign_in("operator").get(f"/entry/document/{document_id}/").status_code == 403
    assert sign_in("viewer").get("/entry/sale/").status_code == 403


def test_the_preview_tells_postings_lots_and_what_lines_come_to(sign_in: SignIn, web: Company, actor: Actor) -> None:
    payment(web, actor, "P-1", "2025-03-05", "500")
    before = web.execute("select count(*) from document").fetchone()
    answer = sign_in("accountant").post("/entry/preview/sale/", sale_form(number=""))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "62.01" in page and "90.01" in page and "62.02" in page
    assert "1,200.00" in page and "500.00" in page
    assert "[&quot;1,200.00&quot;, &quot;200.00&quot;]" in page
    assert web.execute("select count(*) from document").fetchone() == before


def test_the_preview_takes_no_number(sign_in: SignIn, web: Company) -> None:
    client = sign_in("accountant")
    for _ in range(3):
        client.post("/entry/preview/sale/", sale_form(number=""))
    client.post("/entry/sale/", sale_form(number="", do="post"))
    assert web.execute("select number from document").fetchall() == [("000001",)]


def test_the_preview_proposes_the_only_contract(sign_in: SignIn) -> None:
    page = sign_in("accountant").post("/entry/preview/purchase/", sale_form(counterparty="METALL", contract="")).content.decode()
    assert "SUPPLIER" not in page  # two fit: a supplier's and another supplier's
    page = sign_in("accountant").post("/entry/preview/sale/", sale_form(unit="LYC", contract="")).content.decode()
    assert "LYCEUM-BUYER" in page


def test_a_backdated_edit_is_seen_before_it_is_done(sign_in: SignIn, web: Company, actor: Actor) -> None:
    sale(web, actor, "S-1", "2025-03-01", "100")
    payment(web, actor, "P-1", "2025-03-05", "100")
    client = sign_in("accountant")
    sent = sale_form(number="S-0", date="2025-02-20") | {"lines[0].price": "10"}
    answer = client.post("/entry/sale/", sent | {"do": "post"})
    assert answer.status_code == 409 and find_document(web, "sale/MSK/2025/S-0") is None
    told = client.post("/entry/preview/sale/", sent)
    page = told.content.decode()
    assert "P-1" in page and text("en", "entry-others", count=1) in page
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen is not None
    assert client.post("/entry/sale/", sent | {"do": "post", "seen": seen[1]}).status_code == 302
    assert find_document(web, "sale/MSK/2025/S-0") is not None


def test_consent_is_offered_where_a_later_document_names_what_is_taken(sign_in: SignIn, web: Company, actor: Actor) -> None:
    sale(web, actor, "S-1", "2025-03-01", "100")
    payment(web, actor, "P-1", "2025-03-05", "100", targets=[PaymentTarget(document="sale/MSK/2025/S-1", amount="100")])
    client = sign_in("accountant")
    sent = {
        "form": str(uuid4()), "version": "0", "unit": "MSK", "date": "2025-03-02", "number": "P-0", "amount": "40", "counterparty": "VEGA",
        "contract": "BUYER", "contours": "reg mgmt", "kind": "payment_from_customer",
    }  # fmt: skip
    page = client.post("/entry/preview/payment_from_customer/", sent).content.decode()
    assert "conflict_with_later_target" in page and 'name="agreed"' in page and "P-1" in page
    page = client.post("/entry/preview/payment_from_customer/", sent | {"agreed": "yes"}).content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen is not None
    done = client.post("/entry/payment_from_customer/", sent | {"agreed": "yes", "seen": seen[1], "do": "post"})
    assert done.status_code == 302


def test_a_payment_is_filled_by_balances(sign_in: SignIn, web: Company, actor: Actor) -> None:
    sale(web, actor, "S-1", "2025-03-01", "100")
    sale(web, actor, "S-2", "2025-03-02", "50")
    sent = {
        "form": str(uuid4()), "unit": "MSK", "date": "2025-03-05", "amount": "120", "counterparty": "VEGA", "contours": "reg mgmt",
        "do": "fill",
    }  # fmt: skip
    values = shown_values(sign_in("accountant").post("/entry/payment_from_customer/", sent))
    assert values["rows[0].targets[0].document"] == "sale/MSK/2025/S-1" and values["rows[0].targets[1].amount"] == "20.00"


def test_copies_and_followers(sign_in: SignIn, web: Company, actor: Actor) -> None:
    document_id = sale(web, actor, "S-1", "2025-03-01", "100")
    client = sign_in("accountant")
    values = shown_values(client.get(f"/entry/sale/?copy={document_id}"))
    assert values["number"] == "" and values["key"] == "" and values["lines[0].amount"] == "100" and values["contract"] == "BUYER"
    values = shown_values(client.get(f"/entry/payment_from_customer/?basis={document_id}"))
    assert values["amount"] == "100.00" and values["targets[0].document"] == "sale/MSK/2025/S-1"
    values = shown_values(client.get(f"/entry/sale_return/?basis={document_id}"))
    assert values["base"] == "sale/MSK/2025/S-1" and values["lines[0].amount"] == "100"
    assert client.get(f"/entry/purchase_return/?basis={document_id}").status_code == 422
    assert client.get("/entry/sale/?copy=999").status_code == 404


def test_an_unposted_document_is_edited_and_saved(sign_in: SignIn, web: Company, actor: Actor) -> None:
    document_id = sale(web, actor, "S-1", "2025-03-01", "100")
    unpost_document(web, "sale/MSK/2025/S-1", actor)
    client = sign_in("accountant")
    sent = shown_values(client.get(f"/entry/document/{document_id}/")) | {"lines[0].kind": "services", "do": "save"}
    assert client.post(f"/entry/document/{document_id}/", sent | {"lines[0].amount": "70"}).status_code == 302
    stored = find_document(web, "sale/MSK/2025/S-1")
    assert stored is not None and stored.row.status == "unposted"
    document = decode_document(stored.content)
    assert isinstance(document, Sale) and document.lines[0].amount == "70"


def test_odd_input_is_refused_and_never_breaks(sign_in: SignIn) -> None:
    client = sign_in("accountant")
    odd = ("\0", "<script>alert(1)</script>", "9" * 400, "﷽", "'; drop table document; --", "lines[0].amount", "-1")
    for value in odd:
        for name in ("unit", "date", "number", "counterparty", "lines[0].price", "day_order", "contours", "form", "version", "seen"):
            for address in ("/entry/sale/", "/entry/preview/sale/"):
                answer = client.post(address, sale_form(do="post") | {name: value, "number": str(uuid4())})
                assert answer.status_code in (200, 302, 403, 404, 409, 422), (name, value)
                assert "<script>alert" not in answer.content.decode()
    assert client.get("/entry/secrets/").status_code == 404


def test_what_needs_a_second_person_waits_for_him(sign_in: SignIn, web: Company) -> None:
    web.execute("insert into policy (operation) values ('payment')")
    client = sign_in("accountant")
    sent = {
        "form": str(uuid4()), "version": "0", "unit": "MSK", "date": "2025-03-02", "number": "P-9", "amount": "40",
        "counterparty": "METALL",
        "contract": "SUPPLIER", "contours": "reg mgmt",
    }  # fmt: skip
    assert text("en", "preview-waits") in client.post("/entry/preview/payment_to_supplier/", sent).content.decode()
    assert client.post("/entry/payment_to_supplier/", sent | {"do": "post"}).status_code == 302
    stored = find_document(web, "payment_to_supplier/MSK/2025/P-9")
    assert stored is not None and stored.row.status == "draft"
    assert web.execute("select state from approval").fetchall() == [("pending",)]


def test_a_return_takes_the_lines_of_its_base(sign_in: SignIn, web: Company, actor: Actor) -> None:
    base = sale(web, actor, "S-1", "2025-02-01", "70.00")
    client = sign_in("accountant")
    said = {"form": str(uuid4()), "version": "0", "unit": "MSK", "date": "2025-03-10", "contours": "reg mgmt"}
    offered = f'href="/entry/sale_return/?basis={base}"'
    assert offered in client.post("/entry/preview/sale_return/", {**said, "base": "sale/MSK/2025/S-1"}).content.decode()
    assert "?basis=" not in client.post("/entry/preview/sale_return/", said).content.decode()
    assert "?basis=" not in client.post("/entry/preview/purchase_return/", {**said, "base": "sale/MSK/2025/S-1"}).content.decode()
    assert shown_values(client.get(f"/entry/sale_return/?basis={base}"))["lines[0].amount"] == "70.00"


def test_an_amount_that_was_not_typed_is_missing(sign_in: SignIn, web: Company) -> None:
    said = {
        "form": str(uuid4()), "version": "0", "unit": "MSK", "date": "2025-03-10", "contours": "reg mgmt", "counterparty": "VEGA",
        "contract": "BUYER", "action": "post",
    }  # fmt: skip
    shown = sign_in("accountant").post("/entry/advance_offset/", said).content.decode()
    assert "The field Amount is missing." in shown and "is not an amount" not in shown


def test_a_document_whose_key_is_a_number_is_not_taken_for_the_one_that_is_edited(sign_in: SignIn, web: Company, actor: Actor) -> None:
    party = {"unit": "MSK", "counterparty": "SIRIUS", "contract": "BUYER-INVOICES"}
    post_document(web, Payment(key="paid", date="2025-02-01", kind="payment_from_customer", amount="50", **party), actor)
    post_document(web, Sale(key="1001", date="2025-02-02", lines=[Line(amount="70")], **party), actor)
    said = {"form": str(uuid4()), "version": "0", "opened": "0", "date": "2025-03-10", "contours": "reg mgmt", "amount": "50", **party}
    shown = sign_in("accountant").post("/entry/preview/advance_offset/", {**said, "advance": "paid", "document": "1001"}).content.decode()
    assert "field_missing" not in shown and text("en", "preview-no-postings") in shown


def test_the_history_tells_a_change_from_a_posting(sign_in: SignIn, web: Company, actor: Actor) -> None:
    number = sale(web, actor, "S-1", "2025-02-01", "70.00")
    sale(web, actor, "S-1", "2025-02-01", "80.00")
    shown = sign_in("viewer", "ru").get(f"/documents/{number}/").content.decode()
    assert shown.count("изменён и проведён") == 1
