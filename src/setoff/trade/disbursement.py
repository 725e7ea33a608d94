"""Costs passed on at cost with a sale (spec 5, D6): what the buyer owes us for them we owe to those who had them.

Guards of each, in this order: book currency (disbursement_currency), amount (field_missing, invalid_amount, amount_not_positive), terms of
who is owed (`trade/terms.py`), its currency.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Fact, Nature, Node
from setoff.trade.directory import Directory
from setoff.trade.documents import Disbursement, Sale
from setoff.trade.fields import positive_amount
from setoff.trade.lines import Counter
from setoff.trade.objects import Paper
from setoff.trade.supply import Setting
from setoff.trade.terms import Parties, terms_of


class Disbursed(NamedTuple):
    """One creditor: his node, and what we owe him, in book currency."""

    node: Node
    amount: int


def disbursed_total(disbursements: Sequence[Disbursement], currency: str) -> int:
    """Minor units of `currency`. Errors: field_missing, invalid_amount, amount_not_positive."""
    return sum(positive_amount(part.amount, currency, f"disbursements[{index}].amount") for index, part in enumerate(disbursements))


def disbursed(document: Sale, paper: Paper, setting: Setting, directory: Directory, currency: str) -> list[Disbursed]:
    """What we owe to each creditor, in the order in which they first come. Errors: see above."""
    sums: dict[Node, int] = {}
    for index, part in enumerate(document.disbursements):
        place = f"disbursements[{index}]."
        if currency != setting.unit.book_currency:
            raise DomainError(
                ErrorCode.DISBURSEMENT_CURRENCY, currency=currency, book_currency=setting.unit.book_currency, field=place + "amount"
            )
        amount = positive_amount(part.amount, currency, place + "amount")
        parties = Parties(part.counterparty, part.contract, "", currency, place)
        node = terms_of("disbursement", setting.unit, setting.day, directory, parties).node(paper, paper)
        sums[node] = sums.get(node, 0) + amount
    return [Disbursed(node, amount) for node, amount in sums.items()]


def disbursed_facts(owed: Sequence[Disbursed], setting: Setting, *, after: int) -> list[Fact]:
    """The facts on our creditors; `after`: the last line before them."""
    return [
        Fact(
            line, node, Nature.SUPPLY, -amount, -amount, False, False, None, None, "", (), setting.in_reg, setting.in_mgmt,
        )
        for line, (node, amount) in enumerate(owed, after + 1)
    ]  # fmt: skip


def disbursed_counters(owed: Sequence[Disbursed], *, after: int) -> list[Counter]:
    """The other side of the buyer's debt: their facts."""
    return [Counter("", "", "", part.amount, line) for line, part in enumerate(owed, after + 1)]
