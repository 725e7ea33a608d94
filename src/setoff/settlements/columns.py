"""Columns of integers from and to PostgreSQL: a query's rows as one numpy table, and rows or columns back by COPY.

Reading uses the binary COPY format: every column is cast to int8 and not null, so that all rows have one length and the bytes
are the table. Writing makes CSV with polars; absent values are `\\N`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import polars as pl
import psycopg
from psycopg.pq import ExecStatus

from setoff.settlements.fold import NO_DUE
from setoff.settlements.records import TABLES, copy_sql

HEADER: Final = 19
POLARS: Final[dict[str, Any]] = {
    "int8": pl.Int64, "int4": pl.Int32, "int2": pl.Int16, "bool": pl.Boolean, "text": pl.String, "date": pl.Date,
    "timestamptz": pl.Datetime("us", "UTC"), "bytea": pl.String,
}  # fmt: skip
READ_BYTES: Final = 4 << 20
WRITE_ROWS: Final = 20_000
ROWS_AT_ONCE: Final = 100_000
STAGE_SQL: Final = "create temporary table staged_{table} (like public.{table} including defaults) on commit drop"


def read_columns(conn: psycopg.Connection[Any], query: str, names: Sequence[str]) -> dict[str, np.ndarray]:
    """The rows of a query whose columns are all not null and become int8, as int64 arrays by name.

    libpq is asked directly: psycopg's own copy waits for the socket once a row, which costs more than all the rest."""
    casts = ", ".join(f"({name})::int8" for name in names)
    pgconn = conn.pgconn
    begun = pgconn.exec_(f"copy (select {casts} from ({query}) as columns) to stdout (format binary)".encode())
    if begun.status != ExecStatus.COPY_OUT:
        raise psycopg.DatabaseError(begun.get_error_message())
    width = 2 + 12 * len(names)
    layout = np.dtype([("count", ">i2")] + [part for name in names for part in ((f"{name} length", ">i4"), (name, ">i8"))])
    columns: dict[str, list[np.ndarray]] = {name: [] for name in names}
    rows, header = bytearray(), HEADER
    while True:
        length, row = pgconn.get_copy_data(0)
        if length > 0:
            rows += row
        if length < 0 or len(rows) > READ_BYTES:  # in pieces, so that the table does not lie in memory twice
            table = np.frombuffer(rows, dtype=layout, offset=header, count=(len(rows) - header) // width)
            for name in names:
                columns[name].append(table[name].astype(np.int64))
            rows, header = bytearray(), 0
        if length < 0:
            break
    while (ended := pgconn.get_result()) is not None:
        if ended.status != ExecStatus.COMMAND_OK:
            raise psycopg.DatabaseError(ended.get_error_message())
    found = {}
    for name in names:
        found[name] = np.concatenate(columns.pop(name))
    return found


def copy_frame(conn: psycopg.Connection[Any], row_type: type[Any], frame: pl.DataFrame) -> None:
    """COPY a frame whose columns are the row type's into its table; where row-level security watches it, by way of a temporary table,
    since COPY passes no policy. Within a transaction."""
    if frame.height:
        table = TABLES[row_type][0]
        (staged,) = conn.execute("select row_security_active(to_regclass(%s))", [table]).fetchone() or (False,)
        if staged:
            conn.execute(STAGE_SQL.format(table=table))
        with conn.cursor().copy(copy_sql(row_type, f"staged_{table}" if staged else table)) as copy:
            for part in frame.iter_slices(WRITE_ROWS):
                buffer = io.BytesIO()
                part.write_csv(buffer, include_header=False, null_value="\\N", datetime_format="%Y-%m-%d %H:%M:%S%.6f%:z")
                copy.write(buffer.getbuffer())
        if staged:
            names = ", ".join(row_type._fields)
            conn.execute(f"insert into {table} ({names}) select {names} from staged_{table}")
            conn.execute(f"drop table staged_{table}")


def copy_rows(conn: psycopg.Connection[Any], rows: Sequence[Any]) -> None:
    """COPY rows of one type into its table."""
    if rows:
        columns = dict(zip(type(rows[0])._fields, zip(*rows, strict=True), strict=True))
        copy_frame(conn, type(rows[0]), frame_of(type(rows[0]), columns))


def frame_of(row_type: type[Any], columns: Mapping[str, Any]) -> pl.DataFrame:
    """A frame of a row type from its columns: sequences, arrays or series."""
    series = []
    for name, kind in zip(row_type._fields, TABLES[row_type][1].split(), strict=True):
        values = columns[name]
        if kind == "bytea":
            values = ["\\x" + value.hex() for value in values]
        series.append(pl.Series(name, values, dtype=POLARS[kind]))
    return pl.DataFrame(series)


def due_dates(due: np.ndarray) -> pl.Series:
    """Days of the fold as dates; NO_DUE as null."""
    days = np.where(due >= NO_DUE, 0, due - date(1970, 1, 1).toordinal())
    return pl.select(pl.when(pl.Series(due < NO_DUE)).then(pl.Series(days.astype(np.int32)).cast(pl.Date)))[:, 0]


def portions(places: np.ndarray) -> Iterator[np.ndarray]:
    """The places in order, so many at once that their rows stay small."""
    for start in range(0, len(places), ROWS_AT_ONCE):
        yield places[start : start + ROWS_AT_ONCE]
