"""Tax invoices: a row per rule and per refusal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from setoff.trade.directory import Directory, Invoiced, RateSum
from setoff.trade.documents import Line, Payment, Purchase, PurchaseCorrection, Sale, SaleCorrection
from setoff.trade.invoice import read_invoice
from setoff.trade.invoice_documents import InvoiceBase, InvoiceSum, IssuedInvoice, ReceivedInvoice
from setoff.trade.invoice_sums import supplied
from tests.trade.stage import cast_directory, enter, refused, tell

OURS = {"unit": "MSK", "date": "2025-02-10", "counterparty": "VEGA", "contract": "BUYER"}
THEIRS = {"unit": "MSK", "date": "2025-02-10", "counterparty": "METALL", "contract": "SUPPLIER"}
GOODS = Line(amount="120", vat_rate="20")
WORK = Line(amount="60", vat_rate="20", kind="services")


@pytest.fixture
def books() -> Directory:
    """A sale of 120 and 11 at two rates, a purchase of 180 with goods and services, and a payment."""
    directory = cast_directory()
    enter(directory, "sale", 10, Sale(**OURS, lines=[GOODS, Line(amount="11", vat_rate="10")]))
    enter(directory, "purchase", 11, Purchase(**THEIRS, lines=[GOODS, WORK, Line(amount="5")]))
    enter(directory, "payment", 12, Payment(**OURS, kind="payment_from_customer", amount="240"))
    return directory


def issued(*bases: str, **fields: Any) -> IssuedInvoice:
    return IssuedInvoice(**{"unit": "MSK", "date": "2025-02-12", "bases": [InvoiceBase(document=base) for base in bases], **fields})


def received(*bases: str, **fields: Any) -> ReceivedInvoice:
    paper = {"incoming_number": "A-7", "incoming_date": "2025-02-10"}
    return ReceivedInvoice(
        **{"unit": "MSK", "date": "2025-02-12", "bases": [InvoiceBase(document=base) for base in bases], **paper, **fields}
    )


def sums(*said: tuple[str, str, str]) -> list[InvoiceSum]:
    return [InvoiceSum(vat_rate=rate, amount=amount, vat=vat) for rate, amount, vat in said]


def invoiced(directory: Directory, key: str, number: int, *stated: RateSum, deducted: bool = False) -> None:
    directory.documents[key] = directory.documents[key]._replace(invoices=(Invoiced(number, "shipment", "1", stated, deducted),))


def test_an_issued_invoice_posts_nothing_and_states_what_its_supply_comes_to(books: Directory) -> None:
    assert tell(issued("sale"), books) == ([], [])
    read = read_invoice(issued("sale"), 100, books)
    assert read.stated == [RateSum("20", 12000, 2000), RateSum("10", 1100, 100)]
    assert (read.family, read.party.code, read.is_down) == ("shipment", "VEGA", False)


def test_a_received_invoice_deducts_the_vat_of_its_purchase(books: Directory) -> None:
    assert tell(received("purchase"), books) == ([], ["68.02 19.03 20.00 20%", "68.02 19.04 10.00 20%"])
    assert tell(received("purchase", deduct=False), books) == ([], [])
    assert tell(received("purchase", contours=("mgmt",)), books) == ([], [])


def test_a_received_invoice_with_another_vat_deducts_what_it_states(books: Directory) -> None:
    other = sums(("20", "180", "27"), ("", "5", ""))
    assert tell(received("purchase", sums=other, difference="rounded"), books)[1] == ["68.02 19.03 18.00 20%", "68.02 19.04 9.00 20%"]
    fallback = sums(("10", "180", "6"))
    assert tell(received("purchase", sums=fallback, difference="another rate"), books)[1] == ["68.02 19.03 6.00 10%"]


def test_where_a_purchase_deducts_its_vat_the_invoice_does_not(books: Directory) -> None:
    enter(books, "cn", 20, Purchase(unit="SHA", date="2025-02-10", counterparty="METALL", lines=[Line(amount="113", vat_rate="13")]))
    assert tell(received("cn", unit="SHA"), books) == ([], [])


def test_a_correction_down_moves_vat_with_its_invoice(books: Directory) -> None:
    enter(books, "one", 30, issued("sale"))
    less = SaleCorrection(unit="MSK", date="2025-02-11", base="sale", direction="down", lines=[Line(amount="24", vat_rate="20")])
    enter(books, "less", 31, less)
    correction = issued("less", invoice_kind="correction", original="one")
    assert tell(correction, books) == ([], ["68.02 19.09 4.00 20%"])
    assert refused(issued("less", invoice_kind="correction"), books).startswith("field_missing original")
    enter(books, "theirs", 32, received("purchase"))
    enter(books, "cheaper", 33, PurchaseCorrection(unit="MSK", date="2025-02-11", base="purchase", direction="down", lines=[WORK]))
    back = received("cheaper", invoice_kind="correction", original="theirs")
    assert tell(back, books) == ([], ["19.04 68.02 10.00 20%"])


def test_a_correction_names_the_invoice_of_what_it_corrects(books: Directory) -> None:
    enter(books, "other", 13, Sale(**OURS, lines=[GOODS]))
    enter(books, "one", 30, issued("other"))
    enter(books, "more", 31, SaleCorrection(unit="MSK", date="2025-02-11", base="sale", direction="up", lines=[GOODS]))
    assert refused(issued("more", invoice_kind="correction", original="one"), books).startswith("base_mismatch original")


def test_a_corrected_invoice_takes_the_place_of_its_original(books: Directory) -> None:
    enter(books, "wrong", 30, received("purchase"))
    invoiced(books, "purchase", 30, RateSum("20", 18000, 2700), RateSum("", 500, 0), deducted=True)
    right = received("purchase", invoice_kind="corrected", original="wrong")
    assert tell(right, books)[1] == [
        "68.02 19.03 -18.00 20%", "68.02 19.04 -9.00 20%", "68.02 19.03 20.00 20%", "68.02 19.04 10.00 20%",
    ]  # fmt: skip
    assert refused(received("purchase"), books).startswith("base_invoiced bases[0].document: base=purchase, kind=purchase, invoice=1")


def test_sums_are_those_of_the_documents_or_say_why_not(books: Directory) -> None:
    same = sums(("10", "11", "1"), ("20", "120", "20"))
    assert tell(issued("sale", sums=same), books) == ([], [])
    shifted = sums(("20", "1200", "200"), ("10", "11", "1"))
    assert refused(issued("sale", sums=shifted), books) == (
        "invoice_differs sums: amount=1211.00 RUB, vat=201.00 RUB, base_amount=131.00 RUB, base_vat=21.00 RUB"
    )
    assert refused(issued("sale", sums=sums(("20", "0", ""))), books).startswith("amount_not_positive sums[0].amount")
    assert refused(issued("sale", sums=sums(("20", "5", "6"))), books).startswith("invalid_value sums[0].vat")
    assert refused(issued("sale", sums=sums(("120", "5", ""))), books).startswith("invalid_rate sums[0].vat_rate")
    assert refused(issued("sale", sums=sums(("20", "5", ""), ("20.0", "5", ""))), books).startswith("invalid_value sums[1].vat_rate")


def test_bases_fit(books: Directory) -> None:
    assert refused(issued(), books).startswith("field_missing bases")
    assert refused(issued("nowhere"), books).startswith("unknown_reference bases[0].document")
    assert refused(issued("sale", "sale"), books).startswith("invalid_value bases[1].document")
    assert refused(issued("purchase"), books).startswith("base_mismatch bases[0].document")
    assert refused(received("sale"), books).startswith("base_mismatch bases[0].document")
    assert refused(issued("sale", invoice_kind="advance", sums=sums(("20", "1", ""))), books).startswith("base_mismatch bases[0]")
    assert refused(issued("sale", date="2025-02-09"), books).startswith("target_in_future bases[0].document")
    assert refused(issued("sale", unit="SPB"), books).startswith("base_mismatch bases[0].document")
    enter(books, "elsewhere", 13, Sale(unit="MSK", date="2025-02-10", counterparty="BERLIN", lines=[GOODS]))
    assert refused(issued("sale", "elsewhere"), books).startswith("base_mismatch bases[1].document")
    enter(books, "year before", 14, Sale(**{**OURS, "date": "2024-12-30"}, lines=[GOODS]))
    assert refused(issued("sale", "year before"), books).startswith("base_mismatch bases[1].document")
    enter(books, "draft", 15, Sale(**OURS, lines=[GOODS]), status="draft")
    assert refused(issued("draft"), books).startswith("base_mismatch bases[0].document")
    assert refused(issued("sale", original="x"), books).startswith("unknown_field original")


def test_one_invoice_for_several_supplies(books: Directory) -> None:
    enter(books, "second", 13, Sale(**OURS, lines=[GOODS]))
    assert read_invoice(issued("sale", "second"), 100, books).stated == [RateSum("20", 24000, 4000), RateSum("10", 1100, 100)]


def test_an_invoice_for_an_advance_needs_vat_on_advances(books: Directory) -> None:
    advance = issued("payment", invoice_kind="advance", sums=sums(("20", "240", "40")))
    assert refused(advance, books).startswith("invalid_value invoice_kind")
    owing = replace(books, units={**books.units, "MSK": books.units["MSK"]._replace(owes_advance_vat=True)})
    assert tell(advance, owing) == ([], [])
    assert refused(issued("payment", invoice_kind="advance"), owing).startswith("field_missing sums")


def test_a_supplier_s_paper_has_a_number_and_a_day(books: Directory) -> None:
    assert refused(received("purchase", incoming_number=" "), books).startswith("field_missing incoming_number")
    assert refused(received("purchase", incoming_date="10.02.2025"), books).startswith("invalid_date incoming_date")
    assert refused(received("purchase", received="2025-02-01"), books).startswith("invalid_value received")


def test_a_supply_in_another_currency_is_worth_its_rate() -> None:
    books = cast_directory()
    euros = {"counterparty": "BERLIN", "contract": "BUYER-EUR", "rate": "100.5"}
    sale = Sale(unit="MSK", date="2025-02-10", **euros, lines=[Line(amount="12", vat_rate="20")])
    assert supplied(sale, books.units["MSK"], books).sums == [RateSum("20", 120600, 20100)]
