"""Everything back out as the JSON Lines that `import` reads: masters first, then documents in the order of their entry numbers.

Masters go by code, so that equal books give equal files. The order of documents matters: entry numbers decide between
documents of one day and day order, so an import into an empty database gives the same reports. A document goes out as it was last
said, with its key, number and place in the day; drafts, unposted documents and deletion marks stay what they are. One
snapshot of the database, read in portions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Final, LiteralString, NamedTuple

import msgspec
import psycopg

from setoff.core.money import format_amount
from setoff.parties.records import Agreement, Contract, Counterparty, Master, Organization, Partner, Rate, Unit
from setoff.trade.queries import decode_document

PORTION_ROWS: Final = 5_000
MASTERS_SQL: Final[dict[type[Master], LiteralString]] = {
    Organization: "select code, name, chart, book_currency, tax_id, kpp, language from organization order by code",
    Unit: """select unit.code, organization.code as organization, unit.name, unit.kind
             from unit join organization on organization.id = unit.organization_id order by unit.code""",
    Partner: 'select code, name, group_name as "group", is_customer, is_supplier from partner order by code',
    Counterparty: """select counterparty.code, counterparty.name, partner.code as partner, counterparty.tax_id,
                            counterparty.kpp, counterparty.is_resident, counterparty.is_person, counterparty.language
                     from counterparty left join partner on partner.id = counterparty.partner_id order by counterparty.code""",
    Agreement: """select agreement.code, agreement.name, partner.code as partner, agreement.currency, agreement.uses_contracts,
                         agreement.detail, agreement.stages, agreement.valid_from, agreement.valid_to, agreement.status
                  from agreement left join partner on partner.id = agreement.partner_id order by agreement.code""",
    Contract: """select contract.code, organization.code as organization, counterparty.code as counterparty, contract.number,
                        contract.relation, contract.currency, contract.payment_currency, contract.date, contract.valid_from,
                        contract.valid_to, contract.detail, contract.allocation, contract.allocation_order as "order",
                        contract.reg_detail, contract.stages, contract.credit_limit_minor, contract.debt_account,
                        contract.advance_account, contract.status
                 from contract join organization on organization.id = contract.organization_id
                 join counterparty on counterparty.id = contract.counterparty_id order by contract.code""",
    Rate: "select currency, quote, date, rate from rate order by currency, quote, date",
}
DOCUMENTS_SQL: Final = """
  select document.status, document.deletion_mark, version.content
  from document join version on version.unit_id = document.unit_id and version.id = document.version_id
  order by document.id"""


class Exported(NamedTuple):
    masters: int
    documents: int


def export_records(conn: psycopg.Connection[Any], write: Callable[[bytes], object]) -> Exported:
    """Every record is written, one line each."""
    counts = [0, 0]
    with conn.transaction():
        conn.execute("set transaction isolation level repeatable read, read only")
        for place, lines in enumerate((_master_lines(conn), _document_lines(conn))):
            for line in lines:
                write(line + b"\n")
                counts[place] += 1
    return Exported(*counts)


def _master_lines(conn: psycopg.Connection[Any]) -> Iterator[bytes]:
    for kind, statement in MASTERS_SQL.items():
        with conn.cursor("export_masters") as cursor:
            cursor.itersize = PORTION_ROWS
            cursor.execute(statement)
            names = [column.name for column in cursor.description or ()]
            for row in cursor:
                yield msgspec.json.encode(_master(kind, dict(zip(names, row, strict=True))))


def _master(kind: type[Master], row: dict[str, Any]) -> Master:
    """The record of a row: absent values are left to their defaults, two columns are one list, the limit is in its currency."""
    if kind is Contract:
        accounts = row.pop("debt_account"), row.pop("advance_account")
        row["accounts"] = [account for account in accounts if account]
        limit_minor = row.pop("credit_limit_minor")
        row["credit_limit"] = None if limit_minor is None else format_amount(limit_minor, row["currency"])
    said = {name: _said(value) for name, value in row.items() if value is not None}
    return msgspec.convert({"type": kind.__struct_config__.tag, **said}, kind)


def _said(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else value


def _document_lines(conn: psycopg.Connection[Any]) -> Iterator[bytes]:
    with conn.cursor("export_documents") as cursor:
        cursor.itersize = PORTION_ROWS
        cursor.execute(DOCUMENTS_SQL)
        for status, deletion_mark, content in cursor:
            if status == "posted":
                yield content.encode()
            else:
                document = msgspec.structs.replace(decode_document(content), state=status, deletion_mark=deletion_mark)
                yield msgspec.json.encode(document)
