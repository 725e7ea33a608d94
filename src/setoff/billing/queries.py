"""What billing reads: accounts of a price list, operations not billed, what was charged, who has not paid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import msgspec
from psycopg import Connection
from psycopg.rows import class_row

from setoff.billing.days import suspended_from
from setoff.billing.drafts import Account, Cost, Operation, Payer, Version
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import parse_amount
from setoff.parties.records import PriceList, ServiceOperation

PAYER_COLUMNS: Final = """c.id, c.code, c.number, p.code, p.name, p.is_resident, c.currency, c.valid_to, c.status = 'closed'"""
ACCOUNTS_SQL: Final = f"""
  select a.id, a.code, a.title, a.opened, a.closed, a.quantity, a.tariffs, {PAYER_COLUMNS}
  from service_account a join contract c on c.id = a.contract_id join counterparty p on p.id = c.counterparty_id
  where a.unit_id = %s and a.price_list = %s order by a.code"""
VERSIONS_SQL: Final = """
  select v.id, v.code, o.code, v.name, v.currency, v.valid_from, v.terms
  from price_list v join organization o on o.id = v.organization_id where v.code = %s order by v.valid_from"""
CHARGED_SQL: Final = """
  select b.account_id, b.tariff from billed_charge b join document d on d.unit_id = b.unit_id and d.id = b.document_id
  where b.unit_id = %s and b.month = %s and d.status <> 'unposted'"""
MONTHS_SQL: Final = """
  select a.contract_id, sum(1)
  from service_account a
  cross join lateral generate_series(date_trunc('month', a.opened),
                                     least(%(month)s::date - 1, coalesce(a.closed, 'infinity')), interval '1 month') m
  where a.unit_id = %(unit)s and a.price_list = %(list)s and a.opened < %(month)s
    and not exists (
      select from billed_charge b join document d on d.unit_id = b.unit_id and d.id = b.document_id
      where b.account_id = a.id and b.month = m::date and d.status <> 'unposted')
  group by a.contract_id"""
OPERATIONS_SQL: Final = """
  select o.id, o.code, o.title, o.date, o.content,
         (select array_agg(a.id order by a.code) from service_account a where a.id = any(o.accounts)),
         (select coalesce(array_agg(b.account_id), '{}') from billed_charge b
          join document d on d.unit_id = b.unit_id and d.id = b.document_id
          where b.operation_id = o.id and d.status <> 'unposted')
  from service_operation o where o.unit_id = %s and o.date between %s and %s
    and exists (select from service_account a where a.id = any(o.accounts) and a.price_list = %s)
  order by o.date, o.code"""
ISSUES_SQL: Final = """
  select a.contract_id, max(d.date) filter (where d.date <= %(day)s), min(d.date) filter (where d.date > %(day)s)
  from billed_charge b join service_account a on a.id = b.account_id
  join document d on d.unit_id = b.unit_id and d.id = b.document_id
  where b.unit_id = %(unit)s and b.operation_id is not null and d.status <> 'unposted' and a.price_list = %(list)s
    and d.key <> all(%(own)s)
  group by a.contract_id"""
ADVANCES_SQL: Final = """
  select k.contract_id, -sum(l.residual)
  from fold_key k join lot l on l.unit_id = k.unit_id and l.key_id = k.id and l.residual < 0
  where k.unit_id = %s and k.contour = 'reg' and k.contract_id = any(%s) group by k.contract_id"""
ASKED_SQL: Final = """
  select b.operation_id, b.account_id, sum(b.estimate)::int8
  from billed_prepayment b join document d on d.unit_id = b.unit_id and d.id = b.document_id and d.status <> 'unposted'
  where b.unit_id = %s
    and not exists (select from plan p where p.unit_id = d.unit_id and p.document_id = d.id and p.is_newest and p.status = 'annulled')
  group by 1, 2"""
UNPAID_SQL: Final = """
  with invoice as (
    select distinct a.contract_id, b.unit_id, b.document_id
    from billed_charge b join service_account a on a.id = b.account_id where b.unit_id = %(unit)s and a.price_list = %(list)s)
  select i.contract_id, c.code, c.number, p.code, p.name, p.is_resident, d.key, d.number, d.date, sum(l.residual)::int8, c.currency
  from invoice i
  join document d on d.unit_id = i.unit_id and d.id = i.document_id and d.status = 'posted'
  join fact f on f.unit_id = d.unit_id and f.version_id = d.posted_version_id and f.change > 0
  join lot l on l.unit_id = f.unit_id and l.key_id = f.reg_key_id and l.document_id = d.id and l.line = f.line and l.residual > 0
  join contract c on c.id = i.contract_id
  join counterparty p on p.id = c.counterparty_id
  group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 11 order by d.date, d.number"""
RUNS_SQL: Final = """
  select r.id, u.code as unit, r.kind, r.price_list, r.first_day, r.last_day, r.issued_on, r.author, r.recorded_at, r.undone_by,
         r.undone_at,
         (select count(distinct b.document_id) from billed_charge b where b.run_id = r.id)
           + (select count(distinct b.document_id) from billed_prepayment b where b.run_id = r.id) as invoices,
         (select coalesce(sum(b.amount), 0)::int8 from billed_charge b where b.run_id = r.id)
           + (select coalesce(sum(b.amount), 0)::int8 from billed_prepayment b where b.run_id = r.id) as amount,
         (select v.currency from price_list v where v.code = r.price_list order by v.valid_from desc limit 1) as currency
  from billing_run r join unit u on u.id = r.unit_id where r.unit_id = any(%s) and (%s = 0 or r.id = %s) order by r.id desc limit %s"""


class Unpaid(NamedTuple):
    """An invoice that is not paid in full. `suspended_from`: since when services may be suspended (D10)."""

    contract_id: int
    contract: str
    contract_number: str
    counterparty: str
    name: str
    is_resident: bool
    document: str
    number: str
    issued_on: date
    amount: int
    currency: str
    suspended_from: date


class Run(msgspec.Struct, frozen=True):
    """A billing run. `amount` in minor units of `currency`; `undone_by` empty: it stands."""

    id: int
    unit: str
    kind: str
    price_list: str
    first_day: date
    last_day: date
    issued_on: date
    author: str
    recorded_at: Any
    undone_by: str
    undone_at: Any
    invoices: int
    amount: int
    currency: str


def versions_of(conn: Connection[Any], code: str) -> list[Version]:
    """Every version of a price list, oldest first. Errors: unknown_reference."""
    found = []
    for id_, list_code, organization, name, currency, valid_from, terms in conn.execute(VERSIONS_SQL, [code]).fetchall():
        said = {"code": list_code, "organization": organization, "name": name, "currency": currency, "valid_from": valid_from.isoformat()}
        found.append(Version(id_, msgspec.convert({"type": "price_list", **said, **terms}, PriceList)))
    if not found:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="price_list", value=code, field="price_list")
    return found


def accounts_of(conn: Connection[Any], unit_id: int, price_list: str) -> list[Account]:
    """By code."""
    return [
        Account(id_, code, name, Payer(*payer), opened, closed, quantity, tuple(tariffs))
        for id_, code, name, opened, closed, quantity, tariffs, *payer in conn.execute(ACCOUNTS_SQL, [unit_id, price_list]).fetchall()
    ]


def charged_in(conn: Connection[Any], unit_id: int, month: date) -> frozenset[tuple[int, str]]:
    return frozenset(conn.execute(CHARGED_SQL, [unit_id, month]).fetchall())


def months_never_billed(conn: Connection[Any], unit_id: int, price_list: str, month: date) -> dict[int, int]:
    """Months of accounts before this one without a charge, by contract."""
    return dict(conn.execute(MONTHS_SQL, {"unit": unit_id, "list": price_list, "month": month}).fetchall())


def operations_in(conn: Connection[Any], unit_id: int, price_list: str, days: tuple[date, date], book_currency: str) -> list[Operation]:
    """Operations of these days, by day and code, with those of their accounts that were not charged yet."""
    found = []
    for id_, code, name, day, content, accounts, billed in conn.execute(OPERATIONS_SQL, [unit_id, *days, price_list]).fetchall():
        unbilled = frozenset(accounts) - frozenset(billed)
        if not unbilled:
            continue
        record = {"type": "service_operation", "code": code, "unit": "", "date": day.isoformat(), **content}
        said = msgspec.convert(record, ServiceOperation)
        costs = tuple(Cost(cost.counterparty, cost.contract, cost.name, parse_amount(cost.amount, book_currency)) for cost in said.costs)
        estimate = parse_amount(said.estimate, book_currency) if said.estimate else 0
        found.append(
            Operation(
                id_, code, name, day, tuple(accounts), unbilled, said.tariff, said.quantity, said.urgent, estimate, said.prepaid, costs
            )
        )
    return found


def issues_around(
    conn: Connection[Any], unit_id: int, price_list: str, day: date, own: Iterable[str] = ()
) -> tuple[dict[int, date], dict[int, date]]:
    """The last invoice for operations up to a day and the first one after it, by contract; but not those of the keys `own`."""
    rows = conn.execute(ISSUES_SQL, {"unit": unit_id, "list": price_list, "day": day, "own": list(own)}).fetchall()
    return {row[0]: row[1] for row in rows if row[1]}, {row[0]: row[2] for row in rows if row[2]}


def advances_of(conn: Connection[Any], unit_id: int, contracts: Sequence[int]) -> dict[int, int]:
    """Advances open now, by contract, in minor units of its currency."""
    return {contract: int(amount) for contract, amount in conn.execute(ADVANCES_SQL, [unit_id, list(contracts)]).fetchall()}


def prepayments_asked(conn: Connection[Any], unit_id: int) -> dict[tuple[int, int], int]:
    """What bills that stand asked for already, by ids of operation and account."""
    return {(operation, account): amount for operation, account, amount in conn.execute(ASKED_SQL, [unit_id]).fetchall()}


def unpaid_invoices(conn: Connection[Any], unit_id: int, price_list: str) -> list[Unpaid]:
    """Invoices of billing that are open now, oldest first. The days until suspension are those of the version at their date."""
    versions = versions_of(conn, price_list)
    found = []
    for row in conn.execute(UNPAID_SQL, {"unit": unit_id, "list": price_list}).fetchall():
        issued = row[8]
        terms = next((v.terms for v in reversed(versions) if v.terms.valid_from <= issued.isoformat()), versions[0].terms)
        days = terms.suspend_after if row[5] else terms.non_resident_suspend_after
        found.append(Unpaid._make((*row, suspended_from(issued, days))))
    return found


def suspensions(found: Iterable[Unpaid]) -> Mapping[int, date]:
    """Since when services of a contract may be suspended: the earliest of its unpaid invoices."""
    earliest: dict[int, date] = {}
    for invoice in found:
        earliest[invoice.contract_id] = min(invoice.suspended_from, earliest.get(invoice.contract_id, invoice.suspended_from))
    return earliest


def runs(conn: Connection[Any], units: Sequence[int], *, run_id: int = 0, limit: int = 100) -> list[Run]:
    """Newest first."""
    with conn.cursor(row_factory=class_row(Run)) as cursor:
        return cursor.execute(RUNS_SQL, [list(units), run_id, run_id, limit]).fetchall()
