"""Reads of bank accounts, statements, lines and rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row, scalar_row

from setoff.banks.records import BankRule, LineRow, LineState, StatementRow
from setoff.banks.statement import Line

LINES_SQL: Final = """
  select l.id, l.unit_id, u.code, a.name, l.account_id, l.booking_date, l.value_date, l.amount, l.currency, l.name, l.tax_id, l.kpp,
         l.account, l.bic, l.purpose, l.reference, l.end_to_end, l.is_reversal, l.state, l.confidence, l.proposal, l.reasons,
         l.ignored_because, coalesce(d.key, ''), l.decided_by
  from bank_line l join bank_account a on a.unit_id = l.unit_id and a.id = l.account_id join unit u on u.id = l.unit_id
  left join document d on d.unit_id = l.unit_id and d.id = l.document_id"""
STATEMENTS_SQL: Final = """
  select s.id, u.code, a.name, s.account_id, s.file, s.format, s.number, s.first_day, s.last_day, s.opening, s.closing, a.currency, s.lines,
         s.new_lines, s.findings, s.imported_at, s.author
  from bank_statement s join bank_account a on a.unit_id = s.unit_id and a.id = s.account_id join unit u on u.id = s.unit_id"""


class LineFilter(NamedTuple):
    """Which lines: empty = all. `after` is the last row of the page before: (day, id)."""

    units: Sequence[str] = ()
    account: str = ""
    states: Sequence[LineState] = ()
    since: date | None = None
    until: date | None = None
    words: str = ""
    ids: Sequence[int] = ()
    after: tuple[date, int] | None = None
    limit: int | None = None


class StateCount(NamedTuple):
    """How many lines of an account stand in a state, and what they sum to."""

    unit: str
    account: str
    currency: str
    state: LineState
    lines: int
    inflow: int
    outflow: int


def _where(chosen: LineFilter) -> tuple[str, dict[str, Any]]:
    conditions = {
        "u.code = any(%(units)s)": chosen.units,
        "(a.name = %(account)s or a.number = %(account)s)": chosen.account,
        "l.state = any(%(states)s)": chosen.states,
        "l.booking_date >= %(since)s": chosen.since,
        "l.booking_date <= %(until)s": chosen.until,
        "(l.name ilike %(like)s or l.purpose ilike %(like)s or l.tax_id = %(words)s or l.account = %(words)s)": chosen.words,
        "l.id = any(%(ids)s)": chosen.ids,
        "(l.booking_date, l.id) > (%(after_day)s, %(after_id)s)": chosen.after,
    }
    asked = [condition for condition, value in conditions.items() if value]
    escaped = chosen.words.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    after = chosen.after or (date.min, 0)
    parameters = {
        **chosen._asdict(), "units": list(chosen.units), "states": list(chosen.states), "ids": list(chosen.ids), "like": f"%{escaped}%",
        "after_day": after[0], "after_id": after[1],
    }  # fmt: skip
    del parameters["after"]
    return (" where " + " and ".join(asked)) if asked else "", parameters


def bank_lines(conn: Connection[Any], chosen: LineFilter) -> list[LineRow]:
    """Lines in the order of their days."""
    where, parameters = _where(chosen)
    cursor = conn.cursor(row_factory=args_row(LineRow))
    return cursor.execute(LINES_SQL + where + " order by l.booking_date, l.id limit %(limit)s", parameters).fetchall()


def line_states(conn: Connection[Any], chosen: LineFilter) -> list[StateCount]:
    """Counts and sums over the whole filter, by account and state."""
    where, parameters = _where(chosen)
    cursor = conn.cursor(row_factory=args_row(StateCount))
    return cursor.execute(
        f"""select u.code, a.name, l.currency, l.state, count(*)::int, coalesce(sum(l.amount) filter (where l.amount > 0), 0)::bigint,
                   coalesce(-sum(l.amount) filter (where l.amount < 0), 0)::bigint
            from bank_line l join bank_account a on a.unit_id = l.unit_id and a.id = l.account_id join unit u on u.id = l.unit_id
            {where} group by 1, 2, 3, 4 order by 1, 2, 4""",
        parameters,
    ).fetchall()


def unclaimed_count(conn: Connection[Any]) -> int:
    """Lines that nobody claims, in the units one may read: for the page of today."""
    cursor = conn.cursor(row_factory=scalar_row)
    return cursor.execute("select count(*)::int from bank_line where state = 'unclaimed'").fetchone() or 0


def bank_statements(conn: Connection[Any], units: Sequence[str] = (), account: str = "", limit: int | None = None) -> list[StatementRow]:
    """Statements, the newest period first."""
    cursor = conn.cursor(row_factory=args_row(StatementRow))
    return cursor.execute(
        STATEMENTS_SQL
        + """ where (%(units)s::text[] = '{}' or u.code = any(%(units)s)) and %(account)s in ('', a.name, a.number)
              order by s.last_day desc, u.code, a.name, s.id desc limit %(limit)s""",
        {"units": list(units), "account": account, "limit": limit},
    ).fetchall()


class AccountRow(NamedTuple):
    """An account of ours as people see it. `last_day` of its statements, with the balance there."""

    id: int
    unit_id: int
    unit: str
    number: str
    currency: str
    name: str
    bic: str
    bank_name: str
    correspondent: str
    last_day: date | None
    balance: int | None
    unclaimed: int
    proposed: int


def bank_accounts(conn: Connection[Any], units: Sequence[str] = ()) -> list[AccountRow]:
    cursor = conn.cursor(row_factory=args_row(AccountRow))
    return cursor.execute(
        """select a.id, a.unit_id, u.code, a.number, a.currency, a.name, a.bic, a.bank_name, a.correspondent, last.last_day, last.closing,
                  (select count(*) from bank_line l where l.unit_id = a.unit_id and l.account_id = a.id and l.state = 'unclaimed')::int,
                  (select count(*) from bank_line l where l.unit_id = a.unit_id and l.account_id = a.id and l.state = 'proposed')::int
           from bank_account a join unit u on u.id = a.unit_id
           left join lateral (select last_day, closing from bank_statement s where s.unit_id = a.unit_id and s.account_id = a.id
                              order by last_day desc, id desc limit 1) last on true
           where %(units)s::text[] = '{}' or u.code = any(%(units)s)
           order by u.code, a.name""",
        {"units": list(units)},
    ).fetchall()


class RuleRow(NamedTuple):
    id: int
    position: int
    record: BankRule


def bank_rules(conn: Connection[Any], units: Sequence[str] = ()) -> list[RuleRow]:
    """Rules in the order in which they are tried."""
    rows = conn.execute(
        """select r.id, r.position, u.code, r.field, r.pattern, r.kind, r.direction, r.counterparty, r.contract, r.ledger_account, r.item,
                  r.reason
           from bank_rule r join unit u on u.id = r.unit_id
           where %(units)s::text[] = '{}' or u.code = any(%(units)s) order by u.code, r.position, r.id""",
        {"units": list(units)},
    )
    return [RuleRow(rule_id, position, BankRule(*rest)) for rule_id, position, *rest in rows]


def line_of(row: LineRow) -> Line:
    """The line as it was read from the file."""
    return Line(
        row.booking_date, row.value_date, row.amount, row.name, row.tax_id, row.kpp, row.other_account, row.bic, row.purpose,
        row.reference, row.end_to_end, row.state == "pending", row.is_reversal,
    )  # fmt: skip
