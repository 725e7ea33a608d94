"""Records in and out in bulk: what `setoff import` and `setoff export` do, streamed.

An import is read into a temporary file, taken in as one transaction, and answered line by line: every refused or skipped row, then the
counts. Rows of units where the person may not write are refused as rows of a file with mistakes are.
"""

from __future__ import annotations

import tempfile
from typing import IO, Annotated, Any, Final

import msgspec
from ninja import Router
from pydantic import Field

from setoff.api.answers import CountsAnswer, ImportAnswer, SaidAnswer, SaidFieldAnswer
from setoff.api.call import NDJSON, Answer, Call, DryRun, Stream
from setoff.api.endpoint import endpoint
from setoff.api.trail import tell_export
from setoff.api.uploads import Upload
from setoff.core.errors import DomainError, ErrorCode
from setoff.intake.export import exported_lines
from setoff.intake.load import Counts, How, Loaded, Reports, load_files
from setoff.intake.mapping import kept_mappings, load_mapping
from setoff.intake.permitted import PermittedFiles
from setoff.intake.rows import RowFault, SkippedRow
from setoff.intake.said import SaidDocument
from setoff.intake.screen import fault_record, reason_text
from setoff.intake.source import Source, source_of

router: Final = Router()
READ: Final = (
    "application/x-ndjson", "application/jsonl", "application/json", "text/csv", "text/tab-separated-values",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)  # fmt: skip
NAME: Final = "body"
TOLD_MAX: Final = 100
"""Documents that a dry run tells, and contracts in which the ledger differs."""
MEMORY_BYTES: Final = 1 << 20
Mapping = Annotated[str, Field(max_length=100, description="Name of a mapping that comes with Setoff; tables need one.")]


@endpoint(router, "POST", "/imports", tag="records", upload=READ, media=(NDJSON,), also={422: None}, is_import=True)
def import_records(
    call: Call,
    body: Upload,
    mapping: Mapping = "",
    good_rows: Annotated[bool, Field(description="Keep the good rows; else nothing is kept when a row is refused.")] = False,
    dry_run: DryRun = False,
    consent: Annotated[bool, Field(description="Close contracts that are not settled; take in what credit limits forbid.")] = False,
    fill_contracts: Annotated[bool, Field(description="Give a document that leaves its contract out the only one that fits.")] = False,
) -> Any:
    """Take in records: JSON Lines, JSON, or tables with a mapping. The answer is a line for each refused or skipped row, then the counts;
    422 when rows were refused and therefore nothing was kept."""
    if not call.rights.units_with("draft") and not call.rights.is_administrator:
        raise DomainError(ErrorCode.NOT_PERMITTED, right="draft", unit="*")
    if mapping and mapping not in kept_mappings():
        raise DomainError(ErrorCode.INVALID_VALUE, field="mapping", value=mapping, expected=", ".join(kept_mappings()))
    with tempfile.SpooledTemporaryFile(MEMORY_BYTES) as lines:
        reports = Reports(_Teller(call, lines))
        found = source_of(body.path)
        source = Source(found.path, NAME, found.format)
        files = PermittedFiles([source], load_mapping(mapping) if mapping else None, reports, rights=call.rights)
        how = How(good_rows, dry_run, consent, fill_contracts, tell_max=TOLD_MAX if dry_run else 0)
        loaded = load_files(call.conn, files, reports, call.actor, how)
        lines.write(msgspec.json.encode(_summary(loaded, dry_run=dry_run)) + b"\n")
        lines.seek(0)
        refused = loaded.refused and not loaded.kept and not dry_run
        return Answer(raw=lines.read(), media_type=NDJSON, status=422 if refused else 200)


@endpoint(router, "GET", "/exports", tag="records", media=(NDJSON,))
def export_records(call: Call) -> Any:
    """Every record that may be read as JSON Lines, for POST /imports: masters, then documents. One snapshot."""
    tell_export(call, "export_records")
    return Stream(exported_lines(call.conn))


class _Teller:
    """Writes a line for every bad and every skipped row."""

    def __init__(self, call: Call, lines: IO[bytes]) -> None:
        self.language, self.lines = call.language, lines

    def __call__(self, found: RowFault | SkippedRow) -> None:
        if isinstance(found, RowFault):
            record = fault_record(self.language, found)
        else:
            record = {"file": found.file, "row": found.row, "skipped": reason_text(self.language, found.reason)}
        self.lines.write(msgspec.json.encode(record) + b"\n")


def _summary(loaded: Loaded, *, dry_run: bool) -> ImportAnswer:
    return ImportAnswer(
        masters=_counts(loaded.masters), documents=_counts(loaded.documents), refused=loaded.refused, kept=loaded.kept, dry_run=dry_run,
        waiting=loaded.waiting, restated=loaded.restated, reconciled=loaded.reconciled.contracts,
        differing=[f"{row.unit} {row.key}" for row in loaded.reconciled.differing[:TOLD_MAX]],
        said=[_said(document) for document in loaded.said],
    )  # fmt: skip


def _said(document: SaidDocument) -> SaidAnswer:
    fields = [SaidFieldAnswer(**field._asdict()) for field in document.fields]
    return SaidAnswer(**{**document._asdict(), "date": document.date.isoformat(), "fields": fields})


def _counts(counts: Counts) -> CountsAnswer:
    return CountsAnswer(**counts._asdict())
