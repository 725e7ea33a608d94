"""Sending what waits in the outbox: claim, build, send, note how it ended. At least once; a receiver drops what it has by `webhook-id`.

A worker claims by moving `next_at` a lease ahead, so that any number of workers share the work and what a worker that died had claimed is
claimed again. No transaction is open while something is sent. A failed attempt waits longer each time (WAITS_SECONDS), then the message is
dead, until somebody asks for it again. An address that answers 410 Gone is paused. No webhook gets more than SHARE of a round, so that a
slow receiver does not keep the others waiting. What was delivered or given up is forgotten after SETOFF_WEBHOOK_KEEP_DAYS.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
import psycopg

from setoff.access.queries import rights_of
from setoff.core.errors import DomainError
from setoff.webhooks.sending import Sent, send
from setoff.webhooks.services import TRIAL
from setoff.webhooks.signature import signed_headers

LOG: Final = logging.getLogger("setoff.webhooks")
WAITS_SECONDS: Final = (5, 30, 120, 600, 3_600, 14_400, 43_200, 86_400)
"""Before the second, third ... attempt: two days in all."""
LEASE_SECONDS: Final = 120
ROUND: Final = 32
SHARE: Final = 8
SENDERS: Final = 8
PAUSE_SECONDS: Final = 1.0
GONE: Final = 410
CLAIM_SQL: Final = """
  with ranked as (
    select id, row_number() over (partition by webhook_id order by next_at, id) as place, next_at from webhook_delivery
    where state = 'pending' and next_at <= clock_timestamp()),
  chosen as (
    select id from webhook_delivery
    where id in (select id from ranked where place <= %(share)s order by next_at, id limit %(round)s)
      and state = 'pending' and next_at <= clock_timestamp()
    for update skip locked)
  update webhook_delivery delivery set attempts = attempts + 1, next_at = clock_timestamp() + make_interval(secs => %(lease)s)
  from chosen where delivery.id = chosen.id returning delivery.id"""
MESSAGES_SQL: Final = """
  select delivery.id, delivery.unit_id, delivery.attempts, webhook.id, webhook.url, webhook.secret, webhook.user_id, event.id,
         event.event, event.recorded_at, unit.code, event.details, document.key, document.status, version.version_no, version.author,
         version.content
  from webhook_delivery delivery
  join webhook on webhook.id = delivery.webhook_id join webhook_event event on event.id = delivery.event_id
  join unit on unit.id = event.unit_id
  left join document on document.unit_id = event.unit_id and document.id = event.document_id
  left join version on version.unit_id = event.unit_id and version.id = event.version_id
  where delivery.id = any(%s) order by delivery.id"""
ATTEMPT_SQL: Final = """
  insert into webhook_attempt (unit_id, delivery_id, attempt, status, reason, duration_ms)
  select %(unit)s, %(delivery)s, coalesce(max(attempt), 0) + 1, %(status)s, %(reason)s, %(duration)s
  from webhook_attempt where delivery_id = %(delivery)s"""
ENDED_SQL: Final = """
  update webhook_delivery set state = %(state)s, next_at = clock_timestamp() + make_interval(secs => %(wait)s)
  where id = %(delivery)s and state = 'pending'"""
PRUNE_SECONDS: Final = 3_600
PRUNE_SQL: Final = """
  with old as (
    select id from webhook_event event
    where recorded_at < clock_timestamp() - make_interval(days => %(days)s::int)
      and not exists (select from webhook_delivery delivery where delivery.event_id = event.id and delivery.state = 'pending')
    order by id limit %(portion)s for update skip locked),
  deliveries as (delete from webhook_delivery using old where event_id = old.id returning 1)
  select array_agg(id), (select count(*) from deliveries) from old"""
PRUNED_ROWS: Final = 10_000
"""Events of one transaction."""


class Message(NamedTuple):
    """A message to send, with what its body is made of."""

    delivery_id: int
    unit_id: int
    attempts: int
    webhook_id: int
    url: str
    secret: str
    user_id: int
    event_id: int
    event: str
    recorded_at: datetime
    unit: str
    details: Mapping[str, Any]
    key: str | None
    status: str | None
    version: int | None
    author: str | None
    content: str | None

    def body(self) -> bytes:
        """The same for every attempt and every replay, but for the state that the document is in now."""
        data: dict[str, Any] = {"unit": self.unit, **self.details}
        if self.content is not None:
            data |= {"key": self.key, "status": self.status, "version": self.version, "author": self.author}
            data["document"] = msgspec.Raw(self.content.encode())
        return msgspec.json.encode({"type": self.event, "timestamp": self.recorded_at.isoformat(), "data": data})


Sender = Callable[[str, bytes, Mapping[str, str]], Sent]


def deliver_due(conn: psycopg.Connection[Any], sender: Sender = send) -> int:
    """Everything that is due now is tried once; how many messages. `conn` is the owner's, in no transaction."""
    tried = 0
    while messages := claim(conn):
        with ThreadPoolExecutor(SENDERS) as threads:
            ended = list(threads.map(lambda message: _attempt(message, sender), permitted(conn, messages)))
        for message, sent in ended:
            note(conn, message, sent)
        tried += len(messages)
    return tried


def claim(conn: psycopg.Connection[Any]) -> list[Message]:
    """Messages that are ours for a lease."""
    names = {"share": SHARE, "round": ROUND, "lease": LEASE_SECONDS}
    ids = [row[0] for row in conn.execute(CLAIM_SQL, names)]
    return [Message._make(row) for row in conn.execute(MESSAGES_SQL, [ids])] if ids else []


def permitted(conn: psycopg.Connection[Any], messages: Sequence[Message]) -> list[Message]:
    """Those whose owner may still read their unit; the others are dead."""
    readable: dict[int, frozenset[int]] = {}
    for user_id in {message.user_id for message in messages}:
        try:
            readable[user_id] = frozenset(rights_of(conn, user_id).units_with("read"))
        except DomainError:  # no user any more, or not active
            readable[user_id] = frozenset()
    for message in messages:
        if message.unit_id not in readable[message.user_id]:
            _end(conn, message, Sent(None, "not_permitted", 0), "dead", 0)
    return [message for message in messages if message.unit_id in readable[message.user_id]]


def _attempt(message: Message, sender: Sender) -> tuple[Message, Sent]:
    body = message.body()
    headers = signed_headers(message.secret, f"evt_{message.event_id}", int(time.time()), body)
    return message, sender(message.url, body, headers)


def note(conn: psycopg.Connection[Any], message: Message, sent: Sent) -> None:
    """How the attempt ended, and what becomes of the message."""
    if sent.is_delivered:
        _end(conn, message, sent, "delivered", 0)
    elif sent.status == GONE:
        conn.execute("update webhook set state = 'paused' where id = %s", [message.webhook_id])
        _end(conn, message, sent, "dead", 0)
    elif message.attempts > len(WAITS_SECONDS) or message.event == TRIAL:
        _end(conn, message, sent, "dead", 0)
    else:
        _end(conn, message, sent, "pending", WAITS_SECONDS[message.attempts - 1])


def _end(conn: psycopg.Connection[Any], message: Message, sent: Sent, state: str, wait: int) -> None:
    names = {
        "unit": message.unit_id, "delivery": message.delivery_id, "status": sent.status, "reason": sent.reason,
        "duration": sent.duration_ms, "state": state, "wait": wait,
    }  # fmt: skip
    with conn.transaction():
        conn.execute(ATTEMPT_SQL, names)
        conn.execute(ENDED_SQL, names)
    if not sent.is_delivered:
        facts = {"webhook": message.webhook_id, "delivery": message.delivery_id, "status": sent.status, "state": state}
        LOG.warning("a message was not taken", extra=facts)


def prune(conn: psycopg.Connection[Any], days: int) -> int:
    """Events of which nothing waits are forgotten with their messages and attempts, when they are older: how many. 0 days: none."""
    pruned = 0
    while days > 0:
        with conn.transaction():
            row = conn.execute(PRUNE_SQL, {"days": days, "portion": PRUNED_ROWS}).fetchone()
            ids = row[0] if row and row[0] else []
            conn.execute("delete from webhook_event where id = any(%s)", [ids])
        pruned += len(ids)
        if len(ids) < PRUNED_ROWS:
            break
    return pruned


def work(stop: threading.Event, connect: Callable[[], psycopg.Connection[Any]], keep_days: int) -> None:
    """Deliver until `stop` is set, and forget what is old now and then. A database that is away is asked again."""
    pruned_at = -float(PRUNE_SECONDS)
    while not stop.is_set():
        try:
            with connect() as conn:
                while not stop.wait(PAUSE_SECONDS):
                    deliver_due(conn)
                    if time.monotonic() - pruned_at >= PRUNE_SECONDS:
                        prune(conn, keep_days)
                        pruned_at = time.monotonic()
        except (psycopg.OperationalError, DomainError) as problem:
            LOG.warning("the outbox cannot be read", extra={"reason": str(problem)})
            stop.wait(10 * PAUSE_SECONDS)
