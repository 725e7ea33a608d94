"""Whether a loan stands where its term belongs: on the account for up to a year, or on that for longer (spec 1.6, 2.10).

A chart says which accounts come in twos (`long_term` of the short one). What is due more than twelve months after a day belongs on the
long one; a loan of which nothing is due so late belongs on the short one, unless the accounting policy leaves its last year where it was.
It is moved by a transfer of debt to a contract with the other accounts.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from setoff.books.charts import load_chart
from setoff.core.chart import Chart, CurrencyClass
from setoff.core.moment import end_of
from setoff.settlements.loans.queries import LoanBook


class Misplaced(NamedTuple):
    """Principal on `account` that belongs on `belongs`: minor units of the loan's currency."""

    account: str
    belongs: str
    amount: int


def year_after(day: date) -> date:
    """The same day of the next year, 28 February for the 29th."""
    return day.replace(year=day.year + 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year + 1)


def misplaced(book: LoanBook, day: date) -> Misplaced | None:
    """What of the principal open at the end of a day stands on the other account than its term asks for."""
    chart = load_chart(book.chart)
    account = account_of(book, chart)
    open_parts = book.due(end_of(day))
    if long_account := chart.account(account).long_term:
        late = sum(amount for due, amount in open_parts if due > year_after(day))
        return Misplaced(account, long_account, late) if late else None
    short_account = next((code for code, found in chart.accounts.items() if found.long_term == account), "")
    left = sum(amount for _, amount in open_parts)
    if short_account and left and all(due <= year_after(day) for due, _ in open_parts):
        return Misplaced(account, short_account, left)
    return None


def account_of(book: LoanBook, chart: Chart) -> str:
    """The account of the principal."""
    if book.account:
        return book.account
    if book.currency == book.book_currency:
        return chart.pair(book.relation, CurrencyClass.BOOK).debt
    is_unit = book.payment_currency == book.book_currency
    return chart.pair(book.relation, CurrencyClass.UNIT if is_unit else CurrencyClass.FOREIGN).debt
