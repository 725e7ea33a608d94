"""The embedded server, preparing it, and the databases of tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from setoff.core.errors import DomainError, ErrorCode
from setoff.site import database
from setoff.site.data_folder import data_folder

Db = psycopg.Connection[Any]


def test_a_fresh_database_has_the_tables_and_no_rows(db: Db) -> None:
    assert db.execute("select count(*) from document").fetchone() == (0,)
    assert db.execute("select count(*) > 100 from account").fetchone() == (True,)


def test_connect_and_django_and_children_reach_the_database_of_the_test(db: Db) -> None:
    name = db.info.dbname
    with database.connect() as other:
        assert other.info.dbname == name
        assert other.autocommit is True
    database.setup_django()
    with connection.cursor() as cursor:
        cursor.execute("select current_database()")
        assert cursor.fetchone() == (name,)
    connection.close()
    program = "from setoff.site import database; print(database.connect().info.dbname)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip() == name


def test_a_session_is_in_utc(db: Db) -> None:
    assert db.execute("show timezone").fetchone() == ("UTC",)


def test_texts_sort_by_code_point_on_every_machine(db: Db) -> None:
    rows = db.execute("select name from (values ('б'), ('a'), ('Б'), ('B')) as names(name) order by name").fetchall()
    assert [name for (name,) in rows] == ["B", "a", "Б", "б"]
    assert db.execute("select lower('ВЕГА')").fetchone() == ("вега",)


def test_preparing_twice_changes_nothing(db: Db) -> None:
    database.prepare()
    before = db.execute("select count(*), max(applied) from django_migrations").fetchone()
    db.rollback()
    database.prepare()
    assert db.execute("select count(*), max(applied) from django_migrations").fetchone() == before


def test_two_processes_may_prepare_one_empty_database_at_once(server: str) -> None:
    with database.connect(server) as admin:
        name = f"setoff_throwaway_{os.getpid()}_empty"
        admin.execute(f"create database {name} template template0")
        address = psycopg.conninfo.make_conninfo(server, dbname=name)
        with database.using(address):
            command = [sys.executable, "-c", "from setoff.site import database; database.prepare()"]
            started = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
            assert [(process.communicate()[1], process.returncode) for process in started] == [("", 0), ("", 0)]
            with database.connect() as conn:
                assert conn.execute("select count(*) from posting").fetchone() == (0,)
        admin.execute(f"drop database {name}")


def test_an_unreachable_database_is_told_without_its_password(server: str) -> None:
    with pytest.raises(DomainError) as refused:
        database.connect("postgresql://someone:secret@127.0.0.1:1/books")
    assert refused.value.code is ErrorCode.DATABASE_UNREACHABLE
    assert refused.value.facts["address"] == "127.0.0.1/books"
    assert "secret" not in str(refused.value)


def test_the_migrations_are_those_of_the_models(db: Db) -> None:
    database.setup_django()
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
    connection.close()


def test_a_locale_that_the_system_does_not_have_does_not_matter(tmp_path: Path) -> None:
    program = "from setoff.site import database; database.prepare(); print(database.connect().info.dbname)"
    environment = {**os.environ, "SETOFF_DATA_DIR": str(tmp_path), "LANG": "xx_XX.UTF-8", "LC_ALL": ""}
    environment.pop("SETOFF_DATABASE_URL", None)
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert (run.stdout.strip(), run.stderr) == ("setoff", "")


@pytest.mark.parametrize("address", ["nonsense", "http://example.com", "postgresql://[::1"])
def test_what_is_no_address_is_told(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETOFF_DATABASE_URL", address)
    with pytest.raises(DomainError) as refused:
        database.connect()
    assert refused.value.code is ErrorCode.DATABASE_UNREACHABLE


def test_a_data_folder_that_cannot_be_made_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("SETOFF_DATA_DIR", str(tmp_path / "file" / "data"))
    with pytest.raises(DomainError) as refused:
        data_folder()
    assert refused.value.code is ErrorCode.DATABASE_UNREACHABLE
