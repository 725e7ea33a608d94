"""Obligations between any parties, from files: who owes whom how much, in columns, a million of them at once.

CSV (comma, semicolon or tab) with a header, or JSON Lines. Columns: id, debtor, creditor, amount, currency; due, number and priority
where there are any; others are passed over. A row that cannot be right is a fault with its file, row, field, code and way to mend it,
and no obligation is kept twice. Obligations are put in one order, by currency, debtor, creditor, priority (higher first), due date
(none last), number and id, so nothing that follows depends on how the file was sorted; `input_hash` is of that order.

Faults: field_missing, invalid_amount, amount_not_positive, amount_too_large, unknown_currency, invalid_date, invalid_value (priority),
reference_exists (an id twice), unknown_reference (a party that a given list does not have).
Errors: file_unreadable, column_missing, row_unreadable.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import polars as pl

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import AMOUNT_MAX, digits_of
from setoff.intake.rows import RowFault, fault

NEEDED: Final = ("id", "debtor", "creditor", "amount", "currency")
OPTIONAL: Final = ("due", "number", "priority")
ORDER: Final = ("currency", "debtor", "creditor", "priority", "due", "number", "id")
HASHED: Final = ("id", "debtor", "creditor", "amount", "currency", "due", "number", "priority")
"""What the hash of the input is taken over; amounts in minor units."""
DIGITS_MAX: Final = 18
"""Digits of an amount that 64 bits hold whatever they are."""
PRIORITY_MAX: Final = 9999


class Read(NamedTuple):
    """Good obligations in their order, with `amount` in minor units, `due` a date, `priority` a small integer; and the bad rows."""

    obligations: pl.DataFrame
    faults: list[RowFault]


def read_obligations(paths: Sequence[Path], parties: Sequence[str] | None = None) -> Read:
    """All files together. With `parties`, any other is unknown."""
    frames = [_texts(path).with_columns(pl.lit(path.name).alias("file")) for path in paths]
    return checked(pl.concat(frames), parties)


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
    return Read(ordered(good), list(_faults(typed.filter(pl.col("fault") != ""))))


def ordered(obligations: pl.DataFrame) -> pl.DataFrame:
    """In the one order; texts by their letters' code points."""
    return obligations.sort(
        *ORDER, descending=[name == "priority" for name in ORDER], nulls_last=[name == "due" for name in ORDER], maintain_order=True
    )


def input_hash(obligations: pl.DataFrame) -> str:
    """SHA-256 of the obligations in their order, written as CSV without a header."""
    text = obligations.select(HASHED).write_csv(include_header=False, date_format="%Y-%m-%d")
    return hashlib.sha256(text.encode()).hexdigest()


def _texts(path: Path) -> pl.DataFrame:
    """Every cell as text, absent columns empty. Errors: see above."""
    try:
        frame = _json_lines(path) if path.suffix in {".jsonl", ".ndjson", ".json"} else _csv(path)
    except OSError as problem:
        raise DomainError(ErrorCode.FILE_UNREADABLE, file=path.name, reason=problem.strerror or str(problem)) from problem
    for name in NEEDED:
        if name not in frame.columns:
            listed = ", ".join(column for column in frame.columns if column != "row")
            raise DomainError(ErrorCode.COLUMN_MISSING, file=path.name, column=name, columns=listed)
    absent = [pl.lit("").alias(name) for name in OPTIONAL if name not in frame.columns]
    return frame.with_columns(absent).select(*NEEDED, *OPTIONAL, "row")


def _csv(path: Path) -> pl.DataFrame:
    with path.open("rb") as file:
        header = file.readline().decode("utf-8-sig", "replace")
    separator = max(",;\t", key=header.count)
    try:
        frame = pl.read_csv(path, separator=separator, infer_schema=False, row_index_name="row", row_index_offset=2)
    except pl.exceptions.NoDataError as problem:
        raise DomainError(ErrorCode.COLUMN_MISSING, file=path.name, column=NEEDED[0], columns="") from problem
    except pl.exceptions.ComputeError as problem:
        row = next(_ragged(path, separator), 0)
        reason = f"{path.name}: {row}: {_first_line(problem)}"
        raise DomainError(ErrorCode.ROW_UNREADABLE, file=path.name, row=row, reason=reason) from problem
    return frame.rename({column: column.strip().lower() for column in frame.columns})


def _ragged(path: Path, separator: str) -> Iterator[int]:
    """Rows that have other cells than the header has."""
    with path.open("rb") as raw:
        reader = csv.reader(TextIOWrapper(raw, "utf-8-sig", "replace", newline=""), delimiter=separator)
        width = len(next(reader, []))
        yield from (number for number, cells in enumerate(reader, 2) if len(cells) > width)


def _json_lines(path: Path) -> pl.DataFrame:
    """Amounts are texts or whole numbers: a fraction in JSON is floating point, and is not read."""
    content = path.read_bytes()
    schema = dict.fromkeys((*NEEDED, *OPTIONAL), pl.String)
    try:
        if b'"amount":"' in content[:4000]:
            return pl.read_ndjson(content, schema=schema).with_row_index("row", 1)
    except pl.exceptions.PolarsError:
        pass  # line by line, to say which
    rows = list(_records(path, content))
    return pl.DataFrame(rows, schema={**schema, "row": pl.UInt32}, orient="row")


def _records(path: Path, content: bytes) -> Iterator[tuple[str | int | None, ...]]:
    decoder = msgspec.json.Decoder(dict[str, str | int | None])
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip():
            continue
        try:
            record = decoder.decode(line)
        except msgspec.MsgspecError as problem:
            reason = f"{path.name}: {number}: {problem}"
            raise DomainError(ErrorCode.ROW_UNREADABLE, file=path.name, row=number, reason=reason) from problem
        yield *(None if record.get(name) is None else str(record[name]) for name in (*NEEDED, *OPTIONAL)), number


def _first_line(problem: Exception) -> str:
    return str(problem).strip().split("\n", 1)[0]


def _due() -> pl.Expr:
    return pl.col("due").str.to_date("%Y-%m-%d", strict=False).alias("due_day")


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
        pl.col("amount").str.extract_groups(r"^(-?)0*(\d*)(?:\.(\d*))?$").alias("parts"),
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
    written = pl.col("amount").str.contains(r"\d") & pl.col("whole").is_not_null()
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
    rules = [
        *empty,
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


def _faults(bad: pl.DataFrame) -> Iterable[RowFault]:
    for row in bad.sort("file", "row").iter_rows(named=True):
        field, _, code = row["fault"].partition(":")
        facts = {"currency": row["currency"], "digits": row["places"] or 0}
        if code == "unknown_reference":
            facts["kind"] = "party"
        elif code == "reference_exists":
            facts["kind"] = "obligation"
        elif field == "priority":
            facts["expected"] = f"0-{PRIORITY_MAX}"
        yield fault(row["file"], row["row"], field, row[field], ErrorCode(code), **facts)
