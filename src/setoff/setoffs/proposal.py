"""What to set off against what: open lots of both sides in, marked amounts out. Pure (spec 7.4, 7.5).

All lots are of one unit, and of one currency unless said otherwise; amounts are whole minor units of it, above zero. The amount that can
be set off is the smaller of both sums. Each side is marked from the first of its lots on (`in_order`) until the amount is reached, the last
lot partly; so both sides are equal and no lot is used beyond what it has. A filter only chooses what a search shows and what a proposal
may mark: marks that a person has made stay, whatever is searched for.

Lots of several currencies (`propose_across`) meet at the rates of the day: like against like first, the rest by its worth in book currency.

What a person does with marks afterwards (`with_amount`, `reduced`) keeps the same laws, but for the two sums, which may differ meanwhile.
Errors: invalid_value (an amount beyond what is open).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import AMOUNT_MAX, Money, convert

Side = Literal["they_owe_us", "we_owe_them"]
Order = Literal["moment", "due_date"]
SIDES: Final[tuple[Side, Side]] = ("they_owe_us", "we_owe_them")
ROUNDS: Final = 4
"""So often the sides are brought nearer to one another; what is left then is the difference."""


class OpenLot(NamedTuple):
    """What is left of a debt or an advance in both contours. `document`: its key; `line`: 0 where the document has only one lot.
    `contract`: code, "" = none, and then `agreement` and `relation` say the terms. `order`: that of a buyer or supplier, "" = none.
    `moment`: its place in the total order. `is_advance`: an advance paid or received, not a debt. `incoming`: the number that the other
    side's paper has."""

    side: Side
    counterparty: str
    name: str
    relation: str
    contract: str
    contract_number: str
    agreement: str
    order: str
    currency: str
    document: str
    document_id: int
    line: int
    kind: str
    number: str
    date: datetime.date
    label: str
    moment: int
    due: datetime.date | None
    amount: int
    is_advance: bool
    incoming: str = ""

    @property
    def due_day(self) -> datetime.date:
        """The day it may be asked for: its due date, or its own where it has none."""
        return self.due or self.date


class Filter(NamedTuple):
    """What a search wants of a lot; empty wants nothing. `first` and `last`: the date of its document; `number`: a part of its number, of
    that of the other side's paper, of that brought in with an opening balance or of the document's key; `due_by`: only what is due on that
    day; `only_debts`: no advances."""

    first: datetime.date | None = None
    last: datetime.date | None = None
    contract: str = ""
    order: str = ""
    least: int = 0
    most: int = 0
    due_by: datetime.date | None = None
    number: str = ""
    only_debts: bool = False


EVERYTHING: Final = Filter()


class Mark(NamedTuple):
    """An amount of a lot; `lot` is its place in the list."""

    lot: int
    amount: int


class Totals(NamedTuple):
    """Sums over all marks: what they owe us, what we owe them. `difference` is above zero where they owe more."""

    they_owe_us: int
    we_owe_them: int

    @property
    def difference(self) -> int:
        return self.they_owe_us - self.we_owe_them


def fits(lot: OpenLot, wanted: Filter) -> bool:
    """Whether a search shows the lot."""
    return (
        (wanted.first is None or lot.date >= wanted.first)
        and (wanted.last is None or lot.date <= wanted.last)
        and wanted.contract in ("", lot.contract)
        and wanted.order in ("", lot.order)
        and (not wanted.least or lot.amount >= wanted.least)
        and (not wanted.most or lot.amount <= wanted.most)
        and (wanted.due_by is None or lot.due_day <= wanted.due_by)
        and not (wanted.only_debts and lot.is_advance)
        and any(wanted.number.casefold() in said.casefold() for said in (lot.number, lot.incoming, lot.label, lot.document))
    )


def propose(lots: Sequence[OpenLot], *, wanted: Filter = EVERYTHING, order: Order = "moment", at_most: int = 0) -> list[Mark]:
    """Marks of what fits, in the order of the list. Both sides have one sum: that of the smaller side, or `at_most` (0 = no limit)."""
    fitting = [place for place, lot in enumerate(lots) if fits(lot, wanted)]
    queues = {side: in_order(lots, [place for place in fitting if lots[place].side == side], order) for side in SIDES}
    amount = min(sum(lots[place].amount for place in queues[side]) for side in SIDES)
    amount = min(amount, at_most) if at_most else amount
    marks: list[Mark] = []
    for side in SIDES:
        left = amount
        for place in queues[side]:
            if not left:
                break
            part = min(left, lots[place].amount)
            marks.append(Mark(place, part))
            left -= part
    return sorted(marks)


def propose_across(lots: Sequence[OpenLot], rates: Mapping[str, Decimal], book_currency: str, *, wanted: Filter = EVERYTHING) -> list[Mark]:
    """Marks of what fits, of lots in several currencies: in each currency like against like, then what is left of both sides by its worth
    at the rates, oldest first. Both sides are worth the same, but for less than a minor unit of a foreign currency. Currencies without a
    rate meet only themselves."""
    taken = [0] * len(lots)
    for currency in dict.fromkeys(lot.currency for lot in lots):
        places = [place for place, lot in enumerate(lots) if lot.currency == currency]
        for mark in propose([lots[place] for place in places], wanted=wanted):
            taken[places[mark.lot]] = mark.amount
    fitting = [place for place, lot in enumerate(lots) if fits(lot, wanted) and lot.currency in rates]
    sides = [Worths(lots, [place for place in fitting if lots[place].side == side], rates, book_currency) for side in SIDES]
    target = min(side.filled(taken, AMOUNT_MAX)[1] for side in sides)
    made = taken
    for _ in range(ROUNDS):
        made, reached = taken, []
        for side in sides:
            made, worth = side.filled(made, target)
            reached.append(worth)
        if min(reached) == target == max(reached):
            break
        target = min(reached)
    return [Mark(place, amount) for place, amount in enumerate(made) if amount]


def worth_of(lots: Sequence[OpenLot], marks: Iterable[Mark], rates: Mapping[str, Decimal], book_currency: str) -> Totals:
    """What the marks of both sides are worth: the lots of a side and currency share the worth of their sum."""
    sums: dict[tuple[Side, str], int] = {}
    for mark in marks:
        name = (lots[mark.lot].side, lots[mark.lot].currency)
        sums[name] = sums.get(name, 0) + mark.amount
    worth = dict.fromkeys(SIDES, 0)
    for (side, currency), amount in sums.items():
        worth[side] += convert(amount, rates.get(currency, Decimal(0)), currency, book_currency)
    return Totals(**worth)


class Worths(NamedTuple):
    """One side's lots, and what amounts of them are worth: the lots of a currency share the worth of their sum."""

    lots: Sequence[OpenLot]
    places: Sequence[int]
    rates: Mapping[str, Decimal]
    book_currency: str

    def worth(self, currency: str, amount: int) -> int:
        return convert(amount, self.rates[currency], currency, self.book_currency)

    def filled(self, taken: Sequence[int], target: int) -> tuple[list[int], int]:
        """The amounts with more of this side's lots in their order until they are worth the target or the next minor unit is worth more;
        and what they are worth."""
        made = list(taken)
        sums: dict[str, int] = {}
        for place in self.places:
            sums[self.lots[place].currency] = sums.get(self.lots[place].currency, 0) + taken[place]
        for place in in_order(self.lots, self.places, "moment"):
            currency, left = self.lots[place].currency, self.lots[place].amount - taken[place]
            room = target - sum(self.worth(other, amount) for other, amount in sums.items() if other != currency)
            part = min(left, max(0, self.most(currency, room) - sums[currency]))
            made[place] += part
            sums[currency] += part
            if part < left:
                break
        return made, sum(self.worth(currency, amount) for currency, amount in sums.items())

    def most(self, currency: str, room: int) -> int:
        """The largest amount that is worth no more than this."""
        low, high = 0, 1
        while self.worth(currency, high) <= room and high <= AMOUNT_MAX:
            low, high = high, high * 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.worth(currency, middle) <= room else (low, middle)
        return low


def in_order(lots: Sequence[OpenLot], places: Iterable[int], order: Order) -> list[int]:
    """Places by moment of the lot, or by the day it is due and then by moment."""

    def rank(place: int) -> tuple[datetime.date, int, int]:
        lot = lots[place]
        return (datetime.date.min if order == "moment" else lot.due or datetime.date.max, lot.moment, lot.line)

    return sorted(places, key=rank)


def totals(lots: Sequence[OpenLot], marks: Iterable[Mark]) -> Totals:
    sums = dict.fromkeys(SIDES, 0)
    for mark in marks:
        sums[lots[mark.lot].side] += mark.amount
    return Totals(**sums)


def with_amount(lots: Sequence[OpenLot], marks: Iterable[Mark], lot: int, amount: int) -> list[Mark]:
    """The marks with this amount on a lot; 0 takes its mark away. Errors: invalid_value."""
    if not 0 <= amount <= lots[lot].amount:
        said, open_amount = (str(Money(minor, lots[lot].currency)) for minor in (amount, lots[lot].amount))
        raise DomainError(ErrorCode.INVALID_VALUE, field="amount", value=said, expected=f"0..{open_amount}")
    kept = [mark for mark in marks if mark.lot != lot]
    return sorted([*kept, Mark(lot, amount)] if amount else kept)


def reduced(lots: Sequence[OpenLot], marks: Sequence[Mark], *, order: Order = "moment") -> list[Mark]:
    """The larger side brought down to the smaller one: its last lots lose first (spec 7.5)."""
    difference = totals(lots, marks).difference
    larger = SIDES[0] if difference > 0 else SIDES[1]
    left = abs(difference)
    amounts = {mark.lot: mark.amount for mark in marks}
    for place in reversed(in_order(lots, [place for place in amounts if lots[place].side == larger], order)):
        cut = min(left, amounts[place])
        amounts[place] -= cut
        left -= cut
    return sorted(Mark(place, amount) for place, amount in amounts.items() if amount)
