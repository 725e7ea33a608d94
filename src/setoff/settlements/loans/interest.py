"""The interest of a loan as documents: one for a loan and month, computed from its principal by day (spec 2.10).

The document of a month has a key of its own, `loan_interest/UNIT/CONTRACT/DAY`. Days that another interest document of the loan has already
are left to it; one typed by hand is never replaced. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final, Literal, NamedTuple

import msgspec

from setoff.books.months import month_after
from setoff.core.interest import DAY, Stretch, exact_interest, rounded, stretches
from setoff.core.moment import day_of, end_of
from setoff.core.money import format_amount
from setoff.settlements.loans.queries import LoanBook, Paper
from setoff.trade.documents import InterestRow, LoanInterest, Payment
from setoff.trade.loan_schedule import next_interest_day

ACCRUED: Final = "loan_interest"


class Accrual(NamedTuple):
    """What is to be done on a day: the document as it is to be (None: the one that stands, `key`, is to go)."""

    book: LoanBook
    key: str
    day: date
    document: LoanInterest | Payment | None
    does: Literal["add", "change", "remove"]


def key_of(book: LoanBook, last: date) -> str:
    return f"{ACCRUED}/{book.unit}/{book.contract}/{last.isoformat()}"


def accruals(book: LoanBook, until: date) -> list[Accrual]:
    """What is to be done for a loan in the months up to one."""
    moves = book.moves()
    if not moves:
        return []
    found: list[Accrual] = []
    last = month_after(min(move.day for move in moves)) - DAY
    while last <= until:
        if all(paper.key != key_of(book, last) for paper in book.papers):
            document = computed(book, last.replace(day=1), last, book.papers)
            if document is not None:
                found.append(Accrual(book, key_of(book, last), last, document, "add"))
        last = month_after(last + DAY) - DAY
    return sorted([*found, *differing(book, end_of(until))], key=lambda accrual: (accrual.day, accrual.key))


def differing(book: LoanBook, before: int, since: int | None = None) -> list[Accrual]:
    """The interest documents, by moment, that say something else than the principal and the rates give now."""
    found = []
    for paper in book.papers:
        if paper.document.typed or paper.moment >= before or (since is not None and paper.moment <= since):
            continue
        document = restated(book, paper)
        if document != paper.document:
            found.append(Accrual(book, paper.key, day_of(paper.moment), document, "change" if document else "remove"))
    return found


def restated(book: LoanBook, paper: Paper) -> LoanInterest | None:
    """An interest document as it is to be; one typed by hand as it is."""
    if paper.document.typed:
        return paper.document
    others = [
        other
        for other in book.papers
        if other.document_id != paper.document_id and (other.document.typed or other.moment < paper.moment)
    ]
    made = computed(book, paper.first, paper.last, others)
    if made is None:
        return None
    return msgspec.structs.replace(paper.document, amount=made.amount, rows=made.rows)


def computed(book: LoanBook, first: date, last: date, others: Iterable[Paper]) -> LoanInterest | None:
    """The interest of some days that `others` do not have; None where it comes to nothing."""
    found = bearing(book, first, last, others)
    amount = rounded(exact_interest(found))
    if amount == 0:
        return None
    terms = book.terms
    due = next_interest_day(terms, book.moves()[0].day, last)
    return LoanInterest(
        unit=book.unit, date=last.isoformat(), key=key_of(book, last), counterparty=book.counterparty, contract=book.contract,
        first=first.isoformat(), last=last.isoformat(), amount=format_amount(amount, book.currency),
        rows=[_row(stretch, book.currency) for stretch in found], account=terms.account, item=terms.item,
        due=(due or last).isoformat(), contours=_contours(book),
    )  # fmt: skip


def _contours(book: LoanBook) -> tuple[Literal["reg", "mgmt"], ...]:
    kept: tuple[Literal["reg", "mgmt"], ...] = ("reg", "mgmt")
    return tuple(name for name in kept if name in book.contours)


def bearing(book: LoanBook, first: date, last: date, others: Iterable[Paper], before: int | None = None) -> list[Stretch]:
    """The stretches of these days that no other document has, by what happened before a moment."""
    taken = sorted((paper.first, paper.last) for paper in others)
    moves, found = book.moves(before), []
    for taken_first, taken_last in [*taken, (last + DAY, last + DAY)]:
        if first < taken_first:
            until = min(taken_first - DAY, last)
            found += stretches(moves, book.terms.rates, book.terms.day_count, first, until)
        first = max(first, taken_last + DAY)
        if first > last:
            break
    return found


def _row(stretch: Stretch, currency: str) -> InterestRow:
    return InterestRow(
        first=stretch.first.isoformat(), last=stretch.last.isoformat(), principal=format_amount(stretch.principal, currency),
        percent=format(stretch.percent.normalize(), "f"), year_days=stretch.year_days,
    )  # fmt: skip
