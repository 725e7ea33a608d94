"""Saving master records: one by hand or many thousands from a file, by the same set-based path.

`save_masters` inserts what is new, changes what differs and leaves the rest alone, by code, in one transaction; saying the
same again changes nothing. Records may stand in any order: organizations go first, then what names them. A contract whose books
have begun keeps its terms (contract_in_use). Its status goes from draft to active to closed; a closed one may be opened again, but none
goes back to draft once something was posted on it (contract_status_order). It closes only when nothing is open on it
(contract_not_settled), or with consent. Every change of status is in the audit trail, with what was still open.
Errors: those of parties/rows.py, contract_in_use, contract_status_order, contract_not_settled, record_in_use.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, Literal, NamedTuple

import psycopg
from psycopg import sql

from setoff.books.audit import Actor, record_audit
from setoff.books.charts import load_chart
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.moment import NEVER
from setoff.core.money import Money
from setoff.parties.loan_rows import LoanContract
from setoff.parties.records import (
    Agreement,
    Contract,
    Counterparty,
    Loan,
    Master,
    PriceList,
    ServiceAccount,
    ServiceOperation,
    Unit,
)
from setoff.parties.rows import HeadOffice, House, Known, Offer, row_of
from setoff.parties.service_rows import AccountPlace, ContractPlace, ListPlace, UnitPlace
from setoff.parties.tables import TABLES, Table

MASTERS_LOCK: Final = 7_263_003
HEAD_OFFICES_SQL: Final = """
  select code, id, organization_id, kind, exists (select from unit branch where branch.head_office_id = unit.id)
  from unit where code = any(%s)"""
OPEN_LOTS_SQL: Final = """
  select contract.code, fold_key.currency, fold_key.contour, sum(lot.residual)
  from incoming join contract using (code)
  join fold_key on fold_key.contract_id = contract.id
  join lot on lot.unit_id = fold_key.unit_id and lot.key_id = fold_key.id and lot.closed_moment = %s
  where incoming.status = 'closed' and contract.status <> 'closed'
  group by contract.code, fold_key.currency, fold_key.contour, sign(lot.residual)
  order by contract.code, fold_key.currency, sign(lot.residual), fold_key.contour"""


LOANS_SQL: Final = """
  select contract.code, contract.id, organization.id, contract.relation, contract.currency, contract.detail, contract.reg_detail,
         contract.allocation, organization.chart
  from contract join organization on organization.id = contract.organization_id where contract.code = any(%s)"""
STATUS_SQL: Final = """
  select incoming.position, contract.code, contract.status, incoming.status,
         exists (select from node where node.counterparty_id = contract.counterparty_id and node.contract_id = contract.id)
  from incoming join contract using (code) where incoming.status <> contract.status order by incoming.position"""


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
            for kind, part in by_type.items():
                for given in filter(None, _parts(part)):
                    places, unsound = _rows(conn, given, on_error)
                    refused += unsound
                    refused += _save(conn, TABLES[kind], places, counts, actor, consent=consent)
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


def _parts(given: list[tuple[int, Master]]) -> Iterator[list[tuple[int, Master]]]:
    """Records that name others of their type come after these: a branch after its head office."""
    branches = {record.code for _, record in given if isinstance(record, Unit) and record.head_office}
    if not branches:
        yield given
        return
    for later in (False, True):
        yield [place for place in given if (isinstance(place[1], Unit) and place[1].code in branches) is later]


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
    organizations = {record.organization for record in records if isinstance(record, Unit | Contract | PriceList)}
    partners = {record.partner for record in records if isinstance(record, Counterparty | Agreement)} - {""}
    counterparties = {record.counterparty for record in records if isinstance(record, Contract)}
    agreements = {record.agreement for record in records if isinstance(record, Contract)} - {""}
    units = [record for record in records if isinstance(record, Unit)]
    served = [record for record in records if isinstance(record, ServiceAccount | ServiceOperation)]
    if organizations:
        statement = "select code, id, chart, book_currency from organization where code = any(%s)"
        for code, id_, chart, book_currency in conn.execute(statement, [list(organizations)]):
            known.organizations[code] = House(id_, load_chart(chart), book_currency)
    if partners:
        known.partners.update(conn.execute("select code, id from partner where code = any(%s)", [list(partners)]).fetchall())
    if counterparties:
        statement = "select code, id, partner_id from counterparty where code = any(%s)"
        for code, id_, partner_id in conn.execute(statement, [list(counterparties)]):
            known.counterparties[code], known.partner_of[code] = id_, partner_id
    if agreements:
        statement = "select code, id, partner_id, uses_contracts from agreement where code = any(%s)"
        known.agreements.update({code: Offer(*rest) for code, *rest in conn.execute(statement, [list(agreements)])})
    if units:
        named_units = {record.code for record in units} | {record.head_office for record in units} - {""}
        known.head_offices.update({code: HeadOffice(*rest) for code, *rest in conn.execute(HEAD_OFFICES_SQL, [list(named_units)])})
    if served:
        _add_services(conn, known, served)
    if loans := [record.code for record in records if isinstance(record, Loan)]:
        for code, *rest, chart in conn.execute(LOANS_SQL, [loans]):
            known.loans[code] = LoanContract._make((*rest, load_chart(chart)))
    return known


def _add_services(conn: psycopg.Connection[Any], known: Known, records: Sequence[ServiceAccount | ServiceOperation]) -> None:
    """Units, contracts and price lists of service accounts; accounts and third parties of operations."""
    accounts = [record for record in records if isinstance(record, ServiceAccount)]
    operations = [record for record in records if isinstance(record, ServiceOperation)]
    asked: list[list[str]] = [
        [record.unit for record in records], [record.contract for record in accounts], [record.price_list for record in accounts],
        [code for record in operations for code in record.accounts],
        [cost.counterparty for record in operations for cost in record.costs],
        [cost.contract for record in operations for cost in record.costs],
    ]  # fmt: skip
    units, contracts, lists, served, creditors, cost_contracts = (sorted(set(codes) - {""}) for codes in asked)
    statement = """select unit.code, unit.id, organization.id, organization.book_currency from unit
                   join organization on organization.id = unit.organization_id where unit.code = any(%s)"""
    known.units.update({code: UnitPlace(*rest) for code, *rest in conn.execute(statement, [units])})
    statement = "select code, id, organization_id, relation, currency from contract where code = any(%s)"
    known.contracts.update({code: ContractPlace(*rest) for code, *rest in conn.execute(statement, [sorted({*contracts, *cost_contracts})])})
    statement = """select distinct on (code) code, id, organization_id, currency from price_list
                   where code = any(%s) order by code, valid_from desc"""
    known.price_lists.update({code: ListPlace(*rest) for code, *rest in conn.execute(statement, [lists])})
    statement = "select code, id, unit_id from service_account where code = any(%s)"
    known.accounts.update({code: AccountPlace(*rest) for code, *rest in conn.execute(statement, [served])})
    statement = "select code, id from counterparty where code = any(%s)"
    known.creditors.update(conn.execute(statement, [creditors]).fetchall())


def _save(
    conn: psycopg.Connection[Any], table: Table, places: Sequence[_Place], counts: Counter[str], actor: Actor, *, consent: bool
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
    if table.name == "contract":
        refused += _status_refused(conn, places, {row.position for row in refused}, actor, consent=consent)
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
    statement = sql.SQL("select position, {differs} from incoming join {table} using ({key}) where ({any}) and {in_use}").format(
        key=sql.SQL(", ").join(map(sql.Identifier, table.key)),
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


def _status_refused(
    conn: psycopg.Connection[Any], places: Sequence[_Place], refused_before: set[int], actor: Actor, *, consent: bool
) -> list[Refused]:
    """Contracts whose status may not change so; what may is told to the audit trail, with what is open on a contract that is closed."""
    refused: list[Refused] = []
    balances = _open_balances(conn)
    for position, code, before, after, is_used in conn.execute(STATUS_SQL).fetchall():
        place, is_open = places[position], after == "closed" and code in balances
        error = None
        if after == "draft" and is_used:
            error = DomainError(ErrorCode.CONTRACT_STATUS_ORDER, contract=code, status=before, field="status")
        elif is_open and not consent:
            error = DomainError(ErrorCode.CONTRACT_NOT_SETTLED, contract=code, balances=balances[code], field="status")
        if error:
            refused.append(Refused(place.position, place.record, error))
        elif place.position not in refused_before:
            left = [str(money) for money in balances[code]] if is_open else []
            record_audit(conn, actor, "contract_status", contract=code, before=before, after=after, open=left)
    return refused


def _open_balances(conn: psycopg.Connection[Any]) -> dict[str, list[Money]]:
    """What is open, in either contour, on the contracts to be closed: debts and advances apart."""
    balances: dict[str, list[Money]] = {}
    for code, currency, _, residual in conn.execute(OPEN_LOTS_SQL, [NEVER]).fetchall():
        money = Money(int(residual), currency)
        if money not in balances.setdefault(code, []):
            balances[code].append(money)
    return balances
