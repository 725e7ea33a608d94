"""What the kinds of debt adjustment share: rows read, the lot a row names, values, the sum of both sides (`trade/adjustment.py`).

Errors, each where its guard stands in the modules of the kinds: unknown_reference, target_in_future, target_mismatch, invalid_rate,
field_missing, rate_missing, amount_not_positive, amount_too_large, sides_differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Node, Target
from setoff.core.moment import Moment
from setoff.core.money import EXACT, Money, convert, digits_of, round_half_up, share_half_up, split
from setoff.trade.directory import Directory, DocumentRef
from setoff.trade.documents import AdjustmentRow, DebtAdjustment
from setoff.trade.fields import ONE, checked_total, found, rate_of, worth_something
from setoff.trade.objects import Paper
from setoff.trade.papers import whereabouts
from setoff.trade.supply import Setting
from setoff.trade.terms import Terms


class Adjusted(NamedTuple):
    """A row read. `sign` is that of its change; amounts above zero, settlement and book currency."""

    terms: Terms
    node: Node
    sign: int
    amount: int
    book: int
    targets: tuple[Target, ...]
    place: str


class Sides(NamedTuple):
    """The sums of the rows that are + and of those that are -."""

    plus: int
    minus: int


def target_of(
    row: AdjustmentRow, what: tuple[Setting, Terms, int, str], at: tuple[int, int], directory: Directory
) -> tuple[Paper, DocumentRef]:
    """The document that a row names and where its lots are. `at`: day order and id of the adjustment. Errors: unknown_reference,
    target_in_future (balance 0, spec 1.7), target_mismatch (another unit, party, contract or order)."""
    setting, terms, amount, place = what
    field = place + "document"
    ref = found(directory.documents, "document", row.document, field)
    if ref.moment >= Moment(setting.day, *at).pack():
        contract = directory.contracts.get(row.contract)
        named = Money(amount, terms.currency)
        raise DomainError(
            ErrorCode.TARGET_IN_FUTURE, contract=contract.number if contract else row.counterparty, order=row.order, target=ref.number,
            target_date=ref.date, date=setting.day, balance=Money(0, terms.currency), amount=named, excess=named, field=field,
        )  # fmt: skip
    there = whereabouts(ref, row.line, directory)
    fits = (
        ref.unit_id == setting.unit.id
        and there.counterparty in (None, row.counterparty)
        and there.contract in (None, row.contract)
        and (row.order in ("", there.paper.order) or "order" not in (terms.detail, terms.reg_detail))
    )
    if not fits:
        raise DomainError(ErrorCode.TARGET_MISMATCH, target=ref.number, target_kind=ref.kind, field=field)
    return there.paper, ref


def carried_at(ref: DocumentRef, line: int, adjusted: tuple[Node, int, int]) -> int | None:
    """What part of an advance that a document opened is carried at in book currency: it was never revalued, so its share of what the
    document stated there. `adjusted`: its node, the sign of what uses it, and how much. None where the document stated nothing there."""
    node, sign, amount = adjusted
    keys = node.fold_key("reg").id(), node.fold_key("mgmt").id()
    stated = [
        fact for fact in ref.stated
        if line in (0, fact.line) and (fact.reg_key_id == keys[0] or fact.mgmt_key_id == keys[1]) and (fact.change > 0) != (sign > 0)
    ]  # fmt: skip
    whole = abs(sum(fact.change for fact in stated))
    return share_half_up(abs(sum(fact.book for fact in stated)), amount, whole) if whole else None


def check_linked(document: DebtAdjustment, directory: Directory) -> None:
    """Linked documents exist and are of a party of the adjustment (spec 7.3), and who signs does so for a counterparty that there is.
    Errors: unknown_reference, target_mismatch."""
    for index, signatory in enumerate(document.signatories):
        if signatory.counterparty:
            found(directory.counterparties, "counterparty", signatory.counterparty, f"signatories[{index}].counterparty")
    parties = {row.counterparty for row in document.rows} | {document.receiver.counterparty}
    for index, linked in enumerate(document.linked):
        if linked.document:
            field = f"linked[{index}].document"
            ref = found(directory.documents, "document", linked.document, field)
            if whereabouts(ref, 0, directory).counterparty not in {None, *parties}:
                raise DomainError(ErrorCode.TARGET_MISMATCH, target=ref.number, target_kind=ref.kind, field=field)


def rates_of(document: DebtAdjustment, currencies: Iterable[str], setting: Setting, directory: Directory) -> dict[str, Decimal]:
    """Book currency for one unit of every currency. Errors: invalid_rate, also where none is needed; field_missing (currency) where it
    could be that of several; rate_missing."""
    book = setting.unit.book_currency
    foreign = sorted({*currencies} - {book})
    typed = rate_of(document.rate, "rate") if document.rate else None
    of_typed = document.currency if document.currency in foreign else foreign[0] if len(foreign) == 1 else ""
    if typed is not None and not of_typed:
        if foreign:
            raise DomainError(ErrorCode.FIELD_MISSING, field="currency")
        if typed != 1:
            raise DomainError(ErrorCode.INVALID_RATE, value=document.rate, field="rate")
    rates = {book: ONE}
    for currency in foreign:
        rates[currency] = typed if typed is not None and currency == of_typed else directory.rate(currency, book, setting.day)
    return rates


def valued_rows(rows: Sequence[Adjusted], rates: Mapping[str, Decimal], book_currency: str) -> list[Adjusted]:
    """The rows with their book amounts: those of one side and currency share the value of their sum. Errors: amount_not_positive,
    amount_too_large."""
    valued: dict[int, int] = {}
    for sign, currency in dict.fromkeys((row.sign, row.terms.currency) for row in rows):
        places = [place for place, row in enumerate(rows) if (row.sign, row.terms.currency) == (sign, currency)]
        amounts = [rows[place].amount for place in places]
        books = split(convert(sum(amounts), rates[currency], currency, book_currency), amounts)
        valued.update(zip(places, books, strict=True))
    return [_worth(row, valued[place], book_currency) for place, row in enumerate(rows)]


def _worth(row: Adjusted, book: int, book_currency: str) -> Adjusted:
    field = row.place + "amount"
    checked_total(book, book_currency, field)
    return row._replace(book=worth_something(book, Money(row.amount, row.terms.currency), field))


def converted_back(row: Adjusted, currency: str, rates: Mapping[str, Decimal], book_currency: str) -> int:
    """A row's amount in the receiver's currency: itself, else its book amount at the rate, half up."""
    if currency == row.node.currency:
        return row.amount
    digits = digits_of(currency) - digits_of(book_currency)
    return round_half_up(EXACT.divide(Decimal(row.book), rates[currency]).scaleb(digits, EXACT))


def difference_of(sides: Sides) -> int:
    return sides.plus - sides.minus


def check_sides(document: DebtAdjustment, rows: Sequence[Adjusted], setting: Setting) -> None:
    """Both sides are equal: in the currency of all rows, else in book currency (spec 7.5). A difference is written off when the document
    says so and it is within the limit of the unit. Errors: sides_differ."""
    book = setting.unit.book_currency
    currencies = {row.node.currency for row in rows}
    in_book = Sides(*(sum(row.book for row in rows if row.sign == sign) for sign in (1, -1)))
    sides, currency = in_book, book
    if len(currencies) == 1:
        sides, currency = Sides(*(sum(row.amount for row in rows if row.sign == sign) for sign in (1, -1))), currencies.pop()
    allowed = document.difference == "write_off" and abs(difference_of(in_book)) <= setting.unit.difference_limit
    if difference_of(sides) and not allowed:
        raise DomainError(
            ErrorCode.SIDES_DIFFER, they_owe_us=Money(sides.minus, currency), we_owe_them=Money(sides.plus, currency),
            difference=Money(abs(difference_of(sides)), currency), limit=Money(setting.unit.difference_limit, book), field="rows",
        )  # fmt: skip
