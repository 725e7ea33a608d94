"""Advance offset: an advance moved from one settlement object to another inside one contract, management contour only (spec 2.6).

Two facts that cancel one another: the advance is used up where it stands, and stands again at `order`, or settles the debt of `document`.
The regulated contour settles the contract as a whole and has no part in it, so there are no entries. What `document` does not owe any
more is refused; without a `document` the advance settles what its new object owes, and the rest stays an advance there.

A reversal (`reverses`) states what `trade/reversal.py` says, in the same contour.

In foreign currency the advance takes along what it was carried at: it is never revalued (2.7), and no rate is asked for.

Guards, in this order: unit, date, contours (invalid_value without mgmt); of a reversal: the other fields (unknown_field) and those of
`trade/reversal.py`; terms (`trade/terms.py`), relation (field_missing,
relation_mismatch); amount; advance (field_missing, unknown_reference, target_in_future, target_mismatch); document (the same, may be
empty when there is an order: field_missing); rate (invalid_rate where one is said), what the advance is worth (target_mismatch,
amount_not_positive).
Left to the fold: allocation_exceeds_balance.
"""

from __future__ import annotations

from typing import Final

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Fact, Nature, Node, Rule, Statement, Target
from setoff.core.money import Money
from setoff.trade.adjusted import carried_at, target_of
from setoff.trade.directory import Directory
from setoff.trade.documents import AdjustmentRow, AdvanceOffset
from setoff.trade.fields import positive_amount, rate_of, worth_something
from setoff.trade.kinds import day_order_of
from setoff.trade.objects import Paper
from setoff.trade.reversal import reversal_facts
from setoff.trade.supply import Setting, setting_of
from setoff.trade.terms import Parties, Terms, adjusted_terms, debt_sign

OF_ORIGINAL: Final = (
    "counterparty", "amount", "advance", "contract", "agreement", "currency", "relation", "advance_line", "document", "line", "order",
    "rate",
)  # fmt: skip
"""What a reversal takes from the offset that it reverses."""


def facts(document: AdvanceOffset, document_id: int, directory: Directory, *, closed_year: int = 0) -> Statement:
    """Errors: see above."""
    del closed_year
    setting = setting_of(document, directory)
    if not setting.in_mgmt:
        raise DomainError(ErrorCode.INVALID_VALUE, value="reg", field="contours", expected="mgmt")
    if document.reverses:
        for name in OF_ORIGINAL:
            if getattr(document, name):
                raise DomainError(ErrorCode.UNKNOWN_FIELD, field=name)
        return reversal_facts(document, document_id, setting, directory)
    parties = Parties(document.counterparty, document.contract, document.agreement, document.currency, "", document.relation)
    terms = adjusted_terms("advance_offset", setting.unit, setting.day, directory, parties, force="settled")
    amount = positive_amount(document.amount, terms.currency, "amount")
    at = (day_order_of("advance_offset") if document.day_order is None else document.day_order, document_id)

    def named(key: str, line: int, order: str, field: str) -> tuple[Paper, Target]:
        """A document as a row would name it; refusals tell the field of this document."""
        row = AdjustmentRow(
            side="they_owe_us", counterparty=document.counterparty, amount=document.amount, contract=document.contract, order=order,
            document=key, line=line,
        )  # fmt: skip
        try:
            paper, ref = target_of(row, (setting, terms, amount, ""), at, directory)
        except DomainError as refusal:
            raise DomainError(refusal.code, **{**refusal.facts, "field": field}) from None
        return paper, Target(ref.id, line, amount, Rule.ACT)

    source, advance = named(document.advance, document.advance_line, "", "advance")
    place = Paper(document_id, document.order, is_advance=True)
    targets: tuple[Target, ...] = ()
    if document.document:
        place, debt = named(document.document, document.line, document.order, "document")
        targets = (debt,)
    elif not document.order:
        raise DomainError(ErrorCode.FIELD_MISSING, field="document")
    sign = debt_sign(terms.relation)  # of what uses up the advance
    book = _worth(document, (terms, terms.node(source, source), sign, amount), setting, directory)
    stated = [
        Fact(1, terms.node(source, source), Nature.ADJUST, sign * amount, sign * book, False, True, targets=(advance,), in_reg=False),
        Fact(2, terms.node(place, place), Nature.ADJUST, -sign * amount, -sign * book, False, bool(targets), targets=targets, in_reg=False),
    ]
    return Statement(stated, ())


def _worth(document: AdvanceOffset, what: tuple[Terms, Node, int, int], setting: Setting, directory: Directory) -> int:
    """The amount in book currency. `what`: terms, where the advance stands, the sign of what uses it, how much of it."""
    terms, node, sign, amount = what
    if document.rate and (terms.currency != setting.unit.book_currency or rate_of(document.rate, "rate") != 1):
        raise DomainError(ErrorCode.INVALID_RATE, value=document.rate, field="rate")
    if terms.currency == setting.unit.book_currency:
        return amount
    ref = directory.documents[document.advance]
    book = carried_at(ref, document.advance_line, (node, sign, amount))
    if book is None:
        raise DomainError(ErrorCode.TARGET_MISMATCH, target=ref.number, target_kind=ref.kind, field="advance")
    return worth_something(book, Money(amount, terms.currency), "amount")
