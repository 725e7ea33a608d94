"""Control checks: what each found last in every unit, where it first arose and what to do; run again one by one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from setoff.books.audit import Actor
from setoff.language import Language, text
from setoff.pages.page import PageRequest, page, render
from setoff.settlements.checks import Check, all_checks
from setoff.settlements.checks.commands import cells
from setoff.settlements.checks.results import CheckResult, check_named, check_results, keep_check


class ShownRow(NamedTuple):
    """A row of a check as people read it: unit, key, expected, actual, difference; the document where it arose, and its key."""

    cells: list[str]
    document: str
    key: str


class ShownCheck(NamedTuple):
    """A check with what its last runs found. `state`: ok, error, list, or not-run when a unit was never checked."""

    code: str
    anchor: str
    spec: str
    title: str
    reason: str
    mend: str
    state: str
    row_count: int
    checked_at: datetime | None
    rows: list[ShownRow]


@page("read")
def checks(request: PageRequest) -> HttpResponse:
    by_code: dict[str, list[CheckResult]] = {}
    for result in check_results(request.books):
        by_code.setdefault(result.code, []).append(result)
    units = len(request.rights.units)
    shown = [shown_check(check, by_code.get(check.code, ()), units, request.language) for check in all_checks()]
    failed = sum(item.state == "error" for item in shown)
    context = {"checks": shown, "failed": failed, "unknown": sum(item.state == "not-run" for item in shown), "may_run": may_run(request)}
    return render(request, "checks", context)


@page("read")
def check(request: PageRequest, code: str) -> HttpResponse:
    found = check_named(code)
    shown = shown_check(found, check_results(request.books, found.code), len(request.rights.units), request.language)
    return render(request, "check", {"check": shown, "may_run": may_run(request)})


@require_POST
@page("draft")
def run(request: PageRequest, code: str) -> HttpResponse:
    """Run one check in every unit where the person may keep results; answers its part of the list."""
    actor = Actor(request.rights.login, "page")
    found = check_named(code)
    units = [unit for unit, unit_id in request.rights.unit_codes.items() if request.rights.may("draft", unit_id)]
    keep_check(request.books, found.code, units, actor)
    shown = shown_check(found, check_results(request.books, found.code), len(request.rights.units), request.language)
    return render(request, "parts/check", {"check": shown, "may_run": True})


def may_run(request: PageRequest) -> bool:
    return bool(request.rights.units_with("draft"))


def shown_check(check: Check, results: Iterable[CheckResult], units: int, language: Language) -> ShownCheck:
    found = list(results)
    row_count = sum(result.row_count for result in found)
    return ShownCheck(
        code=check.code,
        anchor=check.code.lower().replace(".", "-"),
        spec=check.spec,
        title=text(language, check.text_key),
        reason=text(language, f"{check.text_key}-reason"),
        mend=text(language, f"{check.text_key}-mend"),
        state=check.state if row_count else "ok" if len(found) >= units else "not-run",
        row_count=row_count,
        checked_at=min((result.checked_at for result in found), default=None),
        rows=[ShownRow(cells(row, language)[:-1], cells(row, language)[-1], row.document or "") for result in found for row in result.rows],
    )


urlpatterns = [
    path("", checks, name="checks"),
    path("<str:code>/", check, name="check"),
    path("<str:code>/run/", run, name="check-run"),
]
