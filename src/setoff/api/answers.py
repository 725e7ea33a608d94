"""What the API answers: one structure for each kind of answer. Amounts are decimal texts, days ISO texts, records as in files."""

from __future__ import annotations

from typing import Any

import msgspec

from setoff.trade.documents import AnyDocument


class Said(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An answer or a part of one: every field is always there."""


class DocumentRow(Said):
    """A document in a list. `total` in `currency`; `version` is the number that If-Match takes."""

    key: str
    kind: str
    number: str
    date: str
    unit: str
    counterparty: str
    contract: str
    currency: str
    total: str
    status: str
    deletion_mark: bool
    version: int


class DocumentPage(Said):
    """`next` is the cursor of the page that follows; empty at the end."""

    rows: list[DocumentRow]
    next: str


class DocumentAnswer(Said):
    """A document as it stands: what was last said, and how it stands in the books."""

    document: AnyDocument
    status: str
    deletion_mark: bool
    version: int
    recorded_at: str
    author: str


class ChangeAnswer(Said):
    """A line of the diff of a verb: what about which document was what and is what. Zero amounts mean: absent. `text` tells it in the
    language of the request."""

    document: str
    kind: str
    number: str
    date: str
    what: str
    contour: str
    currency: str
    before: str
    after: str
    text: str


class OutcomeAnswer(Said):
    """What a verb did, or would do (`kept` false). `changed` false: it was said already. `approval`: the number of the request, when a
    policy asks a second person first."""

    key: str
    number: str
    status: str
    version: int
    changed: bool
    kept: bool
    changes: list[ChangeAnswer]
    approval: int | None = None


class VersionAnswer(Said):
    """A version of a document: who said what, when, and whether its facts counted from then on."""

    version: int
    recorded_at: str
    author: str
    action: str
    posted: bool
    document: AnyDocument


class UseAnswer(Said):
    """A part of a lot used by another document, or of another document's lot."""

    document: str
    line: int
    amount: str
    difference: str
    rule: str


class FactAnswer(Said):
    """A fact of a document in one contour: the lots it used, and the lot that it opened with the rest."""

    contour: str
    line: int
    label: str
    counterparty: str
    contract: str
    object: str
    relation: str
    currency: str
    due: str | None
    change: str
    opened: str
    residual: str
    demoted: str
    uses: list[UseAnswer]
    users: list[UseAnswer]


class PostingAnswer(Said):
    """A posting in book currency."""

    debit: str
    credit: str
    amount: str
    kind: str


class CauseAnswer(Said):
    """An edit that moved something."""

    document: str
    author: str
    action: str


class MoveAnswer(Said):
    """What an edit of another document moved."""

    recorded_at: str
    contour: str
    lot: str
    before: str
    after: str
    causes: list[CauseAnswer]


class FieldChangeAnswer(Said):
    """A field that a version changed."""

    path: str
    before: str | None
    after: str | None


class VersionChangesAnswer(Said):
    """A version with the fields that it changed."""

    version_no: int
    recorded_at: str
    author: str
    action: str
    posted: bool
    changes: list[FieldChangeAnswer]


class ExplanationAnswer(Said):
    """Why each amount of a document went where it did, what moved it later, its history."""

    key: str
    kind: str
    number: str
    date: str
    unit: str
    status: str
    total: str
    currency: str
    facts: list[FactAnswer]
    postings: list[PostingAnswer]
    moves: list[MoveAnswer]
    versions: list[VersionChangesAnswer]


class SavedAnswer(Said):
    """What became of master records."""

    created: int
    changed: int
    unchanged: int
    kept: bool


class ColumnAnswer(Said):
    """A column of a report; its title in the language of the request."""

    key: str
    kind: str
    title: str


class SectionAnswer(Said):
    """Rows of a report with what stands above and below. Cells by the key of their column; totals by their label."""

    heading: str | None
    opening: list[dict[str, Any]]
    rows: list[dict[str, Any]]
    totals: list[dict[str, Any]]
    notes: list[str]


class ReportAnswer(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename={"since": "from"}):
    """A report: the question, the columns, the sections."""

    report: str
    title: str
    as_of: str
    since: str | None
    known_at: str | None
    contour: str
    group_by: list[str]
    filters: dict[str, list[str]]
    columns: list[ColumnAnswer]
    sections: list[SectionAnswer]


class PeriodAnswer(Said):
    """A period with the newest link of its chain of seals."""

    unit: str
    first_day: str
    last_day: str
    state: str
    sealed_at: str | None
    author: str | None
    rows: int | None
    hash: str | None
    approval: int | None = None


class FindingAnswer(Said):
    """What is not as it was closed. `text` tells it in the language of the request."""

    unit: str
    period: str
    what: str
    relation: str
    kind: str
    number: str
    date: str | None
    row: str
    text: str


class CheckRowAnswer(Said):
    """Where a law is broken. With a currency, the values are amounts of it."""

    unit: str | None
    key: str
    expected: str | None
    actual: str | None
    difference: str | None
    currency: str | None
    document: str | None
    kind: str | None
    number: str | None
    date: str | None


class CheckAnswer(Said):
    """A control check: `state` ok, error or list. Texts in the language of the request."""

    code: str
    state: str
    title: str
    reason: str
    mend: str
    rows: list[CheckRowAnswer]


class RefoldAnswer(Said):
    """How many derived rows differed from their facts and were written again."""

    rows: int


class RowFaultAnswer(Said):
    """A row of a file that was refused, and how to mend it."""

    file: str
    row: int
    field: str
    value: str
    code: str
    text: str
    mend: str


class CountsAnswer(Said):
    """Records by what became of them."""

    created: int
    changed: int
    unchanged: int


class SaidFieldAnswer(Said):
    """A field of a document as JSON; empty: it is not there."""

    name: str
    before: str
    after: str


class SaidAnswer(Said):
    """A document that an import would write. `fields`: what it says otherwise than before; of a new one none."""

    key: str
    kind: str
    number: str
    date: str
    is_new: bool
    fields: list[SaidFieldAnswer]


class ImportAnswer(Said):
    """The last line of an import's answer. `waiting`: rows that imports refused and nobody dealt with yet, of this import and earlier
    ones. `restated`: documents of the books that rates of the file state again. `reconciled`: contracts in which the ledger was compared
    with the settlements (check C-4.2); `differing`: where they differ. `said`: of a dry run, the first documents that it would write."""

    masters: CountsAnswer
    documents: CountsAnswer
    refused: int
    kept: bool
    dry_run: bool
    waiting: int
    restated: int
    reconciled: int
    differing: list[str]
    said: list[SaidAnswer]


class RatesAnswer(Said):
    """Rates that are new, changed, as they were; documents stated again by them, and what that changed (`kept` false: would)."""

    kept: bool
    created: int
    changed: int
    unchanged: int
    restated: int
    changes: list[ChangeAnswer]
