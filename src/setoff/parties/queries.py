"""Reads of master records: as the records that files hold, all of them or a page in the order of their codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final, LiteralString, NamedTuple

import msgspec
import psycopg

from setoff.core.money import format_amount
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
    Unit,
)

PORTION_ROWS: Final = 5_000
MASTERS_SQL: Final[dict[type[Master], LiteralString]] = {
    Organization: "select code, name, chart, book_currency, tax_id, kpp, language, address, management_currency from organization",
    Unit: """select unit.code, organization.code as organization, unit.name, unit.kind, head.code as head_office,
                    unit.difference_limit_minor, organization.book_currency, nullif(unit.vat_on_advances, 'off') as vat_on_advances,
                    unit.vat_on_advances_from, nullif(unit.vat_on_set_off, 'terminated') as vat_on_set_off,
                    nullif(unit.policies, '{}') as policies
             from unit join organization on organization.id = unit.organization_id left join unit head on head.id = unit.head_office_id""",
    Partner: 'select code, name, group_name as "group", is_customer, is_supplier from partner',
    Counterparty: """select counterparty.code, counterparty.name, partner.code as partner, counterparty.tax_id,
                            counterparty.kpp, counterparty.is_resident, counterparty.is_person, counterparty.language,
                            counterparty.bankrupt_since, counterparty.address
                     from counterparty left join partner on partner.id = counterparty.partner_id""",
    Agreement: """select agreement.code, agreement.name, partner.code as partner, agreement.currency, agreement.uses_contracts,
                         agreement.detail, agreement.stages, agreement.valid_from, agreement.valid_to, agreement.manager,
                         agreement.status
                  from agreement left join partner on partner.id = agreement.partner_id""",
    Contract: """select contract.code, organization.code as organization, counterparty.code as counterparty, contract.number,
                        contract.relation, contract.currency, contract.payment_currency, contract.date, contract.valid_from,
                        contract.valid_to, contract.detail, contract.allocation, contract.allocation_order as "order",
                        contract.reg_detail, contract.stages, contract.credit_limit_minor, contract.debt_account,
                        contract.advance_account, agreement.code as agreement, contract.manager, contract.bank_account,
                        contract.party_bank_account, contract.forbid_overdue, contract.vat_rate, contract.vat_rule, contract.status,
                        contract.advance_vat
                 from contract join organization on organization.id = contract.organization_id
                 join counterparty on counterparty.id = contract.counterparty_id
                 left join agreement on agreement.id = contract.agreement_id""",
    Rate: "select currency, quote, date, rate, nullif(nominal, 1) as nominal from rate",
    PriceList: """select price_list.code, price_list.valid_from, organization.code as organization, price_list.name, price_list.currency,
                         price_list.terms from price_list join organization on organization.id = price_list.organization_id""",
    ServiceAccount: """select service_account.code, unit.code as unit, contract.code as contract, service_account.price_list,
                              service_account.opened, service_account.closed, service_account.title, service_account.quantity,
                              service_account.tariffs
                       from service_account join unit on unit.id = service_account.unit_id
                       join contract on contract.id = service_account.contract_id""",
    Loan: "select code, terms from loan",
    ServiceOperation: """select service_operation.code, unit.code as unit, service_operation.date, service_operation.title,
                                service_operation.content as terms
                         from service_operation join unit on unit.id = service_operation.unit_id""",
}
KEYS: Final[dict[type[Master], tuple[str, ...]]] = {Rate: ("currency", "quote", "date"), PriceList: ("code", "valid_from")}
"""What a record is known and ordered by, where it is not its code."""


class Searched(NamedTuple):
    """Which records. `values`: fields that must have one of the values; `text`: a part of the code, the name, the number or the tax number,
    in letters of either case."""

    values: dict[str, Sequence[Any]]
    text: str = ""


EVERYTHING: Final = Searched({})
TEXT_FIELDS: Final = ("code", "name", "number", "tax_id")


def key_of(kind: type[Master]) -> tuple[str, ...]:
    return KEYS.get(kind, ("code",))


def every_master(conn: psycopg.Connection[Any], kind: type[Master], searched: Searched = EVERYTHING) -> Iterator[Master]:
    """Every record of a type in the order of its key, read in portions; the connection is in a transaction."""
    with conn.cursor("every_master") as cursor:
        cursor.itersize = PORTION_ROWS
        cursor.execute(*_question(kind, searched, (), None))
        names = [column.name for column in cursor.description or ()]
        for row in cursor:
            yield record_of(kind, dict(zip(names, row, strict=True)))


def masters_after(
    conn: psycopg.Connection[Any], kind: type[Master], searched: Searched, after: Sequence[Any], limit: int
) -> list[Master]:
    """Records after a key; from the first one when `after` is empty."""
    cursor = conn.execute(*_question(kind, searched, after, limit))
    names = [column.name for column in cursor.description or ()]
    return [record_of(kind, dict(zip(names, row, strict=True))) for row in cursor]


def _question(kind: type[Master], searched: Searched, after: Sequence[Any], limit: int | None) -> tuple[str, dict[str, Any]]:
    names: dict[str, Any] = {f"value_{field}": list(values) for field, values in searched.values.items()}
    conditions = [f'listed."{field}" = any(%(value_{field})s)' for field in searched.values]
    key = key_of(kind)
    if searched.text:
        fields = [field for field in TEXT_FIELDS if field in kind.__struct_fields__]
        conditions.append("(" + " or ".join(f"strpos(lower(listed.{field}), %(text)s) > 0" for field in fields) + ")")
        names["text"] = searched.text.lower()
    if after:
        listed = ", ".join(f"listed.{field}" for field in key)
        given = ", ".join(f"%(after_{field})s" for field in key)
        conditions.append(f"({listed}) > ({given})")
        names |= {f"after_{field}": value for field, value in zip(key, after, strict=True)}
    where = " where " + " and ".join(conditions) if conditions else ""
    ordered = ", ".join(f"listed.{field}" for field in key)
    query = f"select * from ({MASTERS_SQL[kind]}) listed{where} order by {ordered}"
    if limit is not None:
        query, names["limit"] = query + " limit %(limit)s", limit
    return query, names


def record_of(kind: type[Master], row: dict[str, Any]) -> Master:
    """The record of a row: absent values are left to their defaults, two columns are one list, the limit is in its currency."""
    if kind is Contract:
        accounts = row.pop("debt_account"), row.pop("advance_account")
        row["accounts"] = [account for account in accounts if account]
        limit_minor = row.pop("credit_limit_minor")
        row["credit_limit"] = None if limit_minor is None else format_amount(limit_minor, row["currency"])
    if kind is Unit:
        limit_minor, currency = row.pop("difference_limit_minor"), row.pop("book_currency")
        row["difference_limit"] = format_amount(limit_minor, currency) if limit_minor else None
    row |= row.pop("terms", {})
    said = {name: _said(value) for name, value in row.items() if value is not None}
    return msgspec.convert({"type": kind.__struct_config__.tag, **said}, kind)


def _said(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else value
