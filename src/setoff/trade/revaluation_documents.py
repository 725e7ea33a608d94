"""Revaluations of debts in foreign currency as people write them (spec 2.7). Rules: `trade/revaluation.py`."""

from __future__ import annotations

from setoff.trade.document import Document, Part


class RevaluationRate(Part, kw_only=True):
    """`rate` units of book currency for `nominal` units of `currency`. `typed`: said by hand, so that a rate of the rate table does not
    replace it."""

    currency: str
    rate: str
    nominal: str = "1"
    typed: bool = False


class Revaluation(Document, tag="revaluation", kw_only=True):
    """From its moment on every open debt in a foreign currency is worth what is left of it at these rates; advances keep their value (spec
    2.7)."""

    rates: tuple[RevaluationRate, ...] = ()
