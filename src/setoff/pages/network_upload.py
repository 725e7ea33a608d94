"""A file of obligations between any parties, to look at: read, merged, kept for who uploaded it. Nothing reaches the books."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from setoff.clearing.obligation_networks import networks_of
from setoff.clearing.obligations import read_obligations
from setoff.core.errors import DomainError, ErrorCode
from setoff.intake.screen import fault_line
from setoff.pages.network_kept import keep_networks
from setoff.pages.page import PageRequest, page, render

FAULTS_SHOWN: Final = 20
ENDINGS: Final = (".jsonl", ".ndjson", ".json")


@require_POST
@page("read")
def upload(request: PageRequest) -> HttpResponse:
    """To the page of the file's network, or the rows that cannot be right. Errors: field_missing and those of clearing/obligations.py."""
    file = request.FILES.get("file")
    if file is None:
        raise DomainError(ErrorCode.FIELD_MISSING, field="file")
    with TemporaryDirectory() as folder:
        ending = Path(str(file.name)).suffix.lower()
        place = Path(folder) / f"obligations{ending if ending in ENDINGS else '.csv'}"
        with place.open("wb") as copy:
            for part in file.chunks():
                copy.write(part)
        read = read_obligations([place], name=Path(str(file.name)).name)
    if read.bad:
        lines = [fault_line(request.language, fault) for fault in read.faults[:FAULTS_SHOWN]]
        return render(request, "network-faults", {"count": read.bad, "lines": lines}, status=422)
    name = keep_networks(request.rights.user_id, networks_of(read.obligations))
    return redirect(f"{reverse('pages:network')}?file={name}")
