"""From price lists, service accounts and service operations to their rows (spec 5). Pure.

Errors, each with its `field`: field_missing, invalid_value, invalid_date, invalid_rate, invalid_amount, amount_not_positive,
unknown_reference, unknown_currency, contract_of_other_party, relation_mismatch, currency_differs_from_contract.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

import msgspec

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import parse_decimal
from setoff.parties.records import PriceList, ServiceAccount, ServiceOperation, Tariff
from setoff.parties.values import currency_code, day_or_none, limit_minor, named

OWN_COLUMNS: Final = ("code", "organization", "name", "currency", "valid_from", "type")
"""Fields of a price list that are columns; the rest are its terms."""
CREDITORS: Final = ("supplier", "consignor", "other_supplier")


class UnitPlace(NamedTuple):
    id: int
    organization_id: int
    book_currency: str


class ContractPlace(NamedTuple):
    id: int
    organization_id: int
    relation: str
    currency: str


class ListPlace(NamedTuple):
    id: int
    organization_id: int
    currency: str


class AccountPlace(NamedTuple):
    id: int
    unit_id: int


def price_list_row(record: PriceList, organization_id: int) -> tuple[Any, ...]:
    currency_code(record.currency, "currency")
    valid_from = day_or_none(record.valid_from, "valid_from")
    if valid_from is None:
        raise DomainError(ErrorCode.FIELD_MISSING, field="valid_from")
    if not record.tariffs:
        raise DomainError(ErrorCode.FIELD_MISSING, field="tariffs")
    codes: set[str] = set()
    for index, tariff in enumerate(record.tariffs):
        _check_tariff(tariff, f"tariffs[{index}].", record.currency)
        if tariff.code in codes:
            raise DomainError(ErrorCode.INVALID_VALUE, field=f"tariffs[{index}].code", value=tariff.code)
        codes.add(tariff.code)
    for name, least, most in (
        ("issue_days", 1, 31), ("month_due_days", 0, 365), ("operation_due_days", 0, 365), ("non_resident_due_days", 0, 365),
        ("operation_interval", 0, 365), ("suspend_after", 0, 3650), ("non_resident_suspend_after", 0, 3650), ("notice_months", 0, 60),
    ):  # fmt: skip
        value = getattr(record, name)
        if not least <= value <= most:
            raise DomainError(ErrorCode.INVALID_VALUE, field=name, value=str(value), expected=f"{least}..{most}")
    limit_minor(record.prepayment_above, record.currency, "prepayment_above")
    if record.fall_percent and not 0 < parse_decimal(record.fall_percent, "fall_percent") < 100:
        raise DomainError(ErrorCode.INVALID_RATE, field="fall_percent", value=record.fall_percent)
    for index, day in enumerate(record.bank_holidays):
        if day_or_none(day, f"bank_holidays[{index}]") is None:
            raise DomainError(ErrorCode.INVALID_DATE, field=f"bank_holidays[{index}]", value=day)
    terms = {name: value for name, value in msgspec.to_builtins(record).items() if name not in OWN_COLUMNS}
    return record.code, valid_from, organization_id, record.name, record.currency, _json(terms)


def _check_tariff(tariff: Tariff, place: str, currency: str) -> None:
    for name in ("code", "name"):
        if not getattr(tariff, name).strip():
            raise DomainError(ErrorCode.FIELD_MISSING, field=place + name)
    _positive(tariff.price, place + "price")
    limit_minor(tariff.minimum, currency, place + "minimum")
    if tariff.urgent_percent:
        parse_decimal(tariff.urgent_percent, place + "urgent_percent")
    if tariff.vat_rate not in ("", "general") and parse_decimal(tariff.vat_rate, place + "vat_rate") > 100:
        raise DomainError(ErrorCode.INVALID_RATE, field=place + "vat_rate", value=tariff.vat_rate)


def service_account_row(record: ServiceAccount, unit: UnitPlace, contract: ContractPlace, price_list: ListPlace) -> tuple[Any, ...]:
    if contract.organization_id != unit.organization_id:
        raise DomainError(ErrorCode.CONTRACT_OF_OTHER_PARTY, contract=record.contract, counterparty="", unit=record.unit, field="contract")
    if contract.relation not in ("buyer", "other_buyer"):
        raise DomainError(
            ErrorCode.RELATION_MISMATCH, contract=record.contract, relation=contract.relation, kind="sale", field="contract"
        )
    if price_list.organization_id != unit.organization_id:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="price_list", value=record.price_list, field="price_list")
    if price_list.currency != contract.currency:
        raise DomainError(
            ErrorCode.CURRENCY_DIFFERS_FROM_CONTRACT, contract=record.contract, currency=price_list.currency,
            contract_currency=contract.currency, field="price_list",
        )  # fmt: skip
    opened, closed = day_or_none(record.opened, "opened"), day_or_none(record.closed, "closed")
    if opened is None:
        raise DomainError(ErrorCode.FIELD_MISSING, field="opened")
    if closed is not None and closed < opened:
        raise DomainError(ErrorCode.INVALID_VALUE, field="closed", value=record.closed)
    _positive(record.quantity, "quantity")
    return (
        record.code, unit.id, contract.id, record.price_list, opened, closed, record.title, record.quantity, _json(record.tariffs),
    )  # fmt: skip


Creditors = tuple[Mapping[str, int], Mapping[str, ContractPlace]]
"""Counterparties that costs are owed to, and contracts with them, by code."""


def operation_row(
    record: ServiceOperation, unit: UnitPlace, accounts: Mapping[str, AccountPlace], creditors: Creditors
) -> tuple[Any, ...]:
    day = day_or_none(record.date, "date")
    if day is None:
        raise DomainError(ErrorCode.FIELD_MISSING, field="date")
    if not record.accounts:
        raise DomainError(ErrorCode.FIELD_MISSING, field="accounts")
    for index, code in enumerate(record.accounts):
        if code not in accounts or accounts[code].unit_id != unit.id:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="service_account", value=code, field=f"accounts[{index}]")
    if len(set(record.accounts)) != len(record.accounts):
        raise DomainError(ErrorCode.INVALID_VALUE, field="accounts", value=", ".join(record.accounts))
    if not record.tariff and not record.costs:
        raise DomainError(ErrorCode.FIELD_MISSING, field="tariff")
    _positive(record.quantity, "quantity")
    limit_minor(record.estimate, unit.book_currency, "estimate")
    _check_costs(record, unit.book_currency, creditors)
    said = {name: value for name, value in msgspec.to_builtins(record).items() if name not in ("code", "unit", "date", "title", "type")}
    return record.code, unit.id, day, record.title, _json(said), [accounts[code].id for code in record.accounts]


def _check_costs(record: ServiceOperation, currency: str, creditors: Creditors) -> None:
    counterparties, contracts = creditors
    for index, cost in enumerate(record.costs):
        place = f"costs[{index}]."
        if cost.counterparty not in counterparties:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="counterparty", value=cost.counterparty, field=place + "counterparty")
        if cost.contract and named(contracts, "contract", cost.contract).relation not in CREDITORS:
            raise DomainError(
                ErrorCode.RELATION_MISMATCH, contract=cost.contract, relation=contracts[cost.contract].relation, kind="purchase",
                field=place + "contract",
            )  # fmt: skip
        if not limit_minor(cost.amount, currency, place + "amount"):
            raise DomainError(ErrorCode.AMOUNT_NOT_POSITIVE, value=cost.amount, field=place + "amount")


def _positive(said: str, field: str) -> Decimal:
    found = parse_decimal(said, field)
    if found == 0:
        raise DomainError(ErrorCode.INVALID_RATE, field=field, value=said)
    return found


def _json(value: dict[str, Any] | Sequence[str]) -> str:
    """Errors: invalid_value for the character that PostgreSQL cannot store."""
    said = msgspec.json.encode(value).decode()
    if "\\u0000" in said:
        raise DomainError(ErrorCode.INVALID_VALUE, field="", value="\\0")
    return said
