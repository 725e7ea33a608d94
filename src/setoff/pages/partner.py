"""One partner: both sides together, by contract and currency; what is open and how old; the balance over time; how he pays.

/partners/12/?contour=mgmt&as-of=2026-03-31&known-at=2026-04-02&tab=card        a counterparty
/partners/groups/3/                                                             a partner: all his counterparties as one

The tabs below (open items, card, statement, documents, contracts) are parts: HTMX changes them in place, without it the page does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from setoff.books.scope import Scope
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.moment import end_of
from setoff.pages.lots import place_of
from setoff.pages.page import PageRequest, page, render
from setoff.pages.reports import report_url
from setoff.pages.table import table_of
from setoff.parties import party as parties
from setoff.parties.party import Group, Party
from setoff.reports.ask import ask, parse_day, parse_instant
from setoff.reports.habits import habits_from, told
from setoff.reports.pictures import AgeingBar, BalancePoint, ageing_picture, balance_picture
from setoff.settlements import party_queries
from setoff.settlements.act_queries import ActFilter, acts
from setoff.settlements.acts import changes_since
from setoff.settlements.habits import Habits
from setoff.settlements.party_balances import PartyBalance, both_sides
from setoff.settlements.party_queries import BOUNDS, BalanceStep, Discharge, OpenLot, SideBalance

TABS: Final = ("open", "card", "statement", "documents", "contracts", "acts", "habits")
LOTS: Final = 100
"""How far back payments tell of habits."""
LAST_PAYMENTS: Final = 5
STEPS_MAX: Final = 36


class Question(NamedTuple):
    contour: Literal["reg", "mgmt"]
    as_of: date
    known_at: datetime | None
    known_text: str


class Subject(NamedTuple):
    """Whom the page is about: a counterparty, or a partner with several."""

    name: str
    members: tuple[Party, ...]
    group: Group | None

    @property
    def party(self) -> Party | None:
        return self.members[0] if self.group is None else None

    @property
    def option(self) -> tuple[str, str]:
        """How reports are asked about it."""
        return ("partner", self.group.code) if self.group else ("counterparty", self.members[0].code)


class Age(NamedTuple):
    """A line of the table beside the bars."""

    label: str
    receivable: int
    payable: int


class Picture(NamedTuple):
    """What one currency looks like. `ages`: the figures of the bars; `steps`: those of the line."""

    currency: str
    receivable: str
    payable: str
    ages: list[Age]
    line: str
    steps: Sequence[BalanceStep]


class Paying(NamedTuple):
    """How debts of one side are paid in a currency."""

    currency: str
    is_payable: bool
    habits: Habits
    last: Sequence[Discharge]


@page("read")
def counterparty(request: PageRequest, party_id: int) -> HttpResponse:
    found = parties.party(request.books, party_id)
    return _answer(request, Subject(found.name, (found,), None))


@page("read")
def group(request: PageRequest, group_id: int) -> HttpResponse:
    found = parties.group(request.books, group_id)
    return _answer(request, Subject(found.name, found.members, found))


@page("read")
def by_code(request: PageRequest) -> HttpResponse:
    """To the page of the counterparty or partner with that code, with the rest of the question."""
    rest = request.GET.copy()
    for option, view in (("counterparty", "pages:partner"), ("partner", "pages:partner-group")):
        for code in rest.pop(option, []):
            row = request.books.execute(f"select id from {option} where code = %s", [code]).fetchone()
            if row is None:
                raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind=option, value=code)
            return redirect(f"{reverse(view, args=[row[0]])}?{rest.urlencode()}")
    raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="counterparty", value="")


def asked(request: PageRequest) -> Question:
    """What contour, which day, known when: of the address. Errors: invalid_date, invalid_value."""
    contour = request.GET.get("contour") or "reg"
    if contour not in ("reg", "mgmt"):
        raise DomainError(ErrorCode.INVALID_VALUE, field="contour", value=contour, expected="reg, mgmt")
    day, known = request.GET.get("as-of"), request.GET.get("known-at", "")
    return Question(
        "mgmt" if contour == "mgmt" else "reg",
        parse_day(day, "as-of") if day else request.working_day,
        parse_instant(known) if known else None,
        known,
    )


@contextmanager
def as_known(request: PageRequest, question: Question) -> Iterator[None]:
    """The books as they were known then, or as they are."""
    if question.known_at is None:
        yield
        return
    from setoff.settlements.known import shadow

    with shadow(request.books, question.known_at, contours=(question.contour,), until=end_of(question.as_of), open_lots_only=False):
        yield


def _answer(request: PageRequest, subject: Subject) -> HttpResponse:
    question = asked(request)
    tab = request.GET.get("tab", "open")
    if tab not in TABS:
        raise DomainError(ErrorCode.INVALID_VALUE, field="tab", value=tab, expected=", ".join(TABS))
    scope = Scope(request.rights.units_with("read"), counterparties=tuple(party.id for party in subject.members) or (-1,))
    context: dict[str, Any] = {"subject": subject, "question": question, "tab": tab, "tabs": TABS, **links(subject, question)}
    with as_known(request, question):
        context |= _tab(request, subject, scope, tab)
        if request.htmx and request.htmx.target == "tab":
            return render(request, "parts/partner-tab", context)
        context |= _overview(request, scope, question, context["lots_url"])
        return render(request, "partner", context)


def links(subject: Subject, question: Question) -> dict[str, str]:
    """Addresses of the reports about it, as of the same day and contour."""
    option, code = subject.option
    filters = {option: code, "as_of": question.as_of.isoformat(), "contour": question.contour, "known_at": question.known_text}
    year = date(question.as_of.year, 1, 1).isoformat()
    return {
        "card_url": report_url("card", since=year, **filters),
        "statement_url": report_url("statement", since=year, **filters),
        "act_url": report_url("reconciliation-act", since=year, **filters),
        "ageing_url": report_url("ageing", **filters),
        "lots_url": f"{reverse('pages:lots')}?{urlencode([(name.replace('_', '-'), value) for name, value in filters.items() if value])}",
    }


def _overview(request: PageRequest, scope: Scope, question: Question, lots_url: str) -> dict[str, Any]:
    sides = party_queries.side_balances(request.books, scope, question.contour, question.as_of, by_contract=True)
    balances = {currency: both_sides(0, currency, rows) for currency, rows in by_currency(sides).items()}
    steps = by_currency(party_queries.balance_steps(request.books, scope, question.contour, question.as_of))
    return {
        "balances": list(balances.values()),
        "by_contract": contract_rows(sides),
        "pictures": [
            picture(request, balances.get(currency) or PartyBalance(0, currency), steps.get(currency, []), lots_url)
            for currency in sorted(balances.keys() | steps.keys())
        ],
    }


def by_currency(rows: Sequence[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.currency, []).append(row)
    return found


class ContractRow(NamedTuple):
    organization: str
    contract: str
    code: str
    balance: PartyBalance


def contract_rows(sides: Sequence[SideBalance]) -> list[ContractRow]:
    """Both sides of every contract together, by currency and organization."""
    rows: dict[tuple[str, str, int, str, str], list[SideBalance]] = {}
    for side in sides:
        rows.setdefault((side.currency, side.organization, side.contract_id, side.contract, side.contract_code), []).append(side)
    return [ContractRow(key[1], key[3], key[4], both_sides(0, key[0], found)) for key, found in sorted(rows.items())]


def picture(request: PageRequest, balance: PartyBalance, steps: Sequence[BalanceStep], lots_url: str) -> Picture:
    """The bars of each side that owes anything, and the line of the balance."""
    from setoff.language import text

    language, currency = request.language, balance.currency
    labels, spans, first = [text(language, "column-not-due")], ["-0"], 1
    for last in BOUNDS:
        labels.append(text(language, "column-overdue", first=str(first), last=str(last)))
        spans.append(f"{first}-{last}")
        first = last + 1
    labels.append(text(language, "column-overdue-more", first=str(first)))
    spans.append(f"{first}-")
    drawn = []
    for side, amounts in (("receivable", balance.receivable), ("payable", balance.payable)):
        opens = [f"{lots_url}&{urlencode({'side': side, 'what': 'debt', 'currency': currency, 'days': span})}" for span in spans]
        bars = [AgeingBar(*bar) for bar in zip(labels, amounts, [False, *[True] * len(BOUNDS), True], opens, strict=True)]
        drawn.append(ageing_picture(bars, currency, language, name=f"{side}-{currency}") if sum(amounts) else "")
    shown = steps[-STEPS_MAX:]
    line = balance_picture([BalancePoint(step.day, step.balance) for step in shown], currency, language, name=f"balance-{currency}")
    ages = [Age(*row) for row in zip(labels, balance.receivable, balance.payable, strict=True)]
    return Picture(currency, drawn[0], drawn[1], ages, line if shown else "", shown)


def paying(paid: Sequence[Discharge], as_of: date) -> list[Paying]:
    """Habits of each side and currency, theirs first."""
    found = []
    for (is_payable, currency), found_habits in told(paid, as_of):
        last = [part for part in paid if (part.is_payable, part.currency) == (is_payable, currency)][:LAST_PAYMENTS]
        found.append(Paying(currency, is_payable, found_habits, last))
    return found


def _tab(request: PageRequest, subject: Subject, scope: Scope, tab: str) -> Mapping[str, Any]:
    """What the chosen tab shows."""
    question = asked(request)
    option, code = subject.option
    if tab == "open":
        return _open_lots(request, scope, question)
    if tab == "contracts":
        return {"contracts": parties.contracts_of(request.books, [party.id for party in subject.members])}
    if tab == "acts":
        found_acts = acts(request.books, ActFilter(counterparties=tuple(party.id for party in subject.members) or (-1,)))
        return {"acts": [(act, act.state == "agreed" and bool(changes_since(request.books, act))) for act in found_acts]}
    if tab == "habits":
        paid = party_queries.discharges(request.books, scope, question.contour, habits_from(question.as_of), question.as_of)
        return {"paying": paying(paid, question.as_of)}
    since = request.GET.get("from") or date(question.as_of.year, 1, 1).isoformat()
    options = {option: [code], "from": [since]}
    if tab == "documents":
        found = ask(request.books, "journal", as_of=question.as_of.isoformat(), options=options, language=request.language)
    else:
        options |= {"contour": [question.contour], **({"group-by": ["contract", "document"]} if tab == "statement" else {})}
        found = ask(request.books, tab, as_of=question.as_of.isoformat(), options=options, language=request.language)
    return {"tables": table_of(found, request.language), "since_day": found.question.since}


def _open_lots(request: PageRequest, scope: Scope, question: Question) -> Mapping[str, Any]:
    after = place_of(request.GET.get("after", ""))
    lots = party_queries.open_lots(request.books, scope, question.contour, question.as_of, after=after, limit=LOTS + 1)
    shown: list[OpenLot] = lots[:LOTS]
    more = ",".join(map(str, shown[-1].place.numbers)) if len(lots) > LOTS else ""
    return {"lots": shown, "more": more}
