"""What a report is: a question, columns, sections of rows, totals; no layout and no language.

Cells are what the queries returned: int minor units, dates, codes. A renderer turns them into text. Message ids of texts:
`report-NAME` (title), `column-KEY`, `VOCABULARY-VALUE` (terms), `total-LABEL`, `note-LABEL`; see language/*/reports.ftl.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from psycopg import Connection

from setoff.books.scope import Scope
from setoff.language import Language

COMMON: Final = frozenset({"organization", "unit", "group-by", "known-at"})
BUCKETS: Final = (30, 60, 90)
"""Last days of the ageing buckets 1-30, 31-60, 61-90; the last one is 91 and more."""

CellKind = Literal["text", "date", "instant", "money", "decimal", "count", "term", "document", "object"]


class Column(NamedTuple):
    """`currency` (money): the field of the row that names its currency. `vocabulary` (term): where its words are. `heading` and
    `facts`: of the heading's text, when its message is not `column-KEY`. `place`: the cell is that item of the row's field `amounts`.

    A table for people, which must fit a screen, leaves a column out of a section when it is `optional` and empty in every row;
    when in every row it `repeats` another column; when in every row its currency is that of the field `beside`; when the option
    `named_by` names one value, which stands above the table. `undated`: the document's date stands in the column before.
    `shows_zero`: an amount of zero is said. Files have every column."""

    key: str
    kind: CellKind = "text"
    currency: str = "currency"
    vocabulary: str = ""
    optional: bool = False
    heading: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    place: int = -1
    repeats: str = ""
    beside: str = ""
    named_by: str = ""
    undated: bool = False
    shows_zero: bool = False

    def value(self, row: Any) -> Any:
        """The raw cell: None when the row has no such field."""
        return getattr(row, self.key, None) if self.place < 0 else row.amounts[self.place]


class DocumentName(NamedTuple):
    """A document as people name it; `key` is for drilling down."""

    key: str
    kind: str
    number: str
    date: date | None


NO_DOCUMENT: Final = DocumentName("", "", "", None)


class Total(NamedTuple):
    """A labelled row: opening, turnover, closing, total. `row` has the fields of the money columns it fills; None is empty."""

    label: str
    row: Any
    facts: Mapping[str, Any] = {}


class Note(NamedTuple):
    """A sentence of the report: message id `note-LABEL` and its facts (Money, date, text)."""

    label: str
    facts: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of one kind with what stands above and below. `rows` are NamedTuples with the columns' keys as fields; a field
    `level` indents the row. `opening` totals stand before the rows, `totals` after."""

    rows: Sequence[Any]
    totals: Sequence[Total] = ()
    opening: Sequence[Total] = ()
    heading: Note | None = None
    notes: Sequence[Note] = ()


class Portion(NamedTuple):
    """A page of a list of documents or postings: so many rows after a place of the total order (moment, document, line)."""

    rows_max: int
    after: tuple[int, int, int] | None = None


class CurrencyCash(NamedTuple):
    """Money expected in a currency: what there is to begin with, and its days (reports/pictures.py), for a picture of it."""

    currency: str
    opening: int
    days: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Report:
    """`of_contour`: it reads one contour, whose name stands in its head. `following`: the place where the next portion begins; None when
    these are all rows. `totals_apart`: a portion has none, as all lots must be read for them; they are asked for without rows. `cash`: of a
    payment calendar, all of it by day, also where these are not all rows."""

    name: str
    question: Question
    columns: Sequence[Column]
    sections: Sequence[Section]
    of_contour: bool = True
    following: tuple[int, int, int] | None = None
    totals_apart: bool = False
    cash: Sequence[CurrencyCash] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. Codes are resolved already: `scope` has ids. `names` are the filters as typed, for the heading;
    `organizations` the names of those whose units are asked about. `theirs`: the file with the other side's lines of an act.
    `within`: so many days after `as_of`."""

    as_of: date
    scope: Scope
    since: date | None = None
    known_at: datetime | None = None
    contour: Literal["reg", "mgmt"] = "reg"
    group_by: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    side: Literal["receivable", "payable"] = "receivable"
    buckets: tuple[int, ...] = BUCKETS
    reserve: tuple[Decimal, ...] = ()
    show_internal: bool = False
    theirs: Path | None = None
    everything: bool = False
    within: int = 30
    language: Language = "en"
    names: tuple[tuple[str, tuple[str, ...]], ...] = ()
    portion: Portion | None = None
    organizations: tuple[str, ...] = ()
    bank_accounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Definition:
    """A report of the registry. `groups`: what it can be grouped by, `by_default` which it is; `options`: the filters it
    understands beside date and units; `required`: those it cannot do without (any one of each tuple). `reads`: what it needs of
    the books as known at an earlier time: postings, one contour or both, or only the lots open at its date. `statuses`: of its
    rows; `kinds`: of its rows, else those of documents. `is_of_now`: it reads what is kept of now alone (registers of invoices), so it
    cannot tell what was known then."""

    name: str
    build: Callable[[Connection[Any], Question], Report]
    options: frozenset[str]
    groups: tuple[str, ...] = ()
    by_default: tuple[str, ...] = ()
    required: tuple[tuple[str, ...], ...] = ()
    reads: Literal["books", "contour", "contours", "open lots"] = "contour"
    statuses: tuple[str, ...] = ("draft", "posted", "unposted")
    kinds: tuple[str, ...] = ()
    is_of_now: bool = False

    @property
    def common(self) -> frozenset[str]:
        """The options that most reports take, as far as this one does."""
        return COMMON - (frozenset() if self.groups else {"group-by"}) - ({"known-at"} if self.is_of_now else frozenset())
