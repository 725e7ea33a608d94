"""A naive oracle of the fold: the specification (1.5, 1.7, 1.9, 2.0, 2.2, 2.3, 2.7) read aloud in plain Python.

Between facts may stand points of revaluation: every open debt is worth what is left of it at the point's rate from then on, an advance what
it was.

It knows nothing of `settlements.fold`: lists are searched from the front, every rule is a sentence, nothing is fast. One call
folds the facts of one key of one contour, in their order; the first fact that must be refused ends it.

Signs as everywhere: + they owe us, - we owe them. Amounts of allocations and their values are positive.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from setoff.core.errors import ErrorCode
from setoff.core.fact import Rule
from setoff.core.money import share_half_up, split


@dataclass(frozen=True)
class PlainTarget:
    document: int
    amount: int
    rule: Rule
    line: int = 0  # 0: any lot of the document


@dataclass(frozen=True)
class PlainFact:
    """A fact of one key. `moment` orders facts, `rank` orders the lots they open (the original date of an opening balance)."""

    document: int
    line: int
    moment: int
    change: int
    book: int
    rank: int = 0
    own_value: bool = True
    consume_only: bool = False
    due: date | None = None
    targets: tuple[PlainTarget, ...] = ()
    open_only: bool = False


@dataclass(frozen=True)
class PlainPoint:
    """A revaluation: minor units of book currency for a minor unit of the key's currency."""

    document: int
    moment: int
    worth: Fraction


@dataclass(frozen=True, order=True)
class PlainRevaluation:
    """By what the value of a lot grew."""

    document: int
    lot_document: int
    lot_line: int
    growth: int


@dataclass
class PlainLot:
    document: int
    line: int
    rank: int
    due: date | None
    amount: int
    book: int
    residual: int
    residual_book: int
    closer: tuple[int, int] | None = None  # document and line of the fact that used it up


@dataclass(frozen=True, order=True)
class PlainAllocation:
    document: int
    line: int
    lot_document: int
    lot_line: int
    amount: int
    lot_book: int
    own_book: int
    rule: Rule


@dataclass(frozen=True)
class PlainRefusal:
    """`target`, `balance`, `amount` and `excess` as spec 1.7 tells them."""

    code: ErrorCode
    document: int
    line: int
    target: int = 0
    balance: int = 0
    amount: int = 0

    @property
    def excess(self) -> int:
        return self.amount - self.balance


@dataclass
class Picture:
    """What the oracle sees: all lots, also the used up ones, in the order they were opened."""

    lots: list[PlainLot] = field(default_factory=list)
    allocations: list[PlainAllocation] = field(default_factory=list)
    revaluations: list[PlainRevaluation] = field(default_factory=list)
    refusal: PlainRefusal | None = None
    documents: set[int] = field(default_factory=set)  # whose facts were folded so far


def fold_plainly(
    facts: list[PlainFact], order: str, contour: str, points: tuple[PlainPoint, ...] = (), debt: int = 1
) -> Picture:
    """`facts` of one key in their total order, `order` is moment, due_date or legal, `contour` is reg or mgmt. `points` in their order;
    `debt` is the sign of a debt of the key."""
    picture = Picture()
    waiting = list(points)
    for fact in facts:
        while waiting and waiting[0].moment < fact.moment:
            revalue(picture, waiting.pop(0), debt)
        picture.refusal = _Settling(fact, order, contour, picture).run()
        if picture.refusal is not None:
            break
        picture.documents.add(fact.document)
    for point in waiting:
        if picture.refusal is None:
            revalue(picture, point, debt)
    return picture


def revalue(picture: Picture, point: PlainPoint, debt: int) -> None:
    """Debts are revalued, advances are not (2.7)."""
    for lot in picture.lots:
        if lot.residual * debt > 0:
            worth = abs(lot.residual) * point.worth
            rounded = int(worth + Fraction(1, 2))
            growth = rounded - abs(lot.residual_book)
            lot.residual_book = rounded if lot.residual > 0 else -rounded
            if growth:
                picture.revaluations.append(PlainRevaluation(point.document, lot.document, lot.line, growth))


class _Settling:
    """One fact at work on the open lots."""

    def __init__(self, fact: PlainFact, order: str, contour: str, picture: Picture) -> None:
        self.fact, self.order, self.contour, self.picture = fact, order, contour, picture
        self.used = 0  # of abs(change)
        self.valued = 0  # of abs(book): what the parts so far are worth at the fact's own value

    @property
    def rest(self) -> int:
        return abs(self.fact.change) - self.used

    def run(self) -> PlainRefusal | None:
        for target in self.fact.targets:
            if target.rule == Rule.INTERNAL and self.contour == "reg":
                continue  # our own choice binds the management contour only (1.7)
            refusal = self.settle_target(target)
            if refusal is not None:
                return refusal
        self.settle_automatically()
        if self.fact.open_only and self.used:
            return self.refuse(ErrorCode.RECEIVER_HAS_OPPOSITE_SIGN, balance=self.used, amount=abs(self.fact.change))
        if self.rest:
            if self.fact.consume_only:
                return self.refuse(ErrorCode.REFUND_EXCEEDS_ADVANCE, balance=self.used, amount=abs(self.fact.change))
            self.open_lot()
        return None

    def settle_target(self, target: PlainTarget) -> PlainRefusal | None:
        named = [lot for lot in self.picture.lots if lot.document == target.document and target.line in (0, lot.line)]
        fitting = in_order([lot for lot in named if self.opposite(lot)], self.order)
        if target.rule == Rule.BASE:
            wanted = min(target.amount, sum(abs(lot.residual) for lot in fitting), self.rest)
        else:
            wanted = target.amount
            balance = sum(abs(lot.residual) for lot in fitting)
            if target.document not in self.picture.documents:
                return self.refuse(ErrorCode.TARGET_IN_FUTURE, target.document, 0, target.amount)
            if balance < wanted:
                return self.refuse(ErrorCode.ALLOCATION_EXCEEDS_BALANCE, target.document, balance, target.amount)
        for lot in fitting:
            part = min(wanted, abs(lot.residual))
            self.consume(lot, part, target.rule)
            wanted -= part
        return None

    def settle_automatically(self) -> None:
        for group in groups([lot for lot in self.picture.lots if self.opposite(lot)], self.order):
            open_here = [abs(lot.residual) for lot in group]
            taken = min(self.rest, sum(open_here))
            rule = {"moment": Rule.MOMENT, "due_date": Rule.DUE_DATE, "legal": Rule.LEGAL}[self.order]
            if len(group) > 1:
                rule = Rule.LEGAL_PRO_RATA
            for lot, part in zip(group, split(taken, open_here), strict=True):
                self.consume(lot, part, rule)

    def consume(self, lot: PlainLot, part: int, rule: Rule) -> None:
        if part == 0:
            return
        assert 0 < part <= abs(lot.residual) and part <= self.rest
        everything = part == abs(lot.residual)
        lot_book = abs(lot.residual_book) if everything else share_half_up(abs(lot.residual_book), part, abs(lot.residual))
        own_book = self.value_of_next(part)
        sign = 1 if lot.amount > 0 else -1
        lot.residual -= sign * part
        lot.residual_book -= sign * lot_book
        if everything:
            lot.closer = (self.fact.document, self.fact.line)
        self.picture.allocations.append(
            PlainAllocation(
                self.fact.document, self.fact.line, lot.document, lot.line, part, lot_book,
                own_book if self.fact.own_value else lot_book, rule,
            )
        )

    def open_lot(self) -> None:
        sign = 1 if self.fact.change > 0 else -1
        amount = self.rest
        book = self.value_of_next(amount)
        self.picture.lots.append(
            PlainLot(
                self.fact.document, self.fact.line, self.fact.rank, self.fact.due,
                sign * amount, sign * book, sign * amount, sign * book,
            )
        )

    def value_of_next(self, part: int) -> int:
        """The fact's own value of its next part: all parts so far are worth their rounded share of its book amount."""
        self.used += part
        so_far = share_half_up(abs(self.fact.book), self.used, abs(self.fact.change))
        value, self.valued = so_far - self.valued, so_far
        return value

    def opposite(self, lot: PlainLot) -> bool:
        return lot.residual != 0 and (lot.residual > 0) != (self.fact.change > 0)

    def refuse(self, code: ErrorCode, target: int = 0, balance: int = 0, amount: int = 0) -> PlainRefusal:
        return PlainRefusal(code, self.fact.document, self.fact.line, target, balance, amount)


def groups(lots: list[PlainLot], order: str) -> list[list[PlainLot]]:
    """Lots in the order they are settled; only the law's rule settles several at once: equal due dates, pro rata."""
    result: list[list[PlainLot]] = []
    for lot in in_order(lots, order):
        together = order == "legal" and lot.due is not None and bool(result) and result[-1][0].due == lot.due
        if together:
            result[-1].append(lot)
        else:
            result.append([lot])
    return result


def in_order(lots: list[PlainLot], order: str) -> list[PlainLot]:
    if order == "moment":
        return sorted(lots, key=lambda lot: (lot.rank, lot.document, lot.line))
    return sorted(lots, key=lambda lot: (lot.due is None, lot.due or date.max, lot.rank, lot.document, lot.line))
