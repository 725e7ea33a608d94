"""Rows of the ledger tables, column for column as in schema.sql, and how they are written: by set-based inserts of a few or by COPY.

`facts_hash` seals a version's facts and entries (I9); check C-4.2.5 computes the same text in SQL.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

import psycopg


class DocumentRow(NamedTuple):
    unit_id: int
    id: int
    kind: str
    number: str
    year: int
    key: str
    date: date
    moment: int
    status: str
    deletion_mark: bool
    counterparty_id: int | None
    contract_id: int | None
    currency: str
    total: int
    version_id: int
    posted_version_id: int | None


class VersionRow(NamedTuple):
    unit_id: int
    id: int
    document_id: int
    version_no: int
    recorded_at: datetime
    author: str
    action: str
    posted: bool
    moment: int
    content: str
    content_hash: bytes
    facts_hash: bytes


class NodeRow(NamedTuple):
    unit_id: int
    id: int
    relation: str
    counterparty_id: int
    contract_id: int | None
    object: str
    reg_object: str
    currency: str
    reg_key_id: int
    mgmt_key_id: int


class KeyRow(NamedTuple):
    unit_id: int
    id: int
    contour: str
    relation: str
    counterparty_id: int
    contract_id: int | None
    object: str
    currency: str
    allocation_order: str
    debt_account_id: int | None
    advance_account_id: int | None


class FactRow(NamedTuple):
    unit_id: int
    version_id: int
    line: int
    document_id: int
    moment: int
    rank: int
    node_id: int
    reg_key_id: int | None
    mgmt_key_id: int | None
    nature: int
    change: int
    book: int
    own_value: bool
    consume_only: bool
    due: date | None
    label: str


class TargetRow(NamedTuple):
    unit_id: int
    version_id: int
    line: int
    target_no: int
    document_id: int
    document_line: int
    amount: int
    rule: int
    demoted: int


class EntryRow(NamedTuple):
    unit_id: int
    version_id: int
    line: int
    debit_fact: int | None
    debit_account_id: int | None
    credit_fact: int | None
    credit_account_id: int | None
    amount: int
    follows: int
    vat_rate: str
    item: str


class LotRow(NamedTuple):
    unit_id: int
    key_id: int
    document_id: int
    line: int
    node_id: int
    moment: int
    rank: int
    due: date | None
    amount: int
    book: int
    residual: int
    residual_book: int
    used_moment: int
    closed_moment: int


class AllocationRow(NamedTuple):
    unit_id: int
    key_id: int
    moment: int
    document_id: int
    line: int
    lot_document_id: int
    lot_line: int
    amount: int
    lot_book: int
    own_book: int
    rule: int

    @property
    def name(self) -> tuple[int, ...]:
        """What tells it from all others."""
        return self.key_id, self.document_id, self.line, self.lot_document_id, self.lot_line, self.rule


class PostingRow(NamedTuple):
    unit_id: int
    document_id: int
    line: int
    moment: int
    kind: str
    debit_account_id: int
    debit_node_id: int | None
    credit_account_id: int
    credit_node_id: int | None
    amount: int
    settlement_amount: int | None
    vat_rate: str
    item: str


class TurnoverRow(NamedTuple):
    unit_id: int
    month: date
    debit_account_id: int
    credit_account_id: int
    amount: int


class VatWaitRow(NamedTuple):
    """VAT of a document that waited for a decision from `moment` to `ended` (NEVER: it waits), minor units of book currency."""

    unit_id: int
    document_id: int
    moment: int
    ended: int
    amount: int


class PlanRow(NamedTuple):
    unit_id: int
    version_id: int
    document_id: int
    key: str
    kind: str
    sign: int
    relation: str
    counterparty_id: int
    contract_id: int | None
    detail: str
    currency: str
    total: int
    status: str
    is_gated: bool
    order_key: str
    key_id: int
    probability: int
    moment: int


class PlanStageRow(NamedTuple):
    unit_id: int
    version_id: int
    stage_no: int
    variant: str
    day: date
    amount: int
    form: str


class PlanUseRow(NamedTuple):
    unit_id: int
    name: str
    version_id: int
    document_id: int
    amount: int


TABLES: dict[type, tuple[str, str]] = {  # row type -> table, types of its columns
    DocumentRow: ("document", "int8 int8 text text int2 text date int8 text bool int8 int8 text int8 int8 int8"),
    VersionRow: ("version", "int8 int8 int8 int4 timestamptz text text bool int8 text bytea bytea"),
    NodeRow: ("node", "int8 int8 text int8 int8 text text text int8 int8"),
    KeyRow: ("fold_key", "int8 int8 text text int8 int8 text text text int4 int4"),
    FactRow: ("fact", "int8 int8 int4 int8 int8 int8 int8 int8 int8 int2 int8 int8 bool bool date text"),
    TargetRow: ("fact_target", "int8 int8 int4 int4 int8 int4 int8 int2 int8"),
    EntryRow: ("entry", "int8 int8 int4 int4 int4 int4 int4 int8 int4 text text"),
    LotRow: ("lot", "int8 int8 int8 int4 int8 int8 int8 date int8 int8 int8 int8 int8 int8"),
    AllocationRow: ("allocation", "int8 int8 int8 int8 int4 int8 int4 int8 int8 int8 int2"),
    PostingRow: ("posting", "int8 int8 int4 int8 text int4 int8 int4 int8 int8 int8 text text"),
    TurnoverRow: ("turnover", "int8 date int4 int4 int8"),
    VatWaitRow: ("vat_wait", "int8 int8 int8 int8 int8"),
    PlanRow: ("plan", "int8 int8 int8 text text int2 text int8 int8 text text int8 text bool text int8 int2 int8"),
    PlanStageRow: ("plan_stage", "int8 int8 int4 text date int8 text"),
    PlanUseRow: ("plan_use", "int8 text int8 int8 int8"),
}
NATURAL = {NodeRow: "on conflict do nothing", KeyRow: "on conflict do nothing"}


FEW = 8
"""Up to so many rows are written as values, which costs less than arrays; each count is a statement of its own to prepare."""


@cache
def insert_sql(table: str, columns: tuple[str, ...], types: str, suffix: str, count: int) -> str:
    """The insert of `count` rows as values, or of any number as arrays (0)."""
    arrays = ", ".join(f"%s::{kind}[]" for kind in types.split())
    values = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * count)
    source = f"values {values}" if count else f"select * from unnest({arrays})"
    return f"insert into {table} ({', '.join(columns)}) {source} {suffix}"


def arrays_of(rows: Sequence[tuple[Any, ...]], types: Sequence[str]) -> list[Any]:
    """A parameter for each column: numbers and words as the text of an array, which costs a fifth of what psycopg makes of a list."""
    written: dict[str, Callable[[Sequence[Any]], str]] = {"int2": numbers, "int4": numbers, "int8": numbers, "text": words}
    columns = zip(types, zip(*rows, strict=True), strict=True)
    return [written[kind](column) if kind in written else list(column) for kind, column in columns]


def numbers(column: Sequence[int | None]) -> str:
    """An array of whole numbers, or of none, in PostgreSQL's words."""
    return f"{{{','.join(['NULL' if value is None else str(int(value)) for value in column])}}}"


def words(column: Sequence[str | None]) -> str:
    """An array of texts, or of none, in PostgreSQL's words."""
    quoted = ["NULL" if value is None else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in column]
    return f"{{{','.join(quoted)}}}"


def insert_rows(conn: psycopg.Connection[Any], rows: Sequence[Any]) -> None:
    """Insert rows of one type in one statement. Nodes and keys that exist already are left alone."""
    if rows:
        row_type = type(rows[0])
        few = len(rows) <= FEW
        query = insert_sql(TABLES[row_type][0], row_type._fields, TABLES[row_type][1], NATURAL.get(row_type, ""), len(rows) if few else 0)
        conn.execute(query, [value for row in rows for value in row] if few else arrays_of(rows, TABLES[row_type][1].split()))


def copy_sql(row_type: type[Any], table: str) -> str:
    columns: Sequence[str] = row_type._fields
    return f"copy {table} ({', '.join(columns)}) from stdin (format csv, null '\\N')"


def facts_hash(facts: Iterable[FactRow], targets: Iterable[TargetRow], entries: Iterable[EntryRow]) -> bytes:
    """sha256 over facts, targets and entries in line order, one text line each; dates ISO, booleans 0/1, absent values empty."""
    lines = [
        f"f|{line}|{node_id}|{nature}|{change}|{book}|{own_value:d}|{consume_only:d}|{due or ''}|{rank}"
        for (_, _, line, _, _, rank, node_id, _, _, nature, change, book, own_value, consume_only, due, _) in facts
    ]
    lines += [
        f"t|{row.line}|{row.target_no}|{row.document_id}|{row.document_line}|{row.amount}|{row.rule}|{row.demoted}" for row in targets
    ]
    lines += [
        f"e|{line}|{debit_fact or ''}|{debit_id or ''}|{credit_fact or ''}|{credit_id or ''}|{amount}|{follows}|{vat_rate}|{item}"
        for (_, _, line, debit_fact, debit_id, credit_fact, credit_id, amount, follows, vat_rate, item) in entries
    ]
    return hashlib.sha256("\n".join(lines).encode()).digest()


COUNTED_FROM = 500
"""From so many new documents on the planner's statistics are renewed."""


def renew_statistics(conn: psycopg.Connection[Any], made: int) -> None:
    """The planner knows the new sizes at once: without them the first documents posted after a bulk take seconds each."""
    if made < COUNTED_FROM:
        return
    conn.execute("select sum_up_document_counts(), sum_up_open_lots()")
    sums = ("document_count", "open_day", "open_party", "open_money", "money_day", "settled_day", "settled_party")
    conn.execute(f"analyze {', '.join((*sums, *(table for table, _types in TABLES.values())))}")
