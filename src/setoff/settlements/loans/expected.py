"""What is still to be paid of a loan from a day on, beside its accrued interest (spec 6.8).

Interest that a document has accrued is a debt with a day of its own, so it is left out here; the principal's open lots know no schedule,
so they are left to this. What was paid counts: the schedule goes on from the last repayment, interest paid before it was accrued is taken
off the first instalments. Principal that is past its maturity is due on it, interest of a loan that is repaid on its next day.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from setoff.core.interest import DAY, Moved, exact_interest, rounded
from setoff.core.moment import end_of
from setoff.settlements.loans.interest import bearing
from setoff.settlements.loans.queries import LoanBook
from setoff.trade.loan_schedule import Instalment, instalments, last_day, next_interest_day

PRINCIPAL: Final = ("loan_granted", "loan_received")
"""Relations whose open lots the schedule stands for, where the loan has terms."""


def known_before(book: LoanBook, moment: int) -> LoanBook:
    """The loan by what happened before a moment."""
    return book._replace(
        changes=tuple(change for change in book.changes if change.moment < moment),
        papers=tuple(paper for paper in book.papers if paper.moment < moment),
    )


def expected(book: LoanBook, today: date) -> list[Instalment]:
    """Instalments, the day `today` included, ascending; none is zero."""
    moves = book.moves()
    if not moves:
        return []
    since = max([today - DAY, *(move.day for move in moves if move.change < 0)])
    border, begin = end_of(since), min(move.day for move in moves)
    left = sum(move.change for move in moves if move.day <= since)
    laid = [Moved(begin, left)] if left > 0 else []
    laid += [move for move in moves if move.day > since]
    papers = [paper for paper in book.papers if paper.moment < border]
    owed = exact_interest(bearing(book, begin, since, papers, border))
    due = instalments(book.terms, laid, since, owed)
    if not due:
        day = next_interest_day(book.terms, begin, since) or last_day(book.terms)
        due = [Instalment(day, max(sum(move.change for move in moves), 0), rounded(owed), 0)]
    later = [change.amount for change in book.changes if change.part == "interest" and change.moment >= border]
    accrued = sum(amount for amount in later if amount > 0)
    paid = -sum(amount for amount in later if amount < 0)
    return reduced(due, max(accrued, paid - book.owed("interest", border), 0))


def reduced(due: Iterable[Instalment], interest: int) -> list[Instalment]:
    """Instalments without so much interest, the first of them first."""
    found: list[Instalment] = []
    for row in due:
        taken = min(row.interest, interest)
        interest -= taken
        if row.principal or row.interest > taken:
            found.append(row._replace(interest=row.interest - taken))
    return found
