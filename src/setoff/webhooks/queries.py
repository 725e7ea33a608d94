"""Reads of webhooks: what there is, what was sent, how every attempt ended. Who administers all units of a webhook keeps it; for others it
does not exist."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

import psycopg

from setoff.access.rights import Rights
from setoff.core.errors import DomainError, ErrorCode

WEBHOOKS_SQL: Final = """
  select webhook.id, webhook.url, webhook.description,
         coalesce((select array_agg(unit.code order by unit.code) from unit where unit.id = any(webhook.unit_ids)), '{}'),
         webhook.events, webhook.state, webhook.created_at, webhook.unit_ids,
         count(delivery.id) filter (where delivery.state = 'pending'), count(delivery.id) filter (where delivery.state = 'dead'),
         coalesce((select username from access_user where access_user.id = webhook.user_id), '')
  from webhook left join webhook_delivery delivery on delivery.webhook_id = webhook.id and delivery.state in ('pending', 'dead')
  where %(id)s::int8 is null or webhook.id = %(id)s
  group by webhook.id order by webhook.id"""
DELIVERIES_SQL: Final = """
  select delivery.id, event.id, event.event, unit.code, event.recorded_at, delivery.state, delivery.attempts, delivery.next_at,
         last.status, coalesce(last.reason, ''), last.attempted_at
  from webhook_delivery delivery
  join webhook_event event on event.id = delivery.event_id join unit on unit.id = delivery.unit_id
  left join lateral (select * from webhook_attempt attempt where attempt.delivery_id = delivery.id order by attempt.attempted_at desc
                     limit 1) last on true
  where delivery.webhook_id = %(webhook)s and delivery.id < %(before)s and (%(state)s = '' or delivery.state = %(state)s)
  order by delivery.id desc limit %(limit)s"""


class WebhookRow(NamedTuple):
    """`pending` and `dead`: messages that wait, and that were given up. `user`: whose rights count when something is sent."""

    id: int
    url: str
    description: str
    units: list[str]
    events: list[str]
    state: str
    created_at: datetime
    unit_ids: list[int]
    pending: int
    dead: int
    user: str


class DeliveryRow(NamedTuple):
    """A message for one webhook, with how its newest attempt ended."""

    id: int
    event_id: int
    event: str
    unit: str
    recorded_at: datetime
    state: str
    attempts: int
    next_at: datetime
    status: int | None
    reason: str
    attempted_at: datetime | None

    @property
    def message_id(self) -> str:
        """As the receiver is told it (`webhook-id`)."""
        return f"evt_{self.event_id}"


def webhooks(conn: psycopg.Connection[Any], webhook_id: int | None = None) -> list[WebhookRow]:
    return [WebhookRow._make(row) for row in conn.execute(WEBHOOKS_SQL, {"id": webhook_id})]


def deliveries(
    conn: psycopg.Connection[Any], webhook_id: int, *, state: str = "", before: int = (1 << 63) - 1, limit: int = 100
) -> list[DeliveryRow]:
    """The newest first."""
    names = {"webhook": webhook_id, "before": before, "state": state, "limit": limit}
    return [DeliveryRow._make(row) for row in conn.execute(DELIVERIES_SQL, names)]


def administered_webhooks(conn: psycopg.Connection[Any], rights: Rights, webhook_id: int | None = None) -> list[WebhookRow]:
    """Those all of whose units this person administers."""
    allowed = set(rights.units_with("administer"))
    return [row for row in webhooks(conn, webhook_id) if allowed.issuperset(row.unit_ids)]


def administered_webhook(conn: psycopg.Connection[Any], rights: Rights, webhook_id: int) -> WebhookRow:
    """Errors: unknown_reference."""
    for row in administered_webhooks(conn, rights, webhook_id):
        return row
    raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="webhook", value=str(webhook_id), field="webhook")


def require_delivery(conn: psycopg.Connection[Any], webhook_id: int, delivery_id: int) -> None:
    """The delivery is one of this webhook. Errors: unknown_reference."""
    if conn.execute("select from webhook_delivery where id = %s and webhook_id = %s", [delivery_id, webhook_id]).fetchone() is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="delivery", value=str(delivery_id), field="delivery")


def user_id_of(conn: psycopg.Connection[Any], login: str) -> int:
    """Errors: unknown_reference."""
    row = conn.execute("select id from access_user where lower(username) = lower(%s)", [login]).fetchone()
    if row is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="user", value=login, field="user")
    return int(row[0])
