"""How a loan stands on a day, and what is due after it (spec 2.10)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import NamedTuple

from setoff.core.interest import Moved
from setoff.core.moment import end_of
from setoff.settlements.loans.queries import LoanBook
from setoff.settlements.loans.split import Owed, owed_at
from setoff.trade.loan_schedule import Instalment, with_interest


class Standing(NamedTuple):
    """`owed` at the end of the day, interest to it included; `due`: what is to be paid of it and after it, what is overdue first."""

    owed: Owed
    due: list[Instalment]


def standing_of(book: LoanBook, day: date) -> Standing:
    moment = end_of(day) - 1
    owed = owed_at(book, moment)
    moves = [move for move in book.moves() if move.day <= day]
    left = sum(move.change for move in moves)
    if left <= 0:
        return Standing(owed, [])
    grown = [Moved(min(move.day for move in moves), left)]
    return Standing(owed, with_interest(book.terms, grown, book.due(end_of(day)), day, Fraction(owed.interest)))
