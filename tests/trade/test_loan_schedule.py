"""What is due of a loan and when: figures worked by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from setoff.core.interest import Moved
from setoff.parties.loan_rows import LoanTerms, terms_of
from setoff.parties.records import Loan, LoanRate, LoanRepayment
from setoff.trade.loan_schedule import annuity, due_days, instalments, laid, next_interest_day


def terms(percent: str = "10", **fields: Any) -> LoanTerms:
    said = {"code": "L", "item": "interest", "rates": [LoanRate(percent=percent)], "maturity": "2025-05-31", **fields}
    return terms_of(Loan(**said), "RUB")


def told(found: LoanTerms, principal: int, day: str, since: str = "", owed: int = 0) -> list[str]:
    moves = [Moved(date.fromisoformat(day), principal)]
    rows = instalments(found, moves, date.fromisoformat(since or day), Fraction(owed))
    return [f"{row.day:%m-%d} {row.principal} {row.interest} {row.left}" for row in rows]


def test_all_at_the_end_with_interest_every_month() -> None:
    """36 500 at 10 %: 10.00 a day."""
    assert told(terms(), 3_650_000, "2025-03-01") == ["03-31 0 30000 3650000", "04-30 0 30000 3650000", "05-31 3650000 31000 0"]
    assert told(terms(interest_months=0), 3_650_000, "2025-03-01") == ["05-31 3650000 91000 0"]
    assert told(terms(), 3_650_000, "2025-03-01", "2025-04-10", 40_000) == ["04-30 0 60000 3650000", "05-31 3650000 31000 0"]


def test_equal_parts_by_the_days_left_or_as_the_contract_says() -> None:
    assert told(terms("0", repayment="equal"), 10_000, "2025-03-01") == ["03-31 3333 0 6667", "04-30 3334 0 3333", "05-31 3333 0 0"]
    assert told(terms("0", repayment="equal", payment="50"), 10_000, "2025-03-01") == ["03-31 5000 0 5000", "04-30 5000 0 0"]


def test_an_annuity_pays_the_interest_of_its_days() -> None:
    """1 000.00 * 1 % / (1 - 1.01 ^ -3) = 340.02; 12 % on 360 days: 28 days are 9.33, then 31 on 669.31 = 6.92, 30 on 336.21 = 3.36."""
    found = terms("12", repayment="annuity", day_count="360", payment="340.02", maturity="2025-04-30")
    assert annuity(found, 100_000, 3, date(2025, 2, 28)) == 34_002
    assert told(found, 100_000, "2025-01-31") == ["02-28 33069 933 66931", "03-31 33310 692 33621", "04-30 33621 336 0"]
    assert annuity(terms("0"), 100, 3, date(2025, 2, 28)) == 33


def test_the_rows_of_the_contract_pay_no_more_than_is_left() -> None:
    rows = [LoanRepayment(date="2025-03-10", amount="60"), LoanRepayment(date="2025-03-20", amount="60")]
    assert told(terms("0", repayment="rows", rows=rows, maturity=""), 10_000, "2025-03-01") == ["03-10 6000 0 4000", "03-20 4000 0 0"]


@pytest.mark.parametrize(
    ("fields", "months", "days"),
    [
        ({}, 1, ["03-31", "04-30", "05-31"]),
        ({"payment_day": 5}, 1, ["03-05", "04-05", "05-05", "05-31"]),
        ({"first_payment": "2025-03-15"}, 1, ["03-15", "04-15", "05-15", "05-31"]),
        ({"first_payment": "2025-03-31"}, 2, ["03-31", "05-31"]),
        ({}, 0, ["05-31"]),
    ],
)
def test_due_days(fields: dict[str, Any], months: int, days: list[str]) -> None:
    assert [f"{day:%m-%d}" for day in due_days(terms(**fields), months, date(2025, 3, 1))] == days


def test_interest_is_due_on_the_first_such_day_after_it() -> None:
    assert next_interest_day(terms(payment_day=5), date(2025, 3, 1), date(2025, 3, 31)) == date(2025, 4, 5)
    assert next_interest_day(terms(), date(2025, 3, 1), date(2025, 6, 30)) is None


def parts(found: LoanTerms, left: int, day: str, amount: int) -> list[str]:
    return [f"{due:%m-%d} {part}" for due, part in laid(found, date(2025, 3, 1), left, date.fromisoformat(day), amount)]


def test_money_is_laid_over_the_days_of_its_terms() -> None:
    assert parts(terms(), 0, "2025-03-01", 1_000) == ["05-31 1000"]
    assert parts(terms(repayment="equal"), 0, "2025-03-01", 10_000) == ["03-31 3333", "04-30 3334", "05-31 3333"]
    assert parts(terms(repayment="equal"), 0, "2025-06-15", 10_000) == ["05-31 10000"]  # after its maturity: due at once
    rows = [LoanRepayment(date="2025-03-10", amount="60"), LoanRepayment(date="2025-03-20", amount="60")]
    assert parts(terms(repayment="rows", rows=rows, maturity=""), 0, "2025-03-01", 10_000) == ["03-10 6000", "03-20 4000"]


def test_more_money_is_due_where_it_makes_instalments_larger() -> None:
    """60.00 in two halves from April on become 120.00 in two halves; of 50.00 a time 100.00 need two times, 140.00 three. An annuity of
    340.02 pays less principal of more money: that goes to the end."""
    assert parts(terms("0", repayment="equal"), 6_000, "2025-04-05", 6_000) == ["04-30 3000", "05-31 3000"]
    assert parts(terms("0", repayment="equal", payment="50"), 10_000, "2025-03-05", 4_000) == ["05-31 4000"]
    found = terms("12", repayment="annuity", day_count="360", payment="340.02")
    assert parts(found, 100_000, "2025-03-05", 10_000) == ["05-31 10000"]
