"""VAT on advances: what becomes of the VAT of every advance, day by day (spec 2.8). Pure: lots with their uses in, events out.

An advance is a lot. It carries **portions**: a part of an advance as it was paid, with the rate of that day. A portion has no VAT until
the end of its window (`Window`): what is open then is accrued. Every later use takes portions, the oldest first; what becomes of
their VAT is told by the case of the use:

| case     | advance received                                                | advance paid (with an invoice received)    |
| ---      | ---                                                             | ---                                        |
| supply   | deducted, at the rate of the advance                            | restored, by share                         |
| returned | the same: a refund or a set-off under a terminated contract     | restored                                   |
| pending  | nothing, until a person decides: deducted, or an expense        | restored                                   |
| expense  | the advance was written off: its VAT is an expense              | restored                                   |
| carried  | nothing: the portions go with the advance to where it is now    | the same                                   |

Used up within its window an advance never has VAT. A portion used up gives all the VAT that it has left, so that nothing stays on a closed
lot. A reversal of an adjustment takes the portions back, with the opposite event.

Amounts are minor units of book currency; rates are hundredths of a percent; days are ordinals.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from setoff.core.moment import NEVER, ORDER_BITS, Moment, day_of
from setoff.settlements.fold import share_of

LAST_OF_DAY: Final = (1 << ORDER_BITS) - 1
WHOLE: Final = 10_000
"""100 % in the unit of rates."""
FIVE_DAYS: Final = 5
NEVER_DAY: Final = date.max.toordinal() + 1


class Window(StrEnum):
    """How long an advance may be offset without VAT being accrued on it (a setting of the unit)."""

    OFF = "off"  # the unit owes no VAT on advances
    SAME_DAY = "same_day"
    FIVE_DAYS = "five_days"  # of the calendar, not beyond the quarter
    TAX_PERIOD = "tax_period"  # the quarter


class Case(StrEnum):
    """What a use of an advance means for its VAT."""

    SUPPLY = "supply"
    RETURNED = "returned"
    PENDING = "pending"
    EXPENSE = "expense"
    CARRIED = "carried"


class What(StrEnum):
    """An event. All but PENDING are posted."""

    OPENING = "opening"  # brought in with an opening balance
    ACCRUED = "accrued"
    DEDUCTED = "deducted"
    EXPENSED = "expensed"
    PENDING = "pending"
    DEDUCTED_BACK = "deducted_back"  # a deduction, or an expense, taken back by a reversal
    EXPENSED_BACK = "expensed_back"
    INVOICED = "invoiced"  # of an advance paid: deducted with the invoice received
    RESTORED = "restored"
    BROUGHT_IN = "brought_in"  # deducted on an advance paid before these books


class Use(NamedTuple):
    """A part of a lot used by a fact (document, line). `book`: what the lot released."""

    moment: int
    document_id: int
    line: int
    book: int
    case: Case


class Invoice(NamedTuple):
    """An invoice received on an advance paid: the VAT it states."""

    moment: int
    document_id: int
    vat: int


class Decision(NamedTuple):
    """What a person decided of the pending VAT of a document."""

    moment: int
    document_id: int
    is_expense: bool


class Origin(NamedTuple):
    """Where a lot comes from. `kind`: paid, opening, carried, reversed, none. `source`: of a carried lot (document, line) of the facts that
    used what it was; of a reversed one (document, line, document and line of the lot) of the use that is taken back."""

    kind: str
    source: tuple[int, ...] = ()


class Advance(NamedTuple):
    """A lot that is an advance. `book` is its value when it was opened; `day` that of the original document; `rate` its rate, 0 = no VAT;
    `closes` the last day of its window. `brought`: of an opening balance the VAT that it says, None where it says none."""

    key_id: int
    document_id: int
    line: int
    moment: int
    day: int
    book: int
    is_received: bool
    rate: int
    closes: int
    origin: Origin
    uses: tuple[Use, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    brought: int | None = None

    @property
    def name(self) -> tuple[int, int]:
        return self.document_id, self.line


class Event(NamedTuple):
    """`document_id`, `line`, `moment`: which fact, or decision, makes it and when. `advance`: document and line of the advance as it was
    paid, `lot` those of the lot that carries it now. `base` is the part of the advance that has this VAT."""

    document_id: int
    line: int
    moment: int
    advance: tuple[int, int]
    lot: tuple[int, int]
    what: What
    amount: int
    base: int
    rate: int
    is_received: bool


class Wait(NamedTuple):
    """VAT of one document that waited for a decision from a moment on. `ended`: when it was decided or taken back; NEVER: it waits."""

    document_id: int
    moment: int
    ended: int
    amount: int


class _Portion(NamedTuple):
    """`vat` None: not accrued yet; that is due at the end of day `closes`."""

    advance: tuple[int, int]
    rate: int
    base: int
    vat: int | None
    closes: int


class _Taken(NamedTuple):
    portion: _Portion
    case: Case


RECEIVED: Final[Mapping[Case, What]] = {
    Case.SUPPLY: What.DEDUCTED, Case.RETURNED: What.DEDUCTED, Case.PENDING: What.PENDING, Case.EXPENSE: What.EXPENSED,
}  # fmt: skip
BACK: Final[Mapping[Case, What]] = {Case.SUPPLY: What.DEDUCTED_BACK, Case.RETURNED: What.DEDUCTED_BACK, Case.EXPENSE: What.EXPENSED_BACK}
BACK_PAID: Final[Mapping[Case, What]] = {case: What.INVOICED for case in Case if case != Case.CARRIED}
"""What a reversal does to the VAT of a use."""


def window_closes(day: int, window: Window) -> int:
    """The last day of the window of an advance of that day. The quarter always ends it: its tax is due then."""
    if window == Window.SAME_DAY:
        return day
    opened = date.fromordinal(day)
    month = (opened.month + 2) // 3 * 3
    quarter = (date(opened.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).toordinal()
    return quarter if window == Window.TAX_PERIOD else min(day + FIVE_DAYS, quarter)


def vat_within(amount: int, rate: int) -> int:
    """The VAT in an amount that includes it: amount * rate / (100 + rate), half up."""
    return share_of(rate, amount, WHOLE + rate)


def ordinal_of(moment: int) -> int:
    return day_of(moment).toordinal()


def events_of(advances: Iterable[Advance], decisions: Mapping[int, Decision]) -> list[Event]:
    """Events of advances. With an advance that was carried, or taken back, the ones it comes from are given too. `decisions` by the
    document that they decide; one on what was taken back, or comes later, decides nothing."""
    return story_of(advances).events_with(decisions)


def story_of(advances: Iterable[Advance]) -> Story:
    story = Story()
    for advance in sorted(advances, key=lambda found: (found.moment, *found.name)):
        story.tell(advance)
    return story


def _decided(event: Event, decision: Decision) -> Event:
    what = What.EXPENSED if decision.is_expense else What.DEDUCTED
    return event._replace(document_id=decision.document_id, moment=decision.moment, what=what)


class Story:
    """The advances told so far, in the order in which they were opened: so what a lot comes from is known when it is its turn."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.taken: dict[tuple[int, ...], list[_Taken]] = {}  # by use: document, line, document and line of the lot
        self.carried: dict[tuple[int, ...], list[_Portion]] = {}  # by fact: what it carries to another lot
        self.taken_back: dict[tuple[int, ...], int] = {}  # by use: the moment of the reversal

    def events_with(self, decisions: Mapping[int, Decision]) -> list[Event]:
        """All events, with what was decided."""
        events = []
        for event in self.events:
            if event.what != What.PENDING:
                events.append(event)
            elif (event.document_id, event.line, *event.lot) not in self.taken_back:
                decision = decisions.get(event.document_id)
                events.append(_decided(event, decision) if decision is not None and decision.moment > event.moment else event)
        return events

    def waits_with(self, decisions: Mapping[int, Decision]) -> list[Wait]:
        """What waited for a decision and how long, summed up by document: with it the sums of any day are told."""
        sums: dict[tuple[int, int, int], int] = defaultdict(int)
        for event in self.events:
            if event.what == What.PENDING:
                ended = self.taken_back.get((event.document_id, event.line, *event.lot), NEVER)
                decision = decisions.get(event.document_id)
                if decision is not None and decision.moment > event.moment:
                    ended = min(ended, decision.moment)
                sums[event.document_id, event.moment, ended] += event.amount
        return [Wait(*name, amount) for name, amount in sums.items()]

    def tell(self, advance: Advance) -> None:
        portions = self.opening(advance)
        left = advance.book
        steps: list[Use | Invoice] = [*advance.uses, *advance.invoices]
        for step in sorted(steps, key=_moment_of):
            portions = self.close_windows(advance, portions, ordinal_of(step.moment))
            if isinstance(step, Invoice):
                portions = self.enter(advance, portions, step)
                continue
            total = sum(portion.base for portion in portions)
            wanted = total if step.book == left else share_of(total, step.book, left)
            left -= step.book
            used, portions = _taken(portions, wanted, is_received=advance.is_received)
            self.use(advance, step, used)
        self.close_windows(advance, portions, NEVER_DAY)

    def opening(self, advance: Advance) -> list[_Portion]:
        """The portions that a lot begins with."""
        kind, source = advance.origin
        if kind == "carried":
            return self.carried.get(source, [])
        if kind == "reversed":
            self.taken_back[source] = advance.moment
            return [self.take_back(advance, taken) for taken in self.taken.get(source, ())]
        if kind == "none" or (advance.is_received and not advance.rate):
            return []
        if not advance.is_received:
            portion = _Portion(advance.name, 0, advance.book, advance.brought or 0, 0)
            self.add(advance, (*advance.name, advance.moment), portion, What.BROUGHT_IN)
            return [portion]
        portion = _Portion(advance.name, advance.rate, advance.book, None, advance.closes)
        if kind == "opening":
            vat = vat_within(advance.book, advance.rate) if advance.brought is None else advance.brought
            portion = portion._replace(vat=vat)
            self.add(advance, (*advance.name, advance.moment), portion, What.OPENING)
        return [portion]

    def take_back(self, advance: Advance, taken: _Taken) -> _Portion:
        """What a reversal brings back: with the opposite of the event there was."""
        portion, case = taken
        if case == Case.CARRIED and portion.vat is None and portion.closes < ordinal_of(advance.moment):
            return portion._replace(vat=vat_within(portion.base, portion.rate))  # accrued where it had been carried to
        if portion.vat is None:
            return portion._replace(closes=advance.closes)
        back = BACK.get(case) if advance.is_received else BACK_PAID.get(case)
        if back is not None:
            self.add(advance, (*advance.name, advance.moment), portion, back)
        return portion

    def close_windows(self, advance: Advance, portions: list[_Portion], day: int) -> list[_Portion]:
        """Accrue what is open at the end of the windows that close before a day."""
        found = []
        for portion in portions:
            if portion.vat is None and portion.closes < day:
                portion = portion._replace(vat=vat_within(portion.base, portion.rate))
                moment = Moment(date.fromordinal(portion.closes), LAST_OF_DAY, advance.document_id).pack()
                self.add(advance, (*advance.name, moment), portion, What.ACCRUED)
            found.append(portion)
        return found

    def enter(self, advance: Advance, portions: list[_Portion], invoice: Invoice) -> list[_Portion]:
        """The VAT of an invoice, on what is open of the advance when it comes; on one that is used up, or not there yet, none."""
        if not portions or invoice.moment < advance.moment:
            return portions
        first = portions[0]._replace(vat=(portions[0].vat or 0) + invoice.vat)
        self.add(advance, (invoice.document_id, 0, invoice.moment), first._replace(vat=invoice.vat), What.INVOICED)
        return [first, *portions[1:]]

    def use(self, advance: Advance, use: Use, used: list[_Portion]) -> None:
        self.taken[use.document_id, use.line, *advance.name] = [_Taken(portion, use.case) for portion in used]
        if use.case == Case.CARRIED:
            self.carried.setdefault((use.document_id, use.line), []).extend(used)
            return
        what = RECEIVED[use.case] if advance.is_received else What.RESTORED
        for portion in used:
            self.add(advance, (use.document_id, use.line, use.moment), portion, what)

    def add(self, advance: Advance, by: tuple[int, int, int], portion: _Portion, what: What) -> None:
        """`by`: document, line and moment of the event. Without VAT there is none."""
        if portion.vat:
            self.events.append(
                Event(*by, portion.advance, advance.name, what, portion.vat, portion.base, portion.rate, advance.is_received)
            )


def _moment_of(step: Use | Invoice) -> tuple[int, int]:
    return step.moment, step.document_id


def _taken(portions: Sequence[_Portion], wanted: int, *, is_received: bool) -> tuple[list[_Portion], list[_Portion]]:
    """The first portions up to a base of `wanted`, and what is left. The last part of a portion takes all VAT it still has."""
    used, rest = [], []
    for portion in portions:
        part = min(wanted, portion.base)
        wanted -= part
        if part == portion.base:
            used.append(portion)
        elif part == 0:
            rest.append(portion)
        else:
            vat = portion.vat
            if vat is not None:
                vat = min(vat, vat_within(part, portion.rate)) if is_received else share_of(vat, part, portion.base)
            used.append(portion._replace(base=part, vat=vat))
            rest.append(portion._replace(base=portion.base - part, vat=None if vat is None else (portion.vat or 0) - vat))
    return used, rest
