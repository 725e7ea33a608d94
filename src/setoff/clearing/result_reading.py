"""A result file (results.py) read back, for who was given it and asks why: after `certificate.verify` found no fault in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from setoff.clearing.certificate import PARTY, ROW, frame_of, heads_of, parts_of, rows_of
from setoff.clearing.clear import Outcome
from setoff.clearing.held import Rows
from setoff.core.money import parse_amount

SUMS = ("debt", "eligible", "cleared", "bound", "liquidity")


def read_result(path: Path) -> list[Outcome]:
    """As `clear` gave them, by currency."""
    with path.open("rb") as file:
        heads = heads_of(file)
        parts = [(columns, rows_of(part, columns)[0]) for columns, part in parts_of(file.read())]
    parties, rows = (
        pl.concat([frame_of([], columns), *(frame for kind, frame in parts if kind is columns)]) for columns in (PARTY, ROW)
    )
    caps = [head for head in heads if head["record"] == "cap"]
    return [
        _outcome(head, caps, *(frame.filter(pl.col("currency") == head["currency"]) for frame in (parties, rows)))
        for head in heads if head["record"] == "currency"
    ]  # fmt: skip


def _outcome(head: dict[str, Any], caps: list[dict[str, Any]], own: pl.DataFrame, rows: pl.DataFrame) -> Outcome:
    currency = str(head["currency"])
    sums = {name: parse_amount(str(head[name]), currency) for name in SUMS}
    minor = [pl.col(name).str.replace(".", "", literal=True).cast(pl.Int64) for name in ("amount", "cleared")]
    parties = own.select(
        "party", "level", "level_out", *(pl.col(name).str.replace(".", "", literal=True).cast(pl.Int64) for name in ("borrowed", "paid"))
    )
    due = pl.when(pl.col("due") != "").then("due").alias("due")
    obligations = rows.select(
        "id", "debtor", "creditor", minor[0], "currency", due, "number", "priority", "excluded", minor[1]
    )
    return Outcome(
        currency=currency, rows=Rows.of(obligations), parties=parties, pairs=int(head["pairs"]), cycle_max=int(head["cycle_max"]),
        caps=[{name: str(cap[name]) for name in ("party", "creditor", "amount")} for cap in caps if cap["currency"] == currency],
        funder_levels=(int(head["funder_in"]), int(head["funder_out"])), **sums,
    )  # fmt: skip
