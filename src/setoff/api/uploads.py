"""Bodies that are too large to hold: read in portions into a temporary file, with a limit and a hash.

`SETOFF_API_UPLOAD_BYTES_MAX` (default 1 GiB). Errors: request_too_large, request_unreadable.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from django.http import HttpRequest
from django.http.request import UnreadablePostError

from setoff.core.errors import DomainError, ErrorCode
from setoff.site.environment import environment

PORTION_BYTES: Final = 1 << 20
SUFFIXES: Final = {
    "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl",
    "application/json": ".json",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "text/plain": ".txt",
    "application/xml": ".xml",
    "text/xml": ".xml",
    "application/octet-stream": ".bin",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
"""The ending of the file by its media type: readers know the format by it."""


class Upload(NamedTuple):
    path: Path
    media_type: str
    digest: bytes


@contextmanager
def spooled(request: HttpRequest) -> Iterator[Upload]:
    """The body as a file, gone after the block."""
    limit = environment().api_upload_bytes_max
    media_type = (request.content_type or "").lower()
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(prefix="setoff-", suffix=SUFFIXES.get(media_type, "")) as file:
        while portion := _portion(request):
            size += len(portion)
            if size > limit:
                raise DomainError(ErrorCode.REQUEST_TOO_LARGE, limit=limit)
            digest.update(portion)
            file.write(portion)
        file.flush()
        yield Upload(Path(file.name), media_type, digest.digest())


def _portion(request: HttpRequest) -> bytes:
    try:
        return bytes(request.read(PORTION_BYTES))
    except UnreadablePostError as problem:
        raise DomainError(ErrorCode.REQUEST_UNREADABLE, reason=str(problem)) from None
