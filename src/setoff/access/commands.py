"""`setoff post`, `setoff period reopen`, `setoff policy`, `setoff approvals`, `setoff audit`: what may need a second person, and the trail.

Who acts is SETOFF_USER, else the login of the machine. Where a user of that name exists, his rights count in these commands; whoever else
works on the machine owns the books.
"""

from __future__ import annotations

import csv
import getpass
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from setoff.books.commands import LastDay, Unit, day_of, period
from setoff.settlements.commands import Consent, DryRun, Key, Quiet, What, document_of, print_outcome

if TYPE_CHECKING:
    import psycopg

    from setoff.access.approvals import Pending
    from setoff.access.rights import Rights
    from setoff.books.audit import Actor
    from setoff.settlements.services import Outcome

PAGE: Final = 1_000
policy = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Which operations need a second person.")
approvals = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="What waits for a second person: approve, refuse, withdraw.")
Number = Annotated[int, typer.Argument(help="Number of the request.", show_default=False)]
OutputFormat = Annotated[Literal["table", "json"], typer.Option("--format")]
__all__ = ["approvals", "audit", "period", "policy", "post"]


@contextmanager
def acting() -> Iterator[tuple[psycopg.Connection[Any], Actor, Rights]]:
    """The books, who acts, and what he may do."""
    from setoff.access.queries import rights_of_owner
    from setoff.books.audit import Actor
    from setoff.site import database

    database.prepare()
    with database.connect() as conn:
        login = os.environ.get("SETOFF_USER") or getpass.getuser()
        yield conn, Actor(login, "cli"), rights_of_owner(conn, login)


def say(key: str, **facts: Any) -> None:
    from setoff.language import default_language, text

    typer.echo(text(default_language(), key, **facts))


def print_rows(headings: Sequence[str], rows: Sequence[Sequence[Any]], output_format: str) -> None:
    """A table with the headings of `people-...`, or the same as JSON."""
    from setoff.language import default_language, fact_text, screen, text

    if output_format == "json":
        said = [dict(zip(headings, row, strict=True)) for row in rows]
        typer.echo(json.dumps(said, default=str, ensure_ascii=False, indent=2))
        return
    language = default_language()
    titles = [text(language, f"people-{heading.replace('_', '-')}") for heading in headings]
    shown = [[fact_text(language, name, value) for name, value in zip(headings, row, strict=True)] for row in rows]
    screen.print_rows(titles, shown)


def post(what: What, dry_run: DryRun = False, consent: Consent = False, quiet: Quiet = False) -> None:
    """Post a document: a saved one by its key, or a new or changed one from JSON. Where a policy asks a second person, it waits."""
    from contextlib import nullcontext

    from setoff.access import approvals as gate

    document = document_of(what)
    with acting() as (conn, actor, rights), conn.transaction(force_rollback=True) if dry_run else nullcontext():
        if document is None:
            done = gate.post_saved(conn, what, actor, rights, consent=consent)
        else:
            done = gate.post(conn, document, actor, rights, consent=consent)
        told(conn, done, quiet=quiet, dry_run=dry_run)


def unpost(key: Key, dry_run: DryRun = False, consent: Consent = False, quiet: Quiet = False) -> None:
    """Take a posted document out of the books; what it said stays. Where a policy asks a second person, that is asked for."""
    from contextlib import nullcontext

    from setoff.access import approvals as gate

    with acting() as (conn, actor, rights), conn.transaction(force_rollback=True) if dry_run else nullcontext():
        told(conn, gate.unpost(conn, key, actor, rights, consent=consent), quiet=quiet, dry_run=dry_run)


def reorder(
    key: Key,
    day_order: Annotated[int, typer.Argument(help="0 comes first on the day, 511 last; sales stand at 30, payments at 50.")],
    dry_run: DryRun = False,
    consent: Consent = False,
    quiet: Quiet = False,
) -> None:
    """Move a document within its day. Where a policy asks a second person, that is asked for."""
    from contextlib import nullcontext

    from setoff.access import approvals as gate

    with acting() as (conn, actor, rights), conn.transaction(force_rollback=True) if dry_run else nullcontext():
        told(conn, gate.reorder(conn, key, day_order, actor, rights, consent=consent), quiet=quiet, dry_run=dry_run)


def told(conn: psycopg.Connection[Any], done: Outcome | Pending, *, quiet: bool, dry_run: bool) -> None:
    """Prints what a verb on a document did, or that it waits."""
    from setoff.access import approvals as gate

    if isinstance(done, gate.Pending):
        say("approval-asked", number=done.number)
    else:
        print_outcome(conn, done, quiet, "document-tried" if dry_run else "document-changed")


@period.command()
def reopen(
    unit: Unit,
    last_day: LastDay,
    reason: Annotated[str, typer.Option(help="Why; kept in the chain of seals and in the audit trail.")],
    sealed: Annotated[bool, typer.Option("--sealed", help="Reopen it even though it was sealed.")] = False,
) -> None:
    """Let a closed period take changes again; it is closed anew afterwards. Where a policy asks a second person, that is asked for."""
    from setoff.access import approvals as gate

    with acting() as (conn, actor, rights):
        done = gate.reopen(conn, unit, day_of(last_day), actor, rights, reason=reason, sealed=sealed)
    if isinstance(done, gate.Pending):
        say("approval-asked-period", unit=unit, last_day=day_of(last_day))
    else:
        say("period-reopened", unit=done.unit, first_day=done.first_day, last_day=done.last_day)


@policy.command("list")
def list_policies(output_format: OutputFormat = "table") -> None:
    """Policies, active or not."""
    from setoff.access.policies import policies
    from setoff.core.money import Money

    with acting() as (conn, _actor, _rights):
        found = policies(conn)
    rows = [
        (row.operation, row.unit or "*", "" if row.limit_minor is None else Money(row.limit_minor, row.currency), row.is_active)
        for row in found
    ]
    print_rows(("operation", "unit", "limit", "active"), rows, output_format)


@policy.command("set")
def set_operation(
    operation: Annotated[str, typer.Argument(help="payment, write_off, set_off, release_order or reopen_period.", show_default=False)],
    unit: Annotated[str, typer.Option(help="Code of the unit; all by default.")] = "",
    limit: Annotated[str, typer.Option(help="Up to this amount no second person is needed.")] = "",
    currency: Annotated[str, typer.Option(help="Currency of the limit.")] = "",
    off: Annotated[bool, typer.Option("--off", help="The policy is kept and does not count.")] = False,
) -> None:
    """Demand a second person for an operation."""
    from setoff.access.policies import set_policy

    with acting() as (conn, actor, rights):
        rights.require_administrator()
        set_policy(conn, operation, actor, unit=unit, limit=limit, currency=currency, is_active=not off)
    say("people-done")


@approvals.command("list")
def list_approvals(
    state: Annotated[str, typer.Option(help="pending, approved, refused, withdrawn, superseded; empty: all.")] = "pending",
    output_format: OutputFormat = "table",
) -> None:
    """Requests, newest first."""
    from setoff.access.queries import approvals as requests
    from setoff.core.money import Money

    with acting() as (conn, _actor, rights):
        found = [row for row in requests(conn, state or None) if row.unit in rights.unit_codes]
    rows = [
        (row.id, row.unit, row.operation, row.number, row.date, Money(row.amount_minor, row.currency) if row.amount_minor else "",
         row.reason, row.requested_by, row.state) for row in found
    ]  # fmt: skip
    print_rows(("request", "unit", "operation", "number", "date", "amount", "reason", "by", "state"), rows, output_format)


@approvals.command()
def approve(number: Number, reason: Annotated[str, typer.Option(help="Kept with the decision.")] = "", dry_run: DryRun = False) -> None:
    """Do what was asked for. Nobody approves his own."""
    from setoff.access import approvals as gate
    from setoff.settlements.services import Outcome

    with acting() as (conn, actor, rights):
        done = gate.foreseen(conn, number, actor, rights) if dry_run else gate.approve(conn, number, actor, rights, reason=reason)
        if isinstance(done, Outcome):
            print_outcome(conn, done, quiet=False, done="document-tried" if dry_run else "document-changed")
        else:
            say("period-reopened", unit=done.unit, first_day=done.first_day, last_day=done.last_day)


@approvals.command("refuse")
def refuse_request(number: Number, reason: Annotated[str, typer.Option(help="Why not.")]) -> None:
    """Do not do what was asked for."""
    from setoff.access import approvals as gate

    with acting() as (conn, actor, rights):
        gate.refuse(conn, number, actor, rights, reason=reason)
    say("people-done")


@approvals.command("withdraw")
def withdraw_request(number: Number) -> None:
    """Take one's own request back."""
    from setoff.access import approvals as gate

    with acting() as (conn, actor, _rights):
        gate.withdraw(conn, number, actor)
    say("people-done")


def audit(
    unit: Annotated[str, typer.Option(help="Code of the unit.")] = "",
    author: Annotated[str, typer.Option(help="Who.")] = "",
    verb: Annotated[str, typer.Option(help="What: post, close_period, sign_in ...")] = "",
    since: Annotated[str, typer.Option(help="First day, YYYY-MM-DD.")] = "",
    until: Annotated[str, typer.Option(help="Last day, YYYY-MM-DD.")] = "",
    output_format: Annotated[Literal["csv", "jsonl"], typer.Option("--format")] = "csv",
) -> None:
    """Write the audit trail, newest first: who did what, when, from where."""
    from setoff.access.queries import AuditFilter, AuditRow, audit_trail
    from setoff.core.cells import safe_cell

    chosen = AuditFilter(
        unit or None, author or None, verb or None, since=day_of(since) if since else None, until=day_of(until) if until else None
    )
    table = csv.writer(sys.stdout)
    with acting() as (conn, _actor, _rights):
        if output_format == "csv":
            table.writerow(AuditRow._fields)
        before: int | None = None
        while found := audit_trail(conn, chosen, before=before, limit=PAGE):
            for row in found:
                if output_format == "csv":
                    said = [*row[:-1], json.dumps(row.details, ensure_ascii=False)]
                    table.writerow([safe_cell(str(value)) if value is not None else "" for value in said])
                else:
                    typer.echo(json.dumps(row._asdict(), default=str, ensure_ascii=False))
            before = found[-1].id
