"""Rows of whole tables to files and back by COPY: the floor under the bulk import."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from psycopg import sql

MASTERS = ("organization", "unit", "partner", "counterparty", "agreement", "contract", "rate")
LEDGER = (
    "document", "version", "node", "fold_key", "entry", "fact", "fact_target",
    "lot", "allocation", "posting", "turnover", "audit",
)  # fmt: skip
CHUNK = 1 << 20


def copy_out(conn: Any, tables: Sequence[str], folder: Path) -> dict[str, int]:
    """Every table into FOLDER/TABLE.copy in the order its rows lie; returns the number of rows by table."""
    rows = {}
    for table in tables:
        with conn.cursor() as cursor, (folder / f"{table}.copy").open("wb") as file:
            with cursor.copy(sql.SQL("copy {} to stdout (format binary)").format(sql.Identifier(table))) as copy:
                for chunk in copy:
                    file.write(chunk)
            rows[table] = cursor.rowcount
    return rows


def copy_in(conn: Any, tables: Sequence[str], folder: Path) -> None:
    """The files back into their tables; in one transaction."""
    with conn.transaction():
        for table in tables:
            statement = sql.SQL("copy {} from stdin (format binary)").format(sql.Identifier(table))
            with conn.cursor() as cursor, (folder / f"{table}.copy").open("rb") as file, cursor.copy(statement) as copy:
                while chunk := file.read(CHUNK):
                    copy.write(chunk)


def rows_of_document(conn: Any, document_id: int) -> dict[str, list[tuple[Any, ...]]]:
    """The rows that one document brought, by table, to be inserted again elsewhere."""
    versions = "select id from version where document_id = %(id)s"
    conditions = {
        "document": "id = %(id)s",
        "version": "document_id = %(id)s",
        "entry": f"version_id in ({versions})",
        "fact": "document_id = %(id)s",
        "fact_target": f"version_id in ({versions})",
        "lot": "document_id = %(id)s",
        "allocation": "document_id = %(id)s",
        "posting": "document_id = %(id)s",
        "audit": "document_id = %(id)s",
    }
    found = {}
    for table, condition in conditions.items():
        query = sql.SQL("select {} from {} where {}").format(_names(conn, table), sql.Identifier(table), sql.SQL(condition))
        if rows := conn.execute(query, {"id": document_id}).fetchall():
            found[table] = rows
    return found


@cache
def _columns(conn: Any, table: str) -> tuple[str, ...]:
    """The columns that are written, not derived by the database."""
    query = """select attname from pg_attribute
               where attrelid = %s::regclass and attnum > 0 and not attisdropped and attgenerated = '' order by attnum"""
    return tuple(name for (name,) in conn.execute(query, [table]))


def _names(conn: Any, table: str) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, _columns(conn, table)))


def insert_rows(conn: Any, rows: dict[str, list[tuple[Any, ...]]]) -> None:
    """A plain insert statement for each table, and the commit."""
    with conn.transaction():
        for table, values in rows.items():
            conn.execute(*insert_statement(conn, table, values))


def insert_statement(conn: Any, table: str, values: list[tuple[Any, ...]]) -> tuple[sql.Composed, list[Any]]:
    marks = sql.SQL("({})").format(sql.SQL(", ").join([sql.Placeholder()] * len(values[0])))
    statement = sql.SQL("insert into {} ({}) values {}").format(
        sql.Identifier(table), _names(conn, table), sql.SQL(", ").join([marks] * len(values))
    )  # fmt: skip
    return statement, [_adapted(value) for row in values for value in row]


def _adapted(value: Any) -> Any:
    from psycopg.types.json import Jsonb

    return Jsonb(value) if isinstance(value, dict) else value
