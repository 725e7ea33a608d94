"""The settlement object: what, below the contract, an amount is owed for (spec 1.3, 1.7, 1.9).

Each contour has its own detail, so `object_of` is asked twice for a node: with the contract's detail and allocation for the
management contour, with its regulated detail (always automatic) for the regulated one.

    detail     allocation   supply, debt brought in        money, advance brought in
    contract   automatic    the contract                   the contract
    contract   manual       the contract                   its own document, until somebody names what it settles
    order      any          the order; else the document   the order; else the document
    invoice    any          the document                   the document
    order_invoice  any      the document                   the order; else the document

A payment that names a document goes, for that part, where the lots of that document are (`trade/payment.py`).
Errors: invalid_value for names that are too long.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from setoff.core.errors import DomainError, ErrorCode

NAME_LENGTH_MAX: Final = 500
"""Keys, numbers and orders are looked up; an index holds no more than about 2,700 bytes of them together."""


class Paper(NamedTuple):
    """What decides the object of a lot. `line`: row of an opening balance, else 0. `stays_apart`: money, or an advance brought
    in: under manual allocation it waits on its own document."""

    document_id: int
    order: str = ""
    line: int = 0
    stays_apart: bool = False
    is_advance: bool = False
    """An advance moved to an order: it waits there also where debts are by invoice."""


def object_of(detail: str, allocation: str, paper: Paper) -> str:
    """ "" (the contract as a whole), "order:NUMBER", "document:ID" or "document:ID/LINE"."""
    if detail == "contract" and not (allocation == "manual" and paper.stays_apart):
        return ""
    by_order = detail == "order" or (detail == "order_invoice" and (paper.stays_apart or paper.is_advance))
    if by_order and paper.order:
        check_name(paper.order, "order")
        return f"order:{paper.order}"
    return f"document:{paper.document_id}/{paper.line}" if paper.line else f"document:{paper.document_id}"


def check_name(value: str, field: str) -> None:
    """Errors: invalid_value when it is too long."""
    if len(value) > NAME_LENGTH_MAX:
        expected = f"1..{NAME_LENGTH_MAX}"
        raise DomainError(ErrorCode.INVALID_VALUE, value=value[:40] + "\N{HORIZONTAL ELLIPSIS}", field=field, expected=expected)
