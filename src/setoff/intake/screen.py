"""What a run of `setoff import` tells a person: one line per bad row, skipped rows by reason, counts, sums, a progress bar."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO, Any, Final

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from setoff.core.errors import DomainError
from setoff.intake.amounts import Tally
from setoff.intake.files import Files
from setoff.intake.load import Loaded
from setoff.intake.rows import RowFault, SkippedRow
from setoff.intake.said import SaidDocument
from setoff.language import Language, error_text, fact_text, has_text, mend_text, text
from setoff.settlements.checks.after_import import Reconciled

FIRST_ROWS: Final = 5
VALUE_LETTERS: Final = 60


@dataclass(slots=True)
class Teller:
    """Tells bad rows at once and skipped rows at the end. `log` gets every one of both as JSON Lines."""

    language: Language
    console: Console
    log: IO[bytes] | None = None
    skipped: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def __call__(self, found: RowFault | SkippedRow) -> None:
        if isinstance(found, RowFault):
            self.console.print(fault_line(self.language, found), style="red", soft_wrap=True, markup=False)
            self._log(fault_record(self.language, found))
        else:
            self.skipped.setdefault((found.file, found.reason), []).append(found.row)
            reason = reason_text(self.language, found.reason)
            self._log({"file": found.file, "row": found.row, "skipped": reason})

    def tell_skipped(self) -> None:
        for (file, reason), rows in self.skipped.items():
            first = ", ".join(map(str, rows[:FIRST_ROWS])) + ("…" if len(rows) > FIRST_ROWS else "")
            why = reason_text(self.language, reason)
            line = text(self.language, "import-skipped", count=len(rows), file=file, rows=first, reason=why)
            self.console.print(line, style="yellow", soft_wrap=True, markup=False)

    def _log(self, record: dict[str, Any]) -> None:
        if self.log is not None:
            self.log.write(msgspec.json.encode(record) + b"\n")


def fault_line(language: Language, found: RowFault) -> str:
    """ "invoices.csv, row 12: lines[0].amount = ten: invalid_value: ... How to mend." on one line."""
    record = fault_record(language, found)
    place = text(language, "import-row-of", file=found.file, row=found.row)
    value = found.value if len(found.value) <= VALUE_LETTERS else found.value[:VALUE_LETTERS] + "…"
    what = f"{found.field} = {value}: " if found.field and value else f"{found.field}: " if found.field else ""
    return " ".join(f"{place}: {what}{found.code.value}: {record['text']} {record['mend']}".split())


def fault_record(language: Language, found: RowFault) -> dict[str, Any]:
    """With the way to mend it of its code, or of that code in such a `record`, where it has one of its own."""
    error = DomainError(found.code, **found.facts)
    said = error_text(language, error)
    if expected := found.facts.get("expected"):
        said += f" ({text(language, 'import-expected', expected=expected)})"
    place = {"file": found.file, "row": found.row, "field": found.field, "value": found.value}
    own = f"mend-{found.facts.get('record', '')}-{found.code.value.replace('_', '-')}"
    mend = text(language, own, **found.facts) if has_text(language, own) else mend_text(language, error)
    return {**place, "code": found.code.value, "text": said, "mend": mend}


def reason_text(language: Language, reason: str) -> str:
    """A reason of ours in the person's language; a mapping's own words as they stand."""
    return text(language, reason) if reason.startswith("skipped-") and has_text(language, reason) else reason


def summary(language: Language, loaded: Loaded, tallies: dict[str, Tally], *, dry_run: bool) -> Iterator[str]:
    yield text(language, "import-masters", **loaded.masters._asdict())
    yield text(language, "import-documents", **loaded.documents._asdict())
    if loaded.restated:
        yield text(language, "import-restated", count=loaded.restated)
    if loaded.held:
        yield text(language, "import-held", count=loaded.held)
    yield from sums(language, tallies)
    if loaded.refused:
        yield text(language, "import-refused", count=loaded.refused)
    if dry_run:
        yield text(language, "import-would")
    elif not loaded.kept:
        yield text(language, "import-nothing-written")
    yield from reconciled_lines(language, loaded.reconciled)
    if loaded.waiting:
        yield text(language, "import-waiting", count=loaded.waiting)


def said_line(language: Language, said: SaidDocument) -> str:
    """ "sale 000017 of 1 March 2025, changed: date: 2025-03-01 → 2025-03-02" on one line."""
    facts = {"kind": fact_text(language, "kind", said.kind), "number": said.number, "date": fact_text(language, "date", said.date)}
    if said.is_new:
        return text(language, "import-said-new", **facts)
    fields = "; ".join(f"{field.name}: {field.before or '-'} → {field.after or '-'}" for field in said.fields)
    return text(language, "import-said-changed", **facts, fields=fields or "-")


def reconciled_lines(language: Language, reconciled: Reconciled) -> Iterator[str]:
    """What check C-4.2 found after the import: one line, and the first contracts in which the ledger differs."""
    if reconciled.differing:
        yield text(language, "import-differing", count=len(reconciled.differing))
        yield from (f"  {row.unit} {row.key}" for row in reconciled.differing[:FIRST_ROWS])
    elif reconciled.contracts:
        yield text(language, "import-reconciled", count=reconciled.contracts)


def sums(language: Language, tallies: dict[str, Tally]) -> Iterable[str]:
    """What a mapping made of the amounts: in the file, imported, the difference by rounding."""
    for kind, tally in tallies.items():
        facts = {"documents": tally.documents, "exact": tally.exact, "imported": tally.imported}
        yield "  " + text(language, "import-tally", kind=kind, **facts)
        if tally.exact_vat:
            yield "    " + text(language, "import-tax", exact=tally.exact_vat, imported=tally.imported_vat)
        if tally.rounded:
            difference = _plain(tally.exact - tally.imported)
            yield "    " + text(language, "import-rounding", count=tally.rounded, difference=difference)


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")


@contextmanager
def progress_bar(language: Language, console: Console, files: Files) -> Iterator[Callable[[int], None]]:
    """A bar over the bytes of the files, with rows a second and the time left. It is not drawn where nobody watches."""
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"),
        TextColumn("{task.fields[rate]}"), TimeRemainingColumn(),
        console=console, transient=True, disable=not console.is_terminal,
    )  # fmt: skip
    with bar:
        task = bar.add_task(text(language, "import-reading"), total=files.size_bytes(), rate="")

        def tick(rows: int) -> None:
            elapsed = bar.tasks[task].elapsed
            rate = text(language, "import-rate", rate=f"{rows / elapsed:,.0f}") if elapsed else ""
            bar.update(task, completed=files.read_bytes(), rate=rate)

        yield tick
