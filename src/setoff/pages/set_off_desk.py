"""The proposal desk: what a counterparty (and others with it) owes us beside what we owe, the set-off proposed, changed by hand and posted.

    GET  /set-offs/desk/?unit=MSK&counterparty=VEGA&with=METALL&currency=RUB      currency=*: all currencies in one document
    GET  /set-offs/desk/?unit=MSK&partner=GROUP                                 all counterparties of a partner or of a group
    GET  /set-offs/items/       both sides, the rates of the day, and the proposal over all of it
    POST /set-offs/proposal/    the proposal over the rows that the search left in sight
    POST /set-offs/preview/     what the marked rows would do: postings, what they settle, warnings (a part of the page)
    POST /set-offs/post/        do=post, save

A side may have ten thousand rows: the page gets them as one answer of JSON and shows those in sight (set-off.js). Amounts travel as whole
minor units in text. A form that is sent twice is answered as the first time (forms/posting.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse, JsonResponse, QueryDict
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from setoff.access.approvals import needs_approval
from setoff.access.policies import active_policies
from setoff.books.audit import Actor
from setoff.core.errors import DomainError
from setoff.core.money import Money, convert, digits_of
from setoff.language import SEPARATORS, date_text, text
from setoff.pages.forms import posting
from setoff.pages.forms.entry import form_id
from setoff.pages.forms.preview import preview
from setoff.pages.page import PageRequest, page, render
from setoff.pages.set_off_said import LINKED, SIDE_NAMES, TARGET, as_rows, document_of
from setoff.reports.cells import term_text
from setoff.reports.setoff_act import closing_claims
from setoff.setoffs.precheck import checked
from setoff.setoffs.proposal import OpenLot, propose, propose_across
from setoff.setoffs.queries import book_currency, counterparties_of, open_lots, rates_on
from setoff.setoffs.services import ALL_TOGETHER
from setoff.setoffs.warnings import warning_text
from setoff.trade.documents import DebtAdjustment
from setoff.trade.fields import amount_of, day_of, rate_of

SIDES: Final = ("they", "we")
REASONS: Final = ("act", "notice", "agreement", "court", "kopecks")
PARTIES_MAX: Final = 20
PAPER_TYPES: Final = ("invoice", "act", "waybill", "contract", "payment", "register")


@page("read")
def show(request: PageRequest) -> HttpResponse:
    unit, counterparty, partner, currency = (request.GET.get(name, "").strip() for name in ("unit", "counterparty", "partner", "currency"))
    context: dict[str, Any] = {"units": sorted(request.rights.unit_codes), "unit": unit, "counterparty": counterparty, "partner": partner}
    if not (unit and (counterparty or partner)):
        return render(request, "set-off", context)
    unit_id = request.rights.require("read", unit)
    parties = parties_of(request, request.GET)
    found = open_lots(request.books, unit_id, parties, request.working_day)
    counts = Counter((lot.currency, lot.side) for lot in found)
    currencies = [(code, counts[code, "they_owe_us"], counts[code, "we_owe_them"]) for code in sorted({lot.currency for lot in found})]
    both_ways = [code for code, they, we in sorted(currencies, key=lambda of: -min(of[1:])) if they and we]
    currency = currency or next(iter(both_ways), ALL_TOGETHER if len(currencies) > 1 else "".join(code for code, *_ in currencies))
    grouping, point = SEPARATORS[request.language]
    book = book_currency(request.books, unit_id)
    shown_in = book if currency == ALL_TOGETHER else currency
    names = dict(request.books.execute("select code, name from counterparty where code = any(%s)", [parties]).fetchall())
    context |= {
        "is_asked": True, "name": names.get(counterparty, partner), "others": others_of(request.GET), "currencies": currencies,
        "currency": currency, "sides": SIDES, "form_id": str(uuid4()), "day": request.working_day, "reasons": REASONS,
        "digits": digits_of(shown_in) if shown_in else 0, "grouping": grouping, "point": point, "shown_in": shown_in, "book": book,
        "signing": [("", text(request.language, "set-off-ours")), *((code, names[code]) for code in parties)],
        "papers": PAPER_TYPES, "linked_fields": LINKED, "all": ALL_TOGETHER, "may_post": request.rights.may("post", unit_id),
    }  # fmt: skip
    return render(request, "set-off", context)


@page("read")
def items(request: PageRequest) -> HttpResponse:
    """Both sides in the order of allocation, with the proposal over all of it: [side, place, amount]. `rates`: digits of a currency and
    book currency for one unit, "" where the day has no rate."""
    found = lots_in(request, request.GET)
    is_of_several = len({lot.counterparty for lot in found}) > 1
    day = _day(request, request.GET)
    shown = [(lot.side, _item(lot, request, lot.name if is_of_several else "", day)) for lot in found]
    rows = {side: [item for of, item in shown if of == SIDE_NAMES[side]] for side in SIDES}
    book, rates = _rates(request, request.GET, found)
    currencies = sorted({book, *(lot.currency for lot in found)})
    said = {currency: [digits_of(currency), f"{rates[currency]:f}" if currency in rates else ""] for currency in currencies}
    return JsonResponse({**rows, "rates": said, "book": book, "proposal": _proposal(request, request.GET, found, found)})


@require_POST
@page("read")
def proposal(request: PageRequest) -> HttpResponse:
    """The proposal over the rows in sight. Errors: invalid_value."""
    found = lots_in(request, request.POST)
    shown = {tuple(target) for target in as_rows(request.POST.get("shown", ""))}
    chosen = [lot for lot in found if tuple(_target(lot)) in shown]
    return JsonResponse({"proposal": _proposal(request, request.POST, found, chosen)})


def _proposal(request: PageRequest, said: QueryDict, found: list[OpenLot], shown: list[OpenLot]) -> list[list[Any]]:
    """[side, place on that side, amount] of what is proposed of the shown lots."""
    places = {lot: place for side in SIDES for place, lot in enumerate(lot for lot in found if lot.side == SIDE_NAMES[side])}
    sides = {name: side for side, name in SIDE_NAMES.items()}
    if said.get("currency") == ALL_TOGETHER:
        book, rates = _rates(request, said, found)
        marks = propose_across(shown, rates, book)
    else:
        marks = propose(shown)
    return [[sides[shown[mark.lot].side], places[shown[mark.lot]], str(mark.amount)] for mark in marks]


def _rates(request: PageRequest, said: QueryDict, found: Sequence[OpenLot]) -> tuple[str, dict[str, Decimal]]:
    """The book currency, and what the currencies of the lots are worth in it: by the rate typed, where there is one foreign currency, else
    by the rate table. Errors: invalid_rate."""
    book = book_currency(request.books, request.rights.require("read", said.get("unit", "")))
    rates = rates_on(request.books, book, {lot.currency for lot in found}, _day(request, said))
    foreign = {lot.currency for lot in found} - {book}
    typed = "".join(said.get("rate", "").split()).replace(",", ".")
    return book, {**rates, **dict.fromkeys(foreign, rate_of(typed, "rate"))} if typed and len(foreign) == 1 else rates


def _item(lot: OpenLot, request: PageRequest, party: str, day: date) -> list[Any]:
    """The fields of set-off.js, in their order, as of the day of the set-off."""
    number = lot.label or lot.number
    name = f"{number} \N{MIDDLE DOT} {term_text('kind', lot.kind, request.language)}"
    what = text(request.language, "set-off-what-advance" if lot.is_advance else "set-off-what-debt")
    if lot.incoming:
        what = f"{what} \N{MIDDLE DOT} {text(request.language, 'set-off-incoming', incoming=lot.incoming)}"
    where = " \N{MIDDLE DOT} ".join(filter(None, (lot.contract_number, lot.order)))
    return [
        lot.document_id, name, date_text(request.language, lot.date), date_text(request.language, lot.due) if lot.due else "",
        not lot.is_advance and lot.due_day < day, where, party, what, str(lot.amount), lot.date.isoformat(), lot.due_day.isoformat(),
        lot.is_advance, lot.currency, number, paper_type(lot.kind), _target(lot),
    ]  # fmt: skip


def paper_type(kind: str) -> str:
    """What paper a document of a kind is, among linked documents."""
    if kind.startswith(("payment_", "refund_")):
        return "payment"
    return "invoice" if kind.startswith(("sale", "purchase")) else "act"


def _target(lot: OpenLot) -> list[Any]:
    return [getattr(lot, name) for name in TARGET]


def lots_in(request: PageRequest, said: QueryDict) -> list[OpenLot]:
    """The lots of the currency, or of all, that stood on the day. Errors: invalid_date, unknown_reference."""
    unit_id = request.rights.require("read", said.get("unit", ""))
    currency = said.get("currency", "").replace("\0", "").strip(ALL_TOGETHER)
    return open_lots(request.books, unit_id, parties_of(request, said), _day(request, said), currency=currency)


def _day(request: PageRequest, said: QueryDict) -> date:
    typed = said.get("date", "")
    return day_of(typed, "date") if typed else request.working_day


def parties_of(request: PageRequest, said: QueryDict) -> list[str]:
    """Codes: the counterparty, further parties of an act of several, and those of a partner or a group. Errors: unknown_reference."""
    partner = said.get("partner", "").replace("\0", "").strip()
    named = [said.get("counterparty", "").strip(), *others_of(said), *(counterparties_of(request.books, partner) if partner else [])]
    return list(dict.fromkeys(filter(None, (code.replace("\0", "") for code in named))))


def others_of(said: QueryDict) -> list[str]:
    """The further parties of an act of several."""
    named = dict.fromkeys(code.strip() for code in said.getlist("with"))
    return [code for code in named if code and code != said.get("counterparty")][:PARTIES_MAX]


@require_POST
@page("draft")
def preview_part(request: PageRequest) -> HttpResponse:
    """What the marked rows would do, or why they cannot; nothing is kept."""
    return _told(request)


@require_POST
@page("draft")
def post(request: PageRequest) -> HttpResponse:
    """Posted, or asked for, or kept as a draft; the document is shown then. What other documents would change unseen is shown first."""
    document = document_of(request, _book(request))
    is_draft = request.POST.get("do") == "save"
    request.rights.require("draft" if is_draft else "post", document.unit)
    sent = posting.Sent(document, form_id(request), 0, consent=False, seen=request.POST.get("seen", ""))
    try:
        verb = posting.save if is_draft else posting.post
        kept = verb(request.books, sent, Actor(request.rights.login, "page"), request.rights)
    except posting.Unseen:
        return _told(request, is_unseen=True)
    done = "entry-saved" if is_draft else "set-off-waits" if kept.waits else "set-off-done"
    messages.success(request, text(request.language, done))
    answer = HttpResponse(status=204)
    answer["HX-Redirect"] = reverse("pages:document", args=[kept.document_id])
    return answer


def _told(request: PageRequest, *, is_unseen: bool = False) -> HttpResponse:
    """Who may not post is told what to look at, not what would be posted."""
    if not as_rows(request.POST.get("rows", "")):
        return render(request, "parts/set-off-preview", {"nothing": True})
    try:
        document = document_of(request, _book(request))
    except DomainError as refusal:
        return render(request, "parts/set-off-preview", {"refusal": refusal})
    unit_id = request.rights.require("draft", document.unit)
    context: dict[str, Any] = {"is_unseen": is_unseen, "may_save": True, "may_post": request.rights.may("post", unit_id)}
    if context["may_post"]:
        trial = f"~{form_id(request).hex}"
        told = preview(request.books, document, Actor(request.rights.login, "page"), request.language, consent=False, trial=trial)
        waits = needs_approval(request.books, document, active_policies(request.books))
        context |= {"effect": told.effect, "refusal": told.refusal, "waits": waits}
    return render(request, "parts/set-off-preview", context | _said_beforehand(request, document))


def _book(request: PageRequest) -> str:
    return book_currency(request.books, request.rights.require("draft", request.POST.get("unit", "")))


def _said_beforehand(request: PageRequest, document: DebtAdjustment) -> dict[str, Any]:
    """Since when it works, what the law may hold against it, which papers are not linked or need a look, and what the others discharge
    between them; in words."""
    found = checked(request.books, document)
    day = date_text(request.language, found.effect.day) if found.effect.day else ""
    return {
        "since": text(request.language, found.effect.text_key, day=day),
        "warnings": [warning_text(request.language, warned) for warned in found.warnings],
        "absent": [text(request.language, f"set-off-absent-{name}") for name in found.absent],
        "doubts": [text(request.language, paper.text_key, name=paper.name) for paper in found.doubts],
        "closing": _closing(request, document),
    }


def _closing(request: PageRequest, document: DebtAdjustment) -> list[str]:
    """Of three parties and more: who of the others has to owe whom, so that everybody is even. Our books do not know it."""
    book = _book(request)
    net: dict[str, int] = {}
    rates = rates_on(request.books, book, {row.currency for row in document.rows}, day_of(document.date, "date"))
    currency = document.currency or book
    for row in document.rows:
        amount = amount_of(row.amount, row.currency, "rows")
        if row.currency != currency:
            amount = convert(amount, rates.get(row.currency, Decimal(0)), row.currency, book)
        net[row.counterparty] = net.get(row.counterparty, 0) + (amount if row.side == "they_owe_us" else -amount)
    if not any(net.values()):
        return []
    names = dict(request.books.execute("select code, name from counterparty where code = any(%s)", [list(net)]).fetchall())
    order = [names.get(code, code) for code in net]
    claims = closing_claims([0, *net.values()], currency)
    if not claims:
        return [text(request.language, "set-off-closing-open")] if len(net) > 1 else []
    return [
        text(
            request.language, "set-off-closing", debtor=order[claim.debtor - 1], creditor=order[claim.creditor - 1],
            amount=Money(claim.amount, currency),
        )
        for claim in claims
    ]  # fmt: skip


urlpatterns = [
    path("desk/", show, name="set-off"),
    path("items/", items, name="set-off-items"),
    path("proposal/", proposal, name="set-off-proposal"),
    path("preview/", preview_part, name="set-off-preview"),
    path("post/", post, name="set-off-post"),
]
