"""An issued tax invoice on paper, in the language of the buyer: the fields of the form of decree 1137, annex 1, for which we have data.

Lines are those of the documents it is for, in their currency; where the invoice states other sums, or those of an advance, a line for each
rate; of a correction what the supply was before and after it (correction_lines.py). Addresses are those of the masters. Goods of a seller
in Russia are sent by him to the buyer: nothing else is known. The currency has its name and its number of ISO 4217.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.core.errors import DomainError
from setoff.core.money import parse_decimal
from setoff.language import ABSENT, Language, date_text, language_of, money_text, text
from setoff.reports.cells import decimal_text, document_text
from setoff.reports.correction_lines import Correction, correction_of
from setoff.reports.in_words import currency_name
from setoff.reports.pdf import foot
from setoff.reports.report import DocumentName
from setoff.reports.typesetting import typeset
from setoff.settlements.document_queries import DocumentHead
from setoff.trade.directory import RateSum
from setoff.trade.invoice_documents import IssuedInvoice
from setoff.trade.invoice_sums import Supplied, added, currency_of_supply, stated_sums, supplied
from setoff.trade.lines import line_amounts
from setoff.trade.order_documents import Plan
from setoff.trade.queries import decode_document, load_directory
from setoff.trade.references import references

PARTIES_SQL: Final = """
  select organization.name, organization.tax_id, organization.kpp, organization.address,
         party.name, party.tax_id, party.kpp, party.address, party.language, organization.chart
  from document join unit on unit.id = document.unit_id join organization on organization.id = unit.organization_id
  left join counterparty party on party.id = document.counterparty_id where document.id = %s"""
SUMS_SQL: Final = "select vat_rate, gross, vat from invoice_sum where unit_id = %s and document_id = %s order by line"
BOOK_SQL: Final = """
  select organization.book_currency from unit join organization on organization.id = unit.organization_id where unit.id = %s"""
NUMBERS: Final = {
    "BYN": "933", "CNY": "156", "EUR": "978", "GBP": "826", "HKD": "344", "JPY": "392", "KZT": "398", "RUB": "643", "USD": "840",
}  # fmt: skip
OF_GOODS: Final = frozenset({"goods", "materials"})
ORIGINAL_SQL: Final = "select number, date from document where key = %s"


class PaperLine(NamedTuple):
    """A line in the currency of the paper; `net` without VAT."""

    name: str
    quantity: str
    price: str
    net: int
    rate: str
    vat: int
    gross: int


def is_invoice(head: DocumentHead) -> bool:
    """Whether the document is printed as an invoice of ours."""
    return head.kind == "issued_invoice"


def render_invoice(conn: Connection[Any], head: DocumentHead, *, printed: date, language: Language | None = None) -> tuple[bytes, Language]:
    """The PDF and the language it is in: that of the buyer unless another is asked for."""
    row = parties_of(conn, head)
    chosen = language or language_of(row[8])
    said = decode_document(head.content)
    assert isinstance(said, IssuedInvoice)
    return typeset("invoice", paper_of(conn, head, said, row, chosen, printed=printed), chosen, printed=printed), chosen


def parties_of(conn: Connection[Any], head: DocumentHead) -> Sequence[Any]:
    """Name, tax number, KPP and address of seller and buyer, the language of the buyer and the chart of the seller."""
    return conn.execute(PARTIES_SQL, [head.id]).fetchone() or ("",) * 10


def paper_of(
    conn: Connection[Any], head: DocumentHead, said: IssuedInvoice, parties: Sequence[Any], language: Language, *, printed: date
) -> dict[str, Any]:
    """What stands on the paper, for the template."""
    currency, lines, bases, of_goods = _lines(conn, head, said, language)
    correction = _correction(conn, head, said)
    if correction is not None:
        currency = _book_currency(conn, head)
    seller, seller_id, seller_kpp, seller_address, buyer, buyer_id, buyer_kpp, buyer_address = (value or "" for value in parties[:8])
    title = text(language, f"invoice-paper-{_form(said)}", number=head.number, day=date_text(language, head.date))
    paid = bases if said.invoice_kind == "advance" else []
    sent: list[tuple[str, str]] = []
    if parties[9] == "ru" and said.invoice_kind != "correction":
        received = ", ".join(filter(None, (buyer, buyer_address)))
        sent = [
            (text(language, "invoice-paper-consignor"), text(language, "invoice-paper-the-seller") if of_goods else ""),
            (text(language, "invoice-paper-consignee"), received if of_goods else ""),
        ]
    based = [
        (text(language, "invoice-paper-paid"), ", ".join(paid)),
        (text(language, "invoice-paper-shipped"), ", ".join(base for base in bases if not paid)),
    ]
    if said.invoice_kind == "correction":
        based = [(text(language, "invoice-paper-changed-by"), ", ".join(bases))]
    fields = [
        (text(language, "invoice-paper-seller"), seller),
        (text(language, "invoice-paper-address"), seller_address),
        (text(language, "invoice-paper-seller-number"), tax_number(seller_id, seller_kpp)),
        *sent,
        *based,
        (text(language, "invoice-paper-buyer"), buyer),
        (text(language, "invoice-paper-address"), buyer_address),
        (text(language, "invoice-paper-buyer-number"), tax_number(buyer_id, buyer_kpp)),
        (text(language, "invoice-paper-currency"), ", ".join(filter(None, (currency_name(language, currency), NUMBERS.get(currency, ""))))),
    ]
    names = ("place", "name", "quantity", "price", "net", "rate", "vat", "gross")
    return {
        "title": title,
        "author": seller,
        "under": _under(conn, head, said, language),
        "fields": fields,
        "columns": [text(language, f"invoice-paper-column-{name}") for name in names],
        "rows": _changed(correction, currency, language)
        if correction
        else [paper_row(place, line, currency, language) for place, line in enumerate(lines, 1)],
        "totals": _changed_totals(correction, currency, language) if correction else [paper_total(lines, currency, language)],
        "notes": [text(language, "invoice-paper-difference", reason=said.difference)] if said.difference else [],
        "signatures": [text(language, f"invoice-paper-{who}") for who in ("head", "accountant")],
        **foot(language, printed, running=f"{seller} – {buyer}"),
    }


def _form(said: IssuedInvoice) -> str:
    return {"correction": "correction", "corrected": "corrected"}.get(said.invoice_kind, "title")


def tax_number(tax_id: str, kpp: str) -> str:
    return f"{tax_id}/{kpp}" if kpp else tax_id


def _under(conn: Connection[Any], head: DocumentHead, said: IssuedInvoice, language: Language) -> list[str]:
    """Which invoice it corrects or replaces; that it is a draft or annulled."""
    lines = []
    row = conn.execute(ORIGINAL_SQL, [said.original]).fetchone() if said.original else None
    if row is not None:
        lines.append(text(language, "invoice-paper-original", number=row[0], day=date_text(language, row[1])))
    if head.status != "posted":
        lines.append(text(language, "invoice-paper-draft" if head.status == "draft" else "invoice-paper-annulled"))
    return lines


def _lines(
    conn: Connection[Any], head: DocumentHead, said: IssuedInvoice, language: Language
) -> tuple[str, list[PaperLine], list[str], bool]:
    """Currency and lines of the paper, the documents it is for by name, and whether goods were sent."""
    directory = load_directory(conn, references(said))
    unit = directory.units[said.unit]
    refs = [directory.documents[base.document] for base in said.bases if base.document in directory.documents]
    bases = [document_text(DocumentName(ref.key, ref.kind, ref.number, ref.date), language) for ref in refs]
    documents = [decode_document(ref.content) for ref in refs]
    supplies = [document for document in documents if isinstance(document, Supplied)]
    of_goods = any(line.kind in OF_GOODS for document in supplies for line in document.lines)
    currencies = {currency_of_supply(document, unit, directory) for document in supplies}
    rows = conn.execute(SUMS_SQL, [head.unit_id, head.id]).fetchall()
    stated = [RateSum(*row) for row in rows] or stated_sums(said.sums, unit.book_currency)
    due = [item for document in supplies for item in supplied(document, unit, directory).sums]
    if len(currencies) == 1 and (not stated or sorted(added(stated)) == sorted(added(due))):
        currency = currencies.pop()
        return currency, [line for document in supplies for line in paper_lines(document, currency, language)], bases, of_goods
    name = text(language, "invoice-paper-advance") if said.invoice_kind == "advance" else ", ".join(bases)
    lines = [PaperLine(name, "", "", gross - vat, _rate(rate, said, language), vat, gross) for rate, gross, vat in stated]
    return unit.book_currency, lines, bases, of_goods


def _correction(conn: Connection[Any], head: DocumentHead, said: IssuedInvoice) -> Correction | None:
    if said.invoice_kind != "correction":
        return None
    rows = conn.execute(SUMS_SQL, [head.unit_id, head.id]).fetchall()
    return correction_of(conn, said, [RateSum(*row) for row in rows]) if rows else None


def _book_currency(conn: Connection[Any], head: DocumentHead) -> str:
    row = conn.execute(BOOK_SQL, [head.unit_id]).fetchone()
    assert row is not None
    return str(row[0])


def _changed(correction: Correction, currency: str, language: Language) -> list[list[str]]:
    """The four lines of each rate; the first of them says of which supply."""
    rows = []
    for number, line in enumerate(correction.lines):
        is_first = line.mark == "before"
        rate = f"{line.rate} %" if line.rate else text(language, "invoice-paper-without-vat")
        sums = line.sums
        amounts = [ABSENT] * 3
        if sums is not None:
            amounts = [money_text(language, amount, currency) for amount in (sums.gross - sums.vat, sums.vat, sums.gross)]
        place = str(number // 4 + 1) if is_first else ""
        rows.append([place, text(language, f"invoice-paper-{line.mark}"), ABSENT, ABSENT, amounts[0], rate, *amounts[1:]])
    return rows


def _changed_totals(correction: Correction, currency: str, language: Language) -> list[list[str]]:
    """Increase and decrease of all rates, those that there are."""
    totals = []
    for mark in ("increase", "decrease"):
        sums = correction.total(mark)
        if sums.gross:
            net, vat, gross = (money_text(language, amount, currency) for amount in (sums.gross - sums.vat, sums.vat, sums.gross))
            totals.append([text(language, f"invoice-paper-total-{mark}"), net, "", vat, gross])
    return totals


def paper_lines(document: Supplied | Plan, currency: str, language: Language) -> list[PaperLine]:
    """Each line of a supply or bill, worked out."""
    lines = []
    for index, line in enumerate(document.lines):
        worth = line_amounts(line, currency, document.prices_include_vat, f"lines[{index}]")
        name = line.name or line.item or text(language, f"said-line-kind-{line.kind}")
        rate = f"{worth.vat_rate} %" if worth.vat_rate else text(language, "invoice-paper-without-vat")
        lines.append(PaperLine(name, line.quantity, line.price, worth.gross - worth.vat, rate, worth.vat, worth.gross))
    return lines


def _rate(rate: str, said: IssuedInvoice, language: Language) -> str:
    """Of an advance as the law writes it: 20/120."""
    if not rate:
        return text(language, "invoice-paper-without-vat")
    return f"{rate}/{100 + int(rate)}" if said.invoice_kind == "advance" and rate.isdecimal() else f"{rate} %"


def paper_row(place: int, line: PaperLine, currency: str, language: Language) -> list[str]:
    net, vat, gross = (money_text(language, amount, currency) for amount in (line.net, line.vat, line.gross))
    return [str(place), line.name, _figure(line.quantity, language), _figure(line.price, language), net, line.rate, vat, gross]


def _figure(said: str, language: Language) -> str:
    """A quantity or a price as the language writes it; as typed, where a draft says no number."""
    try:
        return decimal_text(parse_decimal(said, ""), language) if said else ABSENT
    except DomainError:
        return said


def paper_total(lines: Sequence[PaperLine], currency: str, language: Language) -> list[str]:
    net, vat, gross = (
        money_text(language, sum(getattr(line, name) for line in lines), currency) for name in ("net", "vat", "gross")
    )
    return [text(language, "invoice-paper-total"), net, "", vat, gross]
