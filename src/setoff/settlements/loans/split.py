"""What of a payment of a loan is computed: by the law first the costs of the lender, then interest, then principal (Civil Code art. 319;
spec 2.10); of the money of a loan, when it is to be repaid by its terms.

Interest is what the loan has borne to the day of the payment, that day included, whether a document has accrued it yet or not: what is paid
before it is accrued stands on the account of the interest until then. A payment says its parts in rows, money its instalments in stages;
`split` by_law and by_terms mean that they are computed, now and when something earlier changes. What a person gives stays.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec
import psycopg

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.interest import exact_interest, rounded
from setoff.core.moment import day_of
from setoff.core.money import format_amount
from setoff.settlements.loans.interest import bearing
from setoff.settlements.loans.queries import LoanBook, loan_books
from setoff.trade.documents import AnyDocument, DueStage, Payment, PaymentRow
from setoff.trade.fields import positive_amount
from setoff.trade.loan_schedule import laid
from setoff.trade.payment_fields import LOANS_MADE, SPLIT_OF

PARTS: Final = ("costs", "interest", "principal")


class Owed(NamedTuple):
    """What a payment finds owed, minor units, never below zero but for the principal."""

    costs: int
    interest: int
    principal: int


def owed_at(book: LoanBook, moment: int, document_id: int = 0) -> Owed:
    """Before a moment, without what that document did; interest to the end of its day."""
    before = book._replace(changes=tuple(change for change in book.changes if change.document_id != document_id))
    papers = [paper for paper in book.papers if paper.moment < moment]
    moves = before.moves(moment)
    found = bearing(before, min(move.day for move in moves), day_of(moment), papers, moment) if moves else []
    interest = before.owed("interest", moment) + rounded(exact_interest(found))
    return Owed(max(before.owed("costs", moment), 0), max(interest, 0), before.owed("principal", moment))


def parts_of(amount: int, owed: Owed) -> dict[str, int]:
    """An amount by part, in the order of the law; what is left over all of it is principal."""
    costs = min(amount, owed.costs)
    interest = min(amount - costs, owed.interest)
    return {"costs": costs, "interest": interest, "principal": amount - costs - interest}


def split_in_book(payment: Payment, book: LoanBook, moment: int, document_id: int) -> Payment:
    """The payment with its parts as rows."""
    amount = positive_amount(payment.amount, book.currency, "amount")
    parts = parts_of(amount, owed_at(book, moment, document_id))
    rows = [
        PaymentRow(amount=format_amount(parts["costs"], book.currency), part="costs"),
        PaymentRow(amount=format_amount(parts["interest"], book.currency), part="interest"),
        PaymentRow(amount=format_amount(parts["principal"], book.currency), part="principal"),
    ]
    kept = [row for row in rows if parts[row.part]]
    return msgspec.structs.replace(payment, rows=kept, split="by_law")


def staged_in_book(payment: Payment, book: LoanBook, moment: int, document_id: int) -> Payment:
    """The money with its instalments as stages."""
    day = day_of(moment)
    changes = [change for change in book.changes if change.document_id != document_id and change.part == "principal"]
    earlier = [change for change in changes if change.moment < moment]
    begin = min([day, *(change.day for change in earlier)])
    amount = positive_amount(payment.amount, book.currency, "amount")
    parts = laid(book.terms, begin, sum(change.amount for change in earlier), day, amount)
    stages = [DueStage(due=due.isoformat(), amount=format_amount(part, book.currency)) for due, part in parts]
    return msgspec.structs.replace(payment, stages=stages, split="by_terms")


def computed_again(payment: Payment, book: LoanBook, moment: int, document_id: int) -> Payment:
    """A payment or money of the loan whose parts are computed, as they are now. In another currency it stays as it is."""
    if payment.kind not in LOANS_MADE:
        return split_in_book(payment, book, moment, document_id)
    return staged_in_book(payment, book, moment, document_id) if is_same_currency(payment, book) else payment


def is_same_currency(payment: Payment, book: LoanBook) -> bool:
    return payment.currency in ("", book.currency) and book.payment_currency in ("", book.currency)


def by_loan(conn: psycopg.Connection[Any], document: AnyDocument, unit_id: int, moment: int, document_id: int) -> AnyDocument:
    """A document to be posted at a moment, with its parts or instalments where it is a payment or the money of a loan that has terms and
    says none. Errors: invalid_value where it asks for them and has no such loan, or is in another currency."""
    if not isinstance(document, Payment) or document.kind not in SPLIT_OF:
        return document
    if not document.split and (document.rows or document.targets or document.stages):
        return document
    books = loan_books(conn, [unit_id], [document.contract], untouched=True) if document.contract else []
    if not books or not is_same_currency(document, books[0]) or document.split not in ("", SPLIT_OF[document.kind]):
        if document.split:
            raise DomainError(ErrorCode.INVALID_VALUE, field="split", value=document.split, expected="")
        return document
    return computed_again(document, books[0], moment, document_id)
