"""Registers and books of invoices over one quarter of the cast: what is issued, what the books say, and that they tie to the ledger.

| day       | document                          | VAT                                        |
| ---       | ---                               | ---                                        |
| 10 Jan    | advance of 240.00                 | 40.00 accrued                              |
| 15 Jan    | sale of 120.00 at 20 %            | 20.00; of the advance 120.00: 20.00 back   |
| 1 Feb     | purchase of 600.00 at 20 %        | 100.00 on 19.04, deducted on 10 Feb        |
| 3 Feb     | sale of 66.00 at 10 %             | 6.00; of the advance 66.00: 11.00 back     |
| 20 Mar    | 24.00 of the first sale came back | 4.00 deducted with the invoice             |
| 31 Mar    | purchase of 60.00 at 20 %         | its invoice has not come                   |
"""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from setoff.books.audit import Actor
from setoff.core.errors import DomainError
from setoff.parties.services import save_masters
from setoff.reports.ask import ask
from setoff.reports.correction_lines import correction_of
from setoff.reports.files import render_json
from setoff.reports.invoice_paper import paper_of, parties_of, render_invoice
from setoff.reports.table import render_table
from setoff.settlements.advance_vat.services import Policy, set_vat_policy
from setoff.settlements.bulk import import_documents
from setoff.settlements.checks import run_checks
from setoff.settlements.checks.invoice_books import tie_rows
from setoff.settlements.document_queries import document_head, document_of_key
from setoff.settlements.invoices.services import Issued, Period, invoice_on, issue_invoices
from setoff.settlements.services import known_document, post_document, unpost_document
from setoff.trade.directory import RateSum
from setoff.trade.documents import AdvanceVat, Line, Payment, Purchase, Sale, SaleCorrection, SaleReturn
from setoff.trade.invoice_documents import InvoiceBase, InvoiceSum, IssuedInvoice, ReceivedInvoice
from setoff.trade.queries import decode_document
from tests import cast

TYPIST = Actor("typist", "test")
OURS = {"unit": "MSK", "counterparty": "VEGA", "contract": "BUYER"}
THEIRS = {"unit": "MSK", "counterparty": "METALL", "contract": "SUPPLIER"}
QUARTER = Period("MSK", date(2025, 1, 1), date(2025, 3, 31))


def services(amount: str, rate: str = "20") -> list[Line]:
    return [Line(amount=amount, vat_rate=rate, kind="services")]


@pytest.fixture
def books(company: Any) -> Any:
    set_vat_policy(company, "MSK", Policy("same_day"), TYPIST)
    for document in (
        Payment(**OURS, key="advance", date="2025-01-10", kind="payment_from_customer", amount="240"),
        Sale(**OURS, key="first", date="2025-01-15", lines=services("120")),
        Purchase(**THEIRS, key="bought", date="2025-02-01", lines=services("600")),
        Sale(**OURS, key="second", date="2025-02-03", lines=services("66", "10")),
        SaleReturn(unit="MSK", key="back", date="2025-03-20", base="first", lines=services("24")),
        Purchase(**THEIRS, key="late", date="2025-03-31", lines=services("60")),
    ):
        post_document(company, document, TYPIST)
    return company


def received(base: str, **fields: Any) -> ReceivedInvoice:
    paper = {"unit": "MSK", "key": f"for {base}", "date": "2025-02-10", "incoming_number": "A-7", "incoming_date": "2025-02-01"}
    return ReceivedInvoice(**{**paper, "bases": [InvoiceBase(document=base)], **fields})


def told(items: list[Issued]) -> list[tuple[Any, ...]]:
    return [(item.wanting.document.key, item.number, item.code, item.gross, item.vat, item.is_late) for item in items]


def lists(conn: Any) -> dict[str, list[str]]:
    """What the checks of invoices find: keys by code."""
    found = run_checks(conn, [f"C-INV{part}" for part in ("", "-1", "-1a", "-2", "-2a", "-2b", "-2c", "-BOOK")])
    return {result.check.code.removesuffix(".list"): [row.key for row in result.rows] for result in found if result.rows}


def test_a_quarter_in_registers_and_books(books: Any) -> None:
    assert lists(books) == {}  # a unit without invoices misses none
    assert list(issue_invoices(books, QUARTER, TYPIST)) == []
    assert told(list(issue_invoices(books, QUARTER, TYPIST, every=True))) == [
        ("advance", "000001", "02", 24000, 4000, False),
        ("first", "000002", "01", 12000, 2000, False),
        ("second", "000003", "01", 6600, 600, False),
        ("back", "000004", "18", 2400, 400, False),
    ]
    assert list(issue_invoices(books, QUARTER, TYPIST, every=True)) == []
    post_document(books, received("bought"), TYPIST)
    assert lists(books) == {"C-INV-2": ["000002"]}
    check_books(books)
    check_registers(books)
    check_missing(books)


def check_books(books: Any) -> None:
    """Sales 40 + 20 + 6, purchases 100 + 20 + 11 + 4."""
    (sales,) = ask(books, "sales-book", as_of="2025-03-31", options={"unit": ["MSK"]}).sections
    assert [(row.code, row.invoice, row.gross, row.amounts, row.vat) for row in sales.rows] == [
        ("02", "000001", 24000, (None, 4000, None, None), 4000),
        ("01", "000002", 12000, (10000, 2000, None, None), 2000),
        ("01", "000003", 6600, (None, None, 6000, 600), 600),
    ]
    (total,) = sales.totals
    assert (total.row.gross, total.row.amounts, total.row.vat) == (42600, (10000, 6000, 6000, 600), 6600)
    (purchases,) = ask(books, "purchase-book", as_of="2025-03-31", options={"unit": ["MSK"]}).sections
    assert [(row.code, row.invoice, row.correction[:6], row.paid.key, row.gross, row.vat) for row in purchases.rows] == [
        ("22", "000001", "", "advance", 12000, 2000),
        ("22", "000001", "", "advance", 6600, 1100),
        ("01", "A-7", "", "", 60000, 10000),
        ("18", "000002", "000004", "", 2400, 400),
    ]
    assert purchases.totals[0].row.vat == 13500
    assert ask(books, "sales-book", as_of="2025-06-30", options={}).sections == []


def check_registers(books: Any) -> None:
    report = ask(books, "issued-invoices", as_of="2025-12-31", options={"from": ["2025-01-01"]})
    (section,) = report.sections
    assert [(row.number, row.kind, row.net, row.vat, row.period, row.remark) for row in section.rows] == [
        ("000001", "advance", 20000, 4000, "2025-Q1", ""),
        ("000002", "shipment", 10000, 2000, "2025-Q1", ""),
        ("000003", "shipment", 6000, 600, "2025-Q1", ""),
        ("000004", "correction", -2000, -400, "2025-Q1", ""),
    ]
    assert (section.totals[0].row.gross, section.totals[0].row.vat) == (40200, 6200)
    chosen = ask(books, "issued-invoices", as_of="2025-12-31", options={"from": ["2025-01-01"], "kind": ["advance", "correction"]})
    (section,) = chosen.sections
    assert [row.number for row in section.rows] == ["000001", "000004"] and section.totals[0].row.vat == 3600
    assert "correction" in render_table(chosen, "en").split("000001")[0]
    with pytest.raises(DomainError, match="invalid_value"):
        ask(books, "issued-invoices", as_of="2025-12-31", options={"kind": ["sale"]})
    (theirs,) = ask(books, "received-invoices", as_of="2025-03-31", options={"counterparty": ["METALL"], "status": ["posted"]}).sections
    assert [(row.number, row.tax_number, row.base.key, row.gross) for row in theirs.rows] == [("A-7", "7736050003", "bought", 60000)]
    for language in ("en", "ru", "zh"):
        assert "000004" in render_table(report, language)
    assert '"net_20": "200.00"' in render_json(report, "en")


def check_missing(books: Any) -> None:
    (section,) = ask(books, "missing-invoices", as_of="2025-04-30", options={}).sections
    assert [(row.document.key, row.amount, row.days) for row in section.rows] == [("late", 6000, None)]


def test_an_advance_paid_whose_invoice_was_a_decision_is_in_the_book_of_purchases(books: Any) -> None:
    """120 paid in advance, 20 deducted by the invoice that came with it; entered as a decision, before invoices were kept so. The book
    ties to the ledger."""
    for document in (
        Payment(**THEIRS, key="ahead", date="2025-04-01", kind="payment_to_supplier", amount="780"),  # 660 of it pays what is open
        AdvanceVat(
            unit="MSK", key="by hand", date="2025-04-02", decision="invoice", document="ahead", vat="20", incoming_number="AV-1",
            incoming_date="2025-04-01",
        ),
        received("bought", date="2025-04-03"),
    ):
        post_document(books, document, TYPIST)
    (section,) = ask(books, "purchase-book", as_of="2025-06-30", options={}).sections
    assert [(row.code, row.invoice, row.gross, row.vat, row.paid.key) for row in section.rows] == [
        ("02", "AV-1", 12000, 2000, "ahead"), ("01", "A-7", 60000, 10000, ""),
    ]  # fmt: skip
    assert (section.totals[0].row.gross, section.totals[0].row.vat) == (72000, 12000)
    assert [row.key for row in tie_rows(books, None)] == []


def test_what_changes_and_what_is_annulled(books: Any) -> None:
    issued = list(issue_invoices(books, QUARTER, TYPIST, every=True))
    post_document(books, Sale(**OURS, key="second", date="2025-02-03", lines=services("77", "10")), TYPIST)
    assert lists(books) == {"C-INV-1": ["000003"], "C-INV-BOOK": ["sales 2025-Q1"]}
    (section,) = ask(books, "issued-invoices", as_of="2025-12-31", options={"from": ["2025-01-01"]}).sections
    assert [row.remark for row in section.rows] == ["", "", "differs", ""]
    unpost_document(books, issued[2].key, TYPIST)
    (section,) = ask(books, "issued-invoices", as_of="2025-03-31", options={"status": ["annulled"]}).sections
    assert [(row.number, row.period) for row in section.rows] == [("000003", "")]
    assert lists(books) == {"C-INV-2": ["000002"], "C-INV-BOOK": ["sales 2025-Q1"]}
    again = Period("MSK", QUARTER.first, QUARTER.last, day=date(2025, 3, 31))
    assert told(list(issue_invoices(books, again, TYPIST))) == [("second", "000005", "01", 7700, 700, True)]
    assert lists(books) == {"C-INV-2c": ["000005"]}


def test_an_invoice_is_printed_in_the_language_of_the_buyer(books: Any) -> None:
    """For the supply with its lines, for the advance with the rate as the law writes it, for the return with what it corrects."""
    ours = msgspec.structs.replace(cast.ROMASHKA, address="119019, Москва, ул. Арбат, д. 1")
    theirs = msgspec.structs.replace(cast.VEGA, address="170100, Тверь, Советская ул., д. 2")
    save_masters(books, [ours, theirs], TYPIST)
    items = list(issue_invoices(books, QUARTER, TYPIST, every=True))
    papers = {}
    for item in items:
        found = document_of_key(books, item.key)
        assert found is not None
        head = document_head(books, found.id)
        made, language = render_invoice(books, head, printed=date(2025, 4, 1))
        assert (made[:5], language) == (b"%PDF-", "ru")
        said = decode_document(head.content)
        assert isinstance(said, IssuedInvoice)
        papers[item.wanting.document.key] = paper_of(books, head, said, parties_of(books, head), "en", printed=date(2025, 4, 1))
    fields = papers["first"]["fields"]
    assert fields[:3] == [
        ("Seller", "ООО «Ромашка»"), ("Address", "119019, Москва, ул. Арбат, д. 1"),
        ("Tax number of the seller", "7707083893/770701001"),
    ]  # fmt: skip
    assert [value for _, value in fields[7:10]] == ["ООО «Вега»", "170100, Тверь, Советская ул., д. 2", "7702070139"]
    assert (fields[3], fields[4], fields[10]) == (("Consignor", ""), ("Consignee", ""), ("Currency", "Russian Ruble, 643"))
    goods = Sale(**OURS, key="goods", date="2025-03-28", lines=[Line(name="Bolts", amount="120", vat_rate="20")])
    post_document(books, goods, TYPIST)
    (item,) = issue_invoices(books, QUARTER, TYPIST, every=True)
    found = document_of_key(books, item.key)
    assert found is not None
    head = document_head(books, found.id)
    said = decode_document(head.content)
    assert isinstance(said, IssuedInvoice)
    sent = paper_of(books, head, said, parties_of(books, head), "ru", printed=date(2025, 4, 1))["fields"]
    assert [value for _, value in sent[3:5]] == ["он же", "ООО «Вега», 170100, Тверь, Советская ул., д. 2"]
    assert (sent[-1], papers["back"]["fields"][3][0]) == (("Валюта: наименование, код", "Российский рубль, 643"), "Document of the change")
    assert papers["first"]["rows"] == [["1", "services", "—", "—", "100.00", "20 %", "20.00", "120.00"]]
    assert papers["first"]["totals"] == [["Total to pay", "100.00", "", "20.00", "120.00"]]
    assert papers["advance"]["rows"] == [["1", "Prepayment", "—", "—", "200.00", "20/120", "40.00", "240.00"]]
    assert ("Payment", "Payment from customer 000001 of 10 Jan 2025") in papers["advance"]["fields"]
    assert papers["back"]["rows"] == [
        ["1", "A (before the change)", "—", "—", "100.00", "20 %", "20.00", "120.00"],
        ["", "B (after the change)", "—", "—", "80.00", "20 %", "16.00", "96.00"],
        ["", "C (increase)", "—", "—", "—", "20 %", "—", "—"],
        ["", "D (decrease)", "—", "—", "20.00", "20 %", "4.00", "24.00"],
    ]
    assert papers["back"]["totals"] == [["Total decrease (lines D)", "20.00", "", "4.00", "24.00"]]
    assert papers["back"]["title"] == "Correction invoice No. 000004 of 20 Mar 2025"
    assert papers["back"]["under"] == ["to invoice No. 000002 of 15 Jan 2025"]


def test_a_second_correction_begins_where_the_first_one_left_the_supply(books: Any) -> None:
    """120 less 24 returned; 12 more by a correction up: from 96 to 108. One whose supply is not known has lines of its own."""
    up = SaleCorrection(unit="MSK", key="up", date="2025-03-25", base="first", direction="up", lines=services("12"))
    post_document(books, up, TYPIST)
    said = IssuedInvoice(unit="MSK", date="2025-03-25", bases=[InvoiceBase(document="up")], invoice_kind="correction")
    found = correction_of(books, said, [RateSum("20", 12_00, 2_00)])
    assert found is not None and found.supply == "first"
    assert [(line.mark, line.sums and (line.sums.gross, line.sums.vat)) for line in found.lines] == [
        ("before", (96_00, 16_00)), ("after", (108_00, 18_00)), ("increase", (12_00, 2_00)), ("decrease", None),
    ]  # fmt: skip
    assert (found.total("increase").gross, found.total("decrease").gross) == (12_00, 0)
    unknown = SaleCorrection(**OURS, key="unknown", date="2025-03-26", direction="down", lines=services("6"))
    post_document(books, unknown, TYPIST)
    assert correction_of(books, msgspec.structs.replace(said, bases=[InvoiceBase(document="unknown")]), [RateSum("20", 6_00, 1_00)]) is None


def test_an_invoice_is_made_from_its_document(books: Any) -> None:
    list(issue_invoices(books, QUARTER._replace(last=date(2025, 1, 31)), TYPIST, every=True))
    said = {key: decode_document(found.content) for key in ("back", "bought", "advance") if (found := known_document(books, key))}
    back = invoice_on(books, said["back"], "issued_invoice", date(2025, 3, 21))
    assert (back.invoice_kind, back.original) == ("correction", "issued_invoice/MSK/2025/000002")
    advance = invoice_on(books, said["advance"], "issued_invoice", date(2025, 1, 12))
    assert [(item.vat_rate, item.amount, item.vat) for item in advance.sums] == [("20", "240.00", "40.00")]
    theirs = invoice_on(books, said["bought"], "received_invoice", date(2025, 2, 2))
    assert isinstance(theirs, ReceivedInvoice) and theirs.bases == [InvoiceBase(document="bought")]


def test_a_corrected_invoice_of_a_quarter_that_is_over_stands_on_an_additional_sheet(books: Any) -> None:
    post_document(books, received("bought", sums=[InvoiceSum(amount="600", vat_rate="20", vat="10")], difference="their slip"), TYPIST)
    right = received("bought", key="right", date="2025-04-14", invoice_kind="corrected", original="for bought", incoming_number="A-7/1")
    post_document(books, right, TYPIST)
    main, sheet = ask(books, "purchase-book", as_of="2025-03-31", options={}).sections
    assert [(row.code, row.vat) for row in main.rows] == [("22", 2000), ("22", 1100), ("01", 1000)]
    assert [(row.invoice, row.gross, row.vat) for row in sheet.rows] == [("A-7", -60000, -1000)]
    (second,) = ask(books, "purchase-book", as_of="2025-06-30", options={}).sections
    assert [(row.invoice, row.replacement[:5], row.vat) for row in second.rows] == [("A-7", "A-7/1", 10000)]
    assert "C-INV-BOOK" not in lists(books)


def test_numbers_have_no_gaps_when_something_is_refused(books: Any) -> None:
    sale = IssuedInvoice(unit="MSK", date="2025-01-20", bases=[InvoiceBase(document="first")])
    assert post_document(books, sale, TYPIST).number == "000001"
    assert [item.refusal is None for item in issue_invoices(books, QUARTER, TYPIST)] == [True, True]
    typed = IssuedInvoice(unit="MSK", date="2025-03-31", number="000005", bases=[InvoiceBase(document="second")])
    unpost_document(books, "issued_invoice/MSK/2025/000002", TYPIST)
    post_document(books, typed, TYPIST)
    assert lists(books)["C-INV-2b"] == ["2025: 000004"]


def test_invoices_come_in_files(books: Any) -> None:
    """One for a sale of the same file; the second for one base is refused and leaves no gap."""
    file = [
        IssuedInvoice(unit="MSK", key="i1", date="2025-01-16", bases=[InvoiceBase(document="first")]),
        IssuedInvoice(unit="MSK", key="i2", date="2025-01-17", bases=[InvoiceBase(document="first")]),
        Sale(**OURS, key="third", date="2025-01-18", lines=services("12")),
        IssuedInvoice(unit="MSK", key="i3", date="2025-01-18", bases=[InvoiceBase(document="third")]),
    ]
    outcome = import_documents(books, lambda: enumerate(file), TYPIST, on_error="collect")
    assert (outcome.created, [(ref, error.code.value) for ref, error in outcome.refused]) == (3, [(1, "base_invoiced")])
    assert books.execute("select number, gross from invoice order by document_id").fetchall() == [("000001", 12000), ("000002", 1200)]
    kept = [file[0], file[3]]
    assert import_documents(books, lambda: enumerate(kept), TYPIST).unchanged == 2
