"""Money there is, by bank account and currency, and money that came and went by day: a payment calendar starts from it.

In book currency it is the balance of the accounts of bank and cash; in another currency what payments moved. A bank account is what
payments name; what names none, and cash, is "".
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any, Final, NamedTuple

from psycopg import Connection
from psycopg.types.json import Jsonb

from setoff.books.charts import account_id, chart_names, load_chart
from setoff.books.ledger_queries import account_turnovers
from setoff.books.scope import Scope
from setoff.core.chart import Role
from setoff.core.moment import end_of, start_of
from setoff.trade.kinds import KINDS, PAYMENT
from setoff.trade.payment import MONEY_IN

PAYMENT_KINDS: Final = [kind.name for kind in KINDS.values() if kind.day_order == PAYMENT]
CHARTS_SQL: Final = """
  select distinct o.chart, o.book_currency from unit u join organization o on o.id = u.organization_id where u.id = any(%s)"""
FOREIGN_SQL: Final = """
  select c.currency, sum(case when c.kind = any(%(in)s) then c.total else -c.total end)::bigint
  from document_count c join unit u on u.id = c.unit_id join organization o on o.id = u.organization_id
  where c.unit_id = any(%(units)s) and c.kind = any(%(kinds)s) and c.state = 'posted' and c.date <= %(day)s
    and c.currency <> o.book_currency
  group by 1 having sum(case when c.kind = any(%(in)s) then c.total else -c.total end) <> 0"""
FOREIGN_THEN_SQL: Final = """
  select d.currency, sum(case when d.kind = any(%(in)s) then d.total else -d.total end)::bigint
  from document d join unit u on u.id = d.unit_id join organization o on o.id = u.organization_id
  where d.unit_id = any(%(units)s) and d.kind = any(%(kinds)s) and d.status = 'posted' and d.date <= %(day)s
    and d.currency <> o.book_currency
  group by 1 having sum(case when d.kind = any(%(in)s) then d.total else -d.total end) <> 0"""
"""The same from the documents, which within known.shadow are those known then: their sums by day are of now."""
BY_ACCOUNT_SQL: Final = """
  select bank_account, sum(amount)::bigint from money_day
  where unit_id = any(%(units)s) and account_id = any(%(money)s) and day <= %(day)s group by 1"""
"""From sums that triggers keep (cash_sums.sql)."""
BY_ACCOUNT_THEN_SQL: Final = """
  select split_part(item, ' / ', 1), sum(amount)::bigint
  from (select item, amount from posting
        where unit_id = any(%(units)s) and debit_account_id = any(%(money)s) and moment < %(before)s
        union all
        select item, -amount from posting
        where unit_id = any(%(units)s) and credit_account_id = any(%(money)s) and moment < %(before)s) moved
  group by 1"""
MOVED_SQL: Final = """
  select d.date, d.currency, coalesce(sum(d.total) filter (where d.kind = any(%(in)s)), 0)::bigint,
         coalesce(sum(d.total) filter (where d.kind <> all(%(in)s)), 0)::bigint
  from public.document d join version v on v.unit_id = d.unit_id and v.id = d.posted_version_id
  where d.unit_id = any(%(units)s) and d.moment >= %(first)s and d.moment < %(before)s
    and d.kind in (select jsonb_array_elements_text(%(kinds)s::jsonb))
    and (%(parties)s::bigint[] = '{}' or d.counterparty_id = any(%(parties)s))
    and (%(contracts)s::bigint[] = '{}' or d.contract_id = any(%(contracts)s))
    and (%(currencies)s::text[] = '{}' or d.currency = any(%(currencies)s))
    and (%(accounts)s::text[] = '{}' or coalesce(v.content::jsonb ->> 'bank_account', '') = any(%(accounts)s))
  group by 1, 2 order by 1, 2"""


MOVED_OF_ALL_SQL: Final = """
  select date, currency, coalesce(sum(total) filter (where kind = any(%(in)s)), 0)::bigint,
         coalesce(sum(total) filter (where kind <> all(%(in)s)), 0)::bigint
  from document_count
  where unit_id = any(%(units)s) and date between %(first_day)s and %(last_day)s and state = 'posted' and kind = any(%(paying)s)
    and (%(currencies)s::text[] = '{}' or currency = any(%(currencies)s))
  group by 1, 2 having sum(documents) <> 0 order by 1, 2"""
"""The same of everybody, from sums by day that triggers keep (document_counts.sql)."""


class Moved(NamedTuple):
    """Money of a day in one currency."""

    day: date
    currency: str
    in_minor: int
    out_minor: int


def money_now(conn: Connection[Any], units: tuple[int, ...], day: date, *, is_known_then: bool = False) -> dict[str, int]:
    """What there is at the end of a day, by currency. Book currency is read from sums by month. `is_known_then`: within known.shadow."""
    found: dict[str, int] = {}
    roles = _roles(conn, units)
    if roles:
        scope = Scope(units, accounts=tuple(roles))
        for line in account_turnovers(conn, scope, None, day):
            found[line.currency] = found.get(line.currency, 0) + line.opening + line.debit - line.credit
    given = {"in": sorted(MONEY_IN), "units": list(units), "kinds": PAYMENT_KINDS, "day": day}
    for currency, amount in conn.execute(FOREIGN_THEN_SQL if is_known_then else FOREIGN_SQL, given):
        found[currency] = found.get(currency, 0) + amount
    return found


def money_by_account(conn: Connection[Any], units: tuple[int, ...], day: date, *, is_known_then: bool = False) -> dict[str, int]:
    """What there is in book currency at the end of a day by bank account. `is_known_then`: within known.shadow, where every posting of
    money is read."""
    given = {"units": list(units), "money": list(_roles(conn, units)), "day": day, "before": end_of(day)}
    query = BY_ACCOUNT_THEN_SQL if is_known_then else BY_ACCOUNT_SQL
    return {account: amount for account, amount in conn.execute(query, given) if amount}


@cache
def money_accounts() -> tuple[int, ...]:
    """The accounts of bank and cash of all charts: those that cash_sums.sql keeps sums of (migration 0033_cash_sums)."""
    charts = [load_chart(name) for name in chart_names()]
    return tuple(sorted({account_id(chart.name, chart.roles[role]) for chart in charts for role in (Role.BANK, Role.CASH)}))


def _roles(conn: Connection[Any], units: tuple[int, ...]) -> list[int]:
    """The ledger accounts of money in book currency of these units."""
    charts = [load_chart(row[0]) for row in conn.execute(CHARTS_SQL, [list(units)])]
    return sorted({account_id(chart.name, chart.roles[role]) for chart in charts for role in (Role.BANK, Role.CASH)})


def money_moved(conn: Connection[Any], scope: Scope, first: date, last: date, accounts: tuple[str, ...] = ()) -> list[Moved]:
    """What came and went from one day to another, by day and currency, by payments that are posted now, also within
    known.shadow."""
    given = {
        "in": sorted(MONEY_IN), "units": list(scope.units), "kinds": Jsonb(PAYMENT_KINDS), "first": start_of(first),
        "before": end_of(last), "parties": list(scope.counterparties), "contracts": list(scope.contracts),
        "currencies": list(scope.currencies), "accounts": list(accounts), "first_day": first, "last_day": last, "paying": PAYMENT_KINDS,
    }  # fmt: skip
    query = MOVED_SQL if scope.counterparties or scope.contracts or accounts else MOVED_OF_ALL_SQL
    return [Moved(*row) for row in conn.execute(query, given)]
