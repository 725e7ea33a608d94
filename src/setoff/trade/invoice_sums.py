"""What documents amount to by VAT rate, as an invoice for them states it: in book currency, to the minor unit as the ledger has it.

VAT is summed by the same lines, accounts and roundings as in the entries of a supply (`trade/sale.py`, `trade/purchase.py`), so that the
books of sales and purchases tie to the ledger. A supply in another currency is worth its rate. Errors: those of lines and of rates;
of stated sums invalid_rate, invalid_amount, amount_not_positive, invalid_value (VAT above its amount, a rate said twice).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Final, NamedTuple

import msgspec

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import convert, share_half_up, split
from setoff.trade.accounts import purchase_accounts, sale_accounts
from setoff.trade.correction import base_content
from setoff.trade.directory import Directory, DocumentRef, RateSum, UnitTerms
from setoff.trade.documents import (
    AnyDocument,
    Correction,
    Payment,
    Purchase,
    PurchaseCorrection,
    PurchaseReturn,
    Return,
    Sale,
    SaleCorrection,
    SaleReturn,
)
from setoff.trade.fields import ONE, amount_of, checked_total, day_of, found, positive_amount, rate_of
from setoff.trade.invoice_documents import InvoiceSum
from setoff.trade.lines import line_amounts, spread_book, sums_of, vat_rate

Supplied = Sale | Purchase | SaleCorrection | PurchaseCorrection | SaleReturn | PurchaseReturn
_document: Final[msgspec.json.Decoder[AnyDocument]] = msgspec.json.Decoder(AnyDocument)


class VatPart(NamedTuple):
    """VAT of a supply by account and rate."""

    account: str
    vat_rate: str
    amount: int


class BySupply(NamedTuple):
    """A supply by rate, and its VAT by account. `is_down`: it lessens an earlier supply."""

    sums: list[RateSum]
    vat: list[VatPart]
    is_down: bool


def decoded(ref: DocumentRef) -> AnyDocument:
    return _document.decode(ref.content)


def supplied(document: Supplied, unit: UnitTerms, directory: Directory) -> BySupply:
    """A supply or a correction of one."""
    is_sale = isinstance(document, Sale | SaleCorrection | SaleReturn)
    currency = currency_of_supply(document, unit, directory)
    book = unit.book_currency
    accounts = sale_accounts(unit.chart).lines if is_sale else purchase_accounts(unit.chart)
    sums = sums_of(document.lines, currency, book, document.prices_include_vat, (unit.chart, accounts))
    by_rate: dict[str, int] = defaultdict(int)
    for index, line in enumerate(document.lines):
        amounts = line_amounts(line, currency, document.prices_include_vat, f"lines[{index}]")
        by_rate[amounts.vat_rate] += amounts.gross
    rate = _rate(document, currency, unit, directory)
    total = checked_total(convert(sums.total, rate, currency, book), book, "rate")
    if is_sale and unit.chart.sales_vat == "inside":
        vat = [counter._replace(amount=convert(counter.amount, rate, currency, book)) for counter in sums.vat]
    else:
        vat = spread_book([*sums.counters, *sums.vat], total, sums.total)[len(sums.counters) :]
    gross = dict(zip(by_rate, split(total, list(by_rate.values())), strict=True)) if total != sums.total else dict(by_rate)
    parts = [VatPart(counter.account, counter.vat_rate, counter.amount) for counter in vat]
    of_rate: dict[str, int] = defaultdict(int)
    for part in parts:
        of_rate[part.vat_rate] += part.amount
    is_down = isinstance(document, Return) or (isinstance(document, Correction) and document.direction == "down")
    return BySupply([RateSum(name, amount, of_rate[name]) for name, amount in gross.items()], parts, is_down)


def currency_of_supply(document: Supplied, unit: UnitTerms, directory: Directory) -> str:
    """The settlement currency of a supply: of a correction its base's."""
    source: Supplied = document
    if isinstance(document, Correction | Return) and document.base:
        source = base_content(found(directory.documents, "document", document.base, "base")) or document
    if source.currency:
        return source.currency
    if source.contract:
        return found(directory.contracts, "contract", source.contract, "contract").currency
    if source.agreement:
        return found(directory.agreements, "agreement", source.agreement, "agreement").currency
    return unit.book_currency


def _rate(document: Supplied, currency: str, unit: UnitTerms, directory: Directory) -> Decimal:
    if currency == unit.book_currency:
        return ONE
    return rate_of(document.rate, "rate") if document.rate else directory.rate(currency, unit.book_currency, day_of(document.date, "date"))


def party_of(document: AnyDocument, directory: Directory, line: int = 0) -> str:
    """The code of the counterparty of a base: of a correction its base's, of an opening balance that of its row."""
    if isinstance(document, Correction | Return) and document.base:
        source = base_content(found(directory.documents, "document", document.base, "base"))
        return source.counterparty if source else document.counterparty
    if isinstance(document, Sale | Purchase | Correction | Return | Payment):
        return document.counterparty
    rows = getattr(document, "rows", ())
    parties = {row.counterparty for row in (rows[line - 1 : line] if line else rows)}
    return parties.pop() if len(parties) == 1 else ""


def stated_sums(sums: Iterable[InvoiceSum], currency: str) -> list[RateSum]:
    """What an invoice states itself. Errors: invalid_rate, invalid_amount, amount_not_positive, invalid_value (VAT above its amount, a rate
    said twice)."""
    found_sums: dict[str, RateSum] = {}
    for index, item in enumerate(sums):
        place = f"sums[{index}]"
        try:
            rate = vat_rate(item.vat_rate)
        except DomainError:
            raise DomainError(ErrorCode.INVALID_RATE, value=item.vat_rate, field=place + ".vat_rate") from None
        gross = positive_amount(item.amount, currency, place + ".amount")
        vat = amount_of(item.vat, currency, place + ".vat") if item.vat else vat_in(gross, item.vat_rate)
        if not 0 <= vat <= gross:
            raise DomainError(ErrorCode.INVALID_VALUE, value=item.vat, field=place + ".vat", expected=f"0..{item.amount}")
        if rate.text in found_sums:
            raise DomainError(ErrorCode.INVALID_VALUE, value=item.vat_rate, field=place + ".vat_rate", expected="")
        found_sums[rate.text] = RateSum(rate.text, gross, vat)
    return list(found_sums.values())


def vat_in(gross: int, rate: str) -> int:
    """The VAT in an amount, half up."""
    found_rate = vat_rate(rate)
    return share_half_up(gross, found_rate.percent, found_rate.hundred + found_rate.percent)


def added(sums: Iterable[RateSum]) -> list[RateSum]:
    """Sums of several documents, by rate in the order in which these first come."""
    gross: dict[str, int] = defaultdict(int)
    vat: dict[str, int] = defaultdict(int)
    for item in sums:
        gross[item.vat_rate] += item.gross
        vat[item.vat_rate] += item.vat
    return [RateSum(rate, amount, vat[rate]) for rate, amount in gross.items()]
