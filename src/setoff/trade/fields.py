"""Fields of documents as values: dates, amounts, rates, codes. Every refusal names the path of its field ("lines[2].amount").

Errors: invalid_date, invalid_amount, amount_too_large, amount_not_positive, invalid_rate, unknown_currency, unknown_reference,
field_missing, unknown_account, settlement_account_without_node, one_sided_30404.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final, TypeVar

from setoff.core.chart import Chart
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import AMOUNT_MAX, Money, digits_of, parse_amount, parse_decimal

T = TypeVar("T")
ONE: Final = Decimal(1)


@lru_cache(maxsize=1 << 16)
def _day(text: str) -> date | None:
    if len(text) != 10 or text[4] != "-" or text[7] != "-":
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def day_of(text: str, field: str) -> date:
    """A date written YYYY-MM-DD and in no other way."""
    day = _day(text)
    if day is None:
        raise DomainError(ErrorCode.INVALID_DATE, value=text, field=field)
    return day


def day_or_none(text: str, field: str) -> date | None:
    return day_of(text, field) if text else None


def amount_of(text: str, currency: str, field: str) -> int:
    """Minor units; may be zero or negative."""
    try:
        return parse_amount(text, currency)
    except DomainError as refusal:
        raise DomainError(refusal.code, **{**refusal.facts, "field": field}) from None


def positive_amount(text: str, currency: str, field: str) -> int:
    """Minor units of an amount that a person typed: always above zero, the kind gives the direction (I10)."""
    amount = amount_of(text, currency, field)
    if amount <= 0:
        raise DomainError(ErrorCode.AMOUNT_NOT_POSITIVE, value=text, field=field)
    return amount


def checked_total(amount: int, currency: str, field: str) -> int:
    """A computed sum that the ledger can hold."""
    if amount > AMOUNT_MAX:
        raise DomainError(ErrorCode.AMOUNT_TOO_LARGE, value=str(Money(amount, currency)), currency=currency, field=field)
    return amount


def worth_something(amount: int, value: Money, field: str) -> int:
    """An amount after conversion of `value`: what is worth nothing in the other currency cannot be settled in it (I5)."""
    if amount <= 0:
        raise DomainError(ErrorCode.AMOUNT_NOT_POSITIVE, value=value, field=field)
    return amount


def rate_of(text: str, field: str) -> Decimal:
    """A rate above zero."""
    rate = parse_decimal(text, field)
    if rate <= 0:
        raise DomainError(ErrorCode.INVALID_RATE, value=text, field=field)
    return rate


def currency_of(code: str, field: str) -> str:
    """A currency that exists."""
    try:
        digits_of(code)
    except DomainError:
        raise DomainError(ErrorCode.UNKNOWN_CURRENCY, currency=code, field=field) from None
    return code


def found(table: dict[str, T], kind: str, code: str, field: str) -> T:
    """The record of a code. Errors: field_missing when there is no code, unknown_reference when there is no record."""
    if not code:
        raise DomainError(ErrorCode.FIELD_MISSING, field=field)
    try:
        return table[code]
    except KeyError:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind=kind, value=code, field=field) from None


def plain_account(chart: Chart, code: str, field: str) -> str:
    """An account that holds no settlements, neither with parties nor between units. Errors: unknown_account,
    settlement_account_without_node (I2), one_sided_30404 (I8: only a notice states both sides)."""
    account = chart.accounts.get(code)
    if account is None:
        raise DomainError(ErrorCode.UNKNOWN_ACCOUNT, account=code, chart=chart.name, field=field)
    if account.is_settlement:
        raise DomainError(ErrorCode.SETTLEMENT_ACCOUNT_WITHOUT_NODE, account=code, field=field)
    if account.is_inter_branch:
        raise DomainError(ErrorCode.ONE_SIDED_30404, account=code, field=field)
    return code
