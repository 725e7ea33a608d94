"""Obligations for tests: written shortly, read by the same door as files."""

from __future__ import annotations

from typing import Any

import polars as pl

from setoff.clearing.obligation_files import NEEDED, OPTIONAL, Faults
from setoff.clearing.obligations import Read, joined, part_of


def read(*lines: str) -> Read:
    """ "A B 100.00 2026-01-10" (amount in EUR unless "100:JPY"; due may be absent): obligations 1, 2, ... in that order."""
    records = []
    for number, line in enumerate(lines, 1):
        debtor, creditor, amount, *due = line.split()
        much, _, currency = amount.partition(":")
        sides = {"id": str(number), "debtor": debtor, "creditor": creditor}
        records.append({**sides, "amount": much, "currency": currency or "EUR", "due": "".join(due)})
    return rows(records)


def rows(records: list[dict[str, Any]]) -> Read:
    columns = {name: [str(record.get(name, "")) for record in records] for name in (*NEEDED, *OPTIONAL)}
    frame = pl.DataFrame(columns, schema=dict.fromkeys((*NEEDED, *OPTIONAL), pl.String))
    return joined([part_of(frame.with_row_index("row", 2), "o.csv")], Faults())


def made(*lines: str) -> pl.DataFrame:
    found = read(*lines)
    assert found.faults == []
    return found.obligations
