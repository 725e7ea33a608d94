"""What a backup and a restore promise when something is wrong: the file, the disk, the database, the version."""

from __future__ import annotations

import json
import os
import stat
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from setoff import cli
from setoff.core.errors import DomainError, ErrorCode
from setoff.site import database
from setoff.site.backup import dump, restore
from setoff.site.backup.archive import MANIFEST, Archive, appearing
from tests.reports.story import ACTOR

Db = psycopg.Connection[Any]


def quiet(_done: int) -> None:
    """Nobody watches."""


@pytest.fixture
def file(books: Db, tmp_path: Path) -> Path:
    path = tmp_path / "books.backup.zip"
    dump.write_backup(books, path, quiet)
    return path


def changed(file: Path, name: str, content: bytes | None, manifest: dict[str, Any] | None = None) -> Path:
    """A copy with one member replaced (None: left out) and fields of the manifest changed."""
    out = file.with_name("changed.zip")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            found = old.read(member)
            if member == name:
                found = content if content is not None else b""
                if content is None:
                    continue
            if member == MANIFEST and manifest:
                found = json.dumps({**json.loads(found), **manifest}).encode()
            new.writestr(member, found)
        if name not in old.namelist() and content is not None:
            new.writestr(name, content)
    return out


def databases_of_ours(conn: Db) -> list[Any]:
    """Without those that another process of the run makes and drops meanwhile."""
    query = "select datname from pg_database where not starts_with(datname, 'setoff_throwaway_') or starts_with(datname, %s) order by 1"
    return conn.execute(query, [f"setoff_throwaway_{os.getpid()}_"]).fetchall()


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The code with which a command refuses."""
    assert cli.run(list(arguments)) == 1
    return capsys.readouterr().err.partition(":")[0]


def test_every_table_is_in_it_but_sessions(books: Db, file: Path) -> None:
    with Archive(file) as archive:
        found = archive.manifest
    tables = {name for (name,) in books.execute(restore.TABLES_SQL)}
    assert {table.name for table in found.tables} | (set(found.left_out) & tables) == tables
    assert not {table.name for table in found.tables} & set(found.left_out)
    assert found.rows("document") == 10
    assert {sequence.name for sequence in found.sequences} >= {"document_id_seq", "version_id_seq", "audit_id_seq"}


def test_only_its_owner_may_read_it(file: Path) -> None:
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_whole_backup_is_told_and_proved(books: Db, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = databases_of_ours(books)
    assert cli.run(["verify", str(file)]) == 0
    assert "The backup is whole" in capsys.readouterr().out
    assert cli.run(["verify", str(file), "--restoring"]) == 0
    assert "It can be restored, and what was closed is as it was closed: 10 documents." in capsys.readouterr().out
    assert databases_of_ours(books) == before


def test_a_row_altered_before_the_backup_is_found_by_restoring_it(books: Db, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    books.execute("set session_replication_role = replica")
    books.execute("update posting set amount = amount + 1 where (unit_id, document_id, line) in "
                  "(select unit_id, document_id, line from posting order by moment limit 1)")  # fmt: skip
    dump.write_backup(books, tmp_path / "altered.zip", quiet)
    assert cli.run(["verify", str(tmp_path / "altered.zip")]) == 0
    assert cli.run(["verify", str(tmp_path / "altered.zip"), "--restoring"]) == 1
    assert "altered: posting" in capsys.readouterr().out


def test_a_damaged_backup_is_refused_before_anything_is_changed(books: Db, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile(file) as whole:
        rows = whole.read("tables/posting")
        manifest = json.loads(whole.read(MANIFEST))
    fewer = [{**table, "rows": table["rows"] - 1} if table["name"] == "lot" else table for table in manifest["tables"]]
    bad = {
        "a row altered": changed(file, "tables/posting", rows.replace(b"1", b"2", 1)),
        "a member cut": changed(file, "tables/posting", rows[:-20]),
        "a member longer": changed(file, "tables/posting", rows + rows),
        "a member missing": changed(file, "tables/posting", None),
        "a member too many": changed(file, "tables/other", b"1\n"),
        "no manifest": changed(file, MANIFEST, None),
        "a manifest of something else": changed(file, MANIFEST, b'{"format": 7}'),
    }
    for what, path in bad.items():
        with pytest.raises(DomainError) as refused, Archive(rebuilt(path, what)) as archive:
            archive.check(quiet)
        assert refused.value.code is ErrorCode.BACKUP_DAMAGED, what
    cut = file.with_name("cut.zip")
    cut.write_bytes(file.read_bytes()[:-1000])
    assert refusal(capsys, "verify", str(cut)) == "backup_damaged"
    cut.write_bytes(b"no zip at all")
    assert refusal(capsys, "restore", "--replace", str(cut)) == "backup_damaged"
    assert refusal(capsys, "verify", str(file.with_name("absent.zip"))) == "backup_damaged"
    miscounted = changed(file, "", None, {"tables": fewer})
    assert refusal(capsys, "restore", "--replace", str(miscounted)) == "backup_damaged"
    assert books.execute("select count(*) from document").fetchone() == (10,)


def rebuilt(path: Path, what: str) -> Path:
    """`changed` writes one name; each case needs its own content, so it is made and checked in turn."""
    target = path.with_name(f"{what.replace(' ', '-')}.zip")
    target.write_bytes(path.read_bytes())
    return target


def test_a_damaged_piece_is_found_by_its_checksum(file: Path) -> None:
    content = bytearray(file.read_bytes())
    with zipfile.ZipFile(file) as members:
        largest = max(members.infolist(), key=lambda member: member.compress_size)
    header = content[largest.header_offset : largest.header_offset + 30]
    begins = largest.header_offset + 30 + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    content[begins + largest.compress_size // 2] ^= 0xFF
    flipped = file.with_name("flipped.zip")
    flipped.write_bytes(content)
    with pytest.raises(DomainError) as refused, Archive(flipped) as archive:
        archive.check(quiet)
    assert refused.value.code is ErrorCode.BACKUP_DAMAGED


def test_a_backup_of_a_newer_version_is_refused(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    newer = changed(file, "", None, {"migrations": ["settlements/0999_later"]})
    assert refusal(capsys, "restore", "--replace", str(newer)) == "backup_newer"


def test_a_database_with_records_is_not_replaced_unasked(books: Db, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    books.execute("create table witness (value int)")
    assert refusal(capsys, "restore", str(file)) == "database_not_empty"
    assert books.execute("select count(*) from witness").fetchone() == (0,)
    assert cli.run(["restore", "--replace", str(file)]) == 0
    kept = f"{books.info.dbname}_before_restore"
    assert f"The former database is kept as {kept}." in capsys.readouterr().out
    with database.connect(psycopg.conninfo.make_conninfo(database.url(), dbname=kept)) as former:
        assert former.execute("select count(*) from witness").fetchone() == (0,)
    with database.connect() as now:
        assert now.execute("select to_regclass('witness')").fetchone() == (None,)
    assert cli.run(["restore", "--replace", str(file)]) == 0  # the one kept before makes room


def test_a_restore_that_fails_half_way_leaves_everything_as_it_was(books: Db, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_arguments: Any, **_options: Any) -> None:
        raise psycopg.OperationalError("the disk is gone")

    monkeypatch.setattr(restore, "_copy", lost)
    before = databases_of_ours(books)
    assert cli.run(["restore", "--replace", str(file)]) == 1
    assert databases_of_ours(books) == before
    assert books.execute("select count(*) from document").fetchone() == (10,)


def test_a_backup_that_fails_leaves_the_earlier_one(books: Db, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = file.read_bytes()

    def full(*_arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(dump, "_copy", full)
    with pytest.raises(DomainError) as refused:
        dump.write_backup(books, file, quiet)
    assert refused.value.code is ErrorCode.BACKUP_UNWRITABLE
    assert refused.value.facts["reason"] == "No space left on device"
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_folder_that_is_not_there(books: Db, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refusal(capsys, "backup", str(tmp_path / "absent" / "file.zip")) == "backup_unwritable"


def test_a_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with appearing(path) as file:
        file.write(b"1")
        assert not path.exists()
    assert path.read_bytes() == b"1"


def test_so_many_backups_of_a_folder_stay(books: Db, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    old = [folder / dump.name_of(datetime(2025, 1, day, 12, tzinfo=UTC)) for day in (3, 1, 2)]
    for path in old:
        path.touch()
    (folder / "mine.zip").touch()
    assert cli.run(["backup", str(folder), "--keep", "2"]) == 0
    assert f"Removed: {old[1]}" in capsys.readouterr().out
    kept = sorted(path.name for path in folder.iterdir())
    assert kept[0] == "mine.zip" and kept[1] == old[0].name and len(kept) == 3
    with Archive(folder / kept[2]) as archive:
        archive.check(quiet)
    assert refusal(capsys, "backup", str(folder / "one.zip"), "--keep", "2") == "invalid_value"


def test_a_long_import_does_not_keep_a_backup_waiting(books: Db, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dump, "LOCK_WAIT", "20ms")
    monkeypatch.setattr(dump, "TRY_SECONDS", 0.01)
    with database.connect() as other, other.transaction():
        other.execute("select pg_advisory_xact_lock(id) from unit")
        written = dump.back_up(tmp_path / "file.zip", ACTOR, quiet)
    assert not written.manifest.is_exact
    assert written.manifest.rows("document") == 10
    assert dump.back_up(tmp_path / "file.zip", ACTOR, quiet).manifest.is_exact


def test_who_may_not_create_databases_is_told(books: Db, file: Path, server: str, capsys: pytest.CaptureFixture[str]) -> None:
    role = f"clerk_{os.urandom(4).hex()}"
    books.execute(f"create role {role} login")
    books.execute(f"grant select on all tables in schema public to {role}")
    try:
        address = psycopg.conninfo.make_conninfo(database.url(), user=role)
        with database.using(address):
            assert refusal(capsys, "restore", "--replace", str(file)) == "database_right_missing"
    finally:
        books.execute(f"drop owned by {role}")
        books.execute(f"drop role {role}")
