"""Lines of a supply: amount, VAT and cost of each, summed by where they go.

- amount: as typed (VAT included), else quantity * price; half up to the minor unit. Where the document says that prices exclude
  VAT, quantity * price is the net amount and VAT comes on top.
- VAT: as typed, else by the rate, half up per line: gross * r / (100 + r), or net * r / 100 on top.
- cost: book value of the goods, in book currency.

Guards of each line, in this order: lines not empty (field_missing), amount (field_missing, invalid_amount, amount_not_positive,
invalid_rate), VAT rate 0..100 (invalid_rate), VAT between 0 and the amount (invalid_amount, invalid_value), account
(unknown_account, settlement_account_without_node, one_sided_30404), cost (invalid_amount, amount_not_positive, unknown_field
where the document knows no cost); then the total (amount_too_large).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from setoff.core.chart import Chart
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import EXACT, digits_of, parse_decimal, round_half_up, share_half_up, split
from setoff.trade.documents import Line
from setoff.trade.fields import amount_of, checked_total, plain_account, positive_amount


class VatRate(NamedTuple):
    """A percentage as a ratio of integers, and as it is written in postings ("20", "16.67")."""

    text: str
    percent: int
    hundred: int


NO_VAT = VatRate("", 0, 1)


@lru_cache(maxsize=1 << 10)
def vat_rate(text: str) -> VatRate:
    """Errors: invalid_rate outside 0..100."""
    if not text:
        return NO_VAT
    rate = parse_decimal(text, "vat_rate")
    if rate > 100:
        raise DomainError(ErrorCode.INVALID_RATE, value=text, field="vat_rate")
    percent, hundred = rate.as_integer_ratio()
    return VatRate(f"{rate.normalize():f}", percent, hundred * 100)


class LineAmounts(NamedTuple):
    """Minor units of the document's currency; VAT is contained in `gross`."""

    gross: int
    vat: int
    vat_rate: str


def line_amounts(line: Line, currency: str, includes_vat: bool, place: str) -> LineAmounts:
    """What a line is worth. `place` is its path ("lines[2]")."""
    try:
        rate = vat_rate(line.vat_rate)
    except DomainError:
        raise DomainError(ErrorCode.INVALID_RATE, value=line.vat_rate, field=place + ".vat_rate") from None
    if line.amount:
        gross, net = positive_amount(line.amount, currency, place + ".amount"), 0
    else:
        product = _product(line, currency, place)
        gross, net = (product, 0) if includes_vat else (0, product)
    if line.vat:
        vat = amount_of(line.vat, currency, place + ".vat")
        if not 0 <= vat <= (gross or net):
            raise DomainError(ErrorCode.INVALID_VALUE, value=line.vat, field=place + ".vat")
    elif gross:
        vat = share_half_up(gross, rate.percent, rate.hundred + rate.percent)
    else:
        vat = share_half_up(net, rate.percent, rate.hundred)
    return LineAmounts(gross or net + vat, vat, rate.text)


def _product(line: Line, currency: str, place: str) -> int:
    if not line.quantity or not line.price:
        raise DomainError(ErrorCode.FIELD_MISSING, field=place + ".amount")
    quantity, price = _plain(line.quantity), _plain(line.price)
    if quantity is not None and price is not None:
        scale = quantity[1] + price[1] - digits_of(currency)
        factors = quantity[0] * price[0]
        product = share_half_up(factors, 1, 10**scale) if scale > 0 else factors * 10**-scale
    else:
        exact = EXACT.multiply(parse_decimal(line.quantity, place + ".quantity"), parse_decimal(line.price, place + ".price"))
        product = round_half_up(exact.scaleb(digits_of(currency), EXACT))
    if product <= 0:
        raise DomainError(ErrorCode.AMOUNT_NOT_POSITIVE, value=f"{line.quantity} * {line.price}", field=place + ".amount")
    return checked_total(product, currency, place + ".amount")


def _plain(text: str) -> tuple[int, int] | None:
    """A number written in digits and at most one point, as an integer and its decimals; None for any other way to write it."""
    whole, _point, fraction = text.partition(".")
    digits = whole + fraction
    return (int(digits), len(fraction)) if digits.isdecimal() and digits.isascii() and len(text) <= 40 else None


def gross_of(lines: Sequence[Line], currency: str, includes_vat: bool) -> int:
    """The total of a document, VAT included."""
    if len(lines) == 1 and lines[0].amount:
        return positive_amount(lines[0].amount, currency, "lines[0].amount")
    total = sum(line_amounts(line, currency, includes_vat, f"lines[{index}]").gross for index, line in enumerate(lines))
    return checked_total(total, currency, "lines")


class Counter(NamedTuple):
    """What goes to an account other than the settlement account: in document currency, after `spread_book` in book currency. `fact`: the
    line of the fact it goes to in place of an account, 0 = none."""

    account: str
    vat_rate: str
    item: str
    amount: int
    fact: int = 0


class Sums(NamedTuple):
    """A document's lines summed up: the total to settle, its counter accounts (gross or net), VAT, and cost in book currency by
    stock account."""

    total: int
    counters: list[Counter]
    vat: list[Counter]
    cost: list[Counter]


class LineAccounts(NamedTuple):
    """Where lines of a document go by kind of line. `cost`: the stock the goods leave; None = the document knows no cost.
    `by_rate`: revenue is kept by VAT rate, stock and expenses are not. `gross`: the counter account takes VAT too."""

    counter: Mapping[str, str]
    vat: Mapping[str, str]
    cost: Mapping[str, str] | None
    by_rate: bool
    gross: bool


def sums_of(lines: Sequence[Line], currency: str, book_currency: str, includes_vat: bool, accounts: tuple[Chart, LineAccounts]) -> Sums:
    """Sum the lines by account, VAT rate and item, in the order in which these first come."""
    if not lines:
        raise DomainError(ErrorCode.FIELD_MISSING, field="lines")
    chart, by_kind = accounts
    total = 0
    counters: dict[tuple[str, str, str], int] = {}
    vat: dict[tuple[str, str, str], int] = {}
    cost: dict[tuple[str, str, str], int] = {}
    for index, line in enumerate(lines):
        place = f"lines[{index}]"
        amounts = line_amounts(line, currency, includes_vat, place)
        total += amounts.gross
        account = plain_account(chart, line.account, place + ".account") if line.account else by_kind.counter[line.kind]
        key = (account, amounts.vat_rate if by_kind.by_rate else "", line.item)
        counters[key] = counters.get(key, 0) + (amounts.gross if by_kind.gross else amounts.gross - amounts.vat)
        if amounts.vat:
            key = (by_kind.vat[line.kind], amounts.vat_rate, "")
            vat[key] = vat.get(key, 0) + amounts.vat
        if line.cost:
            if by_kind.cost is None:
                raise DomainError(ErrorCode.UNKNOWN_FIELD, field=place + ".cost")
            key = (by_kind.cost[line.kind], "", line.item)
            cost[key] = cost.get(key, 0) + positive_amount(line.cost, book_currency, place + ".cost")
    checked_total(total, currency, "lines")
    return Sums(total, _counters(counters), _counters(vat), _counters(cost))


def _counters(sums: dict[tuple[str, str, str], int]) -> list[Counter]:
    return [Counter(*key, amount) for key, amount in sums.items() if amount] if sums else []


def spread_book(counters: list[Counter], book: int, total: int) -> list[Counter]:
    """Counters that sum to `total` in document currency, in book currency: they share `book` by largest remainder."""
    if book == total:
        return counters
    parts = split(book, [counter.amount for counter in counters])
    return [counter._replace(amount=part) for counter, part in zip(counters, parts, strict=True)]
