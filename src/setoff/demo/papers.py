"""What stands around the trade of the demo group: orders and bills that are planned, tax invoices, revaluations, services by price lists.

They belong to the end of the two years, so that every page has something of today: orders in each status with a bill that is partly paid,
months that are revalued, invoices issued but for those of the last week, a month billed by each price list and an operation that waits to
be; another waits for money that a bill asks for. Chosen by code, drawn by nobody: the same group has the same papers.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import msgspec
import psycopg

from setoff.access.queries import rights_of_owner
from setoff.access.rights import Rights
from setoff.billing.samples import sample
from setoff.billing.services import Wanted, bill_each, start_run, wanted_of
from setoff.books.audit import Actor
from setoff.demo.group import HOUSES, House
from setoff.demo.names import GOODS
from setoff.parties.records import ServiceAccount, ServiceOperation
from setoff.parties.services import save_masters
from setoff.settlements.bulk import import_documents
from setoff.settlements.invoices.services import Period, invoice_on, issue_invoices
from setoff.settlements.revaluation.services import revaluation_on
from setoff.settlements.services import post_document
from setoff.trade.documents import AnyDocument, CustomerBill, CustomerOrder, Line, Payment, SupplierBill, SupplierOrder
from setoff.trade.order_documents import OrderStage, OrderStatus
from setoff.trade.queries import decode_document

MONTHS: Final = 3
"""So many month ends are revalued."""
INVOICE_DAYS: Final = 45
BOUGHT_DAYS: Final = 180
WEEK: Final = timedelta(days=7)
CONTRACTS_SQL: Final = """
  select contract.code, counterparty.code, contract.detail
  from contract join counterparty on counterparty.id = contract.counterparty_id
  join organization on organization.id = contract.organization_id
  where organization.code = %s and contract.relation = %s and contract.currency = organization.book_currency and contract.status = 'active'
    and contract.allocation = 'automatic' and contract.detail in ('contract', 'order') and contract.valid_from <= %s
  order by contract.detail, contract.code limit %s"""
BOUGHT_SQL: Final = """
  select version.content, document.date from document
  join version on version.unit_id = document.unit_id and version.id = document.posted_version_id
  join unit on unit.id = document.unit_id
  where unit.code = %s and document.kind = 'purchase' and document.date between %s and %s order by document.moment limit 8"""
STAGES: Final = (
    [OrderStage(variant="advance", percent="30"), OrderStage(variant="credit", percent="70", days=14)],
    [OrderStage(variant="prepayment", percent="50", days=3, working_days=True), OrderStage(variant="credit", percent="50", days=10)],
)
ESTIMATE: Final = "48000.00"
"""Direct costs of an operation above the threshold of the price list: a bill asks for them, and the operation waits."""
STATUSES: Final[tuple[OrderStatus, ...]] = ("processing", "shipment", "approval")


class Partner(NamedTuple):
    """A contract and its party."""

    contract: str
    counterparty: str
    detail: str


def add_papers(conn: psycopg.Connection[Any], last_day: date, actor: Actor) -> None:
    """The papers are in the books, beside the documents of the group."""
    documents = [*(paper for house in HOUSES for paper in _plans(conn, house, last_day)), *_revaluations(conn, last_day)]
    import_documents(conn, lambda: list(enumerate(documents, 1)), actor)
    unit = HOUSES[0].units[0].code
    first, last = last_day - timedelta(days=INVOICE_DAYS), last_day - WEEK
    for _issued in issue_invoices(conn, Period(unit, first, last), actor, every=True):
        pass
    for content, day in conn.execute(BOUGHT_SQL, [unit, last_day - timedelta(days=BOUGHT_DAYS), last]).fetchall():
        post_document(conn, invoice_on(conn, decode_document(content), "received_invoice", day), actor)
    _serve(conn, last_day, actor)


def _partners(conn: psycopg.Connection[Any], house: House, relation: str, day: date, count: int) -> list[Partner]:
    return [Partner(*row) for row in conn.execute(CONTRACTS_SQL, [house.organization.code, relation, day, count])]


def _plans(conn: psycopg.Connection[Any], house: House, last_day: date) -> Iterator[AnyDocument]:
    """Orders of buyers in every status, two with bills of which one is partly paid; orders to suppliers, one with a bill."""
    unit, pool = house.units[0].code, GOODS[house.organization.language]
    for number, partner in enumerate(_partners(conn, house, "buyer", last_day, 6)):
        day = last_day - timedelta(days=number + 2)
        party: dict[str, Any] = {"unit": unit, "date": day.isoformat(), "counterparty": partner.counterparty, "contract": partner.contract}
        order = CustomerOrder(
            **party, key=f"{partner.contract}/plan", lines=[_line(house, pool[number], number, day)], stages=STAGES[number % 2],
            desired=(last_day + timedelta(days=4 + 3 * number)).isoformat(), probability=("", "80", "60")[number % 3],
            status="approval" if partner.detail == "order" else STATUSES[number % 3],
        )  # fmt: skip
        yield order
        if number < 2:
            line = _line(house, pool[number], number, day)
            share = msgspec.structs.replace(line, quantity="3") if number == 0 else msgspec.structs.replace(line, quantity="5")
            bill = CustomerBill(**party, key=f"{order.key}/bill", lines=[share], order=order.key, due=(last_day + WEEK).isoformat())
            yield bill
            if number == 0:
                yield Payment(**party, kind="payment_from_customer", bill=bill.key, order=order.key, amount=share.price)
    for number, partner in enumerate(_partners(conn, house, "supplier", last_day, 3)):
        day = last_day - timedelta(days=number + 3)
        party = {"unit": unit, "date": day.isoformat(), "counterparty": partner.counterparty, "contract": partner.contract}
        order_key, line = f"{partner.contract}/plan", _line(house, pool[-number - 1], number, day)
        desired = (last_day + timedelta(days=5 + number)).isoformat()
        status: OrderStatus = "approval" if partner.detail == "order" else STATUSES[number % 3]
        yield SupplierOrder(**party, key=order_key, lines=[line], stages=STAGES[number % 2], desired=desired, status=status)
        if number == 0:
            share = msgspec.structs.replace(line, quantity="3")
            yield SupplierBill(**party, key=f"{order_key}/bill", lines=[share], order=order_key, incoming_number="214", due=desired)


def _line(house: House, name: str, number: int, day: date) -> Line:
    return Line(name=name, quantity="10", price=f"{(number + 1) * 125 * house.scale}.00", vat_rate=house.vat_rate_on(day.isoformat()))


def _revaluations(conn: psycopg.Connection[Any], last_day: date) -> Iterator[AnyDocument]:
    """Of the last month ends, in every unit that owes or is owed something in foreign currency."""
    units = conn.execute("select code, id from unit order by code").fetchall()
    ends = []
    day = last_day.replace(day=1)
    for _ in range(MONTHS):
        day -= timedelta(days=1)
        ends.append(day)
        day = day.replace(day=1)
    for code, unit_id in units:
        for end in reversed(ends):
            made = revaluation_on(conn, code, unit_id, end, {})
            if made is not None:
                yield made


def _serve(conn: psycopg.Connection[Any], last_day: date, actor: Actor) -> None:
    """Storage under an order of a depository, and a subscription: accounts, a month billed, an operation that waits to be."""
    opened = (last_day - timedelta(days=100)).isoformat()
    month = last_day.replace(day=1)
    for house, name, tariff, first in (
        (HOUSES[0], "depository", "transfer", (month - timedelta(days=1)).replace(day=1)),
        (HOUSES[2], "saas", "", month),
    ):
        code, currency = house.organization.code, house.organization.book_currency
        terms = sample(name, code, language=house.organization.language, valid_from=opened, currency=currency)
        unit = house.units[0].code
        partners = _partners(conn, house, "buyer", date.fromisoformat(opened), 5)
        accounts = [
            ServiceAccount(
                code=f"{name.upper()}-{number}", unit=unit, contract=partner.contract, price_list=terms.code, opened=opened,
                quantity=str(number) if name == "saas" else "1",
            )
            for number, partner in enumerate(partners, 1)
        ]  # fmt: skip
        save_masters(conn, [terms, *accounts], actor)
        if tariff and accounts:
            served = [account.code for account in accounts[:2]]
            done = ServiceOperation(code=f"{name}/1", unit=unit, date=last_day.isoformat(), accounts=served, tariff=tariff, urgent=True)
            costly = ServiceOperation(
                code=f"{name}/2", unit=unit, date=last_day.isoformat(), accounts=[accounts[-1].code], tariff="pledge", estimate=ESTIMATE,
                title="Залог акций, расходы регистратора",
            )  # fmt: skip
            save_masters(conn, [done, costly], actor)
        rights = rights_of_owner(conn, actor.author)
        _run(conn, wanted_of(unit, terms.code, "month", (first, first), last_day), actor, rights)
        if tariff:
            _run(conn, wanted_of(unit, terms.code, "prepayment", (last_day, last_day), last_day), actor, rights)


def _run(conn: psycopg.Connection[Any], wanted: Wanted, actor: Actor, rights: Rights) -> None:
    for _billed in bill_each(conn, start_run(conn, wanted, actor, rights), actor, rights)[1]:
        pass
