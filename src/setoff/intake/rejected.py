"""The queue of refused rows: what an import refused is kept until somebody dealt with it (spec 3, C-INV-3; rejected.sql).

    waiting_records   what an import is to look out for
    keep_rejected     its refused rows wait; those of earlier imports whose record it brought are handled
    rejected_rows     the queue, or a part of it
    drop_rejected     a person says that a row is not to come, and why

A row is known by the bytes of its file and its number: the same file again tells the same row another time and adds none. Files are read
once more for what their refused rows held; an import without refusals asks two small questions more and reads nothing twice.
Of one import the first REJECTED_MAX rows are kept: a file with more is wrong as a whole.
Errors: unknown_reference (no such row waits), not_permitted, field_missing (a reason).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple, get_args

import msgspec
from psycopg import Connection
from psycopg.types.json import Jsonb

from setoff.access.rights import Rights
from setoff.books.audit import Actor, record_audit
from setoff.core.errors import DomainError, ErrorCode
from setoff.intake.decode import record_in
from setoff.intake.files import Files
from setoff.intake.identity import Identity, identity_of, identity_told
from setoff.intake.kept_facts import kept_facts, told_facts
from setoff.intake.rows import RowFault
from setoff.intake.source import Source
from setoff.intake.table import table_rows
from setoff.parties.records import Master

State = Literal["open", "handled", "dropped"]
STATES: Final[tuple[State, ...]] = get_args(State)
REJECTED_MAX: Final = 10_000
Place = tuple[str, int]
"""File and row."""
CHUNK_BYTES: Final = 1 << 20
WANTED_SQL: Final = "select distinct kind, key from rejected_row where state = 'open' and key <> ''"
COUNT_SQL: Final = "select count(*) from rejected_row where state = 'open'"
KEEP_SQL: Final = """
  with said as (
    select told.*, unit.id as unit_id
    from jsonb_to_recordset(%(rows)s) as told(file text, hash text, row_no bigint, form text, content text, records text, kind text,
                                              key text, unit text, code text, facts jsonb)
    left join unit on unit.code = told.unit and (current_setting('role') = 'none' or unit.id = any(
      string_to_array(nullif(current_setting('setoff.write_units', true), ''), ',')::bigint[]))),
  again as (
    update rejected_row kept
    set code = said.code, facts = said.facts, records = said.records, kind = said.kind, key = said.key
    from said
    where kept.state = 'open' and kept.file_hash = decode(said.hash, 'hex') and kept.file = said.file and kept.row_no = said.row_no)
  insert into rejected_row (unit_id, user_id, file, file_hash, row_no, form, content, records, kind, key, code, facts, author, origin)
  select unit_id, case when unit_id is null then nullif(current_setting('setoff.user', true), '')::bigint end, file, decode(hash, 'hex'),
         row_no, form, content, records, kind, key, code, facts, %(author)s, %(origin)s
  from said
  where not exists (select from rejected_row kept
                    where kept.file_hash = decode(said.hash, 'hex') and kept.file = said.file and kept.row_no = said.row_no)
  order by file, row_no on conflict do nothing"""
HANDLED_SQL: Final = """
  update rejected_row
  set state = 'handled', settled_by = %(author)s, settled_at = clock_timestamp(), settled_file = met.file,
      settled_hash = decode(met.hash, 'hex')
  from jsonb_to_recordset(%(met)s) as met(kind text, key text, file text, hash text)
  where rejected_row.state = 'open' and rejected_row.kind = met.kind and rejected_row.key = met.key"""
SETTLE_SQL: Final = """
  update rejected_row set state = %s, settled_by = %s, settled_at = clock_timestamp(), reason = %s where id = %s and state = 'open'"""
ROWS_SQL: Final = """
  select kept.id, kept.unit_id, coalesce(unit.code, ''), file, row_no, form, content, records, kept.kind, key, kept.code, facts, author,
         refused_at, state, settled_by, settled_at, reason, settled_file
  from rejected_row kept left join unit on unit.id = kept.unit_id
  where (kept.unit_id = any(%(units)s) or kept.unit_id is null and (%(all)s or kept.user_id = %(user)s))
    and (%(state)s = '' or state = %(state)s) and (%(unit)s = '' or unit.code = %(unit)s) and (%(id)s::bigint is null or kept.id = %(id)s)
  order by kept.id limit %(limit)s"""


class Rejected(NamedTuple):
    """What an import refused. `masters`: records that rules refused, by place; `is_all` false: there were more faults than these."""

    faults: Sequence[RowFault]
    masters: Mapping[Place, Master]
    is_all: bool


class RejectedRow(NamedTuple):
    """A row of the queue. `unit` "": none is known. `settled_file`: of the import that brought the record after all."""

    id: int
    unit_id: int | None
    unit: str
    file: str
    row: int
    form: str
    content: str
    records: str
    kind: str
    key: str
    refusal: DomainError
    author: str
    refused_at: datetime
    state: State
    settled_by: str
    settled_at: datetime | None
    reason: str
    settled_file: str

    @property
    def fault(self) -> RowFault:
        facts = self.refusal.facts
        return RowFault(self.file, self.row, str(facts.get("field", "")), str(facts.get("value", "")), self.refusal.code, dict(facts))


class _Came(NamedTuple):
    """A refused row as its file has it."""

    form: str
    content: str
    identity: Identity
    unit: str
    records: str = ""


def waiting_records(conn: Connection[Any]) -> Set[Identity]:
    """Records that rows of the queue were to be."""
    return {Identity._make(row) for row in conn.execute(WANTED_SQL)}


def waiting_rows(conn: Connection[Any]) -> int:
    """How many rows wait, of those that may be seen."""
    row = conn.execute(COUNT_SQL).fetchone()
    assert row is not None
    return int(row[0])


def keep_rejected(conn: Connection[Any], files: Files, rejected: Rejected, actor: Actor, *, kept: bool) -> int:
    """The refused rows wait, each once; rows whose record came and is in the books (`kept`) are handled. Returns how many wait."""
    if rejected.faults or files.met:
        with conn.transaction():
            _keep(conn, files, rejected, actor, kept=kept)
    return waiting_rows(conn)


def rejected_rows(
    conn: Connection[Any], rights: Rights, *, state: State | str = "open", unit: str = "", limit: int = 200
) -> list[RejectedRow]:
    """Oldest first: those of units that the person may read, and those without a unit that he imported."""
    return _found(conn, rights, state=state, unit=unit, limit=limit)


def waiting_row(conn: Connection[Any], row_id: int, rights: Rights) -> RejectedRow:
    """A row that waits and that the person may deal with. Errors: unknown_reference, not_permitted."""
    found = _found(conn, rights, state="open", row_id=row_id)
    if not found:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="rejected_row", value=str(row_id), field="row")
    if found[0].unit_id is not None:
        rights.require("draft", found[0].unit_id)
    return found[0]


def drop_rejected(conn: Connection[Any], row_id: int, actor: Actor, rights: Rights, *, because: str) -> RejectedRow:
    """The row leaves the queue: it is not to come. Returns it as it was."""
    if not because.strip():
        raise DomainError(ErrorCode.FIELD_MISSING, field="because")
    with conn.transaction():
        found = waiting_row(conn, row_id, rights)
        settle(conn, found, actor, "dropped", because.strip())
        record_audit(conn, actor, "drop_rejected", unit_id=found.unit_id, file=found.file, row=found.row, because=because.strip())
    return found


def settle(conn: Connection[Any], found: RejectedRow, actor: Actor, state: State, reason: str = "") -> None:
    """Errors: unknown_reference when another person was faster."""
    if conn.execute(SETTLE_SQL, [state, actor.author, reason, found.id]).rowcount != 1:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="rejected_row", value=str(found.id), field="row")


def _keep(conn: Connection[Any], files: Files, rejected: Rejected, actor: Actor, *, kept: bool) -> None:
    hashes: dict[str, str] = {}
    if rejected.faults:
        came = _rows_as_they_came(files, rejected)
        rows = [_row(files, found, came, hashes) for found in _first_of_each(rejected.faults)]
        conn.execute(KEEP_SQL, {"rows": Jsonb(rows), "author": actor.author, "origin": actor.origin})
    if kept and rejected.is_all:
        refused = {(found.file, found.row) for found in rejected.faults}
        accepted = [(identity, files.place(reference)) for identity, reference in files.met.items()]
        met = [
            {**identity._asdict(), "file": place[0], "hash": _hash_of(files, place[0], hashes)}
            for identity, place in accepted if place not in refused
        ]  # fmt: skip
        conn.execute(HANDLED_SQL, {"met": Jsonb(met), "author": actor.author})


def _found(
    conn: Connection[Any], rights: Rights, *, state: str, unit: str = "", limit: int = 1, row_id: int | None = None
) -> list[RejectedRow]:
    asked = {
        "units": list(rights.units_with("read")), "all": rights.is_administrator, "user": rights.user_id, "state": state, "unit": unit,
        "limit": limit, "id": row_id,
    }  # fmt: skip
    return [
        RejectedRow._make([*row[:10], DomainError(ErrorCode(row[10]), **told_facts(row[11])), *row[12:]])
        for row in conn.execute(ROWS_SQL, asked).fetchall()
    ]


def _first_of_each(faults: Sequence[RowFault]) -> list[RowFault]:
    """A row of a table may fail as a master record and as a document: it waits once."""
    return list({(found.file, found.row): found for found in reversed(faults)}.values())[::-1]


def _row(files: Files, found: RowFault, came: Mapping[Place, _Came], hashes: dict[str, str]) -> dict[str, Any]:
    row = came.get((found.file, found.row)) or _Came("broken", found.value, Identity("", ""), "")
    told = {
        "file": found.file, "hash": _hash_of(files, found.file, hashes), "row_no": found.row, "form": row.form, "content": row.content,
        "records": row.records, **row.identity._asdict(), "unit": row.unit, "code": found.code.value, "facts": found.facts,
    }  # fmt: skip
    return {name: kept_facts(value) for name, value in told.items()}


def _rows_as_they_came(files: Files, rejected: Rejected) -> dict[Place, _Came]:
    """Read from the files once more."""
    places = {(found.file, found.row) for found in rejected.faults}
    made: dict[Place, list[Any]] = {place: [record] for place, record in rejected.masters.items() if place in places}
    for reference, record in files.documents_of_tables():
        place = files.place(reference)
        if place in places:
            made.setdefault(place, []).append(record)
    found: dict[Place, _Came] = {}
    for source in files.sources:
        wanted = {row for file, row in places if file == source.name}
        if not wanted:
            continue
        if source.format == "jsonl":
            found |= {(source.name, row): _line(line) for row, line in enumerate(source.records(), 1) if row in wanted}
        elif files.mapping is not None:
            for row, cells in table_rows(source, files.mapping.shape, lambda _fault: None):
                if row in wanted:
                    found[source.name, row] = _cells(cells, made.get((source.name, row), ()))
    for place in made.keys() - found.keys():
        found[place] = _cells({}, made[place])
    return found


def _line(line: bytes) -> _Came:
    """A line of JSON; what is none is kept as far as it can be read, and cannot be tried again."""
    try:
        content = line.decode().strip()
        told = msgspec.json.decode(line)
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError):
        return _Came("broken", line.decode("utf-8", "replace").strip(), Identity("", ""), "")
    if not isinstance(told, dict):
        return _Came("broken", content, Identity("", ""), "")
    try:
        identity = identity_of(record_in(line))
    except (msgspec.DecodeError, RecursionError):
        identity = identity_told(told)
    unit = told.get("unit", "")
    return _Came("line", content, identity, unit if isinstance(unit, str) else "")


def _cells(cells: Mapping[str, str], records: Sequence[Any]) -> _Came:
    """A row of a table, with what the mapping made of it. The last of several records is what the row is about."""
    content = msgspec.json.encode(cells).decode()
    if not records:
        return _Came("cells", content, Identity("", ""), "")
    said = "\n".join(msgspec.json.encode(record).decode() for record in records)
    unit = getattr(records[-1], "unit", "")
    return _Came("cells", content, identity_of(records[-1]), unit if isinstance(unit, str) else "", said)


def _hash_of(files: Files, file: str, hashes: dict[str, str]) -> str:
    """Of the bytes of that file; of a joined file or the mapping itself, of the file that was imported with it."""
    if file not in hashes:
        named = [source for source in files.sources if source.name == file] or list(files.sources[-1:])
        hashes[file] = _digest(named)
    return hashes[file]


def _digest(sources: Sequence[Source]) -> str:
    digest = hashlib.sha256()
    for source in sources:
        with source.path.open("rb") as stream:
            while piece := stream.read(CHUNK_BYTES):
                digest.update(piece)
    return digest.hexdigest()
