"""Orders with their planned, actual and overdue debt, what was shipped and paid; bills with what is left of them (spec 2.1, 4: 9.1)."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.core.moment import end_of
from setoff.reports.report import Column, DocumentName, Question, Report, Section, Total
from setoff.settlements.orders.standing import NEWEST, POSTED, Standing, rests, standings

ORDER_COLUMNS: Final = (
    Column("document", "document"),
    Column("counterparty", named_by="counterparty"),
    Column("contract", optional=True, named_by="contract"),
    Column("status", "term", vocabulary="status"),
    Column("total", "money", heading="order-sum"),
    Column("shipped", "money"),
    Column("paid", "money"),
    Column("planned", "money", heading="planned-debt"),
    Column("debt", "money", heading="actual-debt"),
    Column("overdue", "money", heading="overdue-debt"),
    Column("currency"),
)
BILL_COLUMNS: Final = (
    Column("document", "document"),
    Column("counterparty", named_by="counterparty"),
    Column("contract", optional=True, named_by="contract"),
    Column("order", optional=True),
    Column("due", "date"),
    Column("status", "term", vocabulary="status"),
    Column("total", "money", heading="order-sum"),
    Column("paid", "money"),
    Column("left", "money", heading="unpaid"),
    Column("currency"),
)
NAMES_SQL: Final = """
  select d.id, d.key, d.kind, d.number, d.date, cp.name, coalesce(ct.number, ''), unit.code,
         coalesce((select o.number from document o where o.key = nullif(p.order_key, '') and o.id <> d.id), ''),
         (select max(s.day) from plan_stage s where s.unit_id = p.unit_id and s.version_id = p.version_id)
  from plan p join document d on d.unit_id = p.unit_id and d.id = p.document_id
  join counterparty cp on cp.id = p.counterparty_id left join contract ct on ct.id = p.contract_id join unit on unit.id = p.unit_id
  where p.version_id = any(%s)"""
SCOPE_SQL: Final = """
  and p.unit_id = any(%(units)s) and (%(parties)s::bigint[] = '{}' or p.counterparty_id = any(%(parties)s))
  and (%(contracts)s::bigint[] = '{}' or p.contract_id = any(%(contracts)s))
  and (%(currencies)s::text[] = '{}' or p.currency = any(%(currencies)s)) and p.moment < %(until)s"""


class OrderLine(NamedTuple):
    document: DocumentName
    counterparty: str
    contract: str
    status: str
    total: int
    shipped: int
    paid: int
    planned: int
    debt: int
    overdue: int
    currency: str


class BillLine(NamedTuple):
    document: DocumentName
    counterparty: str
    contract: str
    order: str
    due: datetime.date
    status: str
    total: int
    paid: int
    left: int
    currency: str


class Sums(NamedTuple):
    """A total of money columns in one currency."""

    total: int
    shipped: int
    paid: int
    planned: int
    debt: int
    overdue: int
    left: int
    currency: str


def orders(conn: Connection[Any], question: Question) -> Report:
    """Orders that were posted by the report's date; closed ones where they are asked for."""
    found = [item for item in asked_plans(conn, question) if item.is_order]
    left = rests(conn, found)
    names = _names(conn, found)
    lines = []
    for item in found:
        document, party, contract, _order, _due = names[item.document_id]
        lines.append(
            OrderLine(
                document, party, contract, item.status, item.total, item.shipped, item.paid, left[item.version_id], item.debt,
                item.overdue, item.currency,
            )
        )  # fmt: skip
    return Report("orders", question, ORDER_COLUMNS, _sections(lines), of_contour=False)


def bills(conn: Connection[Any], question: Question) -> Report:
    """Bills that were posted by the report's date and are not paid; paid and annulled ones where they are asked for."""
    found = [item for item in asked_plans(conn, question) if not item.is_order]
    names = _names(conn, found)
    lines = []
    for item in found:
        document, party, contract, order, due = names[item.document_id]
        if question.everything or item.state not in ("paid", "annulled"):
            unpaid = 0 if item.state == "annulled" else max(item.total - item.paid, 0)
            lines.append(BillLine(document, party, contract, order, due, item.state, item.total, item.paid, unpaid, item.currency))
    return Report("bills", question, BILL_COLUMNS, _sections(lines), of_contour=False)


def asked_plans(conn: Connection[Any], question: Question) -> list[Standing]:
    """Orders and bills of the scope; closed ones only where everything is asked for."""
    scope = question.scope
    condition = SCOPE_SQL if question.everything else SCOPE_SQL + " and p.status not in ('closed', 'annulled')"
    return standings(
        conn, condition, NEWEST if question.known_at is None else POSTED, units=list(scope.units), parties=list(scope.counterparties),
        contracts=list(scope.contracts), currencies=list(scope.currencies), until=end_of(question.as_of), today=question.as_of,
    )  # fmt: skip


def _names(conn: Connection[Any], found: Iterable[Standing]) -> dict[int, tuple[DocumentName, str, str, str, datetime.date]]:
    rows = conn.execute(NAMES_SQL, [[item.version_id for item in found]])
    return {
        row[0]: (DocumentName(row[1], row[2], row[3], row[4]), row[5], row[6], row[8], row[9])
        for row in rows
    }  # fmt: skip


def _sections(lines: Sequence[OrderLine | BillLine]) -> list[Section]:
    """One section for each currency, with its total."""
    by_currency: dict[str, list[OrderLine | BillLine]] = defaultdict(list)
    for line in lines:
        by_currency[line.currency].append(line)
    fields = ("total", "shipped", "paid", "planned", "debt", "overdue", "left")
    sections = []
    for currency, rows in sorted(by_currency.items()):
        sums = Sums(**{name: sum(getattr(row, name, 0) for row in rows) for name in fields}, currency=currency)
        sections.append(Section(rows, [Total("total-in", sums, {"currency": currency})]))
    return sections

