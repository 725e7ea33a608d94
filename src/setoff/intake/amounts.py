"""Exact amounts of a file become amounts of money, once, per document.

A file may say more decimals than the currency has (unit price times quantity less a discount). What a customer owes is
a document, so the document's exact sum is rounded, half up, and its parts get the parts of that sum by largest
remainder: they always sum to the document. The tally keeps both sums, so that the rounding of a whole file is a figure that
anybody can check: exact - imported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from setoff.intake.mapping import AMOUNT_FIELDS


@dataclass(slots=True)
class Tally:
    """What was made of one record type: documents, exact sum of the file, sum imported, documents whose sum was rounded."""

    documents: int = 0
    exact: Decimal = Decimal(0)
    imported: Decimal = Decimal(0)
    exact_vat: Decimal = Decimal(0)
    imported_vat: Decimal = Decimal(0)
    rounded: int = 0

    def add(self, exact: Totals, imported: Totals) -> None:
        self.documents += 1
        self.exact += exact.amount
        self.imported += imported.amount
        self.exact_vat += exact.vat
        self.imported_vat += imported.vat
        self.rounded += exact != imported


@dataclass(frozen=True, slots=True)
class Totals:
    amount: Decimal
    vat: Decimal


def totals_of(content: dict[str, Any]) -> Totals:
    """The sum of a document: its own amount, else that of its lines or rows."""
    parts = content.get("lines") or content.get("rows") or ()
    amount = content.get("amount")
    return Totals(
        amount if isinstance(amount, Decimal) else _sum_of(parts, "amount"),
        _sum_of(parts, "vat"),
    )


def _sum_of(parts: Sequence[dict[str, Any]], name: str) -> Decimal:
    return sum((part[name] for part in parts if isinstance(part.get(name), Decimal)), Decimal(0))


def round_amounts(content: dict[str, Any], digits: int) -> None:
    """Every amount in a document has `digits` decimals, and amounts of a list sum to their rounded exact sum."""
    unit = Decimal(1).scaleb(-digits)
    for name, value in content.items():
        if isinstance(value, Decimal):
            content[name] = value.quantize(unit, ROUND_HALF_UP)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for amount_name in AMOUNT_FIELDS:
                having = [part for part in value if isinstance(part.get(amount_name), Decimal)]
                for part, amount in zip(having, spread([part[amount_name] for part in having], unit), strict=True):
                    part[amount_name] = amount
            for part in value:
                round_amounts(part, digits)


def spread(exact: Sequence[Decimal], unit: Decimal) -> list[Decimal]:
    """Exact amounts in whole units that sum to their exact sum, half up; largest remainders are rounded up, earlier first."""
    parts = [amount.quantize(unit, ROUND_FLOOR) for amount in exact]
    missing = int((sum(exact, Decimal(0)).quantize(unit, ROUND_HALF_UP) - sum(parts, Decimal(0))) / unit)
    if missing:
        for index in sorted(range(len(parts)), key=lambda index: (parts[index] - exact[index], index))[:missing]:
            parts[index] += unit
    return parts
