"""Documents without a valid invoice: what we have not issued, and what suppliers have not sent (spec 2.1).

A unit keeps invoices of a direction from the day of the first one on that it entered: earlier documents are not missed. Wanted are the
supplies with VAT and the corrections of them, and the advances received on which VAT was accrued. The invoice of an advance paid may come
or not.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.core.moment import FIRST_DAY, LAST_DAY, end_of, start_of
from setoff.settlements.advance_vat.books import Books
from setoff.settlements.advance_vat.events import What, events_of
from setoff.settlements.advance_vat.terms import units_with_vat
from setoff.settlements.invoices.queries import LATE_DAYS, About
from setoff.trade.directory import RateSum
from setoff.trade.invoice import ISSUED
from setoff.trade.invoice_sums import added

OURS: Final = ("sale", "sale_correction", "sale_return")
THEIRS: Final = ("purchase", "purchase_correction", "purchase_return")
ADVANCES: Final = tuple(kind for kind, family in ISSUED.items() if family == "advance" and not kind.startswith("opening_"))
BEGUN_SQL: Final = """
  select found.* from (
    select unit.id, (select min(entered) from invoice where unit_id = unit.id and direction = 'issued') as issued,
           (select min(entered) from invoice where unit_id = unit.id and direction = 'received') as received
    from unit where id = any(%s)) found
  where issued is not null or received is not null"""
WANTING_SQL: Final = """
  select document.id, document.unit_id, unit.code, document.key, document.kind, document.number, document.date,
         coalesce(party.name, ''), document.total, document.currency
  from unnest(%(units)s::bigint[], %(first)s::bigint[]) scope(unit_id, first)
  cross join lateral (
    select * from (
      select * from document
      where document.unit_id = scope.unit_id and document.status = 'posted' and document.moment >= scope.first
        and document.moment < %(before)s order by document.moment offset 0) document
    where document.kind = any(%(kinds)s)
      and not exists (select from invoice_base base where base.base_id = document.id and base.is_valid)
      and case when document.kind = any(%(advances)s)
               then (select true from posting where posting.unit_id = document.unit_id and posting.document_id = document.id
                     and posting.kind = 'vat' limit 1)
               else (select true from entry where entry.unit_id = document.unit_id and entry.version_id = document.posted_version_id
                     and entry.vat_rate <> '' limit 1) end
    order by document.moment limit %(limit)s) document
  join unit on unit.id = document.unit_id left join counterparty party on party.id = document.counterparty_id
  order by document.moment limit %(limit)s"""
"""Of each unit the oldest, in the order of an index. Moments are given: a function of a day the row-level security would not let the index
know."""
ALL: Final = 10**6


class Wanting(NamedTuple):
    """A document without an invoice. `total` in `currency`; `late_by`: days beyond those for issuing one, on the day asked about."""

    document_id: int
    unit_id: int
    unit: str
    document: About
    counterparty: str
    total: int
    currency: str
    late_by: int


class Begun(NamedTuple):
    """The day of the first invoice of a unit, issued and received; None: none yet."""

    issued: datetime.date | None
    received: datetime.date | None


def begun(conn: Connection[Any], unit_ids: Sequence[int]) -> dict[int, Begun]:
    """Since when units keep invoices; those that keep none are left out."""
    return {unit_id: Begun(*days) for unit_id, *days in conn.execute(BEGUN_SQL, [list(unit_ids)])}


def not_issued(
    conn: Connection[Any], since: dict[int, date], last: date, today: date, *, limit: int = ALL
) -> list[Wanting]:
    """Supplies, corrections and advances without an invoice of ours, of units from a day on."""
    return _wanting(conn, since, last, today, (*OURS, *ADVANCES), limit)


def not_received(
    conn: Connection[Any], since: dict[int, date], last: date, today: date, *, limit: int = ALL
) -> list[Wanting]:
    """Purchases and corrections without the supplier's invoice."""
    return _wanting(conn, since, last, today, THEIRS, limit)


def _wanting(conn: Connection[Any], since: dict[int, date], last: date, today: date, kinds: Sequence[str], limit: int) -> list[Wanting]:
    if not since:
        return []
    names = {
        "units": list(since), "first": [start_of(max(day, FIRST_DAY)) for day in since.values()], "before": end_of(min(last, LAST_DAY)),
        "kinds": list(kinds), "advances": list(ADVANCES), "limit": limit,
    }  # fmt: skip
    return [
        Wanting._make((*row[:3], About._make(row[3:7]), *row[7:], max((today - row[6]).days - LATE_DAYS, 0)))
        for row in conn.execute(WANTING_SQL, names)
    ]


def kept_since(conn: Connection[Any], unit_ids: Sequence[int], direction: str, first: date) -> dict[int, date]:
    """From which day on invoices of a direction are missed in units: from `first`, but not before the first one of the unit."""
    found = {unit_id: getattr(days, direction) for unit_id, days in begun(conn, unit_ids).items()}
    return {unit_id: max(day, first) for unit_id, day in found.items() if day is not None}


def accrued(conn: Connection[Any], document_ids: Sequence[int]) -> dict[int, list[RateSum]]:
    """What was accrued on advances received, by document: the part of the advance that has VAT, and its VAT, by rate."""
    units = units_with_vat(conn)
    books = Books(conn, units)
    books.read_papers(document_ids)
    books.widen(books.opened_by(document_ids), set())
    books.complete(document_ids)
    found: dict[int, list[RateSum]] = defaultdict(list)
    for event in events_of(books.advances(), books.decisions()):
        if event.what in (What.ACCRUED, What.OPENING) and event.advance[0] in document_ids and event.is_received:
            rate = format(Decimal(event.rate).scaleb(-2).normalize(), "f")
            found[event.advance[0]].append(RateSum(rate, event.base, event.amount))
    return {document_id: added(sums) for document_id, sums in found.items()}


def issue_by(day: date) -> date:
    """The last day for an invoice of what was supplied, or paid in advance, on a day."""
    return day + timedelta(days=LATE_DAYS)
