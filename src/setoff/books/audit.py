"""The audit trail: one record for every verb. Who, from where, what, on which document; written in the verb's own transaction."""

from __future__ import annotations

from typing import Any, NamedTuple

import psycopg
from psycopg.types.json import Jsonb


class Actor(NamedTuple):
    """Who acts: `author` is the user's name, `origin` the surface (cli, api, page, import, scenario, demo)."""

    author: str
    origin: str


def record_audit(
    conn: psycopg.Connection[Any], actor: Actor, verb: str, *, unit_id: int | None = None, document_id: int | None = None, **details: Any
) -> None:
    """Append a record. `details` are plain JSON values."""
    conn.execute(
        "insert into audit (author, origin, verb, unit_id, document_id, details) values (%s, %s, %s, %s, %s, %s)",
        [actor.author, actor.origin, verb, unit_id, document_id, Jsonb(details)],
    )
