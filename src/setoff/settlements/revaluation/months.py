"""The months in which a unit owes, or is owed, something in foreign currency, and the revaluations they have: for the page of rates, and
for who is about to close a month."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import psycopg

from setoff.books.months import month_after
from setoff.books.queries import closed_until
from setoff.core.moment import end_of
from setoff.trade.documents import Revaluation, RevaluationRate
from setoff.trade.queries import decode_document

MONTHS_MAX: Final = 24
"""The newest, that a page shows."""
OWED_SQL: Final = """
  select contour, relation, currency, (date_trunc('month', day::timestamp) + interval '1 month')::date - 1 as month_end,
         sum(case when debt_sign(relation) > 0 then opened_plus - used_plus else opened_minus - used_minus end)
  from settled_day join unit on unit.id = settled_day.unit_id join organization on organization.id = unit.organization_id
  where settled_day.unit_id = %(unit_id)s and currency <> book_currency and day <= %(until)s
  group by 1, 2, 3, 4 order by 4"""
"""By how much debts in foreign currency grew in each month: sums that triggers keep (settled_sums.sql)."""
POSTED_SQL: Final = """
  select document.date, document.key, document.number, version.content
  from document join version on version.unit_id = document.unit_id and version.id = document.posted_version_id
  where document.kind = 'revaluation' and document.unit_id = %s and document.date = any(%s) order by document.moment"""


RATE_AGE_MAX: Final = 11
"""Days for which a rate of a central bank may stand: over the New Year holidays. An older one was forgotten."""
RATE_DAYS_SQL: Final = """
  select asked.day, asked.currency, max(rate.date)
  from unnest(%(days)s::date[], %(currencies)s::text[]) asked(day, currency)
  join unit on unit.id = %(unit_id)s join organization on organization.id = unit.organization_id
  join rate on rate.currency = asked.currency and rate.quote = organization.book_currency and rate.date <= asked.day
  group by 1, 2 having max(rate.date) < asked.day - %(age)s::int order by 1, 2"""


class OldRate(NamedTuple):
    """The newest rate of the table at a month's end, where it is of long ago."""

    currency: str
    date: date


class Month(NamedTuple):
    """A month of a unit. `owed`: the currencies in which something is owed at its end; `key`, `number` and `rates`: of its revaluation,
    empty where it has none; `old_rates`: of the currencies owed that nobody typed a rate for."""

    last_day: date
    is_closed: bool
    owed: tuple[str, ...]
    key: str = ""
    number: str = ""
    rates: tuple[RevaluationRate, ...] = ()
    old_rates: tuple[OldRate, ...] = ()

    @property
    def is_left_out(self) -> bool:
        """Whether it is open and something is owed that nobody revalued."""
        return not self.is_closed and bool(self.owed) and not self.key


def months(conn: psycopg.Connection[Any], unit_id: int, until: date) -> list[Month]:
    """Those up to the month of a day in which something is owed or was revalued, the newest first."""
    owed = _owed(conn, unit_id, until)
    posted = {day: (key, number, content) for day, key, number, content in conn.execute(POSTED_SQL, [unit_id, list(owed)])}
    closed = closed_until(conn, [unit_id]).get(unit_id, 0)
    found = []
    for day in sorted(owed, reverse=True):
        if not owed[day] and day not in posted:
            continue
        month = Month(day, end_of(day) <= closed, owed[day])
        if day in posted:
            key, number, content = posted[day]
            document = decode_document(content)
            month = month._replace(key=key, number=number, rates=document.rates if isinstance(document, Revaluation) else ())
        found.append(month)
    old = _old_rates(conn, unit_id, found)
    return [month._replace(old_rates=old.get(month.last_day, ())) for month in found]


def _old_rates(conn: psycopg.Connection[Any], unit_id: int, found: list[Month]) -> dict[date, tuple[OldRate, ...]]:
    """By the last days of open months."""
    asked = [
        (month.last_day, currency)
        for month in found if not month.is_closed
        for currency in month.owed if currency not in {rate.currency for rate in month.rates if rate.typed}
    ]  # fmt: skip
    old: dict[date, tuple[OldRate, ...]] = defaultdict(tuple)
    if asked:
        days, currencies = (list(column) for column in zip(*asked, strict=True))
        place = {"unit_id": unit_id, "days": days, "currencies": currencies, "age": RATE_AGE_MAX}
        for day, currency, since in conn.execute(RATE_DAYS_SQL, place):
            old[day] += (OldRate(currency, since),)
    return old


def old_rates(conn: psycopg.Connection[Any], unit_id: int, until: date) -> list[tuple[date, OldRate]]:
    """Of the open months up to one, in order."""
    return [
        (month.last_day, old)
        for month in reversed(months(conn, unit_id, until)) if month.last_day <= until
        for old in month.old_rates
    ]  # fmt: skip


def left_out(conn: psycopg.Connection[Any], unit_id: int, until: date) -> list[date]:
    """The last days of the open months up to one in which something is owed in foreign currency that nobody revalued, in order."""
    return [month.last_day for month in reversed(months(conn, unit_id, until)) if month.is_left_out and month.last_day <= until]


def _owed(conn: psycopg.Connection[Any], unit_id: int, until: date) -> dict[date, tuple[str, ...]]:
    """The newest month ends up to the month of a day, with the currencies in which something is owed then; none before the first debt."""
    last = month_after(until) - timedelta(days=1)
    grown: dict[date, dict[tuple[str, str, str], int]] = defaultdict(dict)
    for contour, relation, currency, day, change in conn.execute(OWED_SQL, {"unit_id": unit_id, "until": last}):
        grown[day][contour, relation, currency] = int(change)
    found: dict[date, tuple[str, ...]] = {}
    debts: dict[tuple[str, str, str], int] = defaultdict(int)
    day = min((day for day, changes in grown.items() if any(changes.values())), default=date.max)
    while day <= last:
        for name, change in grown.get(day, {}).items():
            debts[name] += change
        found[day] = tuple(sorted({currency for (_contour, _relation, currency), amount in debts.items() if amount}))
        day = month_after(month_after(day)) - timedelta(days=1)
    return dict(sorted(found.items())[-MONTHS_MAX:])
