"""What sales, purchases and their corrections share: facts by due stage, entries laid over the facts, the order of the work.

Each due stage is a fact and opens its own lot. The document's total is valued once, at its rate, half up; its facts and its
counter amounts share that value, so every fact's entries sum exactly to its book amount (I1). Worked:
docs/reference/documents.md

Guards, in this order: unit (unknown_reference), date (invalid_date), contours (field_missing), terms (`trade/terms.py`), lines
(`trade/lines.py`), stages (invalid_date, amount_not_positive, stages_differ_from_total), rate (invalid_rate, rate_missing),
amounts worth nothing in book currency (amount_not_positive).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Entry, Fact, Nature, Node, Target
from setoff.core.money import Money, convert, round_half_up, split
from setoff.core.workdays import WorkCalendar, end_of_term, shifted
from setoff.parties.records import Stage
from setoff.trade.directory import Directory, UnitTerms
from setoff.trade.documents import Document, DueStage
from setoff.trade.fields import checked_total, day_of, found, positive_amount, worth_something
from setoff.trade.lines import Counter
from setoff.trade.terms import Terms


class Setting(NamedTuple):
    """Where and when a document is, before its own terms are known."""

    unit: UnitTerms
    day: date
    in_reg: bool
    in_mgmt: bool


def setting_of(document: Document, directory: Directory) -> Setting:
    """Guards common to all documents: unknown_reference (unit), invalid_date, field_missing (contours)."""
    unit = found(directory.units, "unit", document.unit, "unit")
    day = day_of(document.date, "date")
    if not document.contours:
        raise DomainError(ErrorCode.FIELD_MISSING, field="contours")
    return Setting(unit, day, "reg" in document.contours, "mgmt" in document.contours)


class Due(NamedTuple):
    """A part of the total and the day it is due."""

    amount: int
    day: date | None


def due_parts(total: int, terms: Terms, day: date, due: str, stages: Sequence[DueStage]) -> list[Due]:
    """The instalments of a supply: the document's stages, else its due date, else the stages of the contract or agreement, else
    one without a due date. Stages that come to nothing are left out."""
    if stages:
        parts = []
        for index, stage in enumerate(stages):
            place = f"stages[{index}]"
            amount = positive_amount(stage.amount, terms.currency, place + ".amount")
            parts.append(Due(amount, day_of(stage.due, place + ".due")))
        summed = sum(part.amount for part in parts)
        if summed != total:
            raise DomainError(
                ErrorCode.STAGES_DIFFER_FROM_TOTAL,
                parts=Money(summed, terms.currency),
                total=Money(total, terms.currency),
                field="stages",
            )
        return parts
    if due:
        return [Due(total, day_of(due, "due"))]
    return _contract_stages(total, terms, day) if terms.stages else [Due(total, None)]


def _contract_stages(total: int, terms: Terms, day: date) -> list[Due]:
    """Every stage half up, never beyond what is left; the last takes the remainder (spec 2.1)."""
    parts, left = [], total
    for number, stage in enumerate(terms.stages, 1):
        amount = left if number == len(terms.stages) else min(round_half_up(total * Decimal(stage.percent) / 100), left)
        left -= amount
        if amount:
            said = stage.day_off or terms.unit.policy("due_on_day_off")
            parts.append(Due(amount, due_day(day, stage, terms.unit.calendar, said)))
    return parts


@lru_cache(maxsize=1 << 14)
def due_day(day: date, stage: Stage, calendar: WorkCalendar, said: str) -> date:
    """So many days after the document, or working days of the organization's calendar. A day counted in calendar days moves, as `said`,
    when it is a day off; the day of the document itself does not: no term is counted."""
    if stage.working_days:
        return shifted(day, stage.days, calendar)
    due = day + timedelta(days=stage.days)
    return end_of_term(due, said, calendar) if stage.days else due


class Valued(NamedTuple):
    """The total of a document in book currency and its rate."""

    book: int
    rate: Decimal


def valued(total: int, terms: Terms, rate: Decimal) -> Valued:
    """Total * rate, half up. Errors: amount_not_positive for what is worth nothing, amount_too_large."""
    if rate == 1 and terms.currency == terms.unit.book_currency:
        return Valued(total, rate)
    book = convert(total, rate, terms.currency, terms.unit.book_currency)
    checked_total(book, terms.unit.book_currency, "rate")
    return Valued(worth_something(book, Money(total, terms.currency), "rate"), rate)


def convert_each(counters: list[Counter], value: Valued, terms: Terms) -> list[Counter]:
    """Counters in book currency, each converted by itself: they are no part of the settled total."""
    if terms.currency == terms.unit.book_currency:
        return counters
    book_currency = terms.unit.book_currency
    return [counter._replace(amount=convert(counter.amount, value.rate, terms.currency, book_currency)) for counter in counters]


class Lot(NamedTuple):
    """A fact before its sign: both amounts above zero."""

    amount: int
    book: int
    due: date | None


def lots_of(total: int, book: int, parts: Sequence[Due], currency: str) -> list[Lot]:
    """The instalments share the book value of the total. Errors: amount_not_positive."""
    if len(parts) == 1:
        return [Lot(total, book, parts[0].day)]
    books = split(book, [part.amount for part in parts])
    return [
        Lot(part.amount, worth_something(value, Money(part.amount, currency), f"stages[{index}].amount"), part.day)
        for index, (part, value) in enumerate(zip(parts, books, strict=True))
    ]


class Shape(NamedTuple):
    """What the kind of document makes of its lots: sign of the change, nature, what a correction reduces first."""

    sign: int
    nature: Nature
    targets: tuple[Target, ...] = ()


def facts_of(lots: Sequence[Lot], node: Node, setting: Setting, shape: Shape) -> list[Fact]:
    sign, nature, targets = shape
    return [
        Fact(
            line,
            node,
            nature,
            sign * lot.amount,
            sign * lot.book,
            False,
            False,
            lot.due,
            None,
            "",
            targets,
            setting.in_reg,
            setting.in_mgmt,
        )
        for line, lot in enumerate(lots, 1)
    ]


def overlaps(whole: Sequence[int], parts: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Two divisions of one sum laid over one another: (index of the first, index of the second, amount) of every overlap."""
    place, left = 0, parts[0]
    for index, amount in enumerate(whole):
        while amount:
            if not left:
                place += 1
                left = parts[place]
            take = min(amount, left)
            yield index, place, take
            amount -= take
            left -= take


class Entries:
    """The entries of a statement as they are added; lines are numbered from 1, amounts of zero leave no entry."""

    __slots__ = ("rows",)

    def __init__(self) -> None:
        self.rows: list[Entry] = []

    def against_facts(self, sign: int, lots: Sequence[Lot], counters: Sequence[Counter]) -> None:
        """The facts on one side, their counter accounts on the other; both sides sum to the book value of the document."""
        rows = self.rows
        if len(lots) == 1:
            laid: Iterator[tuple[int, int, int]] = ((0, place, counter.amount) for place, counter in enumerate(counters))
        else:
            laid = overlaps([lot.book for lot in lots], [counter.amount for counter in counters])
        for fact, place, amount in laid:
            if amount:
                account, vat_rate, item, _, other = counters[place]
                debit_fact, debit, credit_fact, credit = (fact + 1, "", other, account) if sign > 0 else (other, account, fact + 1, "")
                rows.append(Entry(len(rows) + 1, debit_fact, debit, credit_fact, credit, amount, 0, vat_rate, item))

    def following(self, lots: Sequence[Lot], debit: str, counters: Sequence[Counter]) -> None:
        """An account on both sides, scaled with the facts: VAT out of a gross amount. Several facts share it by their value."""
        rows = self.rows
        for account, vat_rate, item, amount, _ in counters:
            parts = [amount] if len(lots) == 1 else split(amount, [lot.book for lot in lots])
            for fact, part in enumerate(parts, 1):
                if part:
                    rows.append(Entry(len(rows) + 1, 0, debit, 0, account, part, fact, vat_rate, item))

    def between(self, debit: str, credit: str, amount: int, item: str = "") -> None:
        """An account on both sides. Nothing is said of what would leave an account for itself."""
        if amount and debit != credit:
            self.rows.append(Entry(len(self.rows) + 1, 0, debit, 0, credit, amount, 0, "", item))
