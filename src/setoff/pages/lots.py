"""Open items at the end of any day: the list behind a figure of the statement, of ageing or of a partner's page.

/lots/?counterparty=VEGA&relation=buyer&what=debt&days=31-60&as-of=2026-03-31&contour=reg&known-at=...

`days` overdue: "31-60", "91-" (and more), "-0" (not due), "1-" (overdue). Options are those of the ageing report; files have all rows.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any, Final

from django.http.response import HttpResponseBase
from django.urls import path

from setoff.core.errors import DomainError, ErrorCode
from setoff.pages.files import LISTS, file_answer, source_in_parts
from setoff.pages.page import PageRequest, page, render
from setoff.pages.reports import options_of
from setoff.pages.table import table_of
from setoff.reports.ask import question_of
from setoff.reports.heading import question_lines
from setoff.reports.open_lots import open_lots_report
from setoff.reports.portions import as_known, open_lots_in_parts
from setoff.reports.registry import definition_of
from setoff.settlements.party_queries import LotFilter, LotPlace
from setoff.trade.terms import WE_OWE_BY_NATURE

SIDES: Final = ("receivable", "payable")
KINDS: Final = ("debt", "advance")
DAYS: Final = re.compile(r"(-?\d{0,5})-(\d{0,5})|-(\d{1,5})")
PLACE: Final = re.compile(r"(\d{1,19}),(\d{1,19}),(\d{1,9})")


@page("read")
def lots(request: PageRequest) -> HttpResponseBase:
    definition = definition_of("ageing")
    options = {name: values for name, values in options_of(request, definition).items() if name not in ("side", "group-by")}
    as_of = request.GET.get("as-of") or request.working_day.isoformat()
    question = question_of(request.books, definition, as_of=as_of, options=options, language=request.language)
    wanted = filter_of(request)
    if (file := request.GET.get("format", "")) in LISTS:
        parts = partial(open_lots_in_parts, question=question, wanted=wanted)
        return file_answer(request, source_in_parts("open-lots", question, parts), file)
    with as_known(request.books, question):
        portion = open_lots_report(request.books, question, wanted, place_of(request.GET.get("after", "")))
        context: dict[str, Any] = {
            "question": question_lines(portion.report, request.language),
            "tables": table_of(portion.report, request.language),
            "items": portion.items,
            "wanted": wanted,
            "after": ",".join(map(str, portion.following.numbers)) if portion.following else "",
            "files": LISTS,
        }
        return render(request, "lots", context)


def filter_of(request: PageRequest) -> LotFilter:
    """Errors: invalid_value."""
    side, what, relation = (request.GET.get(name, "") for name in ("side", "what", "relation"))
    known = {"side": (side, ("", *SIDES)), "what": (what, ("", *KINDS))}
    for field, (value, values) in known.items():
        if value not in values:
            raise DomainError(ErrorCode.INVALID_VALUE, field=field, value=value, expected=", ".join(values[1:]))
    first, last = days_of(request.GET.get("days", ""))
    if relation:
        side = "payable" if relation in WE_OWE_BY_NATURE else "receivable"
    return LotFilter(side, relation, what, first, last)


def days_of(said: str) -> tuple[int | None, int | None]:
    """ "31-60" -> (31, 60), "91-" -> (91, None), "-0" -> (None, 0). Errors: invalid_value."""
    if not said:
        return None, None
    found = DAYS.fullmatch(said)
    if found is None:
        raise DomainError(ErrorCode.INVALID_VALUE, field="days", value=said, expected="31-60, 91-, -0")
    first, last = found[1] or "", found[2] or found[3] or ""
    return int(first) if first.strip("-") else None, int(last) if last else None


def place_of(said: str) -> LotPlace | None:
    """Errors: invalid_value."""
    if not said:
        return None
    found = PLACE.fullmatch(said)
    if found is None:
        raise DomainError(ErrorCode.INVALID_VALUE, field="after", value=said)
    return LotPlace.at(int(found[1]), int(found[2]), int(found[3]))


urlpatterns = [path("", lots, name="lots")]
