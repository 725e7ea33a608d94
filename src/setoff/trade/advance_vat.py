"""A decision about the VAT on an advance, or an invoice received on one (spec 2.8; 9, 1).

It states no debts and no entries: what it means is derived with the advance, like the accrual (settlements/advance_vat/), so that it is
right after a back-dated edit too. A decision on what is not pending does nothing.

VAT of an advance that was given back, or set off, is deducted within a year of that (Tax Code of Russia art. 172 item 4).

| decision | derived                                                                                                  |
| ---      | ---                                                                                                      |
| deduct   | Dr vat_output Cr vat_on_advances_received, the pending VAT of the document                               |
| expense  | Dr vat_expense Cr vat_on_advances_received, the same                                                     |
| invoice  | Dr vat_output Cr vat_on_advances_paid, the VAT of the invoice; restored by share as the advance is used  |

Guards, in this order: unit, date, contours; fields of another decision (unknown_field); document (unknown_reference, target_in_future,
target_mismatch for another unit, kind or state); date (deduction_too_late); base_invoiced by an invoice of the register; vat
(invalid_amount, amount_not_positive); incoming_date (invalid_date).
"""

from __future__ import annotations

from datetime import date
from typing import Final

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Statement
from setoff.core.moment import Moment
from setoff.core.money import Money
from setoff.trade.directory import Directory
from setoff.trade.documents import AdvanceVat
from setoff.trade.fields import day_or_none, found, positive_amount
from setoff.trade.kinds import day_order_of
from setoff.trade.supply import setting_of

DECIDED: Final = frozenset({"refund_to_customer", "other_party_out", "set_off", "netting", "manual_entry"})
"""Kinds that may leave the VAT of an advance received pending."""
INVOICED: Final = frozenset({"payment_to_supplier", "other_party_out", "opening_supplier_advances"})
"""Kinds that may pay an advance."""
OF_INVOICES: Final = ("line", "vat", "incoming_number", "incoming_date")


def facts(document: AdvanceVat, document_id: int, directory: Directory, *, closed_year: int = 0) -> Statement:
    """Nothing is stated. Errors: see above."""
    del closed_year
    setting = setting_of(document, directory)
    if document.decision != "invoice":
        for name in OF_INVOICES:
            if getattr(document, name):
                raise DomainError(ErrorCode.UNKNOWN_FIELD, field=name)
    ref = found(directory.documents, "document", document.document, "document")
    day_order = day_order_of("advance_vat") if document.day_order is None else document.day_order
    if ref.moment >= Moment(setting.day, day_order, document_id).pack():
        nothing = Money(0, setting.unit.book_currency)
        raise DomainError(
            ErrorCode.TARGET_IN_FUTURE, contract="", order="", target=ref.number, target_date=ref.date, date=setting.day, balance=nothing,
            amount=nothing, excess=nothing, field="document",
        )  # fmt: skip
    allowed = INVOICED if document.decision == "invoice" else DECIDED
    if ref.unit_id != setting.unit.id or ref.kind not in allowed or ref.status != "posted":
        raise DomainError(ErrorCode.TARGET_MISMATCH, target=ref.number, target_kind=ref.kind, field="document")
    last = deductible_until(ref.date)
    if document.decision == "deduct" and setting.day > last:
        raise DomainError(
            ErrorCode.DEDUCTION_TOO_LATE, document=ref.number, document_date=ref.date, last=last, date=setting.day, field="date"
        )
    if document.decision == "invoice":
        for other in ref.invoices:
            if other.document_id != document_id:
                raise DomainError(ErrorCode.BASE_INVOICED, base=ref.number, kind=ref.kind, invoice=other.number, field="document")
        positive_amount(document.vat, setting.unit.book_currency, "vat")
        day_or_none(document.incoming_date, "incoming_date")
    return Statement((), ())


def deductible_until(day: date) -> date:
    """The last day on which VAT of an advance given back on a day is deducted: within a year."""
    return day.replace(year=day.year + 1) if (day.month, day.day) != (2, 29) else date(day.year + 1, 2, 28)
