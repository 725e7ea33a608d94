"""`setoff save`, `fill`, `unpost`, `reorder`, `mark-deletion`, `refold`: the verbs on documents."""

from __future__ import annotations

import errno
import getpass
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import psycopg

    from setoff.books.audit import Actor
    from setoff.language import Language
    from setoff.settlements.diff import Change
    from setoff.settlements.services import Outcome
    from setoff.trade.documents import AnyDocument

DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change; keep nothing.")]
Consent = Annotated[bool, typer.Option("--consent", help="Cut down targets of later documents where they no longer fit.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print no changes.")]
Key = Annotated[str, typer.Argument(help="Key of the document.", show_default=False)]
What = Annotated[str, typer.Argument(help="Key of a saved document, or a file with one document as JSON (- = standard input).",
                                     show_default=False)]


def save(file: Annotated[str, typer.Argument(help="File with one document as JSON (- = standard input).")], quiet: Quiet = False) -> None:
    """Save a document as a draft, or a new version of one that is not posted."""
    from setoff.core.errors import DomainError, ErrorCode
    from setoff.settlements import services

    document = document_of(file)
    if document is None:
        raise DomainError(ErrorCode.FILE_UNREADABLE, file=file, reason=os.strerror(errno.ENOENT))
    run(lambda conn: services.save_document(conn, document, actor()), quiet)


def fill(file: Annotated[str, typer.Argument(help="File with one document as JSON (- = standard input).")]) -> None:
    """Print a document as JSON with the only contract that fits; a payment with the open debts (or advances) it would settle."""
    import msgspec

    from setoff.core.errors import DomainError, ErrorCode
    from setoff.language import default_language, text
    from setoff.settlements.choosing import choose_contract
    from setoff.settlements.filling import fill_by_balances
    from setoff.site import database
    from setoff.trade.documents import Payment

    document = document_of(file)
    if document is None:
        raise DomainError(ErrorCode.FILE_UNREADABLE, file=file, reason=os.strerror(errno.ENOENT))
    database.prepare()
    with database.connect() as conn:
        filled = fill_by_balances(conn, document) if isinstance(document, Payment) else document
        found = choose_contract(conn, filled)
    typer.echo(msgspec.json.encode(found.document).decode())
    if len(found.fitting) > 1:
        codes = ", ".join(contract.code for contract in found.fitting)
        typer.echo(text(default_language(), "fill-several", contracts=codes), err=True)


def mark_deletion(key: Key, clear: Annotated[bool, typer.Option("--clear", help="Take the mark off again.")] = False) -> None:
    """Mark a document that is not posted for deletion."""
    from setoff.settlements import services

    verb = services.clear_deletion_mark if clear else services.mark_for_deletion
    run(lambda conn: verb(conn, key, actor()), quiet=True)


def refold() -> None:
    """Derive lots, allocations and postings from the facts again, and write where they differ."""
    from setoff.language import default_language, text
    from setoff.settlements.known import refold_all
    from setoff.site import database

    database.prepare()
    with database.connect() as conn:
        typer.echo(text(default_language(), "refold-done", rows=refold_all(conn, actor())))


def actor() -> Actor:
    from setoff.books.audit import Actor

    return Actor(getpass.getuser(), "cli")


def document_of(what: str) -> AnyDocument | None:
    """The document in a file or on standard input; None when `what` is no file, so a key. Errors: file_unreadable for what looks
    like a file and is none, row_unreadable, and those of trade/shape.py."""
    import msgspec

    from setoff.core.errors import DomainError, ErrorCode
    from setoff.trade.queries import decode_document
    from setoff.trade.shape import shape_refusal

    if what != "-" and not Path(what).is_file():
        if Path(what).suffix in (".json", ".jsonl"):
            raise DomainError(ErrorCode.FILE_UNREADABLE, file=what, reason=os.strerror(errno.ENOENT))
        return None
    content = sys.stdin.buffer.read() if what == "-" else Path(what).read_bytes()
    try:
        if b"\\u0000" in content:  # legal in JSON, refused by PostgreSQL
            raise DomainError(ErrorCode.ROW_UNREADABLE, file=what, row=1, reason="\\u0000")
        return decode_document(content)
    except msgspec.ValidationError as problem:
        raise shape_refusal(msgspec.json.decode(content), str(problem)) from None
    except (ValueError, RecursionError) as problem:  # not JSON, or not UTF-8
        raise DomainError(ErrorCode.ROW_UNREADABLE, file=what, row=1, reason=str(problem)) from None


def run(verb: Callable[..., Outcome], quiet: bool, dry_run: bool = False) -> None:
    """Run a verb on the books and print what it changed."""
    from setoff.site import database

    database.prepare()
    with database.connect() as conn, conn.transaction(force_rollback=True) if dry_run else nullcontext():
        print_outcome(conn, verb(conn), quiet, "document-tried" if dry_run else "document-changed")


def _warn_of_acts(conn: psycopg.Connection[Any], document_id: int, language: Language) -> None:
    """Names, on stderr, the agreed acts of reconciliation that the books no longer bear out."""
    from setoff.language import text
    from setoff.settlements.act_queries import agreed_acts_touched
    from setoff.settlements.acts import changes_since

    for act in agreed_acts_touched(conn, [document_id]):
        if changes_since(conn, act):
            typer.echo(text(language, "act-touched", number=act.id, counterparty=act.counterparty, last=act.last_day), err=True)


def print_outcome(conn: psycopg.Connection[Any], outcome: Outcome, quiet: bool, done: str) -> None:
    from setoff.language import default_language, text

    typer.echo(text(default_language(), done if outcome.changed else "document-unchanged", number=outcome.number, key=outcome.key))
    if outcome.changed:
        _warn_of_acts(conn, outcome.document_id, default_language())
    if not quiet and outcome.changes:
        print_changes(conn, outcome.changes)


def print_changes(conn: psycopg.Connection[Any], changes: Sequence[Change]) -> None:
    """The diff of an edit as a table."""
    from setoff.language import default_language, fact_text, text
    from setoff.language.screen import print_rows
    from setoff.settlements.telling import ToldChange, tell_changes

    language = default_language()
    contours: dict[ToldChange, list[str]] = {}  # what is the same in both is shown once
    for told in tell_changes(conn, changes, language):
        contours.setdefault(told._replace(contour=""), []).append(told.contour)
    rows = [
        (
            f"{fact_text(language, 'kind', told.kind)} {told.number}", fact_text(language, "date", told.date),
            text(language, f"contour-{where[0]}" if len(where) == 1 else "change-both"), told.subject,
            *(fact_text(language, "amount", amount) if amount.amount_minor else "" for amount in (told.before, told.after)),
        )
        for told, where in contours.items()
    ]  # fmt: skip
    titles = [text(language, f"change-{heading}") for heading in ("document", "date", "contour", "what", "before", "after")]
    print_rows(titles, rows, figures=(4, 5))
