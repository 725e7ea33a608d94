"""The list of documents: its filters in the address, chips to take them off, saved views, totals over the whole filter, files.

/documents/?kind=sale&state=posted&from=2026-01-01&counterparty=VEGA&sort=amount&after=1500000.17
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final, NamedTuple

from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import digits_of
from setoff.language import fact_text, text
from setoff.pages.files import LISTS, Source, file_answer, source_in_parts
from setoff.pages.page import PageRequest, page, render
from setoff.pages.table import Cell, Row, table_of
from setoff.pages.typed import typed_decimal
from setoff.pages.views_kept import forget_view, keep_view, views_of
from setoff.reports.ask import parse_day
from setoff.reports.documents import documents_report
from setoff.reports.portions import documents_in_parts
from setoff.settlements.document_list import (
    STATES,
    CurrencyTotal,
    DocumentFilter,
    Listed,
    Order,
    Place,
    Sort,
    document_totals,
    documents_page,
    resolved,
)
from setoff.trade.kinds import KINDS

AREA: Final = "documents"
FILTERS: Final = ("q", "from", "to", "kind", "state", "counterparty", "contract", "unit", "currency", "amount-from", "amount-to", "author")
CODED: Final = {"counterparty": "select id from counterparty where code = %s", "contract": "select id from contract where code = %s"}
CURRENCIES_SQL: Final = "select distinct book_currency from organization union select distinct currency from rate order by 1"


class Chip(NamedTuple):
    """A filter that is set: what it says, and the address without it."""

    text: str
    without: str


class TotalRow(NamedTuple):
    """A total: its label over the columns before the amounts, then the other cells."""

    label: str
    span: int
    cells: list[Cell]


class Asked(NamedTuple):
    wanted: DocumentFilter
    sort: Sort
    names: list[tuple[str, tuple[str, ...]]]


@page("read")
def documents(request: PageRequest) -> HttpResponseBase:
    asked = asked_of(request)
    if (wanted_file := request.GET.get("format", "")) in LISTS:
        return file_answer(request, _source(request, asked), wanted_file)
    asked = asked._replace(wanted=resolved(request.books, asked.wanted))
    after, before = (_place(request.GET.get(name, ""), name) for name in ("after", "before"))
    found = documents_page(request.books, asked.wanted, asked.sort, after=after, before=before)
    sums = document_totals(request.books, asked.wanted) if asked.wanted.is_quick else []
    tables = table_of(_report(request, asked, found.rows, sums), request.language)
    context: dict[str, Any] = {
        "table": tables[0] if tables else None,
        "rows": list(zip(found.rows, tables[0].rows, strict=True)) if tables else [],
        "totals": [_total_row(row) for row in tables[0].totals] if tables else [],
        "chips": chips_of(request),
        "views": views_of(request, AREA),
        "query": _kept_query(request.GET).urlencode(),
        "files": LISTS,
        "sort": asked.sort,
        "totals_later": not asked.wanted.is_quick,
        "totals_asked": asked.wanted.is_of_many,
        "earlier": _place_text(found.rows[0], asked.sort) if found.rows and found.has_before else "",
        "later": _place_text(found.rows[-1], asked.sort) if found.rows and found.has_after else "",
        **_choices(request),
    }
    return render(request, "documents", context)


def _total_row(row: Row) -> TotalRow:
    span = next((place for place, cell in enumerate(row.cells) if place and cell.text), len(row.cells))
    return TotalRow(row.cells[0].text, span, row.cells[span:])


@page("read")
def totals(request: PageRequest) -> HttpResponse:
    """The totals as a part of the page, for filters that no index sums up: asked for apart."""
    asked = asked_of(request)
    tables = table_of(_report(request, asked, [], document_totals(request.books, asked.wanted)), request.language)
    return render(request, "parts/totals", {"table": tables[0] if tables else None})


@require_POST
@page("read")
def keep(request: PageRequest) -> HttpResponse:
    query = _kept_query(QueryDict(request.POST.get("query", ""))).urlencode()
    keep_view(request, AREA, request.POST.get("name", ""), query, is_shared=request.POST.get("shared") == "yes")
    return redirect(f"{reverse('pages:documents')}?{query}")


@require_POST
@page("read")
def forget(request: PageRequest, view_id: int) -> HttpResponse:
    forget_view(request, view_id)
    return redirect("pages:documents")


def asked_of(request: PageRequest) -> Asked:
    """The filters of the address. Errors: invalid_date, invalid_value, unknown_reference, unknown_currency."""
    given = {name: [value for value in request.GET.getlist(name) if value.strip()] for name in FILTERS}
    first = {name: values[0] if values else "" for name, values in given.items()}
    for currency in given["currency"]:
        digits_of(currency)
    wanted = DocumentFilter(
        units=tuple(request.rights.require("read", code) for code in given["unit"]) or request.rights.units_with("read"),
        since=parse_day(first["from"], "from") if first["from"] else None,
        until=parse_day(first["to"], "to") if first["to"] else None,
        kinds=_of_those(given["kind"], tuple(KINDS), "kind"),
        states=_of_those(given["state"], STATES, "state"),
        counterparties=_ids(request, "counterparty", given["counterparty"]),
        contracts=_ids(request, "contract", given["contract"]),
        currencies=tuple(given["currency"]),
        amount_from=typed_decimal(first["amount-from"], request.language, "amount-from"),
        amount_to=typed_decimal(first["amount-to"], request.language, "amount-to"),
        authors=tuple(given["author"]),
        text=first["q"].strip(),
    )
    order: Order = "amount" if request.GET.get("sort") == "amount" else "date"
    names = [(name, tuple(values)) for name, values in given.items() if values and name not in ("from", "to")]
    return Asked(wanted, Sort(order, request.GET.get("dir") != "asc"), names)


def _of_those(values: list[str], known: tuple[str, ...], field: str) -> tuple[str, ...]:
    for value in values:
        if value not in known:
            raise DomainError(ErrorCode.INVALID_VALUE, field=field, value=value, expected=", ".join(known))
    return tuple(values)


def _ids(request: PageRequest, what: str, codes: list[str]) -> tuple[int, ...]:
    found = []
    for code in codes:
        row = request.books.execute(CODED[what], [code]).fetchone()
        if row is None:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind=what, value=code, field=what)
        found.append(row[0])
    return tuple(found)


def _place(typed: str, field: str) -> Place | None:
    if not typed:
        return None
    value, _, number = typed.partition(".")
    if not (value.removeprefix("-").isdecimal() and number.isdecimal() and len(typed) < 40):
        raise DomainError(ErrorCode.INVALID_VALUE, field=field, value=typed)
    return Place(int(value), int(number))


def _place_text(row: Listed, sort: Sort) -> str:
    return f"{row.moment if sort.order == 'date' else row.total}.{row.id}"


def _report(request: PageRequest, asked: Asked, rows: list[Listed], sums: list[CurrencyTotal]) -> Any:
    return documents_report(rows, sums, asked.wanted, request.working_day, asked.names, request.language)


def _source(request: PageRequest, asked: Asked) -> Source:
    question = _report(request, asked, [], []).question
    parts = partial(
        documents_in_parts, wanted=asked.wanted, sort=asked.sort, as_of=request.working_day, names=asked.names, language=request.language
    )
    return source_in_parts("documents", question, parts)


def chips_of(request: PageRequest) -> list[Chip]:
    """Every filter that is set, with the way to take it off."""
    chips = []
    for name in FILTERS:
        for value in request.GET.getlist(name):
            if not value.strip():
                continue
            rest = _kept_query(request.GET)
            rest.setlist(name, [other for other in rest.getlist(name) if other != value])
            shown = fact_text(request.language, name, parse_day(value, name) if name in ("from", "to") else value)
            chips.append(Chip(f"{text(request.language, f'option-{name}')}: {shown}", f"?{rest.urlencode()}"))
    return chips


def _kept_query(given: QueryDict) -> QueryDict:
    """The filters and the order, without the page and the format."""
    kept = QueryDict(mutable=True)
    for name in (*FILTERS, "sort", "dir"):
        values = [value for value in given.getlist(name) if value.strip()]
        if values:
            kept.setlist(name, values)
    return kept


def _choices(request: PageRequest) -> dict[str, Any]:
    """What the selects of the filter form offer, and what is chosen."""
    chosen = {name: request.GET.getlist(name) for name in FILTERS}
    return {
        "kinds": [(kind, kind in chosen["kind"]) for kind in KINDS],
        "states": [(state, state in chosen["state"]) for state in STATES],
        "units": [(code, code in chosen["unit"]) for code in sorted(request.rights.unit_codes)],
        "currencies": [(row[0], row[0] in chosen["currency"]) for row in request.books.execute(CURRENCIES_SQL)],
        "typed": {name.replace("-", "_"): ", ".join(values) for name, values in chosen.items()},
    }


urlpatterns = [
    path("", documents, name="documents"),
    path("totals/", totals, name="document-totals"),
    path("views/", keep, name="view-keep"),
    path("views/<int:view_id>/forget/", forget, name="view-forget"),
]
