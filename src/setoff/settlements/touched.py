"""The keys that a bulk job folds: the temporary table `touched` of the connection."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import psycopg

TOUCHED_TABLE_SQL: Final = "create temporary table if not exists touched (key_id bigint primary key) on commit delete rows"
OWN_TABLE_SQL: Final = "create temporary table if not exists own_document (id bigint primary key) on commit delete rows"
"""The documents that are posted next, where that is no range of ids."""
LOANS_SQL: Final = "select code from loan"
LINKED_SQL: Final = """
  insert into touched select distinct other.reg_key_id from touched
  join fact on fact.reg_key_id = touched.key_id and fact.moment >= %s
  join fact other on other.unit_id = fact.unit_id and other.version_id = fact.version_id and other.reg_key_id <> fact.reg_key_id
  on conflict do nothing"""


REVALUED_SQL: Final = """
  insert into touched select fold_key.id from fold_key
  join unit on unit.id = fold_key.unit_id join organization on organization.id = unit.organization_id
  where fold_key.unit_id = any(%s) and fold_key.currency <> organization.book_currency on conflict do nothing"""


def begin_touching(conn: psycopg.Connection[Any]) -> None:
    """Nothing is touched yet."""
    conn.execute(TOUCHED_TABLE_SQL)
    conn.execute("delete from touched")
    conn.execute(OWN_TABLE_SQL)


def loan_contracts(conn: psycopg.Connection[Any]) -> frozenset[str]:
    """Codes of the contracts with terms of loan."""
    return frozenset(code for (code,) in conn.execute(LOANS_SQL))


def touch_revalued(conn: psycopg.Connection[Any], unit_ids: Iterable[int]) -> None:
    """A new revaluation of a unit touches all its keys in foreign currency."""
    if units := sorted(unit_ids):
        conn.execute(REVALUED_SQL, [units])


def touch_linked(conn: psycopg.Connection[Any], since: int) -> None:
    """A document that stands on two keys is posted from both: the keys that documents from `since` on link to touched ones are
    touched too."""
    while conn.execute(LINKED_SQL, [since]).rowcount:
        pass
