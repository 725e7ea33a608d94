"""The drill: back up while people post and import, lose everything, restore, and prove that it is what it was."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from setoff import cli
from setoff.books.verify import verify
from setoff.reports.ask import ask
from setoff.reports.files import render_json
from setoff.settlements.checks import run_checks
from setoff.settlements.services import post_document
from setoff.site import database
from setoff.site.backup.archive import Archive
from setoff.site.backup.restore import TABLES_SQL
from tests.reports.story import ACTOR, payment
from tests.settlements.poster import Posters, wait_until_alone
from tests.upgrade.catalog import catalog

Db = psycopg.Connection[Any]
QUESTIONS: dict[str, dict[str, list[str]]] = {
    "turnover-balance": {"group-by": ["unit,counterparty,contract,object"]},
    "statement": {"group-by": ["counterparty,contract,document"]},
    "ageing": {"group-by": ["counterparty,document"]},
    "postings": {},
    "journal": {},
    "contour-difference": {},
}


def told(conn: Db, known_at: str = "") -> dict[str, list[Any]]:
    """The rows of the reports."""
    found = {}
    for name, options in QUESTIONS.items():
        given = {**options, "known-at": [known_at]} if known_at else options
        content = json.loads(render_json(ask(conn, name, as_of="2026-12-31", options=given), "en"))
        found[name] = [section["rows"] for section in content["sections"]]
    return found


def test_backed_up_under_load_wiped_and_restored(books: Db, posters: Posters, tmp_path: Path) -> None:
    file = tmp_path / "books.backup.zip"
    fresh = catalog(books)
    workers = [posters.start(work="post", seed=seed, prefix=f"w{seed}", count=None) for seed in (1, 2, 3)]
    importer = posters.start(work="import", seed=4, prefix="i4", count=300)
    for worker in workers:
        posters.wait_for(begins=worker)
        posters.wait_for_more("key")

    assert cli.run(["backup", str(file)]) == 0

    posters.wait_for_more("key")  # they go on
    posters.wait_for(imported="i4")
    for process in (*workers, importer):
        os.kill(process, signal.SIGKILL)
    wait_until_alone(books)
    with Archive(file) as archive:
        known_at = archive.manifest.made_at
        assert archive.manifest.is_exact
        assert archive.manifest.rows("document") > len(QUESTIONS)
    expected = told(books, known_at)
    assert expected != told(books), "nothing was posted since"
    chain = books.execute("select unit_id, sequence, hash from seal order by 1, 2").fetchall()
    name = books.info.dbname
    wipe(name)

    assert cli.run(["restore", str(file)]) == 0

    with database.connect() as conn:
        assert conn.info.dbname == name
        assert told(conn) == expected
        assert conn.execute("select unit_id, sequence, hash from seal order by 1, 2").fetchall() == chain
        assert verify(conn) == []
        assert [found.check.code for found in run_checks(conn) if found.rows and found.check.state == "error"] == []
        restored = catalog(conn)
        for part, lines in fresh.items():
            assert restored[part] == lines, part
        post_document(conn, payment("2025-06-01", "after", "10.00"), ACTOR)
        assert conn.execute("select verb, author from audit where verb = 'restore'").fetchone() is not None


def wipe(name: str) -> None:
    """The disk is gone: the database is not there any more."""
    with database.connect(psycopg.conninfo.make_conninfo(database.url(), dbname="postgres")) as admin:
        admin.execute(f"drop database {name} with (force)")
        database.create_database(admin, name)


def test_the_restored_database_takes_up_where_it_was(books: Db, tmp_path: Path) -> None:
    """Numbers, ids and everything else that counts goes on."""
    file = tmp_path / "books.backup.zip"
    assert post_document(books, payment("2025-06-01", "", "10.00"), ACTOR).number == "000001"
    assert cli.run(["backup", str(file)]) == 0
    before = rows(books)
    assert cli.run(["restore", "--replace", str(file)]) == 0
    with database.connect() as conn:
        after = rows(conn)
        assert {name for name in before if before[name] != after[name]} <= {"audit", "django_migrations"}
        (newest,) = conn.execute("select max(id) from document").fetchone() or (0,)
        later = post_document(conn, payment("2025-06-01", "", "10.00"), ACTOR)
        assert later.number == "000002"
        assert later.document_id > newest


def rows(conn: Db) -> dict[str, list[str]]:
    tables = [name for (name,) in conn.execute(TABLES_SQL).fetchall()]
    return {name: sorted(row for (row,) in conn.execute(f"select t::text from {name} t")) for name in tables}


@pytest.mark.parametrize("version", ["0.1.0"])
def test_a_backup_of_an_earlier_version_is_restored_and_brought_up_to_date(server: str, version: str, tmp_path: Path) -> None:
    from setoff.site.backup.dump import write_backup
    from tests.upgrade.test_upgrade import restored

    file = tmp_path / "old.backup.zip"
    with restored(server, version) as old:
        written = write_backup(old, file, lambda _done: None)
        assert "settlements/0004_bases" in written.manifest.migrations
        expected = old.execute("select count(*), sum(amount) from posting").fetchone()
    with database.throwaway(), database.connect() as conn:
        fresh, name = catalog(conn), conn.info.dbname
        assert cli.run(["restore", str(file)]) == 0
        with database.connect() as new:
            assert new.info.dbname == name
            assert new.execute("select count(*), sum(amount) from posting").fetchone() == expected
            assert verify(new) == []
            upgraded = catalog(new)
            for part, lines in fresh.items():
                assert upgraded[part] == lines, part
