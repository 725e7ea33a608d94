"""Balances in the management currency that organizations name: the book amounts at the rate of the day on which each balance stands.

A missing rate leaves its cells empty, beside a note of which rate of which day is missing; the report itself does not fail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.books.scope import Scope
from setoff.core.money import convert, rate_of_one
from setoff.reports.report import Note

NAMED_SQL: Final = """
  select o.book_currency, array_agg(distinct coalesce(nullif(o.management_currency, ''), o.book_currency))
  from unit u join organization o on o.id = u.organization_id where u.id = any(%s) group by 1 order by 1"""
RATE_SQL: Final = """
  select currency, rate, nominal from rate
  where ((currency = %(own)s and quote = %(book)s) or (currency = %(book)s and quote = %(own)s)) and date <= %(day)s
  order by date desc, currency = %(own)s desc limit 1"""


class Balances(NamedTuple):
    """Opening and closing of a row in management currency. None: there is no rate, or no one currency."""

    currency: str = ""
    opening: int | None = None
    closing: int | None = None


class RoundingRow(NamedTuple):
    """What totals differ by from the sum of their rows, each of which is rounded."""

    management_currency: str
    opening_management: int | None
    closing_management: int | None


@dataclass(frozen=True, slots=True)
class Management:
    """`currencies`: book currency -> the one management currency of its organizations, "" where they name several. `rates`: of (book
    currency, day). `several`: those names. `days`: of opening (None: there is none before the first document) and closing."""

    currencies: dict[str, str]
    several: dict[str, Sequence[str]]
    rates: dict[tuple[str, date], Decimal | None]
    days: tuple[date | None, date]

    @property
    def is_named(self) -> bool:
        return bool(self.several) or any(own != book for book, own in self.currencies.items())

    def balances(self, book_currency: str, opening: int, closing: int) -> Balances:
        """Both book amounts, each at the rate of its day."""
        own = self.currencies.get(book_currency, "")
        amounts = [self._amount(book_currency, own, *pair) for pair in zip((opening, closing), self.days, strict=True)]
        return Balances(own, *amounts) if own else Balances()

    def _amount(self, book: str, own: str, amount: int, day: date | None) -> int | None:
        if not amount or own == book:
            return amount
        rate = self.rates.get((book, day)) if day else None
        return None if rate is None else convert(amount, rate, book, own)

    def notes(self, stated: Sequence[tuple[str, int, int]]) -> list[Note]:
        """What is missing for these totals: their book currency, opening and closing in it."""
        found = [
            Note("management-several", {"book_currency": book, "currencies": ", ".join(names)}) for book, names in self.several.items()
        ]
        wanted = {(book, day) for book, *amounts in stated for amount, day in zip(amounts, self.days, strict=True) if day and amount}
        missing = sorted(pair for pair in wanted if pair in self.rates and self.rates[pair] is None)
        return found + [Note("management-rate", {"currency": self.currencies[book], "quote": book, "date": day}) for book, day in missing]


def management(conn: Connection[Any], scope: Scope, since: date | None, as_of: date) -> Management:
    """The management currencies of the units asked about, and their rates at the end of the day before the period and of its last."""
    currencies, several = {}, {}
    for book, names in conn.execute(NAMED_SQL, [list(scope.units)]):
        currencies[book] = names[0] if len(names) == 1 else ""
        if len(names) > 1:
            several[book] = names
    opening = since - timedelta(days=1) if since else None
    rates = {
        (book, day): _rate(conn, book, own, day)
        for book, own in currencies.items() for day in (opening, as_of) if day and own not in ("", book)
    }  # fmt: skip
    return Management(currencies, several, rates, (opening, as_of))


def _rate(conn: Connection[Any], book: str, own: str, day: date) -> Decimal | None:
    """Management currency for one unit of book currency, by the newest rate not after the day, quoted either way."""
    row = conn.execute(RATE_SQL, {"book": book, "own": own, "day": day}).fetchone()
    if row is None:
        return None
    currency, rate, nominal = row
    return rate_of_one(nominal, rate) if currency == own else rate_of_one(rate, nominal)


def rounding(total: Balances, rows: Sequence[Balances]) -> RoundingRow | None:
    """What the total of rows differs by from their sum; None when by nothing."""
    opening = _rest(total.opening, [row.opening for row in rows])
    closing = _rest(total.closing, [row.closing for row in rows])
    return RoundingRow(total.currency, opening, closing) if opening or closing else None


def _rest(total: int | None, amounts: Sequence[int | None]) -> int | None:
    known = [amount for amount in amounts if amount is not None]
    return None if total is None or len(known) < len(amounts) else total - sum(known)
