"""The verb on rates: they are taken into the table, and whatever was posted by another rate of that day is stated again (spec 2.7, 1.10).

A document without a rate of its own is worth what the table says of its day: from the day of a new or corrected rate until the next one.
Those and the revaluations of these days are stated anew in the order of the books, in one transaction, with what it changed; what is
closed is refused with the list. A document with a typed rate keeps it. Errors: invalid_rate, unknown_currency, period_closed and those of
documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import psycopg

from setoff.books.audit import Actor
from setoff.parties.records import Rate
from setoff.parties.services import save_masters
from setoff.settlements.diff import Change, joined_changes
from setoff.settlements.revaluation.services import revaluation_on
from setoff.settlements.services import known_document, post_document, write_version
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
        steps = [_restated(conn, key, actor, is_revaluation=kind == "revaluation") for _moment, key, kind in affected]
        conn.execute("drop table rate_before")
    made = [changes for changes in steps if changes is not None]
    return Taken(saved.created, saved.changed, saved.unchanged, len(made), joined_changes(made))


def _restated(conn: psycopg.Connection[Any], key: str, actor: Actor, *, is_revaluation: bool) -> list[Change] | None:
    """What stating a document again changed; None when it says what it said."""
    stored = known_document(conn, key)
    document = decode_document(stored.content)
    if is_revaluation:
        assert isinstance(document, Revaluation)
        again = revaluation_on(conn, document.unit, stored.row.unit_id, stored.row.date, {}, stored)
        outcome = post_document(conn, again, actor) if again is not None else None
    else:
        outcome = write_version(conn, document, actor, "follow", posted=True, consent=False, stored=stored)
    return outcome.changes if outcome is not None and outcome.changed else None
