"""The payment calendar: working days, debts and plans by day, what was expected and what came."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import msgspec
import psycopg
import pytest

from setoff.books.audit import Actor
from setoff.books.workdays import calendar_days, calendars, set_calendar_day, set_work_calendar
from setoff.core.errors import DomainError
from setoff.core.workdays import Rule, WorkCalendar, end_of_term, is_working, moved, shifted
from setoff.parties.policies import set_unit_policy
from setoff.parties.records import Stage
from setoff.parties.services import save_masters
from setoff.reports.ask import ask
from setoff.reports.files import render_json
from setoff.settlements.services import post_document
from setoff.trade.documents import CustomerBill, CustomerOrder, Line, Payment, Purchase, Sale
from setoff.trade.order_documents import OrderStage
from tests import cast

Db = psycopg.Connection[Any]
PARTY = {"unit": "MSK", "counterparty": "SIRIUS", "contract": "BUYER-ORDERS"}


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("country", "said", "works"),
    [
        ("RU", "2025-05-02", False),  # a day off moved from 4 January
        ("RU", "2025-11-01", True),  # a working Saturday
        ("CN", "2025-10-08", False),
        ("CN", "2025-10-11", True),  # a working Saturday
        ("DE", "2025-05-01", False),
        ("", "2025-05-01", True),
        ("", "2025-05-03", False),
    ],
)
def test_countries_have_their_days(country: str, said: str, works: bool) -> None:
    assert is_working(day(said), WorkCalendar(country)) is works


@pytest.mark.parametrize(
    ("rule", "due", "paid"),
    [
        ("next", "2025-05-31", "2025-06-02"),
        ("previous", "2025-05-31", "2025-05-30"),
        ("next_in_month", "2025-05-31", "2025-05-30"),
        ("next_in_month", "2025-05-24", "2025-05-26"),
        ("same", "2025-05-31", "2025-05-31"),
        ("next", "2025-05-30", "2025-05-30"),
    ],
)
def test_a_payment_day_moves_by_the_rule(rule: Rule, due: str, paid: str) -> None:
    assert moved(day(due), WorkCalendar("RU", rule)) == day(paid)


def test_working_days_pass_over_holidays_and_exceptions() -> None:
    """1 and 2 May 2025 are days off in Russia, 3 and 4 a weekend."""
    assert shifted(day("2025-04-30"), 2, WorkCalendar("RU")) == day("2025-05-06")
    assert shifted(day("2025-05-06"), -2, WorkCalendar("RU")) == day("2025-04-30")
    assert shifted(day("2025-04-30"), 2, WorkCalendar("RU", exceptions=frozenset({(day("2025-05-03"), True)}))) == day("2025-05-05")
    assert shifted(day("2025-05-03"), 0, WorkCalendar("RU")) == day("2025-05-03")


def told(conn: Db, report: str, as_of: str, fields: tuple[str, ...], **options: list[str]) -> list[tuple[Any, ...]]:
    asked = {name.replace("_", "-").replace("since", "from"): values for name, values in options.items()}
    found = json.loads(render_json(ask(conn, report, as_of=as_of, options=asked), "en"))
    return [tuple(row[field] for field in fields) for section in found["sections"] for row in section["rows"]]


@pytest.fixture
def planned(company: Db, actor: Actor) -> Db:
    """An order of 1000.00 with a bill for its advance; 300.00 of it paid, 450.00 shipped and due on a Sunday; a debt of ours overdue."""
    stages = [OrderStage(variant="advance", percent="40"), OrderStage(variant="credit", percent="60", days=11)]
    order = {"date": "2025-05-05", "lines": [Line(amount="1000")], "stages": stages, "desired": "2025-05-20", "probability": "80"}
    for document in (
        CustomerOrder(key="O1", **order, **PARTY),
        CustomerBill(key="B1", date="2025-05-06", lines=[Line(amount="400")], order="O1", due="2025-05-24", **PARTY),
        Payment(key="P1", date="2025-05-07", kind="payment_from_customer", amount="300", order="O1", bill="B1", **PARTY),
        Purchase(key="G1", unit="MSK", date="2025-05-08", counterparty="METALL", lines=[Line(amount="70")], due="2025-05-12"),
    ):
        post_document(company, document, actor)
    sale = Sale(key="S1", date="2025-05-12", lines=[Line(amount="450")], order="O1", due="2025-05-25", **PARTY)
    post_document(company, sale, actor, consent=True)
    return company


def test_no_amount_stands_twice_and_days_off_move(planned: Db) -> None:
    """Of 1000: 300 paid; 150 owed (due Sunday 25 May), 100 asked by the bill (due Saturday 24 May), 450 planned: 20 May
    and 11 days are Saturday 31 May, by law Monday 2 June."""
    fields = ("day", "due", "source", "incoming", "outgoing", "probability")
    assert told(planned, "payment-calendar", "2025-05-15", fields, currency=["RUB"]) == [
        ("2025-05-15", "2025-05-12", "debt", "0.00", "70.00", 100),
        ("2025-05-26", "2025-05-24", "bill", "100.00", "0.00", 100),
        ("2025-05-26", "2025-05-25", "debt", "150.00", "0.00", 100),
        ("2025-06-02", "2025-06-02", "stage", "450.00", "0.00", 80),
    ]
    assert [row[0] for row in told(planned, "payment-calendar", "2025-05-15", ("balance",), currency=["RUB"])] == [
        "230.00", "330.00", "480.00", "930.00",
    ]  # fmt: skip
    assert told(planned, "payment-calendar", "2025-05-15", ("outgoing",), counterparty=["METALL"]) == [("70.00",)]
    near = told(planned, "payment-calendar", "2025-05-15", ("incoming",), within=["11"], contract=["BUYER-ORDERS"])
    assert near == [("100.00",), ("150.00",)]
    assert told(planned, "payment-calendar", "2025-05-15", ("incoming",), bank_account=["none of ours"]) == []


def test_due_dates_of_supplies_pass_over_days_off(company: Db, actor: Actor) -> None:
    """Two working days after 30 April 2025: 5 May and 6 May in Russia, 1 and 2 May by weekends alone; a day off that is added moves it."""
    terms = msgspec.structs.replace(cast.BUYER_DUE, code="WORKING", number="W", stages=[Stage(percent="100", days=2, working_days=True)])
    save_masters(company, [terms], actor)
    due = "select distinct due from lot join document on document.id = document_id where key = 'S'"
    for said, expected in (
        (lambda: None, "2025-05-06"),
        (lambda: set_calendar_day(company, "RU", day("2025-05-06"), actor, is_working=False), "2025-05-07"),
        (lambda: set_work_calendar(company, "ROMASHKA", "", "next", actor), "2025-05-02"),
    ):
        said()
        lines = [Line(amount=f"1{expected[-1]}")]  # another one each time, so that the sale is stated again
        sale = Sale(key="S", unit="MSK", date="2025-04-30", counterparty="SIRIUS", contract="WORKING", lines=lines)
        post_document(company, sale, actor)
        assert company.execute(due).fetchall() == [(day(expected),)]


@pytest.mark.parametrize(
    ("country", "said", "ends"),
    [
        ("RU", "law", "2025-05-26"), ("CN", "law", "2025-05-26"), ("DE", "law", "2025-05-26"), ("", "law", "2025-05-24"),
        ("FR", "law", "2025-05-24"), ("FR", "next", "2025-05-26"), ("RU", "previous", "2025-05-23"), ("RU", "same", "2025-05-24"),
    ],
)  # fmt: skip
def test_a_term_that_ends_on_a_day_off_ends_as_said_or_by_law(country: str, said: str, ends: str) -> None:
    """24 May 2025 is a Saturday. The rule of the calendar does not count: it says when banks pay, not when a term ends."""
    assert end_of_term(day("2025-05-24"), said, WorkCalendar(country, "previous")) == day(ends)
    assert end_of_term(day("2025-05-27"), said, WorkCalendar(country)) == day("2025-05-27")


def due_of(conn: Db, document: Sale | CustomerOrder, actor: Actor) -> str:
    """When what the document states, or plans, is due."""
    key = post_document(conn, document, actor).key
    query = """select coalesce((select min(due) from lot where document_id = document.id),
                               (select min(day) from plan_stage join plan using (unit_id, version_id)
                                where plan.document_id = document.id and is_newest))::text from document where key = %s"""
    row = conn.execute(query, [key]).fetchone()
    assert row is not None
    return str(row[0])


def test_due_dates_in_calendar_days_move_by_law_unit_and_contract(company: Db, actor: Actor) -> None:
    """30 days after 24 April 2025 is Saturday 24 May. An invoice and an order say the same day; what stands keeps its day until it is
    posted again; a day that is typed, and the day of the document itself, stay."""
    stages = {"SAYS": Stage(percent="100", days=30, day_off="next_in_month"), "AT-ONCE": Stage(percent="100", days=0)}
    terms = [msgspec.structs.replace(cast.BUYER_DUE, code=code, number=code, stages=[stage]) for code, stage in stages.items()]
    save_masters(company, terms, actor)
    party = {"unit": "MSK", "date": "2025-04-24", "counterparty": "SIRIUS", "contract": "BUYER-DUE"}
    sale, ordered = Sale(key="S", lines=[Line(amount="10")], **party), CustomerOrder(key="O", lines=[Line(amount="10")], **party)
    assert (due_of(company, sale, actor), due_of(company, ordered, actor)) == ("2025-05-26", "2025-05-26")
    assert told(company, "ageing", "2025-05-26", ("not_due",), counterparty=["SIRIUS"])[0] == ("10.00",)
    assert set_unit_policy(company, "MSK", "due_on_day_off", "previous", actor)
    assert due_of(company, sale, actor) == "2025-05-26"
    other = Sale(key="S2", lines=[Line(amount="20")], **party)
    assert due_of(company, other, actor) == "2025-05-23"
    assert due_of(company, msgspec.structs.replace(other, key="S3", contract="SAYS"), actor) == "2025-05-26"
    assert due_of(company, msgspec.structs.replace(other, key="S4", due="2025-05-25"), actor) == "2025-05-25"
    assert due_of(company, msgspec.structs.replace(other, key="S5", contract="AT-ONCE", date="2025-04-26"), actor) == "2025-04-26"
    assert due_of(company, msgspec.structs.replace(sale, lines=[Line(amount="11")]), actor) == "2025-05-23"


def test_exceptions_are_data(planned: Db, actor: Actor) -> None:
    assert set_calendar_day(planned, "RU", day("2025-05-26"), actor, is_working=False, note="a day of the city")
    assert not set_calendar_day(planned, "RU", day("2025-05-26"), actor, is_working=False, note="a day of the city")
    assert [found.note for found in calendar_days(planned, "RU")] == ["a day of the city"]
    assert told(planned, "payment-calendar", "2025-05-15", ("day", "source"), contract=["BUYER-ORDERS"])[:2] == [
        ("2025-05-27", "bill"), ("2025-05-27", "debt"),
    ]  # fmt: skip
    assert set_calendar_day(planned, "RU", day("2025-05-26"), actor, is_working=None)
    assert set_work_calendar(planned, "ROMASHKA", "", "previous", actor)
    days = told(planned, "payment-calendar", "2025-05-15", ("day",), contract=["BUYER-ORDERS"])
    assert days == [("2025-05-23",), ("2025-05-23",), ("2025-06-02",)]
    assert {(found.country, found.rule) for found in calendars(planned).values()} >= {("", "previous")}
    for country, rule in (("XX", "next"), ("RU", "later")):
        with pytest.raises(DomainError, match="invalid_value"):
            set_work_calendar(planned, "ROMASHKA", country, rule, actor)


def test_what_was_expected_and_what_came(planned: Db, actor: Actor) -> None:
    """70 was overdue and expected on the first day, as known before it was paid; it went out a day later."""
    paid = Payment(key="P3", unit="MSK", date="2025-05-16", kind="payment_to_supplier", counterparty="METALL", amount="70")
    known = planned.execute("select now()").fetchone()
    assert known is not None
    fields = ("day", "expected_in", "actual_in", "difference_in", "expected_out", "actual_out", "difference_out")
    at = [known[0].isoformat()]
    post_document(planned, paid, actor)
    rows = told(planned, "expected-actual", "2025-05-30", fields, since=["2025-05-15"], known_at=at, currency=["RUB"])
    assert rows == [
        ("2025-05-15", "0.00", "0.00", "0.00", "70.00", "0.00", "-70.00"),
        ("2025-05-16", "0.00", "0.00", "0.00", "0.00", "70.00", "70.00"),
        ("2025-05-26", "250.00", "0.00", "-250.00", "0.00", "0.00", "0.00"),
    ]
    nothing_known = told(planned, "expected-actual", "2025-05-30", fields, since=["2025-05-15"], currency=["RUB"])
    assert nothing_known == [("2025-05-16", "0.00", "0.00", "0.00", "0.00", "70.00", "70.00")]
