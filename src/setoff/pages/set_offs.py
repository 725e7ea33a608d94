"""What can be set off at this day: who owes us while we owe him, by unit and currency. The list that Today's figure opens.

/set-offs/?unit=MSK&q=ромашка&currency=RUB&least=1000&days=30&sort=amount

`days`: their oldest debt is at least so many days old. Everything the list shows is in its address; its file has the same rows, all of
them. Marked rows, or all of the filter, are set off in one go (pages/set_off_run.py).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import uuid4

from django.http.response import HttpResponseBase
from django.urls import path

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import format_amount, parse_amount
from setoff.language import text
from setoff.language.zones import today
from setoff.pages.files import csv_answer
from setoff.pages.page import PageRequest, page, render
from setoff.parties.party import party_ids_named
from setoff.setoffs.queries import what_can_be_set_off
from setoff.settlements.open_queries import BothWays, BothWaysTotal

PAGE_ROWS: Final = 100
SORTS: Final = ("amount", "age", "party")
COLUMNS: Final = ("counterparty", "code", "amount", "currency", "they-owe", "we-owe", "since", "days", "unit")
WAITING_SQL: Final = """
  select unit.code, counterparty.code, approval.id from approval
  join document d on d.unit_id = approval.unit_id and d.id = approval.document_id and d.kind = 'set_off'
  join unit on unit.id = d.unit_id join counterparty on counterparty.id = d.counterparty_id
  where approval.state = 'pending' order by approval.id"""
"""Set-offs that wait for a second person."""


class Filter(NamedTuple):
    """What the list is narrowed to. `least` is an amount as it was typed: it means something in each row's own currency."""

    unit: str
    said: str
    currency: str
    least: str
    days: int
    sort: str


@page("read")
def index(request: PageRequest) -> HttpResponseBase:
    wanted = filter_of(request)
    found = rows_of(request, wanted)
    if request.GET.get("format") == "csv":
        return file_answer(request, found)
    number = page_number(request, len(found))
    shown = found[(number - 1) * PAGE_ROWS : number * PAGE_ROWS]
    waiting = {(unit, party): number for unit, party, number in request.books.execute(WAITING_SQL)}
    context: dict[str, Any] = {
        "wanted": wanted,
        "sorts": SORTS,
        "units": sorted(request.rights.unit_codes),
        "currencies": sorted({row.currency for row in found} | {wanted.currency} - {""}),
        "rows": [(row, (request.working_day - row.since).days, waiting.get((row.unit, row.counterparty))) for row in shown],
        "count": len(found),
        "totals": totals_of(found),
        "before": number - 1,
        "next": number + 1 if len(found) > number * PAGE_ROWS else 0,
        "posting": posting_units(request),
        "operation": str(uuid4()),
    }
    return render(request, "set-offs", context)


def posting_units(request: PageRequest) -> set[str]:
    """Units in which this person may post: rows of the others have nothing to mark."""
    return {code for code, unit_id in request.rights.unit_codes.items() if request.rights.may("post", unit_id)}


def filter_of(request: PageRequest) -> Filter:
    """Errors: invalid_value."""
    said = {name: request.GET.get(name, "").strip() for name in Filter._fields}
    said["said"] = request.GET.get("q", "").strip()
    sort = said["sort"] or "amount"
    if sort not in SORTS:
        raise DomainError(ErrorCode.INVALID_VALUE, field="sort", value=sort, expected=", ".join(SORTS))
    if said["days"] and not (said["days"].isdecimal() and len(said["days"]) < 6):
        raise DomainError(ErrorCode.INVALID_VALUE, field="days", value=said["days"])
    return Filter(said["unit"], said["said"], said["currency"], said["least"].replace(" ", ""), int(said["days"] or 0), sort)


def rows_of(request: PageRequest, wanted: Filter) -> list[BothWays]:
    """All rows of the filter, sorted. Errors: invalid_amount."""
    named = _named(request, wanted.said) if wanted.said else None
    found = [
        row
        for row in what_can_be_set_off(request.books, request.working_day, today=today())
        if (not wanted.unit or row.unit == wanted.unit)
        and (not wanted.currency or row.currency == wanted.currency)
        and (named is None or row.counterparty in named)
        and (not wanted.days or (request.working_day - row.since).days >= wanted.days)
        and (not wanted.least or row.amount >= parse_amount(wanted.least.replace(",", "."), row.currency))
    ]
    if wanted.sort == "age":
        found.sort(key=lambda row: row.since)
    elif wanted.sort == "party":
        found.sort(key=lambda row: (row.name, row.unit, row.currency))
    return found


def _named(request: PageRequest, said: str) -> set[str]:
    ids = party_ids_named(request.books, said)
    return {code for (code,) in request.books.execute("select code from counterparty where id = any(%s)", [ids])}


def totals_of(rows: list[BothWays]) -> list[BothWaysTotal]:
    """By currency, in the order of the list."""
    sums: dict[str, tuple[int, int]] = {}
    for row in rows:
        count, amount = sums.get(row.currency, (0, 0))
        sums[row.currency] = (count + 1, amount + row.amount)
    return [BothWaysTotal(currency, *found) for currency, found in sorted(sums.items())]


def page_number(request: PageRequest, count: int) -> int:
    """The page asked for, or the last there is."""
    said = request.GET.get("page", "1")
    last = max(1, -(-count // PAGE_ROWS))
    return min(int(said), last) if said.isdecimal() and len(said) < 8 and int(said) > 0 else 1


def file_answer(request: PageRequest, rows: list[BothWays]) -> HttpResponseBase:
    def cells(row: BothWays) -> list[Any]:
        amount, they_owe, we_owe = (Decimal(format_amount(found, row.currency)) for found in (row.amount, row.they_owe, row.we_owe))
        days = (request.working_day - row.since).days
        return [row.name, row.counterparty, amount, row.currency, they_owe, we_owe, row.since, days, row.unit]

    heads = [text(request.language, f"set-offs-{column}") for column in COLUMNS]
    return csv_answer(request, "set-offs", heads, lambda _conn: map(cells, rows))


urlpatterns = [path("", index, name="set-offs")]
