"""Loans in the books: what a file changes, rights, changed terms. The stories of interest are in tests/scenarios/loan-*.toml."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import msgspec
import pytest

from setoff.books.audit import Actor
from setoff.books.scope import Scope
from setoff.core.errors import DomainError
from setoff.core.moment import NEVER, start_of
from setoff.parties.loan_rows import terms_of
from setoff.parties.records import Loan, LoanRate
from setoff.parties.services import save_masters
from setoff.reports.ask import ask
from setoff.reports.files import render_json
from setoff.settlements.bulk import import_documents
from setoff.settlements.loans.accrual import accrue
from setoff.settlements.loans.expected import expected
from setoff.settlements.loans.queries import Change, LoanBook, loan_books
from setoff.settlements.loans.standing import standing_of
from setoff.settlements.orders.calendar import Asked, cash_rows, flows
from setoff.settlements.services import post_document, save_document, unpost_document
from setoff.trade.documents import LoanInterest, Payment, PaymentRow
from setoff.trade.queries import decode_document
from tests.cast import MASTERS
from tests.told import BooksOf

TERMS = Loan(code="LOAN", item="interest", maturity="2025-12-31", rates=[LoanRate(percent="10")])
AMOUNTS_SQL = """
  select right(key, 10), total, status, posted_version_id is not null from document where kind = 'loan_interest' order by moment"""


def money(kind: str, day: str, amount: str, **fields: Any) -> Payment:
    common = {"unit": "MSK", "date": day, "counterparty": "IVANOV", "contract": "LOAN"}
    return Payment(**{**common, "kind": kind, "amount": amount, **fields})


def tell(conn: Any, actor: Actor) -> None:
    """365 000 at 10 %, 100.00 a day, from February 28; interest to April 30."""
    save_masters(conn, [*MASTERS, TERMS], actor)
    post_document(conn, money("loan_received", "2025-02-28", "365000"), actor)
    accrue(conn, "MSK", date(2025, 4, 30), actor)


@pytest.fixture
def lent(books_of: BooksOf, actor: Actor) -> Any:
    return books_of(tell, actor)


def amounts(conn: Any) -> list[tuple[Any, ...]]:
    return [(day, total) for day, total, status, _ in conn.execute(AMOUNTS_SQL).fetchall() if status == "posted"]


def test_every_month_has_its_interest_and_the_same_again_changes_nothing(lent: Any, actor: Actor) -> None:
    assert amounts(lent) == [("2025-03-31", 310_000), ("2025-04-30", 300_000)]
    again = accrue(lent, "MSK", date(2025, 4, 30), actor)
    assert (again.made, again.changes) == ([], [])


def test_a_file_with_a_late_repayment_states_interest_again(lent: Any, actor: Actor) -> None:
    late = money("loan_repaid", "2025-03-21", "73000", key="late", rows=[PaymentRow(amount="73000", part="principal")])
    outcome = import_documents(lent, lambda: [(1, late)], actor)
    assert (outcome.created, outcome.refused) == (1, [])
    assert amounts(lent) == [("2025-03-31", 290_000), ("2025-04-30", 240_000)]


def test_a_month_that_bears_nothing_any_more_loses_its_document(lent: Any, actor: Actor) -> None:
    whole = [PaymentRow(amount="365000", part="principal")]
    post_document(lent, money("loan_repaid", "2025-03-31", "365000", key="all", rows=whole), actor)
    assert amounts(lent) == [("2025-03-31", 310_000)]
    unpost_document(lent, "all", actor)
    made = accrue(lent, "MSK", date(2025, 4, 30), actor).made
    assert [(one.does, one.key) for one in made] == [("add", "loan_interest/MSK/LOAN/2025-04-30")]
    assert amounts(lent) == [("2025-03-31", 310_000), ("2025-04-30", 300_000)]


def test_a_new_rate_counts_when_it_is_accrued_again(lent: Any, actor: Actor) -> None:
    """Half of the rate from April 16: 15 days of 100.00 and 15 of 50.00."""
    changed = msgspec.structs.replace(TERMS, rates=[LoanRate(percent="10"), LoanRate(percent="5", since="2025-04-16")])
    save_masters(lent, [changed], actor)
    assert amounts(lent) == [("2025-03-31", 310_000), ("2025-04-30", 300_000)]
    made = accrue(lent, "MSK", date(2025, 4, 30), actor).made
    assert [(one.does, one.key) for one in made] == [("change", "loan_interest/MSK/LOAN/2025-04-30")]
    assert amounts(lent) == [("2025-03-31", 310_000), ("2025-04-30", 225_000)]


def test_days_typed_by_hand_are_left_out_and_a_draft_of_a_month_is_posted(lent: Any, actor: Actor) -> None:
    """May without its first ten days: 21 of 100.00."""
    typed = LoanInterest(
        unit="MSK", date="2025-05-10", key="by hand/2025-05-10", counterparty="IVANOV", contract="LOAN", first="2025-05-01",
        last="2025-05-10", amount="999.00", item="interest", typed=True,
    )  # fmt: skip
    post_document(lent, typed, actor)
    draft = msgspec.structs.replace(typed, key="loan_interest/MSK/LOAN/2025-05-31", date="2025-05-31", number="17")
    save_document(lent, draft, actor)
    accrue(lent, "MSK", date(2025, 5, 31), actor)
    assert amounts(lent)[-2:] == [("2025-05-10", 99_900), ("2025-05-31", 210_000)]
    assert lent.execute("select number from document where key = %s", [draft.key]).fetchone() == ("17",)


def test_only_the_ends_of_months_are_accrued_to(lent: Any, actor: Actor) -> None:
    with pytest.raises(DomainError, match="invalid_value"):
        accrue(lent, "MSK", date(2025, 5, 30), actor)
    with pytest.raises(DomainError, match="unknown_reference"):
        accrue(lent, "NOWHERE", date(2025, 5, 31), actor)
    assert accrue(lent, "SPB", date(2025, 5, 31), actor).made == []
    assert accrue(lent, "MSK", date(2025, 5, 31), actor, contracts=["LOAN-LONG"]).made == []


def rows_of(conn: Any, key: str) -> list[tuple[str, str]]:
    content = conn.execute("select content from version join document on version.id = version_id where key = %s", [key]).fetchone()[0]
    return [(row.part, row.amount) for row in decode_document(content).rows]


def test_a_payment_in_a_file_has_the_parts_of_the_law(lent: Any, actor: Actor) -> None:
    """March and 20 days of April, 51 of 100.00, are interest; half of the rest of April bears 95 100 less: 26.05 a day."""
    paid = money("loan_repaid", "2025-04-20", "100200", key="by law")
    for _ in range(2):
        outcome = import_documents(lent, lambda: [(1, paid)], actor)
        assert outcome.refused == []
        assert rows_of(lent, "by law") == [("interest", "5100.00"), ("principal", "95100.00")]
    assert (outcome.created, outcome.changed, outcome.unchanged) == (0, 0, 1)
    assert amounts(lent) == [("2025-03-31", 310_000), ("2025-04-30", 273_945)]


def test_parts_of_the_law_follow_what_turns_up_before_them(lent: Any, actor: Actor) -> None:
    """73 000 less from March 22 on: 21 days of 100.00 and 30 of 80.00."""
    post_document(lent, money("loan_repaid", "2025-04-20", "100200", key="by law"), actor)
    late = money("loan_repaid", "2025-03-21", "73000", key="late", rows=[PaymentRow(amount="73000", part="principal")])
    import_documents(lent, lambda: [(1, late)], actor)
    assert rows_of(lent, "by law") == [("interest", "4500.00"), ("principal", "95700.00")]
    unpost_document(lent, "late", actor)
    assert rows_of(lent, "by law") == [("interest", "5100.00"), ("principal", "95100.00")]


def test_a_loan_stands_with_interest_to_its_day_and_what_is_due(lent: Any) -> None:
    """On April 10: 31 + 10 days of 100.00; April 30 has 20 more, the end of May 31."""
    (book,) = loan_books(lent, codes=["LOAN"])
    standing = standing_of(book, date(2025, 4, 10))
    assert standing.owed == (0, 410_000, 36_500_000)
    assert [(row.day, row.principal, row.interest) for row in standing.due[:2]] == [
        (date(2025, 4, 30), 0, 610_000), (date(2025, 5, 31), 0, 310_000),
    ]  # fmt: skip
    assert (standing.due[-1].day, standing.due[-1].principal, standing.due[-1].left) == (date(2025, 12, 31), 36_500_000, 0)
    assert standing_of(book, date(2025, 2, 1)).due == []


def calendar(conn: Any, as_of: str, within: int) -> list[tuple[str, ...]]:
    """Due day, source, amounts of the payment calendar, of loans alone."""
    options = {"within": [str(within)], "contract": ["LOAN"]}
    found = json.loads(render_json(ask(conn, "payment-calendar", as_of=as_of, options=options), "en"))
    rows = [row for section in found["sections"] for row in section["rows"]]
    return [(row["due"], row["source"], row["incoming"], row["outgoing"]) for row in rows]


def test_the_calendar_has_the_schedule_in_place_of_the_principal(lent: Any) -> None:
    """March and April are accrued, so they are debts; May has 31 days of 100.00."""
    assert calendar(lent, "2025-04-10", 60) == [
        ("2025-03-31", "debt", "0.00", "3100.00"),
        ("2025-04-30", "debt", "0.00", "3000.00"),
        ("2025-05-31", "loan", "0.00", "3100.00"),
    ]
    units = tuple(row[0] for row in lent.execute("select id from unit where code = 'MSK'").fetchall())
    asked = Asked(Scope(units), date(2025, 4, 10), date(2025, 6, 9), NEVER)
    by_day, _planned = flows(lent, asked)
    assert [(flow.day, flow.out_minor, flow.late_out) for flow in by_day] == [
        (date(2025, 4, 10), 310_000, 310_000), (date(2025, 4, 30), 300_000, 0), (date(2025, 6, 2), 310_000, 0),
    ]  # fmt: skip
    assert sum(flow.out_minor for flow in by_day) == sum(row.out_minor for row in cash_rows(lent, asked))


def test_what_was_repaid_is_no_longer_in_the_calendar(lent: Any, actor: Actor) -> None:
    """Nothing is accrued after April: 245 days to the maturity. With 65 000 repaid on December 20: 234 days of 100.00, and 11 of 300 000 at
    10 % a year are 904.11."""
    debts = [("2025-03-31", "debt", "0.00", "3100.00"), ("2025-04-30", "debt", "0.00", "3000.00")]
    assert calendar(lent, "2025-12-20", 30) == [*debts, ("2025-12-31", "loan", "0.00", "389500.00")]
    assert calendar(lent, "2026-01-15", 30)[-1] == ("2025-12-31", "loan", "0.00", "390900.00")  # 14 days more
    part = [PaymentRow(amount="65000", part="principal")]
    post_document(lent, money("loan_repaid", "2025-12-20", "65000", key="part", rows=part), actor)
    assert calendar(lent, "2025-12-20", 30) == [*debts, ("2025-12-31", "loan", "0.00", "324304.11")]
    ahead = [PaymentRow(amount="7000", part="interest")]
    post_document(lent, money("loan_repaid", "2025-12-21", "7000", key="ahead", rows=ahead), actor)
    assert calendar(lent, "2025-12-20", 30) == [("2025-12-31", "loan", "0.00", "323404.11")]  # 6 100 of debts, 900 ahead
    whole = [PaymentRow(amount="300000", part="principal")]
    post_document(lent, money("loan_repaid", "2025-12-31", "300000", key="whole", rows=whole), actor)
    assert calendar(lent, "2025-12-20", 30) == [("2025-12-31", "loan", "0.00", "23404.11")]  # not accrued yet


def in_thirds(*moves: tuple[str, int]) -> LoanBook:
    """A loan without interest, repaid at the ends of March, April and May."""
    terms = terms_of(Loan(code="L", item="interest", maturity="2025-05-31", repayment="equal", rates=[LoanRate(percent="0")]), "RUB")
    changes = tuple(Change("principal", start_of(date.fromisoformat(day)), amount, True, True, 1, "", "", "") for day, amount in moves)
    return LoanBook(terms, 1, "L", "L", "loan_received", "RUB", "", "", 1, "P", "P", 1, "MSK", "RUB", changes, (), ("reg", "mgmt"))


@pytest.mark.parametrize(
    ("repaid", "today", "due"),
    [
        ([], "2025-03-31", [("03-31", 3333), ("04-30", 3334), ("05-31", 3333)]),
        ([("2025-03-31", -3333)], "2025-03-31", [("04-30", 3334), ("05-31", 3333)]),
        ([], "2025-04-05", [("04-30", 5000), ("05-31", 5000)]),
        ([("2025-04-05", -6000)], "2025-04-06", [("04-30", 2000), ("05-31", 2000)]),
        ([], "2025-06-15", [("05-31", 10_000)]),
        ([("2025-06-20", -10_000)], "2025-06-15", []),
    ],
)
def test_what_is_expected_goes_on_from_the_last_repayment(repaid: list[tuple[str, int]], today: str, due: list[tuple[str, int]]) -> None:
    found = expected(in_thirds(("2025-03-01", 10_000), *repaid), date.fromisoformat(today))
    assert [(f"{row.day:%m-%d}", row.principal) for row in found] == due
