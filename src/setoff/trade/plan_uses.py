"""Which orders and bills a document is about, and for how much: what has been shipped and paid by each is found by that.

A supply names them itself; a correction or return has those of its base; the rows of a payment those that they name, else the header's.
The rows of adjustments, opening balances and manual entries name orders too. Codes of orders that are no documents are told all the same:
a document with that key may come later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from setoff.core.fact import Fact
from setoff.core.money import share_half_up
from setoff.trade.directory import Directory
from setoff.trade.documents import (
    AdvanceOffset,
    AnyDocument,
    Correction,
    DebtAdjustment,
    ManualEntry,
    OpeningBalance,
    Payment,
    Return,
    Supply,
)
from setoff.trade.payment import payment_currency, row_amounts


class Use(NamedTuple):
    """`name`: key of the order or bill. `amount` in settlement currency, above zero."""

    name: str
    amount: int


class _Named(msgspec.Struct, gc=False):
    order: str = ""
    bill: str = ""


_named = msgspec.json.Decoder(_Named)


def uses_of(document: AnyDocument, facts: Sequence[Fact], directory: Directory) -> list[Use]:
    """Every order and bill once."""
    if isinstance(document, Payment):
        return _of_payment(document, facts, directory)
    whole = sum(abs(fact.change) for fact in facts)
    return [Use(name, whole) for name in dict.fromkeys(_names(document, directory)) if name]


def _names(document: AnyDocument, directory: Directory) -> Iterable[str]:
    if isinstance(document, Supply):
        return (document.order, document.bill)
    if isinstance(document, Correction | Return):
        base = directory.documents.get(document.base) if document.base else None
        if base is None:
            return (document.order,)
        said = _named.decode(base.content)
        return (said.order, said.bill)
    if isinstance(document, AdvanceOffset):
        return (document.order,)
    if isinstance(document, DebtAdjustment):
        return (*(row.order for row in document.rows), document.receiver.order)
    if isinstance(document, OpeningBalance):
        return tuple(row.order for row in document.rows)
    if isinstance(document, ManualEntry):
        return tuple(side.order for row in document.rows for side in (row.debit, row.credit))
    return ()


def _of_payment(document: Payment, facts: Sequence[Fact], directory: Directory) -> list[Use]:
    """The rows of a contract share what the payment settles under it by what they pay, so that a row in another currency counts by its
    part."""
    if not document.rows:
        whole = sum(abs(fact.change) for fact in facts)
        return [Use(name, whole) for name in dict.fromkeys((document.order, document.bill)) if name]
    if not any((row.order or document.order or row.bill or document.bill) for row in document.rows):
        return []
    unit = directory.units[document.unit]
    amounts = row_amounts(document.rows, payment_currency(document, unit.book_currency, directory))
    contracts = [row.contract or document.contract for row in document.rows]
    found: dict[str, int] = {}
    for row, amount, contract in zip(document.rows, amounts, contracts, strict=True):
        contract_id = directory.contracts[contract].id if contract else 0
        settled = sum(abs(fact.change) for fact in facts if fact.node.contract_id == contract_id)
        paid = sum(other for other, code in zip(amounts, contracts, strict=True) if code == contract)
        part = share_half_up(settled, amount, paid)
        for name in dict.fromkeys((row.order or document.order, row.bill or document.bill)):
            if name and part:
                found[name] = found.get(name, 0) + part
    return [Use(name, amount) for name, amount in found.items()]
