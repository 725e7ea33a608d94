"""Loans in the books: what a file changes, rights, changed terms. The stories of interest are in tests/scenarios/loan-*.toml."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from setoff.books.audit import Actor
from setoff.core.errors import DomainError
from setoff.parties.records import Loan, LoanRate
from setoff.parties.services import save_masters
from setoff.settlements.bulk import import_documents
from setoff.settlements.loans.accrual import accrue
from setoff.settlements.loans.queries import loan_books
from setoff.settlements.loans.standing import standing_of
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
