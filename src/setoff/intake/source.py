"""Files as people have them: plain or gzip, JSON Lines or a table, in any of four encodings.

Errors: file_unreadable, encoding_unknown.
"""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, Literal, cast

import msgspec

from setoff.core.errors import DomainError, ErrorCode
from setoff.intake.encoding import ENCODINGS, recognise_encoding

Format = Literal["jsonl", "csv", "tsv", "psv", "xlsx"]

FORMATS: Final[dict[str, Format]] = {
    ".jsonl": "jsonl", ".json": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".txt": "csv", ".tsv": "tsv", ".tab": "tsv", ".psv": "psv",
    ".xlsx": "xlsx", ".xlsm": "xlsx", ".xlsb": "xlsx", ".xls": "xlsx", ".ods": "xlsx",
}
_CHUNK_BYTES: Final = 1 << 20
READ_ERRORS: Final = (OSError, EOFError, zlib.error)
"""What a broken or vanished file raises while it is read."""


@dataclass(slots=True)
class Source:
    """A file to read. `name` is how reports call it; `encoding` "" = recognise it."""

    path: Path
    name: str
    format: Format
    encoding: str = ""
    _raw: BinaryIO | None = field(default=None, init=False, repr=False)

    def size_bytes(self) -> int:
        return self.path.stat().st_size

    def read_bytes(self) -> int:
        """How much of the stored file is read by now, for a progress bar."""
        return self._raw.tell() if self._raw and not self._raw.closed else 0

    def codec(self) -> str:
        """The codec of the text. Errors: encoding_unknown, file_unreadable."""
        if not self.encoding:
            with self.open() as stream:
                self.encoding = recognise_encoding(iter(lambda: stream.read(_CHUNK_BYTES), b""), self.name)
        return self.encoding

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The bytes of the file, unpacked. Errors: file_unreadable, also while reading."""
        try:
            with self.path.open("rb") as raw:
                self._raw = raw
                yield cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if self.path.suffix.lower() == ".gz" else raw
        except READ_ERRORS as error:
            raise unreadable(self.name, error) from None

    def records(self) -> Iterator[bytes]:
        """The records of a file of JSON: its lines; of a .json file that is one value, that record or the items of that list."""
        suffixes = [suffix.lower() for suffix in self.path.suffixes if suffix.lower() != ".gz"]
        if suffixes[-1:] != [".json"]:
            yield from self.lines()
            return
        content = b"".join(self.lines())
        try:
            yield from map(bytes, msgspec.json.decode(content, type=list[msgspec.Raw]))
        except (msgspec.DecodeError, RecursionError):
            yield from [content] if is_json(content) else content.splitlines(keepends=True)

    def lines(self) -> Iterator[bytes]:
        """The lines of the file as UTF-8. A line that cannot be decoded stays as it is, for the reader to refuse."""
        codec = self.codec()
        with self.open() as stream:
            if codec == "utf-8-sig":
                for number, line in enumerate(stream):
                    yield line.removeprefix(codecs.BOM_UTF8) if number == 0 else line
            elif codec.startswith("utf-16"):
                with io.TextIOWrapper(stream, encoding=codec, errors="replace", newline="\n") as texts:
                    for text in texts:
                        yield b"\xff" if "\ufffd" in text else text.encode()
            else:
                for line in stream:
                    yield _as_utf8(line, codec)


def is_json(content: bytes) -> bool:
    """Whether all of it is one JSON value."""
    try:
        msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def source_of(path: Path, encoding: str = "") -> Source:
    """The source a path names. Errors: file_unreadable (missing, a folder, unknown ending), encoding_unknown."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    kind = FORMATS.get(suffixes[-1]) if suffixes else None
    if kind is None:
        raise DomainError(ErrorCode.FILE_UNREADABLE, file=str(path), reason=", ".join(sorted(FORMATS)))
    try:
        with path.open("rb"):
            return Source(path, path.name, kind, _checked_encoding(encoding, path.name))
    except OSError as error:
        raise unreadable(str(path), error) from None


def _checked_encoding(encoding: str, file: str) -> str:
    if not encoding:
        return ""
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        raise DomainError(ErrorCode.ENCODING_UNKNOWN, file=file, encodings=", ".join(ENCODINGS)) from None
    return "utf-8-sig" if name == "utf-8" else name


def unreadable(file: str, error: Exception) -> DomainError:
    reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    return DomainError(ErrorCode.FILE_UNREADABLE, file=file, reason=reason)


def _as_utf8(line: bytes, codec: str) -> bytes:
    try:
        return line.decode(codec).encode()
    except UnicodeDecodeError:
        return line
