"""What happened to a document after it was entered: its versions, and edits of earlier documents that moved its amounts.

Facts are append-only, so nothing about moves is stored: the keys of the document are folded as they were known after each
edit, up to the document itself, and compared. Only facts before the document can move it (a fact changes nothing before it), so
in books kept in order there is nothing to fold but the first state.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from psycopg import Connection

from setoff.settlements.explanation import Subject
from setoff.settlements.records import FactRow
from setoff.settlements.refold import refold
from setoff.settlements.tails import Tail, load_targets, load_terms


class FieldChange(NamedTuple):
    """`path` as in the record ("lines[0].amount"); None = the field was not there."""

    path: str
    before: str | None
    after: str | None


class VersionStory(NamedTuple):
    version_no: int
    recorded_at: datetime
    author: str
    action: str
    posted: bool
    changes: tuple[FieldChange, ...]


class Cause(NamedTuple):
    """A version of a document that moved amounts."""

    recorded_at: datetime
    document_id: int
    author: str
    action: str


class Move(NamedTuple):
    """An allocation of the explained document before and after a cause. Settlement currency, minor units; 0 = absent."""

    causes: tuple[Cause, ...]
    contour: str
    currency: str
    line: int
    lot_document_id: int
    lot_line: int
    before: int
    after: int


def versions(conn: Connection[Any], document: Subject) -> list[VersionStory]:
    """Every version with what it changed against the one before it."""
    rows = conn.execute(
        """select version_no, recorded_at, author, action, posted, content from version
           where unit_id = %s and document_id = %s order by version_no""",
        [document.unit_id, document.id],
    )
    found: list[VersionStory] = []
    before: dict[str, str] = {}
    for number, recorded_at, author, action, posted, content in rows:
        fields = dict(_fields("", msgspec.json.decode(content)))
        names = dict.fromkeys([*before, *fields]) if found else {}
        changes = (FieldChange(name, before.get(name), fields.get(name)) for name in names)
        changed = tuple(change for change in changes if change.before != change.after)
        found.append(VersionStory(number, recorded_at, author, action, posted, changed))
        before = fields
    return found


def _fields(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Every leaf of a record with its path."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _fields(f"{path}.{name}" if path else name, part)
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from _fields(f"{path}[{place}]", part)
    else:
        yield path, str(value)


class Statement(NamedTuple):
    """A fact as it counted from `since` until `until` (None: still), in one key."""

    key_id: int
    since: datetime
    until: datetime | None
    fact: FactRow


Parts = Mapping[tuple[int, int, int, int], int]  # (key, line, lot document, lot line) -> amount


def moves(conn: Connection[Any], document: Subject) -> list[Move]:
    """How edits of other documents moved the document's allocations since it was entered, in the order of the edits."""
    stated = _statements(conn, document)
    own = [row.since for row in stated if row.fact.document_id == document.id]
    if not own:
        return []
    terms = load_terms(conn, sorted({row.key_id for row in stated}))
    targets = load_targets(conn, {(row.fact.unit_id, row.fact.version_id) for row in stated})
    causes = _causes(conn, document, stated)
    found = []
    before: Parts | None = None
    for instant in sorted({moment for moment in causes if moment >= min(own)} | {min(own)}):
        tails = {key_id: Tail(terms[key_id], -(1 << 62)) for key_id in terms}
        for row in stated:
            if row.since <= instant and (row.until is None or instant < row.until):
                tails[row.key_id].facts.append(row.fact)
        after: dict[tuple[int, int, int, int], int] = defaultdict(int)
        for part in refold(tails, targets).allocations_in:
            if part.document_id == document.id:
                after[part.key_id, part.line, part.lot_document_id, part.lot_line] += part.amount
        if before is not None:
            for name in sorted(before.keys() | after.keys()):
                if before.get(name, 0) != after.get(name, 0):
                    key = terms[name[0]].key
                    found.append(
                        Move(tuple(causes[instant]), key.contour, key.currency, *name[1:], before.get(name, 0), after.get(name, 0))
                    )
        before = after
    return found


def _statements(conn: Connection[Any], document: Subject) -> list[Statement]:
    """Every fact that ever stood in the document's keys at or before it, in the total order, with the time it counted."""
    columns = ", ".join("f." + name for name in FactRow._fields)
    rows = conn.execute(
        f"""with own as (
          select f.moment, f.reg_key_id, f.mgmt_key_id from version v
          join fact f on f.unit_id = v.unit_id and f.version_id = v.id
          where v.unit_id = %(unit)s and v.document_id = %(document)s),
        wanted as (select key_id, max(moment) as moment from own, unnest(array[reg_key_id, mgmt_key_id]) key_id
                   where key_id is not null group by 1)
        select w.key_id, v.recorded_at, (
          select min(n.recorded_at) from version n
          where n.unit_id = v.unit_id and n.document_id = v.document_id and n.version_no > v.version_no), {columns}
        from wanted w
        join fact f on (f.reg_key_id = w.key_id or f.mgmt_key_id = w.key_id) and f.moment <= w.moment
        join version v on v.unit_id = f.unit_id and v.id = f.version_id
        order by w.key_id, f.moment, f.line""",
        {"unit": document.unit_id, "document": document.id},
    )
    return [Statement(key_id, since, until, FactRow._make(fact)) for key_id, since, until, *fact in rows]


def _causes(conn: Connection[Any], document: Subject, stated: list[Statement]) -> dict[datetime, list[Cause]]:
    """The versions that began or ended a fact, by the time they were recorded."""
    edits = {instant for row in stated for instant in (row.since, row.until) if instant}
    rows = conn.execute(
        """select recorded_at, document_id, author, action from version
           where unit_id = %s and document_id = any(%s) and recorded_at = any(%s) order by id""",
        [document.unit_id, sorted({row.fact.document_id for row in stated}), list(edits)],
    )
    found: dict[datetime, list[Cause]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(Cause._make(row))
    return found
