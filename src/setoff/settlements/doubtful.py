"""The verb on the reserve for doubtful debts: at the end of a month every debtor's reserve is what his overdue debts ask for (spec 6.6).

What is asked for: receivables from trade of the regulated contour in book currency, by days overdue, each bucket at the share that the unit
decided (`reserve` of parties/switches.py), half up by debtor and bucket. What is kept beyond it is released: so the reserve of what was
paid, or written off without it, goes back. A month has one document for a unit, known by its key: said again, it changes nothing or
becomes right. Errors: unknown_reference, invalid_value, no_reserve_kept, period_closed, reserve_exceeded.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

import psycopg

from setoff.books.audit import Actor
from setoff.books.scope import Scope
from setoff.books.services import lock_unit
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.moment import Moment, end_of
from setoff.core.money import format_amount, round_half_up
from setoff.parties.switches import bounds_of, percents_of
from setoff.settlements.diff import Change
from setoff.settlements.month_ends import StateIt, check_month_end, state_document
from setoff.settlements.queries import lots_at
from setoff.settlements.reserves import reserve_balances
from setoff.settlements.services import Outcome, find_document
from setoff.trade.directory import UnitTerms
from setoff.trade.documents import DoubtfulReserve, ReserveRow
from setoff.trade.doubtful import debtor_of
from setoff.trade.kinds import day_order_of
from setoff.trade.queries import decode_document, load_directory
from setoff.trade.registry import References

OF_TRADE: Final = ("buyer", "commission_agent", "other_buyer")
"""Relations whose receivables come from trade: a reserve is made for them (Tax Code of Russia art. 266)."""
ENTRY_MAX: Final = (1 << 34) - 1
DEBTS_SQL: Final = """
  with open_lot as ({lots})
  select counterparty.code, counterparty.name, coalesce(contract.code, ''), coalesce(contract.number, ''),
         greatest(%(day)s::date - coalesce(due, moment_date(rank)), 0), sum(book_then)::bigint
  from open_lot join counterparty on counterparty.id = open_lot.counterparty_id
  left join contract on contract.id = open_lot.contract_id
  where open_lot.relation = any(%(relations)s) and residual_then > 0
  group by 1, 2, 3, 4, 5 order by 1, 3, 5"""


class Doubtful(NamedTuple):
    """A debtor under a contract. `debts`: not due, then the buckets; minor units of book currency, as the other sums. `wanted`: the reserve
    that they ask for; `kept`: the reserve without the document of the month."""

    counterparty: str
    name: str
    contract: str
    number: str
    debts: tuple[int, ...]
    wanted: int
    kept: int

    @property
    def debtor(self) -> str:
        return debtor_of(self.counterparty, self.contract)

    @property
    def change(self) -> int:
        return self.wanted - self.kept


class Accrued(NamedTuple):
    """What accruing changed: the document of the month, the debtors whose reserve it changes, and what that moved."""

    document_id: int
    key: str
    number: str
    debtors: int
    changes: list[Change]


class Asked(NamedTuple):
    """What is asked of a month end. `bounds`, `percents`: the buckets of the unit's policy. What is kept counts before `moment`, without
    the document of the month (`document_id`, 0: there is none)."""

    unit: UnitTerms
    day: date
    key: str
    number: str
    bounds: tuple[int, ...]
    percents: tuple[Decimal, ...]
    moment: int
    document_id: int

    def kept(self, conn: psycopg.Connection[Any]) -> dict[str, int]:
        """By debtor."""
        return reserve_balances(conn, self.unit, self.moment, document_id=self.document_id)


class Month(NamedTuple):
    """What a month end asks for. `key`: of its document, whether it is there (`number`) or not."""

    unit: UnitTerms
    day: date
    key: str
    number: str
    bounds: tuple[int, ...]
    rows: list[Doubtful]


def key_of(unit: str, day: date) -> str:
    return f"reserve/{unit}/{day.isoformat()}"


def asked_of(conn: psycopg.Connection[Any], unit: str, day: date) -> Asked:
    """Errors: unknown_reference, invalid_value, no_reserve_kept."""
    check_month_end(day, "last_day")
    terms = load_directory(conn, References(frozenset((unit,)))).unit(unit)
    if not terms.chart.reserve_account:
        raise DomainError(ErrorCode.NO_RESERVE_KEPT, chart=terms.chart.name, field="unit")
    days, _, shares = terms.policy("reserve").partition("=")
    key = key_of(unit, day)
    stored = find_document(conn, key)
    moment = Moment(day, day_order_of("doubtful_reserve"), stored.row.id if stored else ENTRY_MAX).pack()
    number = stored.row.number if stored and stored.row.status == "posted" else ""
    return Asked(terms, day, key, number, bounds_of(days), percents_of(shares), moment, stored.row.id if stored else 0)


def doubtful_month(conn: psycopg.Connection[Any], unit: str, day: date) -> Month:
    """Debtors with a reserve, or with debts that ask for one, at the end of a month. Errors: unknown_reference, invalid_value,
    no_reserve_kept."""
    asked = asked_of(conn, unit, day)
    scope, percents, kept = Scope((asked.unit.id,)), asked.percents, asked.kept(conn)
    names = {**scope.parameters(), "before": end_of(day), "day": day, "relations": list(OF_TRADE)}
    found: dict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0] * len(percents))
    for code, name, contract, number, overdue, book in conn.execute(DEBTS_SQL.format(lots=lots_at(scope, "reg")), names):
        place = 0 if overdue == 0 else 1 + sum(overdue > bound for bound in asked.bounds)
        found[code, name, contract, number][place] += book
    rows = []
    for (code, name, contract, number), debts in found.items():
        wanted = sum(round_half_up(amount * percent / 100) for amount, percent in zip(debts, percents, strict=True))
        rows.append(Doubtful(code, name, contract, number, tuple(debts), wanted, kept.pop(debtor_of(code, contract), 0)))
    rows += [_settled(conn, debtor, amount, len(percents)) for debtor, amount in kept.items()]
    rows = sorted((row for row in rows if row.wanted or row.kept), key=lambda row: row.debtor)
    return Month(asked.unit, day, asked.key, asked.number, asked.bounds, rows)


def _settled(conn: psycopg.Connection[Any], debtor: str, kept: int, places: int) -> Doubtful:
    """A debtor who owes nothing any more and still has a reserve."""
    row = conn.execute(
        """select counterparty.code, counterparty.name, coalesce(contract.code, ''), coalesce(contract.number, '')
           from counterparty left join contract on contract.counterparty_id = counterparty.id
            and counterparty.code || '/' || contract.code = %(debtor)s
           where counterparty.code = %(debtor)s or contract.id is not null order by counterparty.code <> %(debtor)s limit 1""",
        {"debtor": debtor},
    ).fetchone()
    if row is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="counterparty", value=debtor, field="rows")
    code, name, contract, number = row
    return Doubtful(code, name, contract, number, (0,) * places, 0, kept)


def accrue_reserve(
    conn: psycopg.Connection[Any], unit: str, last_day: date, actor: Actor, *, item: str, department: str,
    state_it: StateIt = state_document,
) -> Accrued | None:  # fmt: skip
    """The reserve at the end of a month is what the debts ask for; None where nothing is to be changed, or it waits for a second person.
    `item` and `department`: of the expense, where the month has no document yet."""
    with conn.transaction():
        lock_unit(conn, unit)
        month = doubtful_month(conn, unit, last_day)
        stored = find_document(conn, month.key)
        before = decode_document(stored.content) if stored else None
        rows = [_row(row, month.unit.book_currency) for row in month.rows if row.change]
        if not rows:
            return _accrued(state_it(conn, month.key, None, actor), 0) if month.number else None
        if isinstance(before, DoubtfulReserve):
            item, department = before.item, before.department
        document = DoubtfulReserve(
            unit=unit, date=last_day.isoformat(), key=month.key, item=item, department=department, rows=rows,
            comment=before.comment if before else "",
        )  # fmt: skip
        return _accrued(state_it(conn, month.key, document, actor), len(rows))


def _accrued(outcome: Outcome | None, debtors: int) -> Accrued | None:
    if outcome is None or not outcome.changed:
        return None
    return Accrued(outcome.document_id, outcome.key, outcome.number, debtors, outcome.changes)


def _row(row: Doubtful, currency: str) -> ReserveRow:
    amount = format_amount(abs(row.change), currency)
    overdue = sum(row.debts[1:])
    return ReserveRow(
        counterparty=row.counterparty, contract=row.contract, accrued=amount if row.change > 0 else "",
        released=amount if row.change < 0 else "", debt=format_amount(overdue, currency) if overdue else "",
    )  # fmt: skip
