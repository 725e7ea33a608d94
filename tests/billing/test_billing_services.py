"""Runs of billing on the books: a depository with two payers, an order for both, a registrar's costs."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import psycopg
import pytest

from setoff.access.order_status import set_status
from setoff.access.queries import rights_of_owner
from setoff.access.rights import Rights
from setoff.billing.paying import quote, tariff_changes
from setoff.billing.queries import unpaid_invoices
from setoff.billing.samples import sample
from setoff.billing.services import Result, Wanted, bill_each, preview, run_of, start_run, undo_run, wanted_of
from setoff.books.audit import Actor
from setoff.books.services import close_period
from setoff.core.errors import DomainError, ErrorCode
from setoff.parties.queries import EVERYTHING, every_master
from setoff.parties.records import (
    Contract,
    Counterparty,
    DirectCost,
    PriceList,
    Rate,
    ServiceAccount,
    ServiceOperation,
)
from setoff.parties.services import save_masters
from setoff.reports.ask import ask
from setoff.reports.files import render_json
from setoff.settlements.checks import run_checks
from setoff.settlements.orders.basis import with_basis
from setoff.settlements.services import post_document, unpost_document
from setoff.trade.documents import Line, Payment, Sale

Company = psycopg.Connection[Any]
MONTH = wanted_of("MSK", "depository", "month", (date(2012, 9, 1), date(2012, 9, 1)), date(2012, 10, 3))
WEEK = Wanted("MSK", "depository", "operations", date(2012, 9, 1), date(2012, 9, 30), date(2012, 10, 3))
TRANSFER = ServiceOperation(
    code="OP-1", unit="MSK", date="2012-09-20", accounts=["D-1", "D-2"], tariff="transfer",
    costs=[DirectCost(counterparty="METALL", amount="5000.01", name="Registrar")],
)  # fmt: skip


POSTINGS_SQL = """
  select da.code, ca.code, sum(p.amount)::int8 from posting p join document d on d.unit_id = p.unit_id and d.id = p.document_id
  join account da on da.id = p.debit_account_id join account ca on ca.id = p.credit_account_id"""


def contract(code: str, counterparty: str, **terms: Any) -> Contract:
    return Contract(code=code, organization="ROMASHKA", counterparty=counterparty, number=code, currency="RUB", date="2012-01-10", **terms)


@pytest.fixture
def depository(company: Company, actor: Actor) -> Company:
    records = [
        Rate(currency="EUR", quote="RUB", date="2012-01-10", rate="40.00"),
        Rate(currency="EUR", quote="RUB", date="2012-10-03", rate="40.15"),
        Rate(currency="EUR", quote="RUB", date="2012-10-10", rate="33.99"),
        Counterparty(code="ABROAD", name="Abroad Ltd", is_resident=False),
        contract("DEPO-1", "VEGA"), contract("DEPO-2", "ABROAD", valid_to="2012-08-31"),
        sample("depository", "ROMASHKA"),
        ServiceAccount(code="D-1", unit="MSK", contract="DEPO-1", price_list="depository", opened="2012-08-15"),
        ServiceAccount(code="D-2", unit="MSK", contract="DEPO-2", price_list="depository", opened="2012-09-30"),
        TRANSFER,
    ]  # fmt: skip
    save_masters(company, records, actor)
    return company


@pytest.fixture
def rights(depository: Company) -> Rights:
    return rights_of_owner(depository, "tester")


def billed(conn: Company, wanted: Wanted, rights: Rights) -> tuple[int, list[Result]]:
    actor = Actor("tester", "test")
    run = start_run(conn, wanted, actor, rights)
    _, results = bill_each(conn, run, actor, rights)
    return run, list(results)


def postings(conn: Company, number: str) -> list[tuple[str, str, int]]:
    return conn.execute(
        f"{POSTINGS_SQL} where d.number = %s and d.kind = 'sale' group by 1, 2 order by 1, 2", [number]
    ).fetchall()


def test_a_month_is_billed_once(depository: Company, rights: Rights) -> None:
    _, results = billed(depository, MONTH, rights)
    assert [(result.state, result.draft.gross) for result in results] == [("posted", 82600), ("posted", 82600)]
    assert [note.code for note in results[0].draft.notes] == ["earlier_months"]
    assert postings(depository, results[0].number) == [("62.01", "90.01", 82600), ("90.03", "68.02", 12600)]
    assert preview(depository, MONTH, rights) == []
    assert billed(depository, MONTH, rights)[1] == []


def test_an_account_that_came_later_has_an_invoice_of_its_own(depository: Company, actor: Actor, rights: Rights) -> None:
    billed(depository, MONTH, rights)
    late = ServiceAccount(code="D-3", unit="MSK", contract="DEPO-1", price_list="depository", opened="2012-09-03", quantity="2")
    save_masters(depository, [late], actor)
    (result,) = billed(depository, MONTH, rights)[1]
    assert (result.key, result.draft.gross) == ("billing/MSK/DEPO-1/2012-09/2", 165200)
    owed = depository.execute("select sum(total)::int8 from document where kind = 'sale' and status = 'posted'").fetchone()
    assert owed == (2 * 82600 + 165200,)


def test_an_order_of_two_payers_owes_the_registrar_what_it_cost(depository: Company, rights: Rights) -> None:
    _, (first, second) = billed(depository, WEEK, rights)
    # 450.00 in two: 225.00 and VAT 40.50; costs 2,500.01 and 2,500.00
    assert (first.draft.gross, second.draft.gross) == (26550 + 250001, 26550 + 250000)
    assert postings(depository, first.number) == [
        ("62.01", "76.05", 250001), ("62.01", "90.01", 26550), ("90.03", "68.02", 4050)
    ]  # fmt: skip
    owed = depository.execute(
        """select sum(lot.residual)::int8 from lot join fold_key k on k.unit_id = lot.unit_id and k.id = lot.key_id
           join counterparty p on p.id = k.counterparty_id where p.code = 'METALL' and k.contour = 'reg'"""
    ).fetchone()
    assert owed == (-500001,)
    # 90 banking days: 6 February 2013 by weekends alone; 5 November and six days from 1 to 8 January are days off too
    assert (first.draft.due, second.draft.due) == (date(2012, 10, 17), date(2013, 2, 15))
    with pytest.raises(DomainError) as refused:
        save_masters(depository, [msgspec.structs.replace(TRANSFER, quantity="2")], Actor("tester", "test"))
    assert refused.value.code is ErrorCode.RECORD_IN_USE


def test_operations_of_the_same_week_wait(depository: Company, actor: Actor, rights: Rights) -> None:
    billed(depository, WEEK, rights)
    fax = ServiceOperation(code="OP-2", unit="MSK", date="2012-10-04", accounts=["D-1"], tariff="fax", quantity="2")
    save_masters(depository, [fax], actor)
    early = Wanted("MSK", "depository", "operations", date(2012, 10, 1), date(2012, 10, 9), date(2012, 10, 9))
    (waits,) = billed(depository, early, rights)[1]
    assert waits.refusal is not None
    assert (waits.state, waits.refusal.code, waits.refusal.facts["earliest"]) == ("refused", ErrorCode.WEEKLY_LIMIT, date(2012, 10, 10))
    (done,) = billed(depository, early._replace(issued_on=date(2012, 10, 10)), rights)[1]
    assert (done.state, done.draft.gross) == ("posted", 18000 + 3240)


def test_a_run_is_undone_and_billed_again_under_its_number(depository: Company, actor: Actor, rights: Rights) -> None:
    run, (first, _) = billed(depository, MONTH, rights)
    assert undo_run(depository, run, actor, rights) == 2
    assert depository.execute("select count(*) from document where kind = 'sale' and status = 'posted'").fetchone() == (0,)
    with pytest.raises(DomainError) as refused:
        undo_run(depository, run, actor, rights)
    assert refused.value.code is ErrorCode.RUN_UNDONE
    again, (once_more, _) = billed(depository, MONTH, rights)
    assert (once_more.key, once_more.number) == (first.key, first.number)
    assert run_of(depository, again, rights).invoices == 2
    unpost_document(depository, first.key, actor)
    assert [draft.payer.contract for draft in preview(depository, MONTH, rights)] == ["DEPO-1"]


def test_what_is_closed_is_not_undone_even_in_part(depository: Company, actor: Actor, rights: Rights) -> None:
    run, results = billed(depository, MONTH, rights)
    assert len(results) == 2
    close_period(depository, "MSK", date(2012, 10, 31), actor)
    with pytest.raises(DomainError) as refused:
        undo_run(depository, run, actor, rights)
    assert refused.value.code is ErrorCode.PERIOD_CLOSED
    assert depository.execute("select count(*) from document where kind = 'sale' and status = 'posted'").fetchone() == (2,)
    assert run_of(depository, run, rights).undone_by == ""


def test_a_prepaid_operation_is_billed_when_the_money_is_there(depository: Company, actor: Actor, rights: Rights) -> None:
    costly = ServiceOperation(
        code="OP-3", unit="MSK", date="2012-09-21", accounts=["D-1"], tariff="pledge", estimate="20000.50", prepaid=True
    )
    save_masters(depository, [msgspec.structs.replace(TRANSFER, date="2012-08-01"), costly], actor)
    (waits,) = preview(depository, WEEK, rights)
    assert [found.error.code for found in waits.refused] == [ErrorCode.AWAITING_PREPAYMENT]
    paid = Payment(
        kind="payment_from_customer", unit="MSK", date="2012-09-25", counterparty="VEGA", contract="DEPO-1", amount="20000.50"
    )
    post_document(depository, paid, actor)
    (ready,) = preview(depository, WEEK, rights)
    assert (ready.refused, ready.gross) == ((), 141600)


def calendar(conn: Company) -> list[tuple[str, str, str]]:
    found = json.loads(render_json(ask(conn, "payment-calendar", as_of="2012-10-03", options={"contract": ["DEPO-1"]}), "en"))
    return [(row["day"], row["source"], row["incoming"]) for section in found["sections"] for row in section["rows"]]


def test_a_bill_asks_for_a_prepayment_and_is_undone_with_its_run(depository: Company, actor: Actor, rights: Rights) -> None:
    costly = ServiceOperation(
        code="OP-3", unit="MSK", date="2012-09-21", accounts=["D-1"], tariff="pledge", estimate="20000.50", prepaid=True
    )
    save_masters(depository, [msgspec.structs.replace(TRANSFER, date="2012-08-01"), costly], actor)
    asked = WEEK._replace(kind="prepayment")
    assert [draft.gross for draft in preview(depository, asked, rights)] == [2000050]
    run, (bill,) = billed(depository, asked, rights)
    assert (bill.state, bill.key) == ("posted", "billing/MSK/DEPO-1/prepayment/2012-10-03")
    assert (run_of(depository, run, rights).invoices, run_of(depository, run, rights).amount) == (1, 2000050)
    assert calendar(depository) == [("2012-10-17", "bill", "20000.50")]
    assert preview(depository, asked, rights) == []
    assert undo_run(depository, run, actor, rights) == 1
    assert calendar(depository) == []
    _, (again,) = billed(depository, asked, rights)
    assert (again.key, again.number) == (bill.key, bill.number)
    set_status(depository, again.key, "annulled", date(2012, 10, 3), actor, rights)
    _, (other,) = billed(depository, asked, rights)
    assert (other.state, other.key) == ("posted", f"{bill.key}/2")
    paid = Payment(kind="payment_from_customer", unit="MSK", date="2012-10-05", bill=other.key, amount="")
    post_document(depository, with_basis(depository, paid), actor)
    assert calendar(depository) == []
    (ready,) = preview(depository, WEEK, rights)
    assert (ready.refused, ready.gross) == ((), 141600)


def test_a_tax_invoice_goes_with_every_invoice_and_out_with_its_run(depository: Company, actor: Actor, rights: Rights) -> None:
    """700.00 of storage and 18 %; the paper of a run said again has its number again."""
    papers = "select number, status, gross, vat from invoice order by document_id"
    run, _ = billed(depository, MONTH, rights)
    stated = [("000001", "posted", 82600, 12600), ("000002", "posted", 82600, 12600)]
    assert depository.execute(papers).fetchall() == stated
    undo_run(depository, run, actor, rights)
    assert [status for _, status, _, _ in depository.execute(papers)] == ["annulled", "annulled"]
    billed(depository, MONTH, rights)
    assert depository.execute(papers).fetchall() == stated
    assert [found.rows for found in run_checks(depository, ["C-INV-1", "C-INV-2"])] == [[], []]


def test_a_bill_makes_an_operation_above_the_threshold_wait(depository: Company, actor: Actor, rights: Rights) -> None:
    costly = ServiceOperation(code="OP-3", unit="MSK", date="2012-09-21", accounts=["D-1"], tariff="pledge", estimate="20000.50")
    save_masters(depository, [msgspec.structs.replace(TRANSFER, date="2012-08-01"), costly], actor)
    (free,) = preview(depository, WEEK, rights)
    assert ([note.code for note in free.notes], free.refused) == (["prepayment_allowed"], ())
    run, (bill,) = billed(depository, WEEK._replace(kind="prepayment"), rights)
    (waits,) = preview(depository, WEEK, rights)
    assert (bill.state, [found.error.code for found in waits.refused]) == ("posted", ["awaiting_prepayment"])
    undo_run(depository, run, actor, rights)
    assert preview(depository, WEEK, rights)[0].gross == free.gross == 141600


def test_two_runs_at_once_ask_for_a_prepayment_once(depository: Company, actor: Actor, rights: Rights) -> None:
    costly = ServiceOperation(code="OP-3", unit="MSK", date="2012-09-21", accounts=["D-1"], tariff="pledge", estimate="1.00", prepaid=True)
    save_masters(depository, [costly], actor)
    asked = WEEK._replace(kind="prepayment")
    begun = [bill_each(depository, start_run(depository, asked, actor, rights), actor, rights)[1] for _ in range(2)]
    assert [result.state for results in begun for result in results] == ["posted", "nothing"]


def test_an_invoice_is_closed_by_its_euros_whatever_the_rate_of_the_day(depository: Company, actor: Actor, rights: Rights) -> None:
    line = Line(amount="35400.00", vat_rate="18", kind="services")
    invoice = Sale(unit="MSK", date="2012-10-03", key="S-35400", counterparty="VEGA", contract="DEPO-1", lines=[line])
    post_document(depository, invoice, actor)
    quoted = quote(depository, "S-35400", "EUR", date(2012, 10, 3), rights)
    assert (quoted.amount, quoted.rate) == (88169, Decimal("40.15"))
    post_document(depository, quoted.payment, actor)
    left = depository.execute("select coalesce(sum(abs(residual)), 0)::int8 from lot where residual <> 0").fetchone()
    assert left == (0,)
    difference = depository.execute(f"{POSTINGS_SQL} where '91.02' in (da.code, ca.code) group by 1, 2").fetchall()
    assert difference == [("91.02", "62.01", 15)]  # 881.69 * 40.15 = 35,399.85


def test_who_has_not_paid_may_be_suspended(depository: Company, rights: Rights) -> None:
    billed(depository, MONTH, rights)
    billed(depository, WEEK, rights)
    found = unpaid_invoices(depository, unit_id(depository), "depository")
    assert {(row.contract, row.suspended_from) for row in found} == {("DEPO-1", date(2012, 11, 3)), ("DEPO-2", date(2013, 1, 7))}
    assert sum(row.amount for row in found) == 2 * 82600 + 2 * 26550 + 500001
    november = Wanted("MSK", "depository", "month", date(2012, 10, 1), date(2012, 10, 31), date(2012, 11, 5))
    told = {draft.payer.contract: [note.code for note in draft.notes] for draft in preview(depository, november, rights)}
    assert told == {"DEPO-1": ["earlier_months", "suspended"], "DEPO-2": ["after_end"]}


def unit_id(conn: Company) -> int:
    row = conn.execute("select id from unit where code = 'MSK'").fetchone()
    assert row is not None
    return int(row[0])


def test_the_right_to_other_tariffs(depository: Company, rights: Rights) -> None:
    changes = tariff_changes(depository, "depository", "EUR", date(2012, 10, 10), rights)
    assert [(change.contract, change.at_once, change.earliest) for change in changes] == [
        ("DEPO-1", True, date(2012, 10, 10)), ("DEPO-2", True, date(2012, 10, 10))
    ]  # fmt: skip
    before = tariff_changes(depository, "depository", "EUR", date(2012, 10, 3), rights)
    assert [(change.at_once, change.earliest) for change in before] == [(False, date(2012, 11, 3))] * 2


def test_records_come_back_as_they_were_said(depository: Company) -> None:
    for kind, count in ((PriceList, 1), (ServiceAccount, 2), (ServiceOperation, 1)):
        with depository.transaction():
            found = list(every_master(depository, kind, EVERYTHING))
        assert len(found) == count
    assert found == [TRANSFER]


@pytest.mark.parametrize(
    ("record", "code", "field"),
    [
        (msgspec.structs.replace(TRANSFER, accounts=["D-1", "NOBODY"]), ErrorCode.UNKNOWN_REFERENCE, "accounts[1]"),
        (msgspec.structs.replace(TRANSFER, tariff="", costs=[]), ErrorCode.FIELD_MISSING, "tariff"),
        (msgspec.structs.replace(TRANSFER, quantity="0"), ErrorCode.INVALID_RATE, "quantity"),
        (ServiceAccount(code="X", unit="MSK", contract="SUPPLIER", price_list="depository", opened="2012-01-01"),
         ErrorCode.RELATION_MISMATCH, "contract"),
        (ServiceAccount(code="X", unit="MSK", contract="BUYER-EUR", price_list="depository", opened="2012-01-01"),
         ErrorCode.CURRENCY_DIFFERS_FROM_CONTRACT, "price_list"),
        (ServiceAccount(code="X", unit="MSK", contract="DEPO-1", price_list="depository", opened="2012-01-02", closed="2012-01-01"),
         ErrorCode.INVALID_VALUE, "closed"),
        (msgspec.structs.replace(sample("depository", "ROMASHKA"), tariffs=[]), ErrorCode.FIELD_MISSING, "tariffs"),
        (msgspec.structs.replace(sample("depository", "ROMASHKA"), issue_days=0), ErrorCode.INVALID_VALUE, "issue_days"),
        (msgspec.structs.replace(sample("depository", "ROMASHKA"), bank_holidays=["2012-13-01"]), ErrorCode.INVALID_DATE,
         "bank_holidays[0]"),
    ],
)  # fmt: skip
def test_records_that_are_not_sound_are_refused(depository: Company, actor: Actor, record: Any, code: ErrorCode, field: str) -> None:
    with pytest.raises(DomainError) as refused:
        save_masters(depository, [record], actor)
    assert (refused.value.code, refused.value.facts["field"]) == (code, field)
