"""Why one obligation was cleared, in part, or not at all: read from the levels of the certificate.

    excluded         it took no part (the reason of `choices.py` follows)
    always           1 + level(debtor) - level(creditor) > 0: every largest total clears it in full
    never            the same < 0: whatever is cleared of it costs more elsewhere; no chain of debts leads back cheaply enough. Or its
                     creditor owes nobody, or nobody owes its debtor: there is no chain at all
    chosen           the same = 0, and cleared in full: it was preferred among the largest totals
    shared           the same = 0, and cleared in part: the chains that it belongs to are used up
    behind           the same = 0, and not cleared: older or preferred obligations came first, or its chains are used up
    capped           a cap of its debtor, its creditor or the pair is reached
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import polars as pl

from setoff.clearing.clear import Outcome
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import parse_amount


class Why(NamedTuple):
    """The answer, and what it is read from. Amounts in minor units."""

    answer: str
    excluded: str
    currency: str
    amount: int
    cleared: int
    debtor_level: int
    creditor_level: int


def why(outcomes: Iterable[Outcome], obligation: str) -> Why:
    """Errors: unknown_reference."""
    for outcome in outcomes:
        rows = outcome.obligations.filter(pl.col("id") == obligation)
        if rows.is_empty():
            continue
        row = rows.row(0, named=True)
        levels = {name: (level, out) for name, level, out in outcome.parties.select("party", "level", "level_out").iter_rows()}
        own, other = levels[row["debtor"]][1], levels[row["creditor"]][0]
        answer = "excluded" if row["excluded"] else _answer(outcome, row, 1 + own - other)
        return Why(answer, row["excluded"], outcome.currency, row["amount"], row["cleared"], own, other)
    raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="obligation", value=obligation)


def _answer(outcome: Outcome, row: dict[str, object], slack: int) -> str:
    if row["cleared"] != row["amount"] and _at_cap(outcome, str(row["debtor"]), str(row["creditor"])):
        return "capped"
    if slack:
        return "always" if slack > 0 else "never"
    part = outcome.obligations.filter(pl.col("excluded") == "")
    if not outcome.liquidity and (row["creditor"] not in part["debtor"] or row["debtor"] not in part["creditor"]):
        return "never"
    if row["cleared"] == row["amount"]:
        return "chosen"
    return "shared" if row["cleared"] else "behind"


def _at_cap(outcome: Outcome, debtor: str, creditor: str) -> bool:
    """A cap that concerns this debt has no room left. What a funder moves counts for a party."""
    rows = outcome.obligations
    funded = {name: max(lent, paid) for name, lent, paid in outcome.parties.select("party", "borrowed", "paid").iter_rows()}
    for cap in outcome.caps:
        party = cap["party"]
        if cap["creditor"] and (party, cap["creditor"]) == (debtor, creditor):
            used = rows.filter((pl.col("debtor") == debtor) & (pl.col("creditor") == creditor))["cleared"].sum()
        elif not cap["creditor"] and party in {debtor, creditor}:
            used = rows.filter(pl.col("debtor") == party)["cleared"].sum() + funded[party]
        else:
            continue
        if used >= parse_amount(cap["amount"], outcome.currency):
            return True
    return False
