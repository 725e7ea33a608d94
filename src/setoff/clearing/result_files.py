"""What a result does, as files for people and programs: chain documents, and what every party gains. CSV or JSON Lines.

Amounts are plain decimal texts; no cell of a table runs as a formula.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import TextIOWrapper
from typing import IO, Any

import msgspec

from setoff.clearing.chains import CHAIN_COLUMNS, chain_record, chain_rows, chains_of
from setoff.clearing.clear import Outcome
from setoff.clearing.effects import PARTY_COLUMNS, party_frame
from setoff.core.cells import safe_cell
from setoff.core.money import format_amount


def write_chains(file: IO[bytes], outcomes: Iterable[Outcome], funder: str, *, is_table: bool) -> None:
    """A chain a line; in a table an obligation of a chain a line. Each currency's chains are numbered from 1."""
    if not is_table:
        for outcome in outcomes:
            for chain in chains_of(outcome, funder):
                file.write(msgspec.json.encode(chain_record(chain)) + b"\n")
        return
    rows = (map(safe_cell, row) for outcome in outcomes for chain in chains_of(outcome, funder) for row in chain_rows(chain))
    _write_table(file, CHAIN_COLUMNS, rows)


def write_gains(file: IO[bytes], outcomes: Sequence[Outcome], *, is_table: bool) -> None:
    """A party a line, who clears most first."""
    first = next(iter(outcomes), None)
    for outcome in outcomes:
        rows = ([_plain(value, outcome.currency) for value in row] for row in party_frame(outcome).iter_rows())
        if is_table:
            _write_table(file, PARTY_COLUMNS if outcome is first else (), ([safe_cell(name), *amounts] for name, *amounts in rows))
        else:
            file.writelines(msgspec.json.encode(dict(zip(PARTY_COLUMNS, row, strict=True))) + b"\n" for row in rows)


def _plain(value: Any, currency: str) -> str:
    return format_amount(value, currency) if isinstance(value, int) else str(value)


def _write_table(file: IO[bytes], columns: tuple[str, ...], rows: Iterable[Iterable[str]]) -> None:
    text = TextIOWrapper(file, "utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")
    if columns:
        writer.writerow(columns)
    writer.writerows(rows)
    text.detach()
