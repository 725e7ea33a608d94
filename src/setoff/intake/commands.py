"""`setoff import`, `setoff export`, `setoff schema`."""

from __future__ import annotations

import getpass
import gzip
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, cast

import typer

if TYPE_CHECKING:
    from setoff.books.audit import Actor
    from setoff.intake.load import How
    from setoff.intake.mapping import Mapping
    from setoff.intake.source import Source
    from setoff.language import Language

TOLD_MAX = 20
"""Documents that a dry run tells one by one."""


def import_files(
    files: Annotated[
        list[Path], typer.Argument(help="JSON Lines, JSON, CSV, TSV, PSV or spreadsheets; .gz is unpacked.", show_default=False)
    ],
    mapping: Annotated[str, typer.Option(help="Mapping file of the tables, or the name of one that comes with Setoff.")] = "",
    guess: Annotated[bool, typer.Option("--guess", help="Print a mapping proposed for the first file.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would happen; keep nothing.")] = False,
    good_rows: Annotated[
        bool, typer.Option("--good-rows/--all-or-nothing", help="Keep the good rows, or keep nothing when any row is bad.")
    ] = False,
    consent: Annotated[
        bool, typer.Option("--consent", help="Close contracts that are not settled; take in what credit limits forbid.")
    ] = False,
    fill_contracts: Annotated[
        bool, typer.Option("--fill-contracts", help="Give a document that leaves its contract out the only one that fits.")
    ] = False,
    encoding: Annotated[str, typer.Option(help="Encoding of the files, when it is not to be recognised.")] = "",
    log: Annotated[Path | None, typer.Option(help="File for every bad and skipped row, as JSON Lines.", dir_okay=False)] = None,
) -> None:
    """Bring records in: documents and master data, from JSON Lines or from tables with a mapping."""
    from setoff.intake.load import How
    from setoff.intake.mapping import load_mapping
    from setoff.intake.source import source_of
    from setoff.language import default_language

    language = default_language()
    if guess:
        from setoff.intake.guess import guess_mapping

        typer.echo(guess_mapping(source_of(files[0], encoding), language), nl=False)
        return
    found = load_mapping(mapping) if mapping else None
    sources = [source_of(path, encoding or (found.encoding if found else "")) for path in files]
    how = How(good_rows, dry_run, consent, fill_contracts, tell_max=TOLD_MAX if dry_run else 0)
    with ExitStack() as stack:
        log_file = stack.enter_context(log.open("wb")) if log else None
        raise typer.Exit(_run(sources, found, language, log_file, how))


def _run(sources: list[Source], mapping: Mapping | None, language: Language, log: IO[bytes] | None, how: How) -> int:
    """The exit code: 1 when rows were refused and the good ones not kept."""
    from rich.console import Console

    from setoff.intake.files import Files
    from setoff.intake.load import Reports, load_files
    from setoff.intake.screen import Teller, progress_bar, said_line, summary
    from setoff.site import database

    console = Console(stderr=True, highlight=False, emoji=False)
    teller = Teller(language, console, log)
    reports = Reports(teller)
    files = Files(sources, mapping, reports)
    database.prepare()
    with database.connect() as conn, progress_bar(language, console, files) as tick:
        loaded = load_files(conn, files, reports, _actor(), how, progress=tick)
    teller.tell_skipped()
    for said in loaded.said:
        typer.echo(said_line(language, said))
    for line in summary(language, loaded, files.tallies, dry_run=how.dry_run):
        typer.echo(line)
    return 1 if loaded.refused and not (how.keep_good_rows and loaded.kept) else 0


def export_files(
    out: Annotated[Path | None, typer.Option(help="File to write; .gz is packed. Default: the screen.", dir_okay=False)] = None,
) -> None:
    """Write every master record and document as JSON Lines, for `setoff import`."""
    from setoff.intake.export import export_records
    from setoff.language import default_language, text
    from setoff.site import database

    database.prepare()
    with database.connect() as conn, ExitStack() as stack:
        if out is None:
            export_records(conn, sys.stdout.buffer.write)
            sys.stdout.buffer.flush()
            return
        file: IO[bytes] = stack.enter_context(out.open("wb"))
        if out.suffix == ".gz":
            file = cast(IO[bytes], stack.enter_context(gzip.GzipFile("", "wb", 6, file, mtime=0)))
        done = export_records(conn, file.write)
    typer.echo(text(default_language(), "export-done", masters=done.masters, documents=done.documents, file=str(out)), err=True)


def schema() -> None:
    """Print the JSON Schema of one line of a JSON Lines file."""
    import json

    from setoff.intake.schema import record_schema

    typer.echo(json.dumps(record_schema(), indent=2, ensure_ascii=False))


def _actor() -> Actor:
    from setoff.books.audit import Actor

    try:
        return Actor(getpass.getuser(), "import")
    except (KeyError, OSError):
        return Actor("unknown", "import")
