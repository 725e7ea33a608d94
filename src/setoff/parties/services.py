"""Saving master records: one by hand or many thousands from a file, by the same set-based path.

`save_masters` inserts what is new, changes what differs and leaves the rest alone, by code, in one transaction; saying the
same again changes nothing. Records may stand in any order: organizations go first, then what names them. A contract whose books
have begun keeps its terms (contract_in_use), and closes only when nothing is open on it (contract_not_settled).
Errors: those of parties/rows.py, contract_in_use, contract_not_settled, record_in_use.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal, NamedTuple

import psycopg
from psycopg import sql

from setoff.books.audit import Actor, record_audit
from setoff.books.charts import load_chart
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.moment import NEVER
from setoff.core.money import Money
from setoff.parties.records import Agreement, Contract, Counterparty, Master, Unit
from setoff.parties.rows import House, Known, row_of
from setoff.parties.tables import TABLES, Table

MASTERS_LOCK: Final = 7_263_003
OPEN_LOTS_SQL: Final = """
  select contract.code, fold_key.currency, fold_key.contour, sum(lot.residual)
  from incoming join contract using (code)
  join fold_key on fold_key.contract_id = contract.id
  join lot on lot.unit_id = fold_key.unit_id and lot.key_id = fold_key.id and lot.closed_moment = %s
  where incoming.status = 'closed' and contract.status <> 'closed'
  group by contract.code, fold_key.currency, fold_key.contour, sign(lot.residual)
  order by contract.code, fold_key.currency, sign(lot.residual), fold_key.contour"""


class Refused(NamedTuple):
    """A record that was left out. `position`: its place among the records given, from 0."""

    position: int
    record: Master
    error: DomainError


class Saved(NamedTuple):
    created: int
    changed: int
    unchanged: int
    refused: tuple[Refused, ...] = ()


class _DryRun(Exception):
    """The way out of a transaction that is only tried."""


class _Place(NamedTuple):
    position: int
    record: Master
    row: tuple[Any, ...]


def save_masters(
    conn: psycopg.Connection[Any],
    records: Iterable[Master],
    actor: Actor,
    *,
    on_error: Literal["stop", "collect"] = "stop",
    dry_run: bool = False,
    consent: bool = False,
) -> Saved:
    """Every record stands in its table as said. Of several with one code the last counts.

    "stop": the first refusal is raised and nothing is written; "collect": what is refused, and what names it, is left out and
    returned. `consent` closes contracts that are not settled."""
    by_type: dict[type[Master], list[tuple[int, Master]]] = {kind: [] for kind in TABLES}
    for index, record in enumerate(records):
        by_type[type(record)].append((index, record))
    counts: Counter[str] = Counter()
    refused: list[Refused] = []
    try:
        with conn.transaction():
            conn.execute("select pg_advisory_xact_lock(%s)", [MASTERS_LOCK])
            for kind, given in by_type.items():
                if given:
                    places, unsound = _rows(conn, given, on_error)
                    refused += unsound
                    refused += _save(conn, TABLES[kind], places, counts, consent=consent)
                    _stop_at_first(refused, on_error)
            record_audit(
                conn, actor, "save_masters", created=counts["created"], changed=counts["changed"], refused=len(refused)
            )
            if dry_run:
                raise _DryRun
    except _DryRun:
        pass
    refused.sort(key=lambda row: row.position)
    return Saved(counts["created"], counts["changed"], counts["unchanged"], tuple(refused))


def _stop_at_first(refused: Sequence[Refused], on_error: str) -> None:
    if refused and on_error == "stop":
        raise min(refused, key=lambda row: row.position).error


def _rows(
    conn: psycopg.Connection[Any], given: Sequence[tuple[int, Master]], on_error: str
) -> tuple[list[_Place], list[Refused]]:
    """The rows of records of one type, the last of each key, and the records that are not sound."""
    known = _known(conn, [record for _, record in given])
    key_width = len(TABLES[type(given[0][1])].key)
    places: dict[tuple[Any, ...], _Place] = {}
    refused: list[Refused] = []
    for index, record in given:
        try:
            row = row_of(record, known)
        except DomainError as error:
            refused.append(Refused(index, record, error))
            _stop_at_first(refused, on_error)
        else:
            places[row[:key_width]] = _Place(index, record, row)
    return list(places.values()), refused


def _known(conn: psycopg.Connection[Any], records: Sequence[Master]) -> Known:
    """Ids of everything that these records name."""
    known = Known()
    organizations = {record.organization for record in records if isinstance(record, Unit | Contract)}
    partners = {record.partner for record in records if isinstance(record, Counterparty | Agreement)} - {""}
    counterparties = {record.counterparty for record in records if isinstance(record, Contract)}
    if organizations:
        statement = "select code, id, chart, book_currency from organization where code = any(%s)"
        for code, id_, chart, book_currency in conn.execute(statement, [list(organizations)]):
            known.organizations[code] = House(id_, load_chart(chart), book_currency)
    if partners:
        known.partners.update(conn.execute("select code, id from partner where code = any(%s)", [list(partners)]).fetchall())
    if counterparties:
        statement = "select code, id from counterparty where code = any(%s)"
        known.counterparties.update(conn.execute(statement, [list(counterparties)]).fetchall())
    return known


def _save(
    conn: psycopg.Connection[Any], table: Table, places: Sequence[_Place], counts: Counter[str], *, consent: bool
) -> list[Refused]:
    """Rows go into table `incoming` by COPY; those that may not be are refused; one statement writes the rest."""
    columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    name = sql.Identifier(table.name)
    conn.execute("drop table if exists incoming")
    conn.execute(
        sql.SQL("create temp table incoming on commit drop as select 0 as position, {} from {} with no data").format(
            columns, name
        )
    )
    with conn.cursor().copy(sql.SQL("copy incoming (position, {}) from stdin").format(columns)) as copy:
        for position, place in enumerate(places):
            copy.write_row((position, *place.row))
    for column, default in table.kept:
        conn.execute(
            sql.SQL(
                "update incoming set {column} = coalesce((select known.{column} from {table} known where known.code = incoming.code),"
                " {default}) where {column} is null"
            ).format(column=sql.Identifier(column), table=name, default=sql.Literal(default))
        )
    refused = _in_use(conn, table, places)
    if table.name == "contract" and not consent:
        refused += _not_settled(conn, places)
    if refused:
        positions = {place.position: position for position, place in enumerate(places)}
        conn.execute("delete from incoming where position = any(%s)", [[positions[row.position] for row in refused]])
    written = conn.execute(_upsert(table)).fetchall()
    created = sum(1 for (inserted,) in written if inserted)
    counts["created"] += created
    counts["changed"] += len(written) - created
    counts["unchanged"] += len(places) - len({row.position for row in refused}) - len(written)
    return refused


def _upsert(table: Table) -> sql.Composed:
    """Insert, or update where a value differs; returns a row for each record written: whether it is new."""
    rest = [column for column in table.columns if column not in table.key]
    return sql.SQL(
        "insert into {table} ({columns}) select {columns} from incoming order by position"
        " on conflict ({key}) do update set {sets} where ({old}) is distinct from ({new}) returning xmax = 0"
    ).format(
        table=sql.Identifier(table.name),
        columns=sql.SQL(", ").join(map(sql.Identifier, table.columns)),
        key=sql.SQL(", ").join(map(sql.Identifier, table.key)),
        sets=sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(sql.Identifier(column)) for column in rest),
        old=sql.SQL(", ").join(sql.Identifier(table.name, column) for column in rest),
        new=sql.SQL(", ").join(sql.Identifier("excluded", column) for column in rest),
    )


def _in_use(conn: psycopg.Connection[Any], table: Table, places: Sequence[_Place]) -> list[Refused]:
    """Records that books were kept by and that would change what the books rest on."""
    if not table.frozen:
        return []
    differs = [
        sql.SQL("{} is distinct from {}").format(sql.Identifier("incoming", column), sql.Identifier(table.name, column))
        for column, _ in table.frozen
    ]
    statement = sql.SQL("select position, {differs} from incoming join {table} using (code) where ({any}) and {in_use}").format(
        differs=sql.SQL(", ").join(differs),
        table=sql.Identifier(table.name),
        any=sql.SQL(" or ").join(differs),
        in_use=sql.SQL(table.in_use),
    )
    refused = []
    for position, *changes in conn.execute(statement).fetchall():
        given, record, row = places[position]
        fields = list(dict.fromkeys(field for (_, field), changed in zip(table.frozen, changes, strict=True) if changed))
        if isinstance(record, Contract):
            error = DomainError(ErrorCode.CONTRACT_IN_USE, contract=record.code, fields=", ".join(fields), field=fields[0])
        else:
            error = DomainError(
                ErrorCode.RECORD_IN_USE, kind=table.name, value=row[0], fields=", ".join(fields), field=fields[0]
            )
        refused.append(Refused(given, record, error))
    return refused


def _not_settled(conn: psycopg.Connection[Any], places: Sequence[_Place]) -> list[Refused]:
    """Contracts to be closed on which something is open in either contour, with what is open: debts and advances apart."""
    balances: dict[str, list[Money]] = {}
    for code, currency, _, residual in conn.execute(OPEN_LOTS_SQL, [NEVER]).fetchall():
        money = Money(int(residual), currency)
        if money not in balances.setdefault(code, []):
            balances[code].append(money)
    return [
        Refused(
            place.position,
            place.record,
            DomainError(ErrorCode.CONTRACT_NOT_SETTLED, contract=place.row[0], balances=balances[place.row[0]], field="status"),
        )
        for place in places
        if place.row[0] in balances
    ]
