"""Values of master records as their rows hold them. Pure.

Errors, each with its `field`: unknown_reference, unknown_currency, invalid_date, invalid_amount, amount_not_positive.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TypeVar

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import digits_of, parse_amount

T = TypeVar("T")


def named(table: Mapping[str, T], kind: str, code: str) -> T:
    if code not in table:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind=kind, value=code, field=kind)
    return table[code]


def currency_code(code: str, name: str) -> str:
    try:
        digits_of(code)
    except DomainError:
        raise DomainError(ErrorCode.UNKNOWN_CURRENCY, currency=code, field=name) from None
    return code


def day_or_none(text: str, name: str) -> date | None:
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or len(text) != 10 or not 1900 <= found.year <= 2999:
        raise DomainError(ErrorCode.INVALID_DATE, value=text, field=name)
    return found


def limit_minor(said: str, currency: str, field: str) -> int | None:
    """An amount that may be zero, in minor units; None when nothing is said."""
    if not said:
        return None
    try:
        limit = parse_amount(said, currency)
    except DomainError as error:
        raise DomainError(error.code, **error.facts, field=field) from None
    if limit < 0:
        raise DomainError(ErrorCode.AMOUNT_NOT_POSITIVE, value=said, field=field)
    return limit
