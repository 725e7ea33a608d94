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
from setoff.settlements.loans.queries import Change, LoanBook, Lot, loan_books
from setoff.settlements.loans.standing import standing_of
from setoff.settlements.orders.calendar import Asked, cash_rows, flows
from setoff.settlements.services import post_document, save_document, unpost_document
from setoff.settlements.written_off import expenses
from setoff.trade.documents import LoanInterest, Payment, PaymentRow
from setoff.trade.loan_schedule import laid
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


def test_interest_is_an_expense_of_management_and_an_income_where_we_lend(lent: Any, actor: Actor) -> None:
    """36 500 lent on March 31 at 10 %: 10.00 a day of April."""
    terms = Loan(code="LOAN-GRANTED", item="interest earned", maturity="2025-12-31", rates=[LoanRate(percent="10")])
    save_masters(lent, [terms], actor)
    post_document(lent, money("loan_granted", "2025-03-31", "36500", contract="LOAN-GRANTED"), actor)
    accrue(lent, "MSK", date(2025, 4, 30), actor)
    (unit_id,) = lent.execute("select id from unit where code = 'MSK'").fetchone()
    for contour in ("reg", "mgmt"):
        found = expenses(lent, Scope((unit_id,)), contour, date(2025, 4, 1), date(2025, 4, 30))
        assert [(row.item, row.department, row.analytics, row.account, row.counterparty, row.amount) for row in found] == [
            ("interest", "MSK", "LOAN", "91.02", "ИП Иванов И. И.", 300_000),
            ("interest earned", "MSK", "LOAN-GRANTED", "91.01", "ИП Иванов И. И.", -30_000),
        ]


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

    def at_the_end(interest: str, principal: str = "") -> list[tuple[str, ...]]:
        left = [("2025-12-31", "debt", "0.00", principal)] if principal else []
        return [("2025-12-31", "loan", "0.00", interest), *left]

    assert calendar(lent, "2025-12-20", 30) == [*debts, *at_the_end("24500.00", "365000.00")]
    assert calendar(lent, "2026-01-15", 30)[2:] == at_the_end("25900.00", "365000.00")  # 14 days more
    part = [PaymentRow(amount="65000", part="principal")]
    post_document(lent, money("loan_repaid", "2025-12-20", "65000", key="part", rows=part), actor)
    assert calendar(lent, "2025-12-20", 30) == [*debts, *at_the_end("24304.11", "300000.00")]
    ahead = [PaymentRow(amount="7000", part="interest")]
    post_document(lent, money("loan_repaid", "2025-12-21", "7000", key="ahead", rows=ahead), actor)
    assert calendar(lent, "2025-12-20", 30) == at_the_end("23404.11", "300000.00")  # 6 100 of debts, 900 ahead
    whole = [PaymentRow(amount="300000", part="principal")]
    post_document(lent, money("loan_repaid", "2025-12-31", "300000", key="whole", rows=whole), actor)
    assert calendar(lent, "2025-12-20", 30) == at_the_end("23404.11")  # not accrued yet


def at(day: str) -> int:
    return start_of(date.fromisoformat(day))


def in_thirds(percent: str, *repaid: tuple[str, int]) -> LoanBook:
    """36 500.00 from March 1, repaid in thirds at the ends of March, April and May."""
    terms = terms_of(
        Loan(code="L", item="interest", maturity="2025-05-31", repayment="equal", rates=[LoanRate(percent=percent)]), "RUB"
    )
    moves = [("2025-03-01", 3_650_000), *((day, -amount) for day, amount in repaid)]
    changes = tuple(Change("principal", at(day), amount, True, True, 1, "", "", "") for day, amount in moves)
    lots, left = [], [(at(day), amount) for day, amount in repaid]
    for day, amount in laid(terms, date(2025, 3, 1), 0, date(2025, 3, 1), 3_650_000):
        uses = []
        while left and sum(used for _, used in uses) < amount:
            moment, paid = left.pop(0)
            used = min(paid, amount - sum(used for _, used in uses))
            uses.append((moment, used))
            if paid > used:
                left.insert(0, (moment, paid - used))
        lots.append(Lot(at("2025-03-01"), day, amount, tuple(uses)))
    book = LoanBook(terms, 1, "L", "L", "loan_received", "RUB", "", "", 1, "P", "P", 1, "MSK", "RUB", changes, (), ("reg", "mgmt"))
    return book._replace(lots=tuple(lots))


def stands(book: LoanBook, day: str) -> list[str]:
    due = standing_of(book, date.fromisoformat(day)).due
    return [f"{row.day:%m-%d} {row.principal} {row.interest} {row.left}" for row in due]


def test_only_what_the_schedule_says_is_overdue() -> None:
    """Thirds of 12 166.67, 12 166.67, 12 166.66, without interest. What is repaid early covers the next instalments."""
    assert stands(in_thirds("0"), "2025-03-31") == ["03-31 1216667 0 2433333", "04-30 1216667 0 1216666", "05-31 1216666 0 0"]
    assert stands(in_thirds("0", ("2025-03-31", 1_216_667)), "2025-04-05") == ["04-30 1216667 0 1216666", "05-31 1216666 0 0"]
    assert stands(in_thirds("0", ("2025-03-20", 2_000_000)), "2025-04-05") == ["04-30 433334 0 1216666", "05-31 1216666 0 0"]
    assert stands(in_thirds("0"), "2025-06-15") == ["03-31 1216667 0 2433333", "04-30 1216667 0 1216666", "05-31 1216666 0 0"]


def test_interest_that_is_to_come_is_of_what_will_be_left() -> None:
    """At 10 % 36 500.00 bear 10.00 a day. On March 31 30 days are owed: 300.00; what is due that day counts as repaid on it, so the 30 days
    of April are of 24 333.33, exactly 199.9999, and the 31 of May of 12 166.66, 103.3333."""
    assert stands(in_thirds("10"), "2025-03-31") == ["03-31 1216667 0 2433333", "04-30 1216667 50000 1216666", "05-31 1216666 10333 0"]
    due = expected(in_thirds("10"), date(2025, 3, 31))
    assert [(f"{row.day:%m-%d}", row.principal, row.interest) for row in due] == [
        ("03-31", 0, 30_000), ("04-30", 0, 20_000), ("05-31", 0, 10_333),
    ]  # fmt: skip
