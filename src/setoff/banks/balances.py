"""The balance of an account as the bank states it beside that of the books, day by day, and the first day on which they part.

The bank's: the opening of the earliest statement that states one, and the lines from there. The books': the postings of the ledger
account of bank money whose item is this account (all of them, when the unit has no other account there); of an account in foreign
currency the payments, in its currency.
"""

from __future__ import annotations

import datetime
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row
from psycopg.types.json import Jsonb

from setoff.banks.matching import PAYMENT_KINDS, Ours
from setoff.books.charts import account_id
from setoff.core.chart import Role
from setoff.core.moment import end_of, start_of
from setoff.trade.payment import MONEY_IN

POSTED_SQL: Final = """
  select moment_date(p.moment) as day,
         sum(case when p.debit_account_id = %(ledger)s then p.amount else 0 end
             - case when p.credit_account_id = %(ledger)s then p.amount else 0 end)::bigint as amount
  from posting p
  where p.unit_id = %(unit)s and p.moment >= %(first)s and p.moment < %(before)s
    and (p.debit_account_id = %(ledger)s or p.credit_account_id = %(ledger)s)
    and (%(is_only)s or p.item = %(name)s or starts_with(p.item, %(name)s || ' / '))
  group by 1"""
PAID_SQL: Final = """
  select d.date as day, sum(case when d.kind = any(%(in)s) then d.total else -d.total end)::bigint as amount
  from document d join version v on v.unit_id = d.unit_id and v.id = d.posted_version_id
  where d.unit_id = %(unit)s and d.moment >= %(first)s and d.moment < %(before)s and d.currency = %(currency)s
    and d.kind in (select jsonb_array_elements_text(%(kinds)s::jsonb)) and v.content::jsonb ->> 'cash' is distinct from 'true'
    and (%(is_only)s or v.content::jsonb ->> 'bank_account' = %(name)s)
  group by 1"""
BEFORE_ALL: Final = -(1 << 62)


class DayBalance(NamedTuple):
    """The end of a day. `unbooked`: what the lines of the day that are not booked sum to."""

    day: datetime.date
    bank: int
    books: int
    difference: int
    unbooked: int


class Comparison(NamedTuple):
    """`diverges_on`: the first day on whose end the difference is another than before it; None: nowhere in the period.
    `difference_before`: books less bank before the first day."""

    currency: str
    difference_before: int
    days: list[DayBalance]
    diverges_on: datetime.date | None


class _BankDay(NamedTuple):
    day: datetime.date
    amount: int
    unbooked: int


def compared_balances(conn: Connection[Any], ours: Ours, since: date | None = None, until: date | None = None) -> Comparison | None:
    """Days on which either side moved. None when no statement states a balance."""
    anchor = conn.execute(
        """select first_day, opening from bank_statement where unit_id = %s and account_id = %s and opening is not null
           order by first_day, id limit 1""",
        [ours.unit.id, ours.id],
    ).fetchone()
    last = conn.execute(
        "select max(last_day) from bank_statement where unit_id = %s and account_id = %s", [ours.unit.id, ours.id]
    ).fetchone()
    if anchor is None or last is None:
        return None
    begin = max(since or anchor[0], anchor[0])
    end = min(until or last[0], last[0])
    told = _bank_days(conn, ours, anchor[0], end)
    bank = anchor[1] + sum(day.amount for day in told if day.day < begin)
    books = sum(amount for _, amount in _book_days(conn, ours, BEFORE_ALL, start_of(begin)))
    posted = dict(_book_days(conn, ours, start_of(begin), end_of(end)))
    by_day = {day.day: day for day in told if day.day >= begin}
    difference_before = books - bank
    days: list[DayBalance] = []
    diverges_on: date | None = None
    for day in sorted(by_day.keys() | posted.keys()):
        moved = by_day.get(day, _BankDay(day, 0, 0))
        bank += moved.amount
        books += posted.get(day, 0)
        days.append(DayBalance(day, bank, books, books - bank, moved.unbooked))
        if diverges_on is None and books - bank != difference_before:
            diverges_on = day
    return Comparison(ours.currency, difference_before, days, diverges_on)


def _bank_days(conn: Connection[Any], ours: Ours, first: date, last: date) -> list[_BankDay]:
    cursor = conn.cursor(row_factory=args_row(_BankDay))
    return cursor.execute(
        """select booking_date, sum(amount)::bigint, coalesce(sum(amount) filter (where state <> 'booked'), 0)::bigint from bank_line
           where unit_id = %s and account_id = %s and state <> 'pending' and booking_date between %s and %s group by 1 order by 1""",
        [ours.unit.id, ours.id, first, last],
    ).fetchall()


def _book_days(conn: Connection[Any], ours: Ours, first: int, before: int) -> list[tuple[date, int]]:
    unit = ours.unit
    in_book_currency = ours.currency == unit.book_currency
    others = conn.execute(
        """select exists (select from bank_account where unit_id = %s and id <> %s and (currency = %s) = %s
                          and (%s or currency = %s))""",
        [unit.id, ours.id, unit.book_currency, in_book_currency, in_book_currency, ours.currency],
    ).fetchone()
    parameters = {
        "unit": unit.id, "first": first, "before": before, "name": ours.name, "is_only": others == (False,), "currency": ours.currency,
    }  # fmt: skip
    if in_book_currency:
        ledger = account_id(unit.chart.name, unit.chart.roles[Role.BANK])
        return conn.execute(POSTED_SQL, {**parameters, "ledger": ledger}).fetchall()
    return conn.execute(PAID_SQL, {**parameters, "in": sorted(MONEY_IN), "kinds": Jsonb(list(PAYMENT_KINDS))}).fetchall()


def month_before(day: date) -> date:
    """The first day of the month before: where a comparison for people begins."""
    return (day.replace(day=1) - timedelta(1)).replace(day=1)
