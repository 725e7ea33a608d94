"""Rates and revaluation: which months have debts in foreign currency, by which rates they were revalued, and revaluing one; first it is
shown what that would change. Files of rates of central banks.

/rates/    a month is revalued with all open months before it, as by `setoff revalue`
"""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date
from decimal import Decimal
from http import HTTPStatus
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from setoff.access.revalue_commands import typed_rates
from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.intake.rate_files import rates_of
from setoff.language import text
from setoff.pages.changes import ChangedDocument, first_changed
from setoff.pages.page import PageRequest, page, render
from setoff.reports.ask import parse_day
from setoff.reports.cells import decimal_text
from setoff.settlements.revaluation.months import months
from setoff.settlements.revaluation.rates import Taken, take_rates
from setoff.settlements.revaluation.services import revalue
from setoff.site.environment import environment
from setoff.trade.documents import RevaluationRate


class Tried(NamedTuple):
    """What a revaluation would change."""

    unit: str
    last_day: date
    rates: str
    made: list[str]
    changed: list[ChangedDocument]
    documents: int


class TriedRates(NamedTuple):
    """What files of rates would change."""

    taken: Taken
    changed: list[ChangedDocument]
    documents: int


@page("read")
def index(request: PageRequest) -> HttpResponse:
    return shown(request)


def shown(request: PageRequest, refusal: DomainError | None = None, tried: Tried | TriedRates | None = None) -> HttpResponse:
    """The months of every unit up to that of the working day; and a refusal, or what would change, above them."""
    units = []
    for unit, unit_id in sorted(request.rights.unit_codes.items()):
        found = months(request.books, unit_id, request.working_day)
        if found:
            units.append((unit, [(month, said_rates(request, month.rates)) for month in found], request.rights.may("post", unit_id)))
    context: dict[str, Any] = {
        "units": units,
        "refusal": refusal,
        "tried": tried if isinstance(tried, Tried) else None,
        "tried_rates": tried if isinstance(tried, TriedRates) else None,
        "may_take": request.rights.is_administrator,
    }
    return render(request, "rates", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK)


def said_rates(request: PageRequest, rates: tuple[RevaluationRate, ...]) -> list[tuple[str, bool]]:
    """Rates in words, and whether they were typed."""
    language = request.language
    return [
        (f"{decimal_text(Decimal(rate.nominal), language)} {rate.currency} = {decimal_text(Decimal(rate.rate), language)}", rate.typed)
        for rate in rates
    ]


@require_POST
@page("post")
def revalue_month(request: PageRequest) -> HttpResponse:
    """Revalue a month of a unit, or show what that would change."""
    unit, rates, action = (request.POST.get(name, "").strip() for name in ("unit", "rates", "action"))
    try:
        request.rights.require("post", unit)
        last_day = parse_day(request.POST.get("last-day", ""), "last-day")
        with request.books.transaction(force_rollback=True) if action == "try" else nullcontext():
            found = revalue(request.books, unit, last_day, Actor(request.rights.login, "page"), typed_rates(rates.split()))
            changed, count = first_changed(request.books, found.changes, request.language) if action == "try" else ([], 0)
    except DomainError as refusal:
        return shown(request, refusal)
    if action == "try":
        return shown(request, tried=Tried(unit, last_day, rates, [made.key for made in found.made], changed, count))
    messages.success(request, text(request.language, "revaluation-made", unit=unit, count=len(found.made)))
    return redirect("pages:rates")


@require_POST
@page("read")
def take(request: PageRequest) -> HttpResponse:
    """Take files of rates in, or show what that would change."""
    request.rights.require_administrator()
    is_trial = request.POST.get("action") == "try"
    try:
        found = [rate for name, content in uploaded(request) for rate in rates_of(content, name)]
        with request.books.transaction(force_rollback=True) if is_trial else nullcontext():
            taken = take_rates(request.books, found, Actor(request.rights.login, "page"))
            changed, count = first_changed(request.books, taken.changes, request.language) if is_trial else ([], 0)
    except DomainError as refusal:
        return shown(request, refusal)
    if is_trial:
        return shown(request, tried=TriedRates(taken, changed, count))
    messages.success(request, text(request.language, "rates-taken", **{name: getattr(taken, name) for name in taken._fields[:-1]}))
    return redirect("pages:rates")


def uploaded(request: PageRequest) -> list[tuple[str, bytes]]:
    """Names and contents of the files. Errors: field_missing, file_unreadable."""
    limit_mib = environment().upload_mib_max
    files = request.FILES.getlist("files")
    if not files:
        raise DomainError(ErrorCode.FIELD_MISSING, field="files")
    for file in files:
        if (file.size or 0) > limit_mib << 20:
            raise DomainError(ErrorCode.FILE_UNREADABLE, file=str(file.name), reason=f"> {limit_mib} MiB")
    return [(str(file.name), file.read()) for file in files]


urlpatterns = [
    path("", index, name="rates"),
    path("revalue/", revalue_month, name="rates-revalue"),
    path("take/", take, name="rates-take"),
]
