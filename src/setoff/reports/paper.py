"""The paper of a document that its parties sign or receive: an act or a notice of set-off, a tax invoice, a bill, a calculation of
interest; of any other its own print."""

from __future__ import annotations

from datetime import date
from typing import Any

from psycopg import Connection

from setoff.core.errors import DomainError, ErrorCode
from setoff.language import Language, language_of
from setoff.reports.bill_paper import is_bill, render_bill
from setoff.reports.document_paper import render_document
from setoff.reports.invoice_paper import is_invoice, render_invoice
from setoff.reports.loan_interest import is_calculation, render_calculation
from setoff.reports.setoff_books import has_act, set_off_act
from setoff.reports.setoff_paper import render_set_off
from setoff.settlements.document_queries import DocumentHead, document_head


def render_paper(conn: Connection[Any], document_id: int, reader: Language, *, printed: date, language: Language | None = None) -> bytes:
    """The PDF: an act, an invoice, a bill or a calculation in the language of the partner, other documents in that of the reader, unless
    another is asked for. Errors: unknown_reference, those of the act."""
    head = document_head(conn, document_id)
    if has_act(head):
        return render_set_off(set_off_act(conn, head), printed=printed, language=language)
    if is_invoice(head):
        return render_invoice(conn, head, printed=printed, language=language)[0]
    if is_bill(head):
        return render_bill(conn, head, printed=printed, language=language)[0]
    if is_calculation(head):
        return render_calculation(conn, head, printed=printed, language=language)[0]
    return render_document(conn, document_id, language or reader, printed=printed)


def render_for_partner(
    conn: Connection[Any], head: DocumentHead, *, printed: date, language: Language | None
) -> tuple[bytes, Language]:  # fmt: skip
    """The PDF that its partner receives, in his language unless another is asked for, and which that is. Errors: field_missing of a
    document that is about nobody in particular, those of the act."""
    if has_act(head):
        act = set_off_act(conn, head)
        return render_set_off(act, printed=printed, language=language), language or act.language
    if is_invoice(head):
        return render_invoice(conn, head, printed=printed, language=language)
    if is_bill(head):
        return render_bill(conn, head, printed=printed, language=language)
    if is_calculation(head):
        return render_calculation(conn, head, printed=printed, language=language)
    if not head.counterparty:
        raise DomainError(ErrorCode.FIELD_MISSING, field="counterparty")
    row = conn.execute("select language from counterparty where code = %s", [head.counterparty]).fetchone()
    chosen = language or language_of(row[0] if row else None)
    return render_document(conn, head.id, chosen, printed=printed, for_partner=True), chosen
