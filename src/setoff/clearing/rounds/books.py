"""What the books of our units hold, as obligations of a network: for `setoff clear --books` and the API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import polars as pl
from psycopg import Connection

from setoff.clearing.rounds.collect import collected, counterparties, open_debts, own_units
from setoff.clearing.rounds.solving import debt_id, obligations_frame


class LeftOut(NamedTuple):
    """Debts of one currency that a round would bar from the start: mirror (only one of two books of ours holds it), same_party,
    unit_currency (paid in another currency). Minor units."""

    currency: str
    reason: str
    debts: int
    amount: int


class BookDebts(NamedTuple):
    obligations: pl.DataFrame
    left_out: list[LeftOut]


def book_debts(conn: Connection[Any], unit_ids: Sequence[int], as_of: date) -> BookDebts:
    """Debts that had arisen by the day and are open, each once, in their order; parties by code."""
    debts = open_debts(conn, unit_ids, as_of)
    found = collected(own_units(conn, unit_ids), debts, counterparties(conn, {debt.counterparty_id for debt in debts}))
    taking_part = {debt_id(debt): debt for debt in found.obligations if not debt.barred}
    barred: dict[tuple[str, str], list[int]] = {}
    for debt in found.obligations:
        if debt.barred:
            barred.setdefault((debt.currency, debt.barred), []).append(debt.amount)
    left_out = [LeftOut(*key, len(amounts), sum(amounts)) for key, amounts in sorted(barred.items())]
    return BookDebts(obligations_frame({party.no: party for party in found.parties}, taking_part), left_out)
