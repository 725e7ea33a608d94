"""From a master record to its row: what it says is checked, what it names is found. Pure.

Guard order of a record: its texts, its references, its currencies, its dates, its terms (stages, accounts, limit).
Errors: field_missing, invalid_value, unknown_reference, unknown_currency, invalid_date, invalid_rate, invalid_amount,
stages_differ_from_total, invalid_account_pair, unknown_account, agreement_of_other_party, contract_not_used.
Every refusal names its `field`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

import msgspec

from setoff.core.chart import GENERAL_RATE, Chart, CurrencyClass
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import parse_decimal
from setoff.parties.loan_rows import LoanContract, loan_row
from setoff.parties.records import (
    Agreement,
    Contract,
    Counterparty,
    Loan,
    Master,
    Organization,
    Partner,
    PriceList,
    Rate,
    ServiceAccount,
    ServiceOperation,
    Stage,
    Unit,
)
from setoff.parties.service_rows import (
    AccountPlace,
    ContractPlace,
    ListPlace,
    UnitPlace,
    operation_row,
    price_list_row,
    service_account_row,
)
from setoff.parties.switches import checked_policies
from setoff.parties.values import currency_code, day_or_none, limit_minor, named

REQUIRED: Final = frozenset({"code", "name", "number"})


class House(NamedTuple):
    """What a contract must know of its organization."""

    id: int
    chart: Chart
    book_currency: str


class HeadOffice(NamedTuple):
    """What a branch must know of the unit that it names as its head office. `has_branches`: some unit names it."""

    id: int
    organization_id: int
    kind: str
    has_branches: bool


class Offer(NamedTuple):
    """What a contract must know of the agreement it was made from. `partner_id` None: a typical one, for everybody."""

    id: int
    partner_id: int | None
    uses_contracts: bool


@dataclass(slots=True)
class Known:
    """Ids of what records name, by code. `partner_of`: code of a counterparty -> its partner."""

    organizations: dict[str, House] = field(default_factory=dict)
    partners: dict[str, int] = field(default_factory=dict)
    counterparties: dict[str, int] = field(default_factory=dict)
    partner_of: dict[str, int | None] = field(default_factory=dict)
    agreements: dict[str, Offer] = field(default_factory=dict)
    head_offices: dict[str, HeadOffice] = field(default_factory=dict)
    units: dict[str, UnitPlace] = field(default_factory=dict)
    contracts: dict[str, ContractPlace] = field(default_factory=dict)
    price_lists: dict[str, ListPlace] = field(default_factory=dict)
    accounts: dict[str, AccountPlace] = field(default_factory=dict)
    creditors: dict[str, int] = field(default_factory=dict)
    loans: dict[str, LoanContract] = field(default_factory=dict)


def row_of(record: Master, known: Known) -> tuple[Any, ...]:
    """The values of the record's columns, in the order of `tables.TABLES`."""
    _check_texts(record)
    match record:
        case Organization():
            return _organization(record)
        case Unit():
            house = named(known.organizations, "organization", record.organization)
            return _unit(record, house, known.head_offices)
        case Partner():
            return record.code, record.name, record.group, record.is_customer, record.is_supplier
        case Counterparty():
            return _counterparty(record, known)
        case Agreement():
            return _agreement(record, known)
        case Contract():
            return _contract(record, known)
        case Rate():
            return _rate(record)
        case PriceList():
            house = named(known.organizations, "organization", record.organization)
            return price_list_row(record, house.id)
        case ServiceAccount():
            unit = named(known.units, "unit", record.unit)
            contract = named(known.contracts, "contract", record.contract)
            return service_account_row(record, unit, contract, named(known.price_lists, "price_list", record.price_list))
        case Loan():
            return loan_row(record, named(known.loans, "contract", record.code))
        case ServiceOperation():
            return operation_row(record, named(known.units, "unit", record.unit), known.accounts, (known.creditors, known.contracts))


def _check_texts(record: Master) -> None:
    """A code and a name are there; no text holds the character that PostgreSQL cannot store."""
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if isinstance(value, str):
            if "\0" in value:
                raise DomainError(ErrorCode.INVALID_VALUE, field=name, value=value.replace("\0", "\\0"))
            if name in REQUIRED and not value.strip():
                raise DomainError(ErrorCode.FIELD_MISSING, field=name)


def _organization(record: Organization) -> tuple[Any, ...]:
    currency = currency_code(record.book_currency, "book_currency")
    own = currency_code(record.management_currency, "management_currency") if record.management_currency else ""
    return record.code, record.name, record.chart, currency, record.tax_id, record.kpp, record.language, record.address, own


def _unit(record: Unit, house: House, head_offices: Mapping[str, HeadOffice]) -> tuple[Any, ...]:
    limit = limit_minor(record.difference_limit, house.book_currency, "difference_limit") or 0
    if record.vat_on_advances not in ("", "off") and not house.chart.vat_rates:
        raise DomainError(
            ErrorCode.INVALID_VALUE, field="vat_on_advances", value=record.vat_on_advances, expected="off"
        )  # the chart knows no VAT on advances
    since = day_or_none(record.vat_on_advances_from, "vat_on_advances_from")
    head_office = _head_office(record, house, head_offices)
    return (
        record.code, house.id, record.name, record.kind, head_office, limit, record.vat_on_advances or None, since,
        record.vat_on_set_off or None, json.dumps(checked_policies(record.policies), sort_keys=True) if record.policies else None,
    )  # fmt: skip


def _head_office(record: Unit, house: House, head_offices: Mapping[str, HeadOffice]) -> int | None:
    """Id of the head office that a branch names: one of the same organization, and itself no branch. What branches name stays one."""
    own = head_offices.get(record.code)
    if own and own.has_branches and (record.kind != "head_office" or own.organization_id != house.id):
        raise DomainError(ErrorCode.INVALID_VALUE, field="kind", value=record.kind, expected="head_office")
    if not record.head_office:
        return None
    found = head_offices.get(record.head_office)
    if found is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="unit", value=record.head_office, field="head_office")
    if record.kind != "branch" or found.kind != "head_office" or found.organization_id != house.id:
        raise DomainError(ErrorCode.INVALID_VALUE, field="head_office", value=record.head_office)
    return found.id


def _counterparty(record: Counterparty, known: Known) -> tuple[Any, ...]:
    partner = named(known.partners, "partner", record.partner) if record.partner else None
    return (
        record.code,
        record.name,
        partner,
        record.tax_id,
        record.kpp,
        record.is_resident,
        record.is_person,
        record.language,
        day_or_none(record.bankrupt_since, "bankrupt_since"),
        record.address,
    )


def _agreement(record: Agreement, known: Known) -> tuple[Any, ...]:
    partner = named(known.partners, "partner", record.partner) if record.partner else None
    currency = currency_code(record.currency, "currency")
    valid_from, valid_to = _validity(record.valid_from, record.valid_to)
    return (
        record.code,
        record.name,
        partner,
        currency,
        record.uses_contracts,
        record.detail,
        _stages(record.stages),
        valid_from,
        valid_to,
        record.manager,
        record.status,
    )


def _contract(record: Contract, known: Known) -> tuple[Any, ...]:
    house = named(known.organizations, "organization", record.organization)
    counterparty = named(known.counterparties, "counterparty", record.counterparty)
    currency = currency_code(record.currency, "currency")
    payment_currency = currency_code(record.payment_currency, "payment_currency") if record.payment_currency else ""
    day = day_or_none(record.date, "date")
    valid_from, valid_to = _validity(record.valid_from, record.valid_to)
    debt, advance = _accounts(record, house)
    offer = _offer(record, known) if record.agreement else None
    if record.vat_rate == GENERAL_RATE and not house.chart.vat_rates:
        raise DomainError(ErrorCode.INVALID_RATE, field="vat_rate", value=record.vat_rate)
    if record.vat_rate not in ("", GENERAL_RATE):
        parse_decimal(record.vat_rate, "vat_rate")
    return (
        record.code,
        house.id,
        counterparty,
        record.number,
        record.relation,
        currency,
        payment_currency,
        day,
        valid_from,
        valid_to,
        record.detail,
        record.allocation,
        record.order,
        record.reg_detail,
        _stages(record.stages),
        limit_minor(record.credit_limit, record.currency, "credit_limit"),
        debt,
        advance,
        offer.id if offer else None,
        record.manager,
        record.bank_account,
        record.party_bank_account,
        record.forbid_overdue,
        record.vat_rate,
        record.vat_rule,
        record.status,
        advance_vat_rate(record.advance_vat, "advance_vat"),
    )


def _offer(record: Contract, known: Known) -> Offer:
    """The agreement a contract was made from: a typical one, or one of the counterparty's partner, that uses contracts."""
    offer = named(known.agreements, "agreement", record.agreement)
    if offer.partner_id is not None and offer.partner_id != known.partner_of.get(record.counterparty):
        raise DomainError(
            ErrorCode.AGREEMENT_OF_OTHER_PARTY, agreement=record.agreement, counterparty=record.counterparty, field="agreement"
        )
    if not offer.uses_contracts:
        raise DomainError(ErrorCode.CONTRACT_NOT_USED, agreement=record.agreement, field="agreement")
    return offer


def _rate(record: Rate) -> tuple[Any, ...]:
    currency, quote = currency_code(record.currency, "currency"), currency_code(record.quote, "quote")
    if currency == quote:
        raise DomainError(ErrorCode.INVALID_VALUE, field="quote", value=quote)
    day = day_or_none(record.date, "date")
    if day is None:
        raise DomainError(ErrorCode.FIELD_MISSING, field="date")
    rate = parse_decimal(record.rate, "rate")
    if rate == 0:
        raise DomainError(ErrorCode.INVALID_RATE, field="rate", value=record.rate)
    nominal = parse_decimal(record.nominal, "nominal")
    if nominal == 0:
        raise DomainError(ErrorCode.INVALID_RATE, field="nominal", value=record.nominal)
    return currency, quote, day, rate, nominal


def _validity(valid_from: str, valid_to: str) -> tuple[date | None, date | None]:
    first, last = day_or_none(valid_from, "valid_from"), day_or_none(valid_to, "valid_to")
    if first and last and first > last:
        raise DomainError(ErrorCode.INVALID_VALUE, field="valid_to", value=valid_to)
    return first, last


def _stages(stages: Sequence[Stage]) -> str:
    """Canonical JSON of the stages. Shares are above zero and sum to 100, days do not run backwards."""
    total = Decimal(0)
    for number, stage in enumerate(stages):
        percent = parse_decimal(stage.percent, f"stages[{number}].percent")
        if percent == 0:
            raise DomainError(ErrorCode.INVALID_RATE, field=f"stages[{number}].percent", value=stage.percent)
        if not 0 <= stage.days <= 36_500:
            raise DomainError(ErrorCode.INVALID_VALUE, field=f"stages[{number}].days", value=str(stage.days))
        total += percent
    if stages and total != 100:
        raise DomainError(ErrorCode.STAGES_DIFFER_FROM_TOTAL, parts=f"{total.normalize():f} %", total="100 %", field="stages")
    return msgspec.json.encode(stages).decode()


def _accounts(record: Contract, house: House) -> tuple[str, str]:
    """The pair that replaces the chart's: sound by itself and of the contract's currency class."""
    if not record.accounts:
        return "", ""
    if len(record.accounts) != 2:
        raise DomainError(ErrorCode.INVALID_VALUE, field="accounts", value=", ".join(record.accounts))
    debt, advance = record.accounts
    try:
        pair = house.chart.checked_pair(debt, advance)
    except DomainError as error:
        raise DomainError(error.code, **error.facts, field="accounts") from None
    if house.chart.account(debt).currency_class != currency_class(record, house):
        raise DomainError(ErrorCode.INVALID_ACCOUNT_PAIR, debt=debt, advance=advance, chart=house.chart.name, field="accounts")
    return pair


def advance_vat_rate(said: str, field: str) -> str:
    """A percentage below 100 with two digits at most, "none", or nothing. Errors: invalid_rate."""
    if said in ("", "none"):
        return said
    rate = parse_decimal(said, field)
    if not 0 < rate < 100 or rate * 100 != int(rate * 100):
        raise DomainError(ErrorCode.INVALID_RATE, field=field, value=said)
    return format(rate.normalize(), "f")


def currency_class(record: Contract, house: House) -> CurrencyClass:
    if record.currency == house.book_currency:
        return CurrencyClass.BOOK
    return CurrencyClass.UNIT if record.payment_currency == house.book_currency else CurrencyClass.FOREIGN
