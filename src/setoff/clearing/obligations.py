"""Obligations between any parties, from files: who owes whom how much, in columns, a million of them at once.

Files are read by `obligation_files.py`: CSV or JSON Lines with the columns id, debtor, creditor, amount, currency; due, number and priority
where there are any; others are passed over. Every portion of a file becomes narrow columns at once, names as categories. Of a row that
cannot be right every field that is wrong is a fault with its file, row, code and way to mend it, and no obligation is kept twice.
Obligations are put in one order, by currency, debtor, creditor, priority (higher first), due date (none last), number and id, so nothing
that follows depends on how the file was sorted; `input_hash` is of that order.

Faults: those of `obligation_files.py`; field_missing, invalid_amount, amount_not_positive, amount_too_large, unknown_currency,
invalid_date, invalid_value (a priority, a name of more than one line or too many letters), reference_exists (an id twice),
unknown_reference (a party that a given list does not have). Errors: those of `obligation_files.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from setoff.clearing.held import LONG, Held, Pieces, Shelf, away
from setoff.clearing.obligation_files import FAULTS_KEPT, NEEDED, OPTIONAL, Faults, take_texts
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
ROWS_AT_ONCE: Final = 1 << 17
LARGE_BYTES: Final = 1 << 27
"""Of files, from which on columns are laid aside while they are read."""
LAST_MOVED: Final = ("row", "amount", "number", "id")
"""Columns that may stand in files while the others are put in order."""
LAST_DAY: Final = 1 << 30
"""After every due date."""
NAMES: Final = ("currency", "debtor", "creditor")


class Read(NamedTuple):
    """Good obligations in their order, with `amount` in minor units, `due` a date, `priority` a small integer; the first bad rows, and
    how many there are in all. Of many rows the obligations stand in files."""

    held: Held
    faults: list[RowFault]
    bad: int

    @property
    def obligations(self) -> pl.DataFrame:
        return self.held.frame()


class Part(NamedTuple):
    """A portion of a file: good rows in narrow columns (names as categories), with the row they stand in, and the hashes of their ids;
    the first bad rows, and how many there are."""

    file: str
    good: Held
    hashes: NDArray[np.uint64]
    faults: list[RowFault]
    bad: int


def read_obligations(paths: Sequence[Path], parties: Sequence[str] | None = None, *, name: str = "") -> Read:
    """All files together. With `parties`, any other is unknown. `name`: what a single file is called to people."""
    parts: list[Part] = []
    faults = Faults()
    shelf = Shelf() if _bytes_of(paths) >= LARGE_BYTES else None
    for path in paths:
        called = name or path.name
        taken = take_texts(path, called, partial(part_of, file=called, parties=parties, shelf=shelf))
        parts += taken.portions
        taken.portions.clear()  # `joined` lets them go
        faults.kept += taken.faults.kept
        faults.count += taken.faults.count
    return joined(parts, faults)


def _bytes_of(paths: Sequence[Path]) -> int:
    """0 where a file cannot be looked at: whoever opens it says why."""
    try:
        return sum(path.stat().st_size for path in paths)
    except OSError:
        return 0


def part_of(texts: pl.DataFrame, file: str, parties: Sequence[str] | None = None, *, shelf: Shelf | None = None) -> Part:
    """From texts (columns COLUMNS, row): every row is good or bad. With a shelf what does not decide the order stands there."""
    typed = texts.with_columns(
        pl.col(name).str.strip_chars().fill_null("") for name in (*NEEDED, *OPTIONAL)
    ).with_columns(_due(), _priority())  # fmt: skip
    typed = _with_amounts(typed)
    wrongs = _wrongs(parties)
    typed = typed.with_columns(
        pl.any_horizontal(wrong for rules in wrongs.values() for _, wrong in rules).fill_null(value=False).alias("is_bad")
    )
    good = typed.filter(~pl.col("is_bad")).select(
        "id", *(pl.col(name).cast(pl.Categorical) for name in ("debtor", "creditor")), pl.col("minor").alias("amount"),
        pl.col("currency").cast(pl.Categorical), pl.col("due_day").alias("due"), pl.col("number").cast(pl.Categorical),
        pl.col("rank").cast(pl.Int16).alias("priority"), pl.col("row").cast(pl.UInt32),
    )  # fmt: skip
    bad = typed.filter(pl.col("is_bad"))
    hashes = good["id"].hash().to_numpy()
    pieces = {name: away(good[name], shelf) if shelf and name in LAST_MOVED else [good[name]] for name in good.columns}
    return Part(file, Held(pieces, good.height), hashes, list(_faults(bad, file, wrongs)), bad.height)


def joined(parts: list[Part], unread: Faults) -> Read:
    """All parts, of which nothing is left, and the rows that could not be read. No obligation is kept twice: the first with its id is."""
    faults = [*unread.kept, *(found for part in parts for found in part.faults)]
    bad = unread.count + sum(part.bad for part in parts)
    ends = np.cumsum([part.good.height for part in parts])
    files = [part.file for part in parts]
    is_unique = _are_unique(np.concatenate([part.hashes for part in parts]))
    held = Held(
        {name: [piece for part in parts for piece in part.good.columns[name]] for name in parts[0].good.columns}, int(ends[-1])
    )  # fmt: skip
    parts.clear()
    if not is_unique:
        rows = held.frame()
        first = rows["id"].is_first_distinct()
        again = rows.filter(~first).select("id", "row", "currency")
        bad += len(again)
        places = np.searchsorted(ends, np.flatnonzero(~first.to_numpy()), side="right")[:FAULTS_KEPT].tolist()
        for (value, row, currency), place in zip(again.head(FAULTS_KEPT).rows(), places, strict=True):
            facts = {"record": "obligation", "currency": currency, "digits": digits_of(currency), "kind": "obligation"}
            faults.append(fault(files[place], row, "id", value, ErrorCode.REFERENCE_EXISTS, **facts))
        held = Held.of(rows.filter(first))
        del rows
    faults.sort(key=lambda one: (one.file, one.row))
    del held.columns["row"]
    return Read(_in_order(held), faults[:FAULTS_KEPT], bad)


def _are_unique(hashes: NDArray[np.uint64]) -> bool:
    """Whether no id comes twice, for sure; by hashes, which take a third of the memory that texts in a table take. Two ids of one hash, in
    millions of millions, would only cost the longer look."""
    hashes.sort()
    return not (hashes[1:] == hashes[:-1]).any()


def ordered(obligations: pl.DataFrame) -> pl.DataFrame:
    """In the one order; texts by their letters' code points. Names become enumerations."""
    return _in_order(Held.of(obligations)).frame()


def _in_order(held: Held) -> Held:
    """The same. Millions of rows: every column is put away as soon as it stands in the new order. Of `held` nothing is left."""
    names = list(held.columns)
    for sides in (("debtor", "creditor"), ("currency",)):
        for column in enumerated(held.frame(*sides), *sides):
            held.columns[column.name] = [column]
    order = _order(held)
    found: dict[str, Pieces] = {}
    shelf = Shelf() if len(order) >= LONG else None
    for name in sorted(names, key=lambda name: name in LAST_MOVED):
        column = held.take(name).gather(order)
        found[name] = away(column, shelf) if shelf else [column]
        del column
    return Held({name: found[name] for name in names}, len(order))


def _order(held: Held) -> pl.Series:
    """Which row stands where. Numbers and ids are looked at only where all the rest is equal."""
    keys = _keys(held.frame("currency", "debtor", "creditor", "priority", "due"))
    order = keys.select(pl.arg_sort_by(keys.columns)).to_series()
    keys = keys[order]
    equal = keys.select(pl.all_horizontal(pl.all() == pl.all().shift(1))).to_series().fill_null(value=False)
    del keys
    if not equal.any():
        return order
    tied = equal | equal.shift(-1, fill_value=False)
    group = pl.select((~equal).cum_sum()).to_series().filter(tied)
    rows = order.filter(tied)
    numbers, ids = (held.column(name).gather(rows).cast(pl.String) for name in ("number", "id"))
    keys = pl.DataFrame({"group": group, "number": numbers, "id": ids})
    inner = keys.select(pl.arg_sort_by(keys.columns)).to_series()
    whole = order.to_numpy().copy()
    whole[tied.to_numpy()] = rows.gather(inner).to_numpy()
    return pl.Series(whole)


def _keys(named: pl.DataFrame) -> pl.DataFrame:
    """What rows are ordered by, as few numbers as hold it: one, as a rule."""
    parts = [
        *(named[name].to_physical() for name in ("currency", "debtor", "creditor")), -named["priority"].cast(pl.Int32),
        named["due"].to_physical().fill_null(LAST_DAY),
    ]  # fmt: skip
    keys: list[NDArray[np.int64]] = []
    room = 0
    for part in parts:
        column = part.to_numpy()
        least, most = (int(column.min()), int(column.max())) if len(column) else (0, 0)
        span = most - least + 1
        if room < span:
            keys.append(np.zeros(len(column), np.int64))
            room = 1 << 62
        keys[-1] *= span
        keys[-1] += column
        keys[-1] -= least
        room //= span
    return pl.DataFrame({f"key{place}": key for place, key in enumerate(keys)})


def enumerated(frame: pl.DataFrame, *names: str) -> list[pl.Series]:
    """Columns of texts or categories as one enumeration of all their values, sorted."""
    if all(frame[name].dtype == pl.Categorical for name in names):
        known = pl.concat([frame[name].unique() for name in names]).unique()
        texts = known.cast(pl.String)
        codes = known.to_physical().to_numpy()
        rank = np.zeros(int(codes.max(initial=0)) + 1, np.uint32)
        rank[codes] = texts.rank("ordinal").to_numpy() - 1
        kind = pl.Enum(texts.sort())
        return [pl.Series(name, rank[frame[name].to_physical().to_numpy()]).cat.to(kind) for name in names]
    kind = pl.Enum(pl.concat([frame[name].cast(pl.String).unique() for name in names]).unique().sort())
    return [frame[name].cast(pl.String).cast(kind) for name in names]


def input_hash(obligations: pl.DataFrame) -> str:
    """SHA-256 of the obligations in their order, written as CSV without a header."""
    return hash_of([obligations])


def hash_of(parts: Iterable[pl.DataFrame]) -> str:
    """The same of obligations that come in parts."""
    digest = hashlib.sha256()
    for rows in (rows for part in parts for rows in part.select(HASHED).iter_slices(ROWS_AT_ONCE)):
        digest.update(rows.write_csv(include_header=False, date_format="%Y-%m-%d").encode())
    return digest.hexdigest()


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
    if (plain := _plain(frame, places)) is not None:
        return plain
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


def _plain(frame: pl.DataFrame, places: dict[str, int]) -> pl.DataFrame | None:
    """The quick way, where all is in one currency and written with all its decimals; otherwise None."""
    digits = next(iter(places.values()), -1)
    pattern = rf"^[0-9]{{1,{DIGITS_MAX - digits}}}$" if digits == 0 else rf"^[0-9]{{1,{DIGITS_MAX - digits}}}\.[0-9]{{{digits}}}$"
    if len(places) != 1 or frame["currency"].n_unique() != 1 or not frame["amount"].str.contains(pattern).all():
        return None
    minor = pl.col("amount").str.replace(".", "", literal=True).cast(pl.Int64)
    return frame.with_columns(pl.lit(digits, pl.Int64).alias("places"), pl.lit(value=True).alias("is_amount"), minor.alias("minor"))


def _wrongs(parties: Sequence[str] | None) -> dict[str, list[tuple[ErrorCode, pl.Expr]]]:
    """By field, what may be wrong with it: the first that holds is told. Fields are judged apart, but an amount needs a known currency."""
    wrongs: dict[str, list[tuple[ErrorCode, pl.Expr]]] = {name: [] for name in (*NEEDED, *OPTIONAL)}
    for name in NEEDED:
        wrongs[name].append((ErrorCode.FIELD_MISSING, pl.col(name) == ""))
    for name in ("id", "debtor", "creditor", "number"):
        long = pl.col(name).str.len_chars() > NAME_LETTERS_MAX
        wrongs[name].append((ErrorCode.INVALID_VALUE, pl.col(name).str.contains(r"[\x00-\x1f\x7f]") | long))
    if parties is not None:
        for name in ("debtor", "creditor"):
            wrongs[name].append((ErrorCode.UNKNOWN_REFERENCE, ~pl.col(name).is_in(list(parties))))
    known = pl.col("places").is_not_null()
    wrongs["currency"].append((ErrorCode.UNKNOWN_CURRENCY, ~known))
    wrongs["amount"] += [
        (ErrorCode.INVALID_AMOUNT, known & ~pl.col("is_amount")),
        (ErrorCode.AMOUNT_TOO_LARGE, known & (pl.col("minor").is_null() | (pl.col("minor") > AMOUNT_MAX))),
        (ErrorCode.AMOUNT_NOT_POSITIVE, pl.col("minor") <= 0),
    ]
    wrongs["due"].append((ErrorCode.INVALID_DATE, (pl.col("due") != "") & pl.col("due_day").is_null()))
    wrongs["priority"].append((ErrorCode.INVALID_VALUE, pl.col("rank").is_null() | ~pl.col("rank").is_between(0, PRIORITY_MAX)))
    return wrongs


def _faults(bad: pl.DataFrame, file: str, wrongs: Mapping[str, Sequence[tuple[ErrorCode, pl.Expr]]]) -> Iterator[RowFault]:
    """Everything that is wrong with the first FAULTS_KEPT rows."""
    codes = []
    for name, rules in wrongs.items():
        found = pl.lit("")
        for code, wrong in reversed(rules):
            found = pl.when(wrong).then(pl.lit(code.value)).otherwise(found)
        codes.append(found.alias(f"fault_{name}"))
    for row in bad.sort("row").head(FAULTS_KEPT).with_columns(codes).iter_rows(named=True):
        for field in wrongs:
            if row[f"fault_{field}"]:
                yield _fault(file, row, field, ErrorCode(row[f"fault_{field}"]))


def _fault(file: str, row: Mapping[str, Any], field: str, code: ErrorCode) -> RowFault:
    facts = {"record": "obligation", "currency": row["currency"], "digits": row["places"] or 0}
    if code is ErrorCode.UNKNOWN_REFERENCE:
        facts["kind"] = "party"
    elif field == "priority":
        facts["expected"] = f"0-{PRIORITY_MAX}"
    elif code is ErrorCode.INVALID_VALUE:
        facts["expected"] = f"1-{NAME_LETTERS_MAX}"
    return fault(file, row["row"], field, row[field][:NAME_LETTERS_MAX], code, **facts)
