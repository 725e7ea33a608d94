"""A page of the payment calendar: so many of its rows, with the sums of all of them.

Sums of open debts by due day and bank account (open_day, cash_sums.sql) say how many rows each day has and what they come to. So the days
of a page are known before any lot is read, and so is the balance before its first row; read are the lots due on these days alone. What
orders, bills and loans expect is few and is read whole. Rows and order are those of `calendar.cash_rows`.

    whole_calendar(conn, asked)                            every row
    calendar_page(conn, asked, skipped=400, rows_max=200)  rows 401 to 600; asked.is_summed
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row

from setoff.books.workdays import calendars
from setoff.core.moment import end_of, start_of
from setoff.core.workdays import WorkCalendar
from setoff.settlements.open_queries import OF_DAYS_SQL
from setoff.settlements.orders.calendar import Asked, CashRow, cash_rows, in_order, loan_rows, moved_from, planned_rows

Account = tuple[str, str]
"""Currency and bank account: the rows between two totals."""
Place = tuple[date, date]
"""The day on which money is expected and its own due day: rows are in this order."""
def _sums(day: str, condition: str) -> str:
    return f"""
  select {day}, unit_id, currency, bank_account, sum(items)::bigint,
         coalesce(sum(amount) filter (where side = 'receivable'), 0)::bigint,
         coalesce(sum(amount) filter (where side = 'payable'), 0)::bigint
  from (select * from open_day where not is_change union all select * from open_day where is_change) open_day
  where contour = 'mgmt' and what = 'debt' and side = any(array['receivable', 'payable']) and unit_id = any(%(units)s) and {condition}
    and (%(accounts)s::text[] = '{{}}' or bank_account = any(%(accounts)s))
  group by 1, 2, 3, 4 having sum(items) <> 0"""


SUMS_SQL: Final = _sums(
    "case when day >= %(today)s then day end",
    "day <= %(until)s and (%(currencies)s::text[] = '{}' or currency = any(%(currencies)s))",
)
"""What is overdue without its days."""
OVERDUE_SQL: Final = _sums("day", "day < %(today)s and currency = any(%(currencies)s)")
"""Both parts of the sums have an index of theirs, which the whole table has not."""
DEBTS_SQL: Final = f"""
  select 'debt', owed.day, owed.day, owed.unit_id, k.counterparty_id, k.contract_id, owed.document_id, k.currency,
         greatest(owed.residual, 0), greatest(-owed.residual, 0), 100, '', coalesce(c.bank_account, '')
  from ({OF_DAYS_SQL}) owed
  cross join lateral (select * from fold_key where unit_id = owed.unit_id and id = owed.key_id offset 0) k
  left join contract c on c.id = k.contract_id
  where owed.unit_id = any(%(units)s) and k.contour = 'mgmt' and (owed.residual < 0) = is_owed_by_us(k.relation)
    and k.currency = %(currency)s and coalesce(c.bank_account, '') = %(account)s
  order by owed.day, owed.document_id, owed.line"""
"""Keys are looked up for each lot (`offset 0`): few lots have these days, which the planner cannot know."""


class CashSection(NamedTuple):
    """Rows of one currency and bank account on a page. `before`: money in less money out of the rows before them; `in_minor` and
    `out_minor`: of all rows, those of other pages too."""

    currency: str
    bank_account: str
    rows: list[CashRow]
    before: int
    in_minor: int
    out_minor: int


class CashOfDay(NamedTuple):
    """All money of a day in a currency; `planned_in` and `planned_out`: the parts of it that nobody owes yet."""

    day: datetime.date
    currency: str
    in_minor: int
    out_minor: int
    planned_in: int
    planned_out: int


class CalendarPage(NamedTuple):
    """`accounts`: all that have rows, on this page or not; `days`: the money of all of them. `following`: how many rows come before the
    next page; None: there is none."""

    sections: list[CashSection]
    accounts: list[Account]
    days: list[CashOfDay]
    following: int | None


class _Sum:
    """Rows of one place: how many, and what they come to."""

    __slots__ = ("count", "in_minor", "out_minor")

    def __init__(self) -> None:
        self.count = self.in_minor = self.out_minor = 0

    def add(self, count: int, in_minor: int, out_minor: int) -> None:
        self.count += count
        self.in_minor += in_minor
        self.out_minor += out_minor


def whole_calendar(conn: Connection[Any], asked: Asked) -> CalendarPage:
    """Every row on one page."""
    groups: dict[Account, list[CashRow]] = defaultdict(list)
    days = _Days()
    for row in cash_rows(conn, asked):
        groups[row.currency, row.bank_account].append(row)
        days.add(row.day, row.currency, row.in_minor, row.out_minor)
        if row.source != "debt":
            days.plan(row)
    sections = [
        CashSection(*account, rows, 0, sum(row.in_minor for row in rows), sum(row.out_minor for row in rows))
        for account, rows in sorted(groups.items())
    ]
    return CalendarPage(sections, sorted(groups), days.told(), None)


def calendar_page(conn: Connection[Any], asked: Asked, *, skipped: int, rows_max: int) -> CalendarPage:
    """So many rows after so many others."""
    calendar = _Calendar(conn, asked)
    sections, place = [], 0
    for account, sums in sorted(calendar.sums.items()):
        count = sum(found.count for found in sums.values())
        first, last = max(skipped - place, 0), min(skipped + rows_max - place, count)
        if first < last:
            sections.append(calendar.section(account, first, last))
        place += count
    following = skipped + rows_max if skipped + rows_max < place else None
    return CalendarPage(sections, sorted(calendar.sums), calendar.days.told(), following)


class _Calendar:
    """The sums of every place, and what is read whole. What is overdue is one place, without its due days, until a page shows it."""

    def __init__(self, conn: Connection[Any], asked: Asked) -> None:
        self.conn, self.asked = conn, asked
        self.kept: Mapping[int, WorkCalendar] = calendars(conn, list(asked.scope.units))
        self.overdue: Place = (asked.today, date.min)
        self.sums: dict[Account, dict[Place, _Sum]] = defaultdict(dict)
        self.days = _Days()
        self.planned = [row for row in self._planned() if row.day <= asked.until and self._is_asked(row.bank_account)]
        given = asked.parameters()
        self.units: dict[Account, set[int]] = defaultdict(set)
        for due, unit_id, currency, account, *amounts in conn.execute(SUMS_SQL, given):
            self.units[currency, account].add(unit_id)
            place = (moved_from(due, self.kept[unit_id], asked.today), due) if due else self.overdue
            self._add((currency, account), place, *amounts)
        for row in self.planned:
            self._add((row.currency, row.bank_account), self._place(row), 1, row.in_minor, row.out_minor)
            self.days.plan(row)
        self.sums = {account: places for account, places in self.sums.items() if any(found.count for found in places.values())}

    def _planned(self) -> Iterable[CashRow]:
        return [*planned_rows(self.conn, self.asked, self.kept), *loan_rows(self.conn, self.asked, self.kept)]

    def _is_asked(self, bank_account: str) -> bool:
        return not self.asked.bank_accounts or bank_account in self.asked.bank_accounts

    def _place(self, row: CashRow) -> Place:
        return self.overdue if row.due < self.asked.today else (row.day, row.due)

    def _add(self, account: Account, place: Place, count: int, in_minor: int, out_minor: int) -> None:
        if place[0] <= self.asked.until:
            self.sums[account].setdefault(place, _Sum()).add(count, in_minor, out_minor)
            self.days.add(place[0], account[0], in_minor, out_minor)

    def section(self, account: Account, first: int, last: int) -> CashSection:
        """Rows `first` to `last` (that one not) of a currency and bank account, counted from 0."""
        sums = dict(self.sums[account])
        in_minor, out_minor = (sum(amounts) for amounts in zip(*((sum_.in_minor, sum_.out_minor) for sum_ in sums.values()), strict=True))
        if self.asked.today > date.min and self.overdue in sums and first < sums[self.overdue].count:
            del sums[self.overdue]
            sums |= self._overdue(account)
        skipped = before = reached = 0
        shown: set[Place] = set()
        for place, found in sorted(sums.items()):
            if reached < last and reached + found.count > first:
                shown.add(place)
            elif reached < last:
                skipped += found.count
                before += found.in_minor - found.out_minor
            reached += found.count
        rows = self._rows(account, shown)
        before += sum(row.in_minor - row.out_minor for row in rows[: first - skipped])
        return CashSection(*account, rows[first - skipped : last - skipped], before, in_minor, out_minor)

    def _overdue(self, account: Account) -> dict[Place, _Sum]:
        """What is overdue of one currency and bank account by its due days."""
        found: dict[Place, _Sum] = defaultdict(_Sum)
        given = self.asked.parameters() | {"currencies": [account[0]], "accounts": [account[1]]}
        for due, _unit, _currency, _account, *amounts in self.conn.execute(OVERDUE_SQL, given):
            found[self.asked.today, due].add(*amounts)
        for row in self.planned:
            if (row.currency, row.bank_account) == account and row.due < self.asked.today:
                found[row.day, row.due].add(1, row.in_minor, row.out_minor)
        return found

    def _rows(self, account: Account, places: set[Place]) -> list[CashRow]:
        """All rows of these places, in their order."""
        due_days = [due for _day, due in places]
        first, last = min(due_days), max(due_days)
        given = self.asked.parameters() | {
            "first": first, "last": last, "first_rank": start_of(first), "end_rank": end_of(last), "currency": account[0],
            "account": account[1], "units": sorted(self.units[account]),
        }  # fmt: skip
        debts = self.conn.cursor(row_factory=args_row(CashRow)).execute(DEBTS_SQL, given, prepare=False).fetchall()
        rows = [row._replace(day=moved_from(row.due, self.kept[row.unit_id], self.asked.today)) for row in debts]
        rows += [row for row in self.planned if (row.currency, row.bank_account) == account]
        return in_order(row for row in rows if (row.day, row.due) in places)


class _Days:
    """Money of each day and currency, added up as it is met."""

    def __init__(self) -> None:
        self.sums: dict[tuple[str, date], list[int]] = defaultdict(lambda: [0] * 4)

    def add(self, day: date, currency: str, in_minor: int, out_minor: int) -> None:
        held = self.sums[currency, day]
        held[0] += in_minor
        held[1] += out_minor

    def plan(self, row: CashRow) -> None:
        held = self.sums[row.currency, row.day]
        held[2] += row.in_minor
        held[3] += row.out_minor

    def told(self) -> list[CashOfDay]:
        return [CashOfDay(day, currency, *amounts) for (currency, day), amounts in sorted(self.sums.items()) if any(amounts)]
