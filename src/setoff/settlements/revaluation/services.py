"""The verb on revaluations: a unit's debts in foreign currency are revalued at the end of every month up to one (spec 2.7).

A month has one revaluation for a unit, known by its key, so whoever says it again changes nothing, or puts right what a rate corrected
since made wrong. It keeps the rates it was made by. Errors: unknown_reference, invalid_value, invalid_rate, rate_missing, period_closed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

import msgspec
import psycopg

from setoff.books.audit import Actor
from setoff.books.months import month_after
from setoff.books.queries import closed_until
from setoff.books.services import lock_unit
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.moment import day_of, end_of
from setoff.settlements.revaluation.together import Revalued, state_together
from setoff.settlements.services import Stored, find_document
from setoff.trade.documents import Revaluation, RevaluationRate
from setoff.trade.queries import decode_document

FIRST_SQL: Final = """
  select min(lot.moment) from lot join fold_key on fold_key.unit_id = lot.unit_id and fold_key.id = lot.key_id
  join unit on unit.id = lot.unit_id join organization on organization.id = unit.organization_id
  where lot.unit_id = %s and fold_key.currency <> organization.book_currency
    and (lot.amount > 0) = (debt_sign(fold_key.relation) > 0)"""
OWED_SQL: Final = """
  select distinct fold_key.currency from fold_key
  join unit on unit.id = fold_key.unit_id join organization on organization.id = unit.organization_id
  where fold_key.unit_id = %(unit_id)s and fold_key.currency <> organization.book_currency
    and exists (select from lot where lot.unit_id = fold_key.unit_id and lot.key_id = fold_key.id and lot.moment < %(end)s
                and lot.closed_moment >= %(end)s and (lot.amount > 0) = (debt_sign(fold_key.relation) > 0))"""
QUOTED_SQL: Final = """
  select distinct on (rate.currency) rate.currency, rate.rate, rate.nominal
  from unit join organization on organization.id = unit.organization_id
  join rate on rate.quote = organization.book_currency and rate.date <= %(day)s
  where unit.id = %(unit_id)s and rate.currency <> organization.book_currency and rate.currency in (
    select currency from contract where contract.organization_id = organization.id
    union select currency from agreement union select currency from fold_key where fold_key.unit_id = unit.id)
  order by rate.currency, rate.date desc"""
BOOK_SQL: Final = """
  select organization.book_currency from unit join organization on organization.id = unit.organization_id where unit.id = %s"""


class Typed(NamedTuple):
    """A rate said by hand: texts, as in a document."""

    rate: str
    nominal: str = "1"


def revalue(
    conn: psycopg.Connection[Any], unit: str, until: date, actor: Actor, typed: Mapping[str, Typed] | None = None
) -> Revalued:
    """Every month from the first in which something was owed in foreign currency to the one that ends with `until` has its revaluation, but
    closed months; all or nothing. `typed`: rates of the last month that the rate table does not have, or has otherwise; they stay until
    others are typed. Returns what was made or changed, month after month, and what that changed."""
    if until.day == 1 or month_after(until) - timedelta(days=1) != until:
        raise DomainError(ErrorCode.INVALID_VALUE, field="until", value=until, expected=month_after(until) - timedelta(days=1))
    with conn.transaction():
        unit_id = lock_unit(conn, unit)
        days = list(months_of(conn, unit_id, until))
        said = [revaluation_on(conn, unit, unit_id, day, typed if typed and day == until else {}) for day in days]
        return state_together(conn, unit, [document for document in said if document is not None], actor)


def months_of(conn: psycopg.Connection[Any], unit_id: int, until: date) -> Iterator[date]:
    """The last days of the open months in which something may be owed in foreign currency."""
    (first,) = conn.execute(FIRST_SQL, [unit_id]).fetchone() or (None,)
    if first is None:
        return
    closed = closed_until(conn, [unit_id]).get(unit_id)
    day = day_of(first if closed is None else max(first, closed)).replace(day=1)
    while (last := month_after(day) - timedelta(days=1)) <= until:
        yield last
        day = month_after(day)


def key_of(unit: str, day: date) -> str:
    return f"revaluation/{unit}/{day.isoformat()}"


def revaluation_on(
    conn: psycopg.Connection[Any], unit: str, unit_id: int, day: date, typed: Mapping[str, Typed], stored: Stored | None = None
) -> Revaluation | None:
    """The revaluation of a day as it is to be; None where nothing is owed in foreign currency. `stored`: the one that is there, where it
    has another key. Errors: rate_missing."""
    stored = stored or find_document(conn, key_of(unit, day))
    before = decode_document(stored.content) if stored else None
    rates = {rate.currency: rate for rate in before.rates} if isinstance(before, Revaluation) else {}
    said = {code: rate for code, rate in rates.items() if rate.typed}
    said |= {code: RevaluationRate(currency=code, rate=rate, nominal=nominal, typed=True) for code, (rate, nominal) in typed.items()}
    place = {"unit_id": unit_id, "day": day, "end": end_of(day)}
    owed = {row[0] for row in conn.execute(OWED_SQL, place)}
    if not owed and not said and before is None:
        return None
    rates |= {
        code: RevaluationRate(currency=code, rate=_plain(rate), nominal=_plain(nominal))
        for code, rate, nominal in conn.execute(QUOTED_SQL, place)
    }
    rates |= said
    for code in sorted(owed - rates.keys()):
        (quote,) = conn.execute(BOOK_SQL, [unit_id]).fetchone() or ("",)
        raise DomainError(ErrorCode.RATE_MISSING, currency=code, quote=quote, date=day, field="rates")
    document = before if isinstance(before, Revaluation) else Revaluation(unit=unit, date=day.isoformat(), key=key_of(unit, day))
    return msgspec.structs.replace(document, rates=tuple(rates[code] for code in sorted(rates)), state="posted")


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")
