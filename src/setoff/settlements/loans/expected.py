"""What interest is still to be paid of a loan from a day on, beside what is accrued (spec 6.8).

Interest that a document has accrued is a debt with a day of its own, and so are the instalments of the principal: open lots, due as the
money was laid when it came. What is left is interest to come, on the days it is due. It goes on from the last repayment; what was paid
before it was accrued is taken off the first of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from setoff.core.interest import DAY, Moved, exact_interest
from setoff.core.moment import NEVER, end_of
from setoff.settlements.loans.interest import bearing
from setoff.settlements.loans.queries import LoanBook
from setoff.trade.loan_schedule import Instalment, with_interest


def known_before(book: LoanBook, moment: int) -> LoanBook:
    """The loan by what happened before a moment."""
    return book._replace(
        changes=tuple(change for change in book.changes if change.moment < moment),
        papers=tuple(paper for paper in book.papers if paper.moment < moment),
        lots=tuple(
            lot._replace(uses=tuple(use for use in lot.uses if use[0] < moment)) for lot in book.lots if lot.moment < moment
        ),
    )


def expected(book: LoanBook, today: date, until: date = date.max) -> list[Instalment]:
    """Days on which interest is due, from `today` to `until`, both included, ascending; none is zero. Principal is that of open lots."""
    moves = book.moves()
    if not moves:
        return []
    since = max([today - DAY, *(move.day for move in moves if move.change < 0)])
    border, begin = end_of(since), min(move.day for move in moves)
    left = sum(move.change for move in moves if move.day <= since)
    grown = [Moved(begin, left), *(move for move in moves if move.day > since)]
    papers = [paper for paper in book.papers if paper.moment < border]
    owed = exact_interest(bearing(book, begin, since, papers, border))
    due = with_interest(book.terms, grown, book.due(NEVER), since, owed, until=until)
    later = [change.amount for change in book.changes if change.part == "interest" and change.moment >= border]
    accrued = sum(amount for amount in later if amount > 0)
    paid = -sum(amount for amount in later if amount < 0)
    return reduced(due, max(accrued, paid - book.owed("interest", border), 0))


def reduced(due: Iterable[Instalment], interest: int) -> list[Instalment]:
    """The interest of instalments without so much of it, the first of them first."""
    found: list[Instalment] = []
    for row in due:
        taken = min(row.interest, interest)
        interest -= taken
        if row.interest > taken:
            found.append(row._replace(principal=0, interest=row.interest - taken))
    return found
