"""Records from files: tried first, with what would change, then taken in; refused rows wait on their page.

/import/    the files as `setoff import` takes them, all of them one import; a table needs a mapping, which may be proposed, kept or written

The answer is put under the form, so that the files stay chosen between the trial and the import. While it runs, how far it is stands in
the cache that all workers share, and the page asks for it. Rights are those of the API: rows of units where the person may not write are
refused.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from django.core.cache import cache
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.intake.encoding import ENCODINGS
from setoff.intake.files import Files
from setoff.intake.guess import guess_mapping
from setoff.intake.load import How, Loaded, Reports, load_files
from setoff.intake.mapping import Mapping, kept_mappings, load_mapping, parse_mapping
from setoff.intake.permitted import PermittedFiles
from setoff.intake.rows import RowFault, SkippedRow
from setoff.intake.said import SaidDocument
from setoff.intake.screen import fault_line, reason_text, reconciled_lines, sums
from setoff.intake.source import Source, source_of
from setoff.language import Language, text
from setoff.pages.changes import ChangedDocument, first_changed
from setoff.pages.page import PageRequest, page, render
from setoff.site.environment import environment

SHOWN_MAX: Final = 50
"""Refused rows, and documents of a trial, that the answer tells; all are counted."""
KEPT_SECONDS: Final = 3600
TOLD_SECONDS: Final = 0.5
"""How often a run says how far it is."""
RUN_BYTES: Final = 16
LETTERS_MAX: Final = 40
OWN_MAPPING: Final = "mapping.toml"


class Told(NamedTuple):
    """What came of a run. `lines`: counts and sums in words; `said`: of a trial, the first documents, `changed`: what new rates change."""

    is_trial: bool
    keeps_good: bool
    loaded: Loaded
    lines: list[str]
    faults: list[str]
    skipped: list[str]
    said: list[SaidDocument]
    changed: list[ChangedDocument]


class HowFar(NamedTuple):
    """Of a run: rows that were read, and the share of the files; `is_read`: what is left is posting and comparing."""

    rows: int
    percent: int
    is_read: bool


@page("read")
def index(request: PageRequest) -> HttpResponse:
    require_right(request)
    return shown(request)


def shown(request: PageRequest, **found: Any) -> HttpResponse:
    """The form, and under it what came of it; of a refusal, why."""
    refusal = found.get("refusal")
    context = {
        "mappings": kept_mappings(),
        "encodings": ENCODINGS,
        "limit": environment().upload_mib_max,
        "run": secrets.token_hex(RUN_BYTES),
        "given": request.POST,
        **found,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK
    return render(request, "parts/import-result" if request.htmx else "import", context, status=status)


@require_POST
@page("read")
def run(request: PageRequest) -> HttpResponse:
    """Try the files, take them in, or propose a mapping of the first table."""
    require_right(request)
    try:
        with TemporaryDirectory() as folder:
            sources = list(uploaded(request, Path(folder)))
            if request.POST.get("action") == "guess":
                tables = [source for source in sources if source.format != "jsonl"]
                return shown(request, proposed=guess_mapping((tables or sources)[0], request.language))
            return shown(request, told=taken_in(request, sources))
    except DomainError as refusal:
        return shown(request, refusal=refusal)


@page("read")
def progress(request: PageRequest) -> HttpResponse:
    """How far a run of this person is."""
    far = cache.get(run_name(request, request.GET.get("run", "")))
    return render(request, "parts/import-progress", {"far": HowFar(*far) if far else None})


def require_right(request: PageRequest) -> None:
    """Who may draft somewhere may import, and an administrator. Errors: not_permitted."""
    if not request.rights.units_with("draft") and not request.rights.is_administrator:
        raise DomainError(ErrorCode.NOT_PERMITTED, right="draft", unit="*")


def uploaded(request: PageRequest, folder: Path) -> Iterator[Source]:
    """The files, put into the folder, by the names that people know them by. Errors: field_missing, file_unreadable, encoding_unknown."""
    files: list[UploadedFile[Any]] = request.FILES.getlist("files")
    if not files:
        raise DomainError(ErrorCode.FIELD_MISSING, field="files")
    named: dict[str, int] = {}
    for number, file in enumerate(files):
        name = Path(str(file.name)).name
        place = folder / f"{number}-{name[-LETTERS_MAX:]}"
        with place.open("wb") as copy:
            copy.writelines(file.chunks())
        try:
            source = source_of(place, request.POST.get("text_encoding", ""))
        except DomainError as refusal:
            raise DomainError(refusal.code, **{**refusal.facts, "file": name}) from None
        named[name] = named.get(name, 0) + 1
        source.name = name if named[name] == 1 else f"{name} ({named[name]})"
        yield source


def mapping_of(request: PageRequest) -> Mapping | None:
    """What stands in the field, else the one that was chosen. Errors: mapping_invalid, invalid_value."""
    written, chosen = request.POST.get("mapping_text", "").strip(), request.POST.get("mapping", "")
    if written:
        return parse_mapping(written, OWN_MAPPING)
    if chosen and chosen not in kept_mappings():
        raise DomainError(ErrorCode.INVALID_VALUE, field="mapping", value=chosen[:LETTERS_MAX], expected=", ".join(kept_mappings()))
    return load_mapping(chosen) if chosen else None


def taken_in(request: PageRequest, sources: list[Source]) -> Told:
    """One import of these files, or its trial. Errors: those of files and mappings."""
    is_trial = request.POST.get("action") != "import"
    skipped: dict[tuple[str, str], int] = {}
    reports = Reports(lambda found: _count_skipped(skipped, found))
    files = PermittedFiles(sources, mapping_of(request), reports, rights=request.rights)
    flags = {name: request.POST.get(name) == "yes" for name in ("keep_good_rows", "consent", "fill_contracts")}
    how = How(**flags, dry_run=is_trial, tell_max=SHOWN_MAX if is_trial else 0)
    actor = Actor(request.rights.login, "page")
    name = run_name(request, request.POST.get("run", ""))
    loaded = load_files(request.books, files, reports, actor, how, progress=telling(name, files))
    cache.delete(name)
    changed, _count = first_changed(request.books, loaded.changes, request.language)
    return Told(
        is_trial, how.keep_good_rows, loaded, list(summary_lines(request.language, loaded, files)),
        [fault_line(request.language, found) for found in reports.faults[:SHOWN_MAX]],
        [
            text(request.language, "import-page-skipped", count=count, file=file, reason=reason_text(request.language, reason))
            for (file, reason), count in skipped.items()
        ],
        list(loaded.said), changed,
    )  # fmt: skip


def _count_skipped(skipped: dict[tuple[str, str], int], found: RowFault | SkippedRow) -> None:
    if isinstance(found, SkippedRow):
        skipped[found.file, found.reason] = skipped.get((found.file, found.reason), 0) + 1


def summary_lines(language: Language, loaded: Loaded, files: Files) -> Iterator[str]:
    """Counts and sums of a run in words."""
    yield text(language, "import-masters", **loaded.masters._asdict())
    yield text(language, "import-documents", **loaded.documents._asdict())
    if loaded.restated:
        yield text(language, "import-restated", count=loaded.restated)
    if loaded.held:
        yield text(language, "import-held", count=loaded.held)
    yield from sums(language, files.tallies)
    if loaded.refused:
        yield text(language, "import-refused", count=loaded.refused)
    yield from reconciled_lines(language, loaded.reconciled)


def telling(name: str, files: Files) -> Callable[[int], None]:
    """Says how far the reading is, now and then: a word to the cache costs a millisecond."""
    told_at = 0.0
    size = max(files.size_bytes(), 1)

    def tell(rows: int) -> None:
        nonlocal told_at
        is_read = files.read_bytes() >= size
        if is_read or time.monotonic() - told_at > TOLD_SECONDS:
            told_at = time.monotonic()
            cache.set(name, HowFar(rows, min(files.read_bytes() * 100 // size, 100), is_read), KEPT_SECONDS)

    return tell


def run_name(request: PageRequest, asked: str) -> str:
    """Under which a run of this person says how far it is."""
    return f"import-{request.rights.user_id}-{asked[: 2 * RUN_BYTES] if asked.isalnum() and asked.isascii() else ''}"


urlpatterns = [
    path("", index, name="import"),
    path("run/", run, name="import-run"),
    path("progress/", progress, name="import-progress"),
]
