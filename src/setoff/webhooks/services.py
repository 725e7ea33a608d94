"""The verbs on webhooks: add, change, remove, ask for a new secret, send a trial, send again. One transaction each, with its audit record.

A webhook tells of units; who keeps it administers all of them. The secret is told once, when it is made. `user_id` is whose rights
count when something is sent: a person who may no longer read a unit is not told of it.
Errors: webhook_address_refused, unknown_reference, invalid_value.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, Final, Literal, NamedTuple, get_args

import psycopg

from setoff.books.audit import Actor, record_audit
from setoff.core.errors import DomainError, ErrorCode
from setoff.language.zones import zone
from setoff.webhooks.sending import checked_url
from setoff.webhooks.signature import new_secret

Event = Literal[
    "document.posted", "document.changed", "document.unposted", "period.closed", "period.sealed", "period.reopened"
]  # fmt: skip
State = Literal["active", "paused"]
EVENTS: Final[tuple[Event, ...]] = get_args(Event)
TRIAL: Final = "trial"
"""An event that only the webhook hears of that asked for it."""
UNITS_SQL: Final = "select code, id from unit where code = any(%s)"
CHANGE_SQL: Final = """
  update webhook set url = %(url)s, description = %(description)s, unit_ids = %(units)s, events = %(events)s, state = %(state)s
  where id = %(id)s returning unit_ids"""


class Wanted(NamedTuple):
    """What a webhook is to be. `units`: codes."""

    url: str
    units: Sequence[str]
    events: Sequence[str]
    description: str = ""
    state: State = "active"


class Added(NamedTuple):
    id: int
    secret: str


def add_webhook(conn: psycopg.Connection[Any], wanted: Wanted, actor: Actor, *, user_id: int) -> Added:
    """From now on the address is told of the events of the units."""
    names = _checked(conn, wanted)
    secret = new_secret()
    with conn.transaction():
        row = conn.execute(
            """insert into webhook (user_id, url, description, unit_ids, events, secret, state)
               values (%(user)s, %(url)s, %(description)s, %(units)s, %(events)s, %(secret)s, %(state)s) returning id""",
            {**names, "user": user_id, "secret": secret},
        ).fetchone()
        assert row is not None
        _record(conn, actor, "add_webhook", row[0], names)
    return Added(row[0], secret)


def change_webhook(conn: psycopg.Connection[Any], webhook_id: int, wanted: Wanted, actor: Actor) -> None:
    """The webhook is as wanted; what was not sent yet stays to be sent. A paused one collects nothing."""
    names = _checked(conn, wanted)
    with conn.transaction():
        _found(conn.execute(CHANGE_SQL, {**names, "id": webhook_id}).fetchone(), webhook_id)
        _record(conn, actor, "change_webhook", webhook_id, names)


def remove_webhook(conn: psycopg.Connection[Any], webhook_id: int, actor: Actor) -> None:
    """The webhook and the log of what was sent to it are gone."""
    with conn.transaction():
        row = _found(conn.execute("delete from webhook where id = %s returning url", [webhook_id]).fetchone(), webhook_id)
        _record(conn, actor, "remove_webhook", webhook_id, {"url": row[0]})


def renew_secret(conn: psycopg.Connection[Any], webhook_id: int, actor: Actor) -> str:
    """The old secret signs nothing any more."""
    secret = new_secret()
    with conn.transaction():
        _found(conn.execute("update webhook set secret = %s where id = %s returning id", [secret, webhook_id]).fetchone(), webhook_id)
        _record(conn, actor, "renew_webhook_secret", webhook_id, {})
    return secret


def try_webhook(conn: psycopg.Connection[Any], webhook_id: int, actor: Actor) -> int:
    """A trial message waits to be sent; the id of its delivery."""
    with conn.transaction():
        row = _found(conn.execute("select queue_trial(%s)", [webhook_id]).fetchone(), webhook_id)
        _found(row[0], webhook_id)
        _record(conn, actor, "try_webhook", webhook_id, {})
    return int(row[0])


def since_of(said: str) -> datetime | None:
    """From when on, as people write it: an ISO instant, or a day, which means its beginning, in the reader's time zone; "": ever.
    Errors: invalid_date."""
    if not said:
        return None
    try:
        if len(said) == len("2026-01-31"):
            return datetime.combine(date.fromisoformat(said), time.min, zone())
        found = datetime.fromisoformat(said)
    except ValueError:
        raise DomainError(ErrorCode.INVALID_DATE, field="since", value=said) from None
    return found if found.tzinfo else found.replace(tzinfo=zone())


def replay_deliveries(
    conn: psycopg.Connection[Any], webhook_id: int, actor: Actor, *, since: datetime | None = None, only_dead: bool = False
) -> int:
    """What was sent before, since an instant or ever, is sent again, with the same ids: how many messages."""
    with conn.transaction():
        _found(conn.execute("select id from webhook where id = %s", [webhook_id]).fetchone(), webhook_id)
        updated = conn.execute(
            """update webhook_delivery set state = 'pending', attempts = 0, next_at = clock_timestamp()
               from webhook_event event
               where webhook_delivery.webhook_id = %(id)s and event.id = webhook_delivery.event_id
                 and webhook_delivery.state <> 'pending' and (webhook_delivery.state = 'dead' or not %(only_dead)s)
                 and (%(since)s::timestamptz is null or event.recorded_at >= %(since)s)""",
            {"id": webhook_id, "since": since, "only_dead": only_dead},
        )
        _record(conn, actor, "replay_deliveries", webhook_id, {"since": since.isoformat() if since else "", "count": updated.rowcount})
    return updated.rowcount


def replay_delivery(conn: psycopg.Connection[Any], delivery_id: int, actor: Actor) -> None:
    """One message is sent again."""
    with conn.transaction():
        row = conn.execute(
            """update webhook_delivery set state = 'pending', attempts = 0, next_at = clock_timestamp() where id = %s
               returning webhook_id""",
            [delivery_id],
        ).fetchone()
        if row is None:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="delivery", value=str(delivery_id), field="delivery")
        _record(conn, actor, "replay_delivery", row[0], {"delivery": delivery_id})


def _checked(conn: psycopg.Connection[Any], wanted: Wanted) -> dict[str, Any]:
    """The columns of a webhook, or what is wrong with it."""
    checked_url(wanted.url)
    known = dict(conn.execute(UNITS_SQL, [list(wanted.units)]).fetchall())
    for code in wanted.units:
        if code not in known:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="unit", value=code, field="units")
    for field, values in (("units", wanted.units), ("events", wanted.events)):
        if not values:
            raise DomainError(ErrorCode.FIELD_MISSING, field=field)
    for event in wanted.events:
        if event not in EVENTS:
            raise DomainError(ErrorCode.INVALID_VALUE, field="events", value=event, expected=", ".join(EVENTS))
    return {
        "url": wanted.url, "description": wanted.description, "units": sorted(known.values()), "events": sorted(set(wanted.events)),
        "state": wanted.state,
    }  # fmt: skip


def _found(row: Any, webhook_id: int) -> Any:
    if row is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="webhook", value=str(webhook_id), field="webhook")
    return row


def _record(conn: psycopg.Connection[Any], actor: Actor, verb: str, webhook_id: int, details: dict[str, Any]) -> None:
    record_audit(conn, actor, verb, webhook=webhook_id, **details)
