"""Documents of the demo group, drawn in the order of their arrival (`setoff demo-data`).

The shares follow a trading firm: 48 % invoices (sales and purchases), 45 % payments (partial, exact, of several invoices, in
advance), 5 % credit notes, the rest refunds and set-offs by manual entry; every tenth document arrives up to six weeks after
its date. Opening balances come first. The same seed gives the same bytes. What is kept in memory grows with the
contracts and the open invoices, not with the documents written.

Every document passes the rules whatever the order of posting: a refund stands on an advance that no later document may
undercut (`Deal.quiet_day`), a named payment never exceeds what the named invoices leave, a credit note takes at most half of
what its base leaves.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal

import msgspec

from setoff.core.money import format_amount, round_half_up, vat_inside
from setoff.demo.group import LAST_DAY, Deal, Group, Invoice, build, calendar_until, usual_amount
from setoff.demo.names import GOODS, SERVICES
from setoff.demo.opening import opening_balances
from setoff.parties.records import Master
from setoff.trade.documents import (
    AnyDocument,
    Line,
    ManualEntry,
    ManualRow,
    Payment,
    PaymentKind,
    PaymentTarget,
    Purchase,
    PurchaseCorrection,
    PurchaseReturn,
    Sale,
    SaleCorrection,
    SaleReturn,
    Side,
)

LATE_SHARE: Final = 0.10
LATE_WORKDAYS_MAX: Final = 30


def records(documents: int, seed: int, last_day: date = LAST_DAY) -> Iterator[Master | AnyDocument]:
    """Master records, then exactly `documents` documents (at least 20 make a group that does something), of the last day's year and
    the one before."""
    rng = random.Random(seed)
    group = build(max(6, documents // 50), rng, calendar_until(last_day))
    yield from group.masters
    year = Years(group, rng)
    opening = opening_balances(year.free, max(1, documents // 20), rng, group, year.owe)
    yield from opening
    left = documents - len(opening)
    for number in range(left):
        yield year.document(number * len(group.calendar.workdays) // left)


def write_lines(documents: int, seed: int, write: Callable[[bytearray], object]) -> None:
    """Calls `write` with chunks of JSON Lines, a newline after every record."""
    encode = msgspec.json.Encoder().encode_into
    buffer = bytearray()
    for record in records(documents, seed):
        encode(record, buffer, len(buffer))
        buffer += b"\n"
        if len(buffer) > 1 << 20:
            write(buffer)
            buffer.clear()
    write(buffer)


class Years:
    """The two years of the group: what has been invoiced and paid so far, as the parties see it."""

    def __init__(self, group: Group, rng: random.Random) -> None:
        self.iso = group.calendar.iso
        self.deals = group.deals
        self.free = [deal for deal in group.deals if deal.terms == "free"]
        self.unnamed = [deal for deal in group.deals if deal.terms != "named"]
        self.rates = group.rates
        self.rng = rng
        self.owing: list[Deal] = []  # deals with open invoices, in no order: a deal knows its place
        self.numbers: Counter[tuple[str, str, str]] = Counter()
        self.parties = [deal.counterparty for deal in group.deals]

    # What is drawn ---------------------------------------------------------------------------------------------------

    def document(self, today: int) -> AnyDocument:
        """The next document to arrive on a working day."""
        rng = self.rng
        day = today
        if rng.random() < LATE_SHARE:
            day = max(0, today - 1 - int(rng.random() * LATE_WORKDAYS_MAX))
        draw = rng.random()
        made: AnyDocument | None = None
        if draw < 0.48:
            made = self.invoice(day, today)
        elif draw < 0.93:
            made = self.payment(day, today)
        elif draw < 0.98:
            made = self.credit_note(day, today)
        elif draw < 0.99:
            made = self.refund(today)
        else:
            made = self.set_off(today)
        return made or self.invoice(day, today)

    def pick(self, deals: list[Deal], today: int) -> Deal:
        """A deal without a refund today. Refunds are one document in a hundred, so a draw or two find one."""
        while True:
            deal = deals[int(self.rng.random() * len(deals))]
            if deal.quiet_day < today:
                return deal

    def pick_owing(self, today: int) -> Deal | None:
        for _ in range(8 if self.owing else 0):
            deal = self.owing[int(self.rng.random() * len(self.owing))]
            if deal.quiet_day < today:
                return deal
        return None

    def number(self, kind: str, unit: str, day: int) -> str:
        slot = (kind, unit, self.iso[day][:4])
        self.numbers[slot] += 1
        return f"{self.numbers[slot]:06d}"

    # Invoices and credit notes ---------------------------------------------------------------------------------------

    def invoice(self, day: int, today: int) -> Sale | Purchase:
        rng, deal = self.rng, self.pick(self.deals, today)
        day = max(day, deal.quiet_day + 1)
        lines, total, correctable = self.lines(deal, usual_amount(deal, rng), self.iso[day])
        kind = "sale" if deal.is_sale else "purchase"
        number = self.number(kind, deal.unit, day)
        order = self.order(deal) if deal.terms == "order" else ""
        only_managed = deal.terms == "free" and rng.random() < 0.003
        header: dict[str, Any] = {
            "unit": deal.unit,
            "date": self.iso[day],
            "number": number,
            "counterparty": deal.counterparty,
            "contract": deal.code,
            "currency": deal.currency,
            "lines": lines,
            "order": order,
        }
        if only_managed:
            header["contours"] = ("mgmt",)
        unpaid = min(total, max(0, deal.balance + total))
        deal.balance += total
        if unpaid and not only_managed:
            made = Invoice(f"{kind}/{deal.unit}/{self.iso[day][:4]}/{number}", day, unpaid, lines[0].vat_rate, order)
            made.correctable = min(unpaid, correctable)
            self.owe(deal, made)
        if deal.is_sale:
            return Sale(**header)
        return Purchase(**header, incoming_number=str(rng.randrange(1, 9999)), incoming_date=self.iso[day])

    def lines(self, deal: Deal, amount: int, iso: str) -> tuple[list[Line], int, int]:
        """One to three lines, their sum, and the largest share that a credit note at the first line's rate may take."""
        rng, house = self.rng, deal.house
        draw = rng.random()
        shares = [amount] if draw < 0.7 or amount < 1000 else [amount - amount // 3, amount // 3]
        if draw > 0.9 and len(shares) == 2:
            shares = [shares[0] - amount // 4, shares[1], amount // 4]
        language = house.organization.language
        general = "0" if deal.vat_rate == "0" else house.vat_rate_on(iso)
        lines, total = [], 0
        for place, share in enumerate(shares):
            rate = house.reduced_rate if place and general != "0" and draw > 0.85 else general
            goods = rng.random() < 0.75
            pool = GOODS[language] if goods else SERVICES[language]
            name = pool[int(rng.random() * len(pool))]
            quantity = 1 + int(rng.random() * 40) if goods and share > 10_000 else 0
            if quantity:
                share = share // quantity * quantity
            lines.append(self.line(deal, name, goods, share, quantity, rate))
            total += share
        return lines, total, total if len({line.vat_rate for line in lines}) == 1 else shares[0] * 9 // 10

    def line(self, deal: Deal, name: str, goods: bool, amount: int, quantity: int, rate: str) -> Line:
        cost, currency = "", deal.currency
        if goods and deal.is_sale:
            net = amount - vat_inside(amount, Decimal(rate))
            share = self.book(deal, net * (60 + int(self.rng.random() * 25)) // 100)
            cost = format_amount(share, deal.house.organization.book_currency)
        if quantity:
            price = format_amount(amount // quantity, currency)
            return Line(name=name, quantity=str(quantity), price=price, vat_rate=rate, cost=cost)
        kind: Literal["goods", "services"] = "goods" if goods else "services"
        return Line(name=name, kind=kind, amount=format_amount(amount, currency), vat_rate=rate, cost=cost)

    def book(self, deal: Deal, amount: int) -> int:
        """About the book value: the cost of goods needs no exact rate."""
        rate = self.rates.get((deal.currency, deal.house.organization.book_currency))
        return int(amount * rate[0]) if rate else amount

    def order(self, deal: Deal) -> str:
        """An order of the deal: half of the supplies go on with the last one, every seventh supply names none."""
        draw = self.rng.random()
        if draw < 0.14:
            return ""
        if draw < 0.5 or not deal.orders:
            deal.orders += 1
        return f"{deal.code}/{deal.orders}"

    def credit_note(self, day: int, today: int) -> AnyDocument | None:
        """A correction or a return against the oldest open invoice, for at most half of what is open."""
        rng, deal = self.rng, self.pick_owing(today)
        if deal is None or deal.invoices[0].correctable < 2:
            return None
        base = deal.invoices[0]
        day = max(day, base.day, deal.quiet_day + 1)
        amount = max(1, int(min(base.open, base.correctable) * (0.05 + 0.45 * rng.random())))
        draw = rng.random()
        kind = ("sale_" if deal.is_sale else "purchase_") + ("return" if draw < 0.4 else "correction")
        number = self.number(kind, deal.unit, day)
        line = Line(amount=format_amount(amount, deal.currency), vat_rate=base.rate)
        header: dict[str, Any] = {"unit": deal.unit, "date": self.iso[day], "number": number, "base": base.key, "lines": [line]}
        if draw > 0.92:
            made = Invoice(f"{kind}/{deal.unit}/{self.iso[day][:4]}/{number}", day, amount, base.rate, base.order)
            made.correctable = 0
            deal.balance += amount
            self.owe(deal, made)
            return (SaleCorrection if deal.is_sale else PurchaseCorrection)(**header, direction="up")
        base.correctable -= amount
        self.settle(deal, amount)
        if draw < 0.4:
            return (SaleReturn if deal.is_sale else PurchaseReturn)(**header)
        return (SaleCorrection if deal.is_sale else PurchaseCorrection)(**header, direction="down")

    # Money -----------------------------------------------------------------------------------------------------------

    def payment(self, day: int, today: int) -> Payment:
        """30 % pay a part of the oldest invoice, 40 % all of it, 10 % several invoices, 20 % come in advance."""
        rng, draw = self.rng, self.rng.random()
        deal = self.pick_owing(today) if draw < 0.8 else None
        if deal is None:
            deal = self.pick(self.unnamed, today)
            order = f"{deal.code}/{deal.orders}" if deal.orders and deal.terms == "order" else ""
            return self.paid(deal, max(day, deal.quiet_day + 1), [(usual_amount(deal, rng), order, "")])
        first = deal.invoices[0]
        if draw < 0.3:
            parts = [(max(1, int(first.open * (0.1 + 0.8 * rng.random()))), first.order, first.key)]
        else:
            several = 2 + int(rng.random() * 5) if draw >= 0.7 and deal.terms != "order" else 1
            chosen = [invoice for _, invoice in zip(range(several), deal.invoices, strict=False)]
            parts = [(invoice.open, invoice.order, invoice.key) for invoice in chosen]
            day = max([day, *(invoice.day for invoice in chosen)])
        return self.paid(deal, max(day, first.day, deal.quiet_day + 1), parts)

    def paid(self, deal: Deal, day: int, parts: list[tuple[int, str, str]]) -> Payment:
        """A payment of (amount, order, invoice key) parts of one deal; the parts are named when the deal pays by name."""
        rng = self.rng
        settled = sum(amount for amount, _, _ in parts)
        targets = []
        if deal.terms == "named":
            targets = [
                PaymentTarget(document=key, amount=format_amount(amount, deal.currency), named_by=deal.named_by)
                for amount, _, key in parts
            ]
        self.settle(deal, settled)
        payer = self.parties[int(rng.random() * len(self.parties))] if rng.random() < 0.01 else ""
        return self.money(
            "payment_from_customer" if deal.is_sale else "payment_to_supplier",
            deal,
            day,
            settled,
            order=parts[0][1],
            targets=targets,
            payer=payer if payer != deal.counterparty else "",
        )

    def money(self, kind: PaymentKind, deal: Deal, day: int, settled: int, **details: Any) -> Payment:
        """A payment in the deal's payment currency."""
        amount = settled
        if deal.payment_currency != deal.currency:
            amount = max(1, round_half_up(settled * self.rates[deal.currency, deal.payment_currency][day]))
        return Payment(
            kind=kind,
            unit=deal.unit,
            date=self.iso[day],
            number=self.number(kind, deal.unit, day),
            counterparty=deal.counterparty,
            contract=deal.code,
            currency=deal.payment_currency,
            amount=format_amount(amount, deal.payment_currency),
            **details,
        )

    def refund(self, today: int) -> Payment | None:
        """A part of an advance goes back. Nothing may be dated at or before it any more: the advance must stay whole."""
        for _ in range(24):
            deal = self.pick(self.free, today)
            if deal.balance < 0 and deal.adjusted_day < today and deal.payment_currency == deal.currency:
                amount = max(1, int(-deal.balance * (0.2 + 0.8 * self.rng.random())))
                deal.balance += amount
                deal.quiet_day = today
                return self.money("refund_to_customer" if deal.is_sale else "refund_from_supplier", deal, today, amount)
        return None

    def set_off(self, today: int) -> ManualEntry | None:
        """The advance of one contract against the debt of another of the same party and unit."""
        for _ in range(24):
            source = self.pick(self.free, today)
            if source.balance >= 0 or source.currency != source.house.organization.book_currency:
                continue
            for other in source.siblings:
                suits = other.terms == "free" and other.is_sale == source.is_sale and other.currency == source.currency
                if suits and other.balance > 0 and other.quiet_day < today:
                    return self.offset_entry(source, other, min(-source.balance, other.balance), today)
        return None

    def offset_entry(self, source: Deal, other: Deal, amount: int, today: int) -> ManualEntry:
        source.balance += amount
        self.settle(other, amount)
        source.adjusted_day = other.adjusted_day = today
        relation = "buyer" if source.is_sale else "supplier"
        sides = [Side(relation=relation, counterparty=deal.counterparty, contract=deal.code) for deal in (source, other)]
        debit, credit = sides if source.is_sale else reversed(sides)
        row = ManualRow(debit=debit, credit=credit, amount=format_amount(amount, source.currency))
        return ManualEntry(
            unit=source.unit, date=self.iso[today], number=self.number("manual_entry", source.unit, today), rows=[row]
        )

    # The parties' view -----------------------------------------------------------------------------------------------

    def owe(self, deal: Deal, invoice: Invoice) -> None:
        deal.invoices.append(invoice)
        if deal.place < 0:
            deal.place = len(self.owing)
            self.owing.append(deal)

    def settle(self, deal: Deal, amount: int) -> None:
        """An amount settles the oldest open invoices; what is left is an advance."""
        deal.balance -= amount
        while amount and deal.invoices:
            first = deal.invoices[0]
            if first.open > amount:
                first.open -= amount
                first.correctable = min(first.correctable, first.open)
                return
            amount -= first.open
            deal.invoices.popleft()
        if not deal.invoices and deal.place >= 0:
            last = self.owing.pop()
            if last is not deal:
                self.owing[deal.place] = last
                last.place = deal.place
            deal.place = -1
