"""The file of a result: JSON Lines that say what was asked, what came out, and the proof of it.

    {"record": "clearing", "format": 2, "setoff": "0.1.0", "input_sha256": "...", "choices": {...}, "obligations": 3, "columns": {...}}
    {"record": "currency", "currency": "EUR", "debt": "260.00", "eligible": "260.00", "cleared": "210.00", "bound": "210.00", ...}
    {"record": "cap", "currency": "EUR", "party": "A", "creditor": "", "amount": "100.00"}
    ["party","EUR","A","0.00","0.00",0,0]
    ["obligation","EUR","1","A","B","100.00","2026-01-10","","","70.00",0]

Parties and obligations are lists of cells, which the first record names (`columns`): a million of them are read in a third of the time
that names in every line take. Amounts are texts with all decimals of their currency. Everything stands in the order of
`obligations.py`; equal input and choices give equal files. `certificate.py` reads it back and checks it without the code that made it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from importlib.metadata import version
from typing import IO, Any, Final

import msgspec
import polars as pl

from setoff.clearing.choices import Choices
from setoff.clearing.clear import Outcome
from setoff.clearing.obligations import hash_of
from setoff.core.money import digits_of, format_amount

FORMAT: Final = 2
COLUMNS: Final = {
    "party": ("record", "currency", "party", "borrowed", "paid", "level", "level_out"),
    "obligation": (
        "record", "currency", "id", "debtor", "creditor", "amount", "due", "number", "excluded", "cleared", "priority",
    ),
}  # fmt: skip
AMOUNTS: Final = {"party": ("borrowed", "paid"), "obligation": ("amount", "cleared")}
NUMBERS: Final = ("level", "level_out", "priority")
ROWS_AT_ONCE: Final = 1 << 17


def write_result(file: IO[bytes], outcomes: list[Outcome], choices: Choices) -> None:
    """The obligations of all currencies, one after another, are the ordered input: its hash is theirs."""
    parts = (part for outcome in outcomes for part in outcome.rows.parts())
    head = {
        "record": "clearing", "format": FORMAT, "setoff": version("setoff"), "input_sha256": hash_of(parts),
        "choices": choices_made(choices), "obligations": sum(outcome.rows.height for outcome in outcomes), "columns": COLUMNS,
    }  # fmt: skip
    file.write(msgspec.json.encode(head) + b"\n")
    for outcome in outcomes:
        file.write(msgspec.json.encode(currency_record(outcome)) + b"\n")
        for cap in outcome.caps:
            file.write(msgspec.json.encode({"record": "cap", "currency": outcome.currency, **cap}) + b"\n")
    for outcome in outcomes:
        parties = outcome.parties.with_columns(pl.lit(outcome.currency).alias("currency"))
        _write(file, "party", [parties], outcome.currency)
        _write(file, "obligation", outcome.rows.parts(), outcome.currency)


def _write(file: IO[bytes], record: str, parts: Iterable[pl.DataFrame], currency: str) -> None:
    texts = [amount_text(name, currency) for name in AMOUNTS[record]]
    for rows in (rows for part in parts for rows in part.iter_slices(ROWS_AT_ONCE)):
        file.write(lines_of(rows.select(pl.lit(record).alias("record"), pl.all()).with_columns(texts).select(COLUMNS[record])))


def lines_of(rows: pl.DataFrame) -> bytes:
    """A list of cells a line; all but NUMBERS are texts, "" where there is none."""
    texts = [name for name in rows.columns if name not in NUMBERS]
    rows = rows.with_columns(pl.col(texts).cast(pl.String).fill_null(""))
    if rows.select(pl.any_horizontal(pl.col(texts).str.contains(r'["\\\x00-\x1f]').any())).item():
        return b"".join(msgspec.json.encode(row) + b"\n" for row in rows.iter_rows())
    cells = [pl.format('"{}"', name) if name in texts else pl.col(name).cast(pl.String) for name in rows.columns]
    line = pl.concat_str(pl.lit("["), pl.concat_str(cells, separator=","), pl.lit("]"))
    return rows.select(line).write_csv(include_header=False, quote_style="never").encode()


def currency_record(outcome: Outcome) -> dict[str, Any]:
    sums = {name: format_amount(getattr(outcome, name), outcome.currency) for name in ("debt", "eligible", "cleared", "bound", "liquidity")}
    return {
        "record": "currency", "currency": outcome.currency, **sums, "pairs": outcome.pairs, "cycle_max": outcome.cycle_max,
        "funder_in": outcome.funder_levels[0], "funder_out": outcome.funder_levels[1],
    }  # fmt: skip


def choices_made(choices: Choices) -> dict[str, Any]:
    """The choices that differ from none at all; dates as texts, sets sorted."""
    none = asdict(Choices())
    return {name: _plain(value) for name, value in asdict(choices).items() if value != none[name] or name == "prefer"}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return sorted(value) if isinstance(value, frozenset) else value


def amount_text(name: str, currency: str) -> pl.Expr:
    """Minor units as text, as `format_amount` writes them, for a whole column of amounts that are not negative."""
    digits = digits_of(currency)
    column = pl.col(name)
    if digits == 0:
        return column.cast(pl.String)
    unit = 10**digits
    return pl.concat_str((column // unit).cast(pl.String), pl.lit("."), (column % unit).cast(pl.String).str.zfill(digits)).alias(name)
