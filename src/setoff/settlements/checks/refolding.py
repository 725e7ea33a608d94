"""The checks that need Python: a refold compared with the stored rows, and the identity of nodes and keys.

C-4.2.7 folds all facts anew with the code that serves a bulk import and compares row by row (I6). Reading: expected is what the fold
gives, actual what is stored. C-1.4 recomputes the ids of nodes and keys, which are hashes of what they stand for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import psycopg

from setoff.core.fact import FoldKey, Node
from setoff.settlements.checks import Check, Row
from setoff.settlements.known import NAMED_BY, compare_with_refold

DOCUMENTS_SQL: Final = """
  select unit_id, id, key, kind, number, date, moment from document
  where (unit_id, id) in (select * from unnest(%s::int8[], %s::int8[]))"""
NODES_SQL: Final = """
  select unit.code, node.id, node.unit_id, relation, counterparty_id, coalesce(contract_id, 0), object, reg_object, currency, reg_key_id,
         mgmt_key_id, party_name(counterparty_id, contract_id)
  from node join unit on unit.id = node.unit_id where %(unit_id)s::bigint is null or node.unit_id = %(unit_id)s"""
KEYS_SQL: Final = """
  select unit.code, fold_key.id, contour, fold_key.unit_id, relation, counterparty_id, coalesce(contract_id, 0), object, currency,
         party_name(counterparty_id, contract_id)
  from fold_key join unit on unit.id = fold_key.unit_id where %(unit_id)s::bigint is null or fold_key.unit_id = %(unit_id)s"""

FIRST_SQL: Final = """
  select document.key, document.kind, document.number, document.date, document.moment
  from fact join document on document.unit_id = fact.unit_id and document.posted_version_id = fact.version_id
  where {column} = %s order by document.moment limit 1"""


def refolded_rows(conn: psycopg.Connection[Any], unit_id: int | None) -> list[Row]:
    """Derived rows that a refold does not give, or gives otherwise."""
    pairs: dict[tuple[Any, ...], dict[str, dict[str, Any]]] = {}
    with conn.transaction():
        differing_rows = compare_with_refold(conn)
    for table, side, values in differing_rows:
        if unit_id is None or values["unit_id"] == unit_id:
            name = (table, *(values[column] for column in NAMED_BY[table].split(", ")))
            pairs.setdefault(name, {})[side] = values
    owners = [(next(iter(pair.values()))["unit_id"], next(iter(pair.values()))["document_id"]) for pair in pairs.values()]
    documents = {
        row[:2]: row[2:] for row in conn.execute(DOCUMENTS_SQL, [[unit for unit, _ in owners], [document for _, document in owners]])
    }
    units = dict(conn.execute("select id, code from unit").fetchall())
    rows = []
    for (name, pair), owner in zip(pairs.items(), owners, strict=True):
        stored, folded = pair.get("stored", {}), pair.get("folded", {})
        differing = [column for column in {**stored, **folded} if stored.get(column) != folded.get(column)]
        key, kind, number, day, moment = documents.get(owner, (None, None, None, None, None))
        where = f"{name[0]} {'/'.join(map(str, name[2:]))}"
        readings = (told(folded, differing), told(stored, differing), None, None)
        rows.append(Row(units.get(owner[0], ""), where, *readings, key, kind, number, day, moment))
    return sorted(rows, key=lambda row: (row.moment is None, row.moment or 0, row.key))


def told(values: dict[str, Any], columns: list[str]) -> str:
    """The values that differ: "amount 100, book 100"; empty when there is no row."""
    return ", ".join(f"{column} {shown(values[column])}" for column in columns) if values else ""


def shown(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else "" if value is None else str(value)


def identity_rows(conn: psycopg.Connection[Any], unit_id: int | None) -> list[Row]:
    """Nodes and keys whose id is not that of what they say."""
    rows = []
    for unit, node_id, *natural, reg_key, mgmt_key, name in conn.execute(NODES_SQL, {"unit_id": unit_id}):
        node = Node(*natural)
        right = (node.id(), node.fold_key("reg").id(), node.fold_key("mgmt").id())
        if (node_id, reg_key, mgmt_key) != right:
            rows.append(identity_row(conn, unit, f"node {name}", (right, (node_id, reg_key, mgmt_key)), ("fact.node_id", node_id)))
    for unit, key_id, contour, *natural, name in conn.execute(KEYS_SQL, {"unit_id": unit_id}):
        identity = FoldKey(contour, *natural).id()
        if key_id != identity:
            rows.append(identity_row(conn, unit, f"key {contour} {name}", ((identity,), (key_id,)), (f"fact.{contour}_key_id", key_id)))
    return rows


def identity_row(conn: psycopg.Connection[Any], unit: str, key: str, ids: tuple[Sequence[int], Sequence[int]], of: tuple[str, int]) -> Row:
    """With the first document that stands on the node, or on a node of the key. `ids`: as they should be, as they are."""
    column, place = of
    first = conn.execute(FIRST_SQL.format(column=column), [place]).fetchone() or (None, None, None, None, None)
    expected, actual = ("/".join(map(str, found)) for found in ids)
    return Row(unit, key, expected, actual, None, None, *first)


PYTHON_CHECKS: Final = (
    Check(
        "C-4.2.7", "error", "3, C-4.2.7; 1.11, I6", "row",
        "Derived rows are a cache of the fold: folding all facts anew gives exactly the stored lots, allocations and postings.",
        "", refolded_rows, is_whole=True,
    ),
    Check(
        "C-1.4", "error", "1.4", "row",
        "The id of a node or key is made of what it stands for: nobody moved a debt by changing the party, contract or object of its node.",
        "", identity_rows,
    ),
)  # fmt: skip
