"""Reports and lists as files: what leaves the books is written down first, and long ones are sent while they are read.

CSV and JSON Lines go out piece by piece over a connection of their own, which is given back when the last one is sent, or the reader goes
away. A spreadsheet is written to the disk first. PDF and JSON are made whole.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from functools import partial
from io import StringIO
from typing import Any, Final, NamedTuple

import psycopg
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from setoff.books.audit import Actor, record_audit
from setoff.books.scope import Scope
from setoff.core.cells import safe_cell
from setoff.language.zones import today, told_in, zone_name
from setoff.pages.page import PageRequest
from setoff.reports.files import csv_pieces, jsonl_pieces, render_json, write_xlsx
from setoff.reports.pdf import render_pdf
from setoff.reports.portions import joined
from setoff.reports.report import Question, Report
from setoff.site import pool

Connection = psycopg.Connection[Any]
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
"""So that spreadsheets read CSV as UTF-8."""
TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson",
    "json": "application/json",
    "pdf": "application/pdf",
}
FILES: Final = tuple(TYPES)
LISTS: Final = ("csv", "xlsx", "jsonl", "pdf")
"""Forms of lists that may be as long as the books."""


class Source(NamedTuple):
    """Where the rows come from: `whole` for what is made at once, `parts` for what is written piece by piece."""

    name: str
    question: Question
    whole: Callable[[Connection], Report]
    parts: Callable[[Connection], Generator[Report]]


def source_of(report: Report) -> Source:
    """Of a report that is at hand."""
    return Source(report.name, report.question, lambda _conn: report, lambda _conn: (part for part in [report]))


def source_of_list(request: PageRequest, name: str, names: Mapping[str, str], parts: Callable[..., Generator[Report]]) -> Source:
    """Of a list as of the working day, in the units that may be read; `names`: what it was asked for, as the file says it."""
    question = Question(
        as_of=request.working_day,
        scope=Scope(request.rights.units_with("read")),
        language=request.language,
        names=tuple((asked, (value,)) for asked, value in names.items() if value),
    )
    return source_in_parts(name, question, partial(parts, question=question))


def source_in_parts(name: str, question: Question, parts: Callable[[Connection], Generator[Report]]) -> Source:
    """Of what is always read part by part; whole where a file needs it whole."""
    return Source(name, question, lambda conn: joined(parts(conn)), parts)


def file_answer(request: PageRequest, source: Source, wanted: str) -> HttpResponseBase:
    """The file of that form; that it left the books is in the audit trail before."""
    asked = {name: list(values) for name, values in source.question.names}
    as_of = str(source.question.as_of)
    actor = Actor(request.rights.login, "page")
    record_audit(request.books, actor, "export_report", report=source.name, format=wanted, as_of=as_of, asked=asked)
    answer = _answer(request, source, wanted)
    answer["Content-Type"] = TYPES[wanted]
    answer["Content-Disposition"] = f'attachment; filename="{source.name}-{as_of}.{wanted}"'
    return answer


def _answer(request: PageRequest, source: Source, wanted: str) -> HttpResponseBase:
    language = request.language
    if wanted == "csv":
        return streamed(request, lambda conn: _with_mark(csv_pieces(source.parts(conn), language)))
    if wanted == "jsonl":
        return streamed(request, lambda conn: jsonl_pieces(source.parts(conn), language))
    if wanted == "xlsx":
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
        with closing(source.parts(request.books)) as parts:
            write_xlsx(parts, language, file)
        file.seek(0)
        return FileResponse(file)
    report = source.whole(request.books)
    return HttpResponse(render_pdf(report, language, printed=today()) if wanted == "pdf" else render_json(report, language))


def streamed(request: PageRequest, pieces: Callable[[Connection], Generator[bytes]]) -> StreamingHttpResponse:
    """Pieces that are read from the books while they are sent, with the rights that the person has then, by his clock."""
    user_id, zone = int(request.user.pk or 0), zone_name()

    def content() -> Iterator[bytes]:
        with pool.books_of(user_id) as (conn, _rights), closing(pieces(conn)) as coming:
            while True:
                with told_in(zone):
                    piece = next(coming, None)
                if piece is None:
                    return
                yield piece

    return StreamingHttpResponse(content())


def _with_mark(pieces: Iterator[bytes]) -> Generator[bytes]:
    yield BYTE_ORDER_MARK
    yield from pieces


def csv_line(cells: Iterable[Any]) -> bytes:
    output = StringIO()
    csv.writer(output, lineterminator="\r\n").writerow([safe_cell(cell) if isinstance(cell, str) else cell for cell in cells])
    return output.getvalue().encode()
