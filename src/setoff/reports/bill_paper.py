"""A bill of ours on paper, in the language of the buyer: who is to be paid on which account, by when, for what, the total in words.

The account is that of the contract, else the first of the unit in the currency of payment.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from psycopg import Connection

from setoff.language import Language, date_text, language_of, text
from setoff.reports.in_words import amount_in_words
from setoff.reports.invoice_paper import ORIGINAL_SQL, paper_lines, paper_row, paper_total, parties_of, tax_number
from setoff.reports.pdf import foot
from setoff.reports.typesetting import typeset
from setoff.settlements.document_queries import DocumentHead
from setoff.settlements.orders.kept import as_it_stands
from setoff.trade.documents import CustomerBill
from setoff.trade.fields import day_or_none
from setoff.trade.queries import decode_document

ACCOUNT_SQL: Final = """
  select account.number, account.bic, account.bank_name, account.correspondent
  from document left join contract on contract.id = document.contract_id
  join bank_account account on account.unit_id = document.unit_id
   and account.currency = coalesce(nullif(contract.payment_currency, ''), document.currency)
  where document.id = %s order by account.name = coalesce(contract.bank_account, '') desc, account.id limit 1"""
COLUMNS: Final = ("place", "name", "quantity", "price", "net", "rate", "vat", "gross")


def is_bill(head: DocumentHead) -> bool:
    """Whether the document is printed as a bill of ours."""
    return head.kind == "customer_bill"


def render_bill(conn: Connection[Any], head: DocumentHead, *, printed: date, language: Language | None = None) -> tuple[bytes, Language]:
    """The PDF and the language it is in: that of the buyer unless another is asked for."""
    chosen = language or language_of(parties_of(conn, head)[8])
    return typeset("invoice", bill_of(conn, head, chosen, printed=printed), chosen, printed=printed), chosen


def bill_of(conn: Connection[Any], head: DocumentHead, language: Language, *, printed: date) -> dict[str, Any]:
    """What stands on the paper, for the template."""
    said = as_it_stands(conn, decode_document(head.content))
    assert isinstance(said, CustomerBill)
    payee, payee_id, payee_kpp, payee_address, buyer, buyer_id, buyer_kpp, buyer_address = (
        value or "" for value in parties_of(conn, head)[:8]
    )
    number, bic, bank, correspondent = conn.execute(ACCOUNT_SQL, [head.id]).fetchone() or ("",) * 4
    due = day_or_none(said.due, "due")
    lines = paper_lines(said, head.currency, language)
    state = "annulled" if said.annulled or head.status == "unposted" else "draft" if head.status == "draft" else ""
    told = (
        ("bill-paper-payee", payee), ("invoice-paper-address", payee_address),
        ("invoice-paper-seller-number", tax_number(payee_id, payee_kpp)),
        ("bill-paper-bank", ", ".join(filter(None, (bank, bic, correspondent)))), ("bill-paper-account", number),
        ("invoice-paper-buyer", buyer), ("invoice-paper-address", buyer_address),
        ("invoice-paper-buyer-number", tax_number(buyer_id, buyer_kpp)), ("bill-paper-contract", head.contract_number or ""),
        ("bill-paper-order", _order(conn, said.order, language)), ("bill-paper-due", date_text(language, due) if due else ""),
        ("bill-paper-purpose", said.purpose),
    )  # fmt: skip
    return {
        "title": text(language, "bill-paper-title", number=head.number, day=date_text(language, head.date)),
        "author": payee,
        "under": [text(language, f"status-{state}")] if state else [],
        "fields": [(text(language, key), value) for key, value in told if value],
        "columns": [text(language, f"invoice-paper-column-{name}") for name in COLUMNS],
        "rows": [paper_row(place, line, head.currency, language) for place, line in enumerate(lines, 1)],
        "totals": [paper_total(lines, head.currency, language)],
        "notes": [text(language, "bill-paper-in-words", words=amount_in_words(head.total, head.currency, language))],
        "signatures": [text(language, f"invoice-paper-{who}") for who in ("head", "accountant")],
        **foot(language, printed, running=f"{payee} – {buyer}"),
    }


def _order(conn: Connection[Any], key: str, language: Language) -> str:
    """Number and date of the order; its code where it is no document."""
    row = conn.execute(ORIGINAL_SQL, [key]).fetchone() if key else None
    return f"{row[0]}, {date_text(language, row[1])}" if row else key
