"""Money: an int of minor units plus a currency code. No float, no tolerance.

Text becomes minor units once (`parse_amount`), `Decimal` rates multiply once with half-up rounding (`convert`), and a
sum that is spread is spread by largest remainder, so parts always sum to the whole (`split`).
Errors: invalid_amount, amount_too_large, unknown_currency, invalid_rate.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, ROUND_UP, Context, Decimal
from functools import cache
from typing import Final, NamedTuple

from babel.core import get_global

from setoff.core.errors import DomainError, ErrorCode

AMOUNT_MAX: Final = 10**17
"""Largest amount in minor units: sums of ninety of them still fit BIGINT."""
DIGITS_USUAL: Final = 2
_AMOUNT: Final = re.compile(r"(-?)(\d+)(?:\.(\d*))?")
_DECIMAL: Final = re.compile(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+")
DECIMAL_LENGTH_MAX: Final = 40
EXACT: Final = Context(prec=200, rounding=ROUND_HALF_UP)
"""Products of an amount and a rate, both as long as they may be, are exact in it, so that rounding happens once."""

PER_UNIT: Final = Context(prec=100, rounding=ROUND_UP)


class Money(NamedTuple):
    """An amount for people: printed by locale. `amount_minor` in minor units of `currency`."""

    amount_minor: int
    currency: str

    def __str__(self) -> str:
        return f"{format_amount(self.amount_minor, self.currency)} {self.currency}"


@cache
def digits_of(currency: str) -> int:
    """Decimal places of an ISO 4217 currency (2 for RUB, 0 for JPY, 3 for KWD). Errors: unknown_currency."""
    if not re.fullmatch(r"[A-Z]{3}", currency) or currency not in get_global("all_currencies"):
        raise DomainError(ErrorCode.UNKNOWN_CURRENCY, currency=currency)
    fractions = get_global("currency_fractions")
    return int(fractions.get(currency, fractions["DEFAULT"])[0])


def currencies_by_digits() -> dict[int, list[str]]:
    """The currencies that have other than two decimal places, by how many they have."""
    found: dict[int, list[str]] = {}
    for currency in sorted(get_global("currency_fractions")):
        if currency != "DEFAULT" and digits_of(currency) != DIGITS_USUAL:
            found.setdefault(digits_of(currency), []).append(currency)
    return found


def parse_amount(text: str, currency: str) -> int:
    """Minor units of a plain decimal text ("1234.50"). More decimals than the currency has are refused unless zeros."""
    digits = digits_of(currency)
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise DomainError(ErrorCode.INVALID_AMOUNT, value=text, currency=currency, digits=digits)
    sign, whole, fraction = match.group(1), match.group(2), match.group(3) or ""
    if len(fraction) > digits:
        if fraction[digits:].strip("0"):
            raise DomainError(ErrorCode.INVALID_AMOUNT, value=text, currency=currency, digits=digits)
        fraction = fraction[:digits]
    amount = int(whole + fraction.ljust(digits, "0"))
    if amount > AMOUNT_MAX:
        raise DomainError(ErrorCode.AMOUNT_TOO_LARGE, value=text, currency=currency)
    return -amount if sign else amount


def format_amount(amount_minor: int, currency: str) -> str:
    """The plain decimal text that `parse_amount` reads back: no grouping, a point, all decimals of the currency."""
    digits = digits_of(currency)
    sign, amount = ("-", -amount_minor) if amount_minor < 0 else ("", amount_minor)
    if digits == 0:
        return f"{sign}{amount}"
    return f"{sign}{amount // 10**digits}.{amount % 10**digits:0{digits}d}"


def parse_decimal(text: str, field: str) -> Decimal:
    """A rate, price, quantity or percentage, not negative, written in plain digits (no exponent: its size is what one sees).
    Errors: invalid_rate."""
    if len(text) > DECIMAL_LENGTH_MAX or not _DECIMAL.fullmatch(text):
        raise DomainError(ErrorCode.INVALID_RATE, field=field, value=text[: 2 * DECIMAL_LENGTH_MAX])
    return Decimal(text)


def round_half_up(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_HALF_UP, EXACT))


def share_half_up(amount_minor: int, part: int, whole: int) -> int:
    """amount * part / whole, rounded half up away from zero; whole > 0."""
    product = amount_minor * part
    quotient, remainder = divmod(abs(product), whole)
    quotient += 2 * remainder >= whole
    return -quotient if product < 0 else quotient


def convert(amount_minor: int, rate: Decimal, source: str, target: str) -> int:
    """An amount of `source` at `rate` units of `target` for one of `source`, in minor units of `target`, half up."""
    if source == target and rate == 1:
        return amount_minor
    scaled = EXACT.multiply(Decimal(amount_minor), rate)
    return round_half_up(scaled.scaleb(digits_of(target) - digits_of(source), EXACT))


def rate_of_one(rate: Decimal, nominal: Decimal) -> Decimal:
    """The rate of one unit, given that of `nominal` units. A quotient that does not end is rounded up at 100 digits: so every amount, as
    long as it may be, converts half up as it would by the exact quotient, one that lies half-way included."""
    return PER_UNIT.divide(rate, nominal)


def vat_inside(gross_minor: int, rate_pct: Decimal) -> int:
    """VAT contained in a gross amount: gross * r / (100 + r), half up."""
    return round_half_up(Decimal(gross_minor) * rate_pct / (100 + rate_pct))


def vat_on_top(net_minor: int, rate_pct: Decimal) -> int:
    """VAT added to a net amount: net * r / 100, half up."""
    return round_half_up(Decimal(net_minor) * rate_pct / 100)


def split(amount_minor: int, weights: Sequence[int]) -> list[int]:
    """`amount_minor` in proportion to `weights` (>= 0, not all zero), by largest remainder, earlier parts first on ties."""
    whole = sum(weights)
    parts = [abs(amount_minor) * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda index: (-(abs(amount_minor) * weights[index] % whole), index))
    for index in order[: abs(amount_minor) - sum(parts)]:
        parts[index] += 1
    return [-part for part in parts] if amount_minor < 0 else parts
