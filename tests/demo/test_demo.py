"""`setoff demo`: every generated document is accepted, by bulk import and one by one, and the page tells what the reports say."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
from rich.console import Console

from setoff.books.audit import Actor
from setoff.cli import run
from setoff.demo.commands import load_when_empty
from setoff.demo.generate import records
from setoff.demo.group import LAST_DAY
from setoff.demo.screen import show
from setoff.language import LANGUAGES, Language, text
from setoff.parties.services import save_masters
from setoff.settlements import columns, rebuild
from setoff.settlements.bulk import import_documents
from setoff.settlements.checks import all_checks
from setoff.settlements.services import post_document
from setoff.site import database
from setoff.trade.documents import AnyDocument, Document

CHECKS = sum(check.state == "error" for check in all_checks())
DERIVED = ("lot", "allocation", "posting")


def page(conn: Any, language: Language) -> str:
    console = Console(file=io.StringIO(), width=200, highlight=False)
    show(conn, language, console)
    return console.file.getvalue()


def rows(conn: Any) -> dict[str, list[tuple[Any, ...]]]:
    """Derived rows: documents have one number each in file order, however they came in."""
    return {table: sorted(conn.execute(f"select {table}::text from {table}").fetchall()) for table in DERIVED}


def make(conn: Any, documents: int, seed: int) -> list[AnyDocument]:
    made = list(records(documents, seed))
    save_masters(conn, [record for record in made if not isinstance(record, Document)], Actor("demo", "cli"))
    return [record for record in made if isinstance(record, Document)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_document_is_accepted(db: Any, seed: int) -> None:
    documents = make(db, 1500, seed)
    outcome = import_documents(db, lambda: enumerate(documents), Actor("demo", "cli"))
    assert (outcome.created, outcome.refused) == (1500, [])
    assert db.execute("select count(*) from fact").fetchone()[0] > 1500


@pytest.mark.parametrize("at_once", ["all", "few", "compiled"])
def test_one_by_one_gives_the_same_books(db: Any, monkeypatch: pytest.MonkeyPatch, at_once: str) -> None:
    """However the import divides its work."""
    if at_once == "few":
        for module, name, size in ((rebuild, "FACTS_AT_ONCE", 60), (rebuild, "DOCUMENTS_AT_ONCE", 40), (columns, "ROWS_AT_ONCE", 10)):
            monkeypatch.setattr(module, name, size)
    if at_once == "compiled":
        monkeypatch.setattr(rebuild, "MANY", 0)
    for document in make(db, 250, 5):
        post_document(db, document, Actor("demo", "cli"))
    with database.throwaway() as address, database.connect(address) as other:
        documents = make(other, 250, 5)
        import_documents(other, lambda: enumerate(documents), Actor("demo", "cli"))
        assert rows(other) == rows(db)


def test_the_page_shows_every_organization_in_every_language(db: Any) -> None:
    quiet = Console(file=io.StringIO())
    load_when_empty(db, (300, 1, LAST_DAY), "en", quiet)
    names = [name for (name,) in db.execute("select name from organization")]
    assert len(names) == 4
    for language in LANGUAGES:
        shown = page(db, language)
        assert all(name in shown for name in names)
        assert text(language, "demo-next") in shown
        assert text(language, "demo-checks-passed", checks=CHECKS) in shown
    made = dict(db.execute("select kind, count(*) from document where status = 'posted' group by 1").fetchall())
    wanted = {"customer_order", "customer_bill", "supplier_order", "supplier_bill", "revaluation", "issued_invoice", "received_invoice"}
    wanted |= {"branch_notice"}
    assert wanted <= made.keys()
    assert [made[kind] for kind in ("loan_received", "loan_granted", "loan_repaid", "loan_interest")] == [1, 1, 4, 8]
    assert db.execute("select count(distinct status) from plan where kind = 'customer_order'").fetchone() == (3,)
    assert db.execute("select count(distinct price_list_id) from billed_charge").fetchone() == (2,)
    states = dict(db.execute("select status, count(*) from branch_notice group by 1").fetchall())
    assert states == {"confirmed": 12, "draft": 1, "rejected": 2, "sent": 3, "undone": 1}
    (count,) = db.execute("select count(*) from document where status = 'posted'").fetchone() or (0,)
    assert count > 280 and f"{count} documents" in page(db, "en")


def test_a_database_with_documents_is_left_alone(db: Any) -> None:
    quiet = Console(file=io.StringIO())
    load_when_empty(db, (100, 1, LAST_DAY), "en", quiet)
    made = db.execute("select count(*) from document").fetchone()
    load_when_empty(db, (200, 2, LAST_DAY), "en", quiet)
    assert db.execute("select count(*) from document").fetchone() == made
    assert text("en", "demo-exists") in quiet.file.getvalue()


def test_an_empty_database_says_so(db: Any) -> None:
    assert text("ru", "demo-nothing") in page(db, "ru")


def test_demo_data_is_written_to_a_file(tmp_path: Any) -> None:
    out = tmp_path / "group.jsonl"
    assert run(["demo-data", "--documents", "50", "--seed", "9", "--out", str(out)]) == 0
    lines = out.read_bytes().splitlines()
    assert sum(b'"type":"sale"' in line for line in lines) > 5
    assert run(["demo-data", "--documents", "3"]) == 2


@pytest.mark.parametrize("last_day", [date(2026, 1, 1), date(2026, 11, 21), date(2028, 2, 29)])
def test_the_group_ends_on_any_day(last_day: date) -> None:
    days = [record.date for record in records(200, 1, last_day) if isinstance(record, Document)]
    assert last_day - timedelta(days=10) <= date.fromisoformat(max(days)) <= last_day
    assert min(days) == f"{last_day.year - 2}-12-31"
