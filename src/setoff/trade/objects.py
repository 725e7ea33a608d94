"""The settlement object: what, below the contract, an amount is owed for (spec 1.3, 1.7, 1.9).

Each contour has its own detail, so `object_of` is asked twice for a node: with the contract's detail and allocation for the
management contour, with its regulated detail (always automatic) for the regulated one.

    detail     allocation   supply, debt brought in        money, advance brought in
    contract   automatic    the contract                   the contract
    contract   manual       the contract                   its own document, until somebody names what it settles
    order      any          the order; else the document   the order; else the document
    invoice    any          the document                   the document

A payment that names a document goes, for that part, where the lots of that document are (`trade/payment.py`).
"""

from __future__ import annotations

from typing import NamedTuple


class Paper(NamedTuple):
    """What decides the object of a lot. `line`: row of an opening balance, else 0. `stays_apart`: money, or an advance brought
    in: under manual allocation it waits on its own document."""

    document_id: int
    order: str = ""
    line: int = 0
    stays_apart: bool = False


def object_of(detail: str, allocation: str, paper: Paper) -> str:
    """ "" (the contract as a whole), "order:NUMBER", "document:ID" or "document:ID/LINE"."""
    if detail == "contract" and not (allocation == "manual" and paper.stays_apart):
        return ""
    if detail == "order" and paper.order:
        return f"order:{paper.order}"
    return f"document:{paper.document_id}/{paper.line}" if paper.line else f"document:{paper.document_id}"
