"""Today: what needs somebody, as figures that open their lists; and the cash expected in the next thirty days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe

from setoff.banks.queries import unclaimed_count
from setoff.books.scope import Scope
from setoff.books.workdays import calendars
from setoff.core.moment import NEVER
from setoff.intake.rejected import waiting_rows
from setoff.language import Language
from setoff.pages.page import PageRequest, page, render
from setoff.reports.pictures import CashDay, cash_picture
from setoff.settlements.checks import all_checks
from setoff.settlements.checks.results import failed_checks
from setoff.settlements.invoices.missing import kept_since, not_issued, not_received
from setoff.settlements.open_queries import AHEAD_DAYS, OpenSum, open_sums, owed_both_ways, owed_both_ways_totals
from setoff.settlements.orders.calendar import Asked, planned_rows

WEEK_DAYS: Final = 6
SHOWN_MAX: Final = 8
INVOICE_DAYS: Final = 14
INVOICES_MAX: Final = 100
GROUPS: Final = (
    ("overdue-receivable", "receivable", "debt", "overdue"),
    ("overdue-payable", "payable", "debt", "overdue"),
    ("week-receivable", "receivable", "debt", "week"),
    ("week-payable", "payable", "debt", "week"),
    ("advances-received", "payable", "advance", "all"),
    ("advances-paid", "receivable", "advance", "all"),
)


class Figure(NamedTuple):
    """A sum in one currency with the address of its list."""

    currency: str
    amount: int
    items: int
    address: str


class Group(NamedTuple):
    """A card. `name` is the key of its title."""

    name: str
    figures: list[Figure]


class Cash(NamedTuple):
    """Cash expected in one currency: the picture and the table beside it; whether some of it is only planned."""

    currency: str
    picture: SafeString
    days: list[CashDay]
    has_planned: bool


@page("read")
def today(request: PageRequest) -> HttpResponse:
    sums = open_sums(request.books, request.working_day)
    totals = owed_both_ways_totals(request.books)
    errors = tuple(check for check in all_checks() if check.state == "error")
    context = {
        "groups": [Group(name, figures(sums, side, what, days)) for name, side, what, days in GROUPS],
        "both_ways": owed_both_ways(request.books, limit=SHOWN_MAX),
        "both_ways_more": max(sum(total.parties for total in totals) - SHOWN_MAX, 0),
        "both_ways_totals": totals,
        "failed": failed_checks(request.books, errors),
        "cash": expected_cash(sums, request),
        "bank_unclaimed": unclaimed_count(request.books),
        "invoices": missing_counts(request),
        "rejected": waiting_rows(request.books),
    }
    return render(request, "today", context)


def missing_counts(request: PageRequest) -> list[tuple[str, int]]:
    """Documents of the last days without an invoice, ours and the suppliers'; none where units keep no invoices."""
    day = request.working_day
    first, units = day - timedelta(days=INVOICE_DAYS), list(request.rights.unit_codes.values())
    counts = []
    for name, direction, find in (("not-issued", "issued", not_issued), ("not-received", "received", not_received)):
        since = kept_since(request.books, units, direction, first)
        found = find(request.books, since, day, day, limit=INVOICES_MAX) if since else []
        counts += [(name, len(found))] if found else []
    return counts


def figures(sums: Iterable[OpenSum], side: str, what: str, days: str) -> list[Figure]:
    """By currency, largest first."""
    wanted = {"overdue": range(-1, 0), "week": range(WEEK_DAYS + 1), "all": range(-1, AHEAD_DAYS + 2)}[days]
    found: dict[str, tuple[int, int]] = {}
    for item in sums:
        if (item.side, item.what) == (side, what) and item.days in wanted:
            amount, count = found.get(item.currency, (0, 0))
            found[item.currency] = (amount + item.amount, count + item.items)
    ordered = sorted(found.items(), key=lambda pair: -pair[1][0])
    return [
        Figure(currency, amount, count, open_items_url(side=side, what=what, days=days, currency=currency))
        for currency, (amount, count) in ordered
    ]


def open_items_url(**wanted: str) -> str:
    return f"{reverse('pages:open-items')}?{urlencode(wanted)}"


def expected_cash(sums: Sequence[OpenSum], request: PageRequest) -> list[Cash]:
    """Debts due from today on and what orders and bills plan, by day, in each currency; what is overdue is expected on no day."""
    language: Language = request.language
    first = request.working_day
    amounts: dict[str, dict[date, list[int]]] = {}
    for item in sums:
        if item.what == "debt" and 0 <= item.days <= AHEAD_DAYS:
            held = amounts.setdefault(item.currency, {}).setdefault(first + timedelta(days=item.days), [0] * 4)
            held[item.side == "payable"] += item.amount
    asked = Asked(Scope(tuple(request.rights.unit_codes.values())), first, first + timedelta(days=AHEAD_DAYS), NEVER)
    for row in planned_rows(request.books, asked, calendars(request.books, list(asked.scope.units))):
        if first <= row.due <= asked.until:
            held = amounts.setdefault(row.currency, {}).setdefault(row.due, [0] * 4)
            for place, amount in enumerate((row.in_minor, row.out_minor, row.in_minor, row.out_minor)):
                held[place] += amount
    used = {currency: sum(item.items for item in sums if item.currency == currency) for currency in amounts}
    found = []
    for currency in sorted(amounts, key=lambda name: (-used[name], name)):
        by_day = amounts[currency]
        days = [CashDay(day, *by_day.get(day, (0, 0))) for day in _days(first)]
        picture = cash_picture(days, 0, currency, language, name=f"cash-{currency}")
        shown = [day for day in days if day.in_minor or day.out_minor]
        found.append(Cash(currency, mark_safe(picture), shown, any(day.planned_in or day.planned_out for day in shown)))  # noqa: S308 - escaped there
    return found


def _days(first: date) -> list[date]:
    return [first + timedelta(days=day) for day in range(AHEAD_DAYS + 1)]


urlpatterns = [
    path("", today, name="today"),
]
