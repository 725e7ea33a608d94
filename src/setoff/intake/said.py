"""The documents that an import wrote, or would write: each with what it says otherwise than before, field by field.

What was posted for others, reversals and interest that follow from a document, is among them: it is written by the same run.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any, Final, NamedTuple

from psycopg import Connection

SAID_SQL: Final = """
  with said as (
    select unit_id, document_id, max(id) as id from version said
    where said.id > %(mark)s and said.unit_id = any(select id from unit) group by 1, 2 order by 3 limit %(most)s)
  select document.key, document.kind, document.number, document.date, now.content,
         now.posted, before.content, before.posted
  from said
  join version now on now.unit_id = said.unit_id and now.id = said.id
  join document on document.unit_id = said.unit_id and document.id = said.document_id
  left join lateral (
    select content, posted from version where version.unit_id = said.unit_id and version.document_id = said.document_id
      and version.id <= %(mark)s order by version_no desc limit 1) before on true
  order by said.id"""
LETTERS_MAX: Final = 120
OF_THE_FILE: Final = frozenset({"type", "state"})


class SaidField(NamedTuple):
    """A field of a document as JSON, "" = it is not there."""

    name: str
    before: str
    after: str


class SaidDocument(NamedTuple):
    """`is_new`: it was not in the books. `fields`: what it says otherwise than before; of a new document none."""

    key: str
    kind: str
    number: str
    date: date
    is_new: bool
    fields: tuple[SaidField, ...]


def said_documents(conn: Connection[Any], mark: int, most: int) -> list[SaidDocument]:
    """The first of the documents whose versions have greater numbers than the mark, in the order in which they were written."""
    if not most:
        return []
    found = []
    for key, kind, number, day, content, posted, before, was_posted in conn.execute(SAID_SQL, {"mark": mark, "most": most}):
        fields: tuple[SaidField, ...] = ()
        if before is not None:
            fields = differing_fields({**json.loads(before), "posted": was_posted}, {**json.loads(content), "posted": posted})
        found.append(SaidDocument(key, kind, number, day, before is None, fields))
    return found


def differing_fields(before: dict[str, Any], after: dict[str, Any]) -> tuple[SaidField, ...]:
    """Fields that are not the same, in the order of their names. Long ones are cut short."""
    return tuple(
        SaidField(name, _shown(before, name), _shown(after, name))
        for name in sorted((before.keys() | after.keys()) - OF_THE_FILE)
        if before.get(name) != after.get(name)
    )


def _shown(said: dict[str, Any], name: str) -> str:
    if name not in said:
        return ""
    value = said[name]
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= LETTERS_MAX else shown[: LETTERS_MAX - 1] + "…"
