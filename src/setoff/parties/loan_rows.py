"""From the terms of a loan to their row (spec 2.10). Pure.

The contract is one of loan, settled as a whole: where money waited for documents to be named, nothing would say what principal is left.
Guards, in this order: relation_mismatch; invalid_value (detail of the contract); item (field_missing); rates (field_missing,
invalid_rate, invalid_date, invalid_value: not ascending); months and day (invalid_value); maturity (invalid_date, field_missing, except
with rows); first_payment (invalid_date); payment (invalid_amount, amount_not_positive, unknown_field with a bullet or rows); account
(unknown_account, settlement_account_without_node); rows (field_missing, unknown_field, invalid_date, invalid_amount, amount_not_positive,
invalid_value: not ascending). Each with its `field`.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final, NamedTuple

import msgspec

from setoff.core.chart import Chart
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.interest import DayCount, RateFrom
from setoff.core.money import parse_decimal
from setoff.parties.records import Loan
from setoff.parties.values import day_or_none, limit_minor

RELATIONS: Final = ("loan_received", "loan_granted")
PERCENT_MAX: Final = 1000


class LoanContract(NamedTuple):
    """What the terms of a loan must know of their contract."""

    id: int
    organization_id: int
    relation: str
    currency: str
    detail: str
    reg_detail: str
    allocation: str
    chart: Chart


class LoanTerms(NamedTuple):
    """The terms as values. `payment`: minor units, 0 = what the days left need. `rows`: (day, minor units)."""

    item: str
    account: str
    rates: tuple[RateFrom, ...]
    day_count: DayCount
    maturity: date | None
    repayment: str
    interest_months: int
    principal_months: int
    payment_day: int
    first_payment: date | None
    payment: int
    rows: tuple[tuple[date, int], ...]


def loan_row(record: Loan, contract: LoanContract) -> tuple[Any, ...]:
    if contract.relation not in RELATIONS:
        raise DomainError(
            ErrorCode.RELATION_MISMATCH, contract=record.code, relation=contract.relation, kind="loan_interest", field="code"
        )
    if (contract.detail, contract.reg_detail, contract.allocation) != ("contract", "contract", "automatic"):
        raise DomainError(ErrorCode.INVALID_VALUE, field="code", value=record.code, expected="detail = contract")
    if not record.item.strip():
        raise DomainError(ErrorCode.FIELD_MISSING, field="item")
    terms_of(record, contract.currency)
    if record.account:
        account = contract.chart.accounts.get(record.account)
        if account is None:
            raise DomainError(ErrorCode.UNKNOWN_ACCOUNT, account=record.account, chart=contract.chart.name, field="account")
        if account.is_settlement:
            raise DomainError(ErrorCode.SETTLEMENT_ACCOUNT_WITHOUT_NODE, account=record.account, field="account")
    said = {name: value for name, value in msgspec.to_builtins(record).items() if name not in ("code", "type")}
    return record.code, contract.id, contract.organization_id, msgspec.json.encode(said).decode()


def terms_of(record: Loan, currency: str) -> LoanTerms:
    """Errors: see above."""
    rates = _rates(record)
    for name, least, most in (("interest_months", 0, 120), ("principal_months", 0, 120), ("payment_day", 0, 31)):
        value = getattr(record, name)
        if not least <= value <= most:
            raise DomainError(ErrorCode.INVALID_VALUE, field=name, value=str(value), expected=f"{least}..{most}")
    maturity = day_or_none(record.maturity, "maturity")
    if maturity is None and record.repayment != "rows":
        raise DomainError(ErrorCode.FIELD_MISSING, field="maturity")
    first_payment = day_or_none(record.first_payment, "first_payment")
    payment = limit_minor(record.payment, currency, "payment") or 0
    if record.payment and not payment:
        raise DomainError(ErrorCode.AMOUNT_NOT_POSITIVE, value=record.payment, field="payment")
    if payment and record.repayment in ("bullet", "rows"):
        raise DomainError(ErrorCode.UNKNOWN_FIELD, field="payment")
    return LoanTerms(
        record.item, record.account, rates, record.day_count, maturity, record.repayment, record.interest_months, record.principal_months,
        record.payment_day, first_payment, payment, _rows(record, currency),
    )  # fmt: skip


def _rates(record: Loan) -> tuple[RateFrom, ...]:
    if not record.rates:
        raise DomainError(ErrorCode.FIELD_MISSING, field="rates")
    found: list[RateFrom] = []
    for index, rate in enumerate(record.rates):
        place = f"rates[{index}]."
        percent = parse_decimal(rate.percent, place + "percent")
        if percent > PERCENT_MAX:
            raise DomainError(ErrorCode.INVALID_RATE, field=place + "percent", value=rate.percent)
        since = day_or_none(rate.since, place + "since") or date.min
        if found and since <= found[-1].since:
            raise DomainError(ErrorCode.INVALID_VALUE, field=place + "since", value=rate.since, expected=f"> {found[-1].since}")
        found.append(RateFrom(since, percent))
    return tuple(found)


def _rows(record: Loan, currency: str) -> tuple[tuple[date, int], ...]:
    if bool(record.rows) != (record.repayment == "rows"):
        raise DomainError(ErrorCode.UNKNOWN_FIELD if record.rows else ErrorCode.FIELD_MISSING, field="rows")
    found: list[tuple[date, int]] = []
    for index, row in enumerate(record.rows):
        place = f"rows[{index}]."
        day = day_or_none(row.date, place + "date")
        if day is None:
            raise DomainError(ErrorCode.FIELD_MISSING, field=place + "date")
        if found and day <= found[-1][0]:
            raise DomainError(ErrorCode.INVALID_VALUE, field=place + "date", value=row.date, expected=f"> {found[-1][0]}")
        amount = limit_minor(row.amount, currency, place + "amount")
        if not amount:
            raise DomainError(ErrorCode.AMOUNT_NOT_POSITIVE, value=row.amount, field=place + "amount")
        found.append((day, amount))
    return tuple(found)
