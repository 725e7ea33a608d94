"""The verb on rates: they are taken into the table, and whatever was posted by another rate of that day is stated again (spec 2.7, 1.10).

A document without a rate of its own is worth what the table says of its day: from the day of a new or corrected rate until the next one.
Those, and then the revaluations of these days, are stated anew in the order of the books, in one transaction, with what it changed; what
is closed is refused with the list. A document with a typed rate keeps it. Errors: invalid_rate, unknown_currency, period_closed and those
of documents.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import psycopg

from setoff.books.audit import Actor
from setoff.parties.records import Rate
from setoff.parties.services import save_masters
from setoff.settlements.diff import Change, joined_changes
from setoff.settlements.revaluation.services import revaluation_on
from setoff.settlements.revaluation.together import Revalued, state_together
from setoff.settlements.services import Outcome, known_document, write_version
from setoff.trade.documents import Revaluation
from setoff.trade.queries import decode_document

BEFORE_SQL: Final = """
  create temporary table rate_before on commit drop as
  select rate.currency, rate.quote, rate.date, rate.rate / rate.nominal as value from rate
  join unnest(%s::text[], %s::text[]) said (currency, quote) using (currency, quote)"""
AFFECTED_SQL: Final = """
  with moved as (
    select coalesce(now.currency, was.currency) as currency, coalesce(now.quote, was.quote) as quote, coalesce(now.date, was.date) as date
    from rate now full join rate_before was using (currency, quote, date)
    where now.rate / now.nominal is distinct from was.value
      and (now.currency, now.quote) in (select * from unnest(%(currency)s::text[], %(quote)s::text[]))
  ), stretch as (
    select currency, quote, start_of(date) as first,
           coalesce((select start_of(min(later.date)) from rate later
                     where later.currency = moved.currency and later.quote = moved.quote and later.date > moved.date),
                    9223372036854775807) as before
    from moved)
  select distinct document.moment, document.key, document.kind
  from stretch
  join organization on true join unit on unit.organization_id = organization.id
  join document on document.unit_id = unit.id and document.status = 'posted' and document.moment >= stretch.first
   and document.moment < stretch.before
  where document.kind = 'revaluation' and stretch.quote = organization.book_currency
     or document.currency = stretch.currency
     or exists (select from fact join node on node.unit_id = fact.unit_id and node.id = fact.node_id
                where fact.unit_id = document.unit_id and fact.version_id = document.posted_version_id and node.currency = stretch.currency)
  order by document.moment"""


class Taken(NamedTuple):
    """How many rates are new, changed, as they were; how many documents were stated again, and what that changed."""

    created: int
    changed: int
    unchanged: int
    restated: int
    changes: list[Change]


def take_rates(conn: psycopg.Connection[Any], rates: Sequence[Rate], actor: Actor) -> Taken:
    """The rates stand in the table, and the documents of their days by them; all or nothing. The same file again changes nothing."""
    pairs = sorted({(rate.currency, rate.quote) for rate in rates})
    columns = {"currency": [pair[0] for pair in pairs], "quote": [pair[1] for pair in pairs]}
    with conn.transaction():
        conn.execute(BEFORE_SQL, [columns["currency"], columns["quote"]])
        saved = save_masters(conn, rates, actor)
        affected = conn.execute(AFFECTED_SQL, columns).fetchall() if saved.created or saved.changed else []
        outcomes = [_followed(conn, key, actor) for _moment, key, kind in affected if kind != "revaluation"]
        revalued = _revalued(conn, [key for _moment, key, kind in affected if kind == "revaluation"], actor)
        conn.execute("drop table rate_before")
    made = [outcome for outcome in outcomes if outcome.changed]
    restated = len(made) + sum(len(found.made) for found in revalued)
    changes = joined_changes([*(outcome.changes for outcome in made), *(found.changes for found in revalued)])
    return Taken(saved.created, saved.changed, saved.unchanged, restated, changes)


def _followed(conn: psycopg.Connection[Any], key: str, actor: Actor) -> Outcome:
    """A document stated again by the rates of the table."""
    stored = known_document(conn, key)
    return write_version(conn, decode_document(stored.content), actor, "follow", posted=True, consent=False, stored=stored)


def _revalued(conn: psycopg.Connection[Any], keys: Sequence[str], actor: Actor) -> list[Revalued]:
    """Revaluations stated again by the rates of the table, those of a unit together."""
    of_unit: dict[str, list[Revaluation]] = defaultdict(list)
    for key in keys:
        stored = known_document(conn, key)
        document = decode_document(stored.content)
        assert isinstance(document, Revaluation)
        again = revaluation_on(conn, document.unit, stored.row.unit_id, stored.row.date, {}, stored)
        if again is not None:
            of_unit[document.unit].append(again)
    return [state_together(conn, unit, of_unit[unit], actor) for unit in sorted(of_unit)]
