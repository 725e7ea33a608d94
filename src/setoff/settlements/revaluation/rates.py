"""The verb on rates: they are taken into the table, and whatever was posted by another rate of that day is stated again (spec 2.7, 1.10).

A document without a rate of its own is worth what the table says of its day: from the day of a new or corrected rate until the next one.
Those, and then the revaluations of these days, are stated anew in the order of the books, in one transaction, with what it changed; what
is closed is refused with the list. A document with a typed rate keeps it. Errors: invalid_rate, unknown_currency, period_closed and those
of documents.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple

import psycopg

from setoff.books.audit import Actor
from setoff.core.errors import DomainError
from setoff.parties.records import Master, Rate
from setoff.parties.services import Refused, Saved, save_masters
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


class Kept(NamedTuple):
    """Master records that were saved; how many documents were stated again by rates among them, and what that changed."""

    saved: Saved
    restated: int
    changes: list[Change]


def take_rates(conn: psycopg.Connection[Any], rates: Sequence[Rate], actor: Actor) -> Taken:
    """The rates stand in the table, and the documents of their days by them; all or nothing. The same file again changes nothing."""
    kept = keep_records(conn, rates, actor)
    return Taken(kept.saved.created, kept.saved.changed, kept.saved.unchanged, kept.restated, kept.changes)


def keep_records(
    conn: psycopg.Connection[Any], records: Sequence[Master], actor: Actor, *, on_error: Literal["stop", "collect"] = "stop",
    dry_run: bool = False, consent: bool = False,
) -> Kept:  # fmt: skip
    """Master records as said (parties/services.py). Where rates are among them the documents of their days are stated again; "collect": a
    rate by which one cannot be is refused."""
    rates = [record for record in records if isinstance(record, Rate)]
    if not rates:
        return Kept(save_masters(conn, records, actor, on_error=on_error, dry_run=dry_run, consent=consent), 0, [])
    pairs = sorted({(rate.currency, rate.quote) for rate in rates})
    columns = {"currency": [pair[0] for pair in pairs], "quote": [pair[1] for pair in pairs]}
    try:
        with conn.transaction(force_rollback=dry_run):
            conn.execute(BEFORE_SQL, [columns["currency"], columns["quote"]])
            saved = save_masters(conn, records, actor, on_error=on_error, consent=consent)
            restated, changes = _restated(conn, columns, actor) if saved.created or saved.changed else (0, [])
            conn.execute("drop table rate_before")
    except DomainError as refusal:
        if on_error == "stop":
            raise
        return _without_rates(conn, records, actor, refusal, dry_run=dry_run, consent=consent)
    return Kept(saved, restated, changes)


def _restated(conn: psycopg.Connection[Any], columns: dict[str, list[str]], actor: Actor) -> tuple[int, list[Change]]:
    affected = conn.execute(AFFECTED_SQL, columns).fetchall()
    outcomes = [_followed(conn, key, actor) for _moment, key, kind in affected if kind != "revaluation"]
    revalued = _revalued(conn, [key for _moment, key, kind in affected if kind == "revaluation"], actor)
    made = [outcome for outcome in outcomes if outcome.changed]
    restated = len(made) + sum(len(found.made) for found in revalued)
    return restated, joined_changes([*(outcome.changes for outcome in made), *(found.changes for found in revalued)])


def _without_rates(
    conn: psycopg.Connection[Any], records: Sequence[Master], actor: Actor, refusal: DomainError, *, dry_run: bool, consent: bool
) -> Kept:
    """The other records are saved; every rate is refused."""
    others = [place for place, record in enumerate(records) if not isinstance(record, Rate)]
    saved = save_masters(conn, [records[place] for place in others], actor, on_error="collect", dry_run=dry_run, consent=consent)
    refused = [row._replace(position=others[row.position]) for row in saved.refused]
    refused += [Refused(place, record, refusal) for place, record in enumerate(records) if isinstance(record, Rate)]
    return Kept(saved._replace(refused=tuple(sorted(refused, key=lambda row: row.position))), 0, [])


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
