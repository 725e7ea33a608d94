"""The file of a backup: a zip with `tables/NAME` for each table, as PostgreSQL's COPY writes it as text, and `manifest.json`.

The manifest comes last and names every member with its size, its rows and its sha256, the migrations that the database had and its
sequences; so a file says by itself which version can read it and whether it is whole. The sha256 of the manifest is the backup's
fingerprint: whoever wrote it down elsewhere can tell that the file is that one. A file appears under its name only when it is
complete and on the disk. It holds the books and the hashes of passwords: only its owner may read it.

Errors: backup_unwritable, backup_damaged.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, Literal, NoReturn

import msgspec

from setoff.core.errors import DomainError, ErrorCode

MANIFEST: Final = "manifest.json"
LEVEL: Final = 3
"""Of deflate: a quarter of the size at a hundred megabytes a second; six takes thrice as long for a tenth less."""
PIECE_BYTES: Final = 1 << 20
MANIFEST_BYTES_MAX: Final = 64 << 20
FORMAT: Final = 1

Progress = Callable[[int], None]
"""Told how many more bytes are done."""


class Table(msgspec.Struct, frozen=True):
    name: str
    columns: list[str]
    rows: int
    size_bytes: int
    sha256: str

    @property
    def member(self) -> str:
        return f"tables/{self.name}"


class Sequence(msgspec.Struct, frozen=True):
    name: str
    last_value: int
    is_called: bool


class Manifest(msgspec.Struct, frozen=True):
    """`made_at` is the instant of the snapshot. `is_exact`: nothing was being posted at that instant, so the backup holds precisely
    what reports as known at that instant say. `migrations` are "app/name"."""

    setoff: str
    made_at: str
    is_exact: bool
    server_version: int
    migrations: list[str]
    tables: list[Table]
    sequences: list[Sequence]
    left_out: list[str]
    format: Literal[1] = FORMAT

    @property
    def size_bytes(self) -> int:
        return sum(table.size_bytes for table in self.tables)

    def rows(self, name: str) -> int:
        """Rows of a table; 0 when it is not in the backup."""
        return next((table.rows for table in self.tables if table.name == name), 0)


def encoded(manifest: Manifest) -> bytes:
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1)


class Writer:
    """A backup being written. Tables first, then `finish`. Use as a context."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL)
        self.tables: list[Table] = []

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *problem: object) -> None:
        with contextlib.suppress(*((OSError, ValueError) if any(problem) else ())):
            self._zip.close()

    def table(self, name: str, columns: list[str], rows: Iterable[bytes | bytearray | memoryview], progress: Progress) -> None:
        """Write a member from the rows of a COPY, one row each."""
        digest, count, size = hashlib.sha256(), 0, 0
        with self._zip.open(f"tables/{name}", "w", force_zip64=True) as member:
            piece = bytearray()
            for row in rows:
                piece += row
                count += 1
                if len(piece) >= PIECE_BYTES:
                    size += _put(member, piece, digest, progress)
            size += _put(member, piece, digest, progress)
        self.tables.append(Table(name, columns, count, size, digest.hexdigest()))

    def finish(self, manifest: Manifest) -> str:
        """The fingerprint."""
        content = encoded(manifest)
        self._zip.writestr(MANIFEST, content)
        return hashlib.sha256(content).hexdigest()


def _put(member: IO[bytes], piece: bytearray, digest: hashlib._Hash, progress: Progress) -> int:
    size = len(piece)
    digest.update(piece)
    member.write(piece)
    piece.clear()
    progress(size)
    return size


@contextmanager
def appearing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write that gets its name when the block is done and everything is on the disk; else nothing is left of it.
    Errors: backup_unwritable."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        descriptor = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        finally:
            with contextlib.suppress(FileNotFoundError):  # it has its name
                unfinished.unlink()
        _sync_folder(path.parent)
    except OSError as problem:
        raise DomainError(ErrorCode.BACKUP_UNWRITABLE, file=str(path), reason=problem.strerror or str(problem)) from problem


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Archive:
    """A backup that is read. `manifest` is known at once; `check` reads everything. Use as a context."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
            if self._zip.getinfo(MANIFEST).file_size > MANIFEST_BYTES_MAX:
                self.refuse("the manifest is too large")
            content = self._zip.read(MANIFEST)
            self.manifest = msgspec.json.decode(content, type=Manifest)
        except OSError as problem:
            self.refuse(problem.strerror or str(problem))
        except (zipfile.BadZipFile, KeyError, zlib.error, EOFError, NotImplementedError, RuntimeError, msgspec.DecodeError) as problem:
            self.refuse(f"this is no backup of Setoff ({problem})")
        self.fingerprint = hashlib.sha256(content).hexdigest()

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_problem: object) -> None:
        self._zip.close()

    def check(self, progress: Progress) -> None:
        """Every member is there and is what the manifest says, and there is no other. Errors: backup_damaged."""
        expected = {table.member for table in self.manifest.tables} | {MANIFEST}
        found = self._zip.namelist()
        if len(found) != len(set(found)) or set(found) != expected:
            self.refuse(f"its members are not those of the manifest: {', '.join(sorted(expected ^ set(found))[:5])}")
        for table in self.manifest.tables:
            for piece in self.pieces(table):
                progress(len(piece))

    def pieces(self, table: Table) -> Iterator[bytes]:
        """The member's content; when all of it has been taken, it was what the manifest says. Errors: backup_damaged."""
        digest, size = hashlib.sha256(), 0
        try:
            with self._zip.open(table.member) as member:
                while piece := member.read(PIECE_BYTES):
                    digest.update(piece)
                    size += len(piece)
                    if size > table.size_bytes:
                        break
                    yield piece
        except (OSError, zipfile.BadZipFile, KeyError, zlib.error, EOFError, NotImplementedError, RuntimeError) as problem:
            self.refuse(f"{table.member}: {problem}")
        if (size, digest.hexdigest()) != (table.size_bytes, table.sha256):
            self.refuse(f"{table.member} is not what was backed up")

    def refuse(self, reason: str) -> NoReturn:
        raise DomainError(ErrorCode.BACKUP_DAMAGED, file=str(self.path), reason=reason)
