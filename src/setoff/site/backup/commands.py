"""`setoff backup`, `setoff restore`, and `setoff verify FILE`."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from setoff.books.audit import Actor

SPREAD = 2
"""A restore reads everything twice: to see that it is whole, then to copy it."""


def backup(
    file: Annotated[Path, typer.Argument(help="File to write, or a folder: then the file is named by the time.", show_default=False)],
    keep: Annotated[int, typer.Option(min=0, help="Folder: so many backups stay, older ones are removed. 0 keeps all.")] = 0,
) -> None:
    """Copy the whole database into one file: a state of one instant, while people work."""
    from setoff.core.errors import DomainError, ErrorCode
    from setoff.language import default_language, text
    from setoff.site import database
    from setoff.site.backup.dump import back_up, drop_older, estimated_bytes, name_of

    language = default_language()
    if keep and not file.is_dir():
        raise DomainError(ErrorCode.INVALID_VALUE, field="--keep", value=keep, expected=text(language, "backup-folder"))
    database.prepare()
    path = file / name_of(datetime.now(UTC)) if file.is_dir() else file
    with database.connect() as conn:
        size = estimated_bytes(conn)
    with progress("backup-writing", size) as tick:
        written = back_up(path, actor(), tick)
    manifest = written.manifest
    size = path.stat().st_size
    typer.echo(text(language, "backup-done", made_at=manifest.made_at, file=str(path), documents=manifest.rows("document"), size=size))
    if not manifest.is_exact:
        typer.echo(text(language, "backup-not-exact"))
    typer.echo(text(language, "backup-fingerprint", fingerprint=written.fingerprint))
    for old in drop_older(file, keep) if keep else []:
        typer.echo(text(language, "backup-removed", file=str(old)))


def restore(
    file: Annotated[Path, typer.Argument(help="The backup.", show_default=False)],
    replace: Annotated[bool, typer.Option("--replace", help="Take the place of a database with records; it is kept aside.")] = False,
) -> None:
    """Make the database from a backup: whole, or not at all. One of an earlier version is brought up to date."""
    from setoff.language import default_language, text
    from setoff.site import database
    from setoff.site.backup.archive import Archive
    from setoff.site.backup.restore import restore as restore_archive

    language = default_language()
    database.create()
    with Archive(file) as archive:
        with progress("backup-restoring", archive.manifest.size_bytes * SPREAD) as tick:
            done = restore_archive(archive, actor(), tick, replace=replace)
        made_at = archive.manifest.made_at
    typer.echo(text(language, "restore-done", documents=done.documents, made_at=made_at))
    if done.kept_as:
        typer.echo(text(language, "restore-kept", database=done.kept_as))


def verify(
    backup: Annotated[Path | None, typer.Argument(help="A backup, to look at it instead of the database.", show_default=False)] = None,
    unit: Annotated[str, typer.Option(help="Code of the unit; all by default.")] = "",
    restoring: Annotated[bool, typer.Option("--restoring", help="Backup: also restore it aside and verify what comes out.")] = False,
    output_format: Annotated[Literal["table", "json"], typer.Option("--format")] = "table",
) -> None:
    """Find every row of a closed period that is not as it was closed, or that a backup is not whole. Ends with 1 when there is one."""
    from setoff.books.commands import verify_books

    if backup is None:
        verify_books(unit, output_format)
    else:
        verify_backup(backup, restoring=restoring)


def verify_backup(file: Path, *, restoring: bool) -> None:
    """Tells whether the backup is whole; with `restoring` also whether the database it gives is. Ends with 1 when not."""
    from setoff.language import default_language, text
    from setoff.site.backup.archive import Archive

    language = default_language()
    with Archive(file) as archive:
        with progress("backup-reading", archive.manifest.size_bytes) as tick:
            archive.check(tick)
        found = archive.manifest
        rows = sum(table.rows for table in found.tables)
        typer.echo(
            text(language, "backup-whole", made_at=found.made_at, version=found.setoff, tables=len(found.tables), rows=rows)
        )
        typer.echo(text(language, "backup-fingerprint", fingerprint=archive.fingerprint))
        if restoring:
            _prove(archive)


def _prove(archive: object) -> None:
    from setoff.books.commands import finding_text
    from setoff.books.verify import verify as verify_rows
    from setoff.language import default_language, text
    from setoff.settlements.checks import run_checks
    from setoff.site import database
    from setoff.site.backup.archive import Archive
    from setoff.site.backup.restore import restored_aside

    assert isinstance(archive, Archive)
    language = default_language()
    database.create()
    with progress("backup-restoring", archive.manifest.size_bytes * SPREAD) as tick, restored_aside(archive, tick) as conn:
        findings = verify_rows(conn)
        broken = [found.check.code for found in run_checks(conn) if found.rows and found.check.state == "error"]
    for finding in findings:
        typer.echo(finding_text(language, finding))
    if findings:
        typer.echo(text(language, "verify-failed", count=len(findings)))
    if broken:
        typer.echo(text(language, "backup-checks-failed", count=len(broken), codes=", ".join(broken)))
    if findings or broken:
        raise typer.Exit(1)
    typer.echo(text(language, "backup-provable", documents=archive.manifest.rows("document")))


@contextmanager
def progress(key: str, size_bytes: int) -> Iterator[Callable[[int], None]]:
    """A bar over bytes; not drawn where nobody watches."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    from setoff.language import default_language, text

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(text(default_language(), key), total=size_bytes)
        yield lambda done: bar.advance(task, done)


def actor() -> Actor:
    from setoff.books.audit import Actor

    try:
        return Actor(getpass.getuser(), "cli")
    except (KeyError, OSError):  # a container's user may have no name
        return Actor("unknown", "cli")
