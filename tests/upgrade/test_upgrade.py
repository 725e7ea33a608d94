"""Databases of released versions are taken over: their tables become those of this version, their books stay as they were.

`VERSION.*` are made by release.py when a version is released, and never changed afterwards.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from setoff import cli
from setoff.books.audit import Actor
from setoff.books.verify import verify
from setoff.core.errors import DomainError, ErrorCode
from setoff.settlements.checks import run_checks
from setoff.settlements.services import post_saved
from setoff.site import database
from tests.upgrade.catalog import catalog
from tests.upgrade.release import answers, migration_digests

HERE = Path(__file__).parent
RELEASES = sorted(path.name.removesuffix(".sql.gz") for path in HERE.glob("*.sql.gz"))


@contextmanager
def restored(server: str, version: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to a database of that version, as it was made then; in use within the block."""
    name = f"setoff_throwaway_{os.getpid()}_upgrade_{os.urandom(6).hex()}"
    with database.connect(server) as admin:
        database.create_database(admin, name)
        address = psycopg.conninfo.make_conninfo(server, dbname=name)
        try:
            with psycopg.connect(address, autocommit=True) as conn:
                conn.execute(gzip.decompress((HERE / f"{version}.sql.gz").read_bytes()))
            with database.using(address), database.connect() as conn:
                yield conn
        finally:
            admin.execute(f"drop database {name} with (force)")


def rows_of(answer: list[list[dict[str, Any]]], like: list[list[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    """The answer with the columns of the other: later versions may add some."""
    keys = {key for section in like for row in section for key in row}
    return [[{key: value for key, value in row.items() if key in keys} for row in section] for section in answer]


@pytest.mark.parametrize("version", RELEASES)
def test_a_database_of_that_version_is_taken_over(server: str, version: str) -> None:
    told = json.loads(gzip.decompress((HERE / f"{version}.json.gz").read_bytes()))
    with database.throwaway(), database.connect() as conn:
        fresh = catalog(conn)
    with restored(server, version) as conn:
        database.prepare()
        upgraded = catalog(conn)
        for name, lines in fresh.items():
            assert upgraded[name] == lines, name
        assert verify(conn) == []
        assert [(found.check.code, found.rows) for found in run_checks(conn) if found.rows and found.check.state == "error"] == []
        found = answers(conn, told["known_at"])
        for name, expected in told["answers"].items():
            assert rows_of(found[name], expected) == expected, name
        assert post_saved(conn, "o-draft", Actor("tester", "test")).document_id
        assert [found.check.code for found in run_checks(conn) if found.rows and found.check.state == "error"] == []


@pytest.mark.parametrize("version", RELEASES)
def test_what_databases_were_made_with_is_never_edited(version: str) -> None:
    """A change of tables is a new migration with a new file; an edited one would leave old databases behind."""
    released = json.loads((HERE / f"{version}.migrations.json").read_text(encoding="utf-8"))
    now = migration_digests()
    assert [name for name, digest in released.items() if now.get(name) != digest] == []


def test_the_files_of_a_release_are_complete() -> None:
    assert RELEASES[0] == "0.1.0"
    for version in RELEASES:
        assert (HERE / f"{version}.json.gz").exists()
        assert (HERE / f"{version}.migrations.json").exists()


def test_a_database_of_a_newer_version_is_left_alone(db: psycopg.Connection[Any], capsys: pytest.CaptureFixture[str]) -> None:
    db.execute("insert into django_migrations (app, name, applied) values ('settlements', '0999_later', now())")
    before = hashlib.sha256(repr(catalog(db)).encode()).digest()
    with pytest.raises(DomainError) as refused:
        database.prepare()
    assert refused.value.code is ErrorCode.DATABASE_NEWER
    assert refused.value.facts["migrations"] == "settlements/0999_later"
    assert cli.run(["check"]) == 1
    assert capsys.readouterr().err.startswith("database_newer: The database was made by a newer version of Setoff")
    assert hashlib.sha256(repr(catalog(db)).encode()).digest() == before


def test_the_migrations_of_a_database_are_those_of_the_files(db: psycopg.Connection[Any]) -> None:
    """Else a database of this very version would be taken for a newer one, or brought up to date for ever."""
    applied = {name for (name,) in db.execute("select app || '/' || name from django_migrations").fetchall()}
    assert applied == set(database.migrations())
