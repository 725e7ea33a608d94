"""Obligations between any parties, from files: who owes whom how much, in columns, a million of them at once.

Files are read by `obligation_files.py`: CSV or JSON Lines with the columns id, debtor, creditor, amount, currency; due, number and priority
where there are any; others are passed over. A row that cannot be right is a fault with its file, row, field, code and way to mend it,
and no obligation is kept twice. Obligations are put in one order, by currency, debtor, creditor, priority (higher first), due date
(none last), number and id, so nothing that follows depends on how the file was sorted; `input_hash` is of that order.

Faults: those of `obligation_files.py`; field_missing, invalid_amount, amount_not_positive, amount_too_large, unknown_currency,
invalid_date, invalid_value (a priority, a name of more than one line or too many letters), reference_exists (an id twice),
unknown_reference (a party that a given list does not have). Errors: those of `obligation_files.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl

from setoff.clearing.obligation_files import FAULTS_KEPT, NEEDED, OPTIONAL, texts_of
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import AMOUNT_MAX, digits_of
from setoff.intake.rows import RowFault, fault

ORDER: Final = ("currency", "debtor", "creditor", "priority", "due", "number", "id")
HASHED: Final = ("id", "debtor", "creditor", "amount", "currency", "due", "number", "priority")
"""What the hash of the input is taken over; amounts in minor units."""
DIGITS_MAX: Final = 18
"""Digits of an amount that 64 bits hold whatever they are."""
PRIORITY_MAX: Final = 9999
YEARS: Final = (1900, 2999)
"""Of due dates: days of age times amounts stay far below 64 bits."""
NAME_LETTERS_MAX: Final = 300


class Read(NamedTuple):
    """Good obligations in their order, with `amount` in minor units, `due` a date, `priority` a small integer; the first bad rows, and
    how many there are in all."""

    obligations: pl.DataFrame
    faults: list[RowFault]
    bad: int


def read_obligations(paths: Sequence[Path], parties: Sequence[str] | None = None, *, name: str = "") -> Read:
    """All files together. With `parties`, any other is unknown. `name`: what a single file is called to people."""
    texts = [texts_of(path, name or path.name) for path in paths]
    frames = [found.frame.with_columns(pl.lit(name or path.name).alias("file")) for path, found in zip(paths, texts, strict=True)]
    read = checked(pl.concat(frames), parties)
    faults = sorted([*read.faults, *(one for found in texts for one in found.faults.kept)], key=lambda one: (one.file, one.row))
    return Read(read.obligations, faults[:FAULTS_KEPT], read.bad + sum(found.faults.count for found in texts))


def checked(frame: pl.DataFrame, parties: Sequence[str] | None = None) -> Read:
    """From texts (columns NEEDED, OPTIONAL, file, row) to obligations and faults; every row is in one of both."""
    typed = frame.with_columns(
        pl.col(name).str.strip_chars().fill_null("") for name in (*NEEDED, *OPTIONAL)
    ).with_columns(_due(), _priority())  # fmt: skip
    typed = _with_amounts(typed)
    typed = typed.with_columns(_fault_of(parties).alias("fault"))
    twice = pl.when(pl.col("fault") == "").then(pl.col("id")).is_first_distinct()
    again = pl.when((pl.col("fault") == "") & ~twice).then(pl.lit("id:reference_exists")).otherwise("fault")
    typed = typed.with_columns(again.alias("fault"))
    good = typed.filter(pl.col("fault") == "").select(
        "id", "debtor", "creditor", pl.col("minor").alias("amount"), "currency",
        pl.col("due_day").alias("due"), "number", pl.col("rank").alias("priority"),
    )  # fmt: skip
    bad = typed.filter(pl.col("fault") != "")
    return Read(ordered(good), list(_faults(bad)), bad.height)


def ordered(obligations: pl.DataFrame) -> pl.DataFrame:
    """In the one order; texts by their letters' code points."""
    return obligations.sort(
        *ORDER, descending=[name == "priority" for name in ORDER], nulls_last=[name == "due" for name in ORDER], maintain_order=True
    )


def input_hash(obligations: pl.DataFrame) -> str:
    """SHA-256 of the obligations in their order, written as CSV without a header."""
    text = obligations.select(HASHED).write_csv(include_header=False, date_format="%Y-%m-%d")
    return hashlib.sha256(text.encode()).hexdigest()


def _due() -> pl.Expr:
    written = pl.when(pl.col("due").str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")).then("due")
    day = written.str.to_date("%Y-%m-%d", strict=False)
    return pl.when(day.dt.year().is_between(*YEARS)).then(day).alias("due_day")


def _priority() -> pl.Expr:
    empty = pl.col("priority") == ""
    return pl.when(empty).then(pl.lit(0, pl.Int64)).otherwise(pl.col("priority").cast(pl.Int64, strict=False)).alias("rank")


def _with_amounts(frame: pl.DataFrame) -> pl.DataFrame:
    """`minor`: minor units, absent where the text is no amount of its currency or has too many digits; `places`: the decimals of
    the currency, absent for an unknown one."""
    places = {}
    for currency in frame["currency"].unique().to_list():
        try:
            places[currency] = digits_of(currency)
        except DomainError:
            continue
    frame = frame.with_columns(
        pl.col("currency").replace_strict(places, default=None, return_dtype=pl.Int64).alias("places"),
        pl.col("amount").str.extract_groups(r"^(-?)0*([0-9]*)(?:\.([0-9]*))?$").alias("parts"),
    ).with_columns(
        pl.col("parts").struct[0].alias("sign"),
        pl.col("parts").struct[1].alias("whole"),
        pl.col("parts").struct[2].fill_null("").alias("tail"),
    )  # fmt: skip
    kept = pl.col("tail").str.slice(0, pl.col("places"))
    missing = pl.col("places") - kept.str.len_bytes()
    value = (pl.col("whole") + kept).cast(pl.Int64, strict=False).fill_null(0) * pl.lit(10, pl.Int64).pow(missing.cast(pl.UInt32))
    fits = pl.col("whole").str.len_bytes() + pl.col("places") <= DIGITS_MAX
    exact = pl.col("tail").str.slice(pl.col("places")).str.strip_chars("0") == ""
    written = pl.col("amount").str.contains(r"[0-9]") & pl.col("whole").is_not_null()
    return frame.with_columns(
        (written & exact).fill_null(value=False).alias("is_amount"),
        pl.when(written & exact & fits).then(pl.when(pl.col("sign") == "-").then(-value).otherwise(value)).alias("minor"),
    ).drop("parts", "whole", "tail")  # fmt: skip


def _fault_of(parties: Sequence[str] | None) -> pl.Expr:
    """ "field:code" of the first thing that is wrong with a row, "" when nothing is."""
    empty = [(pl.col(name) == "", f"{name}:field_missing") for name in NEEDED]
    known = [] if parties is None else [
        (~pl.col(name).is_in(list(parties)), f"{name}:unknown_reference") for name in ("debtor", "creditor")
    ]  # fmt: skip
    texts = [
        (pl.col(name).str.contains(r"[\x00-\x1f\x7f]") | (pl.col(name).str.len_chars() > NAME_LETTERS_MAX), f"{name}:invalid_value")
        for name in ("id", "debtor", "creditor", "number")
    ]  # fmt: skip
    rules = [
        *empty,
        *texts,
        *known,
        (pl.col("places").is_null(), "currency:unknown_currency"),
        (~pl.col("is_amount"), "amount:invalid_amount"),
        (pl.col("minor").is_null() | (pl.col("minor") > AMOUNT_MAX), "amount:amount_too_large"),
        (pl.col("minor") <= 0, "amount:amount_not_positive"),
        ((pl.col("due") != "") & pl.col("due_day").is_null(), "due:invalid_date"),
        (pl.col("rank").is_null() | ~pl.col("rank").is_between(0, PRIORITY_MAX), "priority:invalid_value"),
    ]
    found = pl.lit("")
    for wrong, name in reversed(rules):
        found = pl.when(wrong).then(pl.lit(name)).otherwise(found)
    return found


def _faults(bad: pl.DataFrame) -> Iterator[RowFault]:
    """The first FAULTS_KEPT."""
    for row in bad.sort("file", "row").head(FAULTS_KEPT).iter_rows(named=True):
        field, _, code = row["fault"].partition(":")
        facts = {"currency": row["currency"], "digits": row["places"] or 0}
        if code == "unknown_reference":
            facts["kind"] = "party"
        elif code == "reference_exists":
            facts["kind"] = "obligation"
        elif field == "priority":
            facts["expected"] = f"0-{PRIORITY_MAX}"
        elif code == "invalid_value":
            facts["expected"] = f"1-{NAME_LETTERS_MAX}"
        yield fault(row["file"], row["row"], field, row[field][:NAME_LETTERS_MAX], ErrorCode(code), **facts)
