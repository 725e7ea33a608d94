"""Every report of the registry as a page: its filters in the address, its table, and exactly what is shown as a file.

/reports/NAME/?as-of=2026-03-31&unit=MSK&group-by=counterparty        the names are those of `setoff report`
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import accumulate
from typing import Any, Final, NamedTuple

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path, reverse
from django.utils.safestring import SafeString, mark_safe

from setoff.core.errors import DomainError, ErrorCode
from setoff.language import Language
from setoff.pages.drill import total_link_of
from setoff.pages.files import FILES, Source, file_answer
from setoff.pages.page import PageRequest, page, render
from setoff.pages.table import table_of
from setoff.reports.ask import ask, question_of
from setoff.reports.cells import heading_text
from setoff.reports.contours import contour_totals
from setoff.reports.heading import question_lines, title_text, total_text
from setoff.reports.letters import REPORTS_SENT
from setoff.reports.pictures import AgeingBar, CashDay, ageing_picture, cash_picture
from setoff.reports.portions import report_in_parts
from setoff.reports.registry import REPORTS, definition_of
from setoff.reports.report import Definition, Portion, Question, Report
from setoff.reports.statement import ageing_totals, is_paged

UPLOADED: Final = frozenset({"theirs"})
"""Options that a page of their own serves."""
FLAGS: Final = frozenset({"show-internal", "all"})
SELECTS: Final[dict[str, tuple[str, ...]]] = {
    "contour": ("reg", "mgmt"),
    "side": ("receivable", "payable"),
}
BANK_ACCOUNT: Final = "bank-account"
JOURNALS: Final = frozenset(
    {
        "journal", "postings", "applied-payments", "adjustments", "open-lots", "issued-invoices", "received-invoices", "sales-book",
        "purchase-book", "expiring-contracts", "advance-vat", "pending-vat",
    }
)  # fmt: skip
"""Reports of single documents, contracts and postings: read page by page."""
CALENDAR: Final = "payment-calendar"
"""Read page by page from its sums."""
BANK_ACCOUNTS_SQL: Final = """
  with recursive named as (
    (select bank_account from contract where bank_account <> '' order by bank_account limit 1)
    union all
    select (select bank_account from contract c where c.bank_account <> '' and c.bank_account > named.bank_account
            order by c.bank_account limit 1)
    from named where named.bank_account is not null)
  select bank_account from named where bank_account is not null"""
"""Account by account from an index: contracts are many, bank accounts few."""
BESIDE: Final[Mapping[str, str]] = {
    "orders": "bills", "bills": "orders", CALENDAR: "expected-actual", "expected-actual": CALENDAR,
}  # fmt: skip
"""Reports that are read together: each leads to the other."""
BY_PARTY: Final = frozenset({"statement", "ageing", "contour-difference"})
"""Reports over everybody: read page by page in large books."""
BY_MONTH: Final = "exchange-differences"
"""Read page by page in large books: its totals need no more than what has a difference."""
APART: Final = {"ageing": ageing_totals, "contour-difference": contour_totals}
"""Totals that may come after the rows: every lot that was open is read for them."""
ROWS: Final = 200
WIDE: Final = frozenset({"adjustments"})
"""Journals whose rows are what a whole document says: as few of them as of parties."""
DERIVED: Final = {"advance-vat": 100, "pending-vat": 100, "exchange-differences": 100}
"""Journals whose rows are derived for the page, and how many of them it has."""
PARTIES: Final = 50
"""Rows of a page over everybody in large books, and of the calendar there: the lots of each, and those beside them, are read."""
ROWS_COUNTED_MAX: Final = 10**9
LARGE: Final = 20_000
"""Documents from which on the answer about everybody comes after the frame of its page."""
AFTER: Final = re.compile(r"(-?\d{1,19}),(\d{1,19}),(\d{1,9})")
PICKED: Final = frozenset({"counterparty", "partner", "contract", "account", "unit", "organization"})


class Filter(NamedTuple):
    """A field of the filter form. `widget`: day, instant, select, flag, pick or text."""

    name: str
    widget: str
    value: str
    choices: tuple[str, ...] = ()


class Picture(NamedTuple):
    """`days`: of a picture of cash, the figures in it, each with what there is after that day."""

    name: str
    drawn: SafeString
    currency: str = ""
    days: Sequence[tuple[CashDay, int]] = ()


@page("read")
def index(request: PageRequest) -> HttpResponse:
    return render(request, "reports", {"reports": list(REPORTS)})


@page("read")
def report(request: PageRequest, name: str) -> HttpResponseBase:
    """The page; of large books the frame first, which then asks for the answer itself; what is cut is said, and files have everything."""
    definition = definition_of(name)
    options = options_of(request, definition)
    context: dict[str, Any] = {
        "name": name,
        "filters": filters_of(request, definition),
        "groups": [(group, group in (options.get("group-by") or definition.by_default)) for group in definition.groups],
        "files": list(FILES),
        "send_to": send_to(request, name, options),
        "beside": BESIDE.get(name, ""),
    }
    missing = [names for names in definition.required if not any(options.get(option) for option in names)]
    if missing:
        return render(request, "report", {**context, "missing": missing[0]})
    wanted = request.GET.get("format", "")
    portion = None
    is_journal = name in JOURNALS and not (name == "applied-payments" and "kind" in options)
    if wanted not in FILES and (is_journal or name == CALENDAR or (name in BY_PARTY | {BY_MONTH} and is_large(request))):
        is_short = name in WIDE | BY_PARTY or (name == CALENDAR and is_large(request))
        portion = portion_of(request, PARTIES if is_short else DERIVED.get(name, ROWS))
    as_part = bool(request.htmx) and request.htmx.target in ("answer", "row")
    at_once = as_part or wanted in FILES or is_journal or "now" in request.GET
    if not at_once and is_heavy(request, options) and not (portion and is_quick(request, definition, options)):
        return render(request, "report", {**context, "later": True})
    as_of = request.GET.get("as-of") or request.working_day.isoformat()
    if wanted in FILES:
        question = question_of(request.books, definition, as_of=as_of, options=options, language=request.language)
        asked = partial(report_in_parts, name=name, as_of=as_of, options=options, language=request.language)
        whole = partial(ask, name=name, as_of=as_of, options=options, language=request.language)
        return file_answer(request, Source(name, question, whole, asked), wanted)
    if name in APART and "totals" in request.GET:
        return totals_answer(request, question_of(request.books, definition, as_of=as_of, options=options, language=request.language), name)
    found = ask(request.books, name, as_of=as_of, options=options, language=request.language, portion=portion)
    context |= {
        "totals_apart": found.totals_apart,
        "title": title_text(found, request.language),
        "question": question_lines(found, request.language),
    }
    context |= shown_part(request, found)
    is_later = context.get("before") or (name == CALENDAR and "after" in request.GET)
    context["pictures"] = [] if is_later else _pictures(name, found, request.language)
    return render(request, "parts/report-answer" if as_part else "report", context)


def totals_answer(request: PageRequest, question: Question, name: str) -> HttpResponse:
    """The totals of ageing on an earlier day, or of a difference of contours, after the rows."""
    found = APART[name](request.books, question)
    context = {"tables": table_of(found, request.language), "pictures": _pictures(name, found, request.language)}
    return render(request, "parts/report-totals", context)


def send_to(request: PageRequest, name: str, options: Mapping[str, Sequence[str]]) -> str:
    """Where the report goes to the partner from; empty when it is about several, or nothing may be sent."""
    parties = [code for option in ("counterparty", "partner") for code in options.get(option, ())]
    if name not in REPORTS_SENT or len(parties) != 1 or not request.rights.units_with("post"):
        return ""
    return f"{reverse('pages:report-send', args=[name])}?{request.GET.urlencode()}"


def is_heavy(request: PageRequest, options: Mapping[str, Sequence[str]]) -> bool:
    """Whether the answer may take long: everybody's settlements in large books, or the books as they were known once."""
    if "known-at" in options:
        return True
    if any(options.get(name) for name in ("counterparty", "contract", "partner", "account")):
        return False
    return is_large(request)


def is_quick(request: PageRequest, definition: Definition, options: Mapping[str, Sequence[str]]) -> bool:
    """Whether a report over everybody is read a page at a time, with its totals kept."""
    as_of = request.GET.get("as-of") or request.working_day.isoformat()
    question = question_of(request.books, definition, as_of=as_of, options=options)
    return definition.name == CALENDAR or is_paged(replace(question, portion=Portion(PARTIES)))


def is_large(request: PageRequest) -> bool:
    row = request.books.execute("select reltuples > %s from pg_class where oid = 'document'::regclass", [LARGE]).fetchone()
    return bool(row and row[0])


def portion_of(request: PageRequest, rows_max: int) -> Portion:
    """Errors: invalid_value."""
    said = request.GET.get("after", "")
    if not said:
        return Portion(rows_max)
    found = AFTER.fullmatch(said)
    if found is None:
        raise DomainError(ErrorCode.INVALID_VALUE, field="after", value=said)
    return Portion(rows_max, (int(found[1]), int(found[2]), int(found[3])))


def shown_part(request: PageRequest, found: Report) -> dict[str, Any]:
    """The rows of this page, no others are put into words. Totals stand on every page: they are those of the whole report."""
    if found.following or request.GET.get("after"):
        after = ",".join(map(str, found.following)) if found.following else ""
        return {"tables": table_of(found, request.language), "after": after, "cut": True}
    count = sum(len(section.rows) for section in found.sections)
    if count <= ROWS:
        return {"tables": table_of(found, request.language)}
    said = request.GET.get("page", "1")
    number = int(said) if said.isdecimal() and 0 < int(said) < ROWS_COUNTED_MAX else 1
    first, last = (number - 1) * ROWS, number * ROWS
    sections, place = [], 0
    for section in found.sections:
        rows = section.rows[max(first - place, 0) : max(last - place, 0)]
        if rows or first <= place < last:
            sections.append(replace(section, rows=rows))
        place += len(section.rows)
    return {
        "tables": table_of(replace(found, sections=sections), request.language), "first": first + 1, "last": min(last, count),
        "count": count, "cut": True, "before": number - 1 if number > 1 else "", "next": number + 1 if last < count else "",
    }  # fmt: skip


def _pictures(name: str, found: Report, language: Language) -> list[Picture]:
    """What a report shows as a picture beside its table."""
    if name == CALENDAR:
        return cash_pictures(found, language)
    return pictures_of(found, language) if name == "ageing" else []


def cash_pictures(found: Report, language: Language) -> list[Picture]:
    """Money expected by day and what there is afterwards, all bank accounts of a currency together, with the figures."""
    drawn = []
    for currency, opening, days in found.cash:
        picture = mark_safe(cash_picture(days, opening, currency, language, name=f"cash-{currency}"))  # noqa: S308 - escaped there
        balances = list(accumulate((day.in_minor - day.out_minor for day in days), initial=opening))[1:]
        drawn.append(Picture(currency, picture, currency, list(zip(days, balances, strict=True))))
    return drawn


def pictures_of(found: Report, language: Language) -> list[Picture]:
    """Bars of every total of the ageing report that has a debt, with its name; each opens the items behind it."""
    drawn = []
    columns = [column for column in found.columns if column.place >= 0]
    for number, total in enumerate(total for section in found.sections for total in section.totals):
        bars = [
            AgeingBar(heading_text(column, language), column.value(total.row), column.place > 0, total_link_of(found, column, total.row))
            for column in columns
        ]
        if total.row.total:
            bars_of_total = mark_safe(ageing_picture(bars, total.row.currency, language, name=f"ageing-{number}"))  # noqa: S308 - escaped there
            drawn.append(Picture(total_text(total, language), bars_of_total))
    return drawn


def options_of(request: PageRequest, definition: Definition) -> dict[str, list[str]]:
    """What was asked; empty fields of the form mean nothing was."""
    known = (definition.options | definition.common) - UPLOADED
    given = {name: [value for value in request.GET.getlist(name) if value] for name in known}
    return {name: values for name, values in given.items() if values}


def filters_of(request: PageRequest, definition: Definition) -> list[Filter]:
    names = ["as-of", *(["from"] if "from" in definition.options else []), "organization", "unit"]
    rest = sorted(definition.options - UPLOADED - {"from"}, key=lambda name: (name in FLAGS, name not in PICKED, name))
    known = ("known-at",) if "known-at" in definition.common else ()
    asked = {"as-of": request.working_day.isoformat(), **{name: str(value) for name, value in request.GET.items() if value}}
    choices = {**SELECTS, "status": definition.statuses, "kind": definition.kinds}
    if BANK_ACCOUNT in definition.options:
        choices[BANK_ACCOUNT] = bank_accounts(request, asked.get(BANK_ACCOUNT, ""))
    return [
        Filter(name, "select" if choices.get(name) else _widget(name), asked.get(name, ""), choices.get(name, ()))
        for name in (*names, *rest, *known)
    ]


def bank_accounts(request: PageRequest, asked: str) -> tuple[str, ...]:
    """Bank accounts that contracts name, and the one that was asked for."""
    named = request.books.execute(BANK_ACCOUNTS_SQL)
    return tuple(sorted({row[0] for row in named} | ({asked} if asked else set())))


def _widget(name: str) -> str:
    if name in ("as-of", "from"):
        return "day"
    if name in FLAGS:
        return "flag"
    return "select" if name in (*SELECTS, "status", BANK_ACCOUNT) else "pick" if name in PICKED else "text"


def report_url(name: str, **filters: str) -> str:
    """The address of a report with filters, names written with "_" for "-"; `since` is its first day."""
    from django.http import QueryDict

    query = QueryDict(mutable=True)
    for key, value in filters.items():
        if value:
            query["from" if key == "since" else key.replace("_", "-")] = value
    return reverse("pages:report", args=[name]) + (f"?{query.urlencode()}" if query else "")


urlpatterns = [
    path("", index, name="reports"),
    path("<str:name>/", report, name="report"),
]
