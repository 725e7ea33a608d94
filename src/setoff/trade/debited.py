"""The day on which a payer paid: when his own bank debited him, by the mark on his order or by a memorial order (spec 5: D9).

The books take the day the money came (the date of the payment); whether a debt was paid on time goes by this one. Without it both are the
same day. Errors: invalid_date, invalid_value.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from setoff.core.errors import DomainError, ErrorCode
from setoff.trade.documents import Payment
from setoff.trade.fields import day_or_none

PAY_DEBTS: Final = frozenset({"payment_from_customer", "refund_from_supplier", "other_party_in"})
"""Kinds whose payer may have been debited earlier."""


def check_debited(document: Payment, day: date) -> None:
    """Not after the day the money came. Errors: invalid_date, invalid_value."""
    debited = day_or_none(document.debited, "debited")
    if debited is not None and debited > day:
        raise DomainError(ErrorCode.INVALID_VALUE, field="debited", value=document.debited, expected=f"<= {day}")
