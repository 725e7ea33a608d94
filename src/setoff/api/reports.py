"""Reports: one operation for each of the registry, with exactly the filters that it understands."""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from ninja import Router
from pydantic import Field

from setoff.api.answers import ReportAnswer
from setoff.api.call import NDJSON, Answer, Call, Codes, Stream, many_of
from setoff.api.endpoint import endpoint
from setoff.api.trail import tell_export
from setoff.language import Language, text
from setoff.reports.ask import ask, question_of
from setoff.reports.files import csv_pieces, jsonl_pieces, render_json, write_xlsx
from setoff.reports.pdf import render_pdf
from setoff.reports.portions import report_in_parts
from setoff.reports.registry import REPORTS
from setoff.reports.report import Definition, Report

router: Final = Router()
CSV: Final = "text/csv"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF: Final = "application/pdf"
MEDIA: Final = {"csv": f"{CSV}; charset=utf-8", "xlsx": XLSX, "jsonl": NDJSON}
NAMES: Final = {"from": "since"}
"""Names of filters that are no names of parameters."""
ELSEWHERE: Final = frozenset({"theirs"})
"""The file of an act's other side is no parameter: POST /reconciliations takes it."""
FLAGS: Final = frozenset({"show-internal", "all"})
DAY: Final = Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$", description="A day, YYYY-MM-DD.")]
SINGLE: Final[dict[str, Any]] = {
    "from": DAY,
    "known-at": Annotated[str, Field(max_length=40, description="What was known then: an ISO instant, or a day (its end).")],
    "contour": Annotated[Literal["", "reg", "mgmt"], Field(description="reg (books, tax) or mgmt.")],
    "side": Annotated[Literal["", "receivable", "payable"], Field(description="What they owe us, or what we owe.")],
    "buckets": Annotated[str, Field(max_length=200, description="Last days of the buckets, for example 30,60,90.")],
    "within": Annotated[str, Field(pattern=r"^[0-9]{0,4}$", description="So many days ahead. Default: 30.")],
    "reserve": Annotated[str, Field(max_length=200, description="Reserve percents, not due first, for example 0,5,25,50,100.")],
}
AS_OF: Final = Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$", description="Last day of the report. Default: today.")]
FORMAT: Final = Annotated[Literal["json", "jsonl", "csv", "xlsx", "pdf"], Field(description="The form of the answer.")]


def paper_answer(content: bytes, name: str) -> Answer:
    """A paper as PDF, to be kept under that name."""
    return Answer(raw=content, media_type=PDF, headers={"Content-Disposition": f'attachment; filename="{name}.pdf"'})


def declare(definition: Definition) -> None:
    """The operation of one report."""
    options = sorted((definition.options | definition.common) - ELSEWHERE)

    def read_report(call: Call, as_of: str = "", **filters: Any) -> Any:
        form = filters.pop("format")
        given = {option: _values(filters[parameter_of(option)]) for option in options}
        asked = {option: values for option, values in given.items() if values}
        day = as_of or datetime.now(UTC).date().isoformat()
        question_of(call.conn, definition, as_of=day, options=asked, language=call.language)  # what is wrong is refused before it is told
        if form != "json":
            tell_export(call, "export_report", report=definition.name, as_of=day, format=form, filters=asked)
        name = f'attachment; filename="{definition.name}-{day}.{form}"'
        if form in ("csv", "jsonl", "xlsx"):
            parts = report_in_parts(call.conn, definition.name, as_of=day, options=asked, language=call.language)
            return Stream(_pieces(parts, form, call.language), media_type=MEDIA[form], headers={"Content-Disposition": name})
        found = ask(call.conn, definition.name, as_of=day, options=asked, language=call.language)
        if form == "pdf":
            printed = datetime.now(UTC).date()
            return Answer(raw=render_pdf(found, call.language, printed=printed), media_type=PDF, headers={"Content-Disposition": name})
        return Answer(raw=render_json(found, call.language).encode())

    read_report.__doc__ = f"{text('en', f'report-{definition.name}')}."
    filters = [_filter(definition, option) for option in options]
    parameters = [_parameter("as_of", AS_OF, ""), *filters, _parameter("format", FORMAT, "json")]
    endpoint(
        router, "GET", f"/reports/{definition.name}", tag="reports", name="report_" + definition.name.replace("-", "_"),
        answer=ReportAnswer, media=(CSV, XLSX, NDJSON, PDF), signature=inspect.Signature(parameters),
    )(read_report)  # fmt: skip


def _pieces(parts: Iterable[Report], form: str, language: Language) -> Iterator[bytes]:
    """The file while it is read; a spreadsheet is written to the disk first."""
    if form == "csv":
        yield b"\xef\xbb\xbf"
        yield from csv_pieces(parts, language)
    elif form == "jsonl":
        yield from jsonl_pieces(parts, language)
    else:
        with tempfile.TemporaryFile() as file:
            write_xlsx(parts, language, file)
            file.seek(0)
            yield from iter(lambda: file.read(1 << 16), b"")


def parameter_of(option: str) -> str:
    return NAMES.get(option, option.replace("-", "_"))


def _values(given: Any) -> list[str]:
    if isinstance(given, bool):
        return ["yes"] if given else []
    return [value for value in (given if isinstance(given, list) else [given]) if value]


def _filter(definition: Definition, option: str) -> inspect.Parameter:
    name = parameter_of(option)
    if option in FLAGS:
        return _parameter(name, Annotated[bool, Field(description="Show also what is left out by default.")], False)
    if option in SINGLE:
        return _parameter(name, SINGLE[option], "")
    if option == "group-by":
        return _parameter(name, many_of("Any of: " + ", ".join(definition.groups) + "; may be repeated."), [])
    return _parameter(name, Codes, [])


def _parameter(name: str, form: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=form, default=default)


for _definition in REPORTS.values():
    declare(_definition)
