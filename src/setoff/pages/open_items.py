"""Open debts and advances as a list: where the figures of other pages lead.

/open/?side=receivable&what=debt&days=overdue&currency=RUB        days: overdue, week, later, all, or one ISO day
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from django.http.response import HttpResponseBase
from django.urls import path

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import format_amount
from setoff.language import Language, text
from setoff.pages.files import Connection, csv_answer
from setoff.pages.page import PageRequest, page, render
from setoff.reports.ask import parse_day
from setoff.reports.cells import term_text
from setoff.settlements.open_queries import START, OpenItem, Place, Wanted, open_items, open_total, span

PAGE_ROWS: Final = 100
FILE_ROWS: Final = 5_000
COLUMNS: Final = ("unit", "counterparty", "contract", "document", "date", "due", "days", "amount", "currency")
NAMED: Final = ("overdue", "week", "later", "all")


@page("read")
def items(request: PageRequest) -> HttpResponseBase:
    wanted = wanted_of(request)
    if request.GET.get("format") == "csv":
        return file_answer(request, wanted)
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


def file_answer(request: PageRequest, wanted: Wanted) -> HttpResponseBase:
    def rows(conn: Connection) -> Iterator[list[Any]]:
        after = START
        while part := open_items(conn, wanted, request.working_day, after=after, limit=FILE_ROWS):
            yield from (_cells(item, request.language) for item in part)
            after = Place(part[-1].day, part[-1].document_id, part[-1].line)

    return csv_answer(request, "open", [text(request.language, f"open-{column}") for column in COLUMNS], rows)


def _cells(item: OpenItem, language: Language) -> list[Any]:
    document = f"{term_text('kind', item.kind, language)} {item.number}"
    amount = Decimal(format_amount(item.residual, item.currency))
    return [item.unit, item.name, item.contract or "", document, item.date, item.day, item.days_late, amount, item.currency]


urlpatterns = [path("", items, name="open-items")]
