"""Many set-offs in one go: the marked rows of the list, or all of its filter, one after another, with what came of each.

    POST /set-offs/run/         row=UNIT CODE CURRENCY (as often as marked), or all=yes with the filter of the list in the address

A request does what fits into a second and answers a part that asks for the rest: the bar moves, the page stays in the person's hand, and
leaving it stops the run between two rows. Each row is a set-off of its own, in a transaction of its own, proposed at the moment it is its
turn, and is part of the operation that the form names: sent twice it is done once. As in the list, debts meet debts: advances stay out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.pages.page import PageRequest, page, render
from setoff.pages.progress import Progress, Step, done_at_once
from setoff.pages.set_offs import filter_of, posting_units, rows_of
from setoff.setoffs.proposal import Filter
from setoff.setoffs.services import Result, Wanted, set_off_each

ROWS_MAX: Final = 5_000
DEBTS: Final = Filter(only_debts=True)
"""What the list counts."""


class Row(NamedTuple):
    """A row of the list, as its address names it."""

    unit: str
    counterparty: str
    currency: str


@require_POST
@page("post")
def run(request: PageRequest) -> HttpResponse:
    """A part of the run; it names what is still to be done, until nothing is. Errors: invalid_value."""
    is_first = "rest" not in request.POST
    rows = _asked(request) if is_first else _rows(request.POST["rest"])
    names = _names(request, rows)
    operation = request.POST.get("operation", "")[:80]
    wanted = (Wanted(row.unit, (row.counterparty,), row.currency, request.working_day, DEBTS, operation=operation) for row in rows)
    counts, results = done_at_once(request.POST, set_off_each(request.books, wanted, Actor(request.rights.login, "page"), request.rights))
    rest = rows[len(results) :]
    back = request.htmx.current_url_abs_path or reverse("pages:set-offs")
    fields = {"operation": operation, "rest": json.dumps(rest, ensure_ascii=False)}
    steps = [_step(result, names) for result in results]
    progress = Progress("set-offs", reverse("pages:set-off-run"), "", steps, counts, len(rest), fields, back, is_first)
    return render(request, "parts/progress", {"progress": progress})


def _step(result: Result, names: dict[str, str]) -> Step:
    wanted, amount = result.wanted, None if result.state == "nothing" else result.amount
    (code, *_others) = wanted.counterparties
    address = f"{reverse('pages:set-off')}?{urlencode({'unit': wanted.unit, 'counterparty': code, 'currency': wanted.currency})}"
    return Step(names[code], wanted.unit, result.state, amount, result.currency, result.key, result.number, result.refusal, address)


def _asked(request: PageRequest) -> list[Row]:
    """The marked rows, or those of the filter."""
    if request.POST.get("all") == "yes":
        units = posting_units(request)
        wanted = rows_of(request, filter_of(request))
        found = [Row(row.unit, row.counterparty, row.currency) for row in wanted if row.unit in units]
    else:
        found = [_row(said.split("\t")) for said in request.POST.getlist("row")]
    if not found:
        raise DomainError(ErrorCode.FIELD_MISSING, field="row")
    if len(found) > ROWS_MAX:
        raise DomainError(ErrorCode.INVALID_VALUE, field="row", value=len(found), expected=f"1..{ROWS_MAX}")
    return found


def _rows(typed: str) -> list[Row]:
    try:
        return [_row(row) for row in json.loads(typed)][:ROWS_MAX]
    except (TypeError, ValueError, RecursionError):
        raise DomainError(ErrorCode.INVALID_VALUE, field="rest", value=typed[:80]) from None


def _row(said: Sequence[Any]) -> Row:
    if len(said) != len(Row._fields):
        raise DomainError(ErrorCode.INVALID_VALUE, field="row", value=str(said)[:80])
    return Row._make(map(str, said))


def _names(request: PageRequest, rows: Sequence[Row]) -> dict[str, str]:
    codes = [row.counterparty for row in rows]
    return dict(request.books.execute("select code, name from counterparty where code = any(%s)", [codes]).fetchall())


urlpatterns = [path("run/", run, name="set-off-run")]
