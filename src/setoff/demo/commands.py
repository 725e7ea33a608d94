"""`setoff demo-data` writes the generated group as JSON Lines; `setoff demo` loads it into an empty database and shows it."""

from __future__ import annotations

import sys
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from setoff.language.zones import today

if TYPE_CHECKING:
    from rich.console import Console

    from setoff.language import Language

DOCUMENTS = 2000
SEED = 1


def demo_data(
    documents: Annotated[int, typer.Option(min=20, help="How many documents; master records come with them.")] = DOCUMENTS,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = SEED,
    out: Annotated[Path | None, typer.Option(help="File to write instead of the screen.", dir_okay=False)] = None,
) -> None:
    """Write a believable group of companies as JSON Lines, for `setoff import`."""
    from setoff.demo.generate import write_lines
    from setoff.language import default_language, text

    if out is None:
        write_lines(documents, seed, sys.stdout.buffer.write)
        sys.stdout.buffer.flush()
        return
    with out.open("wb") as file:
        write_lines(documents, seed, file.write)
    typer.echo(text(default_language(), "demo-written", documents=documents, path=str(out)), err=True)


def demo(
    documents: Annotated[int, typer.Option(min=20, help="How many documents an empty database gets.")] = DOCUMENTS,
    seed: Annotated[int, typer.Option(help="The same seed and last day give the same group.")] = SEED,
    until: Annotated[str, typer.Option(help="Last day of the documents, YYYY-MM-DD. Default: today.")] = "",
) -> None:
    """Load the demo group when the database is empty, and show each organization's settlements."""
    from setoff.demo.screen import show
    from setoff.language import default_language
    from setoff.language.screen import terminal
    from setoff.reports.ask import parse_day
    from setoff.site import database

    language, console = default_language(), terminal()
    last_day = parse_day(until, "until") if until else today()
    database.prepare()
    with database.connect() as conn:
        load_when_empty(conn, (documents, seed, last_day), language, console)
        show(conn, language, console)
        tell_people(conn, language, console)


def tell_people(conn: Any, language: Language, console: Console) -> None:
    """How to sign in, while the people of the demo are the only ones."""
    from setoff.access.rights import ROLES
    from setoff.demo.people import password
    from setoff.language import text

    names = [name for (name,) in conn.execute("select username from access_user order by id").fetchall()]
    if names == list(ROLES):
        console.print(text(language, "demo-people", names=", ".join(names), password=password()), style="bold")


def load_when_empty(conn: Any, wanted: tuple[int, int, date], language: Language, console: Console) -> None:
    """The demo group is in the books, unless there were documents or masters before: those are somebody's own. `wanted`: how many
    documents, the seed, the last day."""
    from setoff.books.audit import Actor
    from setoff.demo.bank import BANK_DAYS, bring_statements
    from setoff.demo.bank_story import tell
    from setoff.demo.institution import add_institution
    from setoff.demo.loans import add_loans
    from setoff.demo.notices import add_notices
    from setoff.demo.papers import add_papers
    from setoff.demo.people import add_people
    from setoff.language import text
    from setoff.parties.services import save_masters
    from setoff.settlements.bulk import import_documents

    documents, seed, last_day = wanted
    (empty,) = conn.execute("select not exists (select from document) and not exists (select from organization)").fetchone()
    if not empty:
        console.print(text(language, "demo-exists"), style="dim")
        return
    began = time.perf_counter()
    actor = Actor("demo", "cli")
    with console.status(text(language, "demo-loading", documents=documents)):
        story = tell(documents, seed, last_day, bank_days=BANK_DAYS)
        save_masters(conn, story.masters, actor)
        import_documents(conn, lambda: list(enumerate(story.documents, 1)), actor)
        add_papers(conn, last_day, actor)
        add_loans(conn, last_day, actor)
        add_notices(conn, last_day)
        add_institution(conn, last_day)
        bring_statements(conn, story, actor)
        add_people(conn)
    seconds = round(time.perf_counter() - began)
    (made,) = conn.execute("select count(*) from document").fetchone()
    console.print(text(language, "demo-loaded", masters=len(story.masters), documents=made, seconds=seconds), style="dim")
