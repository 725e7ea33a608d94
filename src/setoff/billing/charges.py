"""What a service costs (spec 5: D11 to D15). Pure; amounts in minor units.

    net      price * quantity, half up, at least the minimum; an urgent operation with its surcharge on that, half up
    VAT      on top of net, half up, at the rate of the day of the service
    shares   several accounts in one order: equal, rounded down, what is left one minor unit each to the first ones by code

Errors: invalid_value (an urgent operation of a tariff without surcharge), invalid_rate (a general rate that the chart does not know).
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from setoff.core.chart import GENERAL_RATE, Chart
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import EXACT, digits_of, parse_amount, parse_decimal, round_half_up, vat_on_top
from setoff.parties.records import Tariff


class Service(NamedTuple):
    """What was done: so much of a tariff, on a day."""

    tariff: Tariff
    quantity: Decimal
    day: date
    urgent: bool = False


def net_of(service: Service, currency: str) -> int:
    """Without VAT, for all accounts together."""
    tariff = service.tariff
    exact = EXACT.multiply(parse_decimal(tariff.price, "price"), service.quantity)
    net = round_half_up(exact.scaleb(digits_of(currency), EXACT))
    if tariff.minimum:
        net = max(net, parse_amount(tariff.minimum, currency))
    if not service.urgent:
        return net
    if not tariff.urgent_percent:
        raise DomainError(ErrorCode.INVALID_VALUE, field="urgent", value=tariff.code)
    percent = 100 + parse_decimal(tariff.urgent_percent, "urgent_percent")
    return round_half_up(EXACT.multiply(Decimal(net), percent).scaleb(-2, EXACT))


def vat_rate_of(said: str, day: date, chart: Chart) -> str:
    """The rate of a tariff on a day, as a percentage; "" = none."""
    if said != GENERAL_RATE:
        return said
    found = chart.vat_rate_on(day)
    if not found:
        raise DomainError(ErrorCode.INVALID_RATE, field="vat_rate", value=said)
    return found


def vat_of(net: int, rate: str) -> int:
    return vat_on_top(net, parse_decimal(rate, "vat_rate")) if rate else 0


def equal_shares(amount: int, count: int) -> list[int]:
    """So many parts that sum to the amount: the first ones carry what is left over."""
    share, left = divmod(amount, count)
    return [share + (place < left) for place in range(count)]


def quoted(total: int, rate: Decimal, book_currency: str, currency: str) -> int:
    """An invoice in another currency: total / rate of the invoice's date, half up (D11). `rate`: book currency for one unit."""
    digits = digits_of(currency) - digits_of(book_currency)
    return round_half_up(EXACT.divide(Decimal(total), rate).scaleb(digits, EXACT))


class RateFall(NamedTuple):
    """`limit`: below it tariffs may be changed at once."""

    limit: Decimal
    fell: bool


def rate_fall(at_contract: Decimal, now: Decimal, percent: Decimal) -> RateFall:
    """Whether a rate fell by more than so many percent since the contract's date (D12): strictly below the limit."""
    limit = EXACT.divide(EXACT.multiply(at_contract, 100 - percent), Decimal(100))
    return RateFall(limit, now < limit)


def exceeds(estimate: int, threshold: int) -> bool:
    """Whether an estimate of direct costs allows a prepayment (D7): strictly above the threshold."""
    return estimate > threshold


def paying_rate(amount: int, total: int, currency: str, book_currency: str) -> str:
    """Payment currency for one unit of book currency at which `amount` pays `total`, as a payment writes it: digits enough to be exact to a
    minor unit of any amount."""
    scaled = Decimal(amount).scaleb(-digits_of(currency)) / Decimal(total).scaleb(-digits_of(book_currency))
    return format(scaled.quantize(Decimal("1e-30"), ROUND_HALF_UP, EXACT).normalize(), "f")
