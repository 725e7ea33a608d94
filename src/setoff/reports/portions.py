"""Long reports in parts, read as of one moment: what files are written from, in the memory of one part.

    report_in_parts(conn, "journal", as_of=..., options=...)     of reports that are read page by page; any other comes whole
    documents_in_parts, open_lots_in_parts                        the lists behind figures

Every part has its rows; `following` says that another comes. Totals stand in each, and are those of the whole.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from datetime import date
from itertools import islice
from typing import Any, Final

from psycopg import Connection

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.moment import end_of
from setoff.intake.export import snapshot
from setoff.language import Language
from setoff.reports.ask import Options, ask, question_of
from setoff.reports.documents import Names, documents_report
from setoff.reports.open_lots import open_lots_report
from setoff.reports.pdf import ROWS_MAX
from setoff.reports.registry import definition_of
from setoff.reports.report import Portion, Question, Report
from setoff.reports.statement import has_kept_ages
from setoff.settlements.document_list import DocumentFilter, Sort, all_documents, document_totals
from setoff.settlements.party_queries import LotFilter

IN_PARTS: Final = frozenset({"journal", "postings", "statement", "ageing", "open-lots"})
ROWS: Final = 2_000
LOTS: Final = 50_000
"""Finding a page of open lots of some parties, or of those known earlier, reads all of them."""
MORE: Final = (0, 0, 0)
"""Of a part of the list of documents: there are more."""


def report_in_parts(conn: Connection[Any], name: str, *, as_of: str, options: Options, language: Language) -> Generator[Report]:
    """Errors: those of `ask`, when the first part is read."""
    definition = definition_of(name)
    question = question_of(conn, definition, as_of=as_of, options=options, language=language)
    if name not in IN_PARTS or question.known_at is not None or (name == "ageing" and not has_kept_ages(conn, question)):
        yield ask(conn, name, as_of=as_of, options=options, language=language)
        return
    after: tuple[int, int, int] | None = None
    rows_max = LOTS if name == "open-lots" else ROWS
    with snapshot(conn):
        while True:
            found = definition.build(conn, replace(question, portion=Portion(rows_max, after)))
            yield found
            if found.following is None:
                return
            after = found.following


def documents_in_parts(
    conn: Connection[Any], wanted: DocumentFilter, sort: Sort, as_of: date, names: Names, language: Language
) -> Generator[Report]:
    """The list of documents, with the totals of the whole filter."""
    with snapshot(conn):
        sums = document_totals(conn, wanted)
        rows = all_documents(conn, wanted, sort)
        part = list(islice(rows, ROWS))
        while True:
            coming = list(islice(rows, ROWS))
            found = documents_report(part, sums, wanted, as_of, names, language)
            yield replace(found, following=MORE if coming else None)
            if not coming:
                return
            part = coming


def open_lots_in_parts(conn: Connection[Any], question: Question, wanted: LotFilter) -> Generator[Report]:
    """The open lots behind a figure, also as they were known then."""
    after = None
    with as_known(conn, question):
        while True:
            portion = open_lots_report(conn, question, wanted, after, rows_max=LOTS)
            yield replace(portion.report, following=MORE if portion.following else None)
            if portion.following is None:
                return
            after = portion.following


def as_known(conn: Connection[Any], question: Question) -> AbstractContextManager[None]:
    """The open lots as they were known then, or as they are, of one moment."""
    if question.known_at is None:
        return snapshot(conn)
    from setoff.settlements.known import shadow

    return shadow(conn, question.known_at, contours=(question.contour,), until=end_of(question.as_of), open_lots_only=True)


def joined(parts: Generator[Report]) -> Report:
    """The whole list, for a form that is made at once. Errors: report_too_long."""
    with closing(parts):
        found = next(parts)
        rows = [row for section in found.sections for row in section.rows]
        for report in parts:
            rows += [row for section in report.sections for row in section.rows]
            if len(rows) > ROWS_MAX:
                raise DomainError(ErrorCode.REPORT_TOO_LONG, report=found.name, size=len(rows), most=ROWS_MAX)
    return replace(found, sections=[replace(section, rows=rows) for section in found.sections], following=None)
