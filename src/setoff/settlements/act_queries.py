"""Reads of the acts of reconciliation that are kept."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import namedtuple_row

from setoff.core.errors import DomainError, ErrorCode
from setoff.settlements.reconciliation import SideLine


class OurLine(NamedTuple):
    """A document in our side of an act: what it adds to their debt and to ours, both positive."""

    key: str
    kind: str
    number: str
    date: datetime.date
    debit: int
    credit: int


class Act(NamedTuple):
    """An act with the names of its parties. Ours: + they owe us. Theirs, as they write it: + we owe them; None: not given yet."""

    id: int
    unit_id: int
    unit: str
    organization: str
    organization_tax_id: str
    counterparty_id: int
    counterparty_code: str
    counterparty: str
    counterparty_tax_id: str
    language: str
    contract_id: int | None
    contract: str
    contract_date: datetime.date | None
    currency: str
    first_day: datetime.date | None
    last_day: datetime.date
    state: str
    our_opening: int
    our_closing: int
    our_lines: list[OurLine]
    their_opening: int | None
    their_closing: int | None
    their_lines: list[SideLine] | None
    their_file: str
    signed_by: str
    signed_on: datetime.date | None
    note: str
    author: str
    created_at: datetime.datetime
    changed_at: datetime.datetime
    show_internal: bool = False

    @property
    def difference(self) -> int | None:
        """What we see them owe less what they see; None without their side."""
        return None if self.their_closing is None else self.our_closing + self.their_closing


class ActFilter(NamedTuple):
    """Ids and a state to narrow a list of acts by; empty means all. `touched`: only acts whose period has that day or a later one."""

    units: tuple[int, ...] = ()
    counterparties: tuple[int, ...] = ()
    states: tuple[str, ...] = ()
    touched: datetime.date | None = None


_SELECT = """
  select a.id, a.unit_id, u.code as unit, o.name as organization, o.tax_id as organization_tax_id, a.counterparty_id,
         cp.code as counterparty_code, cp.name as counterparty, cp.tax_id as counterparty_tax_id, cp.language, a.contract_id,
         coalesce(ct.number, '') as contract, ct.date as contract_date, a.currency, a.first_day, a.last_day, a.state, a.our_opening,
         a.our_closing, a.our_lines, a.their_opening, a.their_closing, a.their_lines, a.their_file, a.signed_by, a.signed_on, a.note,
         a.author, a.created_at, a.changed_at, a.show_internal
  from reconciliation_act a join unit u on u.id = a.unit_id join organization o on o.id = u.organization_id
  join counterparty cp on cp.id = a.counterparty_id left join contract ct on ct.id = a.contract_id"""


def act_of(conn: Connection[Any], act_id: int) -> Act:
    """Errors: unknown_reference."""
    row = conn.cursor(row_factory=namedtuple_row).execute(f"{_SELECT} where a.id = %s", [act_id]).fetchone()
    if row is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="act", value=str(act_id), field="act")
    return _act(row)


def acts(conn: Connection[Any], wanted: ActFilter, *, limit: int = 200) -> list[Act]:
    """The newest acts first, by their last day."""
    cursor = conn.cursor(row_factory=namedtuple_row).execute(
        f"""{_SELECT}
            where (cardinality(%(units)s::bigint[]) = 0 or a.unit_id = any(%(units)s))
              and (cardinality(%(counterparties)s::bigint[]) = 0 or a.counterparty_id = any(%(counterparties)s))
              and (cardinality(%(states)s::text[]) = 0 or a.state = any(%(states)s))
              and (%(touched)s::date is null or a.last_day >= %(touched)s)
            order by a.last_day desc, a.id desc limit %(limit)s""",
        {
            "units": list(wanted.units), "counterparties": list(wanted.counterparties), "states": list(wanted.states),
            "touched": wanted.touched, "limit": limit,
        },
    )  # fmt: skip
    return [_act(row) for row in cursor]


def agreed_acts_touched(conn: Connection[Any], documents: Sequence[int]) -> list[Act]:
    """Agreed acts with a party of these documents, in any of their versions, whose period is not over on the day the version is of:
    what to look at after an edit."""
    found = conn.execute(
        """select distinct a.id
           from version v join fact f on f.unit_id = v.unit_id and f.version_id = v.id
           join fold_key k on k.unit_id = f.unit_id and k.id = f.reg_key_id
           join reconciliation_act a on a.unit_id = f.unit_id and a.counterparty_id = k.counterparty_id and a.currency = k.currency
           where v.document_id = any(%s) and a.state = 'agreed' and a.last_day >= moment_date(f.moment)
             and (a.contract_id is null or a.contract_id = k.contract_id) order by 1""",
        [list(documents)],
    ).fetchall()
    return [act_of(conn, row[0]) for row in found]


def _act(row: Any) -> Act:
    ours = [OurLine(**{**line, "date": datetime.date.fromisoformat(line["date"])}) for line in row.our_lines]
    theirs = row.their_lines and [SideLine(**{**line, "date": datetime.date.fromisoformat(line["date"])}) for line in row.their_lines]
    return Act._make(row)._replace(our_lines=ours, their_lines=theirs)
