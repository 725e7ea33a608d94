"""Webhooks over the API: kept by who administers every unit that they tell of. See setoff/webhooks for what they are."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec
from ninja import Router
from pydantic import Field

from setoff.api.answers import Said
from setoff.api.call import Answer, Call, Cursor, Limit
from setoff.api.cursors import cursor_after, values_of
from setoff.api.endpoint import endpoint
from setoff.webhooks import services
from setoff.webhooks.queries import DeliveryRow, WebhookRow, administered_webhook, administered_webhooks, deliveries, require_delivery
from setoff.webhooks.services import Event, State, Wanted

router: Final = Router()
Number = Annotated[int, Field(ge=1, le=(1 << 63) - 1, description="Number of the webhook.")]
DeliveryNumber = Annotated[int, Field(ge=1, le=(1 << 63) - 1, description="Number of the delivery.")]


class WebhookWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a webhook is to be: where messages go, of which units and events."""

    url: str
    units: Annotated[list[str], msgspec.Meta(min_length=1)]
    events: Annotated[list[Event], msgspec.Meta(min_length=1)]
    description: str = ""
    state: State = "active"

    def wanted(self) -> Wanted:
        return Wanted(self.url, self.units, self.events, self.description, self.state)


class ReplayWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which messages to send again: since an instant, the beginning of a day, or ever; all or only those that were given up."""

    since: str = ""
    only_dead: bool = False


class WebhookAnswer(Said):
    """A webhook. `pending` and `dead`: messages that wait, and that were given up. `user`: whose rights count when something is sent."""

    id: int
    url: str
    description: str
    units: list[str]
    events: list[str]
    state: str
    created_at: str
    pending: int
    dead: int
    user: str


class SecretAnswer(Said):
    """The secret that signs messages: told this once."""

    id: int
    secret: str


class DeliveryAnswer(Said):
    """A message for one webhook, with how its newest attempt ended."""

    id: int
    event_id: str
    event: str
    unit: str
    recorded_at: str
    state: str
    attempts: int
    next_at: str
    status: int | None
    reason: str
    attempted_at: str | None


class DeliveryPage(Said):
    """`next` is the cursor of the page that follows; empty at the end."""

    rows: list[DeliveryAnswer]
    next: str


class QueuedAnswer(Said):
    """How many messages wait to be sent again."""

    count: int


@endpoint(router, "GET", "/webhooks", tag="webhooks", answer=list[WebhookAnswer])
def list_webhooks(call: Call) -> Any:
    """The webhooks of the units that one administers."""
    return [_webhook(row) for row in administered_webhooks(call.conn, call.rights)]


@endpoint(router, "POST", "/webhooks", tag="webhooks", body=WebhookWanted, answer=SecretAnswer, status=201)
def add_webhook(call: Call, body: WebhookWanted) -> Any:
    """Tell an address of events. The answer has the secret that signs the messages, once."""
    _require_units(call, body.units)
    added = services.add_webhook(call.conn, body.wanted(), call.actor, user_id=call.rights.user_id)
    return SecretAnswer(id=added.id, secret=added.secret)


@endpoint(router, "GET", "/webhooks/{number}", tag="webhooks", answer=WebhookAnswer)
def read_webhook(call: Call, number: Number) -> Any:
    """One webhook."""
    return _webhook(_known(call, number))


@endpoint(router, "PUT", "/webhooks/{number}", tag="webhooks", body=WebhookWanted, answer=WebhookAnswer)
def change_webhook(call: Call, body: WebhookWanted, number: Number) -> Any:
    """Change what an address is told of, or pause it."""
    _known(call, number)
    _require_units(call, body.units)
    services.change_webhook(call.conn, number, body.wanted(), call.actor)
    return _webhook(_known(call, number))


@endpoint(router, "DELETE", "/webhooks/{number}", tag="webhooks", status=204)
def remove_webhook(call: Call, number: Number) -> Any:
    """Tell an address nothing any more, and forget what was sent to it."""
    _known(call, number)
    services.remove_webhook(call.conn, number, call.actor)
    return Answer()


@endpoint(router, "POST", "/webhooks/{number}/secret", tag="webhooks", answer=SecretAnswer)
def renew_webhook_secret(call: Call, number: Number) -> Any:
    """Make a new secret; the old one signs nothing any more."""
    _known(call, number)
    return SecretAnswer(id=number, secret=services.renew_secret(call.conn, number, call.actor))


@endpoint(router, "POST", "/webhooks/{number}/trial", tag="webhooks", answer=QueuedAnswer)
def try_webhook(call: Call, number: Number) -> Any:
    """Send a trial message."""
    _known(call, number)
    services.try_webhook(call.conn, number, call.actor)
    return QueuedAnswer(count=1)


@endpoint(router, "POST", "/webhooks/{number}/replay", tag="webhooks", body=ReplayWanted, answer=QueuedAnswer)
def replay_webhook(call: Call, body: ReplayWanted, number: Number) -> Any:
    """Send again what was sent, or given up, before; with the same ids."""
    _known(call, number)
    since = services.since_of(body.since)
    count = services.replay_deliveries(call.conn, number, call.actor, since=since, only_dead=body.only_dead)
    return QueuedAnswer(count=count)


@endpoint(router, "GET", "/webhooks/{number}/deliveries", tag="webhooks", answer=DeliveryPage)
def list_deliveries(
    call: Call,
    number: Number,
    state: Annotated[Literal["", "pending", "delivered", "dead"], Field(description="Only messages in this state.")] = "",
    limit: Limit = 100,
    cursor: Cursor = "",
) -> Any:
    """What was sent, the newest first, with how its newest attempt ended."""
    _known(call, number)
    listed = f"deliveries {number}"
    before = values_of(cursor, listed, int)[0] if cursor else (1 << 63) - 1
    rows = deliveries(call.conn, number, state=state, before=before, limit=limit + 1)
    more = cursor_after(listed, [rows[limit - 1].id]) if len(rows) > limit else ""
    return DeliveryPage(rows=[_delivery(row) for row in rows[:limit]], next=more)


@endpoint(router, "POST", "/webhooks/{number}/deliveries/{delivery}/replay", tag="webhooks", answer=QueuedAnswer)
def replay_delivery(call: Call, number: Number, delivery: DeliveryNumber) -> Any:
    """Send one message again."""
    _known(call, number)
    require_delivery(call.conn, number, delivery)
    services.replay_delivery(call.conn, delivery, call.actor)
    return QueuedAnswer(count=1)


def _known(call: Call, number: int) -> WebhookRow:
    return administered_webhook(call.conn, call.rights, number)


def _require_units(call: Call, units: list[str]) -> None:
    for code in units:
        call.rights.require("administer", code)


def _webhook(row: WebhookRow) -> WebhookAnswer:
    said = {**row._asdict(), "created_at": row.created_at.isoformat()}
    said.pop("unit_ids")
    return WebhookAnswer(**said)


def _delivery(row: DeliveryRow) -> DeliveryAnswer:
    instants = {name: getattr(row, name).isoformat() for name in ("recorded_at", "next_at")}
    attempted = row.attempted_at.isoformat() if row.attempted_at else None
    return DeliveryAnswer(**{**row._asdict(), **instants, "attempted_at": attempted, "event_id": f"evt_{row.event_id}"})
