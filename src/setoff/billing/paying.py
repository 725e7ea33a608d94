"""An invoice in another currency: what pays it in full, and when tariffs may be changed because a currency fell (spec 5: D11, D12).

Errors: unknown_reference, wrong_state, rate_missing, currency_differs_from_contract.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

import psycopg

from setoff.access.rights import Rights
from setoff.billing import queries
from setoff.billing.charges import paying_rate, quoted, rate_fall
from setoff.billing.days import months_later
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import digits_of, format_amount, parse_decimal, rate_of_one
from setoff.trade.documents import Payment, PaymentRow, PaymentTarget

INVOICE_SQL: Final = """
  select d.key, d.number, d.date, d.status, u.code, p.code, c.code, o.book_currency, d.currency,
         (select sum(l.residual)::int8 from fact f
          join lot l on l.unit_id = f.unit_id and l.key_id = f.reg_key_id and l.document_id = d.id and l.line = f.line and l.residual > 0
          where f.unit_id = d.unit_id and f.version_id = d.posted_version_id and f.change > 0)
  from document d join unit u on u.id = d.unit_id join organization o on o.id = u.organization_id
  join counterparty p on p.id = d.counterparty_id left join contract c on c.id = d.contract_id
  where d.key = %s and d.kind = 'sale' and d.unit_id = any(%s)"""
RATE_SQL: Final = "select rate, nominal from rate where currency = %s and quote = %s and date <= %s order by date desc limit 1"
CONTRACTS_SQL: Final = """
  select distinct c.code, c.number, p.name, c.date
  from service_account a join contract c on c.id = a.contract_id join counterparty p on p.id = c.counterparty_id
  where a.unit_id = any(%s) and a.price_list = %s order by c.code"""


class Quote(NamedTuple):
    """What pays an invoice in another currency: `amount` of `currency`, at `rate` of the invoice's date; and the payment that says so."""

    invoice: str
    number: str
    issued_on: date
    total: int
    book_currency: str
    amount: int
    currency: str
    rate: Decimal
    payment: Payment


class Change(NamedTuple):
    """From when a changed tariff may hold under a contract. `at_contract`, `now`: the rate of the currency on the contract's date and
    today; `limit`: below it the change may hold at once."""

    contract: str
    number: str
    name: str
    contract_date: date | None
    at_contract: Decimal | None
    now: Decimal
    limit: Decimal | None
    at_once: bool
    earliest: date


def quote(conn: psycopg.Connection[Any], key: str, currency: str, paid_on: date, rights: Rights) -> Quote:
    """What is open of an invoice in book currency, at the rate of the invoice's date (D11). The payment closes it whatever the rate of the
    day it is paid on: the difference is an exchange difference."""
    row = conn.execute(INVOICE_SQL, [key, list(rights.units_with("read"))]).fetchone()
    if row is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="document", value=key, field="document")
    _, number, day, status, unit, party, contract, book_currency, own_currency, left = row
    if status != "posted" or not left:
        raise DomainError(ErrorCode.WRONG_STATE, document=number, state=status, allowed="posted", field="document")
    digits_of(currency)
    if own_currency != book_currency or currency == book_currency:
        raise DomainError(
            ErrorCode.CURRENCY_DIFFERS_FROM_CONTRACT, contract=contract or number, currency=currency, contract_currency=own_currency,
            field="currency",
        )  # fmt: skip
    rate = rate_on(conn, currency, book_currency, day)
    amount = quoted(left, rate, book_currency, currency)
    named = PaymentTarget(document=key, amount=format_amount(left, book_currency))
    paid = PaymentRow(
        contract=contract or "", amount=format_amount(amount, currency), currency="" if contract else book_currency,
        settlement_amount=format_amount(left, book_currency), rate=paying_rate(amount, left, currency, book_currency), targets=[named],
    )  # fmt: skip
    payment = Payment(
        kind="payment_from_customer", unit=unit, date=paid_on.isoformat(), counterparty=party, amount=format_amount(amount, currency),
        currency=currency, rows=[paid],
    )  # fmt: skip
    return Quote(key, number, day, left, book_currency, amount, currency, rate, payment)


def rate_on(conn: psycopg.Connection[Any], currency: str, book_currency: str, day: date) -> Decimal:
    """Errors: rate_missing."""
    row = conn.execute(RATE_SQL, [currency, book_currency, day]).fetchone()
    if row is None:
        raise DomainError(ErrorCode.RATE_MISSING, currency=currency, quote=book_currency, date=day)
    return rate_of_one(*row)


def tariff_changes(conn: psycopg.Connection[Any], price_list: str, currency: str, day: date, rights: Rights) -> list[Change]:
    """For every contract served by the list: whether the fall of a currency allows other tariffs at once, given notice today (D12)."""
    versions = queries.versions_of(conn, price_list)
    terms = versions[-1].terms
    now = rate_on(conn, currency, terms.currency, day)
    changes = []
    for code, number, name, signed in conn.execute(CONTRACTS_SQL, [list(rights.units_with("read")), price_list]).fetchall():
        row = conn.execute(RATE_SQL, [currency, terms.currency, signed]).fetchone() if signed else None
        before = rate_of_one(*row) if row else None
        fall = rate_fall(before, now, parse_decimal(terms.fall_percent, "fall_percent")) if before and terms.fall_percent else None
        at_once = fall is not None and fall.fell
        earliest = day if at_once else months_later(day, terms.notice_months)
        changes.append(Change(code, number, name, signed, before, now, fall.limit if fall else None, at_once, earliest))
    return changes
