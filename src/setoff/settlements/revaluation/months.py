"""The months in which a unit owes, or is owed, something in foreign currency, and the revaluations they have: for the page of rates, and
for who is about to close a month."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import psycopg

from setoff.books.months import month_after
from setoff.books.queries import closed_until
from setoff.core.moment import day_of, end_of
from setoff.settlements.revaluation.services import FIRST_SQL
from setoff.trade.documents import Revaluation, RevaluationRate
from setoff.trade.queries import decode_document

MONTHS_MAX: Final = 24
"""The newest, that a page shows."""
OWED_SQL: Final = """
  select month.last_day, array_agg(distinct fold_key.currency order by fold_key.currency)
  from fold_key join unit on unit.id = fold_key.unit_id join organization on organization.id = unit.organization_id
  cross join unnest(%(days)s::date[]) month(last_day)
  where fold_key.unit_id = %(unit_id)s and fold_key.currency <> organization.book_currency
    and exists (select from lot where lot.unit_id = fold_key.unit_id and lot.key_id = fold_key.id and lot.moment < end_of(month.last_day)
                and lot.closed_moment >= end_of(month.last_day) and (lot.amount > 0) = (debt_sign(fold_key.relation) > 0))
  group by 1"""
POSTED_SQL: Final = """
  select document.date, document.key, document.number, version.content
  from document join version on version.unit_id = document.unit_id and version.id = document.posted_version_id
  where document.kind = 'revaluation' and document.unit_id = %s and document.date = any(%s) order by document.moment"""


class Month(NamedTuple):
    """A month of a unit. `owed`: the currencies in which something is owed at its end; `key`, `number` and `rates`: of its revaluation,
    empty where it has none."""

    last_day: date
    is_closed: bool
    owed: tuple[str, ...]
    key: str = ""
    number: str = ""
    rates: tuple[RevaluationRate, ...] = ()

    @property
    def is_left_out(self) -> bool:
        """Whether it is open and something is owed that nobody revalued."""
        return not self.is_closed and bool(self.owed) and not self.key


def months(conn: psycopg.Connection[Any], unit_id: int, until: date) -> list[Month]:
    """Those up to the month of a day in which something is owed or was revalued, the newest first."""
    days = _month_ends(conn, unit_id, until)
    if not days:
        return []
    owed = {day: tuple(codes) for day, codes in conn.execute(OWED_SQL, {"unit_id": unit_id, "days": days})}
    posted = {day: (key, number, content) for day, key, number, content in conn.execute(POSTED_SQL, [unit_id, days])}
    closed = closed_until(conn, [unit_id]).get(unit_id, 0)
    found = []
    for day in sorted(owed.keys() | posted.keys(), reverse=True):
        month = Month(day, end_of(day) <= closed, owed.get(day, ()))
        if day in posted:
            key, number, content = posted[day]
            document = decode_document(content)
            month = month._replace(key=key, number=number, rates=document.rates if isinstance(document, Revaluation) else ())
        found.append(month)
    return found


def left_out(conn: psycopg.Connection[Any], unit_id: int, until: date) -> list[date]:
    """The last days of the open months up to one in which something is owed in foreign currency that nobody revalued, in order."""
    return [month.last_day for month in reversed(months(conn, unit_id, until)) if month.is_left_out and month.last_day <= until]


def _month_ends(conn: psycopg.Connection[Any], unit_id: int, until: date) -> list[date]:
    (first,) = conn.execute(FIRST_SQL, [unit_id]).fetchone() or (None,)
    found: list[date] = []
    day = month_after(until) - timedelta(days=1)
    while first is not None and len(found) < MONTHS_MAX and day >= day_of(first):
        found.append(day)
        day = day.replace(day=1) - timedelta(days=1)
    return found
