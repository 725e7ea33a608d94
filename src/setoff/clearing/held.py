"""Columns of millions of rows, in memory or in temporary files while nobody looks at them.

    Held.of(frame)                 a frame, as it is
    held.column("id")              a column, read where it stands in files
    held.put_away()                long columns are written to files, and memory is theirs no more
    Rows(held, at, height)(...)    neighbours of what is held, as a frame of the named columns; .parts(...): a part at a time

So a network is solved while its ids, numbers and dates wait in files, and a result is written without standing in memory. The files have
no name, hold what the obligations say, and are gone when the process ends, however it ends; they stand where temporary files do (TMPDIR).

`give_memory_back()` before polars is imported: what it and numpy let go is given back to the system at once, not kept for later.
"""

from __future__ import annotations

import ctypes
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Final, NamedTuple

from setoff.core.errors import DomainError, ErrorCode

if TYPE_CHECKING:
    import polars as pl

LONG: Final = 1 << 21
"""Rows; shorter columns are not worth a file."""
PIECE: Final = 1 << 19
"""Rows of a file, and of a part."""
ALLOCATOR: Final = "_RJEM_MALLOC_CONF"
THRESHOLD: Final = "MALLOC_MMAP_THRESHOLD_"
M_MMAP_THRESHOLD: Final = -3
MAPPED_FROM: Final = 1 << 20
"""Bytes of an array from which on it is a mapping of its own."""


def give_memory_back() -> None:
    """Unless whoever runs it has set it otherwise. Of glibc too, which would keep what large arrays leave behind, more of it every time."""
    os.environ.setdefault(ALLOCATOR, "dirty_decay_ms:0,muzzy_decay_ms:0")
    if sys.platform.startswith("linux") and THRESHOLD not in os.environ:
        limit = getattr(ctypes.CDLL(None), "mallopt", None)
        if limit is not None:  # another C library has none
            limit(M_MMAP_THRESHOLD, MAPPED_FROM)


class Shelf:
    """A file without a name, to which pieces of columns are added; gone with the last of them."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="setoff-")  # noqa: SIM115 - open as long as there are pieces in it
        self._end = 0

    def __del__(self) -> None:
        self._file.close()

    def add(self, content: bytes) -> tuple[int, int]:
        """Where it stands, and how long it is. Errors: file_unwritable."""
        try:
            self._file.seek(self._end)
            self._file.write(content)
        except OSError as problem:
            folder = tempfile.gettempdir()
            raise DomainError(ErrorCode.FILE_UNWRITABLE, file=folder, reason=problem.strerror or str(problem)) from problem
        self._end += len(content)
        return self._end - len(content), len(content)

    def read(self, at: int, size: int) -> bytes:
        self._file.seek(at)
        return self._file.read(size)


class Away(NamedTuple):
    """A piece of a column on a shelf: of what kind its values are, and how many."""

    shelf: Shelf
    at: int
    size: int
    kind: pl.DataType
    rows: int

    def __len__(self) -> int:
        return self.rows

    def read(self) -> pl.Series:
        import polars as pl

        column = pl.read_ipc(BytesIO(self.shelf.read(self.at, self.size))).to_series()
        return column.cat.to(self.kind) if isinstance(self.kind, pl.Enum) else column.cast(self.kind)


def away(column: pl.Series, shelf: Shelf) -> list[pl.Series | Away]:
    """In pieces. Categories, which are forgotten when no column in memory has them, become texts."""
    import polars as pl

    if isinstance(column.dtype, pl.Categorical):
        column = column.cast(pl.String)
    kind = column.dtype  # one for all pieces: an enumeration brings its texts with it
    found: list[pl.Series | Away] = []
    for at in range(0, len(column), PIECE):
        piece = column.slice(at, PIECE)
        written = BytesIO()
        pl.DataFrame([piece.to_physical()]).write_ipc(written, compression="uncompressed")
        found.append(Away(shelf, *shelf.add(written.getvalue()), kind, len(piece)))
    return found


Pieces = list["pl.Series | Away"]


class Held:
    """Columns of one height, each in pieces."""

    def __init__(self, columns: Mapping[str, Iterable[pl.Series | Away]], height: int) -> None:
        self.columns: dict[str, Pieces] = {name: list(pieces) for name, pieces in columns.items()}
        self.height = height

    @classmethod
    def of(cls, frame: pl.DataFrame) -> Held:
        return cls({column.name: [column] for column in frame}, frame.height)

    def column(self, name: str, at: int = 0, count: int | None = None) -> pl.Series:
        """`count` values of it from `at` on."""
        import polars as pl

        end = self.height if count is None else min(at + count, self.height)
        found: list[pl.Series] = []
        first = 0
        for piece in self.columns[name]:
            last = first + len(piece)
            if (first < end and last > at) or (not found and piece is self.columns[name][-1]):
                values = piece.read() if isinstance(piece, Away) else piece
                skipped = max(at - first, 0)
                found.append(values.slice(skipped, max(min(end, last) - first - skipped, 0)))
            first = last
        return (found[0] if len(found) == 1 else pl.concat(found)).alias(name)

    def take(self, name: str) -> pl.Series:
        """The column, which is held no more."""
        column = self.column(name)
        del self.columns[name]
        return column

    def put_away(self) -> None:
        """Of a few rows nothing."""
        if self.height < LONG:
            return
        shelf = Shelf()
        for name, pieces in self.columns.items():
            self.columns[name] = [part for piece in pieces for part in ([piece] if isinstance(piece, Away) else away(piece, shelf))]

    def frame(self, *names: str) -> pl.DataFrame:
        return Rows(self, 0, self.height)(*names)


class Rows(NamedTuple):
    """Neighbours of what is held."""

    held: Held
    at: int
    height: int

    @classmethod
    def of(cls, frame: pl.DataFrame) -> Rows:
        return cls(Held.of(frame), 0, frame.height)

    def __call__(self, *names: str) -> pl.DataFrame:
        """These columns; none named: all."""
        import polars as pl

        return pl.DataFrame([self.held.column(name, self.at, self.height) for name in names or self.held.columns])

    def parts(self, *names: str) -> Iterator[pl.DataFrame]:
        """The same, a part at a time."""
        end = self.at + self.height
        for at in range(self.at, end, PIECE):
            yield Rows(self.held, at, min(PIECE, end - at))(*names)
