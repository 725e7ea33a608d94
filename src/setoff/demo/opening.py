"""The balances that the demo group brings in on the day before its books start."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final, Literal

from setoff.core.money import format_amount, round_half_up
from setoff.demo.group import Deal, Group, Invoice, usual_amount
from setoff.trade.documents import OpeningBalance, OpeningRow

OPENING_ROWS_MAX: Final = 400
OpeningKind = Literal["customer_debts", "customer_advances", "supplier_debts", "supplier_advances"]
OPENING_KINDS: Final[dict[tuple[bool, bool], OpeningKind]] = {  # (with a buyer, a debt)
    (True, True): "customer_debts",
    (True, False): "customer_advances",
    (False, True): "supplier_debts",
    (False, False): "supplier_advances",
}


def opening_balances(
    deals: list[Deal],
    rows_max: int,
    rng: random.Random,
    group: Group,
    owe: Callable[[Deal, Invoice], None],
) -> list[OpeningBalance]:
    """Debts and advances of contracts older than the books, one row per original document."""
    rates, opening_day = group.rates, group.calendar.opening_day
    chosen = rng.sample(deals, min(rows_max, len(deals)))
    sheets: dict[tuple[str, OpeningKind], list[OpeningRow]] = {}
    for number, deal in enumerate(chosen, 1):
        amount, is_debt = usual_amount(deal, rng), rng.random() < 0.75
        kind = OPENING_KINDS[deal.is_sale, is_debt]
        month = 10 + int(rng.random() * 3)
        book = deal.house.organization.book_currency
        foreign = (deal.currency, book) in rates
        row = OpeningRow(
            counterparty=deal.counterparty,
            contract=deal.code,
            number=f"{number:05d}",
            currency=deal.currency,
            date=f"{opening_day.year}-{month}-{1 + int(rng.random() * 28):02d}",
            amount=format_amount(amount, deal.currency),
            book_amount=format_amount(max(1, round_half_up(amount * rates[deal.currency, book][0])), book) if foreign else "",
            due=f"{opening_day.year + 1}-{month - 9:02d}-15" if is_debt else "",
        )
        sheets.setdefault((deal.unit, kind), []).append(row)
        if is_debt:
            deal.balance += amount
            old = Invoice("", 0, amount, "", "")
            old.correctable = 0
            owe(deal, old)
        else:
            deal.balance -= amount
    made = []
    for (unit, kind), rows in sorted(sheets.items()):
        for start in range(0, len(rows), OPENING_ROWS_MAX):
            made.append(
                OpeningBalance(
                    unit=unit,
                    date=opening_day.isoformat(),
                    number=f"{start // OPENING_ROWS_MAX + 1:06d}",
                    kind=kind,
                    rows=rows[start : start + OPENING_ROWS_MAX],
                )
            )
    return made
