"""Debts that a file states, put into a round: read and checked as for `setoff clear` (clearing/obligations.py), with parties of the round.

A party is named by its tax number or its code; one that nobody knows yet is new. Debts of our own units are not taken from files: their
books state them, and books and file would count them twice. A file is taken whole or not at all. Errors: those of
clearing/obligations.py; round_rows_refused with the rows, round_own_party with the ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl

from setoff.clearing.obligation_files import COLUMNS, Faults
from setoff.clearing.obligations import Read, joined, part_of, read_obligations
from setoff.clearing.rounds.records import Party
from setoff.core.errors import DomainError, ErrorCode

ROWS_TOLD: Final = 50


class Placed(NamedTuple):
    """Parties that are new, and the debts with the numbers of their parties."""

    parties: list[Party]
    debts: pl.DataFrame


def debts_of_file(path: Path, name: str = "") -> pl.DataFrame:
    """What the file states, in its order."""
    return taken(read_obligations([path], name=name), name or path.name)


def debts_of_rows(rows: Iterable[Mapping[str, str]], name: str) -> pl.DataFrame:
    """Rows of texts, counted from 1."""
    schema = {**dict.fromkeys(COLUMNS, pl.String), "row": pl.UInt32}
    made = [(*(row.get(column, "") for column in COLUMNS), number) for number, row in enumerate(rows, 1)]
    return taken(joined([part_of(pl.DataFrame(made, schema=schema, orient="row"), name)], Faults()), name)


def taken(read: Read, name: str) -> pl.DataFrame:
    """The debts, when no row is bad."""
    if read.bad:
        rows = [{"row": fault.row, "field": fault.field, "code": fault.code.value} for fault in read.faults[:ROWS_TOLD]]
        raise DomainError(ErrorCode.ROUND_ROWS_REFUSED, file=name, count=str(read.bad), rows=rows)
    return read.obligations


def placed(debts: pl.DataFrame, known: Iterable[Party], *, name: str) -> Placed:
    """Debts with debtor_no and creditor_no."""
    numbers: dict[str, int] = {}
    ours: set[int] = set()
    last = 0
    for party in known:
        numbers[party.code] = party.no
        if party.tax_id:
            numbers.setdefault(party.tax_id, party.no)
        if party.unit_id is not None:
            ours.add(party.no)
        last = max(last, party.no)
    named = sorted(set(debts["debtor"].unique()) | set(debts["creditor"].unique()))
    new = [Party(number, code, code, "", "", "en") for number, code in enumerate((code for code in named if code not in numbers), last + 1)]
    numbers |= {party.code: party.no for party in new}
    found = debts.with_columns(
        pl.col(side).cast(pl.String).replace_strict(numbers, return_dtype=pl.Int64).alias(f"{side}_no") for side in ("debtor", "creditor")
    )
    own = found.filter(pl.col("debtor_no").is_in(ours) | pl.col("creditor_no").is_in(ours))["id"].head(ROWS_TOLD).to_list()
    if own:
        raise DomainError(ErrorCode.ROUND_OWN_PARTY, round=name, rows=[{"obligation": reference} for reference in own])
    return Placed(new, found)
