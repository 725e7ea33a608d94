"""A file of debts between others, uploaded for a round: read, and kept for who uploaded it until he says that it is to be added.

    POST /rounds/7/file/    the bad rows, or to the page that shows what adding it would do

The rows are kept in the cache that all workers share, under the hash of the file; another person does not find them.
"""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import polars as pl
from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from setoff.clearing.obligations import read_obligations
from setoff.clearing.rounds.queries import known_round, numbered_round
from setoff.core.errors import DomainError, ErrorCode
from setoff.intake.screen import fault_line
from setoff.pages.page import PageRequest, page, render

FAULTS_SHOWN: Final = 20
KEPT_SECONDS: Final = 24 * 3600
ENDINGS: Final = (".jsonl", ".ndjson")
NAME_MAX: Final = 120


@require_POST
@page("draft")
def upload(request: PageRequest, round_id: int) -> HttpResponse:
    """Errors: field_missing and those of clearing/obligations.py; bad rows are shown one by one."""
    known_round(request.books, numbered_round(request.books, round_id).code, request.rights, "draft")
    file = request.FILES.get("file")
    if file is None or isinstance(file, list):
        raise DomainError(ErrorCode.FIELD_MISSING, field="file")
    name = Path(str(file.name)).name[-NAME_MAX:]
    with TemporaryDirectory() as folder:
        ending = Path(name).suffix.lower()
        place = Path(folder) / f"debts{ending if ending in ENDINGS else '.csv'}"
        with place.open("wb") as copy:
            for part in file.chunks():
                copy.write(part)
        digest = hashlib.sha256(place.read_bytes()).hexdigest()
        read = read_obligations([place], name=name)
    if read.bad:
        lines = [fault_line(request.language, fault) for fault in read.faults[:FAULTS_SHOWN]]
        context = {"count": read.bad, "lines": lines, "back": reverse("pages:round", args=[round_id])}
        return render(request, "network-faults", context, status=422)
    kept = BytesIO()
    read.obligations.write_ipc(kept)
    cache.set(_name(request.rights.user_id, digest), kept.getvalue(), KEPT_SECONDS)
    query = urlencode({"file": digest, "name": name})
    return redirect(f"{reverse('pages:round-verb', args=[round_id, 'add'])}?{query}")


def file_debts(user_id: int, digest: str) -> pl.DataFrame:
    """The debts of a file that this person uploaded. Errors: unknown_reference."""
    kept = cache.get(_name(user_id, digest)) if digest.isalnum() else None
    if kept is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="file", value=digest, field="file")
    return pl.read_ipc(BytesIO(kept))


def _name(user_id: int, digest: str) -> str:
    return f"round-file-{user_id}-{digest}"


urlpatterns = [path("<int:round_id>/file/", upload, name="round-file")]
