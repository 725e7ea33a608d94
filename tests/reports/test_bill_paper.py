"""A bill on paper: whom to pay, on which account, by when, for what, in words."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from setoff.access.order_status import set_status
from setoff.access.queries import rights_of_owner
from setoff.banks.records import BankAccount
from setoff.banks.services import save_account
from setoff.books.audit import Actor
from setoff.parties.services import save_masters
from setoff.reports.bill_paper import bill_of, render_bill
from setoff.reports.paper import render_for_partner, render_paper
from setoff.settlements.document_queries import DocumentHead, document_head, document_of_key
from setoff.settlements.services import post_document
from setoff.trade.documents import CustomerBill, CustomerOrder, Line
from tests import cast

PARTY = {"unit": "MSK", "counterparty": "VEGA", "contract": "BUYER"}
PRINTED = date(2025, 3, 10)


def head_of(conn: Any, key: str) -> DocumentHead:
    found = document_of_key(conn, key)
    assert found is not None
    return document_head(conn, found.id)


def test_a_bill_says_what_a_payer_needs(company: Any, actor: Actor) -> None:
    """3 at 40.50 with 20 % in it: 121.50, 20.25 of it VAT."""
    address = "170100, Тверь, Советская ул., д. 2"
    save_masters(company, [msgspec.structs.replace(cast.VEGA, address=address)], actor)
    save_account(company, BankAccount("MSK", "40702810000000000001", "RUB", "Сбер", bic="044525225", bank_name="ПАО Сбербанк"), actor)
    post_document(company, CustomerOrder(key="O1", number="7", date="2025-03-03", lines=[Line(amount="121.50")], **PARTY), actor)
    lines = [Line(name="Болты", quantity="3", price="40.50", vat_rate="20")]
    post_document(
        company,
        CustomerBill(key="B1", number="5", date="2025-03-04", lines=lines, order="O1", due="2025-03-14", purpose="по договору", **PARTY),
        actor,
    )
    paper = bill_of(company, head_of(company, "B1"), "ru", printed=PRINTED)
    assert (paper["title"], paper["under"]) == ("Счёт на оплату № 5 от 04.03.2025", [])
    assert paper["fields"] == [
        ("Получатель", "ООО «Ромашка»"), ("ИНН/КПП продавца", "7707083893/770701001"),
        ("Банк получателя", "ПАО Сбербанк, 044525225"), ("Расчётный счёт", "40702810000000000001"),
        ("Покупатель", "ООО «Вега»"), ("Адрес", address), ("ИНН/КПП покупателя", "7702070139"), ("Договор", "BUYER"),
        ("Заказ", "7, 03.03.2025"), ("Оплатить до", "14.03.2025"), ("Назначение", "по договору"),
    ]  # fmt: skip
    assert paper["rows"] == [["1", "Болты", "3", "40,50", "101,25", "20 %", "20,25", "121,50"]]
    assert paper["totals"] == [["Всего к оплате", "101,25", "", "20,25", "121,50"]]
    assert paper["notes"] == ["К оплате: Сто двадцать один рубль 50 копеек"]
    head = head_of(company, "B1")
    assert render_paper(company, head.id, "en", printed=PRINTED) == render_bill(company, head, printed=PRINTED)[0]
    assert render_for_partner(company, head, printed=PRINTED, language=None)[1] == "ru"
    set_status(company, "B1", "annulled", PRINTED, actor, rights_of_owner(company, "nobody of this name"))
    assert bill_of(company, head_of(company, "B1"), "en", printed=PRINTED)["under"] == ["annulled"]
