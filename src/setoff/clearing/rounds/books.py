"""What the books of our units hold, as obligations of a network: for `setoff clear --books`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl
from psycopg import Connection

from setoff.clearing.rounds.collect import collected, counterparties, open_debts, own_units
from setoff.clearing.rounds.solving import debt_id, obligations_frame


def book_obligations(conn: Connection[Any], unit_ids: Sequence[int], as_of: date) -> pl.DataFrame:
    """Debts that had arisen by the day and are open, each once, in their order; parties by code. What a round would bar from the start
    (only one of two books of ours holds it, one legal person, paid in another currency) is left out."""
    debts = open_debts(conn, unit_ids, as_of)
    found = collected(own_units(conn, unit_ids), debts, counterparties(conn, {debt.counterparty_id for debt in debts}))
    taking_part = {debt_id(debt): debt for debt in found.obligations if not debt.barred}
    return obligations_frame({party.no: party for party in found.parties}, taking_part)
