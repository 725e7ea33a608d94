"""Open debts and advances as a list: where the figures of other pages lead.

/open/?side=receivable&what=debt&days=overdue&currency=RUB        days: overdue, week, later, all, or one ISO day
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from django.http.response import HttpResponseBase
from django.urls import path

from setoff.core.errors import DomainError, ErrorCode
from setoff.pages.files import LISTS, Source, file_answer, source_of_list
from setoff.pages.page import PageRequest, page, render
from setoff.reports.ask import parse_day
from setoff.reports.open_now import open_items_in_parts
from setoff.settlements.open_queries import START, Place, Wanted, open_items, open_total, span

PAGE_ROWS: Final = 100
NAMED: Final = ("overdue", "week", "later", "all")


@page("read")
def items(request: PageRequest) -> HttpResponseBase:
    wanted = wanted_of(request)
    if (file := request.GET.get("format", "")) in LISTS:
        return file_answer(request, source_of(request, wanted), file)
    after = place_of(request.GET.get("after", ""))
    found = open_items(request.books, wanted, request.working_day, after=after, limit=PAGE_ROWS + 1)
    count, amount = open_total(request.books, wanted)
    shown = found[:PAGE_ROWS]
    last = shown[-1] if len(found) > PAGE_ROWS else None
    context: dict[str, Any] = {
        "wanted": wanted,
        "days": request.GET.get("days") or "all",
        "choices": NAMED,
        "items": shown,
        "count": count,
        "amount": amount,
        "files": LISTS,
        "next": f"{last.day}_{last.document_id}_{last.line}" if last else "",
    }
    return render(request, "open_items", context)


def wanted_of(request: PageRequest) -> Wanted:
    """Errors: invalid_value, invalid_date."""
    side, what = request.GET.get("side", "receivable"), request.GET.get("what", "debt")
    for field, value, known in (("side", side, ("receivable", "payable")), ("what", what, ("debt", "advance"))):
        if value not in known:
            raise DomainError(ErrorCode.INVALID_VALUE, field=field, value=value, expected=", ".join(known))
    days = request.GET.get("days") or "all"
    if days not in NAMED:
        days = parse_day(days, "days").isoformat()
    first, last = span(days, request.working_day)
    return Wanted(
        "payable" if side == "payable" else "receivable", "advance" if what == "advance" else "debt",
        request.GET.get("currency") or usual_currency(request), first, last, request.GET.get("counterparty") or None,
    )  # fmt: skip


def usual_currency(request: PageRequest) -> str:
    """The currency of the first organization's books."""
    row = request.books.execute("select book_currency from organization order by id limit 1").fetchone()
    return row[0] if row else ""


def place_of(typed: str) -> Place:
    """ "2026-03-31_17_1", as the address of the next page says it. Errors: invalid_value, invalid_date."""
    if not typed:
        return START
    day, _, rest = typed.partition("_")
    document, _, line = rest.partition("_")
    if not (document.isdecimal() and line.isdecimal() and len(document) < 19 and len(line) < 10):
        raise DomainError(ErrorCode.INVALID_VALUE, field="after", value=typed)
    return Place(parse_day(day, "after"), int(document), int(line))


def source_of(request: PageRequest, wanted: Wanted) -> Source:
    """The whole list, as a file has it."""
    days = request.GET.get("days") or "all"
    names = {
        "side": wanted.side, "lot": wanted.what, "span": days if days != "all" else "", "currency": wanted.currency,
        "counterparty": wanted.counterparty or "",
    }  # fmt: skip
    return source_of_list(request, "open-items", names, partial(open_items_in_parts, wanted=wanted))


urlpatterns = [path("", items, name="open-items")]
