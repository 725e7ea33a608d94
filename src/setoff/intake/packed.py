"""A spreadsheet is an archive: how much is in it is found by unpacking it, before a reader takes all of it into memory.

What an archive says of its own sizes is not believed. Errors: file_unreadable.
"""

from __future__ import annotations

import zlib
from typing import BinaryIO, Final
from zipfile import BadZipFile, ZipFile, is_zipfile

from setoff.core.errors import DomainError, ErrorCode

MEMBERS_MAX: Final = 10_000
UNPACKED_BYTES_MAX: Final = 1 << 30
"""A sheet of a million rows is some hundred megabytes."""
_PIECE_BYTES: Final = 1 << 20


def check_packed(stream: BinaryIO, file: str) -> None:
    """The archive unpacks to no more than a reader can take; also what is no archive passes. The stream is at its beginning again."""
    try:
        if is_zipfile(stream):
            stream.seek(0)
            with ZipFile(stream) as archive:
                _check(archive, file)
    except (BadZipFile, EOFError, NotImplementedError, RuntimeError, zlib.error) as problem:
        raise DomainError(ErrorCode.FILE_UNREADABLE, file=file, reason=str(problem)) from None
    stream.seek(0)


def _check(archive: ZipFile, file: str) -> None:
    members = archive.infolist()
    if len(members) > MEMBERS_MAX:
        raise DomainError(ErrorCode.FILE_UNREADABLE, file=file, reason=f"{len(members)} > {MEMBERS_MAX}")
    left = UNPACKED_BYTES_MAX
    for member in members:
        with archive.open(member) as content:
            while piece := content.read(_PIECE_BYTES):
                left -= len(piece)
                if left < 0:
                    raise DomainError(ErrorCode.FILE_UNREADABLE, file=file, reason=f"> {UNPACKED_BYTES_MAX} bytes")
