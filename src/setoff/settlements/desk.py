"""The rules of the allocation desk: which open debts free money could settle, and what a payment says once it does. Pure.

Debts and money are lots of the management contour, of one unit, relation and currency. Money can settle a debt that stood before it in
the total order (a target must exist before the payment, spec 1.7). A debt of another contract takes a part of the payment with it: the
payment gets a row of that contract.

The proposal goes through the money from the oldest on. Each takes the debts of its own contract in the contract's allocation order, then
those of other contracts, the contract with the oldest debt first. Under the legal order debts of one due day that it does not cover
share it in proportion. Every match carries the rule that made it.

Errors: invalid_value where a payment has no free money for what it is to settle.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final, Literal, NamedTuple

import msgspec

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Rule
from setoff.core.money import Money, format_amount, parse_amount
from setoff.settlements.fold import spread_pro_rata
from setoff.trade.documents import Payment, PaymentRow, PaymentTarget

RULES: Final = {"moment": Rule.MOMENT, "due_date": Rule.DUE_DATE, "legal": Rule.LEGAL}
NamedBy = Literal["payer", "internal"]


class OpenItem(NamedTuple):
    """What is left of a lot, above zero. `contract`: its code, "" = none; `order`: the allocation order of that contract; `by_line`:
    the document has several lots, so a target names the line. `is_payment`: its document is one that can be told what it settles;
    `moves`: its money may go to other contracts, since it is paid in the currency of settlement. `of_order`: the order a payment must
    name beside the contract, "" = none; None where orders do not matter."""

    document: str
    document_id: int
    kind: str
    number: str
    date: datetime.date
    line: int
    moment: int
    rank: int
    due: datetime.date | None
    contract: str
    contract_number: str
    order: str
    label: str
    amount: int
    version_id: int
    by_line: bool
    is_payment: bool
    moves: bool
    of_order: str | None = None


class Match(NamedTuple):
    """Money put to a debt: places in the two lists, the amount, and by which rule; `Rule.INTERNAL` where somebody typed it."""

    money: int
    debt: int
    amount: int
    rule: Rule


class Settled(NamedTuple):
    """What a payment is to settle besides what it names already."""

    document: str
    line: int
    contract: str
    amount: int
    of_order: str | None = None


def propose(debts: Sequence[OpenItem], money: Sequence[OpenItem]) -> list[Match]:
    """Every amount is above zero; no debt and no money is used beyond what it has."""
    left = [debt.amount for debt in debts]
    queues: dict[str, list[int]] = {}
    for place, debt in enumerate(debts):
        queues.setdefault(debt.contract, []).append(place)
    for places in queues.values():
        places.sort(key=lambda place: in_order(debts[place]))
    oldest = sorted(queues, key=lambda contract: (min(debts[place].moment for place in queues[contract]), contract))
    matches: list[Match] = []
    for place in sorted((place for place, item in enumerate(money) if item.is_payment), key=lambda place: money[place].moment):
        free = money[place].amount
        own = money[place].contract
        others = [name for name in oldest if name != own] if money[place].moves else []
        for contract in ([own] if own in queues else []) + others:
            for part, amount, rule in list(taken(debts, queues[contract], left, money[place].moment, free)):
                matches.append(Match(place, part, amount, rule))
                left[part] -= amount
                free -= amount
            first = next((at for at, part in enumerate(queues[contract]) if left[part]), len(queues[contract]))
            del queues[contract][:first]
            if not free:
                break
    return matches


def in_order(debt: OpenItem) -> tuple[datetime.date, int, int]:
    """The place of a debt in the allocation order of its contract; by due date those that have none come last."""
    return (datetime.date.min if debt.order == "moment" else debt.due or datetime.date.max, debt.rank, debt.line)


def taken(debts: Sequence[OpenItem], places: Sequence[int], left: Sequence[int], before: int, free: int) -> Iterator[tuple[int, int, Rule]]:
    """(debt, amount, rule) of what `free` takes of the debts that stood before a moment."""
    fitting = (place for place in places if left[place] and debts[place].moment < before)
    for _day, group in groupby(fitting, key=lambda place: (debts[place].due, place if debts[place].order != "legal" else None)):
        if not free:
            return
        together = list(group)
        wanted = min(free, sum(left[place] for place in together))
        shares, rule = [wanted], RULES[debts[together[0]].order]
        if len(together) > 1:
            shares = [wanted] * len(together)
            spread_pro_rata(wanted, [left[place] for place in together], list(range(len(together))), shares)
            rule = Rule.LEGAL_PRO_RATA
        free -= wanted
        yield from ((place, share, rule) for place, share in zip(together, shares, strict=True) if share)


def settle(payment: Payment, contract: str, settled: Iterable[Settled], currency: str, named_by: NamedBy) -> Payment:
    """The payment with these targets beside those it has, taken from what its rows of that contract have free. `currency` is that of
    settlement; money moves between contracts and orders in it."""
    whole = PaymentRow(amount=payment.amount, contract=payment.contract, targets=payment.targets)
    said = [msgspec.structs.replace(row, order=row.order or payment.order) for row in payment.rows or [whole]]
    rows = [_Row(row, currency) for row in said]
    for part in settled:
        rows = _with_target(payment, rows, contract, part, named_by)
    found = [row.stated() for row in rows]
    if not payment.rows and [(row.contract, row.order) for row in found] == [(payment.contract, payment.order)]:
        return msgspec.structs.replace(payment, targets=found[0].targets)
    return msgspec.structs.replace(payment, rows=found, targets=[], order="")


class _Row:
    """A row of a payment while debts are put to it: what it has free, and where it names what. A row paid in another currency has its
    settlement amount where it is typed."""

    def __init__(self, row: PaymentRow, currency: str) -> None:
        self.row, self.currency = row, currency
        self.amount = parse_amount(row.amount, currency)
        self.targets = list(row.targets)
        self.free = parse_amount(row.settlement_amount or row.amount, currency)
        self.places: dict[tuple[str, int, str], int] = {}
        for place, target in enumerate(row.targets):
            self.free -= parse_amount(target.amount, currency)
            self.places.setdefault((target.document, target.line, target.named_by), place)

    def name(self, part: Settled, amount: int, named_by: NamedBy) -> None:
        """So much of it settles the debt, beside what it settles of it already."""
        self.free -= amount
        name = (part.document, part.line, named_by)
        place = self.places.setdefault(name, len(self.targets))
        if place == len(self.targets):
            text = format_amount(amount, self.currency)
            self.targets.append(PaymentTarget(document=part.document, amount=text, line=part.line, named_by=named_by))
            return
        more = format_amount(parse_amount(self.targets[place].amount, self.currency) + amount, self.currency)
        self.targets[place] = msgspec.structs.replace(self.targets[place], amount=more)

    def move(self, amount: int) -> None:
        """So much money comes to it, or goes."""
        self.amount += amount
        self.free += amount
        self.row = msgspec.structs.replace(self.row, amount=format_amount(self.amount, self.currency))

    def stated(self) -> PaymentRow:
        return msgspec.structs.replace(self.row, targets=self.targets)


def _with_target(payment: Payment, rows: list[_Row], contract: str, part: Settled, named_by: NamedBy) -> list[_Row]:
    """One debt more: named by the rows that may, and for the rest by money that moves to its contract and order."""
    own = [row for row in rows if (row.row.contract or payment.contract) == contract]
    left = part.amount
    for row in own:
        room = min(left, row.free) if part.contract == contract and _may_name(row.row, part) else 0
        if room:
            row.name(part, room, named_by)
            left -= room
    moved = 0
    for row in own if left else ():
        room = min(left - moved, row.free)
        if room > 0 and not (part.contract == contract and _may_name(row.row, part)):
            row.move(-room)
            moved += room
    if moved < left:
        raise DomainError(ErrorCode.INVALID_VALUE, field="amount", value=str(Money(part.amount, rows[0].currency)), document=payment.number)
    if not moved:
        return rows
    kept = [row for row in rows if row.amount]
    order = part.of_order or ""
    for row in kept:
        if (row.row.contract, row.row.order) == (part.contract, order) and not row.row.settlement_amount and not row.row.rate:
            break
    else:
        row = _Row(PaymentRow(amount="0", contract=part.contract, order=order), rows[0].currency)
        kept.append(row)
    row.move(moved)
    row.name(part, moved, named_by)
    return kept


def _may_name(row: PaymentRow, part: Settled) -> bool:
    """Where orders matter, a row of an order names documents of that order only."""
    return part.of_order is None or row.order in ("", part.of_order)
