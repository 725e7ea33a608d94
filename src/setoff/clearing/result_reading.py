"""A result file (results.py) read back, for who was given it and asks why: after `certificate.verify` found no fault in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from setoff.clearing.certificate import SCHEMA
from setoff.clearing.clear import Outcome
from setoff.core.money import parse_amount

SUMS = ("debt", "eligible", "cleared", "bound", "liquidity")


def read_result(path: Path) -> list[Outcome]:
    """As `clear` gave them, by currency."""
    heads: list[dict[str, Any]] = []
    content = path.read_bytes()
    at = 0
    while at < len(content):
        end = content.find(b"\n", at) + 1 or len(content)
        record = msgspec.json.decode(content[at:end], type=dict[str, Any])
        if record["record"] in {"party", "obligation"}:
            break
        heads.append(record)
        at = end
    frame = pl.read_ndjson(content[at:], schema=SCHEMA) if at < len(content) else pl.DataFrame(schema=SCHEMA)
    caps = [head for head in heads if head["record"] == "cap"]
    return [_outcome(head, caps, frame.filter(pl.col("currency") == head["currency"])) for head in heads if head["record"] == "currency"]


def _outcome(head: dict[str, Any], caps: list[dict[str, Any]], frame: pl.DataFrame) -> Outcome:
    currency = str(head["currency"])
    sums = {name: parse_amount(str(head[name]), currency) for name in SUMS}
    minor = [pl.col(name).str.replace(".", "", literal=True).cast(pl.Int64) for name in ("amount", "cleared")]
    parties = frame.filter(pl.col("record") == "party").select(
        "party", "level", "level_out", *(pl.col(name).str.replace(".", "", literal=True).cast(pl.Int64) for name in ("borrowed", "paid"))
    )
    obligations = frame.filter(pl.col("record") == "obligation").select(
        "id", "debtor", "creditor", minor[0], "currency", "due", "number", "priority", "excluded", minor[1]
    )
    return Outcome(
        currency=currency, obligations=obligations, parties=parties, pairs=int(head["pairs"]), cycle_max=int(head["cycle_max"]),
        caps=[{name: str(cap[name]) for name in ("party", "creditor", "amount")} for cap in caps if cap["currency"] == currency],
        funder_levels=(int(head["funder_in"]), int(head["funder_out"])), **sums,
    )  # fmt: skip
