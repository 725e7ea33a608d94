"""Partners: who owes whom, sorted by what matters, a currency at a time; search by name, code, tax number.

/partners/?q=ромашка&currency=RUB&sort=overdue&contour=reg&as-of=2026-03-31

Figures come from the balances kept in this process (settlements/party_balances.py), so a list of a hundred thousand parties answers
at once. By name the list goes through all parties, also those that owe nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from django.http import HttpResponse
from django.urls import path

from setoff.core.errors import DomainError, ErrorCode
from setoff.pages import partner
from setoff.pages.page import PageRequest, page, render
from setoff.pages.partner import asked
from setoff.parties import party as parties
from setoff.parties.party import Party
from setoff.settlements.party_balances import Key, PartyBalance, all_party_balances

PAGE: Final = 50
CURSOR: Final = re.compile(r"-?\d{1,19},\d{1,19}")
AMOUNTS: Final = ("overdue", "they-owe", "we-owe", "overdue-payable", "advance-received", "advance-paid", "net")
SORTS: Final = (*AMOUNTS, "days", "name")
AMOUNT_OF: Final[Mapping[str, Callable[[PartyBalance], int]]] = {
    "overdue": lambda row: row.overdue_receivable,
    "they-owe": lambda row: row.they_owe,
    "we-owe": lambda row: row.we_owe,
    "overdue-payable": lambda row: row.overdue_payable,
    "advance-received": lambda row: row.advance_received,
    "advance-paid": lambda row: row.advance_paid,
    "net": lambda row: abs(row.net),
}


class Row(NamedTuple):
    """A party in one currency. `days`: how long their oldest debt is overdue."""

    party: Party
    balance: PartyBalance
    days: int | None


class CurrencyTotal(NamedTuple):
    currency: str
    parties: int
    they_owe: int
    overdue: int
    we_owe: int
    overdue_payable: int
    advance_received: int
    advance_paid: int
    net: int


@page("read")
def index(request: PageRequest) -> HttpResponse:
    question = asked(request)
    said = request.GET.get("q", "").strip()
    sort = request.GET.get("sort", "overdue")
    if sort not in SORTS:
        raise DomainError(ErrorCode.INVALID_VALUE, field="sort", value=sort, expected=", ".join(SORTS))
    balances = all_party_balances(request.books, request.rights.units_with("read"), question.contour, question.as_of)
    wanted = set(parties.party_ids_named(request.books, said)) if said else None
    found = {key: balance for key, balance in balances.items() if wanted is None or key[0] in wanted} if said else balances
    totals = currency_totals(found.values())
    currency = chosen_currency(request.GET.get("currency"), totals)
    rows, after = page_of(request, found, wanted, (sort, currency, question.as_of))
    context: dict[str, Any] = {
        "question": question,
        "said": said,
        "sort": sort,
        "currency": currency,
        "totals": totals,
        "total": next((total for total in totals if total.currency == currency), None),
        "rows": rows,
        "after": after,
        "begins": not request.GET.get("after"),
    }
    part = request.htmx.target if request.htmx else None
    return render(request, {"more": "parts/partner-rows", "parties": "parts/partner-table"}.get(part or "", "partners"), context)


def currency_totals(balances: Iterable[PartyBalance]) -> list[CurrencyTotal]:
    """Sums of each currency, that of the most parties first."""
    sums: dict[str, list[int]] = {}
    count: Counter[str] = Counter()
    for balance in balances:
        count[balance.currency] += 1
        own = sums.setdefault(balance.currency, [0] * 7)
        they_owe, we_owe = balance.they_owe, balance.we_owe
        amounts = (
            they_owe, they_owe - balance.receivable[0], we_owe, we_owe - balance.payable[0], balance.advance_received,
            balance.advance_paid, they_owe + balance.advance_paid - we_owe - balance.advance_received,
        )  # fmt: skip
        for place, amount in enumerate(amounts):
            own[place] += amount
    return [CurrencyTotal(currency, number, *sums[currency]) for currency, number in count.most_common()]


def chosen_currency(asked_for: str | None, totals: Sequence[CurrencyTotal]) -> str:
    """The one asked for, else that of the most parties. Empty: there is nothing."""
    known = [total.currency for total in totals]
    return asked_for if asked_for in known else (known[0] if known else asked_for or "")


def page_of(
    request: PageRequest, found: Mapping[Key, PartyBalance], wanted: set[int] | None, by: tuple[str, str, date]
) -> tuple[list[Row], str]:
    """The next rows, and the cursor after the last of them (empty: there are no more)."""
    sort, currency, as_of = by
    cursor = request.GET.get("after", "")
    if sort == "name":
        return _page_by_name(request, found, wanted, (cursor, currency, as_of))
    ordered = sorted(
        ((-rank_of(balance, sort, as_of), key[0]) for key, balance in found.items() if key[1] == currency),
    )
    last = tuple(map(int, cursor.split(","))) if CURSOR.fullmatch(cursor) else None
    rest = [place for place in ordered if last is None or place > last]
    shown = rest[:PAGE]
    named = {party.id: party for party in parties.parties(request.books, [party_id for _rank, party_id in shown])}
    rows = [_row(named[party_id], found, currency, as_of) for _rank, party_id in shown if party_id in named]
    return rows, ",".join(map(str, shown[-1])) if len(rest) > PAGE else ""


def rank_of(balance: PartyBalance, sort: str, as_of: date) -> int:
    """What a row is sorted by, the largest first. Of equal rows the larger debt comes first only by its amount, then by party."""
    if sort == "days":
        return (as_of - balance.oldest_receivable).days if balance.oldest_receivable else 0
    return AMOUNT_OF[sort](balance)


def _page_by_name(
    request: PageRequest, found: Mapping[Key, PartyBalance], wanted: set[int] | None, by: tuple[str, str, date]
) -> tuple[list[Row], str]:
    cursor, currency, as_of = by
    last_id = int(cursor) if cursor.isdigit() else 0
    name = parties.party(request.books, last_id).name if last_id else ""
    if wanted is None:
        listed = parties.parties_after(request.books, name, last_id, PAGE + 1)
    else:
        listed = [party for party in parties.parties(request.books, wanted) if (party.name, party.id) > (name, last_id)]
    shown = listed[:PAGE]
    return [_row(party, found, currency, as_of) for party in shown], str(shown[-1].id) if len(listed) > PAGE else ""


def _row(party: Party, found: Mapping[Key, PartyBalance], currency: str, as_of: date) -> Row:
    balance = found.get((party.id, currency)) or PartyBalance(party.id, currency)
    return Row(party, balance, (as_of - balance.oldest_receivable).days if balance.oldest_receivable else None)


urlpatterns = [
    path("", index, name="partners"),
    path("by-code/", partner.by_code, name="partner-by-code"),
    path("<int:party_id>/", partner.counterparty, name="partner"),
    path("groups/<int:group_id>/", partner.group, name="partner-group"),
]
