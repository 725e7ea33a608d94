"""Billing by a price list: what would be issued, a run with its bar, the runs that were, who has not paid.

    GET  /billing/               the form; with unit and price-list: a preview, the runs, the invoices that are not paid
    POST /billing/run/           a part of a run, which asks for the rest until nothing is left
    POST /billing/undo/          every invoice of a run leaves the books, or none

A request of a run does what fits into a second; leaving the page stops it between two invoices, and the run is taken up again from its row.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from setoff.billing.days import month_of
from setoff.billing.queries import runs, unpaid_invoices
from setoff.billing.services import Result, Wanted, bill_each, kind_of_run, preview, run_of, start_run, undo_run, wanted_of
from setoff.billing.telling import note_text
from setoff.books.audit import Actor
from setoff.core.errors import DomainError
from setoff.language import text
from setoff.pages.page import PageRequest, page, render
from setoff.pages.progress import Progress, Step, count_of, done_at_once
from setoff.reports.ask import parse_day

ROWS: Final = 200
LISTS_SQL: Final = "select distinct on (code) code, name from price_list order by code, valid_from desc"


class Typed(NamedTuple):
    """The form as it was typed."""

    unit: str
    price_list: str
    kind: str
    first: str
    last: str
    issued: str


@page("read")
def index(request: PageRequest) -> HttpResponse:
    return shown(request)


def shown(request: PageRequest, refusal: DomainError | None = None) -> HttpResponse:
    typed = _typed(request, request.GET.dict())
    context: dict[str, Any] = {
        "typed": typed,
        "units": sorted(request.rights.unit_codes),
        "lists": request.books.execute(LISTS_SQL).fetchall(),
        "drafts": [],
        "totals": [],
        "count": 0,
        "is_asked": False,
        "unpaid": [],
        "may_post": False,
    }
    if typed.price_list and typed.unit and refusal is None:
        try:
            context |= _preview(request, typed)
        except DomainError as met:
            refusal = met
    units = request.rights.units_with("read")
    posting = {code for code, unit_id in request.rights.unit_codes.items() if request.rights.may("post", unit_id)}
    context |= {"runs": [(run, run.unit in posting) for run in runs(request.books, units, limit=20)], "refusal": refusal}
    return render(request, "billing", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK)


def _preview(request: PageRequest, typed: Typed) -> dict[str, Any]:
    """Errors: those of a preview."""
    drafts = preview(request.books, _wanted(typed), request.rights)
    sums: dict[str, int] = defaultdict(int)
    for draft in drafts:
        sums[draft.payer.currency] += draft.gross
    unit_id = request.rights.require("read", typed.unit)
    unpaid = unpaid_invoices(request.books, unit_id, typed.price_list)
    return {
        "is_asked": True,
        "drafts": [(draft, [note_text(note, request.language) for note in draft.notes]) for draft in drafts[:ROWS]],
        "left": max(0, len(drafts) - ROWS),
        "count": sum(draft.document is not None for draft in drafts),
        "totals": [(currency, amount) for currency, amount in sorted(sums.items()) if amount],
        "unpaid": [(row, row.suspended_from <= request.working_day) for row in unpaid[:ROWS]],
        "may_post": request.rights.may("post", unit_id),
    }


def _typed(request: PageRequest, said: dict[str, str]) -> Typed:
    """What was typed; at first the month before the working day, issued on it."""
    last_month = month_of(month_of(request.working_day) - timedelta(days=1))
    usual = Typed(
        next(iter(sorted(request.rights.unit_codes)), ""), "", "month", last_month.isoformat(), request.working_day.isoformat(),
        request.working_day.isoformat(),
    )  # fmt: skip
    return Typed(*(said.get(name.replace("_", "-"), getattr(usual, name)).replace("\0", "").strip() for name in Typed._fields))


def _wanted(typed: Typed) -> Wanted:
    """Errors: invalid_date, invalid_value."""
    days: tuple[date, date] = parse_day(typed.first, "first"), parse_day(typed.last, "last")
    return wanted_of(typed.unit, typed.price_list, kind_of_run(typed.kind), days, parse_day(typed.issued, "issued"))


@require_POST
@page("post")
def run(request: PageRequest) -> HttpResponse:
    """A part of a run; the first one starts it, unless it names a run to be taken up again. Errors: those of billing."""
    actor = Actor(request.rights.login, "page")
    said = request.POST
    number = count_of(said.get("run", ""))
    if not number:
        number = start_run(request.books, _wanted(_typed(request, said.dict())), actor, request.rights)
    found = run_of(request.books, number, request.rights, "post")
    left, billed = bill_each(request.books, number, actor, request.rights, after=said.get("after", ""))
    counts, results = done_at_once(said, billed)
    rest = {"run": str(number), "after": results[-1].draft.payer.contract if results else ""}
    title = text(request.language, "billing-run-number", run=found.id)
    progress = Progress(
        "billing", reverse("pages:billing-run"), title, [_step(result) for result in results], counts, left - len(results), rest,
        reverse("pages:billing"), "after" not in said,
    )  # fmt: skip
    return render(request, "parts/progress", {"progress": progress})


def _step(result: Result) -> Step:
    draft = result.draft
    amount = draft.gross if draft.charges else None
    payer = draft.payer
    return Step(payer.name, payer.number, result.state, amount, payer.currency, result.key, result.number, result.refusal)


@require_POST
@page("post")
def undo(request: PageRequest) -> HttpResponse:
    number = count_of(request.POST.get("run", ""))
    try:
        count = undo_run(request.books, number, Actor(request.rights.login, "page"), request.rights)
    except DomainError as refusal:
        return shown(request, refusal)
    messages.success(request, text(request.language, "billing-undone", run=number, count=count))
    return redirect("pages:billing")


urlpatterns = [
    path("", index, name="billing"),
    path("run/", run, name="billing-run"),
    path("undo/", undo, name="billing-undo"),
]
