"""Balances brought in when the books start (spec 2.5).

One row is one original document that is still open: one fact, whose lot keeps the original number and date, so that order and
ageing continue. Row n is line n.

| kind                                                | sign of the fact        | debit    | credit   |
| ---                                                 | ---                     | ---      | ---      |
| customer_debts, supplier_advances                   | +                       | the fact | opening  |
| customer_advances, supplier_debts                   | -                       | opening  | the fact |
| other_debts (other_advances: the opposite)          | by relation: + where the debt of the relation is theirs, else - | | |

Guards, in this order: unit, date, contours; rows (field_missing); then of each row: number (field_missing), terms
(`trade/terms.py`), amount, date (invalid_date; invalid_value when after the document), due (invalid_date), amount in book
currency (field_missing where the settlement currency is another; invalid_value where it is the same and differs), VAT (unknown_field of
what is no advance of a buyer or to a supplier; invalid_amount; invalid_value below zero or above the advance). The VAT itself is derived
(settlements/advance_vat/).
"""

from __future__ import annotations

from typing import Final

from setoff.core.chart import Role
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Entry, Fact, Nature, Statement
from setoff.trade.directory import Directory
from setoff.trade.documents import OpeningBalance, OpeningRow
from setoff.trade.fields import amount_of, day_of, day_or_none, positive_amount
from setoff.trade.objects import Paper
from setoff.trade.supply import setting_of
from setoff.trade.terms import Parties, Terms, debt_sign, terms_of

SAYS_VAT: Final = ("customer_advances", "supplier_advances")
"""Kinds whose rows may say what the books before had of the VAT."""


def facts(document: OpeningBalance, document_id: int, directory: Directory, *, closed_year: int = 0) -> Statement:
    """Errors: see above."""
    del closed_year
    setting = setting_of(document, directory)
    if not document.rows:
        raise DomainError(ErrorCode.FIELD_MISSING, field="rows")
    kind = "opening_" + document.kind
    is_advance = document.kind.endswith("_advances")
    opening = setting.unit.chart.role(Role.OPENING)
    stated, entries = [], []
    for line, row in enumerate(document.rows, 1):
        place = f"rows[{line - 1}]."
        if not row.number:
            raise DomainError(ErrorCode.FIELD_MISSING, field=place + "number")
        terms = terms_of(
            kind,
            setting.unit,
            setting.day,
            directory,
            Parties(row.counterparty, row.contract, row.agreement, row.currency, place),
        )
        amount = positive_amount(row.amount, terms.currency, place + "amount")
        origin = day_of(row.date, place + "date")
        if origin > setting.day:
            raise DomainError(ErrorCode.INVALID_VALUE, value=row.date, field=place + "date")
        due = day_or_none(row.due, place + "due")
        book = _book_amount(row, amount, terms, place)
        _check_vat(row, document.kind, book, terms, place)
        sign = -debt_sign(terms.relation) if is_advance else debt_sign(terms.relation)
        paper = Paper(document_id, row.order, line, is_advance)
        stated.append(
            Fact(
                line, terms.node(paper, paper), Nature.OPENING, sign * amount, sign * book, False, False, due, origin,
                row.number, (), setting.in_reg, setting.in_mgmt,
            )
        )  # fmt: skip
        if setting.in_reg:
            sides = (line, "", 0, opening) if sign > 0 else (0, opening, line, "")
            entries.append(Entry(line, *sides, book))
    return Statement(stated, entries)


def _book_amount(row: OpeningRow, amount: int, terms: Terms, place: str) -> int:
    field, book_currency = place + "book_amount", terms.unit.book_currency
    if terms.currency != book_currency:
        if not row.book_amount:
            raise DomainError(ErrorCode.FIELD_MISSING, field=field)
        return positive_amount(row.book_amount, book_currency, field)
    if row.book_amount and positive_amount(row.book_amount, book_currency, field) != amount:
        raise DomainError(ErrorCode.INVALID_VALUE, value=row.book_amount, field=field)
    return amount


def _check_vat(row: OpeningRow, kind: str, book: int, terms: Terms, place: str) -> None:
    if row.vat:
        field = place + "vat"
        if kind not in SAYS_VAT:
            raise DomainError(ErrorCode.UNKNOWN_FIELD, field=field)
        if not 0 <= amount_of(row.vat, terms.unit.book_currency, field) <= book:
            raise DomainError(ErrorCode.INVALID_VALUE, value=row.vat, field=field)
