"""A revaluation: from its moment on every open debt in foreign currency is worth its remainder at the rates of this document (spec 2.7).

It states no debts and no entries: what it does is part of the fold (settlements/fold.py), so that it is right after a back-dated edit too.
Advances keep their value. It carries the rates itself, those of the rate table and those typed by hand, so the books do not depend on what
the table says later. One rate is `rate` units of book currency for `nominal` units of the currency, an exact fraction.

| lot            | value rises                | value falls                |
| ---            | ---                        | ---                        |
| they owe us    | Dr the debt Cr fx_gain     | Dr fx_loss Cr the debt     |
| we owe them    | Dr fx_loss Cr the debt     | Dr the debt Cr fx_gain     |

Guards, in this order: unit (unknown_reference), date (invalid_date), contours (field_missing); each rate: unknown_currency; invalid_value
for book currency, which has none, and for a currency named twice; invalid_rate.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Statement
from setoff.core.money import digits_of
from setoff.trade.directory import Directory
from setoff.trade.documents import Revaluation
from setoff.trade.fields import currency_of, rate_of
from setoff.trade.supply import setting_of

PART_MAX: Final = 1 << 62
"""Numerator and denominator of a rate stay below it: the compiled fold multiplies in 64 bits."""


class Worth(NamedTuple):
    """Minor units of book currency for a minor unit of a currency, as a fraction in lowest terms."""

    rate: int
    per: int


def facts(document: Revaluation, document_id: int, directory: Directory, *, closed_year: int = 0) -> Statement:
    """Nothing is stated. Errors: see above."""
    del document_id, closed_year
    setting = setting_of(document, directory)
    worths_of(document, setting.unit.book_currency)
    return Statement((), ())


def worths_of(document: Revaluation, book_currency: str) -> dict[str, Worth]:
    """What a unit of each currency is worth from the document on. Errors: see above."""
    worths: dict[str, Worth] = {}
    for index, said in enumerate(document.rates):
        place = f"rates[{index}]."
        currency = currency_of(said.currency, place + "currency")
        if currency == book_currency or currency in worths:
            raise DomainError(ErrorCode.INVALID_VALUE, field=place + "currency", value=currency, expected="!" + book_currency)
        rate, nominal = rate_of(said.rate, place + "rate"), rate_of(said.nominal, place + "nominal")
        worth = worth_of(rate, nominal, currency, book_currency)
        if max(worth) >= PART_MAX:
            raise DomainError(ErrorCode.INVALID_RATE, field=place + "rate", value=said.rate)
        worths[currency] = worth
    return worths


def worth_of(rate: Decimal, nominal: Decimal, currency: str, book_currency: str) -> Worth:
    exact = Fraction(rate) / Fraction(nominal) * Fraction(10) ** (digits_of(book_currency) - digits_of(currency))
    return Worth(exact.numerator, exact.denominator)
