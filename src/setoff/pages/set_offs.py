"""What can be set off at this day: who owes us while we owe him, by unit and currency. The list that Today's figure opens.

/set-offs/?unit=MSK&q=ромашка&partner=GROUP&currency=RUB&least=1000&days=30&sort=amount

`days`: their oldest debt is at least so many days old. Everything the list shows is in its address; its file has the same rows, all of
them. Marked rows, or all of the filter, are set off in one go (pages/set_off_run.py).
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final, NamedTuple, get_args
from uuid import uuid4

from django.http.response import HttpResponseBase
from django.urls import path

from setoff.core.errors import DomainError, ErrorCode
from setoff.language.zones import today
from setoff.pages.files import LISTS, Source, file_answer, source_of_list
from setoff.pages.page import PageRequest, page, render
from setoff.parties.party import party_ids_named
from setoff.reports.open_now import set_offs_in_parts
from setoff.setoffs.queries import EVERYTHING, counterparties_of, wanted_on
from setoff.settlements.both_ways import BothWaysWanted, Sort, both_ways, both_ways_totals
from setoff.settlements.open_queries import BothWays

PAGE_ROWS: Final = 100
SORTS: Final[tuple[Sort, ...]] = get_args(Sort)
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
    sort: Sort
    partner: str = ""


@page("read")
def index(request: PageRequest) -> HttpResponseBase:
    wanted = filter_of(request)
    asked = asked_of(request, wanted)
    if (file := request.GET.get("format", "")) in LISTS:
        return file_answer(request, source_of(request, wanted, asked), file)
    totals = both_ways_totals(request.books, asked)
    count = sum(total.parties for total in totals)
    number = page_number(request, count)
    shown = both_ways(request.books, asked, limit=PAGE_ROWS, skipped=(number - 1) * PAGE_ROWS) if count else []
    waiting = {(unit, party): number for unit, party, number in request.books.execute(WAITING_SQL)}
    context: dict[str, Any] = {
        "wanted": wanted,
        "sorts": SORTS,
        "units": sorted(request.rights.unit_codes),
        "currencies": sorted({total.currency for total in totals} | {wanted.currency} - {""}),
        "rows": [(row, (request.working_day - row.since).days, waiting.get((row.unit, row.counterparty))) for row in shown],
        "count": count,
        "totals": totals,
        "files": LISTS,
        "before": number - 1,
        "next": number + 1 if count > number * PAGE_ROWS else 0,
        "posting": posting_units(request),
        "operation": str(uuid4()),
    }
    return render(request, "set-offs", context)


def posting_units(request: PageRequest) -> set[str]:
    """Units in which this person may post: rows of the others have nothing to mark."""
    return {code for code, unit_id in request.rights.unit_codes.items() if request.rights.may("post", unit_id)}


def filter_of(request: PageRequest) -> Filter:
    """Errors: invalid_value."""
    said = {name: request.GET.get(name, "").replace("\0", "").strip() for name in Filter._fields}
    said["said"] = request.GET.get("q", "").replace("\0", "").strip()
    sort = next((name for name in SORTS if name == (said["sort"] or "amount")), None)
    if sort is None:
        raise DomainError(ErrorCode.INVALID_VALUE, field="sort", value=said["sort"], expected=", ".join(SORTS))
    if said["days"] and not (said["days"].isdecimal() and len(said["days"]) < 6):
        raise DomainError(ErrorCode.INVALID_VALUE, field="days", value=said["days"])
    least = said["least"].replace(" ", "")
    return Filter(said["unit"], said["said"], said["currency"], least, int(said["days"] or 0), sort, said["partner"])


def asked_of(request: PageRequest, wanted: Filter) -> BothWaysWanted:
    """The filter as the books are asked. Errors: invalid_amount, unknown_reference (partner)."""
    asked = wanted_on(request.working_day, today=today())._replace(
        unit=wanted.unit, currency=wanted.currency, least=wanted.least.replace(",", "."), days=wanted.days, sort=wanted.sort
    )
    if wanted.partner:
        codes = counterparties_of(request.books, wanted.partner)
        members = [party_id for (party_id,) in request.books.execute("select id from counterparty where code = any(%s)", [codes])]
        asked = asked._replace(parties=members)
    if wanted.said:
        named = party_ids_named(request.books, wanted.said)
        asked = asked._replace(parties=named if asked.parties is None else sorted({*named} & {*asked.parties}))
    return asked


def rows_of(request: PageRequest, wanted: Filter) -> list[BothWays]:
    """All rows of the filter, sorted. Errors: invalid_amount, unknown_reference."""
    return both_ways(request.books, asked_of(request, wanted), limit=EVERYTHING)


def page_number(request: PageRequest, count: int) -> int:
    """The page asked for, or the last there is."""
    said = request.GET.get("page", "1")
    last = max(1, -(-count // PAGE_ROWS))
    return min(int(said), last) if said.isdecimal() and len(said) < 8 and int(said) > 0 else 1


def source_of(request: PageRequest, wanted: Filter, asked: BothWaysWanted) -> Source:
    """The whole list, as a file has it."""
    said = {"unit": wanted.unit, "named": wanted.said, "partner": wanted.partner, "currency": wanted.currency, "least": wanted.least}
    said["older"] = str(wanted.days or "")
    return source_of_list(request, "set-offs", said, partial(set_offs_in_parts, wanted=asked))


urlpatterns = [path("", index, name="set-offs")]
