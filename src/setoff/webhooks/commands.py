"""`setoff webhooks list|add|change|remove|secret|try|deliveries|replay|deliver|prune`."""

from __future__ import annotations

import getpass
import signal
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import psycopg

    from setoff.books.audit import Actor
    from setoff.webhooks.services import State, Wanted

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Addresses that are told what happens, and what was sent to them.")

Number = Annotated[int, typer.Argument(help="Number of the webhook.", show_default=False)]
Address = Annotated[str, typer.Argument(help="Address that messages are sent to.", show_default=False)]
Units = Annotated[list[str], typer.Option("--unit", help="Code of a unit to tell of; may be repeated.", show_default=False)]
Events = Annotated[list[str], typer.Option("--event", help="document.posted, document.changed, document.unposted, period.closed, "
                                                           "period.sealed or period.reopened; may be repeated.", show_default=False)]
Description = Annotated[str, typer.Option(help="What it is for.")]


@app.command("list")
def list_webhooks() -> None:
    """Every webhook with what waits and what was given up, as JSON Lines."""
    from setoff.webhooks.queries import webhooks

    _print(lambda conn: [row._asdict() for row in webhooks(conn)])


@app.command()
def add(
    url: Address,
    unit: Units,
    event: Events,
    user: Annotated[str, typer.Option(help="User whose rights count when something is sent.", show_default=False)],
    description: Description = "",
) -> None:
    """Tell an address of events; prints the secret that signs the messages."""
    from setoff.webhooks.queries import user_id_of
    from setoff.webhooks.services import add_webhook

    _print(lambda conn: [
        add_webhook(conn, _wanted(url, unit, event, description, "active"), _actor(), user_id=user_id_of(conn, user))._asdict()
    ])  # fmt: skip


@app.command()
def change(
    number: Number,
    url: Address,
    unit: Units,
    event: Events,
    description: Description = "",
    paused: Annotated[bool, typer.Option("--paused", help="Collect nothing for now.")] = False,
) -> None:
    """Change what an address is told of."""
    from setoff.webhooks.services import change_webhook

    wanted = _wanted(url, unit, event, description, "paused" if paused else "active")
    _run(lambda conn: change_webhook(conn, number, wanted, _actor()))


@app.command()
def remove(number: Number) -> None:
    """Tell an address nothing any more, and forget what was sent to it."""
    from setoff.webhooks.services import remove_webhook

    _run(lambda conn: remove_webhook(conn, number, _actor()))


@app.command()
def secret(number: Number) -> None:
    """Make a new secret and print it; the old one signs nothing any more."""
    from setoff.webhooks.services import renew_secret

    _print(lambda conn: [{"id": number, "secret": renew_secret(conn, number, _actor())}])


@app.command("try")
def try_one(number: Number) -> None:
    """Send a trial message."""
    from setoff.webhooks.services import try_webhook

    _print(lambda conn: [{"delivery": try_webhook(conn, number, _actor())}])


@app.command()
def deliveries(
    number: Number,
    state: Annotated[str, typer.Option(help="pending, delivered or dead; all by default.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many of the newest.")] = 100,
) -> None:
    """What was sent, the newest first, with how it ended, as JSON Lines."""
    from setoff.webhooks.queries import deliveries as sent

    _print(lambda conn: [row._asdict() for row in sent(conn, number, state=state, limit=limit)])


@app.command()
def replay(
    number: Number,
    since: Annotated[str, typer.Option(help="Only what happened since this ISO instant, or the beginning of a day.")] = "",
    dead: Annotated[bool, typer.Option("--dead", help="Only what was given up.")] = False,
    delivery: Annotated[int, typer.Option(help="Only this delivery.")] = 0,
) -> None:
    """Send again what was sent, or given up, before."""
    from setoff.webhooks.services import replay_deliveries, replay_delivery, since_of

    if delivery:
        _run(lambda conn: replay_delivery(conn, delivery, _actor()))
        return
    instant = since_of(since)
    _print(lambda conn: [{"count": replay_deliveries(conn, number, _actor(), since=instant, only_dead=dead)}])


@app.command()
def deliver(once: Annotated[bool, typer.Option("--once", help="Send what is due now, and stop.")] = False) -> None:
    """Send what waits, until stopped. `setoff serve` does it too."""
    from setoff.site import database
    from setoff.site.environment import environment
    from setoff.webhooks.delivery import deliver_due, work

    if once:
        _print(lambda conn: [{"tried": deliver_due(conn)}])
        return
    database.prepare()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    work(stop, database.connect, environment().webhook_keep_days)


@app.command("prune")
def prune_log(days: Annotated[int, typer.Option(min=1, help="Older than this; SETOFF_WEBHOOK_KEEP_DAYS by default.")] = 0) -> None:
    """Forget old messages of which nothing waits, with how they ended. `setoff serve` and `deliver` do it every hour."""
    from setoff.site.environment import environment
    from setoff.webhooks.delivery import prune

    _print(lambda conn: [{"pruned": prune(conn, days or environment().webhook_keep_days)}])


def _wanted(url: str, units: list[str], events: list[str], description: str, state: State) -> Wanted:
    from setoff.webhooks.services import Wanted

    return Wanted(url, units, events, description, state)


def _run(verb: Callable[[psycopg.Connection[Any]], None]) -> None:
    from setoff.site import database

    database.prepare()
    with database.connect() as conn:
        verb(conn)


def _print(read: Callable[[psycopg.Connection[Any]], list[dict[str, Any]]]) -> None:
    import msgspec

    from setoff.site import database

    database.prepare()
    with database.connect() as conn:
        for row in read(conn):
            typer.echo(msgspec.json.encode(row).decode())


def _actor() -> Actor:
    from setoff.books.audit import Actor

    return Actor(getpass.getuser(), "cli")
