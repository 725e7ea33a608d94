"""What the generator of the demo group does not draw, for pages of these kinds: orders with bills, loans, tax invoices, notices between
units, billed accounts, rows that an import refused, a reserve for doubtful debts, VAT on advances once it is kept.

Chosen by place, drawn by nobody: the same books get the same. Said again, nothing is added.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from setoff import cli
from setoff.access.queries import rights_of_owner
from setoff.billing.services import bill_each, start_run, wanted_of
from setoff.books.audit import Actor
from setoff.demo.group import HOUSES
from setoff.notices import services as notices
from setoff.notices.filling import Filled, notice_from
from setoff.notices.templates import ours
from setoff.parties.records import Contract, Loan, LoanRate, PriceList, ServiceAccount, Tariff
from setoff.parties.services import save_masters
from setoff.settlements.bulk import import_documents
from setoff.settlements.doubtful import accrue_reserve
from setoff.settlements.invoices.services import Period, invoice_on, issue_invoices
from setoff.settlements.loans.accrual import accrue
from setoff.settlements.services import post_document
from setoff.trade.documents import AnyDocument, CustomerBill, CustomerOrder, Line, Payment
from setoff.trade.order_documents import OrderStage
from setoff.trade.queries import decode_document

ACTOR: Final = Actor("bench", "bench")
OTHER: Final = Actor("other", "bench")
"""Who confirms what the first one sent."""
UNIT: Final = "MSK"
LAST_DAY: Final = date(2025, 12, 31)
ORDERS, OPEN_EVERY, BILLED_EVERY, LOANS, ACCOUNTS, INVOICES, NOTICES, REFUSED = 2_000, 4, 8, 40, 300, 600, 150, 2_000
STAGES: Final = [OrderStage(variant="advance", percent="40"), OrderStage(variant="credit", percent="60", days=30)]
BUYERS_SQL: Final = """
  select counterparty.code, contract.code from contract join counterparty on counterparty.id = contract.counterparty_id
  join organization on organization.id = contract.organization_id
  where organization.code = %s and contract.currency = organization.book_currency and contract.relation = 'buyer'
    and contract.detail = 'contract' and contract.status = 'active' order by contract.id limit %s"""
BOUGHT_SQL: Final = """
  select version.content, document.date from document join version on version.id = document.posted_version_id
  join unit on unit.id = document.unit_id
  where unit.code = %s and document.kind = 'purchase' and document.status = 'posted' order by document.moment desc limit %s"""


def add_kinds(conn: Any, folder: Path) -> None:
    if conn.execute("select exists (select from document where key = 'order 0')").fetchone() == (True,):
        return
    add_orders(conn)
    add_loans(conn)
    add_invoices(conn)
    add_notices(conn)
    add_billing(conn)
    add_refused(folder)
    accrue_reserve(conn, UNIT, date(2025, 11, 30), ACTOR, item="reserve", department="sales")


def buyers(conn: Any, count: int) -> list[tuple[str, str]]:
    """Parties with their contracts in book currency, over and over."""
    found = conn.execute(BUYERS_SQL, [HOUSES[0].organization.code, count]).fetchall()
    return [found[number % len(found)] for number in range(count)]


def add_orders(conn: Any) -> None:
    documents: list[AnyDocument] = []
    for number, (party, contract) in enumerate(buyers(conn, ORDERS)):
        day = LAST_DAY - timedelta(days=number % 60)
        common: dict[str, Any] = {"unit": UNIT, "date": day.isoformat(), "counterparty": party, "contract": contract}
        lines = [Line(amount=f"{1000 + number}.00", vat_rate="20")]
        desired = (LAST_DAY + timedelta(days=number % 45)).isoformat()
        status = ("approval", "processing", "shipment")[number % 3] if number % OPEN_EVERY == 0 else "closed"
        documents.append(CustomerOrder(key=f"order {number}", lines=lines, stages=STAGES, desired=desired, status=status, **common))
        if number % BILLED_EVERY == 0 and status != "closed":
            bill = [Line(amount=f"{400 + number // 3}.00", vat_rate="20")]
            documents.append(CustomerBill(key=f"bill {number}", lines=bill, order=f"order {number}", due=desired, **common))
    outcome = import_documents(conn, lambda: list(enumerate(documents, 1)), ACTOR)
    assert not outcome.refused, outcome.refused[0]


def add_loans(conn: Any) -> None:
    """Half of them received, half granted, for a year, repaid in equal parts; interest is accrued to the last month but one."""
    begun, organization = date(2025, 7, 15), HOUSES[0].organization
    for number, (party, _contract) in enumerate(buyers(conn, LOANS)):
        code, relation = f"LOAN-{number}", "loan_granted" if number % 2 else "loan_received"
        contract = Contract(
            code=code, organization=organization.code, counterparty=party, number=code, currency=organization.book_currency,
            relation=relation, date=begun.isoformat(), valid_from=begun.isoformat(),
        )  # fmt: skip
        terms = Loan(code=code, item="interest", maturity="2026-07-15", rates=[LoanRate(percent="16")], repayment="equal")
        save_masters(conn, [contract, terms], ACTOR)
        lent = Payment(kind=relation, unit=UNIT, date=begun.isoformat(), counterparty=party, contract=code, amount=f"{number + 1}000000")
        post_document(conn, lent, ACTOR)
    accrue(conn, UNIT, date(2025, 11, 30), ACTOR)


def add_invoices(conn: Any) -> None:
    for _issued in issue_invoices(conn, Period(UNIT, date(2025, 12, 20), LAST_DAY, at_most=INVOICES), ACTOR, every=True):
        pass
    for content, day in conn.execute(BOUGHT_SQL, [UNIT, INVOICES // 2]).fetchall():
        post_document(conn, invoice_on(conn, decode_document(content), "received_invoice", day), ACTOR)


def add_notices(conn: Any) -> None:
    """Two of three are confirmed, one waits."""
    rights, template = rights_of_owner(conn, "bench"), ours(HOUSES[0].organization.chart)["costs"]
    head, branch = HOUSES[0].units[0].code, HOUSES[0].units[1].code
    for number in range(NOTICES):
        day = LAST_DAY - timedelta(days=number % 90)
        filled = Filled(day.isoformat(), dict.fromkeys(template.amounts(), f"{1000 + number}.00"), head, branch, number=f"B{number}")
        kept = notices.save_notice(conn, notice_from(conn, template, filled), ACTOR, rights)
        notices.send_notice(conn, kept.code, ACTOR, rights)
        if number % 3:
            notices.confirm_notice(conn, kept.code, OTHER, rights)


def add_billing(conn: Any) -> None:
    organization = HOUSES[0].organization.code
    tariff = Tariff(code="month", name="month", per="month", price="700", vat_rate="20")
    prices = PriceList(
        code="bench", organization=organization, name="bench", currency="RUB", valid_from="2025-01-01", tariffs=[tariff]
    )  # fmt: skip
    accounts = [
        ServiceAccount(code=f"A{number}", unit=UNIT, contract=contract, price_list="bench", opened="2025-01-01")
        for number, (_party, contract) in enumerate(buyers(conn, ACCOUNTS))
    ]
    save_masters(conn, [prices, *accounts], ACTOR)
    rights = rights_of_owner(conn, ACTOR.author)
    run = start_run(conn, wanted_of(UNIT, "bench", "month", (date(2025, 12, 1), date(2025, 12, 1)), LAST_DAY), ACTOR, rights)
    list(bill_each(conn, run, ACTOR, rights)[1])


def add_refused(folder: Path) -> None:
    """Sales of parties that nobody knows."""
    file = folder / "refused.jsonl"
    line = '{{"type":"sale","unit":"MSK","date":"2025-12-30","key":"refused {0}","counterparty":"NOBODY{0}","lines":[{{"amount":"1"}}]}}\n'
    file.write_text("".join(line.format(number) for number in range(REFUSED)), encoding="utf-8")
    cli.run(["import", str(file), "--good-rows"])
    file.unlink()
