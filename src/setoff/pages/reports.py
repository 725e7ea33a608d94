"""Every report of the registry as a page: its filters in the address, its table, and exactly what is shown as a file.

/reports/NAME/?as-of=2026-03-31&unit=MSK&group-by=counterparty        the names are those of `setoff report`
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from django.http import HttpResponse
from django.urls import path, reverse

from setoff.language import Language
from setoff.pages.page import PageRequest, page, render
from setoff.pages.table import table_of
from setoff.reports.ask import ask
from setoff.reports.files import render_csv, render_json, render_xlsx
from setoff.reports.heading import question_lines, title_text
from setoff.reports.pdf import render_pdf
from setoff.reports.registry import REPORTS, definition_of
from setoff.reports.report import Definition, Report

UPLOADED: Final = frozenset({"theirs"})
"""Options that a page of their own serves."""
FLAGS: Final = frozenset({"show-internal", "all"})
SELECTS: Final[dict[str, tuple[str, ...]]] = {
    "contour": ("reg", "mgmt"),
    "side": ("receivable", "payable"),
    "status": ("draft", "posted", "unposted"),
}
PICKED: Final = frozenset({"counterparty", "partner", "contract", "account", "unit", "organization"})


class File(NamedTuple):
    content_type: str
    render: Callable[[Report, Language], str | bytes]


FILES: Final = {
    "csv": File("text/csv; charset=utf-8", lambda report, language: render_csv(report, language).encode("utf-8-sig")),
    "xlsx": File("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", render_xlsx),
    "json": File("application/json", render_json),
    "pdf": File("application/pdf", lambda report, language: render_pdf(report, language, printed=datetime.now(UTC).date())),
}


class Filter(NamedTuple):
    """A field of the filter form. `widget`: day, instant, select, flag, pick or text."""

    name: str
    widget: str
    value: str
    choices: tuple[str, ...] = ()


@page("read")
def index(request: PageRequest) -> HttpResponse:
    return render(request, "reports", {"reports": list(REPORTS)})


@page("read")
def report(request: PageRequest, name: str) -> HttpResponse:
    definition = definition_of(name)
    options = options_of(request, definition)
    context: dict[str, Any] = {
        "name": name,
        "filters": filters_of(request, definition),
        "groups": [(group, group in (options.get("group-by") or definition.by_default)) for group in definition.groups],
        "files": list(FILES),
    }
    missing = [names for names in definition.required if not any(options.get(option) for option in names)]
    if missing:
        return render(request, "report", {**context, "missing": missing[0]})
    found = ask(
        request.books, name, as_of=request.GET.get("as-of") or request.working_day.isoformat(), options=options, language=request.language
    )
    wanted = request.GET.get("format", "")
    if wanted in FILES:
        return file_answer(found, wanted, request.language)
    context |= {
        "title": title_text(found, request.language),
        "question": question_lines(found, request.language),
        "tables": table_of(found, request.language),
    }
    return render(request, "report", context)


def options_of(request: PageRequest, definition: Definition) -> dict[str, list[str]]:
    """What was asked; empty fields of the form mean nothing was."""
    known = (definition.options | {"organization", "unit", "known-at"} | ({"group-by"} if definition.groups else set())) - UPLOADED
    given = {name: [value for value in request.GET.getlist(name) if value] for name in known}
    return {name: values for name, values in given.items() if values}


def filters_of(request: PageRequest, definition: Definition) -> list[Filter]:
    names = ["as-of", *(["from"] if "from" in definition.options else []), "organization", "unit"]
    rest = sorted(definition.options - UPLOADED - {"from"}, key=lambda name: (name in FLAGS, name not in PICKED, name))
    asked = {"as-of": request.working_day.isoformat(), **{name: str(value) for name, value in request.GET.items() if value}}
    return [Filter(name, _widget(name), asked.get(name, ""), SELECTS.get(name, ())) for name in (*names, *rest, "known-at")]


def _widget(name: str) -> str:
    if name in ("as-of", "from"):
        return "day"
    if name in FLAGS:
        return "flag"
    return "select" if name in SELECTS else "pick" if name in PICKED else "text"


def file_answer(found: Report, wanted: str, language: Language) -> HttpResponse:
    """The report as a file of that format."""
    file = FILES[wanted]
    answer = HttpResponse(file.render(found, language), content_type=file.content_type)
    answer["Content-Disposition"] = f'attachment; filename="{found.name}-{found.question.as_of}.{wanted}"'
    return answer


def report_url(name: str, **filters: str) -> str:
    """The address of a report with filters, names written with "_" for "-"; `since` is its first day."""
    from django.http import QueryDict

    query = QueryDict(mutable=True)
    for key, value in filters.items():
        if value:
            query["from" if key == "since" else key.replace("_", "-")] = value
    return reverse("pages:report", args=[name]) + (f"?{query.urlencode()}" if query else "")


urlpatterns = [
    path("", index, name="reports"),
    path("<str:name>/", report, name="report"),
]
